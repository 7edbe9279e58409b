//! What a service says of its containers: where they come from, what they are called, how their health is told.

use std::collections::{HashMap, HashSet};

use super::fact::Fact;
use super::inventory::{Entry, Inventory, Item, at, plain};
use crate::manifest::draft::Datum;
use crate::manifest::validate::finding::{Fact as Any, Finding, Twice};
use crate::manifest::validate::spot::Spot;
use crate::source::nearest::nearest;

/// When a container is started again.
const RESTARTS: [&str; 4] = ["no", "always", "on-failure", "unless-stopped"];
/// With what the test of a health check begins.
const TESTS: [&str; 3] = ["CMD", "CMD-SHELL", "NONE"];

/// Checks every service.
pub fn check(inventory: &Inventory<'_>, found: &mut Vec<Finding>) {
    for service in inventory.services.values() {
        if inventory.whole {
            origin(service, found);
        }
        restart(service, found);
        network(service, found);
        health(service, found);
        variables(service, found);
    }
    shared(inventory, found);
    names(inventory, found);
}

/// How many containers of a service run at once, if that is said plainly.
pub fn replicas(service: &Entry<'_>) -> Option<i64> {
    let spot = count_of(service)?;
    spot.number().or_else(|| spot.text()?.parse().ok())
}

fn count_of<'a>(service: &Entry<'a>) -> Option<Spot<'a>> {
    service.get("scale").or_else(|| service.at(&["deploy", "replicas"]))
}

/// Whether two services can ever run at once: those of different profiles need not.
pub fn run_together(one: &Entry<'_>, other: &Entry<'_>) -> bool {
    let mut profiles = other.items("profiles").filter_map(|item| item.value.text()).peekable();
    let own: HashSet<_> = one.items("profiles").filter_map(|item| item.value.text()).collect();
    own.is_empty() || profiles.peek().is_none() || profiles.any(|profile| own.contains(&profile))
}

fn origin(service: &Entry<'_>, found: &mut Vec<Finding>) {
    const ORIGINS: [&str; 2] = ["image", "build"];
    let others = ["provider", "extends"];
    if let Some(part) = service.parts.first()
        && matches!(part.datum, Datum::Map(_))
        && ORIGINS.iter().chain(&others).all(|key| service.get(key).is_none())
    {
        found.push(at(part, Fact::NoneOf { keys: &ORIGINS }));
    }
}

fn restart(service: &Entry<'_>, found: &mut Vec<Finding>) {
    let Some(spot) = service.get("restart") else { return };
    let Some(text) = plain(&spot) else { return };
    let often = text.strip_prefix("on-failure:").is_some_and(|count| count.parse::<u32>().is_ok());
    if !often && !RESTARTS.contains(&&*text) {
        let options = RESTARTS.map(ToString::to_string).to_vec();
        let meant = nearest(&text, RESTARTS).map(ToString::to_string);
        found.push(Finding::at(&spot, Any::Option { options, meant }));
    }
}

fn network(service: &Entry<'_>, found: &mut Vec<Finding>) {
    let Some(mode) = service.get("network_mode") else { return };
    let text = mode.text().unwrap_or_default();
    let is_shared = text.starts_with("service:") || text.starts_with("container:");
    for key in ["networks", "ports"] {
        if let Some(other) = service.get(key).filter(|_| key == "networks" || is_shared) {
            let fact = Fact::Exclusive { one: "network_mode", other: key.to_string() };
            found.push(at(&mode, fact).with(&other));
        }
    }
}

/// The network of a service is that of one container: what shares it is beside the first, not beside each.
fn shared(inventory: &Inventory<'_>, found: &mut Vec<Finding>) {
    let mut seen = HashSet::new();
    for (name, service) in &inventory.services {
        let Some(mode) = service.get("network_mode") else { continue };
        let Some(text) = plain(&mode) else { continue };
        let Some((owner, other)) =
            text.strip_prefix("service:").and_then(|owner| Some((owner, inventory.services.get(owner)?)))
        else {
            continue;
        };
        if let Some(count) = count_of(other)
            && replicas(other).is_some_and(|count| count > 1)
            && seen.insert(owner.to_string())
        {
            found.push(at(&count, Fact::FirstAlone { name: (*name).to_string() }).with(&mode));
        }
    }
}

/// A list begins with how it is run; the shell takes one text.
fn health(service: &Entry<'_>, found: &mut Vec<Finding>) {
    let Some(test) = service.at(&["healthcheck", "test"]) else { return };
    let mut items = test.items();
    let Some(first) = items.next() else { return };
    let rest = items.count();
    let Some(text) = plain(&first) else { return };
    let expected = match &*text {
        "CMD" if rest == 0 => "a command behind `CMD`",
        "CMD-SHELL" if rest != 1 => "one string behind `CMD-SHELL`",
        "NONE" if rest != 0 => "nothing behind `NONE`",
        text if TESTS.contains(&text) => return,
        text => {
            let options = TESTS.map(ToString::to_string).to_vec();
            let meant = nearest(text, TESTS).map(ToString::to_string);
            found.push(Finding::at(&first, Any::Option { options, meant }));
            return;
        }
    };
    found.push(at(&test, Fact::Text { expected }));
}

/// A variable of a list comes once; a mapping can't have it twice.
fn variables(service: &Entry<'_>, found: &mut Vec<Finding>) {
    let mut seen = HashMap::new();
    for Item { key, value } in service.items("environment") {
        let Some(text) = value.text().filter(|_| key.is_none()) else { continue };
        let name = text.split('=').next().unwrap_or_default().to_string();
        if let Some(other) = seen.insert(name.clone(), value) {
            found.push(Finding::at(&value, Any::Twice { what: Twice::Variable, name }).with(&other));
        }
    }
}

/// The names of containers are the host's.
fn names(inventory: &Inventory<'_>, found: &mut Vec<Finding>) {
    let mut seen: HashMap<String, Vec<&Entry<'_>>> = HashMap::new();
    for service in inventory.services.values() {
        let Some(spot) = service.get("container_name") else { continue };
        let Some(name) = plain(&spot).map(std::borrow::Cow::into_owned) else { continue };
        if replicas(service).is_some_and(|count| count > 1) {
            found.push(at(&spot, Fact::ContainersOfOneName));
        }
        let others = seen.entry(name.clone()).or_default();
        if let Some(other) = others.iter().find(|other| run_together(service, other))
            && let Some(other) = other.get("container_name")
        {
            found.push(at(&spot, Fact::ContainerTwice { name }).with(&other));
        } else {
            others.push(service);
        }
    }
}
