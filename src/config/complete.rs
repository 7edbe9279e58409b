//! What follows from what a workload says: the image at its version, a port's Service side, the
//! memory limit. Everything here holds on every platform.

use std::sync::Arc;

use indexmap::IndexMap;

use super::containers;
use super::fault::Fault;
use super::kind::Kind;
use super::name::UnitName;
use super::probe;
use super::schedule::{self, ScheduleFault};
use super::security;
use super::tree::{Tree, TreeKind};
use super::unit_files;
use super::update;
use super::version::Version;
use super::volumes;
use super::workload_fault::WorkloadFault;
use crate::source::diagnostic::Diagnostics;
use crate::source::span::Span;

/// Completes a workload in place, which has that name on its platform. `start` is where something that it lacks is reported.
pub fn complete(
    workload: &mut Tree,
    version: &Version,
    start: Span,
    unit: &UnitName,
    name: &str,
    out: &mut Diagnostics,
) {
    let kind = Kind::of(workload);
    let origin = workload.origin;
    if let Some(map) = workload.as_map_mut() {
        map.entry("kind".into()).or_insert_with(|| Tree::text(kind.name(), origin));
    }
    if kind.has_workload() {
        image(workload, version, start, unit, out);
    }
    container(workload, kind, out);
    for (name, sidecar) in entries_mut(workload, "sidecars") {
        if sidecar.get("image").is_none() {
            out.push(Fault::MissingImage { what: format!("sidecar `{name}`"), span: sidecar.origin.span });
        }
        container(sidecar, kind, out);
    }
    let image = workload.get("image").cloned();
    for (_, init) in entries_mut(workload, "init") {
        if let (Some(map), Some(image)) = (init.as_map_mut(), &image) {
            map.entry("image".into()).or_insert_with(|| image.clone());
        }
        container(init, kind, out);
    }
    if kind == Kind::Cron {
        schedule(workload, start, out);
    }
    containers::check_names(workload, name, out);
    volumes::complete(workload, out);
    update::complete(workload, kind, out);
    unit_files::complete(workload, out);
    distinct_ports(workload, out);
}

fn image(workload: &mut Tree, version: &Version, start: Span, unit: &UnitName, out: &mut Diagnostics) {
    let Some(map) = workload.as_map_mut() else { return };
    match map.get_mut("image") {
        None => out.push(Fault::MissingImage { what: format!("`{unit}`"), span: start }),
        Some(Tree { kind: TreeKind::Text(image), origin }) => match version.of_image(image) {
            Some(full) => *image = full.into(),
            None => out.push(Fault::ImageHasVersion { image: origin.span, version: version.span }),
        },
        Some(_) => {}
    }
}

/// What holds for every container.
fn container(tree: &mut Tree, kind: Kind, out: &mut Diagnostics) {
    for (_, port) in entries_mut(tree, "ports") {
        complete_port(port, kind, out);
    }
    if let Some(resources) = tree.as_map_mut().and_then(|map| map.get_mut("resources")) {
        memory_limit(resources);
    }
    let ports: Vec<(Arc<str>, Option<i64>)> = tree
        .get("ports")
        .and_then(Tree::as_map)
        .into_iter()
        .flatten()
        .map(|(name, port)| (name.clone(), port.get("container").and_then(Tree::as_int)))
        .collect();
    for (name, probe) in entries_mut(tree, "health") {
        probe::complete(&name, probe, &ports, out);
    }
    security::check(tree, out);
}

/// A cron app says when it runs, in a way that platforms understand.
fn schedule(workload: &Tree, start: Span, out: &mut Diagnostics) {
    let Some(cron) = workload.at(&["schedule", "cron"]) else {
        let said = workload.get("schedule").or(workload.get("kind")).map(|tree| tree.origin.span);
        out.push(WorkloadFault::NoSchedule { span: said.unwrap_or(start) });
        return;
    };
    let mut hold = |tree: Option<&Tree>, check: fn(&str) -> Result<(), ScheduleFault>| {
        if let Some(Tree { kind: TreeKind::Text(text), origin }) = tree
            && let Err(fault) = check(text)
        {
            out.push(WorkloadFault::BadSchedule { span: origin.span, fault });
        }
    };
    hold(Some(cron), schedule::check);
    hold(workload.at(&["schedule", "timezone"]), schedule::check_zone);
}

/// `service` is the container's port unless it says otherwise; `null` has hidden it, or nobody reaches the app.
fn complete_port(port: &mut Tree, kind: Kind, out: &mut Diagnostics) {
    let origin = port.origin;
    let Some(map) = port.as_map_mut() else { return };
    let Some(container) = map.get("container").cloned() else {
        out.push(Fault::PortWithoutNumber { span: origin.span });
        return;
    };
    match map.get("service").map(|service| &service.kind) {
        None if kind.is_reached() => {
            map.insert("service".into(), container.clone());
        }
        None => {}
        Some(TreeKind::Bool(false)) => {
            let hidden = map.shift_remove("service").map_or(origin, |service| service.origin).span;
            if let Some(node) = map.get("node") {
                out.push(Fault::NodePortWithoutService { span: node.origin.span, hidden });
            }
        }
        Some(_) => {}
    }
    map.entry("protocol".into()).or_insert_with(|| Tree::text("TCP", container.origin));
}

fn memory_limit(resources: &mut Tree) {
    let Some(memory) = resources.get("memory").cloned() else { return };
    let Some(map) = resources.as_map_mut() else { return };
    let limits = map
        .entry("limits".into())
        .or_insert_with(|| Tree { kind: TreeKind::Map(IndexMap::new()), origin: memory.origin });
    if let Some(limits) = limits.as_map_mut() {
        limits.entry("memory".into()).or_insert(memory);
    }
}

/// Containers of one pod share its network and its names: no two may listen on one port.
fn distinct_ports(workload: &Tree, out: &mut Diagnostics) {
    let sidecars = workload.get("sidecars").and_then(Tree::as_map);
    let containers = std::iter::once(workload).chain(sidecars.into_iter().flatten().map(|(_, s)| s));
    let mut numbers: IndexMap<(i64, Option<Arc<str>>), Span> = IndexMap::new();
    let mut names: IndexMap<Arc<str>, Span> = IndexMap::new();
    for (name, port) in containers.flat_map(|c| c.get("ports").and_then(Tree::as_map).into_iter().flatten()) {
        let container = port.get("container");
        let number = container.and_then(Tree::as_int);
        let protocol = port.get("protocol").and_then(Tree::as_text).cloned();
        // The number may come from a later layer than the rest of the port.
        let span = container.unwrap_or(port).origin.span;
        let earlier = number.and_then(|number| numbers.insert((number, protocol), span));
        if let Some(other) = earlier.or_else(|| names.get(name).copied()) {
            out.push(Fault::PortTaken { span, other, name: name.to_string() });
        }
        names.insert(name.clone(), span);
    }
}

/// The entries of a mapping in a mapping.
pub(super) fn entries_mut<'t>(
    tree: &'t mut Tree,
    key: &str,
) -> impl Iterator<Item = (Arc<str>, &'t mut Tree)> {
    tree.as_map_mut()
        .and_then(|map| map.get_mut(key))
        .and_then(Tree::as_map_mut)
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), value))
}
