#![doc = include_str!("../../commands/codes/plaintext-secret.md")]

use crate::lint::placeholder::is_placeholder;
use crate::source::node::{Kind, Node};
use crate::source::schema_cursor::Cursor;

/// The rule's code, which `config` has too: it sees a unit's secrets with their layers, this rule any file
/// that has a schema.
pub const CODE: &str = "plaintext-secret";

/// Calls `found` with every scalar at a place that the schema keeps for secrets and that is neither pointer,
/// ciphertext nor composed of other secrets.
pub fn visit<'n>(node: &'n Node, place: &Cursor<'_>, found: &mut dyn FnMut(&'n Node)) {
    if !place.is_known() {
        return;
    }
    match &node.kind {
        Kind::Map(map) => map.iter().for_each(|(key, entry)| visit(&entry.value, &place.child(key), found)),
        Kind::List(items) => items.iter().for_each(|item| visit(item, &place.item(), found)),
        Kind::Scalar(scalar) => {
            let is_open = place.is_secret() && !node.is_null() && !is_sealed(&scalar.text);
            if is_open {
                found(node);
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
