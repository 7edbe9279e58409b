//! One tree made of several layers, in which every node knows where it comes from and what it
//! replaced.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::source::node::{Kind, Map, Node, Scalar};
use crate::source::span::Span;

/// The position of a layer in a unit's stack; later layers win.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LayerId(pub u16);

/// Where a value was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The layer that says it.
    pub layer: LayerId,
    /// The place.
    pub span: Span,
    /// Whether the author wrote a scalar that stands for a mapping (`http: 80`), so that the last step
    /// of the path isn't in the source.
    pub shorthand: bool,
}

/// A node of the merged tree.
#[derive(Clone, Debug)]
pub struct Layered {
    /// What it is.
    pub kind: LayeredKind,
    /// Where it was written. Of a mapping: where the first layer that has it begins.
    pub origin: Origin,
    /// What it replaced or removed, latest first.
    pub shadowed: Vec<Origin>,
}

/// The shapes of a merged node.
#[derive(Clone, Debug)]
pub enum LayeredKind {
    /// A scalar.
    Scalar(Scalar),
    /// A list; lists replace each other whole.
    List(Vec<Layered>),
    /// A mapping; mappings merge by key.
    Map(IndexMap<Arc<str>, Layered>),
    /// A key that a `null` removed; kept for what it shadows.
    Removed,
}

impl Layered {
    /// The empty mapping that the first layer is laid on.
    pub fn empty(origin: Origin) -> Self {
        Layered { kind: LayeredKind::Map(IndexMap::new()), origin, shadowed: Vec::new() }
    }

    /// The value of `key`, unless it is absent or removed.
    pub fn get(&self, key: &str) -> Option<&Layered> {
        match &self.kind {
            LayeredKind::Map(map) => map.get(key).filter(|v| !matches!(v.kind, LayeredKind::Removed)),
            _ => None,
        }
    }

    /// The entries of a mapping that aren't removed; nothing for other nodes.
    pub fn entries(&self) -> impl Iterator<Item = (&Arc<str>, &Layered)> {
        let map = match &self.kind {
            LayeredKind::Map(map) => Some(map),
            _ => None,
        };
        map.into_iter().flatten().filter(|(_, v)| !matches!(v.kind, LayeredKind::Removed))
    }

    /// The scalar, if it is one.
    pub fn as_scalar(&self) -> Option<&Scalar> {
        match &self.kind {
            LayeredKind::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The mapping at a key, which is made if it isn't there.
    pub fn child(&mut self, key: &str, origin: Origin) -> &mut Layered {
        let map = self.become_map(origin);
        map.entry(key.into()).or_insert_with(|| Layered::empty(origin))
    }

    /// Lays the entries of a mapping on this one: mappings merge by key, scalars and lists replace,
    /// `null` removes. A scalar where a mapping has a short form stands for that mapping. `skip` is a
    /// top-level key that is left out.
    pub fn overlay(&mut self, over: &Node, layer: LayerId, skip: Option<&str>) {
        if let Kind::Map(entries) = &over.kind {
            let map = self.become_map(Origin { layer, span: over.place(), shorthand: false });
            let mut path = Vec::new();
            for (key, entry) in entries.iter().filter(|(key, _)| Some(&***key) != skip) {
                path.push(key.clone());
                lay(map, &entry.value, layer, &mut path);
                path.pop();
            }
        }
    }

    fn merge(&mut self, over: &Node, layer: LayerId, path: &mut Vec<Arc<str>>) {
        match (&over.kind, &mut self.kind) {
            (Kind::Map(entries), LayeredKind::Map(map)) => lay_all(map, entries, layer, path),
            _ => {
                let fresh = Layered::fresh(over, layer, path);
                self.replace(fresh.kind, fresh.origin);
            }
        }
    }

    fn fresh(node: &Node, layer: LayerId, path: &mut Vec<Arc<str>>) -> Layered {
        let kind = match &node.kind {
            Kind::Scalar(scalar) => LayeredKind::Scalar(scalar.clone()),
            Kind::List(items) => {
                LayeredKind::List(items.iter().map(|item| Layered::fresh(item, layer, path)).collect())
            }
            Kind::Map(entries) => {
                let mut map = IndexMap::new();
                lay_all(&mut map, entries, layer, path);
                LayeredKind::Map(map)
            }
        };
        let origin = Origin { layer, span: node.place(), shorthand: false };
        Layered { kind, origin, shadowed: Vec::new() }
    }

    fn become_map(&mut self, origin: Origin) -> &mut IndexMap<Arc<str>, Layered> {
        if !matches!(self.kind, LayeredKind::Map(_)) {
            self.replace(LayeredKind::Map(IndexMap::new()), origin);
        }
        match &mut self.kind {
            LayeredKind::Map(map) => map,
            _ => unreachable!("it was made a mapping above"),
        }
    }

    fn replace(&mut self, kind: LayeredKind, origin: Origin) {
        self.shadowed.insert(0, self.origin);
        self.kind = kind;
        self.origin = origin;
    }
}

fn lay_all(map: &mut IndexMap<Arc<str>, Layered>, entries: &Map, layer: LayerId, path: &mut Vec<Arc<str>>) {
    for (key, entry) in entries {
        path.push(key.clone());
        lay(map, &entry.value, layer, path);
        path.pop();
    }
}

/// Lays `over` at the key with which `path` ends.
fn lay(map: &mut IndexMap<Arc<str>, Layered>, over: &Node, layer: LayerId, path: &mut Vec<Arc<str>>) {
    let key = path.last().expect("the caller pushed the key").clone();
    let origin = Origin { layer, span: over.place(), shorthand: false };
    if over.is_null() && !null_is_a_value(path) {
        if let Some(old) = map.get_mut(&key) {
            old.replace(LayeredKind::Removed, origin);
        }
        return;
    }
    if let (Some(name), Some(scalar)) = (long_form(path), over.as_scalar()) {
        let origin = Origin { shorthand: true, ..origin };
        let target = map.entry(key).or_insert_with(|| Layered::empty(origin));
        let kind = LayeredKind::Scalar(scalar.clone());
        match target.become_map(origin).entry(name.into()) {
            indexmap::map::Entry::Occupied(mut old) => old.get_mut().replace(kind, origin),
            indexmap::map::Entry::Vacant(place) => {
                place.insert(Layered { kind, origin, shadowed: Vec::new() });
            }
        }
        return;
    }
    match map.get_mut(&key) {
        Some(target) => target.merge(over, layer, path),
        None => {
            map.insert(key, Layered::fresh(over, layer, path));
        }
    }
}

/// The key of the long form that a scalar at this path stands for.
fn long_form(path: &[Arc<str>]) -> Option<&'static str> {
    let path: Vec<&str> = path.iter().map(|key| &**key).collect();
    match path.as_slice() {
        ["ports", _] | ["sidecars", _, "ports", _] => Some("container"),
        ["secrets" | "shared", _] => Some("value"),
        ["volumes", _] | ["sidecars" | "init", _, "volumes", _] => Some("path"),
        ["schedule"] => Some("cron"),
        ["update"] => Some("strategy"),
        ["ingress", _] => Some("host"),
        ["spread", _] => Some("mode"),
        ["typedSecrets", _, "username"] => Some("text"),
        _ => None,
    }
}

/// Where `null` says something itself instead of removing: a port that no Service shows, a secret that is no
/// variable, what a patch takes away from a document.
fn null_is_a_value(path: &[Arc<str>]) -> bool {
    let path: Vec<&str> = path.iter().map(|key| &**key).collect();
    matches!(
        path.as_slice(),
        ["ports", _, "service"]
            | ["sidecars", _, "ports", _, "service"]
            | ["secrets", _, "env"]
            | ["patches", _, _, ..]
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::diagnostic::Diagnostics;
    use crate::source::span::FileId;
    use crate::source::yaml;

    fn merged(layers: &[&str]) -> Layered {
        let origin = Origin { layer: LayerId(0), span: Span::new(FileId(0), 0, 0), shorthand: false };
        let mut tree = Layered::empty(origin);
        for (i, text) in layers.iter().enumerate() {
            let i = u16::try_from(i).unwrap();
            let nodes = yaml::parse(
                FileId(u32::from(i)),
                text,
                &yaml::Limits::default(),
                &mut Diagnostics::default(),
            );
            tree.overlay(&nodes.unwrap()[0], LayerId(i), Some("platforms"));
        }
        tree
    }

    fn show(tree: &Layered) -> String {
        match &tree.kind {
            LayeredKind::Scalar(s) => s.text.to_string(),
            LayeredKind::List(l) => format!("[{}]", l.iter().map(show).collect::<Vec<_>>().join(",")),
            LayeredKind::Map(_) => format!(
                "{{{}}}",
                tree.entries().map(|(k, v)| format!("{k}:{}", show(v))).collect::<Vec<_>>().join(",")
            ),
            LayeredKind::Removed => "-".into(),
        }
    }

    #[test]
    fn maps_merge_scalars_and_lists_replace_null_removes() {
        let tree =
            merged(&["a: {x: 1, y: 2}\nl: [1, 2]\ns: old", "a: {y: 3, z: 4}\nl: [3]", "a: {x: null}\ns: ~"]);
        assert_eq!(show(&tree), "{a:{y:3,z:4},l:[3]}");
        let y = tree.get("a").unwrap().get("y").unwrap();
        assert_eq!((y.origin.layer, y.shadowed.len(), y.shadowed[0].layer), (LayerId(1), 1, LayerId(0)));
    }

    #[test]
    fn a_removed_key_remembers_what_it_shadows_and_can_come_back() {
        let tree = merged(&["config: {A: 1}", "config: {A: null}", "config: {A: 2}"]);
        let a = tree.get("config").unwrap().get("A").unwrap();
        assert_eq!(a.shadowed.iter().map(|o| o.layer.0).collect::<Vec<_>>(), [1, 0]);
        assert_eq!(show(&tree), "{config:{A:2}}");
    }

    #[test]
    fn short_forms_merge_as_long_forms() {
        let tree =
            merged(&["ports: {http: {container: 8079, service: 80}}", "ports: {http: 9000, admin: 1}"]);
        assert_eq!(show(&tree), "{ports:{http:{container:9000,service:80},admin:{container:1}}}");
        let secret = merged(&["secrets: {A: x}", "secrets: {A: {env: B}}"]);
        assert_eq!(show(&secret), "{secrets:{A:{value:x,env:B}}}");
        assert!(secret.get("secrets").unwrap().get("A").unwrap().get("value").unwrap().origin.shorthand);
    }

    #[test]
    fn a_null_service_is_kept() {
        let tree = merged(&["ports: {http: 80}", "ports: {http: {service: null}}"]);
        assert_eq!(show(&tree), "{ports:{http:{container:80,service:null}}}");
    }

    #[test]
    fn merging_an_empty_layer_changes_nothing() {
        let text = "a: {b: [1], c: x}\nports: {http: 80}";
        assert_eq!(show(&merged(&[text])), show(&merged(&["{}", text, "{}"])));
    }

    #[test]
    fn a_mapping_and_a_scalar_replace_each_other() {
        assert_eq!(show(&merged(&["a: {b: 1}", "a: x", "a: {c: 2}"])), "{a:{c:2}}");
    }
}
