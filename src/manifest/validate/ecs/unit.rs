//! The documents of one unit, by what they are.

use std::borrow::Cow;
use std::collections::HashMap;

use super::task::Task;
use crate::manifest::draft::Document;
use crate::manifest::validate::finding::{Fact, Finding};
use crate::manifest::validate::spot::Spot;

/// The documents of a unit, or of the environment itself; each is the input of a call.
#[derive(Debug, Default)]
pub struct Unit<'a> {
    /// RegisterTaskDefinition.
    pub tasks: Vec<Task<'a>>,
    /// CreateService.
    pub services: Vec<Spot<'a>>,
    /// RunTask.
    pub runs: Vec<Spot<'a>>,
    /// CreateSchedule.
    pub schedules: Vec<Spot<'a>>,
    /// RegisterScalableTarget.
    pub targets: Vec<Spot<'a>>,
    /// PutScalingPolicy.
    pub policies: Vec<Spot<'a>>,
    /// PutParameter.
    pub parameters: Vec<Spot<'a>>,
}

impl<'a> Unit<'a> {
    /// What is in these documents, of which the first is number `first` of all.
    pub fn of(documents: &[&'a Document], first: usize) -> Unit<'a> {
        let mut unit = Unit::default();
        for (index, document) in documents.iter().enumerate() {
            let root = Spot::root(first + index, &document.body);
            match &*document.kind() {
                "task-definition" => unit.tasks.push(Task { root }),
                "service" => unit.services.push(root),
                "run-task" => unit.runs.push(root),
                "schedule" => unit.schedules.push(root),
                "scalable-target" => unit.targets.push(root),
                "scaling-policies" => unit.policies.extend(root.items()),
                "secrets" => unit.parameters.extend(root.items()),
                _ => {}
            }
        }
        unit
    }

    /// The task that the unit's services and schedules start.
    pub fn task(&self) -> Option<&Task<'a>> {
        self.tasks.first()
    }
}

/// No two texts at `key` are the same.
pub fn unique<'a>(
    items: impl Iterator<Item = Spot<'a>>,
    key: &str,
    fact: impl Fn(String) -> Fact,
    found: &mut Vec<Finding>,
) {
    let mut seen: HashMap<Cow<'a, str>, Spot<'a>> = HashMap::new();
    for spot in items.filter_map(|item| item.get(key)) {
        let Some(name) = spot.text() else { continue };
        if let Some(first) = seen.get(&name) {
            found.push(Finding::at(&spot, fact(name.into_owned())).with(first));
        } else {
            seen.insert(name, spot);
        }
    }
}
