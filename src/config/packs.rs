//! Packs of one's own: what `platforms/` holds, read but not yet compiled.

use std::collections::{BTreeMap, BTreeSet};

use super::manifests::Reader;
use super::name::UnitName;
use super::pack_schema::{self, PackSchema};
use super::repo::{Document, EnvironmentDocuments};
use super::selection::Selection;
use crate::source::node::Node;
use crate::source::repo_path::RepoPath;
use crate::source::span::FileId;
use crate::source::world::EntryKind;

/// The folder of packs, a folder a platform in it.
pub const PLATFORMS: &str = "platforms";
/// The file of a pack that says what the others are for.
pub const DESCRIPTION: &str = "platform.yaml";
/// How the name of a JSON Schema ends.
pub const SCHEMA_END: &str = ".schema.json";

/// The packs of a repo.
#[derive(Debug, Default)]
pub struct Packs {
    /// The names of all of them.
    pub names: Vec<String>,
    /// Those that were read, by name.
    pub read: BTreeMap<String, OwnPack>,
}

/// A pack of the repo.
#[derive(Debug)]
pub struct OwnPack {
    /// platform.yaml
    pub description: Document,
    /// Its templates, in the order of their names.
    pub templates: Vec<PackFile>,
    /// What `platforms.NAME` of an app may say, besides what every app may.
    pub app: Option<PackSchema>,
    /// What `platforms.NAME` of an environment may say.
    pub environment: Option<PackSchema>,
    /// The schemas that its rows can name, as trees.
    pub schemas: BTreeMap<String, Node>,
}

/// A template of a pack.
#[derive(Clone, Debug)]
pub struct PackFile {
    /// Its name in the pack's folder.
    pub name: String,
    /// The file.
    pub file: FileId,
}

impl Packs {
    /// The pack of a platform, if the repo has one and it was read.
    pub fn get(&self, platform: &str) -> Option<&OwnPack> {
        self.read.get(platform)
    }
}

/// The platforms of the environments of which a selection takes something.
pub fn wanted<'d>(
    selection: &Selection,
    environments: &'d BTreeMap<String, EnvironmentDocuments>,
) -> BTreeSet<&'d str> {
    let is_taken = |name: &str, documents: &EnvironmentDocuments| {
        let units = documents.versions.iter().flat_map(|versions| versions.map().keys());
        let mut units = units.map(|app| UnitName { environment: name.to_string(), app: app.to_string() });
        selection.takes_whole(name) || units.any(|unit| selection.contains(&unit))
    };
    let taken = environments.iter().filter(|(name, documents)| is_taken(name, documents));
    taken.filter_map(|(name, _)| platform_of(name, environments)).collect()
}

/// The platform that an environment, or the nearest that it extends, names.
fn platform_of<'d>(name: &str, environments: &'d BTreeMap<String, EnvironmentDocuments>) -> Option<&'d str> {
    let mut document = &environments.get(name)?.environment;
    // A circle is refused later; here it only has to end.
    for _ in 0..environments.len() {
        if let Some(platform) = document.get("platform").filter(|node| !node.is_null()) {
            return platform.as_text().map(|text| &**text);
        }
        document = &environments.get(&**document.get("extends")?.as_text()?)?.environment;
    }
    None
}

/// Reads the folder of a pack whose platform.yaml was read.
pub(super) fn read(folder: &RepoPath, description: Document, reader: &mut Reader<'_>) -> OwnPack {
    let (mut templates, mut schemas) = (Vec::new(), BTreeMap::new());
    let (mut app, mut environment) = (None, None);
    for entry in reader.entries(folder).into_iter().filter(|entry| entry.name != DESCRIPTION) {
        let is_template = [".yaml", ".yml"].iter().any(|end| entry.name.ends_with(end));
        let is_schema = entry.name.ends_with(SCHEMA_END);
        if entry.kind == EntryKind::Folder || !is_template && !is_schema {
            reader.unread(folder, &entry, "a pack is platform.yaml, templates that end with `.yaml`, and schemas that end with `.schema.json`, in one folder");
            continue;
        }
        let Some((path, bytes)) = reader.bytes(folder, &entry) else { continue };
        match entry.name.as_str() {
            "app.schema.json" => {
                app = PackSchema::read(reader.files, path.as_str(), &bytes, pack_schema::Of::App, reader.out);
            }
            "environment.schema.json" => {
                let of = pack_schema::Of::Environment;
                environment = PackSchema::read(reader.files, path.as_str(), &bytes, of, reader.out);
            }
            _ if is_schema => {
                let node = pack_schema::read_tree(reader.files, path.as_str(), &bytes, reader.out);
                schemas.extend(node.map(|node| (entry.name, node)));
            }
            _ => {
                let file = reader.text(path.as_str(), bytes);
                templates.extend(file.map(|file| PackFile { name: entry.name, file }));
            }
        }
    }
    OwnPack { description, templates, app, environment, schemas }
}
