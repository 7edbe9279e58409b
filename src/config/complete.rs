//! What follows from what a workload says: the image at its version, a port's Service side, the
//! memory limit, the port of a probe. Everything here holds on every platform.

use std::sync::Arc;

use indexmap::IndexMap;

use super::fault::Fault;
use super::name::UnitName;
use super::tree::{Tree, TreeKind};
use super::version::Version;
use crate::source::diagnostic::Diagnostics;
use crate::source::span::Span;

/// The ways in which a probe can ask.
const PROBE_KINDS: [&str; 3] = ["http", "tcp", "command"];

/// Completes a workload in place. `start` is where something that it lacks is reported.
pub fn complete(workload: &mut Tree, version: &Version, start: Span, unit: &UnitName, out: &mut Diagnostics) {
    image(workload, version, start, unit, out);
    container(workload, out);
    for (name, sidecar) in entries_mut(workload, "sidecars") {
        if sidecar.get("image").is_none() {
            out.push(Fault::MissingImage { what: format!("sidecar `{name}`"), span: sidecar.origin.span });
        }
        container(sidecar, out);
    }
    mounts(workload, out);
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

/// What holds for the main container and for sidecars.
fn container(tree: &mut Tree, out: &mut Diagnostics) {
    for (_, port) in entries_mut(tree, "ports") {
        complete_port(port, out);
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
    for (_, probe) in entries_mut(tree, "health") {
        complete_probe(probe, &ports, out);
    }
}

/// `service` is the container's port unless it says otherwise; `null` has hidden it.
fn complete_port(port: &mut Tree, out: &mut Diagnostics) {
    let origin = port.origin;
    let Some(map) = port.as_map_mut() else { return };
    let Some(container) = map.get("container").cloned() else {
        out.push(Fault::PortWithoutNumber { span: origin.span });
        return;
    };
    match map.get("service").map(|service| &service.kind) {
        None => {
            map.insert("service".into(), container.clone());
        }
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

fn complete_probe(probe: &mut Tree, ports: &[(Arc<str>, Option<i64>)], out: &mut Diagnostics) {
    let span = probe.origin.span;
    let Some(map) = probe.as_map_mut() else { return };
    if map.get("tcp").is_some_and(|tcp| !tcp.is_true()) {
        map.shift_remove("tcp");
    }
    let kinds: Vec<&'static str> = PROBE_KINDS.into_iter().filter(|kind| map.contains_key(*kind)).collect();
    let [kind] = kinds.as_slice() else {
        let mut found: Vec<_> = kinds.iter().map(|kind| (*kind, map[*kind].origin)).collect();
        found.sort_by_key(|(_, origin)| std::cmp::Reverse(origin.layer));
        let found = found.into_iter().map(|(kind, origin)| (kind, origin.span)).collect();
        out.push(Fault::ProbeKind { span, found });
        return;
    };
    if *kind == "command" {
        return;
    }
    let names = || ports.iter().map(|(name, _)| name.to_string()).collect();
    match map.get("port") {
        None => match ports {
            [(_, Some(number))] => {
                let origin = map[*kind].origin;
                map.insert("port".into(), Tree::int(*number, origin));
            }
            _ => out.push(Fault::ProbePort { span, known: names() }),
        },
        Some(Tree { kind: TreeKind::Text(name), origin }) => {
            if !ports.iter().any(|(port, _)| port == name) {
                out.push(Fault::UnknownPort { span: origin.span, name: name.to_string(), known: names() });
            }
        }
        Some(_) => {}
    }
}

/// A sidecar mounts volumes of the workload.
fn mounts(workload: &Tree, out: &mut Diagnostics) {
    let volumes = workload.get("volumes").and_then(Tree::as_map);
    for (name, volume) in volumes.into_iter().flatten() {
        if volume.get("path").is_none() {
            out.push(Fault::VolumeWithoutPath { span: volume.origin.span, name: name.to_string() });
        }
    }
    for (_, sidecar) in workload.get("sidecars").and_then(Tree::as_map).into_iter().flatten() {
        for (name, mount) in sidecar.get("volumes").and_then(Tree::as_map).into_iter().flatten() {
            if !volumes.is_some_and(|volumes| volumes.contains_key(name)) {
                let known = volumes.into_iter().flatten().map(|(name, _)| name.to_string()).collect();
                out.push(Fault::UnknownVolume { span: mount.origin.span, name: name.to_string(), known });
            }
        }
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

fn entries_mut<'t>(tree: &'t mut Tree, key: &str) -> impl Iterator<Item = (Arc<str>, &'t mut Tree)> {
    tree.as_map_mut()
        .and_then(|map| map.get_mut(key))
        .and_then(Tree::as_map_mut)
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), value))
}
