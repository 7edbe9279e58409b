//! The layers of a unit, in the order in which they win.

use super::layered::{LayerId, Layered, LayeredKind, Origin};
use super::name::UnitName;
use super::repo::{Document, Repo};
use super::shared::Shared;
use crate::source::json_pointer::pointer_path;
use crate::source::node::Node;
use crate::source::span::FileId;

/// One layer: a mapping somewhere in a file.
#[derive(Clone, Debug)]
pub struct Layer {
    /// The file.
    pub file: FileId,
    /// Its path in the repo.
    pub path: String,
    /// RFC 6901 pointer of the layer's mapping in the file; empty for the whole file.
    pub pointer: String,
}

/// A unit's layers and the tree that they make together.
#[derive(Clone, Debug)]
pub struct Stack {
    /// The unit.
    pub unit: UnitName,
    /// The layers; a [`LayerId`] is an index of this list.
    pub layers: Vec<Layer>,
    /// The merged tree, without `platforms`.
    pub tree: Layered,
    /// What the unit's environment declares under `shared:`.
    pub shared: Shared,
}

impl Stack {
    /// Lays a unit's layers on each other: built-in, the root's defaults, the defaults of the
    /// environment and of those that it extends, app.yaml, overrides, the app's file for the
    /// environment. In each of them `platforms.NAME` comes directly after the rest of that layer.
    pub fn build(repo: &Repo, unit: UnitName, chain: &[String], platform: &str) -> Stack {
        let app = &repo.apps[&unit.app];
        let environment = |name: &String| &repo.environments[name].environment;
        let mut stack = Builder::new(repo, platform);
        stack.layer(&repo.built_in, Some(&repo.built_in.node), "");
        stack.layer(&repo.root, repo.root.get("defaults"), "/defaults");
        for document in chain.iter().map(environment) {
            stack.layer(document, document.get("defaults"), "/defaults");
        }
        stack.layer(&app.app, Some(&app.app.node), "");
        for document in chain.iter().map(environment) {
            stack.layer(document, document.get("overrides"), "/overrides");
        }
        if let Some(document) = app.environments.get(&unit.environment) {
            stack.layer(document, Some(&document.node), "");
        }
        Stack { unit, layers: stack.layers, tree: stack.tree, shared: Shared::of(repo, chain) }
    }

    /// The secrets that the unit declares: name, the node of the secret, and the scalar that says where
    /// it comes from with its place in the repo.
    pub fn secrets(&self) -> impl Iterator<Item = (&str, &Layered, Option<(&Layered, SecretPlace)>)> {
        self.tree.get("secrets").into_iter().flat_map(Layered::entries).map(|(name, secret)| {
            let value = secret.get("value").filter(|v| matches!(v.kind, LayeredKind::Scalar(_)));
            let placed = value.map(|value| (value, self.secret_place(name, value.origin)));
            (&**name, secret, placed)
        })
    }

    /// The files that the unit declares.
    pub fn files(&self) -> impl Iterator<Item = (&str, &Layered)> {
        self.tree.get("files").into_iter().flat_map(Layered::entries).map(|(name, file)| (&**name, file))
    }

    /// Every place at which a secret of the unit stands: those of its own and the shared ones that it uses.
    pub fn secret_places(&self) -> Vec<SecretPlace> {
        let own = self.secrets().filter_map(|(_, _, placed)| placed.map(|(_, place)| place));
        let sources = self.secrets().filter_map(|(_, _, placed)| placed?.0.as_scalar());
        let contents = self.files().filter_map(|(_, file)| file.get("content")?.as_scalar());
        let texts = sources.chain(contents).map(|scalar| &*scalar.text);
        own.chain(self.shared.read_by(&self.unit.app, texts)).collect()
    }

    fn secret_place(&self, name: &str, origin: Origin) -> SecretPlace {
        let layer = &self.layers[usize::from(origin.layer.0)];
        let keys: &[&str] = if origin.shorthand { &["secrets", name] } else { &["secrets", name, "value"] };
        SecretPlace { file: layer.file, pointer: format!("{}{}", layer.pointer, pointer_path(keys)) }
    }
}

/// Where the scalar of a secret stands in the repo.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretPlace {
    /// The file.
    pub file: FileId,
    /// RFC 6901 pointer in the file.
    pub pointer: String,
}

/// The app-shaped mappings of a document, each with its pointer: the layers themselves and their
/// `platforms.NAME`.
pub fn layers_of<'d>(document: &'d Document, roots: &[&str]) -> Vec<(String, &'d Node)> {
    let mut found = Vec::new();
    for root in roots {
        let node = match root.strip_prefix('/') {
            Some(key) => document.get(key),
            None => Some(&document.node),
        };
        let Some(node) = node else { continue };
        found.push(((*root).to_string(), node));
        for (name, entry) in node.get("platforms").and_then(Node::as_map).into_iter().flatten() {
            found.push((format!("{root}{}", pointer_path(&["platforms", name])), &entry.value));
        }
    }
    found
}

struct Builder<'a> {
    platform: &'a str,
    layers: Vec<Layer>,
    tree: Layered,
}

impl<'a> Builder<'a> {
    fn new(repo: &Repo, platform: &'a str) -> Self {
        let origin = Origin { layer: LayerId(0), span: repo.built_in.start(), shorthand: false };
        Builder { platform, layers: Vec::new(), tree: Layered::empty(origin) }
    }

    fn layer(&mut self, document: &Document, node: Option<&Node>, pointer: &str) {
        let Some(node) = node else { return };
        self.lay(document, node, pointer.to_string(), Some("platforms"));
        if let Some(own) = node.get("platforms").and_then(|p| p.get(self.platform)) {
            let pointer = format!("{pointer}{}", pointer_path(&["platforms", self.platform]));
            self.lay(document, own, pointer, None);
        }
    }

    fn lay(&mut self, document: &Document, node: &Node, pointer: String, skip: Option<&str>) {
        let id = u16::try_from(self.layers.len()).expect("a chain of environments is bounded");
        self.layers.push(Layer { file: document.file, path: document.path.clone(), pointer });
        self.tree.overlay(node, LayerId(id), skip);
    }
}
