//! An app's own schema of its config: `apps/APP/config.schema.json`.
//!
//! A value of `config` is a string by contract, so a schema that says `integer` or `boolean` judges what
//! the text means: `"8080"` is an integer, as YAML's core schema has it. The schema sees the names of all
//! variables that reach the container; of those that are secrets it never sees a value.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::fault::Fault;
use super::layered::Layered;
use super::repo::Repo;
use super::secret::Secrets;
use super::stack::{Stack, layers_of};
use super::tree::Tree;
use super::typed_secrets;
use crate::source::core_schema::resolve;
use crate::source::diagnostic::{Diagnostic, Diagnostics};
use crate::source::files::Files;
use crate::source::json_pointer::pointer_path;
use crate::source::mask;
use crate::source::node::{Entry, Kind, Map, Node, Scalar, ScalarType, Style};
use crate::source::schema::{Schema, SchemaError};
use crate::source::schema_circle::doubles;
use crate::source::schema_cost::cost;
use crate::source::schema_cursor::Cursor;
use crate::source::span::{FileId, Span};
use crate::source::yaml;

/// The name of the file in an app's folder.
pub const SCHEMA_FILE: &str = "config.schema.json";
/// Up to how many bytes it may have.
const MAX_BYTES: usize = 1 << 20;
/// Up to how many objects it may have with every `$ref` written out.
const MAX_COST: u64 = 5_000;
/// How many of the values that a wrong one replaces are shown.
const SHADOWED_SHOWN: usize = 2;

/// Why a schema that the repo brings can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaFault {
    /// More bytes than the limit.
    #[error("it is larger than 1 MiB")]
    TooLarge,
    /// Its `$ref`s make it larger than the limit, or can't be followed.
    #[error("its `$ref`s repeat too much, nest too deeply, or aren't pointers within the file (`#/…`)")]
    TooCostly,
    /// It names keys by patterns where that can't be.
    #[error("it has `patternProperties`")]
    Patterns,
    /// It speaks of a key that has a meaning already.
    #[error("`{name}` means the same on every platform")]
    Taken {
        /// The key.
        name: String,
    },
    /// What compiling it says.
    #[error(transparent)]
    Schema(#[from] SchemaError),
}

/// The schema of an app's config, compiled once for all of its units.
pub struct ConfigSchema {
    file: FileId,
    app: String,
    schema: Schema,
    /// The same text as a tree with places, if it can be read as one.
    source: Option<Node>,
}

impl ConfigSchema {
    /// Reads a schema. `None` when it can't be used, and why is in `out`.
    pub fn read(files: &mut Files, path: &str, bytes: &[u8], out: &mut Diagnostics) -> Option<ConfigSchema> {
        let bad = |span, fault| Fault::BadConfigSchema { span, fault };
        let (file, source) = register(files, path, bytes, bad, out)?;
        let text = files.get(file).text.clone();
        let app = path.split('/').nth(1).unwrap_or_default().to_string();
        match compile(&text) {
            Ok(schema) => Some(ConfigSchema { file, app, schema, source }),
            Err(fault) => {
                let span = fault_place(&fault, file, &text, source.as_ref());
                out.push(bad(span, fault));
                None
            }
        }
    }

    /// Whether a variable is a secret: `writeOnly`, `format: password` or `x-secret`.
    pub fn is_secret(&self, name: &str) -> bool {
        self.schema.cursor().child(name).is_secret()
    }

    /// Holds a unit's config against it: the values with everything filled in, each finding at the layer
    /// whose value counts.
    pub fn check(&self, stack: &Stack, workload: &Tree, secrets: &Secrets, out: &mut Diagnostics) {
        let config = stack.tree.get("config");
        let mut unseen = HashSet::new();
        let mut places: BTreeMap<Span, (&str, &Layered)> = BTreeMap::new();
        let mut map = Map::new();
        for (name, value) in config.into_iter().flat_map(Layered::entries) {
            let span = value.origin.span;
            if self.is_secret(name) {
                let schema = self.place_of(name);
                out.push(Fault::SecretInConfig {
                    span,
                    name: name.to_string(),
                    schema,
                    app: self.app.clone(),
                });
                unseen.insert(pointer_path(&[name]));
            }
            let text = workload.at(&["config", name]).and_then(Tree::as_text);
            if text.is_none() {
                // It has no value; why was said already.
                unseen.insert(pointer_path(&[name]));
            }
            let text = text.cloned().unwrap_or_default();
            places.insert(span, (&**name, value));
            map.insert(name.clone(), entry(text, &self.schema.cursor().child(name), span));
        }
        for (name, span) in variables(stack, secrets) {
            unseen.insert(pointer_path(&[&name]));
            map.entry(name).or_insert_with(|| entry("".into(), &self.schema.cursor(), span));
        }
        let root = Node {
            kind: Kind::Map(map),
            span: config.unwrap_or(&stack.tree).origin.span,
            alias: None,
            anchored: false,
        };
        let mut found = Diagnostics::default();
        self.schema.check_where(&root, &|path| !unseen.contains(path), &mut found);
        for diagnostic in found.sorted() {
            out.push(self.placed(diagnostic, &places));
        }
    }

    /// A finding with what the schema says, and with the values that the wrong one replaces.
    fn placed(&self, mut found: Diagnostic, places: &BTreeMap<Span, (&str, &Layered)>) -> Diagnostic {
        // The place is that of a value, also where the finding is about a key.
        found.fix = None;
        let value = found.span().and_then(|span| places.get(&span));
        for origin in value.into_iter().flat_map(|(_, value)| &value.shadowed).take(SHADOWED_SHOWN) {
            found = found.at(origin.span, "which this replaces");
        }
        let schema = value.map_or(Span::new(self.file, 0, 0), |(name, _)| self.place_of(name));
        found = found.at(schema, "the app's schema asks for it");
        if found.code == "missing-key" {
            return found.help("add it under `config:`, or declare a secret of that name");
        }
        found
    }

    /// Where the schema speaks of a variable.
    fn place_of(&self, name: &str) -> Span {
        let properties = self.source.as_ref().and_then(|node| node.get("properties")).and_then(Node::as_map);
        let key = properties.and_then(|properties| properties.get(name)).map(|entry| entry.key);
        key.unwrap_or(Span::new(self.file, 0, 0))
    }
}

impl fmt::Debug for ConfigSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfigSchema").field("app", &self.app).finish_non_exhaustive()
    }
}

/// Hides in all files what the schemas of their apps say to be secret, before anything shows a line.
pub fn mask_secrets(repo: &mut Repo) {
    let mut hidden = Vec::new();
    for app in repo.apps.values() {
        let Some(schema) = &app.config_schema else { continue };
        let own = std::iter::once(&app.app).chain(app.environments.values()).map(|d| (d, &[""][..]));
        let shared = repo.environments.values().map(|e| (&e.environment, &["/defaults", "/overrides"][..]));
        for (document, roots) in own.chain(shared).chain([(&repo.root, &["/defaults"][..])]) {
            for (_, layer) in layers_of(document, roots) {
                for (name, entry) in layer.get("config").and_then(Node::as_map).into_iter().flatten() {
                    if schema.is_secret(name) {
                        let text = &repo.files.get(document.file).text;
                        hidden.extend(
                            mask::of_node(text, &entry.value).into_iter().map(|r| (document.file, r)),
                        );
                    }
                }
            }
        }
    }
    for (file, range) in hidden {
        repo.files.mask(file, range);
    }
}

/// Adds the file of a schema, and reads it as a tree with places, if it is one. `None` when it is no text or too
/// large, and why is in `out`.
pub(super) fn register(
    files: &mut Files,
    path: &str,
    bytes: &[u8],
    bad: fn(Span, SchemaFault) -> Fault,
    out: &mut Diagnostics,
) -> Option<(FileId, Option<Node>)> {
    let limits = yaml::Limits { bytes: MAX_BYTES, ..yaml::Limits::default() };
    let mut unread = Diagnostics::default();
    let (file, nodes) = yaml::read(files, path, bytes, &limits, &mut unread);
    if bytes.len() > MAX_BYTES {
        out.push(bad(Span::new(file, 0, 0), SchemaFault::TooLarge));
        return None;
    }
    if std::str::from_utf8(bytes).is_err() {
        out.extend(unread);
        return None;
    }
    Some((file, nodes.and_then(|nodes| nodes.into_iter().next())))
}

/// The schema that a text of the repo writes, if it costs no more than it may.
pub(super) fn compile(text: &str) -> Result<Schema, SchemaFault> {
    // What isn't JSON, compiling says with its place.
    let document = serde_json::from_str::<Value>(text).ok();
    // Ways through a circle are looked for only where `cost` has seen that no nesting is too deep.
    let is_costly = |document: &Value| cost(document).is_none_or(|cost| cost > MAX_COST) || doubles(document);
    if document.is_some_and(|document| is_costly(&document)) {
        return Err(SchemaFault::TooCostly);
    }
    Ok(Schema::compile(text)?)
}

/// Where in the text a fault is.
pub(super) fn fault_place(fault: &SchemaFault, file: FileId, text: &str, source: Option<&Node>) -> Span {
    let start = Span::new(file, 0, 0);
    let pointer = match fault {
        SchemaFault::Schema(SchemaError::NotJson { line, column }) => {
            let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
            let at = (before + column.saturating_sub(1)).min(text.len());
            let at = u32::try_from(text.floor_char_boundary(at)).unwrap_or(0);
            return Span::new(file, at, at);
        }
        SchemaFault::Schema(
            SchemaError::Elsewhere { at } | SchemaError::Pattern { at } | SchemaError::Invalid { at },
        ) => at,
        _ => return start,
    };
    let steps = pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~"));
    let mut node = source;
    for step in steps {
        node = node.and_then(|node| match &node.kind {
            Kind::Map(map) => map.get(step.as_str()).map(|entry| &entry.value),
            Kind::List(items) => step.parse::<usize>().ok().and_then(|i| items.get(i)),
            Kind::Scalar(_) => None,
        });
    }
    node.map_or(start, |node| node.span)
}

/// A variable as the schema sees it: of the type that its text has, where the schema names that type.
fn entry(text: Arc<str>, place: &Cursor<'_>, span: Span) -> Entry {
    let types = place.types();
    let ty = match resolve(&text) {
        ScalarType::Int if types.contains(&"integer") || types.contains(&"number") => ScalarType::Int,
        ScalarType::Float if types.contains(&"number") || types.contains(&"integer") => ScalarType::Float,
        ScalarType::Bool if types.contains(&"boolean") => ScalarType::Bool,
        _ => ScalarType::Text,
    };
    let kind = Kind::Scalar(Scalar { text, style: Style::Plain, ty });
    Entry { key: span, value: Node { kind, span, alias: None, anchored: false } }
}

/// The variables of the unit's secrets, those too whose value can't be read.
fn variables(stack: &Stack, secrets: &Secrets) -> BTreeMap<Arc<str>, Span> {
    let unnamed = |node: &Layered| node.get("env").is_none() && node.get("file").is_none();
    let typed = typed_secrets::named(stack);
    let declared = stack.secrets().filter(|(name, node, _)| unnamed(node) && !typed.contains(name));
    let declared = declared.map(|(name, node, _)| (name.into(), node.origin.span));
    let read = secrets.iter().filter_map(|(_, secret)| Some((secret.variable.clone()?, secret.span)));
    read.chain(declared).collect()
}
