//! The layers of a unit, in the order in which they win.

use super::containers::BESIDE;
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
        let mut sources = Sources::new(platform);
        sources.add(&repo.built_in, Some(&repo.built_in.node), "");
        sources.add(&repo.root, repo.root.get("defaults"), "/defaults");
        for document in chain.iter().map(environment) {
            sources.add(document, document.get("defaults"), "/defaults");
        }
        let defaults = sources.list.len();
        sources.add(&app.app, Some(&app.app.node), "");
        for document in chain.iter().map(environment) {
            sources.add(document, document.get("overrides"), "/overrides");
        }
        if let Some(document) = app.environments.get(&unit.environment) {
            sources.add(document, Some(&document.node), "");
        }
        let origin = Origin { layer: LayerId(0), span: repo.built_in.start(), shorthand: false };
        let security = sources.security(defaults, origin);
        let mut tree = Layered::empty(origin);
        for (source, id) in sources.list.iter().zip(0..) {
            source.secure_containers(id, security.as_ref(), &mut tree);
            source.lay(id, &mut tree);
        }
        let layers = sources.list.into_iter().map(|source| source.layer).collect();
        Stack { unit, layers, tree, shared: Shared::of(repo, chain) }
    }

    /// Whether a value stands in one of the app's own files.
    pub fn is_own(&self, origin: Origin) -> bool {
        let layer = self.layers.get(usize::from(origin.layer.0));
        layer.is_some_and(|layer| layer.path.starts_with("apps/"))
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

/// The layers of a unit before they are laid on each other.
struct Sources<'a> {
    platform: &'a str,
    list: Vec<Source<'a>>,
}

struct Source<'a> {
    layer: Layer,
    node: &'a Node,
}

impl<'a> Sources<'a> {
    fn new(platform: &'a str) -> Self {
        Sources { platform, list: Vec::new() }
    }

    fn add(&mut self, document: &Document, node: Option<&'a Node>, pointer: &str) {
        let Some(node) = node else { return };
        let layer = |pointer: String| Layer { file: document.file, path: document.path.clone(), pointer };
        self.list.push(Source { layer: layer(pointer.to_string()), node });
        if let Some(own) = node.get("platforms").and_then(|platforms| platforms.get(self.platform)) {
            let pointer = format!("{pointer}{}", pointer_path(&["platforms", self.platform]));
            self.list.push(Source { layer: layer(pointer), node: own });
        }
    }

    /// What the built-in layer and the `defaults`, the first of the layers, say of `security`; `None` if there
    /// is no container beside the app's own to which it could matter.
    fn security(&self, defaults: usize, origin: Origin) -> Option<LayeredKind> {
        let has_others = |source: &Source<'_>| BESIDE.iter().any(|key| source.node.get(key).is_some());
        if !self.list.iter().any(has_others) {
            return None;
        }
        let mut base = Layered::empty(origin);
        self.list[..defaults].iter().zip(0..).for_each(|(source, id)| source.lay(id, &mut base));
        let mut security = base.get("security")?.kind.clone();
        if let LayeredKind::Map(fields) = &mut security {
            // It is the instance's, not a container's.
            fields.shift_remove("fsGroup");
        }
        Some(security)
    }
}

impl Source<'_> {
    /// Gives every container beside the app's own that comes to be in this layer the protections that hold
    /// for all. What the app says of itself is no permission for the others.
    fn secure_containers(&self, id: u16, security: Option<&LayeredKind>, tree: &mut Layered) {
        let Some(security) = security else { return };
        for key in BESIDE {
            for (name, entry) in self.node.get(key).and_then(Node::as_map).into_iter().flatten() {
                let is_known = tree.get(key).is_some_and(|containers| containers.get(name).is_some());
                if !is_known && !entry.value.is_null() {
                    let origin = Origin { layer: LayerId(id), span: entry.value.place(), shorthand: false };
                    let container = tree.child(key, origin).child(name, origin);
                    container.child("security", origin).kind = security.clone();
                }
            }
        }
    }

    fn lay(&self, id: u16, tree: &mut Layered) {
        // `platforms` of a layer are layers of their own, and have none themselves.
        tree.overlay(self.node, LayerId(id), Some("platforms"));
    }
}
