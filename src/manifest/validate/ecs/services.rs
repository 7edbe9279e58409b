//! What a service says of the task that it runs, of its network and of its deployments.

use std::borrow::Cow;

use super::capacity::capacity;
use super::containers::port_names;
use super::fact::{EcsFact, Part};
use super::logs;
use super::task::Task;
use super::unit::Unit;
use super::volumes::push_no_such;
use crate::manifest::draft::Datum;
use crate::manifest::validate::finding::{Fact, Finding};
use crate::manifest::validate::spot::Spot;

/// The most that one network configuration takes.
const SUBNETS: usize = 16;
const SECURITY_GROUPS: usize = 5;

/// Checks the services of a unit.
pub fn check(unit: &Unit<'_>, found: &mut Vec<Finding>) {
    for service in &unit.services {
        let task = unit.task();
        start(*service, task, found);
        if let Some(task) = task {
            balancers(*service, task, found);
            connections(*service, task, found);
            health(*service, task, found);
        }
        let is_daemon = service.get("schedulingStrategy").is_some_and(|it| it.datum.is_text("DAEMON"));
        if service.get("desiredCount").is_none() && !is_daemon {
            found.push(Finding::at(service, Fact::MissingKey { key: "desiredCount".into() }));
        }
        deployment(*service, found);
        if let Some(own) = service.at(&["serviceConnectConfiguration", "logConfiguration"])
            && let Some(driver) = own.word("logDriver")
        {
            logs::options(own, &driver, task.is_none_or(Task::is_fargate), found);
        }
    }
}

/// What every start of a task says: which task, where, in which network.
pub fn start(start: Spot<'_>, task: Option<&Task<'_>>, found: &mut Vec<Finding>) {
    exclusive(start, "launchType", "capacityProviderStrategy", found);
    capacity(start, "capacityProviderStrategy", task, found);
    if let Some(spot) = start.get("taskDefinition") {
        family(&spot, task, found);
    }
    let network = start.at(&["networkConfiguration", "awsvpcConfiguration"]);
    match network {
        Some(network) => {
            subnets(network, "subnets", found);
            limits(network, found);
        }
        None if task.is_some_and(Task::has_own_network) => {
            let key = match start.get("networkConfiguration") {
                Some(_) => "awsvpcConfiguration",
                None => "networkConfiguration",
            };
            let spot = start.get("networkConfiguration").unwrap_or(start);
            found.push(Finding::at(&spot, Fact::MissingKey { key: key.into() }));
        }
        None => {}
    }
}

/// A network has a subnet.
pub fn subnets(network: Spot<'_>, key: &'static str, found: &mut Vec<Finding>) {
    let list = network.get(key);
    if list.is_none_or(|list| matches!(list.datum, Datum::List(items) if items.is_empty())) {
        found.push(Finding::at(&list.unwrap_or(network), Fact::Ecs(EcsFact::NoSubnet)));
    }
}

/// A network hasn't more than it takes. A schedule's schema says that itself.
fn limits(network: Spot<'_>, found: &mut Vec<Finding>) {
    let limits = [("subnets", "subnets", SUBNETS), ("securityGroups", "security groups", SECURITY_GROUPS)];
    for (key, what, most) in limits {
        if let Some(list) = network.get(key)
            && list.items().count() > most
        {
            found.push(Finding::at(&list, Fact::Ecs(EcsFact::TooMany { what, most })));
        }
    }
}

/// Only one of two keys is there.
pub fn exclusive(parent: Spot<'_>, key: &'static str, other: &'static str, found: &mut Vec<Finding>) {
    if let (Some(one), Some(two)) = (parent.get(key), parent.get(other)) {
        found.push(Finding::at(&one, Fact::Ecs(EcsFact::Exclusive { key, other })).with(&two));
    }
}

/// The task definition is that of the unit: a family, a family with a revision, or an ARN of those.
pub fn family(spot: &Spot<'_>, task: Option<&Task<'_>>, found: &mut Vec<Finding>) {
    let Some(own) = task.and_then(|task| task.root.word("family")) else { return };
    let Some(text) = spot.text() else { return };
    let name = text.rsplit_once("task-definition/").map_or(&*text, |(_, name)| name);
    if name.split(':').next() != Some(&*own) {
        let fact = EcsFact::OtherFamily { family: own.into_owned() };
        found.push(Finding::at(spot, Fact::Ecs(fact)));
    }
}

/// What is reached through a load balancer or a registry is a port of the task.
fn balancers(service: Spot<'_>, task: &Task<'_>, found: &mut Vec<Finding>) {
    for entry in service.list("loadBalancers").chain(service.list("serviceRegistries")) {
        let Some(spot) = entry.get("containerName") else { continue };
        let Some(name) = spot.text() else { continue };
        let Some(container) = task.container(&name) else {
            push_no_such(&spot, Part::Container, &name, &task.names(), found);
            continue;
        };
        let Some(port) = entry.get("containerPort") else { continue };
        if let Some(number) = port.number()
            && Task::has_port(container, number) == Some(false)
        {
            let fact = EcsFact::NoSuchPort { container: name.into_owned(), port: number };
            found.push(Finding::at(&port, Fact::Ecs(fact)).with(&container));
        }
    }
}

/// What others connect to is a port of the task that has a name.
fn connections(service: Spot<'_>, task: &Task<'_>, found: &mut Vec<Finding>) {
    let connect = service.get("serviceConnectConfiguration");
    let names = port_names(task);
    let mut known: Vec<Cow<'_, str>> = names.iter().cloned().collect();
    known.sort_unstable();
    let ports = connect.iter().flat_map(|connect| connect.list("services"));
    let ports = ports.chain(service.list("vpcLatticeConfigurations"));
    for spot in ports.filter_map(|port| port.get("portName")) {
        if let Some(name) = spot.text().filter(|name| !names.contains(name)) {
            push_no_such(&spot, Part::PortName, &name, &known, found);
        }
    }
}

/// A time in which no check of health counts needs such a check.
fn health(service: Spot<'_>, task: &Task<'_>, found: &mut Vec<Finding>) {
    let Some(grace) = service.get("healthCheckGracePeriodSeconds") else { return };
    let is_checked = ["loadBalancers", "vpcLatticeConfigurations", "gatewayConnectors"]
        .iter()
        .any(|key| service.list(key).next().is_some())
        || task.containers().any(|container| container.get("healthCheck").is_some());
    if !is_checked && grace.number().is_some_and(|seconds| seconds > 0) {
        found.push(Finding::at(&grace, Fact::Ecs(EcsFact::NothingChecked)));
    }
}

/// A deployment can go on, and stops where it can be stopped.
fn deployment(service: Spot<'_>, found: &mut Vec<Finding>) {
    let Some(deployment) = service.get("deploymentConfiguration") else { return };
    let percent = |key| deployment.get(key).and_then(|spot| spot.number());
    let least = percent("minimumHealthyPercent").unwrap_or(100);
    if let Some(most) = deployment.get("maximumPercent")
        && most.number().is_some_and(|most| most <= 100 && least >= most)
    {
        found.push(Finding::at(&most, Fact::Ecs(EcsFact::NothingMoves)));
    }
    let is_other = |spot: &Spot<'_>| spot.text().is_some_and(|controller| controller != "ECS");
    if let Some(breaker) = deployment.get("deploymentCircuitBreaker")
        && breaker.is_true("enable")
        && let Some(controller) = service.at(&["deploymentController", "type"]).filter(is_other)
    {
        found.push(Finding::at(&breaker, Fact::Ecs(EcsFact::BreakerOfOther)).with(&controller));
    }
}
