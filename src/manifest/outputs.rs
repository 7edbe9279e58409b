//! What the outputs of templates are as YAML, parsed once for all units that are alike.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::source::node::Node;

/// How many bytes of text are kept: so many that the units of most repos find theirs, and so few that no repo can
/// fill the memory with them.
const MAX_BYTES: usize = 4 << 20;

/// Printed texts and what they parse to.
type Texts = HashMap<Box<str>, Arc<[Node]>>;

/// Outputs that were parsed, by template. Every string stands in them as a token, and tokens are numbered as they
/// are printed; so two units print the same text whenever their documents have the same form.
#[derive(Debug, Default)]
pub struct Outputs(RwLock<Parsed>);

#[derive(Debug, Default)]
struct Parsed {
    by_template: HashMap<Arc<str>, Texts>,
    bytes: usize,
}

impl Outputs {
    /// The documents of an output that was parsed before.
    pub fn get(&self, template: &str, text: &str) -> Option<Arc<[Node]>> {
        let parsed = self.0.read().unwrap_or_else(PoisonError::into_inner);
        parsed.by_template.get(template)?.get(text).cloned()
    }

    /// Keeps the documents of an output that was parsed without a finding, if there is room for it.
    pub fn keep(&self, template: &Arc<str>, text: &str, documents: Vec<Node>) -> Arc<[Node]> {
        let documents: Arc<[Node]> = documents.into();
        let mut parsed = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if parsed.bytes + text.len() <= MAX_BYTES {
            parsed.bytes += text.len();
            parsed.by_template.entry(template.clone()).or_default().insert(text.into(), documents.clone());
        }
        documents
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{MAX_BYTES, Outputs};
    use crate::source::diagnostic::Diagnostics;
    use crate::source::node::Node;
    use crate::source::span::FileId;
    use crate::source::yaml;

    fn parsed(text: &str) -> Vec<Node> {
        yaml::parse(FileId(0), text, &yaml::Limits::default(), &mut Diagnostics::default()).unwrap()
    }

    #[test]
    fn an_output_is_kept_for_its_template_and_its_text() {
        let outputs = Outputs::default();
        let kept = outputs.keep(&"a".into(), "x: 1", parsed("x: 1"));
        assert!(Arc::ptr_eq(&outputs.get("a", "x: 1").unwrap(), &kept));
        assert!(outputs.get("b", "x: 1").is_none());
        assert!(outputs.get("a", "x: 2").is_none());
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let outputs = Outputs::default();
        let (half, most) = ("x".repeat(MAX_BYTES / 2), "x".repeat(MAX_BYTES / 2 + 1));
        for text in [&half, &most] {
            assert_eq!(outputs.keep(&"a".into(), text, parsed(text)).len(), 1);
        }
        assert!(outputs.get("a", &half).is_some());
        assert!(outputs.get("a", &most).is_none());
    }
}
