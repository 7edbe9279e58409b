//! What containers wait for.

use std::borrow::Cow;
use std::collections::HashMap;

use super::fact::{EcsFact, Part};
use super::task::{Task, is_essential};
use crate::manifest::validate::finding::{Fact, Finding};
use crate::manifest::validate::spot::Spot;
use crate::source::nearest::nearest;

/// What one container waits for: the others by number, and where it says so.
type Waits<'a> = Vec<(usize, Spot<'a>)>;

/// Checks that each container waits for something that happens.
pub fn check(task: &Task<'_>, found: &mut Vec<Finding>) {
    let containers: Vec<Spot<'_>> = task.containers().collect();
    let names: HashMap<Cow<'_, str>, usize> = containers
        .iter()
        .enumerate()
        .filter_map(|(index, container)| Some((container.word("name")?, index)))
        .collect();
    let mut waits: Vec<Waits<'_>> = Vec::with_capacity(containers.len());
    for container in &containers {
        let mut own = Vec::new();
        for dependency in container.list("dependsOn") {
            let Some(spot) = dependency.get("containerName") else { continue };
            let Some(name) = spot.text() else { continue };
            let Some(index) = names.get(&name).copied() else {
                let meant = nearest(&name, names.keys().map(|name| &**name)).map(ToString::to_string);
                let fact = EcsFact::NoSuch { what: Part::Container, name: name.into_owned(), meant };
                found.push(Finding::at(&spot, Fact::Ecs(fact)));
                continue;
            };
            own.push((index, spot));
            happens(containers[index], &name, dependency, found);
        }
        waits.push(own);
    }
    if let Some(circle) = circle(&waits) {
        let name = |index: &usize| containers[*index].word("name").unwrap_or_default().into_owned();
        let mut names: Vec<String> = circle.iter().map(name).collect();
        names.extend(names.first().cloned());
        let next = circle.get(1).unwrap_or(&circle[0]);
        let spot = waits[circle[0]].iter().find(|(index, _)| index == next).map(|(_, spot)| *spot);
        let spot = spot.unwrap_or(containers[circle[0]]);
        found.push(Finding::at(&spot, Fact::Ecs(EcsFact::Circle { names })));
    }
}

/// A container can become what another waits for.
fn happens(container: Spot<'_>, name: &str, dependency: Spot<'_>, found: &mut Vec<Finding>) {
    let Some(condition) = dependency.get("condition") else { return };
    let name = || name.to_string();
    let fact = match condition.text().as_deref() {
        Some("HEALTHY") if container.get("healthCheck").is_none() => {
            EcsFact::NoHealthCheck { container: name() }
        }
        Some("SUCCESS" | "COMPLETE") if is_essential(container) => EcsFact::NeverEnds { container: name() },
        _ => return,
    };
    found.push(Finding::at(&condition, Fact::Ecs(fact)).with(&container.get("name").unwrap_or(container)));
}

/// A circle of containers that wait for each other, in that order.
fn circle(waits: &[Waits<'_>]) -> Option<Vec<usize>> {
    let mut done = vec![false; waits.len()];
    for start in 0..waits.len() {
        // The way from the start, and which dependency is looked at next on each step of it.
        let mut way: Vec<(usize, usize)> = vec![(start, 0)];
        while let Some((at, next)) = way.last_mut() {
            let Some((other, _)) = waits[*at].get(*next).filter(|_| !done[*at]) else {
                done[*at] = true;
                way.pop();
                continue;
            };
            *next += 1;
            if let Some(begin) = way.iter().position(|(index, _)| index == other) {
                return Some(way[begin..].iter().map(|(index, _)| *index).collect());
            }
            way.push((*other, 0));
        }
    }
    None
}
