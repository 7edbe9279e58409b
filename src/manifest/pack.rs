//! A platform pack: which documents an environment and its units become, the templates that make them,
//! and where a secret may stand in them. Packs are data; the built-in ones use nothing else.

use std::collections::HashMap;
use std::error::Error as _;
use std::sync::Arc;

use minijinja::{Environment, ErrorKind};

use super::artifact::Artifact;
use super::decisions;
use super::engine;
use super::fault::Fault;
use super::lacks::Lack;
use super::outputs::Outputs;
use super::own_documents::{OwnDocuments, joined};
use super::reference::ReferenceRow;
use super::sink::Sink;
use super::token::{self, Tokens};
use super::validate::family::Family;
use crate::config::expression;
use crate::config::secret::Encoding;
use crate::source::diagnostic::Diagnostics;
use crate::source::files::Files;
use crate::source::node::Node;
use crate::source::span::{FileId, Span};
use crate::source::yaml;

/// The files of a built-in pack: names and contents.
type PackFiles = &'static [(&'static str, &'static str)];

/// The built-in packs. A new platform is a folder and a row.
const BUILT_IN: [(&str, PackFiles); 2] = [
    (
        "compose",
        &[
            ("platform.yaml", include_str!("../platforms/compose/platform.yaml")),
            ("lib.yaml", include_str!("../platforms/compose/lib.yaml")),
            ("health.yaml", include_str!("../platforms/compose/health.yaml")),
            ("labels.yaml", include_str!("../platforms/compose/labels.yaml")),
            ("mounts.yaml", include_str!("../platforms/compose/mounts.yaml")),
            ("network.yaml", include_str!("../platforms/compose/network.yaml")),
            ("rights.yaml", include_str!("../platforms/compose/rights.yaml")),
            ("service.yaml", include_str!("../platforms/compose/service.yaml")),
            ("project.yaml", include_str!("../platforms/compose/project.yaml")),
            ("services.yaml", include_str!("../platforms/compose/services.yaml")),
            ("secrets.yaml", include_str!("../platforms/compose/secrets.yaml")),
            ("files.yaml", include_str!("../platforms/compose/files.yaml")),
            ("secret-files.yaml", include_str!("../platforms/compose/secret-files.yaml")),
        ],
    ),
    (
        "kubernetes",
        &[
            ("platform.yaml", include_str!("../platforms/kubernetes/platform.yaml")),
            ("lib.yaml", include_str!("../platforms/kubernetes/lib.yaml")),
            ("container.yaml", include_str!("../platforms/kubernetes/container.yaml")),
            ("pod.yaml", include_str!("../platforms/kubernetes/pod.yaml")),
            ("namespace.yaml", include_str!("../platforms/kubernetes/namespace.yaml")),
            ("service-account.yaml", include_str!("../platforms/kubernetes/service-account.yaml")),
            ("config-map.yaml", include_str!("../platforms/kubernetes/config-map.yaml")),
            ("secret.yaml", include_str!("../platforms/kubernetes/secret.yaml")),
            (
                "persistent-volume-claim.yaml",
                include_str!("../platforms/kubernetes/persistent-volume-claim.yaml"),
            ),
            ("typed-secret.yaml", include_str!("../platforms/kubernetes/typed-secret.yaml")),
            ("service.yaml", include_str!("../platforms/kubernetes/service.yaml")),
            ("headless-service.yaml", include_str!("../platforms/kubernetes/headless-service.yaml")),
            ("deployment.yaml", include_str!("../platforms/kubernetes/deployment.yaml")),
            ("stateful-set.yaml", include_str!("../platforms/kubernetes/stateful-set.yaml")),
            ("job.yaml", include_str!("../platforms/kubernetes/job.yaml")),
            ("cron-job.yaml", include_str!("../platforms/kubernetes/cron-job.yaml")),
            (
                "horizontal-pod-autoscaler.yaml",
                include_str!("../platforms/kubernetes/horizontal-pod-autoscaler.yaml"),
            ),
            (
                "pod-disruption-budget.yaml",
                include_str!("../platforms/kubernetes/pod-disruption-budget.yaml"),
            ),
            ("ingress.yaml", include_str!("../platforms/kubernetes/ingress.yaml")),
            ("placement.yaml", include_str!("../platforms/kubernetes/placement.yaml")),
            ("order.yaml", include_str!("../platforms/kubernetes/order.yaml")),
        ],
    ),
];

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
    /// What the platform has not.
    pub lacks: Vec<Lack>,
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
    /// Where the pack says so; for a template of the repo its first byte.
    pub span: Span,
}

/// The names of the platforms that can be rendered.
pub fn platforms() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|(name, _)| *name)
}

impl Pack {
    /// Loads a pack. `None` when there is no such platform or the pack is broken, and why is in `out`.
    pub fn load(name: &str, at: Span, files: &mut Files, out: &mut Diagnostics) -> Option<Pack> {
        let Some((_, sources)) = BUILT_IN.iter().find(|(known, _)| *known == name) else {
            let known = platforms().map(ToString::to_string).collect();
            out.push(Fault::UnknownPlatform { name: name.to_string(), span: at, known });
            return None;
        };
        Pack::from_sources(name, sources, files, out)
    }

    /// A pack of these files: one is `platform.yaml`, the others are templates. `None` when it is broken,
    /// and why is in `out`.
    pub fn from_sources(
        name: &str,
        sources: &[(&str, &str)],
        files: &mut Files,
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
            lacks: Vec::new(),
            schemas: None,
            engine,
            tokens,
            outputs: Outputs::default(),
            files: HashMap::new(),
        };
        let mut templates: Vec<decisions::Source<'_>> = Vec::new();
        for (file_name, text) in sources {
            let file = files.add(format!("<{name}>/{file_name}"), *text);
            if *file_name == "platform.yaml" {
                pack.read_description(file, text, out)?;
                continue;
            }
            pack.add_template(file_name, file, text, out)?;
            templates.push((file_name, file, text));
        }
        if let Some(document) = pack.documents.iter().find(|document| {
            let condition = document.when.as_deref().unwrap_or_default();
            expression::too_nested(condition, true, pack.engine.syntax()).is_some()
        }) {
            let span = Some(document.span);
            out.push(Fault::Template { span, detail: "its condition is nested too deeply".into() });
            return None;
        }
        let conditions: Vec<(Span, &str)> = pack
            .documents
            .iter()
            .filter_map(|document| Some((document.span, document.when.as_deref()?)))
            .collect();
        let mut found = Diagnostics::default();
        decisions::check(&templates, &conditions, pack.engine.syntax(), &mut found);
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
            kind => error.detail().map_or_else(|| kind.to_string(), ToString::to_string),
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

    fn read_description(&mut self, file: FileId, text: &str, out: &mut Diagnostics) -> Option<()> {
        let nodes = yaml::parse(file, text, &yaml::Limits::default(), out)?;
        let root = nodes.first()?;
        let text_of = |node: &Node, key: &str| node.get(key).and_then(Node::as_text).map(ToString::to_string);
        for node in root.get("documents").and_then(Node::as_list).unwrap_or_default() {
            self.documents.push(PackDocument {
                template: text_of(node, "template")?.into(),
                per_environment: text_of(node, "per").as_deref() == Some("environment"),
                when: text_of(node, "when"),
                artifact: Arc::new(Artifact::read(node, out)?),
                span: node.span,
            });
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
        for node in root.get("lacks").and_then(Node::as_list).unwrap_or_default() {
            self.lacks.push(Lack::read(node, out)?);
        }
        Some(())
    }
}

/// The error that an included template or a block failed with.
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

    #[test]
    fn the_built_in_packs_load() {
        for name in platforms() {
            let (mut files, mut out) = (Files::default(), Diagnostics::default());
            let at = Span::new(FileId(0), 0, 0);
            let pack = Pack::load(name, at, &mut files, &mut out).unwrap();
            assert!(out.is_empty());
            for document in &pack.documents {
                assert!(pack.engine.get_template(&document.template).is_ok(), "{}", document.template);
            }
        }
    }
}
