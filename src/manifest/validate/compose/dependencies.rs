//! Which services need which: those that are named exist, what they wait for can come true, and they don't wait
//! for each other in a circle.

use std::borrow::Cow;

use super::fact::Fact;
use super::inventory::{Entry, Inventory, Item, at, items, meant, plain};
use crate::manifest::draft::Datum;
use crate::manifest::validate::finding::Finding;
use crate::manifest::validate::spot::Spot;

/// A service that another names.
struct Need<'a> {
    spot: Spot<'a>,
    name: Cow<'a, str>,
    /// What is waited for, if the service is started after it.
    condition: Option<Cow<'a, str>>,
    /// Whether it may be missing.
    optional: bool,
}

/// Checks the dependencies of every service.
pub fn check(inventory: &Inventory<'_>, found: &mut Vec<Finding>) {
    let mut edges = Vec::with_capacity(inventory.services.len());
    for service in inventory.services.values() {
        let mut ahead = Vec::new();
        for need in needs(service) {
            match inventory.services.get_full(&*need.name) {
                Some((index, _, other)) => {
                    if need.condition.is_some() {
                        ahead.push((index, need.spot));
                    }
                    wait(&need, other, inventory.whole, found);
                }
                None if inventory.whole && !need.optional => {
                    let meant = meant(&need.name, inventory.services.keys().copied(), found);
                    found.push(at(&need.spot, Fact::NoService { name: need.name.into_owned(), meant }));
                }
                None => {}
            }
        }
        edges.push(ahead);
    }
    circles(inventory, &edges, found);
}

/// All services that a service names.
fn needs<'a>(service: &Entry<'a>) -> Vec<Need<'a>> {
    let mut needs = Vec::new();
    let started = || Some(Cow::Borrowed("service_started"));
    for Item { key, value } in service.items("depends_on") {
        let name = key.map(Cow::Borrowed).or_else(|| plain(&value));
        let condition = value.word("condition").or_else(started);
        let optional =
            value.get("required").is_some_and(|required| matches!(required.datum, Datum::Bool(false)));
        needs.extend(name.map(|name| Need { spot: value, name, condition, optional }));
    }
    // `NAME:ALIAS`, `NAME:ro`, `container:NAME`.
    for key in ["links", "volumes_from"] {
        for Item { value, .. } in service.items(key) {
            let Some(name) = plain(&value).and_then(|text| before(text, ':')) else { continue };
            if key == "links" || name != "container" {
                needs.push(Need { spot: value, name, condition: started(), optional: false });
            }
        }
    }
    for key in ["network_mode", "ipc", "pid"] {
        let Some(spot) = service.get(key) else { continue };
        let name = plain(&spot).and_then(|text| text.strip_prefix("service:").map(ToString::to_string));
        needs.extend(name.map(|name| Need {
            spot,
            name: name.into(),
            condition: started(),
            optional: false,
        }));
    }
    if let Some(extends) = service.get("extends")
        && extends.get("file").is_none()
    {
        let spot = extends.get("service").unwrap_or(extends);
        needs.extend(plain(&spot).map(|name| Need { spot, name, condition: None, optional: false }));
    }
    needs
}

fn before(text: Cow<'_, str>, end: char) -> Option<Cow<'_, str>> {
    match text {
        Cow::Borrowed(text) => text.split(end).next().map(Cow::Borrowed),
        Cow::Owned(text) => text.split(end).next().map(|name| Cow::Owned(name.to_string())),
    }
}

/// Whether what is waited for can come true.
fn wait(need: &Need<'_>, other: &Entry<'_>, whole: bool, found: &mut Vec<Finding>) {
    let spot = need.spot.get("condition").unwrap_or(need.spot);
    let name = || need.name.to_string();
    match need.condition.as_deref() {
        Some("service_healthy") => match other.get("healthcheck") {
            Some(healthcheck) if is_off(&healthcheck) => {
                found.push(at(&spot, Fact::NoHealthCheck { name: name(), off: true }).with(&healthcheck));
            }
            None if whole => found.push(at(&spot, Fact::NoHealthCheck { name: name(), off: false })),
            _ => {}
        },
        Some("service_completed_successfully") => {
            let restart = other.get("restart");
            let policy = || other.at(&["deploy", "restart_policy", "condition"]);
            if let Some(restart) = restart.or_else(policy)
                && restart.text().is_some_and(|text| ["always", "unless-stopped", "any"].contains(&&*text))
            {
                found.push(at(&spot, Fact::NeverCompletes { name: name() }).with(&restart));
            }
        }
        _ => {}
    }
}

fn is_off(healthcheck: &Spot<'_>) -> bool {
    let disable = healthcheck.get("disable");
    let test = healthcheck.get("test").and_then(|test| items(test).next());
    disable.is_some_and(|spot| match spot.datum {
        Datum::Bool(value) => *value,
        datum => datum.is_text("true"),
    }) || test.is_some_and(|Item { value, .. }| value.datum.is_text("NONE"))
}

/// Says each circle at the step that closes it. The way is kept aside, so that a long one needs no deep stack.
fn circles(inventory: &Inventory<'_>, edges: &[Vec<(usize, Spot<'_>)>], found: &mut Vec<Finding>) {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        /// Its position on the way.
        On(usize),
        Done,
    }
    let mut states = vec![State::New; edges.len()];
    let mut way: Vec<(usize, usize)> = Vec::new();
    for start in 0..edges.len() {
        if states[start] != State::New {
            continue;
        }
        states[start] = State::On(0);
        way.push((start, 0));
        while let Some((service, next)) = way.last_mut() {
            let Some((other, spot)) = edges[*service].get(*next) else {
                states[*service] = State::Done;
                way.pop();
                continue;
            };
            *next += 1;
            match states[*other] {
                State::Done => {}
                State::New => {
                    states[*other] = State::On(way.len());
                    way.push((*other, 0));
                }
                State::On(position) => {
                    let name = |(service, _): &(usize, usize)| {
                        inventory.services.get_index(*service).map(|(name, _)| (*name).to_string())
                    };
                    let names = way[position..].iter().filter_map(name).collect();
                    found.push(at(spot, Fact::Circle { names }));
                }
            }
        }
    }
}
