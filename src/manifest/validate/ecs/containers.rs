//! What must fit together within one task: names, variables, ports, health checks.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::fact::{EcsFact, Named};
use super::task::{Task, is_essential};
use super::unit::unique;
use crate::manifest::validate::finding::{Fact, Finding, Twice};
use crate::manifest::validate::spot::Spot;

/// Checks the containers of a task.
pub fn check(task: &Task<'_>, found: &mut Vec<Finding>) {
    let twice = |what| move |name| Fact::Ecs(EcsFact::Twice { what, name });
    unique(task.containers(), "name", twice(Named::Container), found);
    if let Some(list) = task.root.get("containerDefinitions")
        && !task.containers().any(is_essential)
    {
        found.push(Finding::at(&list, Fact::Ecs(EcsFact::NoEssential)));
    }
    let ports = || task.containers().flat_map(|container| container.list("portMappings"));
    unique(ports(), "name", twice(Named::PortName), found);
    if task.has_own_network() {
        own_ports(ports(), found);
    }
    for container in task.containers() {
        let variable = |name| Fact::Twice { what: Twice::Variable, name };
        unique(container.list("environment"), "name", variable, found);
        secrets(container, found);
        let mounted = |name| Fact::Twice { what: Twice::MountPath, name };
        unique(container.list("mountPoints"), "containerPath", mounted, found);
        health(container, found);
        for mapping in container.list("portMappings") {
            if mapping.get("containerPort").is_none() && mapping.get("containerPortRange").is_none() {
                found.push(Finding::at(&mapping, Fact::MissingKey { key: "containerPort".into() }));
            }
        }
    }
}

/// A secret has a name that nothing else of its container has.
fn secrets(container: Spot<'_>, found: &mut Vec<Finding>) {
    unique(
        container.list("secrets"),
        "name",
        |name| Fact::Ecs(EcsFact::SecretTwice { name, plain: false }),
        found,
    );
    let plain: HashMap<Cow<'_, str>, Spot<'_>> = container
        .list("environment")
        .filter_map(|variable| variable.get("name"))
        .filter_map(|spot| Some((spot.text()?, spot)))
        .collect();
    for spot in container.list("secrets").filter_map(|secret| secret.get("name")) {
        let Some(name) = spot.text() else { continue };
        if let Some(variable) = plain.get(&name) {
            let fact = EcsFact::SecretTwice { name: name.into_owned(), plain: true };
            found.push(Finding::at(&spot, Fact::Ecs(fact)).with(variable));
        }
    }
}

/// In a network of its own, a task has each port once, and the host has the same.
fn own_ports<'a>(mappings: impl Iterator<Item = Spot<'a>>, found: &mut Vec<Finding>) {
    let mut seen: HashMap<(i64, Cow<'a, str>), Spot<'a>> = HashMap::new();
    for mapping in mappings {
        let Some(spot) = mapping.get("containerPort") else { continue };
        let Some(port) = spot.number() else { continue };
        if let Some(host) = mapping.get("hostPort")
            && host.number().is_some_and(|number| number != port)
        {
            found.push(Finding::at(&host, Fact::Ecs(EcsFact::HostPort)).with(&spot));
        }
        let protocol = mapping.word("protocol").unwrap_or(Cow::Borrowed("tcp"));
        if let Some(first) = seen.insert((port, protocol), spot) {
            let fact = EcsFact::Twice { what: Named::Port, name: port.to_string() };
            found.push(Finding::at(&spot, Fact::Ecs(fact)).with(&first));
        }
    }
}

/// A command says how it is to be run.
fn health(container: Spot<'_>, found: &mut Vec<Finding>) {
    let Some(command) = container.at(&["healthCheck", "command"]) else { return };
    let mut words = command.items();
    let begins = match words.next() {
        Some(first) => first.text().is_none_or(|text| matches!(&*text, "CMD" | "CMD-SHELL")),
        None => false,
    };
    if !begins || words.next().is_none() {
        found.push(Finding::at(&command, Fact::Ecs(EcsFact::HealthCommand)));
    }
}

/// The names of all ports that have one.
pub fn port_names<'a>(task: &Task<'a>) -> HashSet<Cow<'a, str>> {
    let ports = task.containers().flat_map(|container| container.list("portMappings"));
    ports.filter_map(|mapping| mapping.word("name")).collect()
}
