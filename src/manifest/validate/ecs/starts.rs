//! Tasks that run once or by a schedule.

use super::capacity::capacity;
use super::fact::{EcsFact, Part};
use super::services::{exclusive, family, start, subnets};
use super::task::Task;
use super::unit::Unit;
use super::volumes::push_no_such;
use crate::manifest::validate::finding::{Fact, Finding};
use crate::manifest::validate::spot::Spot;

/// The target by which a schedule calls RunTask itself; another partition has another name in place of `aws`.
const UNIVERSAL: &str = ":scheduler:::aws-sdk:ecs:runTask";

/// What the pack prints of a target only where the environment says it.
const OF_ENVIRONMENT: [&str; 3] = ["Arn", "RoleArn", "TaskDefinitionArn"];

/// Checks what a unit runs once or by a schedule.
pub fn check(unit: &Unit<'_>, found: &mut Vec<Finding>) {
    let task = unit.task();
    for run in &unit.runs {
        start(*run, task, found);
        let overrides = run.get("overrides");
        let Some(task) = task else { continue };
        for entry in overrides.iter().flat_map(|overrides| overrides.list("containerOverrides")) {
            let Some(spot) = entry.get("name") else { continue };
            if let Some(name) = spot.text().filter(|name| task.container(name).is_none()) {
                push_no_such(&spot, Part::Container, &name, &task.names(), found);
            }
        }
    }
    for schedule in &unit.schedules {
        window(*schedule, found);
        if let Some(target) = schedule.get("Target") {
            of_schedule(target, task, found);
        }
    }
}

/// What the schema misses in a schedule, a document by its number, is what its environment says.
pub fn needs(document: usize, found: &mut [Finding]) {
    for finding in found.iter_mut().filter(|finding| finding.document == document) {
        let Fact::MissingKey { key } = &finding.fact else { continue };
        if let Some(key) = OF_ENVIRONMENT.iter().find(|known| *known == key) {
            finding.fact = Fact::Ecs(EcsFact::ScheduleNeeds { key });
        }
    }
}

/// A window that is flexible has a length, another none.
fn window(schedule: Spot<'_>, found: &mut Vec<Finding>) {
    let Some(window) = schedule.get("FlexibleTimeWindow") else { return };
    let mode = window.word("Mode");
    match (mode.as_deref(), window.get("MaximumWindowInMinutes")) {
        (Some("FLEXIBLE"), None) => {
            found.push(Finding::at(&window, Fact::MissingKey { key: "MaximumWindowInMinutes".into() }));
        }
        (Some("OFF"), Some(length)) => {
            let fact = EcsFact::Exclusive { key: "MaximumWindowInMinutes", other: "Mode: OFF" };
            found.push(Finding::at(&length, Fact::Ecs(fact)));
        }
        _ => {}
    }
}

/// A target starts the task of the unit: by its own parameters, or by the input of RunTask.
fn of_schedule(target: Spot<'_>, task: Option<&Task<'_>>, found: &mut Vec<Finding>) {
    if let Some(parameters) = target.get("EcsParameters") {
        exclusive(parameters, "LaunchType", "CapacityProviderStrategy", found);
        capacity(parameters, "CapacityProviderStrategy", task, found);
        if let Some(spot) = parameters.get("TaskDefinitionArn") {
            family(&spot, task, found);
        }
        let network = parameters.get("NetworkConfiguration");
        match network.and_then(|network| network.get("awsvpcConfiguration")) {
            Some(network) => subnets(network, "Subnets", found),
            None if task.is_some_and(Task::has_own_network) => {
                let (spot, key) = match network {
                    Some(network) => (network, "awsvpcConfiguration"),
                    None => (parameters, "NetworkConfiguration"),
                };
                found.push(Finding::at(&spot, Fact::MissingKey { key: key.into() }));
            }
            None => {}
        }
        return;
    }
    let is_universal = target.word("Arn").is_some_and(|arn| arn.ends_with(UNIVERSAL));
    match (is_universal, target.get("Input")) {
        (true, None) => found.push(Finding::at(&target, Fact::MissingKey { key: "Input".into() })),
        (true, Some(input)) => {
            let is_json = |text: &str| serde_json::from_str::<serde_json::Value>(text).is_ok();
            if input.text().is_some_and(|text| !is_json(&text)) {
                found.push(Finding::at(&input, Fact::Ecs(EcsFact::NotJson)));
            }
        }
        (false, _) => {}
    }
}
