//! The control repo's own documents, read and held against their schemas: parsed once, shared by all
//! units.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use indexmap::IndexMap;

use super::config_schema::{self, ConfigSchema, SCHEMA_FILE};
use super::fault::Fault;
use super::infra;
use super::manifests::{self, Manifests};
use super::name::{RESERVED_ENVIRONMENT, is_dns_label};
use super::pack_layers;
use super::packs::{self, DESCRIPTION, OwnPack, PLATFORMS, Packs};
use super::selection::Selection;
use super::waves;
use crate::source::diagnostic::Diagnostics;
use crate::source::escape::visible;
use crate::source::files::Files;
use crate::source::node::{Kind, Map, Node};
use crate::source::repo_path::RepoPath;
use crate::source::schema::Schema;
use crate::source::schema_place::Place;
use crate::source::span::{FileId, Span};
use crate::source::world::{Entry, EntryKind, ReadError, World};
use crate::source::yaml;

/// The name of the root file, which also marks the root of a control repo.
pub const ROOT_FILE: &str = "sealwright.yaml";
/// The folder of schemas of own kinds.
const KINDS: &str = "schemas";
/// The layer below all others; it states its values in a file of its own, so they have origins too.
const BUILT_IN: &str = include_str!("built_in.yaml");

/// A document that was read.
#[derive(Clone, Debug)]
pub struct Document {
    /// The file, for spans.
    pub file: FileId,
    /// Its path in the repo.
    pub path: String,
    /// Its content, a mapping.
    pub node: Node,
}

impl Document {
    /// The value of a top-level key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.node.get(key)
    }

    /// The document's mapping.
    pub fn map(&self) -> &Map {
        self.node.as_map().expect("a document that isn't a mapping was refused when it was read")
    }

    /// The first byte, where something that the file lacks is reported.
    pub fn start(&self) -> Span {
        Span::new(self.file, self.node.span.start, self.node.span.start)
    }
}

/// An environment's documents.
#[derive(Clone, Debug)]
pub struct EnvironmentDocuments {
    /// environment.yaml
    pub environment: Document,
    /// versions.yaml; without one nothing runs here.
    pub versions: Option<Document>,
    /// outputs.json: what infrastructure code exports.
    pub outputs: Option<Document>,
    /// Documents of its own.
    pub manifests: Manifests,
}

/// An app's documents.
#[derive(Clone, Debug)]
pub struct AppDocuments {
    /// app.yaml
    pub app: Document,
    /// What differs, by environment.
    pub environments: BTreeMap<String, Document>,
    /// config.schema.json: what the app itself says of its config.
    pub config_schema: Option<Arc<ConfigSchema>>,
    /// Documents of its own.
    pub manifests: Manifests,
}

/// The documents of a control repo.
#[derive(Debug)]
pub struct Repo {
    /// Every file that was read.
    pub files: Files,
    /// The built-in layer.
    pub built_in: Document,
    /// sealwright.yaml
    pub root: Document,
    /// All environments.
    pub environments: BTreeMap<String, EnvironmentDocuments>,
    /// The apps that the selection needs, with the files of all their environments.
    pub apps: BTreeMap<String, AppDocuments>,
    /// What `schemas/*.yaml` say of kinds that the platforms themselves don't know.
    pub kinds: Vec<Node>,
    /// The packs of its own that the selection needs.
    pub packs: Packs,
    /// Whether `apps` holds every app of the repo.
    pub complete: bool,
}

/// The schemas of the repo's own files, by the name under which `sealwright schema` prints them.
pub const SCHEMAS: [(&str, &str); 7] = [
    ("sealwright", include_str!("../../schemas/sealwright.schema.json")),
    ("environment", include_str!("../../schemas/environment.schema.json")),
    ("versions", include_str!("../../schemas/versions.schema.json")),
    ("outputs", include_str!("../../schemas/outputs.schema.json")),
    ("app", include_str!("../../schemas/app.schema.json")),
    ("exceptions", include_str!("../../schemas/exceptions.schema.json")),
    ("platform", include_str!("../../schemas/platform.schema.json")),
];

/// The compiled schema of one kind of file. Panics for a name that isn't in [`SCHEMAS`].
pub fn schema(name: &str) -> &'static Schema {
    static COMPILED: LazyLock<IndexMap<&'static str, Schema>> = LazyLock::new(|| {
        SCHEMAS
            .iter()
            .map(|(name, text)| (*name, Schema::compile(text).expect("the embedded schemas compile")))
            .collect()
    });
    &COMPILED[name]
}

/// What the schema of an app says, kept for all units.
pub fn app_place() -> &'static Place<'static> {
    static PLACE: LazyLock<Place<'static>> = LazyLock::new(|| Place::of(schema("app").cursor()));
    &PLACE
}

impl Repo {
    /// Reads what `selection` needs. The repo comes back as far as it could be read, so that what is
    /// wrong can be shown in its files; with errors in `out` it must not be used further.
    pub fn load(world: &dyn World, selection: &Selection, out: &mut Diagnostics) -> Result<Repo, Files> {
        let mut reader = Reader { world, files: Files::default(), out };
        let built_in = reader.built_in();
        let Some(root) = reader.document(&[ROOT_FILE], "sealwright", Missing::IsAnError) else {
            return Err(reader.files);
        };
        let mut environments = BTreeMap::new();
        for name in reader.folders("environments") {
            if let Some(found) = reader.environment(&name) {
                environments.insert(name, found);
            }
        }
        let mut apps = BTreeMap::new();
        let mut folders: BTreeSet<String> = reader.folders("apps").into_iter().collect();
        let wanted = folders.iter().filter(|name| selection.needs_app(name, &environments));
        let mut ahead: Vec<String> = wanted.rev().cloned().collect();
        if !selection.is_everything() {
            ahead.splice(0..0, common_dependencies(&root, &environments));
        }
        // What an app depends on says when the app is applied. Each folder is taken once.
        while let Some(name) = ahead.pop() {
            if folders.remove(&name)
                && let Some(found) = reader.app(&name, &environments)
            {
                for document in std::iter::once(&found.app).chain(found.environments.values()) {
                    ahead.extend(waves::named_in(document, &[""]).into_iter().map(str::to_string));
                }
                apps.insert(name, found);
            }
        }
        let kinds = reader.kinds();
        let packs = reader.packs(selection, &environments);
        let files = reader.files;
        let complete = selection.is_everything();
        let mut repo = Repo { files, built_in, root, environments, apps, kinds, packs, complete };
        config_schema::mask_secrets(&mut repo);
        pack_layers::check(&mut repo, out);
        Ok(repo)
    }

    /// All documents of the control repo, the built-in layer left out.
    pub fn documents(&self) -> impl Iterator<Item = &Document> {
        std::iter::once(&self.root)
            .chain(
                self.environments.values().flat_map(|e| std::iter::once(&e.environment).chain(&e.versions)),
            )
            .chain(self.apps.values().flat_map(|a| std::iter::once(&a.app).chain(a.environments.values())))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Missing {
    IsAnError,
    IsFine,
}

struct Reader<'a> {
    world: &'a dyn World,
    files: Files,
    out: &'a mut Diagnostics,
}

impl Reader<'_> {
    fn built_in(&mut self) -> Document {
        let file = self.files.add("<built-in>", BUILT_IN);
        let node = yaml::parse(file, BUILT_IN, &yaml::Limits::default(), self.out)
            .and_then(|nodes| nodes.into_iter().next())
            .expect("the built-in layer is valid");
        Document { file, path: "<built-in>".into(), node }
    }

    fn folders(&mut self, path: &str) -> Vec<String> {
        let path = RepoPath::new(path).expect("a fixed name is a valid path");
        let entries = match self.world.list(Some(&path)) {
            Ok(entries) => entries,
            Err(error) => {
                // What isn't there is no error; what is there and no folder, such as a link to nowhere, is one.
                let exists =
                    || self.world.list(None).is_ok_and(|all| all.iter().any(|e| e.name == path.as_str()));
                match error {
                    ReadError::NotFound if !exists() => {}
                    ReadError::NotFound => self.unreadable(path.to_string(), ReadError::NotAFolder),
                    error => self.unreadable(path.to_string(), error),
                }
                return Vec::new();
            }
        };
        let mut folders = Vec::new();
        for entry in entries {
            match entry.kind {
                EntryKind::Folder => folders.push(entry.name),
                EntryKind::File => {}
                // A link that leaves the repo must not make an app or an environment vanish.
                EntryKind::Other => {
                    let path = format!("{path}/{}", visible(&entry.name));
                    self.unreadable(path, ReadError::NotAFolder);
                }
            }
        }
        // Files are numbered as they are read, and findings shown in that order.
        folders.sort_unstable();
        folders
    }

    /// All documents of the YAML files in `schemas/`.
    fn kinds(&mut self) -> Vec<Node> {
        let folder = RepoPath::new(KINDS).expect("a fixed name is a valid path");
        let mut entries = self.world.list(Some(&folder)).unwrap_or_default();
        entries.sort_unstable();
        let mut kinds = Vec::new();
        for entry in entries.iter().filter(|entry| entry.name.ends_with(".yaml")) {
            let path = format!("{KINDS}/{}", entry.name);
            let read = folder.join(&entry.name).map_err(|_| ReadError::NotAFile);
            match read.and_then(|path| self.world.read(&path)) {
                Ok(bytes) => {
                    let limits = yaml::Limits::default();
                    let (_, nodes) = yaml::read(&mut self.files, &path, &bytes, &limits, self.out);
                    kinds.extend(nodes.into_iter().flatten().filter(|node| !node.is_null()));
                }
                Err(error) => self.unreadable(visible(&path).into_owned(), error),
            }
        }
        kinds
    }

    fn unreadable(&mut self, path: String, error: ReadError) {
        self.out.push(Fault::Unreadable { path, error });
    }

    fn environment(&mut self, name: &str) -> Option<EnvironmentDocuments> {
        if name == RESERVED_ENVIRONMENT {
            self.out.push(Fault::ReservedEnvironment);
            return None;
        }
        if !is_dns_label(name) {
            self.out.push(Fault::BadName { what: "environment", path: format!("environments/{name}") });
            return None;
        }
        let folder = ["environments", name];
        let environment =
            self.document(&[folder[0], folder[1], "environment.yaml"], "environment", Missing::IsAnError)?;
        for layer in ["defaults", "overrides"] {
            if let Some(node) = environment.get(layer) {
                schema("app").check(node, self.out);
            }
        }
        let versions = self.document(&[folder[0], folder[1], "versions.yaml"], "versions", Missing::IsFine);
        let manifests = self.manifests(&format!("environments/{name}"), None);
        let outputs = self.document(&[folder[0], folder[1], "outputs.json"], "outputs", Missing::IsFine);
        if let Some(outputs) = &outputs {
            infra::check(outputs, &mut self.files, self.out);
        }
        Some(EnvironmentDocuments { environment, versions, outputs, manifests })
    }

    fn app(
        &mut self,
        name: &str,
        environments: &BTreeMap<String, EnvironmentDocuments>,
    ) -> Option<AppDocuments> {
        if !is_dns_label(name) {
            self.out.push(Fault::BadName { what: "app", path: format!("apps/{name}") });
            return None;
        }
        let app = self.document(&["apps", name, "app.yaml"], "app", Missing::IsAnError)?;
        let folder = RepoPath::new(&format!("apps/{name}")).expect("a DNS label is a valid path");
        let mut found = BTreeMap::new();
        let mut entries = self.world.list(Some(&folder)).unwrap_or_default();
        entries.sort_unstable();
        let manifests = self.manifests(folder.as_str(), Some(&entries));
        for entry in entries {
            let Some(stem) = entry.name.strip_suffix(".yaml").filter(|stem| *stem != "app") else {
                continue;
            };
            if !environments.contains_key(stem) {
                self.out.push(Fault::FileWithoutEnvironment {
                    path: format!("apps/{name}/{}", entry.name),
                    known: environments.keys().cloned().collect(),
                });
            } else if let Some(document) =
                self.document(&["apps", name, &entry.name], "app", Missing::IsAnError)
            {
                found.insert(stem.to_string(), document);
            }
        }
        let config_schema = self.config_schema(name);
        Some(AppDocuments { app, environments: found, config_schema, manifests })
    }

    /// The documents of its own that an app or an environment has in its folder, which contains `entries`.
    fn manifests(&mut self, folder: &str, entries: Option<&[Entry]>) -> Manifests {
        let folder = RepoPath::new(folder).expect("a DNS label is a valid path");
        let listed = match entries {
            Some(_) => Vec::new(),
            None => self.world.list(Some(&folder)).unwrap_or_default(),
        };
        manifests::read(self.world, &folder, entries.unwrap_or(&listed), &mut self.files, self.out)
    }

    /// The packs of platforms that the selection is for; of everything, all.
    fn packs(
        &mut self,
        selection: &Selection,
        environments: &BTreeMap<String, EnvironmentDocuments>,
    ) -> Packs {
        let names = self.folders(PLATFORMS);
        let wanted = packs::wanted(selection, environments);
        let mut read = BTreeMap::new();
        for name in &names {
            if !is_dns_label(name) {
                let path = format!("{PLATFORMS}/{}", visible(name));
                self.out.push(Fault::BadName { what: "platform", path });
            } else if selection.is_everything() || wanted.contains(name.as_str()) {
                read.extend(self.pack(name).map(|pack| (name.clone(), pack)));
            }
        }
        Packs { names, read }
    }

    fn pack(&mut self, name: &str) -> Option<OwnPack> {
        let description = self.document(&[PLATFORMS, name, DESCRIPTION], "platform", Missing::IsAnError)?;
        let folder = RepoPath::new(&format!("{PLATFORMS}/{name}")).expect("a DNS label is a valid path");
        let mut reader = manifests::Reader { world: self.world, files: &mut self.files, out: self.out };
        Some(packs::read(&folder, description, &mut reader))
    }

    fn config_schema(&mut self, app: &str) -> Option<Arc<ConfigSchema>> {
        let path = format!("apps/{app}/{SCHEMA_FILE}");
        let in_repo = RepoPath::new(&path).expect("a DNS label is a valid path");
        match self.world.read(&in_repo) {
            Ok(bytes) => ConfigSchema::read(&mut self.files, &path, &bytes, self.out).map(Arc::new),
            Err(ReadError::NotFound) => None,
            Err(error) => {
                self.out.push(Fault::Unreadable { path, error });
                None
            }
        }
    }

    /// Reads one document and holds it against its schema.
    fn document(&mut self, path: &[&str], kind: &str, missing: Missing) -> Option<Document> {
        let path = path.join("/");
        let bytes =
            match RepoPath::new(&path).map_err(|_| ReadError::NotFound).and_then(|p| self.world.read(&p)) {
                Ok(bytes) => bytes,
                Err(ReadError::NotFound) if missing == Missing::IsFine => return None,
                Err(ReadError::NotFound) => {
                    self.out.push(Fault::MissingFile { path, repo: self.world.describe() });
                    return None;
                }
                Err(error) => {
                    self.out.push(Fault::Unreadable { path, error });
                    return None;
                }
            };
        let (file, nodes) = yaml::read(&mut self.files, &path, &bytes, &yaml::Limits::default(), self.out);
        let mut nodes = nodes?;
        if nodes.len() > 1 {
            self.out.push(Fault::SeveralDocuments { second: nodes[1].span });
            return None;
        }
        let node = match nodes.pop() {
            Some(node) if !node.is_null() => node,
            _ => empty_mapping(file),
        };
        if node.as_map().is_none() {
            self.out.push(Fault::NotAMapping { span: node.span, found: node.describe() });
            return None;
        }
        schema(kind).check(&node, self.out);
        if let Some(layer) = node.get("defaults").filter(|_| kind == "sealwright") {
            schema("app").check(layer, self.out);
        }
        Some(Document { file, path, node })
    }
}

/// What the layers that are common to all apps name in `depends_on`.
fn common_dependencies(
    root: &Document,
    environments: &BTreeMap<String, EnvironmentDocuments>,
) -> Vec<String> {
    let environments = environments.values().map(|documents| &documents.environment);
    std::iter::once(root)
        .chain(environments)
        .flat_map(|document| waves::named_in(document, &["/defaults", "/overrides"]))
        .map(str::to_string)
        .collect()
}

/// An empty file says nothing, as an empty mapping does.
fn empty_mapping(file: FileId) -> Node {
    Node { kind: Kind::Map(Map::new()), span: Span::new(file, 0, 0), alias: None, anchored: false }
}
