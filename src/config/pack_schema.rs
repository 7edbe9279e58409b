//! What a pack of the repo says of `platforms.NAME`: its `app.schema.json` and `environment.schema.json`.
//!
//! A layer may be partial and may take away by `null`, so what has to be there is asked of what all layers
//! make together; all else of each layer where it stands.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use super::config_schema::{self, SchemaFault};
use super::fault::Fault;
use super::layered::{Layered, LayeredKind};
use super::repo::app_place;
use super::settings::settings_place;
use crate::source::diagnostic::Diagnostics;
use crate::source::files::Files;
use crate::source::node::{Entry, Kind, Map, Node};
use crate::source::schema::Schema;
use crate::source::schema_cursor::Cursor;
use crate::source::schema_place::Place;
use crate::source::span::Span;

/// The code of a finding that belongs to no layer alone.
const MISSING: &str = "missing-key";

/// Whose `platforms.NAME` a schema speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Layers of apps.
    App,
    /// Environments.
    Environment,
}

/// A schema of a pack, compiled.
#[derive(Clone, Copy, Debug)]
pub struct PackSchema {
    kept: &'static Kept,
}

#[derive(Debug)]
struct Kept {
    schema: Schema,
    place: Mutex<Option<&'static Place<'static>>>,
}

impl PackSchema {
    /// Reads a schema. `None` when it can't be used, and why is in `out`.
    pub fn read(
        files: &mut Files,
        path: &str,
        bytes: &[u8],
        of: Of,
        out: &mut Diagnostics,
    ) -> Option<PackSchema> {
        let (file, source) = config_schema::register(files, path, bytes, bad, out)?;
        let text = files.get(file).text.clone();
        let kept = match keep(&text) {
            Ok(kept) => kept,
            Err(fault) => {
                let span = config_schema::fault_place(&fault, file, &text, source.as_ref());
                out.push(bad(span, fault));
                return None;
            }
        };
        let platform = path.split('/').nth(1).unwrap_or_default();
        for key in kept.schema.cursor().keys().into_iter().filter(|key| is_core(of, platform, key)) {
            let properties = source.as_ref().and_then(|node| node.get("properties")).and_then(Node::as_map);
            let place = properties.and_then(|properties| properties.get(key)).map(|entry| entry.key);
            let span = place.unwrap_or(Span::new(file, 0, 0));
            out.push(bad(span, SchemaFault::Taken { name: key.to_string() }));
        }
        Some(PackSchema { kept })
    }

    /// What it says.
    pub fn cursor(self) -> Cursor<'static> {
        self.kept.schema.cursor()
    }

    /// What it says, looked at once for all units.
    pub fn place(self) -> &'static Place<'static> {
        let mut place = self.kept.place.lock().unwrap_or_else(PoisonError::into_inner);
        place.get_or_insert_with(|| Box::leak(Box::new(Place::of(self.kept.schema.cursor()))))
    }

    /// Holds `platforms.NAME` of one layer against it.
    pub fn check_layer(self, of: Of, platform: &str, layer: &Node, out: &mut Diagnostics) {
        if layer.as_map().is_none() {
            return;
        }
        let own = without_nulls(layer, &|key| !is_core(of, platform, key));
        let mut found = Diagnostics::default();
        self.kept.schema.check(&own, &mut found);
        for diagnostic in found.sorted().into_iter().filter(|found| found.code != MISSING) {
            out.push(diagnostic);
        }
    }

    /// Calls `found` with every value of a layer's `platforms.NAME` that it says to be secret, and with its key.
    pub fn visit_secrets<'n>(
        self,
        of: Of,
        platform: &str,
        layer: &'n Node,
        found: &mut dyn FnMut(&'n str, &'n Node),
    ) {
        let own = layer.as_map().into_iter().flatten().filter(|(key, _)| !is_core(of, platform, key));
        own.for_each(|(key, entry)| secrets(key, &entry.value, &self.cursor().child(key), found));
    }

    /// Says what all layers together lack. `place` is where what the whole lacks is reported.
    pub fn check_whole<'l>(
        self,
        entries: impl Iterator<Item = (&'l Arc<str>, &'l Layered)>,
        platform: &str,
        place: Span,
        out: &mut Diagnostics,
    ) {
        let map: Map = entries.map(|(key, value)| (key.clone(), entry(value))).collect();
        let root = Node { kind: Kind::Map(map), span: place, alias: None, anchored: false };
        let mut found = Diagnostics::default();
        self.kept.schema.check(&root, &mut found);
        for diagnostic in found.sorted().into_iter().filter(|found| found.code == MISSING) {
            out.push(diagnostic.help(format!("the pack asks for it under `platforms.{platform}`")));
        }
    }
}

/// Reads a schema that rows of a pack name as a tree with places.
pub(super) fn read_tree(files: &mut Files, path: &str, bytes: &[u8], out: &mut Diagnostics) -> Option<Node> {
    let (file, source) = config_schema::register(files, path, bytes, bad, out)?;
    // It is compiled for its faults alone: what validates documents reads the tree.
    let text = files.get(file).text.clone();
    if let Err(fault) = config_schema::compile(&text) {
        let span = config_schema::fault_place(&fault, file, &text, source.as_ref());
        out.push(bad(span, fault));
        return None;
    }
    source
}

/// Whether a key of `platforms.NAME` has the same meaning on every platform, or on this one without any pack
/// of the repo.
pub fn is_core(of: Of, platform: &str, key: &str) -> bool {
    match of {
        Of::App => app_place().child("platforms").child(platform).knows(key),
        Of::Environment => settings_place(platform).knows(key),
    }
}

fn bad(span: Span, fault: SchemaFault) -> Fault {
    Fault::BadPackSchema { span, fault }
}

/// Schemas are kept as long as the program runs, as its own are: each text is compiled once, however often a
/// repo is read.
fn keep(text: &Arc<str>) -> Result<&'static Kept, SchemaFault> {
    static ALL: LazyLock<Mutex<HashMap<Arc<str>, &'static Kept>>> = LazyLock::new(Mutex::default);
    let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(kept) = all.get(text) {
        return Ok(kept);
    }
    let schema = config_schema::compile(text)?;
    if schema.has_patterns() {
        return Err(SchemaFault::Patterns);
    }
    let kept: &'static Kept = Box::leak(Box::new(Kept { schema, place: Mutex::default() }));
    all.insert(text.clone(), kept);
    Ok(kept)
}

/// A mapping with the keys that are `wanted`, without what its layer takes away.
fn without_nulls(node: &Node, wanted: &dyn Fn(&str) -> bool) -> Node {
    let kind = match &node.kind {
        Kind::Map(map) => {
            let told = map.iter().filter(|(key, entry)| wanted(key) && !entry.value.is_null());
            let told = told.map(|(key, entry)| {
                (key.clone(), Entry { key: entry.key, value: without_nulls(&entry.value, &|_| true) })
            });
            Kind::Map(told.collect())
        }
        kind => kind.clone(),
    };
    Node { kind, span: node.span, alias: node.alias, anchored: node.anchored }
}

fn secrets<'n>(key: &'n str, node: &'n Node, place: &Cursor<'_>, found: &mut dyn FnMut(&'n str, &'n Node)) {
    if !place.is_known() {
        return;
    }
    if place.is_secret() && !place.is_secret_name() {
        if !node.is_null() {
            found(key, node);
        }
        return;
    }
    match &node.kind {
        Kind::Map(map) => {
            map.iter().for_each(|(key, entry)| secrets(key, &entry.value, &place.child(key), found));
        }
        Kind::List(items) => items.iter().for_each(|item| secrets(key, item, &place.item(), found)),
        Kind::Scalar(_) => {}
    }
}

fn entry(value: &Layered) -> Entry {
    let span = value.origin.span;
    let kind = match &value.kind {
        LayeredKind::Scalar(scalar) => Kind::Scalar(scalar.clone()),
        LayeredKind::List(items) => Kind::List(items.iter().map(|item| entry(item).value).collect()),
        LayeredKind::Map(_) => {
            Kind::Map(value.entries().map(|(key, value)| (key.clone(), entry(value))).collect())
        }
        LayeredKind::Removed => Kind::Map(Map::new()),
    };
    Entry { key: span, value: Node { kind, span, alias: None, anchored: false } }
}
