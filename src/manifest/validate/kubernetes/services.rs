//! What must fit together within a Service, and between it and the pods that it selects.

use std::borrow::Cow;
use std::collections::HashMap;

use super::containers::unique;
use super::inventory::{Inventory, Pod};
use super::selectors::matches;
use crate::manifest::validate::finding::{Fact, Finding, Twice};
use crate::manifest::validate::spot::Spot;

/// Checks every Service.
pub fn check(inventory: &Inventory<'_>, found: &mut Vec<Finding>) {
    for service in inventory.of_kind("Service") {
        let Some(spec) = service.root.get("spec") else { continue };
        ports(spec, found);
        let Some(selector) = spec.get("selector").filter(|selector| selector.entries().next().is_some())
        else {
            continue;
        };
        let selected: Vec<&Pod<'_>> = inventory
            .candidates(&service.namespace, Some(&selector))
            .filter(|pod| matches(pod, &selector))
            .collect();
        if selected.is_empty() {
            if inventory.whole {
                let kind = service.kind.to_string();
                found.push(Finding::at(&selector, Fact::SelectsNothing { kind }));
            }
            continue;
        }
        for port in spec.list("ports") {
            let Some(spot) = port.get("targetPort") else { continue };
            let Some(name) = spot.text() else { continue };
            if !selected.iter().any(|pod| has_port(pod, &name)) {
                found.push(Finding::at(&spot, Fact::PortOfNoPod { port: name.into_owned() }));
            }
        }
    }
}

/// Ports have names of their own, which they need when there are several, and numbers of their own.
fn ports(spec: Spot<'_>, found: &mut Vec<Finding>) {
    unique(spec.list("ports"), "name", Twice::PortName, found);
    let several = spec.list("ports").nth(1).is_some();
    let mut seen: HashMap<(i64, Cow<'_, str>), Spot<'_>> = HashMap::new();
    for port in spec.list("ports") {
        if several && port.get("name").is_none() {
            found.push(Finding::at(&port, Fact::UnnamedPort));
        }
        let Some((spot, number)) = port.get("port").and_then(|spot| Some((spot, spot.number()?))) else {
            continue;
        };
        let protocol = port.word("protocol").unwrap_or(Cow::Borrowed("TCP"));
        if let Some(first) = seen.insert((number, protocol), spot) {
            let fact = Fact::Twice { what: Twice::PortNumber, name: number.to_string() };
            found.push(Finding::at(&spot, fact).with(&first));
        }
    }
}

/// A sidecar that starts first can serve too.
fn has_port(pod: &Pod<'_>, name: &str) -> bool {
    pod.containers().any(|container| {
        container.list("ports").any(|port| port.word("name").is_some_and(|known| known == name))
    })
}
