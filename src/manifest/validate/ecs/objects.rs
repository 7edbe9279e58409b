//! No two units of an environment make the same object, of which the last alone would stay.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::fact::EcsFact;
use crate::manifest::draft::Document;
use crate::manifest::validate::finding::{Fact, Finding};
use crate::manifest::validate::spot::Spot;

/// What it is, where it is unique, and its name.
type Identity<'a> = (&'static str, Cow<'a, str>, Cow<'a, str>);

/// Checks all documents of an environment.
pub fn check(documents: &[&Document], found: &mut Vec<Finding>) {
    let mut seen: HashMap<Identity<'_>, Spot<'_>> = HashMap::new();
    for (index, document) in documents.iter().enumerate() {
        let root = Spot::root(index, &document.body);
        let own: Vec<(&'static str, Option<Spot<'_>>, Option<Spot<'_>>)> = match &*document.kind() {
            "task-definition" => vec![("the task definition", None, root.get("family"))],
            "service" => vec![("the service", root.get("cluster"), root.get("serviceName"))],
            "schedule" => vec![("the schedule", root.get("GroupName"), root.get("Name"))],
            "secrets" => root.items().map(|item| ("the parameter", None, item.get("Name"))).collect(),
            _ => continue,
        };
        for (kind, place, spot) in own {
            let Some(spot) = spot else { continue };
            let Some(name) = spot.text() else { continue };
            let place = place.and_then(|place| place.text()).unwrap_or_default();
            match seen.entry((kind, place, name)) {
                Entry::Vacant(entry) => _ = entry.insert(spot),
                Entry::Occupied(first) => {
                    let fact = EcsFact::SameObject { kind, name: first.key().2.to_string() };
                    found.push(Finding::at(&spot, Fact::Ecs(fact)).with(first.get()));
                }
            }
        }
    }
}
