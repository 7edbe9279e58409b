//! Names of objects.

use super::inventory::Inventory;
use super::rules::name_of;
use crate::manifest::validate::finding::{Fact, Finding};

/// Every object has a name of the form that its kind asks for; a list of objects has none.
pub fn check(inventory: &Inventory<'_>, found: &mut Vec<Finding>) {
    let is_named = |kind: &str| !kind.is_empty() && !kind.ends_with("List");
    for object in inventory.objects.iter().filter(|object| is_named(&object.kind)) {
        let metadata = object.root.get("metadata");
        let name = metadata.and_then(|metadata| metadata.get("name"));
        let generated = metadata.and_then(|metadata| metadata.get("generateName"));
        match name {
            None if generated.is_none() => {
                found.push(Finding::at(&metadata.unwrap_or(object.root), Fact::MissingName));
            }
            Some(name) if name.text().is_some_and(|text| !name_of(&object.kind).fits(&text)) => {
                let kind = object.kind.to_string();
                let grammar = name_of(&object.kind);
                found.push(Finding::at(&name, Fact::ObjectName { kind, grammar }));
            }
            _ => {}
        }
    }
}
