//! The volumes of a task.

use std::borrow::Cow;

use super::fact::{EcsFact, Named, Part};
use super::task::Task;
use super::unit::unique;
use crate::manifest::validate::finding::{Fact, Finding};
use crate::manifest::validate::spot::Spot;
use crate::source::nearest::nearest;

/// Checks that what is mounted is there, and that it can be reached.
pub fn check(task: &Task<'_>, found: &mut Vec<Finding>) {
    let volumes = || task.root.list("volumes");
    unique(volumes(), "name", |name| Fact::Ecs(EcsFact::Twice { what: Named::Volume, name }), found);
    let names: Vec<Cow<'_, str>> = volumes().filter_map(|volume| volume.word("name")).collect();
    let mut mounted: Vec<Cow<'_, str>> = Vec::new();
    // Whether it is known what is mounted.
    let mut is_known = true;
    for container in task.containers() {
        for mount in container.list("mountPoints") {
            let Some(spot) = mount.get("sourceVolume") else {
                found.push(Finding::at(&mount, Fact::MissingKey { key: "sourceVolume".into() }));
                continue;
            };
            let Some(name) = spot.text() else {
                is_known = false;
                continue;
            };
            if !names.contains(&name) {
                push_no_such(&spot, Part::Volume, &name, &names, found);
            }
            mounted.push(name);
        }
        let containers = task.names();
        for source in container.list("volumesFrom").filter_map(|source| source.get("sourceContainer")) {
            if let Some(name) = source.text().filter(|name| !containers.contains(name)) {
                push_no_such(&source, Part::Container, &name, &containers, found);
            }
        }
    }
    for volume in volumes() {
        match volume.get("name").map(|spot| (spot, spot.text())) {
            None => found.push(Finding::at(&volume, Fact::MissingKey { key: "name".into() })),
            Some((spot, Some(name))) if is_known && !mounted.contains(&name) => {
                let fact = EcsFact::UnusedVolume { name: name.into_owned() };
                found.push(Finding::at(&spot, Fact::Ecs(fact)));
            }
            Some(_) => {}
        }
        if let Some(files) = volume.get("efsVolumeConfiguration") {
            file_system(files, found);
        }
    }
}

/// A file system is reached as its access demands.
fn file_system(files: Spot<'_>, found: &mut Vec<Finding>) {
    let Some(access) = files.get("authorizationConfig") else { return };
    let point = access.get("accessPointId");
    let iam = access.get("iam").filter(|iam| iam.datum.is_text("ENABLED"));
    let encryption = files.get("transitEncryption");
    let is_plain = encryption.is_none_or(|spot| spot.datum.is_text("DISABLED"));
    if is_plain && (point.is_some() || iam.is_some()) {
        found.push(Finding::at(&encryption.unwrap_or(files), Fact::Ecs(EcsFact::NoTransitEncryption)));
    }
    if point.is_some()
        && let Some(root) = files.get("rootDirectory")
        && root.text().is_some_and(|text| text != "/")
    {
        found.push(Finding::at(&root, Fact::Ecs(EcsFact::RootOfAccessPoint)));
    }
}

/// Says that a task has nothing of a name.
pub fn push_no_such(
    spot: &Spot<'_>,
    what: Part,
    name: &str,
    known: &[Cow<'_, str>],
    found: &mut Vec<Finding>,
) {
    let meant = nearest(name, known.iter().map(|known| &**known)).map(ToString::to_string);
    let fact = EcsFact::NoSuch { what, name: name.to_string(), meant };
    found.push(Finding::at(spot, Fact::Ecs(fact)));
}
