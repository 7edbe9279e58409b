//! What infrastructure code exports: outputs.json of an environment and of those that it extends, as `infra.NAME`.
//!
//! The format is that of `terraform output -json`: a mapping from names to `{value, type, sensitive}`. Plain names
//! and values are read too.

use std::sync::Arc;

use indexmap::IndexMap;

use super::fault::Fault;
use super::interpolate::{Answer, MAX_NAMES};
use super::repo::{Document, Repo};
use crate::source::diagnostic::Diagnostics;
use crate::source::files::Files;
use crate::source::mask;
use crate::source::node::Node;
use crate::source::span::Span;

/// The outputs that an environment sees; of two with one name that of the later environment of its chain.
#[derive(Clone, Debug, Default)]
pub struct Infra(IndexMap<Arc<str>, (Output, Span)>);

#[derive(Clone, Debug)]
enum Output {
    /// A string, a number or a boolean, as it is written.
    Text(Arc<str>),
    /// A list or a mapping, or nothing.
    NoText,
    /// Its author calls it sensitive, so it isn't read.
    Sensitive,
}

/// Hides the values of outputs.json from every diagnostic, and says which of them are secrets in the clear: the
/// command that writes the file writes what is sensitive too.
pub fn check(outputs: &Document, files: &mut Files, out: &mut Diagnostics) {
    let text = files.get(outputs.file).text.clone();
    for range in mask::of_node(&text, &outputs.node) {
        files.mask(outputs.file, range);
    }
    for (name, entry) in outputs.map() {
        if let (Output::Sensitive, Some(value)) = (output(&entry.value), entry.value.get("value"))
            && !value.is_null()
        {
            out.push(Fault::SensitiveOutput { name: name.to_string(), span: value.span });
        }
    }
}

impl Infra {
    /// Reads the outputs of the environments of a chain, the base first.
    pub fn read(repo: &Repo, chain: &[String]) -> Infra {
        let documents = chain.iter().filter_map(|name| repo.environments.get(name)?.outputs.as_ref());
        let entries = documents.flat_map(|document| document.map());
        Infra(entries.map(|(name, entry)| (name.clone(), (output(&entry.value), entry.value.span))).collect())
    }

    /// What an expression at `at` gets for a name.
    pub fn answer(&self, name: &str, at: Span, out: &mut Diagnostics) -> Answer {
        let sensitive = match self.0.get(name) {
            None => return Answer::Missing,
            Some((Output::Text(text), _)) => return Answer::Text(text.clone()),
            Some((Output::NoText, _)) => false,
            Some((Output::Sensitive, _)) => true,
        };
        let output = self.0[name].1;
        out.push(Fault::UnusableOutput { name: name.to_string(), span: at, output, sensitive });
        Answer::Failed
    }

    /// The names, for "did you mean".
    pub fn names(&self) -> Vec<String> {
        self.0.keys().take(MAX_NAMES).map(ToString::to_string).collect()
    }
}

fn output(node: &Node) -> Output {
    let is_true = |key| node.get(key).and_then(Node::as_text).is_some_and(|text| &**text == "true");
    let value = match node.get("value") {
        Some(_) if is_true("sensitive") => return Output::Sensitive,
        Some(value) => value,
        None => node,
    };
    value.as_text().map_or(Output::NoText, |text| Output::Text(text.clone()))
}
