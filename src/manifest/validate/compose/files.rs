//! The files that compose.yaml names: beside it in its folder, or on the host.

use std::borrow::Cow;

use super::fact::{Fact, Section};
use super::inventory::{Entry, Inventory, at, meant, plain};
use super::mounts::{Source, mounts};
use crate::manifest::validate::finding::Finding;
use crate::manifest::validate::spot::Spot;

/// The folder of the environment's own documents, of which nothing is known here.
const ENVIRONMENT: &str = "_environment";

/// Checks the paths of services, and of what is declared.
pub fn check(inventory: &Inventory<'_>, found: &mut Vec<Finding>) {
    for service in inventory.services.values() {
        for mount in mounts(service) {
            if let Source::Path(path) = &mount.source {
                file(inventory, &mount.spot, path, found);
            }
        }
        for (spot, path) in named(service) {
            file(inventory, &spot, &path, found);
        }
    }
    for (section, _, entry) in inventory.declared() {
        if let (Section::Configs | Section::Secrets, Some(spot)) = (section, entry.get("file"))
            && let Some(path) = plain(&spot)
        {
            file(inventory, &spot, &path, found);
        }
    }
}

/// The files with variables and labels that a service names.
fn named<'a>(service: &Entry<'a>) -> Vec<(Spot<'a>, Cow<'a, str>)> {
    let mut paths = Vec::new();
    for key in ["env_file", "label_file"] {
        for part in service.parts.iter().filter_map(|part| part.get(key)) {
            let whole = plain(&part).map(|path| (part, path));
            paths.extend(whole);
            paths.extend(part.items().filter_map(|item| {
                let spot = item.get("path").unwrap_or(item);
                Some((spot, plain(&spot)?))
            }));
        }
    }
    paths
}

fn file(inventory: &Inventory<'_>, spot: &Spot<'_>, path: &str, found: &mut Vec<Finding>) {
    let Some(path) = relative(path) else { return };
    let Some(path) = path else {
        found.push(at(spot, Fact::Outside));
        return;
    };
    let folder = path.split('/').next().unwrap_or_default();
    let is_made = || inventory.files.contains(&path);
    if inventory.whole && folder.starts_with('_') && folder != ENVIRONMENT && !is_made() {
        let meant = meant(&path, inventory.files.iter().map(String::as_str), found);
        found.push(at(spot, Fact::NoSecretFile { meant }));
    }
}

/// A path relative to compose.yaml without `.` and `..`; `Some(None)` when it leads out of its folder, `None`
/// when it is one of the host.
fn relative(path: &str) -> Option<Option<String>> {
    let of_drive = path.get(1..2) == Some(":");
    if path.starts_with(['/', '~', '\\']) || of_drive {
        return None;
    }
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    return Some(None);
                }
            }
            part => parts.push(part),
        }
    }
    Some(Some(parts.join("/")))
}

#[cfg(test)]
mod tests {
    use super::relative;

    #[test]
    fn paths_are_followed() {
        assert_eq!(relative("/etc/x"), None);
        assert_eq!(relative("~/x"), None);
        assert_eq!(relative("C:\\x"), None);
        assert_eq!(relative("./a/../b"), Some(Some("b".into())));
        assert_eq!(relative("_secrets/./x"), Some(Some("_secrets/x".into())));
        assert_eq!(relative("a/../../b"), Some(None));
    }
}
