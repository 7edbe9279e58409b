//! The volumes of a workload: ephemeral, persistent or existing ones, and where containers see them.

use super::complete::entries_mut;
use super::fault::Fault;
use super::tree::{Tree, TreeKind};
use super::workload_fault::WorkloadFault;
use crate::source::diagnostic::Diagnostics;

/// The beginning of names that the packs' own volumes have.
const RESERVED: &str = "sealwright-";
/// What a volume can be; without one of them it is ephemeral.
const KINDS: [&str; 3] = ["ephemeral", "persistent", "claim"];
/// The access that a persistent volume has unless it says another one: one node mounts it.
const ONE_NODE: &str = "ReadWriteOnce";

/// Completes the volumes of a workload and checks where its containers see them.
pub fn complete(workload: &mut Tree, out: &mut Diagnostics) {
    for (name, volume) in entries_mut(workload, "volumes") {
        if name.starts_with(RESERVED) {
            out.push(WorkloadFault::ReservedVolume { span: volume.origin.span, name: name.to_string() });
        }
        check_path(&name, volume, out);
        complete_volume(&name, volume, out);
    }
    for key in ["sidecars", "init"] {
        check_mounts(workload, key, out);
    }
}

/// Whether a workload has a volume that one node alone can mount, so that an instance can't start before
/// another one has ended.
pub fn one_node(workload: &Tree) -> Option<&Tree> {
    let volumes = workload.get("volumes").and_then(Tree::as_map);
    volumes.into_iter().flatten().map(|(_, volume)| volume).find(|volume| {
        let access = volume.get("access").and_then(Tree::as_text);
        access.is_some_and(|access| matches!(&**access, ONE_NODE | "ReadWriteOncePod"))
    })
}

fn complete_volume(name: &str, volume: &mut Tree, out: &mut Diagnostics) {
    let span = volume.origin.span;
    let Some(map) = volume.as_map_mut() else { return };
    if map.get("persistent").is_some_and(|persistent| !persistent.is_true()) {
        map.shift_remove("persistent");
    }
    let kinds: Vec<&'static str> = KINDS.into_iter().filter(|kind| map.contains_key(*kind)).collect();
    if kinds.len() > 1 {
        let found = kinds.iter().map(|kind| (*kind, map[*kind].origin.span)).collect();
        out.push(WorkloadFault::VolumeKinds { span, found });
        return;
    }
    let kind = kinds.first().copied().unwrap_or("ephemeral");
    let refused: &[&str] = match kind {
        "persistent" => &[],
        "claim" => &["class", "access", "size"],
        _ => &["class", "access"],
    };
    for field in refused {
        if let Some(tree) = map.get(*field) {
            out.push(WorkloadFault::VolumeField { span: tree.origin.span, field });
        }
    }
    if kind == "persistent" {
        if !map.contains_key("size") {
            out.push(WorkloadFault::VolumeWithoutSize { span, name: name.to_string() });
        }
        let origin = map["persistent"].origin;
        map.entry("access".into()).or_insert_with(|| Tree::text(ONE_NODE, origin));
    }
}

/// A container mounts volumes of its workload.
fn check_mounts(workload: &Tree, key: &str, out: &mut Diagnostics) {
    let volumes = workload.get("volumes").and_then(Tree::as_map);
    for (_, container) in workload.get(key).and_then(Tree::as_map).into_iter().flatten() {
        for (name, mount) in container.get("volumes").and_then(Tree::as_map).into_iter().flatten() {
            if !volumes.is_some_and(|volumes| volumes.contains_key(name)) {
                let known = volumes.into_iter().flatten().map(|(name, _)| name.to_string()).collect();
                let span = mount.get("path").unwrap_or(mount).origin.span;
                out.push(Fault::UnknownVolume { span, name: name.to_string(), known });
                continue;
            }
            check_path(name, mount, out);
        }
    }
}

fn check_path(name: &str, mount: &Tree, out: &mut Diagnostics) {
    match mount.get("path") {
        None => out.push(Fault::VolumeWithoutPath { span: mount.origin.span, name: name.to_string() }),
        Some(Tree { kind: TreeKind::Text(path), origin }) if !is_path(path) => {
            out.push(WorkloadFault::VolumePath { span: origin.span, name: name.to_string() });
        }
        Some(_) => {}
    }
}

/// Whether a folder can be mounted there on every platform.
fn is_path(path: &str) -> bool {
    let is_plain = !path.contains(|c: char| c == ':' || c.is_control());
    is_plain && path.starts_with('/') && path.split('/').all(|segment| !matches!(segment, "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::is_path;

    #[test]
    fn folders_are_absolute_and_lead_nowhere_else() {
        for good in ["/tmp", "/var/lib/data/", "/a b"] {
            assert!(is_path(good), "{good}");
        }
        for bad in ["", "tmp", "./tmp", "/a/../b", "/..", "/a:ro", "/a\nb"] {
            assert!(!is_path(bad), "{bad:?}");
        }
    }
}
