//! What a pack says of the documents of one template besides their content: their kind and their file.

use std::sync::Arc;

use super::fault::Fault;
use crate::source::diagnostic::Diagnostics;
use crate::source::node::Node;

/// The folder of the environment's own documents; no app can have this name, nor a folder of a pack.
pub const ENVIRONMENT: &str = "_environment";
/// The file in which an output says what it is; no other can have this name, in whatever case.
pub const RENDERED: &str = "RENDERED.json";

/// What the documents of a template are, where they don't say it themselves, and where they go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Artifact {
    /// The kind; documents of Kubernetes have it in themselves.
    pub kind: Option<Arc<str>>,
    /// The file; without one it is called after kind and name.
    pub file: Option<OutputFile>,
    /// The schema that they are held against, by its number in the pack.
    pub schema: Option<usize>,
}

/// A file of the output that a pack names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// Its name. A `.json` is written as JSON, whatever form the rest has.
    pub name: Arc<str>,
    /// How documents become it.
    pub form: Form,
}

/// How documents become a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One document is the file, in the folder of its unit.
    Own,
    /// The documents of all units and of the environment, laid together, are one file at the top.
    Gathered,
    /// Each entry of the mapping is a file of the folder of that name, and its text is the file's.
    Texts,
}

impl Artifact {
    /// What a row of `documents:` says by `kind`, `file`, `gather` and `texts`. `None` when it says it wrongly,
    /// and why is in `out`.
    pub fn read(row: &Node, out: &mut Diagnostics) -> Option<Artifact> {
        let text = |key: &str| row.get(key).and_then(Node::as_text).cloned();
        let gathered = row.get("gather").and_then(Node::as_text).is_some_and(|text| &**text == "true");
        let (key, form) = match (text("texts").is_some(), gathered) {
            (true, _) => ("texts", Form::Texts),
            (false, true) => ("file", Form::Gathered),
            (false, false) => ("file", Form::Own),
        };
        let file = text(key).map(|name| OutputFile { name, form });
        let is_fine = match &file {
            None => !gathered,
            Some(OutputFile { name, form: Form::Texts }) => {
                &**name != ENVIRONMENT && name.strip_prefix('_').is_some_and(is_harmless)
            }
            Some(OutputFile { name, .. }) => {
                is_harmless(name) && name.contains('.') && !name.eq_ignore_ascii_case(RENDERED)
            }
        };
        if !is_fine {
            out.push(Fault::BadOutputFile { span: row.get(key).unwrap_or(row).place() });
            return None;
        }
        Some(Artifact { kind: text("kind"), file, schema: None })
    }
}

/// Whether a name is one file name on every file system, and none that something else reads.
fn is_harmless(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._".contains(&byte);
    !name.is_empty() && !name.starts_with('.') && name.bytes().all(is_plain)
}
