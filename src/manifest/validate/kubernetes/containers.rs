//! What must fit together within one pod: names, variables, volumes, ports, probes, resources.

use std::borrow::Cow;
use std::collections::HashMap;

use super::inventory::{Inventory, Pod};
use crate::manifest::draft::Datum;
use crate::manifest::validate::finding::{Fact, Finding, Part, Twice};
use crate::manifest::validate::quantity::Quantity;
use crate::manifest::validate::spot::Spot;
use crate::source::nearest::nearest;

/// Checks every pod by itself.
pub fn check(inventory: &Inventory<'_>, found: &mut Vec<Finding>) {
    for pod in &inventory.pods {
        let owner = &inventory.objects[pod.owner];
        restart_policy(&owner.kind, pod, found);
        unique(pod.containers(), "name", Twice::Container, found);
        unique(pod.spec.list("volumes"), "name", Twice::Volume, found);
        let claims = owner.root.at(&["spec", "volumeClaimTemplates"]);
        let claims = claims.iter().flat_map(Spot::items).filter_map(|claim| claim.get("metadata"));
        let volumes: Vec<Cow<'_, str>> =
            pod.spec.list("volumes").chain(claims).filter_map(|volume| volume.word("name")).collect();
        for container in pod.containers() {
            unique(container.list("env"), "name", Twice::Variable, found);
            unique(container.list("volumeMounts"), "mountPath", Twice::MountPath, found);
            unique(container.list("ports"), "name", Twice::PortName, found);
            numbers(container, found);
            mounts(container, &volumes, found);
            probes(container, found);
            resources(container, found);
        }
    }
}

/// What restarts, and what ends.
fn restart_policy(kind: &str, pod: &Pod<'_>, found: &mut Vec<Finding>) {
    let policy = pod.spec.get("restartPolicy");
    let text = match policy {
        None => Some(Cow::Borrowed("Always")),
        Some(policy) => policy.text(),
    };
    let Some(text) = text else { return };
    let fits = match kind {
        "Job" | "CronJob" => matches!(&*text, "OnFailure" | "Never"),
        "Pod" => true,
        _ => text == "Always",
    };
    // What is no policy at all was said already.
    if !fits && matches!(&*text, "Always" | "OnFailure" | "Never") {
        let fact = Fact::RestartPolicy { kind: kind.to_string() };
        found.push(Finding::at(&policy.unwrap_or(pod.spec), fact));
    }
}

/// No two of a list are called the same.
pub fn unique<'a>(items: impl Iterator<Item = Spot<'a>>, key: &str, what: Twice, found: &mut Vec<Finding>) {
    let mut seen: HashMap<Cow<'a, str>, Spot<'a>> = HashMap::new();
    for spot in items.filter_map(|item| item.get(key)) {
        let Some(name) = spot.text() else { continue };
        if let Some(first) = seen.get(&name) {
            let fact = Fact::Twice { what, name: name.to_string() };
            found.push(Finding::at(&spot, fact).with(first));
        } else {
            seen.insert(name, spot);
        }
    }
}

/// No two ports of a container are the same.
fn numbers(container: Spot<'_>, found: &mut Vec<Finding>) {
    let mut seen: HashMap<(i64, Cow<'_, str>), Spot<'_>> = HashMap::new();
    for port in container.list("ports") {
        let Some((spot, number)) = port.get("containerPort").and_then(|spot| Some((spot, spot.number()?)))
        else {
            continue;
        };
        let protocol = port.word("protocol").unwrap_or(Cow::Borrowed("TCP"));
        if let Some(first) = seen.insert((number, protocol), spot) {
            let fact = Fact::Twice { what: Twice::PortNumber, name: number.to_string() };
            found.push(Finding::at(&spot, fact).with(&first));
        }
    }
}

/// What a container mounts is a volume of the pod.
fn mounts(container: Spot<'_>, volumes: &[Cow<'_, str>], found: &mut Vec<Finding>) {
    for mount in container.list("volumeMounts").chain(container.list("volumeDevices")) {
        let Some(spot) = mount.get("name") else { continue };
        let Some(name) = spot.text().filter(|name| !volumes.contains(name)) else { continue };
        found.push(Finding::at(
            &spot,
            Fact::NoSuchPart {
                what: Part::Volume,
                meant: nearest(&name, volumes.iter().map(|volume| &**volume)).map(ToString::to_string),
                name: name.into_owned(),
            },
        ));
    }
}

/// A port that a probe or a hook names is one of the container.
fn probes(container: Spot<'_>, found: &mut Vec<Finding>) {
    let ports: Vec<Cow<'_, str>> = container.list("ports").filter_map(|port| port.word("name")).collect();
    let hooks = container.get("lifecycle");
    let actions = ["livenessProbe", "readinessProbe", "startupProbe"]
        .into_iter()
        .filter_map(|key| container.get(key))
        .chain(["postStart", "preStop"].into_iter().filter_map(|key| hooks?.get(key)));
    for action in actions {
        for kind in ["httpGet", "tcpSocket"] {
            let Some(spot) = action.at(&[kind, "port"]) else { continue };
            let Some(name) = spot.text().filter(|name| !ports.contains(name)) else { continue };
            found.push(Finding::at(
                &spot,
                Fact::NoSuchPart {
                    what: Part::ContainerPort,
                    meant: nearest(&name, ports.iter().map(|port| &**port)).map(ToString::to_string),
                    name: name.into_owned(),
                },
            ));
        }
    }
}

/// No container asks for more than it may have.
fn resources(container: Spot<'_>, found: &mut Vec<Finding>) {
    let limits = container.at(&["resources", "limits"]);
    let requests = container.at(&["resources", "requests"]);
    let (Some(limits), Some(requests)) = (limits, requests) else { return };
    for (resource, request) in requests.entries() {
        let Some(limit) = limits.get(resource) else { continue };
        if let (Some(least), Some(most)) = (quantity(&request), quantity(&limit))
            && least > most
        {
            let fact = Fact::RequestOverLimit { resource: resource.to_string() };
            found.push(Finding::at(&request, fact).with(&limit));
        }
    }
}

fn quantity(spot: &Spot<'_>) -> Option<Quantity> {
    match spot.datum {
        Datum::Number(text) => Quantity::parse(text),
        _ => spot.text().and_then(|text| Quantity::parse(&text)),
    }
}
