//! Shared secrets: declared for a whole repo or environment, received by no app until it names them.

use std::collections::BTreeSet;
use std::sync::Arc;

use globset::GlobMatcher;
use indexmap::IndexMap;

use super::check::UnitScope;
use super::environment::glob;
use super::expression::{Segment, references, split};
use super::interpolate::{Answer, Scope};
use super::layered::{LayerId, Layered, LayeredKind, Origin};
use super::repo::Repo;
use super::stack::SecretPlace;
use crate::source::diagnostic::Diagnostics;
use crate::source::files::Files;
use crate::source::json_pointer::pointer_path;
use crate::source::node::{Kind, Map, Node};
use crate::source::span::Span;

/// The shared secrets that an environment declares: those of sealwright.yaml, of the environments that
/// it extends and its own, laid on each other by key.
#[derive(Clone, Debug, Default)]
pub struct Shared {
    secrets: IndexMap<Arc<str>, SharedSecret>,
}

/// A shared secret.
#[derive(Clone, Debug)]
pub struct SharedSecret {
    /// Where it is declared.
    pub span: Span,
    /// Its value, unless nothing says it.
    pub value: Option<SharedValue>,
    /// The apps that may use it; `None` is every app.
    apps: Option<Vec<GlobMatcher>>,
}

/// Where the value of a shared secret comes from.
#[derive(Clone, Debug)]
pub struct SharedValue {
    /// The scalar as written.
    pub text: Arc<str>,
    /// Its place in the repo.
    pub place: SecretPlace,
    /// Where a person should look.
    pub span: Span,
}

impl Shared {
    /// Lays `shared:` of the root and of a chain of environments on each other.
    pub fn of(repo: &Repo, chain: &[String]) -> Shared {
        let documents = chain.iter().filter_map(|name| repo.environments.get(name));
        let documents = std::iter::once(&repo.root).chain(documents.map(|e| &e.environment));
        let origin = Origin { layer: LayerId(0), span: repo.root.start(), shorthand: false };
        let mut tree = Layered::empty(origin);
        for document in documents.filter(|document| document.get("shared").is_some()) {
            tree.overlay(&only_shared(&document.node), LayerId(0), None);
        }
        let entries = tree.get("shared").into_iter().flat_map(Layered::entries);
        Shared { secrets: entries.map(|(name, node)| (name.clone(), SharedSecret::of(name, node))).collect() }
    }

    /// The secret of that name.
    pub fn get(&self, name: &str) -> Option<&SharedSecret> {
        self.secrets.get(name)
    }

    /// The same, with the name as it is declared.
    pub fn get_key_value(&self, name: &str) -> Option<(&str, &SharedSecret)> {
        self.secrets.get_key_value(name).map(|(name, secret)| (&**name, secret))
    }

    /// The names, for "did you mean".
    pub fn names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.secrets.keys()
    }

    /// The places that an app reads when its own texts are `texts`: those of the shared secrets that they
    /// name, and of what these are composed of. One that isn't for the app isn't read.
    pub fn read_by<'t>(&self, app: &str, texts: impl Iterator<Item = &'t str>) -> Vec<SecretPlace> {
        if self.secrets.is_empty() {
            return Vec::new();
        }
        let mut ahead: Vec<String> = texts.flat_map(shared_names).collect();
        let mut met = BTreeSet::new();
        let mut places = Vec::new();
        while let Some(name) = ahead.pop() {
            let Some(secret) = self.get(&name).filter(|secret| secret.is_for(app)) else { continue };
            if met.insert(name)
                && let Some(value) = &secret.value
            {
                places.push(value.place.clone());
                ahead.extend(shared_names(&value.text));
            }
        }
        places
    }
}

impl SharedSecret {
    fn of(name: &Arc<str>, node: &Layered) -> SharedSecret {
        let value = node.get("value").and_then(|value| {
            let keys: &[&str] =
                if value.origin.shorthand { &["shared", name] } else { &["shared", name, "value"] };
            let place = SecretPlace { file: value.origin.span.file, pointer: pointer_path(keys) };
            let text = value.as_scalar()?.text.clone();
            Some(SharedValue { text, place, span: value.origin.span })
        });
        let apps = node.get("for").map(|list| match &list.kind {
            // A glob that can't be read is reported where it stands, and covers nothing.
            LayeredKind::List(items) => {
                items.iter().filter_map(|item| glob(&item.as_scalar()?.text)).collect()
            }
            _ => Vec::new(),
        });
        SharedSecret { span: node.origin.span, value, apps }
    }

    /// Whether `for:` lets an app use it.
    pub fn is_for(&self, app: &str) -> bool {
        self.apps.as_ref().is_none_or(|globs| globs.iter().any(|glob| glob.is_match(app)))
    }
}

/// The shared secrets that a text names.
fn shared_names(text: &str) -> Vec<String> {
    if !text.contains("shared") {
        return Vec::new();
    }
    let expressions = split(text).unwrap_or_default().into_iter().filter_map(|segment| match segment {
        Segment::Expression { source, .. } => references(source).ok(),
        Segment::Text(_) => None,
    });
    expressions.flatten().filter(|used| used.root == "shared").filter_map(|used| used.name).collect()
}

fn only_shared(node: &Node) -> Node {
    let entries = node.as_map().into_iter().flatten().filter(|(key, _)| &***key == "shared");
    let map: Map = entries.map(|(key, entry)| (key.clone(), entry.clone())).collect();
    Node { kind: Kind::Map(map), span: node.span, alias: node.alias, anchored: node.anchored }
}

/// The names that a shared secret may use: what differs from app to app by their `config` stays out.
pub struct SharedScope<'s, 'a>(pub &'s mut UnitScope<'a>);

impl Scope for SharedScope<'_, '_> {
    fn answer(&mut self, root: &str, name: &str, at: Span) -> Option<Answer> {
        self.roots().contains(&root).then(|| self.0.answer(root, name, at)).flatten()
    }

    fn names(&self, root: &str) -> Vec<String> {
        self.0.names(root)
    }

    fn roots(&self) -> &'static [&'static str] {
        &["env", "app", "infra"]
    }

    fn spend(&mut self, bytes: usize, at: Span) -> bool {
        self.0.spend(bytes, at)
    }

    fn findings(&mut self) -> &mut Diagnostics {
        self.0.findings()
    }

    fn files(&self) -> &Files {
        self.0.files()
    }
}
