//! Patches: what a unit changes in the documents that templates make of it, by kind.

use std::sync::Arc;

use indexmap::IndexMap;

use super::check::UnitScope;
use super::fault::Fault;
use super::interpolate::{Scope, interpolate};
use super::layered::{Layered, LayeredKind, Origin};
use super::stack::Stack;
use crate::source::node::{Scalar, ScalarType};
use crate::source::span::Span;

/// A patch of the documents of one kind, or of the one that has a name too.
#[derive(Clone, Debug)]
pub struct Patch {
    /// The kind.
    pub kind: Arc<str>,
    /// The object's name, if the patch says one.
    pub name: Option<Arc<str>>,
    /// What changes.
    pub body: PatchBody,
    /// Where it is written.
    pub span: Span,
    /// Whether a file of the app has a say in it, and not only layers that many apps have.
    pub is_own: bool,
}

/// The two forms of a patch.
#[derive(Clone, Debug)]
pub enum PatchBody {
    /// A merge patch, RFC 7386.
    Merge(PatchValue),
    /// A JSON patch, RFC 6902.
    Operations(Vec<Operation>),
}

/// One operation of a JSON patch.
#[derive(Clone, Debug)]
pub struct Operation {
    /// What is done.
    pub action: Action,
    /// Where: the steps of the RFC 6901 pointer.
    pub path: Steps,
    /// The place of the operation in the source.
    pub span: Span,
}

/// The steps of an RFC 6901 pointer, unescaped.
pub type Steps = Vec<Arc<str>>;

/// What an operation does.
#[derive(Clone, Debug)]
pub enum Action {
    /// Sets a key, or inserts an item.
    Add(PatchValue),
    /// Takes away.
    Remove,
    /// Sets what is there.
    Replace(PatchValue),
    /// Takes away from there, and adds here.
    Move(Steps),
    /// Adds what stands there.
    Copy(Steps),
    /// Compares.
    Test(PatchValue),
}

impl Action {
    /// The value that it brings, if it brings one.
    pub fn value(&self) -> Option<&PatchValue> {
        match self {
            Action::Add(value) | Action::Replace(value) | Action::Test(value) => Some(value),
            Action::Remove | Action::Move(_) | Action::Copy(_) => None,
        }
    }
}

/// A value of a patch. It has no contract, so it is what YAML's core schema makes of it; texts are
/// interpolated.
#[derive(Clone, Debug)]
pub struct PatchValue {
    /// What it is.
    pub kind: PatchKind,
    /// Where it was written.
    pub origin: Origin,
}

/// The shapes of a value.
#[derive(Clone, Debug)]
pub enum PatchKind {
    /// Null; in a merge patch what it takes away.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(Arc<str>),
    /// A string.
    Text(Arc<str>),
    /// A list.
    List(Vec<PatchValue>),
    /// A mapping.
    Map(IndexMap<Arc<str>, PatchValue>),
}

impl PatchValue {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&PatchValue> {
        match &self.kind {
            PatchKind::Map(map) => map.get(key),
            _ => None,
        }
    }
}

/// The patches of a unit: those of a whole kind first, then those of one object, each in the order in
/// which they are written.
pub fn read(stack: &Stack, scope: &mut UnitScope<'_>) -> Vec<Patch> {
    let mut patches = Vec::new();
    for (target, node) in stack.tree.get("patches").into_iter().flat_map(Layered::entries) {
        let body = match &node.kind {
            LayeredKind::List(items) => {
                let operations: Vec<_> = items.iter().map(|item| operation(item, scope)).collect();
                operations.into_iter().collect::<Option<_>>().map(PatchBody::Operations)
            }
            _ => value(node, scope).map(PatchBody::Merge),
        };
        let Some(body) = body else { continue };
        let (kind, name) = match target.split_once('/') {
            Some((kind, name)) => (kind.into(), Some(name.into())),
            None => (target.clone(), None),
        };
        patches.push(Patch { kind, name, body, span: node.origin.span, is_own: is_own(node, stack) });
    }
    patches.sort_by_key(|patch| patch.name.is_some());
    patches
}

/// Whether anything of a node was written in a file of the app.
fn is_own(node: &Layered, stack: &Stack) -> bool {
    let is_here = stack.layers[usize::from(node.origin.layer.0)].path.starts_with("apps/");
    is_here
        || match &node.kind {
            LayeredKind::List(items) => items.iter().any(|item| is_own(item, stack)),
            LayeredKind::Map(map) => map.values().any(|value| is_own(value, stack)),
            LayeredKind::Scalar(_) | LayeredKind::Removed => false,
        }
}

/// `None` for what could not be interpolated, which was reported.
fn value(node: &Layered, scope: &mut UnitScope<'_>) -> Option<PatchValue> {
    let kind = match &node.kind {
        LayeredKind::Removed => PatchKind::Null,
        LayeredKind::Scalar(scalar) => scalar_kind(scalar, node.origin.span, scope)?,
        LayeredKind::List(items) => {
            let items: Vec<_> = items.iter().map(|item| value(item, scope)).collect();
            PatchKind::List(items.into_iter().collect::<Option<_>>()?)
        }
        LayeredKind::Map(_) => {
            let entries: Vec<_> =
                node.entries().map(|(key, node)| Some((key.clone(), value(node, scope)?))).collect();
            PatchKind::Map(entries.into_iter().collect::<Option<_>>()?)
        }
    };
    Some(PatchValue { kind, origin: node.origin })
}

fn scalar_kind(scalar: &Scalar, at: Span, scope: &mut UnitScope<'_>) -> Option<PatchKind> {
    Some(match scalar.ty {
        ScalarType::Null => PatchKind::Null,
        ScalarType::Bool => PatchKind::Bool(scalar.text.eq_ignore_ascii_case("true")),
        // `0x1F` and `0123` are numbers that JSON writes otherwise.
        ScalarType::Int => PatchKind::Number(match scalar.as_i64() {
            Some(number) => number.to_string().into(),
            None => scalar.text.clone(),
        }),
        ScalarType::Float => PatchKind::Number(scalar.text.clone()),
        ScalarType::Text => PatchKind::Text(interpolate(&scalar.text, at, scope)?),
    })
}

/// An operation. What its schema refused is left out.
fn operation(node: &Layered, scope: &mut UnitScope<'_>) -> Option<Operation> {
    let span = node.origin.span;
    let name = node.get("op")?.as_scalar()?.text.clone();
    let path = steps(node.get("path")?, scope)?;
    let given = node.get("value").map(|node| value(node, scope));
    let from = node.get("from").map(|node| steps(node, scope));
    let mut lacks = |what| {
        scope.findings().push(Fault::BadOperation { span, name: name.to_string(), lacks: what });
        None
    };
    let action = match (&*name, given, from) {
        ("add", Some(value), None) => Action::Add(value?),
        ("replace", Some(value), None) => Action::Replace(value?),
        ("test", Some(value), None) => Action::Test(value?),
        ("add" | "replace" | "test", ..) => return lacks("a `value` and no `from`"),
        ("remove", None, None) => Action::Remove,
        ("remove", ..) => return lacks("neither `value` nor `from`"),
        ("move", None, Some(from)) => Action::Move(from?),
        ("copy", None, Some(from)) => Action::Copy(from?),
        ("move" | "copy", ..) => return lacks("a `from` and no `value`"),
        _ => return None,
    };
    Some(Operation { action, path, span })
}

fn steps(node: &Layered, scope: &mut UnitScope<'_>) -> Option<Steps> {
    let text = interpolate(&node.as_scalar()?.text, node.origin.span, scope)?;
    if text.is_empty() {
        return Some(Steps::new());
    }
    let Some(rest) = text.strip_prefix('/') else {
        let span = node.origin.span;
        scope.findings().push(Fault::BadOperation { span, name: text.to_string(), lacks: "a `/` before it" });
        return None;
    };
    Some(rest.split('/').map(|step| step.replace("~1", "/").replace("~0", "~").into()).collect())
}
