//! What can be wrong between configuration and output: the facts, and below them their words.

use super::decisions::Decision;
use super::literals::{EVERY_APP, LiteralFault};
use super::patch::PatchFault;
use super::patch_words::patch_words;
use super::reach::Reach;
use super::reference::Misfit;
use super::reference_words::{misfit_help, missing_words};
use super::validate::family::FAMILIES;
use super::validate::kubernetes::version::Version;
use super::view::resolved::Missing;
use crate::config::backend::Backend;
use crate::config::name::UnitName;
use crate::source::diagnostic::Diagnostic;
use crate::source::nearest::nearest;
use crate::source::span::Span;

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
    MissingSecret {
        span: Option<Span>,
        name: String,
        platform: String,
        why: Missing,
    },
    UnreadableOutput {
        span: Span,
        reason: String,
    },
    KeyPrintedTwice {
        span: Span,
        key: String,
    },
    SecretInKey {
        span: Span,
    },
    DamagedToken {
        span: Span,
    },
    SecretDecision {
        span: Span,
        decision: Decision,
        reach: Reach,
    },
    Repetition {
        span: Span,
    },
    ReservedCharacter {
        span: Span,
    },
    ForbiddenSink {
        span: Span,
    },
    BadSink {
        span: Span,
    },
    BadOutputFile {
        span: Span,
    },
    MissingInPack {
        span: Span,
        what: &'static str,
        name: String,
        known: Vec<String>,
    },
    BadRowSchema {
        span: Span,
        reason: &'static str,
    },
    UnusedTemplate {
        span: Span,
        name: String,
    },
    OtherPlatform {
        span: Span,
        name: String,
    },
    LibraryName {
        span: Span,
    },
    FolderWithoutPlatform {
        path: String,
        name: String,
        known: Vec<String>,
    },
    Patch {
        span: Span,
        target: String,
        fault: PatchFault,
    },
    Literal {
        place: Option<Span>,
        unit: UnitName,
        written: String,
        document: Span,
        fault: LiteralFault,
    },
    UnusedPatch {
        span: Span,
    },
    NotPermittedInline {
        span: Span,
        unit: UnitName,
        name: String,
        document: Span,
        list: Option<Span>,
        platform: String,
        has_references: bool,
        misfit: Misfit,
    },
    NotLinked {
        span: Span,
        backend: Backend,
        platform: String,
        misfit: Misfit,
    },
    Lacks {
        span: Span,
        unit: UnitName,
        field: String,
        of_value: bool,
        platform: String,
        because: String,
    },
    BadReferenceRow {
        span: Span,
    },
    BadLack {
        span: Span,
    },
    SameFile {
        span: Option<Span>,
        file: String,
        of_pack: bool,
        platform: String,
        unit: Option<UnitName>,
    },
    SecretOutsideSink {
        place: Option<Span>,
        kind: String,
        path: String,
        name: String,
        secret: Option<Span>,
        reason: &'static str,
    },
    UnknownSchemas {
        name: String,
        span: Span,
    },
    UnknownKubernetes {
        version: String,
        span: Span,
    },
    BadCrd {
        span: Span,
        reason: &'static str,
    },
    Contradiction {
        file: String,
        path: String,
        units: Vec<UnitName>,
        spans: Vec<Span>,
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
            Fault::MissingSecret { span, name, platform, why } => missing_words(span, &name, &platform, why),
            Fault::UnreadableOutput { span, reason } => {
                Diagnostic::error("template-output", format!("what the template prints isn't YAML: {reason}"))
                    .at(span, "printed here")
            }
            Fault::KeyPrintedTwice { span, key } => {
                Diagnostic::error("template-output", format!("the template prints the key `{key}` twice"))
                    .at(span, "the second time")
                    .help("a key of the configuration is the same as one that the template has itself")
            }
            Fault::SecretInKey { span } => {
                Diagnostic::error("secret-outside-sink", "the template makes a key of a secret")
                    .at(span, "printed here")
                    .help("a secret can be a value only")
            }
            Fault::DamagedToken { span } => {
                Diagnostic::error("damaged-token", "the template changes text that holds a value of its own")
                    .at(span, "printed here")
                    .help("apply filters to values before they are composed or captured")
            }
            Fault::SecretDecision { span, decision, reach } => {
                let what = if reach == Reach::Captured { "captured output" } else { "a secret" };
                let found = Diagnostic::error("secret-operation", decision_words(&decision, what));
                if reach == Reach::Captured {
                    found.at(span, "values stand as tokens in what was captured").help(
                        "captured output can be printed, composed and indented; use the values themselves",
                    )
                } else {
                    found
                        .at(span, "the value isn't known while templates run")
                        .help("decide by whether a secret is declared: `\"NAME\" in secrets`")
                        .help("a secret can be printed, composed with `~`, and encoded by `b64encode`, `urlencode` or `tojson`")
                }
            }
            Fault::Repetition { span } => {
                Diagnostic::error("template-error", "`*` and `**` need numbers on both sides")
                    .at(span, "one side could be text or a list")
                    .help("make it a number: `|int`")
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
            Fault::BadOutputFile { span } => Diagnostic::error("bad-pack", "this is no file of an output")
                .at(span, "")
                .help("`file: NAME.json` or `file: NAME.yaml` is one file of lowercase letters, digits, `-`, `.` and `_`")
                .help("`gather: true` needs `file`; the folder of `texts:` begins with `_`, which no app's name does"),
            Fault::BadSink { span } => {
                Diagnostic::error("bad-sink", "this is no path to a place in a document")
                    .at(span, "")
                    .help("write the keys with dots, `*` for any key or item: `spec.users[*].password`, or a list of keys")
            }
            Fault::MissingInPack { span, what, name, known } => {
                let found =
                    Diagnostic::error("bad-pack", format!("the pack has no {what} `{name}`")).at(span, "");
                match nearest(&name, known.iter().map(String::as_str)) {
                    Some(near) => found.help(format!("did you mean `{near}`?")).replacing(&*name, near),
                    None => found.help(format!("a {what} is a file beside platform.yaml")),
                }
            }
            Fault::BadRowSchema { span, reason } => {
                Diagnostic::error("bad-pack", format!("this is no schema of documents: {reason}"))
                    .at(span, "")
                    .help("documents are held against types, properties, items, enumerations, patterns, bounds, `allOf`, `anyOf`, `oneOf`, `not`, and `$ref`s within the file")
            }
            Fault::UnusedTemplate { span, name } => {
                Diagnostic::warning("unread-file", format!("nothing uses `{name}` of the pack"))
                    .at(span, "")
                    .help("name it in `documents:` of platform.yaml, import it, or remove it")
            }
            Fault::OtherPlatform { span, name } => {
                Diagnostic::error("bad-pack", "the pack has the name of another platform")
                    .at(span, "")
                    .help(format!("its folder is called `{name}`"))
            }
            Fault::LibraryName { span } => {
                Diagnostic::error("bad-name", "`lib.yaml` is the library of the platform's pack")
                    .at(span, "another file has its name")
                    .help("rename this one, such as to `_lib.yaml`, and import from that name")
            }
            Fault::FolderWithoutPlatform { path, name, known } => {
                let found = Diagnostic::warning("unread-file", format!("nothing reads `{path}`: `{name}` is no platform"));
                match nearest(&name, known.iter().map(String::as_str)) {
                    Some(near) => found.help(format!("did you mean `{near}`?")),
                    None => found.help(format!("the platforms are `{}`", known.join("`, `"))),
                }
            }
            Fault::Patch { span, target, fault } => patch_words(span, &target, fault),
            Fault::Literal { place, unit, written, document, fault } => {
                literal_words(place, &unit, &written, document, fault)
            }
            Fault::UnusedPatch { span } => {
                Diagnostic::error("patch-without-target", "no unit makes a document that this patch is for")
                    .at(span, "")
                    .help("take it away, or write its kind as the documents have it")
            }
            Fault::NotPermittedInline { span, unit, name, document, list, platform, has_references, misfit } => {
                let UnitName { environment, app } = &unit;
                let found = Diagnostic::error(
                    "inline-not-permitted",
                    format!("nothing permits to put `{name}` of `{unit}` into the output"),
                )
                .at(span, "this secret would be resolved into a manifest")
                .at(list.unwrap_or(document), format!("`delivery.inline` of `{environment}` doesn't name it"));
                let permit = match list {
                    Some(_) => format!("if it should: add `{app}/{name}` to this list, for review"),
                    None => format!("if it should: add `delivery: {{ inline: [{app}/{name}] }}` to environments/{environment}/environment.yaml, for review"),
                };
                // Where a platform has no references at all, there is no other way to speak of.
                match misfit_help(&misfit, &platform).filter(|_| has_references) {
                    // What the environment only has to say goes before what it only could permit.
                    Some(why) if misfit.is_unsaid() => found.help(why).help(permit),
                    Some(why) => found.help(permit).help(why),
                    None => found.help(permit),
                }
            }
            Fault::NotLinked { span, backend, platform, misfit } => {
                let found = Diagnostic::error(
                    "store-not-available",
                    format!("{platform} can't dereference this itself, and nothing else reads `{backend}`"),
                )
                .at(span, "this secret would have to be resolved");
                misfit_help(&misfit, &platform).into_iter().fold(found, Diagnostic::help)
            }
            Fault::Lacks { span, unit, field, of_value, platform, because } => Diagnostic::error(
                "not-on-platform",
                match of_value {
                    true => format!("`{unit}` says a `{field}` that {platform} hasn't"),
                    false => format!("`{unit}` says `{field}`, which {platform} hasn't"),
                },
            )
            .at(span, "")
            .help(because)
            .help(format!("`null` under `platforms: {{ {platform}: … }}` takes it away there")),
            Fault::BadReferenceRow { span } => {
                Diagnostic::error("bad-pack", "this doesn't say what the platform dereferences itself")
                    .at(span, "")
                    .help("a row is such as `{ backend: awssecrets, fields: 1, params: [version_stage], located: true }`; `composes` lists encodings such as `urlencode`")
            }
            Fault::BadLack { span } => {
                Diagnostic::error("bad-pack", "this doesn't say what the platform has not")
                    .at(span, "")
                    .help("a row is such as `{ field: volumes.*.persistent, because: \"a task keeps nothing\" }`")
                    .help("besides there are `value`, `except`, `most` (a number), `form` (`aws-cron`) and `unless` (a field)")
            }
            Fault::SecretOutsideSink { place, kind, path, name, secret, reason } => {
                let kind = if kind.is_empty() { "document" } else { &kind };
                let found = Diagnostic::error(
                    "secret-outside-sink",
                    format!("secret `{name}` would stand at `{path}` of a {kind}: {reason}"),
                );
                let found = place.into_iter().fold(found, |d, span| d.at(span, "printed here"));
                secret
                    .into_iter()
                    .fold(found, |d, span| d.at(span, "the secret"))
                    .help("`sealwright platform show NAME` lists the sinks of a platform, which may hold one")
            }
            Fault::UnknownSchemas { name, span } => {
                let known: Vec<&str> = FAMILIES.iter().map(|family| family.name).collect();
                Diagnostic::error("unknown-platform", format!("there are no schemas called `{name}`"))
                    .at(span, "")
                    .help(format!("the schemas are `{}`", known.join("`, `")))
            }
            Fault::UnknownKubernetes { version, span } => {
                let known: Vec<String> = Version::all().map(|version| version.to_string()).collect();
                Diagnostic::error("unknown-kubernetes", format!("Kubernetes `{version}` isn't known here"))
                    .at(span, "")
                    .help(format!("the known versions are {}; without one it is the newest", known.join(", ")))
            }
            Fault::BadCrd { span, reason } => {
                Diagnostic::error("bad-crd", format!("this defines no kind: {reason}"))
                    .at(span, "")
                    .help("`schemas/*.yaml` hold CustomResourceDefinitions, as `kubectl get crd NAME -o yaml` prints them")
            }
            Fault::Contradiction { file, path, units, spans } => {
                let mut units: Vec<String> = units.iter().map(ToString::to_string).collect();
                units.dedup();
                let message = format!("`{path}` of {file} is said twice, by `{}`", units.join("` and `"));
                let found = Diagnostic::error("same-object", message);
                let found = spans.into_iter().fold(found, |found, span| found.at(span, ""));
                found.help("give one of them another name; what they share has to be the same in both")
            }
            Fault::SameFile { span, file, of_pack, platform, unit } => {
                let unit = unit.map(|unit| format!(" of `{unit}`")).unwrap_or_default();
                let said = if of_pack { "the pack makes the file already" } else { "it is made twice" };
                let found = Diagnostic::error("output-clash", format!("`{file}`{unit}: {said}"));
                let found = span.into_iter().fold(found, |d, span| d.at(span, ""));
                match of_pack {
                    true => found.help(format!(
                        "`platforms.{platform}.patches` changes what the pack makes; an app of `kind: manifests` has its own documents alone"
                    )),
                    false => found.help("a file is one document: give each a template of its own"),
                }
            }
            Fault::SameObject { kind, name, units, spans } => {
                let mut units: Vec<String> = units.iter().map(ToString::to_string).collect();
                units.dedup();
                let by = match units.as_slice() {
                    [] => String::new(),
                    units => format!(", by `{}`", units.join("` and `")),
                };
                let found =
                    Diagnostic::error("same-object", format!("{kind} `{name}` is made twice{by}"));
                let mut spans = spans;
                spans.dedup();
                spans.into_iter().fold(found, |d, span| d.at(span, "one of them")).help(
                    "rename one of them: of two objects with one name, only the last would be applied",
                )
            }
        }
    }
}

fn literal_words(
    place: Option<Span>,
    unit: &UnitName,
    written: &str,
    document: Span,
    fault: LiteralFault,
) -> Diagnostic {
    let UnitName { environment, app } = unit;
    let file = format!("environments/{environment}/environment.yaml");
    let whose = if app == EVERY_APP { environment.clone() } else { unit.to_string() };
    let of = |message: String| {
        let found = Diagnostic::error("out-of-scope", message);
        place.into_iter().fold(found, |d, span| d.at(span, "a document would refer to it"))
    };
    match fault {
        LiteralFault::OutOfScope { suggestion } => of(format!("`{whose}` may not use `{written}`"))
            .at(document, format!("`allow:` of `{environment}` doesn't cover it"))
            .help(format!("if it should: add `\"{app}\": [\"{suggestion}\"]` under `allow:` of {file}, for review")),
        LiteralFault::UnknownStore { store } => {
            of(format!("`{whose}` reads `{written}` by the store `{store}`, which nothing describes"))
                .help(format!("say what it reads from: `references: {{ vault: {{ store: {store}, kind: ClusterSecretStore }} }}` in {file}"))
        }
        LiteralFault::OwnStore => of(format!("`{whose}` makes a store object `{written}`, which `references:` of `{environment}` describes"))
            .help(format!("an app doesn't say what that store reads from: give this one another name, or make it in environments/{environment}/manifests")),
        LiteralFault::Search => of(format!("`{whose}` searches a whole store"))
            .help("name each secret: `find` reads whatever fits, which `allow:` can't say"),
        LiteralFault::Unreadable => of(format!("`{whose}` may not use `{written}`, which can't be read as one secret"))
            .help("write its name out"),
    }
}

fn decision_words(decision: &Decision, what: &str) -> String {
    match decision {
        Decision::Compare => format!("the template compares {what}"),
        Decision::Truth => format!("the template asks whether {what} is true"),
        Decision::Test(name) => format!("the template applies the test `{name}` to {what}"),
        Decision::Filter(name) => format!("the template applies the filter `{name}` to {what}"),
        Decision::Slice => format!("the template takes a slice of {what}"),
        Decision::Index => format!("the template looks something up in {what} or by it"),
        Decision::Loop => format!("the template loops over {what}"),
        Decision::Arithmetic => format!("the template calculates with {what}"),
        Decision::Compose => "the template makes text of a mapping or list that holds a secret".to_string(),
        Decision::Call => format!("the template calls {what}, or something unknown with it"),
        Decision::Name => format!("the template names another template by {what}"),
    }
}
