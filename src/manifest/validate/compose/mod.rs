//! Compose: its schema, and what no schema says.
//!
//! The documents are parts: those of the kind `compose` are laid together to compose.yaml, `compose-secrets` is
//! what overrides it with values, `compose-files` and `compose-secret-files` are files beside it. What Compose refuses, or what can
//! never run, is an error; what may be right because of something outside of the repo (a health check in an
//! image) is a warning.

pub mod amounts;
pub mod containers;
pub mod declared;
pub mod dependencies;
pub mod dollars;
pub mod fact;
pub mod files;
pub mod inventory;
pub mod mounts;
pub mod overrides;
mod owners;
pub mod ports;
pub mod table;
pub mod words;

use rayon::prelude::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use self::fact::Fact;
use self::inventory::{Inventory, Part, at, plain};
use self::table::Table;
use super::Scope;
use super::check::check;
use super::finding::Finding;
use super::schema::{Form, Object, Property, Type};
use super::spot::Spot;
use crate::manifest::draft::Document;
use crate::source::diagnostic::Diagnostics;

/// How many documents are at least checked by one thread.
const AT_ONCE: usize = 32;

/// What is wrong with the documents of an environment.
pub fn findings(scope: &Scope<'_>, documents: &[&Document], _out: &mut Diagnostics) -> Vec<Finding> {
    let mut found = findings_of(documents, scope.complete);
    owners::check(scope.sealed, documents, &mut found);
    found
}

/// All findings about documents that run together. Unless they are the `whole` environment, nothing is said of
/// what they lack.
pub fn findings_of(documents: &[&Document], whole: bool) -> Vec<Finding> {
    let each = documents.par_iter().enumerate().with_min_len(AT_ONCE);
    let mut found: Vec<Finding> = each
        .flat_map_iter(|(index, document)| {
            let mut found = Vec::new();
            document_findings(index, document, &mut found);
            found
        })
        .collect();
    let inventory = Inventory::of(documents, whole);
    containers::check(&inventory, &mut found);
    amounts::check(&inventory, &mut found);
    ports::check(&inventory, &mut found);
    mounts::check(&inventory, &mut found);
    dependencies::check(&inventory, &mut found);
    declared::check(&inventory, &mut found);
    files::check(&inventory, &mut found);
    overrides::check(&inventory, &mut found);
    found
}

/// Holds one document against its schema.
fn document_findings(index: usize, document: &Document, found: &mut Vec<Finding>) {
    let body = &document.body;
    match Part::of(document) {
        Some(Part::File | Part::Override) => {
            check(&Table, index, body, Table::file(), found);
            dollars::check(index, body, found);
            let name = Spot::root(index, body).get("name");
            if let Some(name) = name.filter(|name| plain(name).is_some_and(|text| !is_project(&text))) {
                let expected = "lowercase letters, digits, `-` and `_`, beginning with a letter or digit";
                found.push(at(&name, Fact::Text { expected }));
            }
        }
        Some(Part::Texts) => {
            check(&Table, index, body, &texts(), found);
        }
        None => found.push(at(&Spot::root(index, body), Fact::NoPart)),
    }
}

/// Files by their names: the text of each, or its text and its mode.
fn texts() -> Type {
    let property = |name: &'static str, required: bool, form: Form| Property {
        name: name.into(),
        required,
        ty: Type { nullable: !required, ..Type::of(form) },
    };
    let file = vec![property("text", true, Form::Text), property("mode", false, Form::TextOrInteger)];
    let file = Type::of(Form::Object(Object::new(file, None)));
    Type::of(Form::Map(Box::new(Type::of(Form::Union(vec![Type::of(Form::Text), file])))))
}

/// Whether a text can be the name of a project.
fn is_project(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.bytes().next().is_some_and(plain)
        && text.bytes().all(|byte| plain(byte) || byte == b'-' || byte == b'_')
}
