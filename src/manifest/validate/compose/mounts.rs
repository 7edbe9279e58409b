//! What is mounted into containers: from where, and to which path, each path once.

use std::collections::HashMap;

use super::amounts::size;
use super::fact::Fact;
use super::inventory::{Entry, Inventory, Item, at, plain};
use crate::manifest::draft::Datum;
use crate::manifest::validate::finding::{Fact as Any, Finding, Twice};
use crate::manifest::validate::spot::Spot;

/// Something mounted.
#[derive(Debug)]
pub struct Mount<'a> {
    /// The entry, or the key of it that says where the content comes from.
    pub spot: Spot<'a>,
    /// Where its content comes from.
    pub source: Source,
    /// Its path in the container, and where that is said.
    target: Option<(Spot<'a>, String)>,
}

/// Where the content of a mount comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Nowhere, or from where no name leads.
    Nothing,
    /// A volume that is declared.
    Volume(String),
    /// A path of the host, or relative to the file.
    Path(String),
}

/// Checks the mounts of every service.
pub fn check(inventory: &Inventory<'_>, found: &mut Vec<Finding>) {
    for service in inventory.services.values() {
        let mut seen: HashMap<String, Spot<'_>> = HashMap::new();
        for Item { value: spot, .. } in service.items("volumes") {
            size(spot.at(&["tmpfs", "size"]), found);
            if plain(&spot).is_some_and(|text| read_short(&text).is_none()) {
                let expected = "a mount such as `data:/var/lib/data` or `./conf:/etc/app:ro`";
                found.push(at(&spot, Fact::Text { expected }));
            }
        }
        let memory = service.items("tmpfs").filter_map(|item| {
            let path = plain(&item.value)?.split(':').next().unwrap_or_default().to_string();
            Some((item.value, path))
        });
        for (spot, target) in mounts(service).filter_map(|mount| mount.target).chain(memory) {
            if !target.starts_with('/') && !is_of_windows(&target) {
                found.push(at(&spot, Fact::Text { expected: "an absolute path in the container" }));
                continue;
            }
            let name = match target.trim_end_matches('/') {
                "" => "/".to_string(),
                name => name.to_string(),
            };
            if let Some(other) = seen.insert(name.clone(), spot) {
                found.push(Finding::at(&spot, Any::Twice { what: Twice::MountPath, name }).with(&other));
            }
        }
    }
}

/// The mounts of a service that are said plainly.
pub fn mounts<'a>(service: &Entry<'a>) -> impl Iterator<Item = Mount<'a>> {
    service.items("volumes").filter_map(|Item { value: spot, .. }| {
        if let Datum::Map(_) = spot.datum {
            return Some(read_long(spot));
        }
        let (source, target) = read_short(&plain(&spot)?)?;
        Some(Mount { spot, source, target: Some((spot, target)) })
    })
}

fn read_long(spot: Spot<'_>) -> Mount<'_> {
    let source = spot.get("source");
    let name = source.as_ref().and_then(plain).map(|name| name.into_owned());
    let source_of = |kind: &str, name: String| match kind {
        "volume" => Source::Volume(name),
        "bind" => Source::Path(name),
        _ => Source::Nothing,
    };
    let kind = spot.word("type").unwrap_or_default();
    let target = spot.get("target").and_then(|target| Some((target, plain(&target)?.into_owned())));
    Mount {
        spot: source.unwrap_or(spot),
        source: name.map_or(Source::Nothing, |name| source_of(&kind, name)),
        target,
    }
}

/// `[SOURCE:]TARGET[:MODE]`. A source that isn't a path is a volume.
fn read_short(text: &str) -> Option<(Source, String)> {
    let parts = split(text);
    if parts.iter().any(|part| part.is_empty()) {
        return None;
    }
    match parts.as_slice() {
        [target] => Some((Source::Nothing, (*target).to_string())),
        [source, target] | [source, target, _] => {
            let is_path = source.starts_with(['/', '.', '~']) || is_of_windows(source);
            let source = (*source).to_string();
            let source = if is_path { Source::Path(source) } else { Source::Volume(source) };
            Some((source, (*target).to_string()))
        }
        _ => None,
    }
}

/// The parts between `:`; that behind the letter of a drive is none.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        let skip = if is_of_windows(rest) { 2 } else { 0 };
        match rest[skip..].find(':') {
            Some(end) => {
                parts.push(&rest[..skip + end]);
                rest = &rest[skip + end + 1..];
            }
            None => {
                parts.push(rest);
                return parts;
            }
        }
    }
}

/// Whether it begins with a drive. The name of a volume has more than one letter, so it is none.
fn is_of_windows(path: &str) -> bool {
    matches!(path.as_bytes(), [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::{Source, read_short};

    #[test]
    fn mounts_are_written_in_these_ways() {
        let volume = |name: &str| Source::Volume(name.into());
        let path = |name: &str| Source::Path(name.into());
        for (text, source, target) in [
            ("/data", Source::Nothing, "/data"),
            ("data:/data", volume("data"), "/data"),
            ("data:/data:ro", volume("data"), "/data"),
            ("./conf:/etc", path("./conf"), "/etc"),
            ("~/conf:/etc:ro,z", path("~/conf"), "/etc"),
            ("/var/run/x.sock:/x.sock", path("/var/run/x.sock"), "/x.sock"),
            ("C:\\data:/data", path("C:\\data"), "/data"),
        ] {
            assert_eq!(read_short(text), Some((source, target.into())), "{text}");
        }
        for text in ["", ":", "data:", ":/data", "ab:/b:ro:z"] {
            assert_eq!(read_short(text), None, "{text}");
        }
    }
}
