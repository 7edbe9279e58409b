//! The file that overrides compose.yaml with values: it adds variables to services that are there, and hides
//! nothing.

use std::collections::HashMap;

use super::fact::Fact;
use super::inventory::{Inventory, Item, at, items, meant};
use crate::manifest::validate::finding::Finding;
use crate::manifest::validate::spot::Spot;

/// Checks what the override says of each service.
pub fn check(inventory: &Inventory<'_>, found: &mut Vec<Finding>) {
    let mut variables: HashMap<&str, HashMap<String, Spot<'_>>> = HashMap::new();
    for (name, spot) in &inventory.overrides {
        let Some(service) = inventory.services.get(name) else {
            if inventory.whole {
                let meant = meant(name, inventory.services.keys().copied(), found);
                found.push(at(spot, Fact::NoService { name: (*name).to_string(), meant }));
            }
            continue;
        };
        let plain = variables.entry(name).or_insert_with(|| {
            service.items("environment").filter_map(|item| Some((variable(&item)?, item.value))).collect()
        });
        for item in spot.get("environment").into_iter().flat_map(items) {
            let Some(name) = variable(&item) else { continue };
            if let Some(other) = plain.get(&name) {
                found.push(at(&item.value, Fact::Shadowed { name }).with(other));
            }
        }
    }
}

/// The name of a variable: the key of a mapping, or what stands before the `=`.
fn variable(item: &Item<'_>) -> Option<String> {
    match item.key {
        Some(key) => Some(key.to_string()),
        None => Some(item.value.text()?.split('=').next().unwrap_or_default().to_string()),
    }
}
