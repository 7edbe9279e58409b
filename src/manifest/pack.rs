//! A platform pack: which documents an environment and its units become, the templates that make them,
//! and where a secret may stand in them. Packs are data; the built-in ones use nothing else.

use std::collections::{BTreeMap, HashMap};
use std::error::Error as _;
use std::sync::Arc;

use minijinja::{Environment, ErrorKind};

use super::artifact::Artifact;
use super::built_in;
use super::decisions;
use super::engine;
use super::fault::Fault;
use super::lacks::Lack;
use super::outputs::Outputs;
use super::own_documents::{LIBRARY, OwnDocuments, joined};
use super::reference::ReferenceRow;
use super::sink::Sink;
use super::token::{self, Tokens};
use super::validate::family::Family;
use super::validate::json_schema::JsonSchema;
use crate::config::expression;
use crate::config::packs::{DESCRIPTION, PackFile, SCHEMA_END};
use crate::config::repo::Repo;
use crate::config::secret::Encoding;
use crate::source::diagnostic::Diagnostics;
use crate::source::files::Files;
use crate::source::node::Node;
use crate::source::span::{FileId, Span};
use crate::source::yaml;

/// A pack that is ready to render.
#[derive(Debug)]
pub struct Pack {
    /// The platform's name.
    pub name: String,
    /// What it makes, in order.
    pub documents: Vec<PackDocument>,
    /// What the repo adds to it.
    pub own: OwnDocuments,
    /// Where secrets may stand.
    pub sinks: Vec<Sink>,
    /// What the platform dereferences itself.
    pub references: Vec<ReferenceRow>,
    /// With which encodings its references are composed with text and with each other; `None` if they aren't.
    pub composes: Option<Vec<Encoding>>,
    /// The keys to fields of a workload that name secrets which the platform's documents refer to; `*` is any one.
    pub receives: Vec<Vec<String>>,
    /// What the platform has not.
    pub lacks: Vec<Lack>,
    /// The schemas that rows name; an [`Artifact`] has the number of its own.
    pub row_schemas: Vec<JsonSchema>,
    /// What its documents are held against, if anything.
    pub schemas: Option<&'static Family>,
    /// The engine with all templates compiled.
    pub engine: Environment<'static>,
    /// The tokens of this run.
    pub tokens: Tokens,
    /// What its templates printed.
    pub outputs: Outputs,
    /// Template sources by name, for places in diagnostics.
    files: HashMap<Arc<str>, FileId>,
}

/// One template of a pack.
#[derive(Clone, Debug)]
pub struct PackDocument {
    /// The template's name.
    pub template: Arc<str>,
    /// Whether it is made once an environment instead of once a unit.
    pub per_environment: bool,
    /// An expression that says whether it is made at all.
    pub when: Option<String>,
    /// What they are and where they go.
    pub artifact: Arc<Artifact>,
    /// Where the pack names the template; for a template of the repo its first byte.
    pub named: Span,
    /// Where the condition stands; without one the row.
    pub span: Span,
}

impl Pack {
    /// Loads the pack of a platform: the repo's own, else the built-in one. `None` when there is none or it is
    /// broken, and why is in `out`.
    pub fn load(name: &str, at: Span, repo: &mut Repo, out: &mut Diagnostics) -> Option<Pack> {
        if let Some(own) = repo.packs.get(name) {
            return Pack::of(name, &own.description.node, &own.templates, &own.schemas, &repo.files, out);
        }
        let Some(sources) = built_in::files(name) else {
            let known = known_platforms(repo).map(ToString::to_string).collect();
            out.push(Fault::UnknownPlatform { name: name.to_string(), span: at, known });
            return None;
        };
        Pack::from_sources(name, sources, &mut repo.files, out)
    }

    /// A pack of these files: one is `platform.yaml`, the others are templates. `None` when it is broken,
    /// and why is in `out`.
    pub fn from_sources(
        name: &str,
        sources: &[(&str, &str)],
        files: &mut Files,
        out: &mut Diagnostics,
    ) -> Option<Pack> {
        let mut description = None;
        let (mut templates, mut schemas) = (Vec::new(), BTreeMap::new());
        for (file_name, text) in sources {
            let file = files.add(format!("<{name}>/{file_name}"), *text);
            if *file_name == DESCRIPTION {
                description = yaml::parse(file, text, &yaml::Limits::default(), out)?.into_iter().next();
            } else if file_name.ends_with(SCHEMA_END) {
                let schema = yaml::parse(file, text, &yaml::Limits::default(), out)?.into_iter().next()?;
                schemas.insert((*file_name).to_string(), schema);
            } else {
                templates.push(PackFile { name: (*file_name).to_string(), file });
            }
        }
        Pack::of(name, &description?, &templates, &schemas, files, out)
    }

    /// The pack that a description, which keeps to the schema of platform.yaml, makes of templates.
    fn of(
        name: &str,
        description: &Node,
        templates: &[PackFile],
        schemas: &BTreeMap<String, Node>,
        files: &Files,
        out: &mut Diagnostics,
    ) -> Option<Pack> {
        let tokens = Tokens::random();
        let mut engine = engine::new(&tokens);
        engine.set_path_join_callback(joined);
        let mut pack = Pack {
            name: name.to_string(),
            documents: Vec::new(),
            own: OwnDocuments::default(),
            sinks: Vec::new(),
            references: Vec::new(),
            composes: None,
            receives: Vec::new(),
            lacks: Vec::new(),
            row_schemas: Vec::new(),
            schemas: None,
            engine,
            tokens,
            outputs: Outputs::default(),
            files: HashMap::new(),
        };
        pack.read_description(description, schemas, out)?;
        let sources: Vec<decisions::Source<'_>> = templates
            .iter()
            .map(|template| (template.name.as_str(), template.file, &*files.get(template.file).text))
            .collect();
        let mut is_whole = true;
        for (name, file, text) in &sources {
            is_whole &= pack.add_template(name, *file, text, out).is_some();
        }
        is_whole &= pack.rows_hold(&sources, out);
        if !is_whole {
            return None;
        }
        let conditions: Vec<(Span, &str)> = pack
            .documents
            .iter()
            .filter_map(|document| Some((document.span, document.when.as_deref()?)))
            .collect();
        let mut found = Diagnostics::default();
        decisions::check(&sources, &conditions, pack.engine.syntax(), &mut found);
        let is_fine = !found.has_errors();
        out.extend(found);
        is_fine.then_some(pack)
    }

    /// Compiles a template. `None` when it can't be, and why is in `out`.
    pub fn add_template(
        &mut self,
        name: &str,
        file: FileId,
        text: &str,
        out: &mut Diagnostics,
    ) -> Option<()> {
        self.files.insert(name.into(), file);
        if let Some(at) = text.find([token::OPEN, token::CLOSE]) {
            let at = u32::try_from(at).unwrap_or(0);
            let width = u32::try_from(token::OPEN.len_utf8()).unwrap_or(0);
            out.push(Fault::ReservedCharacter { span: Span::new(file, at, at + width) });
            return None;
        }
        if let Some(place) = expression::too_nested(text, false, self.engine.syntax()) {
            let span = Some(Span::new(file, place.start_offset, place.end_offset));
            out.push(Fault::Template { span, detail: "it is nested too deeply".into() });
            return None;
        }
        if let Err(error) = self.engine.add_template_owned(name.to_string(), text.to_string()) {
            out.push(self.template_fault(&error));
            return None;
        }
        Some(())
    }

    /// The place of a template error, and its words.
    pub fn template_fault(&self, error: &minijinja::Error) -> Fault {
        let error = innermost(error);
        let detail = match error.kind() {
            ErrorKind::OutOfFuel => "it takes more steps or makes more text than a template may".to_string(),
            kind => error.detail().map_or_else(|| kind.to_string(), without_literals),
        };
        Fault::Template { span: self.place(error), detail }
    }

    /// The place of a template error.
    pub fn place(&self, error: &minijinja::Error) -> Option<Span> {
        let error = innermost(error);
        let offset = |n: usize| u32::try_from(n).unwrap_or(0);
        let range = error.range().unwrap_or(0..0);
        let file = self.file(error.name()?)?;
        Some(Span::new(file, offset(range.start), offset(range.end)))
    }

    /// The file of a template.
    pub fn file(&self, template: &str) -> Option<FileId> {
        self.files.get(template).copied()
    }

    /// The number of the schema that a row names, each read once.
    fn row_schema(
        &mut self,
        named: &Node,
        schemas: &BTreeMap<String, Node>,
        numbers: &mut HashMap<String, usize>,
        out: &mut Diagnostics,
    ) -> Option<usize> {
        let name = named.as_text()?.to_string();
        if let Some(number) = numbers.get(&name) {
            return Some(*number);
        }
        let Some(schema) = schemas.get(&name) else {
            let known = schemas.keys().cloned().collect();
            out.push(Fault::MissingInPack { span: named.span, what: "schema", name, known });
            return None;
        };
        match JsonSchema::read(schema) {
            Ok(schema) => {
                self.row_schemas.push(schema);
                numbers.insert(name, self.row_schemas.len() - 1);
                Some(self.row_schemas.len() - 1)
            }
            Err((at, reason)) => {
                out.push(Fault::BadRowSchema { span: at.place(), reason });
                None
            }
        }
    }

    /// Whether every row has its template and a condition that can be read, and every template a use.
    fn rows_hold(&self, sources: &[decisions::Source<'_>], out: &mut Diagnostics) -> bool {
        let before = out.error_count();
        for row in &self.documents {
            if !sources.iter().any(|(name, ..)| *name == &*row.template) {
                out.push(Fault::MissingInPack {
                    span: row.named,
                    what: "template",
                    name: row.template.to_string(),
                    known: sources.iter().map(|(name, ..)| (*name).to_string()).collect(),
                });
            }
            let Some(condition) = &row.when else { continue };
            let detail = match expression::too_nested(condition, true, self.engine.syntax()) {
                Some(_) => "its condition is nested too deeply".to_string(),
                None => match self.engine.compile_expression(condition) {
                    Ok(_) => continue,
                    Err(error) => {
                        error.detail().map_or_else(|| error.kind().to_string(), ToString::to_string)
                    }
                },
            };
            out.push(Fault::Template { span: Some(row.span), detail });
        }
        for (name, file, _) in sources.iter().filter(|(name, ..)| *name != LIBRARY) {
            let is_named = |text: &str| ['"', '\''].iter().any(|q| text.contains(&format!("{q}{name}{q}")));
            if !self.documents.iter().any(|row| *row.template == **name)
                && !sources.iter().any(|(other, _, text)| other != name && is_named(text))
            {
                out.push(Fault::UnusedTemplate { span: Span::new(*file, 0, 0), name: (*name).to_string() });
            }
        }
        out.error_count() == before
    }

    fn read_description(
        &mut self,
        root: &Node,
        schemas: &BTreeMap<String, Node>,
        out: &mut Diagnostics,
    ) -> Option<()> {
        let text_of = |node: &Node, key: &str| node.get(key).and_then(Node::as_text).map(ToString::to_string);
        if let Some(node) = root.get("name").filter(|node| node.as_text().is_some_and(|n| **n != *self.name))
        {
            out.push(Fault::OtherPlatform { span: node.span, name: self.name.clone() });
            return None;
        }
        let mut numbers = HashMap::new();
        for node in root.get("documents").and_then(Node::as_list).unwrap_or_default() {
            let mut artifact = Artifact::read(node, out)?;
            if let Some(name) = node.get("schema").filter(|name| !name.is_null()) {
                artifact.schema = Some(self.row_schema(name, schemas, &mut numbers, out)?);
            }
            self.documents.push(PackDocument {
                template: text_of(node, "template")?.into(),
                per_environment: text_of(node, "per").as_deref() == Some("environment"),
                when: text_of(node, "when"),
                artifact: Arc::new(artifact),
                named: node.get("template").unwrap_or(node).place(),
                span: node.get("when").unwrap_or(node).place(),
            });
        }
        for (name, schema) in schemas.iter().filter(|(name, _)| !numbers.contains_key(name.as_str())) {
            out.push(Fault::UnusedTemplate { span: Span::new(schema.span.file, 0, 0), name: name.clone() });
        }
        if let Some(node) = root.get("schemas").filter(|node| !node.is_null()) {
            let name = node.as_text().map(ToString::to_string).unwrap_or_default();
            self.schemas = Family::of(&name);
            if self.schemas.is_none() {
                out.push(Fault::UnknownSchemas { name, span: node.span });
                return None;
            }
        }
        for node in root.get("sinks").and_then(Node::as_list).unwrap_or_default() {
            let sink = Sink::read(node, out)?;
            self.sinks.push(sink);
        }
        for node in root.get("references").and_then(Node::as_list).unwrap_or_default() {
            self.references.push(ReferenceRow::read(node, out)?);
        }
        if let Some(list) = root.get("composes").and_then(Node::as_list) {
            let mut encodings = Vec::new();
            for node in list {
                let encoding = node.as_text().and_then(|name| Encoding::of_filter(name));
                if encoding.is_none() {
                    out.push(Fault::BadReferenceRow { span: node.span });
                }
                encodings.push(encoding?);
            }
            self.composes = Some(encodings);
        }
        for node in root.get("receives").and_then(Node::as_list).unwrap_or_default() {
            let keys = node.as_text().map(|text| text.split('.').map(str::to_string).collect());
            self.receives.extend(keys);
        }
        for node in root.get("lacks").and_then(Node::as_list).unwrap_or_default() {
            self.lacks.push(Lack::read(node, out)?);
        }
        Some(())
    }
}

/// The platforms that a repo can be rendered for: the built-in ones and its own.
pub fn known_platforms(repo: &Repo) -> impl Iterator<Item = &str> {
    let is_new = |name: &&str| built_in::files(name).is_none();
    let built_in = built_in::platforms().map(|name| -> &str { name });
    built_in.chain(repo.packs.names.iter().map(String::as_str).filter(is_new))
}

/// The error that an included template or a block failed with.
/// What an error says of an expression, without the text by which that looks something up: source lines hide it too.
fn without_literals(detail: &str) -> String {
    let mut parts = detail.split("['");
    let mut kept = parts.next().unwrap_or_default().to_string();
    for part in parts {
        kept.push_str("[…]");
        kept.push_str(part.split_once("']").map_or("", |(_, behind)| behind));
    }
    kept
}

fn innermost(error: &minijinja::Error) -> &minijinja::Error {
    let mut error = error;
    while let Some(inner) = error.source().and_then(|source| source.downcast_ref::<minijinja::Error>()) {
        if inner.name().is_none() {
            break;
        }
        error = inner;
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::repo::schema;

    #[test]
    fn the_built_in_packs_load() {
        for name in built_in::platforms() {
            let (mut files, mut out) = (Files::default(), Diagnostics::default());
            let sources = built_in::files(name).unwrap();
            let pack = Pack::from_sources(name, sources, &mut files, &mut out).unwrap();
            let (_, text) = sources.iter().find(|(name, _)| *name == DESCRIPTION).unwrap();
            let nodes = yaml::parse(FileId(0), text, &yaml::Limits::default(), &mut out).unwrap();
            schema("platform").check(&nodes[0], &mut out);
            assert!(out.is_empty());
            for document in &pack.documents {
                assert!(pack.engine.get_template(&document.template).is_ok(), "{}", document.template);
            }
        }
    }
}
