//! What a platform has not: the rows of `lacks:` of its pack, held against a workload.

use super::fault::Fault;
use super::pack::Pack;
use crate::config::check::Config;
use crate::config::layered::LayerId;
use crate::config::tree::{Tree, TreeKind};
use crate::source::diagnostic::Diagnostics;
use crate::source::node::Node;
use crate::source::span::Span;

/// A field that has no meaning on a platform, and without which an app doesn't do what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lack {
    /// The keys to it; `*` is any one key.
    pub field: Vec<String>,
    /// The only value that is meant; any, if none is said.
    pub value: Option<String>,
    /// Why it isn't there, and what is there instead.
    pub because: String,
}

impl Lack {
    /// The row that a mapping describes. `None` when it is none, and why is in `out`.
    pub fn read(node: &Node, out: &mut Diagnostics) -> Option<Lack> {
        let text = |key: &str| node.get(key).and_then(Node::as_text).map(ToString::to_string);
        let (Some(field), Some(because)) = (text("field"), text("because")) else {
            out.push(Fault::BadLack { span: node.place() });
            return None;
        };
        let field = field.split('.').map(str::to_string).collect();
        Some(Lack { field, value: text("value"), because })
    }
}

/// Says what a unit asks for that its platform has not. What the built-in layer says is no wish.
pub fn check(config: &Config, pack: &Pack, out: &mut Diagnostics) {
    for lack in &pack.lacks {
        let mut found = Vec::new();
        find(&config.workload, &lack.field, lack.value.as_deref(), &mut found);
        if lack.field == ["files"] {
            found.extend(config.secrets.iter().filter_map(|(_, secret)| Some(secret.file.as_ref()?.span)));
        }
        let order =
            config.order.iter().filter(|(key, origin)| lack.field == [*key] && origin.layer != LayerId(0));
        found.extend(order.map(|(_, origin)| origin.span));
        for span in found {
            out.push(Fault::Lacks {
                span,
                unit: config.unit.clone(),
                field: lack.field.join("."),
                platform: pack.name.clone(),
                because: lack.because.clone(),
            });
        }
    }
}

fn find(tree: &Tree, field: &[String], value: Option<&str>, found: &mut Vec<Span>) {
    match (field.split_first(), &tree.kind) {
        (None, TreeKind::Bool(false)) => {}
        (None, TreeKind::Map(map)) if map.is_empty() => {}
        (None, TreeKind::List(items)) if items.is_empty() => {}
        (None, _) => {
            let is_meant = value.is_none_or(|value| tree.as_text().is_some_and(|text| **text == *value));
            if is_meant && tree.origin.layer != LayerId(0) {
                found.push(tree.origin.span);
            }
        }
        (Some((key, below)), TreeKind::Map(map)) if key == "*" => {
            map.values().for_each(|tree| find(tree, below, value, found));
        }
        (Some((key, below)), TreeKind::Map(map)) => {
            if let Some(tree) = map.get(key.as_str()) {
                find(tree, below, value, found);
            }
        }
        _ => {}
    }
}
