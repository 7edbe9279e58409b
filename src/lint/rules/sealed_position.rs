#![doc = include_str!("../../commands/codes/plaintext-secret.md")]

use crate::config::repo::schema;
use crate::lint::placeholder::is_placeholder;
use crate::source::node::{Kind, Node};
use crate::source::schema_cursor::Cursor;

/// The rule's code, which `config` has too: it sees a unit's secrets with their layers, this rule any file
/// that has a schema.
pub const CODE: &str = "plaintext-secret";

/// What a schema says of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// It is kept for a secret, and what stands there is neither pointer, ciphertext nor composed of other
    /// secrets.
    Open,
    /// It is for the name of a declared secret.
    Name,
}

/// Calls `found` with every scalar at one of these places.
pub fn visit<'n>(node: &'n Node, place: &Cursor<'_>, found: &mut dyn FnMut(&'n Node, Position)) {
    if !place.is_known() {
        return;
    }
    if place.is_layer() {
        // The layer's own schema says nothing of layers, so this ends.
        return visit(node, &schema("app").cursor(), found);
    }
    match &node.kind {
        Kind::Map(map) => map.iter().for_each(|(key, entry)| visit(&entry.value, &place.child(key), found)),
        Kind::List(items) => items.iter().for_each(|item| visit(item, &place.item(), found)),
        Kind::Scalar(scalar) => {
            if place.is_secret_name() {
                found(node, Position::Name);
            } else if place.is_secret() && !node.is_null() && !is_sealed(&scalar.text) {
                found(node, Position::Open);
            }
        }
    }
}

/// Whether a scalar keeps its secret: a pointer, a ciphertext, text around other secrets, something to be
/// filled in.
fn is_sealed(text: &str) -> bool {
    let names = text.contains("{{") && (text.contains("secrets.") || text.contains("shared."));
    text.is_empty()
        || text.starts_with("ref+")
        || text.starts_with("ENC[AGE,")
        || names
        || is_placeholder(text)
}
