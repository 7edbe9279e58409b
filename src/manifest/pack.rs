//! A platform pack: which documents an environment and its units become, the templates that make them,
//! and where a secret may stand in them. Packs are data; the built-in ones use nothing else.

use minijinja::Environment;

use super::engine;
use super::fault::Fault;
use super::token::{Tokens, is_reserved};
use crate::config::secret::Encoding;
use crate::source::diagnostic::Diagnostics;
use crate::source::files::Files;
use crate::source::node::Node;
use crate::source::span::{FileId, Span};
use crate::source::yaml;

/// The files of a built-in pack: names and contents.
type PackFiles = &'static [(&'static str, &'static str)];

/// The built-in packs. A new platform is a folder and a row.
const BUILT_IN: [(&str, PackFiles); 1] = [(
    "kubernetes",
    &[
        ("platform.yaml", include_str!("../platforms/kubernetes/platform.yaml")),
        ("lib.yaml", include_str!("../platforms/kubernetes/lib.yaml")),
        ("namespace.yaml", include_str!("../platforms/kubernetes/namespace.yaml")),
        ("service-account.yaml", include_str!("../platforms/kubernetes/service-account.yaml")),
        ("config-map.yaml", include_str!("../platforms/kubernetes/config-map.yaml")),
        ("secret.yaml", include_str!("../platforms/kubernetes/secret.yaml")),
        ("service.yaml", include_str!("../platforms/kubernetes/service.yaml")),
        ("deployment.yaml", include_str!("../platforms/kubernetes/deployment.yaml")),
    ],
)];

/// A pack that is ready to render.
#[derive(Debug)]
pub struct Pack {
    /// The platform's name.
    pub name: String,
    /// What it makes, in order.
    pub documents: Vec<PackDocument>,
    /// Where secrets may stand.
    pub sinks: Vec<Sink>,
    /// The engine with all templates compiled.
    pub engine: Environment<'static>,
    /// The tokens of this run.
    pub tokens: Tokens,
    /// Template sources by name, for places in diagnostics.
    files: Vec<(String, FileId)>,
}

/// One template of a pack.
#[derive(Clone, Debug)]
pub struct PackDocument {
    /// The template's name.
    pub template: String,
    /// Whether it is made once an environment instead of once a unit.
    pub per_environment: bool,
    /// An expression that says whether it is made at all.
    pub when: Option<String>,
    /// Where the pack says so.
    pub span: Span,
}

/// A place in a document that may hold a secret.
#[derive(Clone, Debug)]
pub struct Sink {
    /// The document's kind.
    pub kind: String,
    /// The keys to it; `*` is any one key.
    pub path: Vec<String>,
    /// The encoding that the place wants, if it wants one.
    pub encoding: Option<Encoding>,
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
        let tokens = Tokens::random();
        let mut pack = Pack {
            name: name.to_string(),
            documents: Vec::new(),
            sinks: Vec::new(),
            engine: engine::new(&tokens),
            tokens,
            files: Vec::new(),
        };
        for (file_name, text) in *sources {
            let file = files.add(format!("<{name}>/{file_name}"), *text);
            if *file_name == "platform.yaml" {
                pack.read_description(file, text, out)?;
                continue;
            }
            pack.files.push(((*file_name).to_string(), file));
            if is_reserved(text) {
                out.push(Fault::ReservedCharacter { span: Span::new(file, 0, 0) });
                return None;
            }
            if let Err(error) = pack.engine.add_template(file_name, text) {
                out.push(pack.template_fault(&error));
                return None;
            }
        }
        Some(pack)
    }

    /// The place of a template error, and its words.
    pub fn template_fault(&self, error: &minijinja::Error) -> Fault {
        let file = error.name().and_then(|name| self.files.iter().find(|(known, _)| known == name));
        let offset = |n: usize| u32::try_from(n).unwrap_or(0);
        let span = file.map(|(_, file)| {
            let range = error.range().unwrap_or(0..0);
            Span::new(*file, offset(range.start), offset(range.end))
        });
        let detail = error.detail().map_or_else(|| error.kind().to_string(), ToString::to_string);
        Fault::Template { span, detail }
    }

    /// The file of a template.
    pub fn file(&self, template: &str) -> Option<FileId> {
        self.files.iter().find(|(name, _)| name == template).map(|(_, file)| *file)
    }

    fn read_description(&mut self, file: FileId, text: &str, out: &mut Diagnostics) -> Option<()> {
        let nodes = yaml::parse(file, text, &yaml::Limits::default(), out)?;
        let root = nodes.first()?;
        let text_of = |node: &Node, key: &str| node.get(key).and_then(Node::as_text).map(ToString::to_string);
        for node in root.get("documents").and_then(Node::as_list).unwrap_or_default() {
            self.documents.push(PackDocument {
                template: text_of(node, "template")?,
                per_environment: text_of(node, "per").as_deref() == Some("environment"),
                when: text_of(node, "when"),
                span: node.span,
            });
        }
        for node in root.get("sinks").and_then(Node::as_list).unwrap_or_default() {
            let path = node.get("path").and_then(Node::as_list).unwrap_or_default();
            let sink = Sink {
                kind: text_of(node, "kind")?,
                path: path.iter().filter_map(Node::as_text).map(ToString::to_string).collect(),
                encoding: (text_of(node, "encoding").as_deref() == Some("base64"))
                    .then_some(Encoding::Base64),
            };
            if sink.can_never_be_one() {
                out.push(Fault::ForbiddenSink { span: node.span });
                return None;
            }
            self.sinks.push(sink);
        }
        Some(())
    }
}

impl Sink {
    /// Whether the sink is where this path of a document of this kind leads.
    pub fn covers(&self, kind: &str, path: &[&str]) -> bool {
        self.kind == kind
            && self.path.len() == path.len()
            && self.path.iter().zip(path).all(|(wanted, key)| wanted == "*" || wanted == key)
    }

    /// ConfigMaps, metadata, names, images and arguments are read by many and logged everywhere.
    fn can_never_be_one(&self) -> bool {
        let first = self.path.first().map(String::as_str);
        let last = self.path.last().map(String::as_str);
        self.kind == "ConfigMap"
            || matches!(first, None | Some("*" | "metadata" | "kind" | "apiVersion"))
            || matches!(last, Some("name" | "image"))
            || self.path.iter().any(|key| matches!(key.as_str(), "args" | "command"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sink(kind: &str, path: &[&str]) -> Sink {
        Sink { kind: kind.into(), path: path.iter().map(ToString::to_string).collect(), encoding: None }
    }

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

    #[test]
    fn some_places_can_never_be_a_sink() {
        assert!(!sink("Secret", &["data", "*"]).can_never_be_one());
        for bad in [
            sink("ConfigMap", &["data", "*"]),
            sink("Secret", &["metadata", "annotations", "*"]),
            sink("Pod", &["spec", "containers", "*", "args", "*"]),
            sink("Pod", &["spec", "containers", "*", "image"]),
            sink("Pod", &[]),
            sink("Pod", &["*"]),
        ] {
            assert!(bad.can_never_be_one(), "{bad:?}");
        }
    }

    #[test]
    fn a_star_is_one_key() {
        let sink = sink("Secret", &["data", "*"]);
        assert!(sink.covers("Secret", &["data", "x"]));
        assert!(!sink.covers("Secret", &["data"]) && !sink.covers("Secret", &["data", "x", "y"]));
        assert!(!sink.covers("ConfigMap", &["data", "x"]));
    }
}
