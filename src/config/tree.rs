//! A checked value: typed by contract, interpolated, and still aware of where each leaf was written.

use std::sync::Arc;

use indexmap::IndexMap;

use super::layered::Origin;

/// A value of a unit's configuration.
#[derive(Clone, Debug)]
pub struct Tree {
    /// What it is.
    pub kind: TreeKind,
    /// Where it was written.
    pub origin: Origin,
}

/// The shapes of a value. What is a string by contract is [`TreeKind::Text`] whatever YAML made of it.
#[derive(Clone, Debug)]
pub enum TreeKind {
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Another number, as written.
    Number(Arc<str>),
    /// A string.
    Text(Arc<str>),
    /// A list.
    List(Vec<Tree>),
    /// A mapping.
    Map(IndexMap<Arc<str>, Tree>),
}

impl Tree {
    /// A string.
    pub fn text(text: impl Into<Arc<str>>, origin: Origin) -> Self {
        Tree { kind: TreeKind::Text(text.into()), origin }
    }

    /// A whole number.
    pub fn int(number: i64, origin: Origin) -> Self {
        Tree { kind: TreeKind::Int(number), origin }
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Tree> {
        self.as_map().and_then(|map| map.get(key))
    }

    /// The value at a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<&Tree> {
        path.iter().try_fold(self, |tree, key| tree.get(key))
    }

    /// The mapping, if it is one.
    pub fn as_map(&self) -> Option<&IndexMap<Arc<str>, Tree>> {
        match &self.kind {
            TreeKind::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The mapping, to change it.
    pub fn as_map_mut(&mut self) -> Option<&mut IndexMap<Arc<str>, Tree>> {
        match &mut self.kind {
            TreeKind::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The string, if it is one.
    pub fn as_text(&self) -> Option<&Arc<str>> {
        match &self.kind {
            TreeKind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        match &self.kind {
            TreeKind::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// Whether it is `true`.
    pub fn is_true(&self) -> bool {
        matches!(self.kind, TreeKind::Bool(true))
    }
}
