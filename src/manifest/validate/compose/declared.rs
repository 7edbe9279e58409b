//! What is declared at the top: volumes, networks, configs and secrets. What services use is there, and each says
//! where it comes from, once.

use super::fact::{Fact, Section};
use super::inventory::{Entry, Inventory, Item, at, items, meant, plain};
use super::mounts::{Source, mounts};
use crate::manifest::draft::Datum;
use crate::manifest::validate::finding::Finding;
use crate::manifest::validate::spot::Spot;

/// Checks what services use, and what is declared.
pub fn check(inventory: &Inventory<'_>, found: &mut Vec<Finding>) {
    if inventory.whole {
        for service in inventory.services.values() {
            for mount in mounts(service) {
                if let Source::Volume(name) = &mount.source {
                    used(inventory, Section::Volumes, name, &mount.spot, found);
                }
            }
            for Item { key, value } in service.items("networks") {
                let Some(name) = key.map(Into::into).or_else(|| plain(&value)) else { continue };
                // It is there without being declared.
                if name != "default" {
                    used(inventory, Section::Networks, &name, &value, found);
                }
            }
            for section in [Section::Configs, Section::Secrets] {
                let build = service.at(&["build", section.key()]).into_iter().flat_map(items);
                for Item { value, .. } in service.items(section.key()).chain(build) {
                    let spot = value.get("source").unwrap_or(value);
                    if let Some(name) = plain(&spot) {
                        used(inventory, section, &name, &spot, found);
                    }
                }
            }
        }
    }
    for (section, _, entry) in inventory.declared() {
        origin(section, entry, inventory.whole, found);
    }
}

fn used(inventory: &Inventory<'_>, section: Section, name: &str, spot: &Spot<'_>, found: &mut Vec<Finding>) {
    if !inventory.declares(section, name) {
        let known = inventory.declared().filter(|(other, ..)| *other == section).map(|(_, name, _)| name);
        let meant = meant(name, known, found);
        found.push(at(spot, Fact::NotDeclared { section, name: name.to_string(), meant }));
    }
}

/// What exists already isn't made, and what is made has content from one place.
fn origin(section: Section, entry: &Entry<'_>, whole: bool, found: &mut Vec<Finding>) {
    const OF_CONFIG: &[&str] = &["file", "content", "environment"];
    const OF_SECRET: &[&str] = &["file", "environment"];
    let external = entry.get("external").filter(|spot| match spot.datum {
        Datum::Bool(value) => *value,
        Datum::Map(_) => true,
        datum => datum.is_text("true"),
    });
    if let Some(external) = external {
        let keys = entry.parts.iter().flat_map(Spot::entries);
        for (key, other) in
            keys.filter(|(key, _)| !["external", "name"].contains(key) && !key.starts_with("x-"))
        {
            let fact = Fact::Exclusive { one: "external", other: key.to_string() };
            found.push(at(&external, fact).with(&other));
        }
        return;
    }
    let origins = match section {
        Section::Configs => OF_CONFIG,
        Section::Secrets => OF_SECRET,
        Section::Volumes | Section::Networks => return,
    };
    let mut said = origins.iter().filter_map(|key| Some((*key, entry.get(key)?)));
    match (said.next(), said.next()) {
        (Some((one, spot)), Some((other, twin))) => {
            found.push(at(&spot, Fact::Exclusive { one, other: other.to_string() }).with(&twin));
        }
        (None, _) if whole && entry.get("driver").is_none() && entry.get("external").is_none() => {
            found.extend(entry.parts.first().map(|part| at(part, Fact::NoneOf { keys: origins })));
        }
        _ => {}
    }
}
