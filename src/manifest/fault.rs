//! What can be wrong between configuration and output: the facts, and below them their words.

use crate::config::name::{UnitName, nearest};
use crate::source::diagnostic::Diagnostic;
use crate::source::span::{FileId, Span};

/// A fact about templates, packs and placed secrets. None of them holds a value that could be a secret.
#[derive(Debug)]
#[expect(missing_docs, reason = "the words below say what each is")]
pub enum Fault {
    UnknownPlatform {
        name: String,
        span: Span,
        known: Vec<String>,
    },
    Template {
        span: Option<Span>,
        detail: String,
    },
    UnreadableOutput {
        file: FileId,
        reason: String,
    },
    KeyPrintedTwice {
        file: FileId,
        key: String,
    },
    SecretInKey {
        file: FileId,
    },
    DamagedToken {
        file: FileId,
    },
    SecretDecision {
        file: FileId,
    },
    ReservedCharacter {
        span: Span,
    },
    ForbiddenSink {
        span: Span,
    },
    NotPermittedInline {
        span: Span,
        unit: UnitName,
        name: String,
        document: Span,
        list: Option<Span>,
    },
    SecretOutsideSink {
        template: Option<FileId>,
        kind: String,
        path: String,
        name: String,
        secret: Option<Span>,
        reason: &'static str,
    },
    SameObject {
        kind: String,
        name: String,
        units: Vec<UnitName>,
        spans: Vec<Span>,
    },
}

impl From<Fault> for Diagnostic {
    fn from(fault: Fault) -> Diagnostic {
        let start = |file| Span::new(file, 0, 0);
        match fault {
            Fault::UnknownPlatform { name, span, known } => {
                let found = Diagnostic::error("unknown-platform", format!("there is no platform `{name}`"))
                    .at(span, "");
                match nearest(&name, known.iter().map(String::as_str)) {
                    Some(near) => found.help(format!("did you mean `{near}`?")).replacing(&*name, near),
                    None => found.help(format!("the platforms are `{}`", known.join("`, `"))),
                }
            }
            Fault::Template { span, detail } => {
                let found = Diagnostic::error("template-error", format!("the template fails: {detail}"));
                span.into_iter().fold(found, |d, span| d.at(span, ""))
            }
            Fault::UnreadableOutput { file, reason } => {
                Diagnostic::error("template-output", format!("what the template prints isn't YAML: {reason}"))
                    .at(start(file), "printed by this template")
            }
            Fault::KeyPrintedTwice { file, key } => {
                Diagnostic::error("template-output", format!("the template prints the key `{key}` twice"))
                    .at(start(file), "printed by this template")
                    .help("a key of the configuration is the same as one that the template has itself")
            }
            Fault::SecretInKey { file } => {
                Diagnostic::error("secret-outside-sink", "the template makes a key of a secret")
                    .at(start(file), "printed by this template")
                    .help("a secret can be a value only")
            }
            Fault::DamagedToken { file } => {
                Diagnostic::error("damaged-token", "the template changes text that holds a value of its own")
                    .at(start(file), "printed by this template")
                    .help("apply filters to values before they are composed or captured")
            }
            Fault::SecretDecision { file } => {
                Diagnostic::error("secret-operation", "the template decides by a secret or compares one")
                    .at(start(file), "in this template")
                    .help("decide by whether a secret is declared: `\"NAME\" in secrets`")
            }
            Fault::ReservedCharacter { span } => {
                Diagnostic::error("reserved-character", "the characters U+E5EC and U+E5ED can't be used")
                    .at(span, "one of them is here")
                    .help("they are private-use characters that mark values while templates run")
            }
            Fault::ForbiddenSink { span } => {
                Diagnostic::error("forbidden-sink", "a secret may never stand in such a place")
                    .at(span, "")
                    .help("ConfigMaps, metadata, names, images and arguments are read by many")
            }
            Fault::NotPermittedInline { span, unit, name, document, list } => {
                let UnitName { environment, app } = &unit;
                Diagnostic::error(
                    "inline-not-permitted",
                    format!("nothing permits to put `{name}` of `{unit}` into the output"),
                )
                .at(span, "this secret would be resolved into a manifest")
                .at(list.unwrap_or(document), format!("`delivery.inline` of `{environment}` doesn't name it"))
                .help(match list {
                    Some(_) => format!("if it should: add `{app}/{name}` to this list, for review"),
                    None => format!("if it should: add `delivery: {{ inline: [{app}/{name}] }}` to environments/{environment}/environment.yaml, for review"),
                })
            }
            Fault::SecretOutsideSink { template, kind, path, name, secret, reason } => {
                let found = Diagnostic::error(
                    "secret-outside-sink",
                    format!("secret `{name}` would stand at `{path}` of a {kind}: {reason}"),
                );
                let found =
                    template.into_iter().fold(found, |d, file| d.at(start(file), "printed by this template"));
                secret.into_iter().fold(found, |d, span| d.at(span, "the secret"))
            }
            Fault::SameObject { kind, name, units, spans } => {
                let units: Vec<String> = units.iter().map(ToString::to_string).collect();
                let found = Diagnostic::error(
                    "same-object",
                    format!("{kind} `{name}` is made twice, by `{}`", units.join("` and `")),
                );
                spans.into_iter().fold(found, |d, span| d.at(span, "one of them")).help(
                    "rename one of the apps: of two objects with one name, only the last would be applied",
                )
            }
        }
    }
}
