//! What a unit has to know of those that it depends on: a little, so that what is made of it never depends on
//! which others are made in the same run.

use std::collections::HashMap;
use std::sync::Arc;

use super::kind::Kind;
use super::layered::{Layered, LayeredKind, Origin};
use super::name::UnitName;
use super::stack::Stack;

/// A unit of the same environment that another depends on.
#[derive(Clone, Debug)]
pub struct Dependency {
    /// What it is called on the platform.
    pub name: Arc<str>,
    /// Where the other says so.
    pub origin: Origin,
    /// What it is.
    pub kind: Kind,
    /// Whether a command in its container can tell how it is: a probe is a command, or asks by HTTP where the image
    /// has a program for that.
    pub has_health: bool,
}

/// What a unit names in `depends_on`. What leads nowhere was reported when its turn was found.
pub fn of(stack: &Stack, units: &HashMap<&UnitName, &Stack>) -> Vec<Dependency> {
    let items = match stack.tree.get("depends_on").map(|list| &list.kind) {
        Some(LayeredKind::List(items)) => items.as_slice(),
        _ => &[],
    };
    let dependency = |item: &Layered| {
        let app = item.as_scalar()?.text.to_string();
        let other = units.get(&UnitName { environment: stack.unit.environment.clone(), app })?;
        let text =
            |node: Option<&Layered>| node.and_then(Layered::as_scalar).map(|scalar| scalar.text.clone());
        Some(Dependency {
            name: name_of(other).0,
            origin: item.origin,
            kind: Kind::called(text(other.tree.get("kind")).as_deref()),
            has_health: has_health(&other.tree),
        })
    };
    items.iter().filter_map(dependency).collect()
}

/// What a unit is called on its platform, and where that is written if it isn't its app's name.
pub fn name_of(stack: &Stack) -> (Arc<str>, Option<Origin>) {
    match stack.tree.get("name").and_then(|name| Some((name.as_scalar()?.text.clone(), name.origin))) {
        Some((name, origin)) => (name, Some(origin)),
        None => (stack.unit.app.as_str().into(), None),
    }
}

fn has_health(tree: &Layered) -> bool {
    let asks = tree.get("probeWith").is_some();
    let mut probes = tree.get("health").into_iter().flat_map(Layered::entries);
    probes.any(|(_, probe)| probe.get("command").is_some() || asks && probe.get("http").is_some())
}
