//! What can be wrong with a control repo: the facts, and below them their words.

use std::sync::Arc;

use super::ciphertext::CiphertextFault;
use super::expression::ExpressionFault;
use super::name::{UnitName, nearest};
use super::pointer::PointerFault;
use super::recipient::RecipientFault;
use super::scope::PatternFault;
use crate::source::diagnostic::Diagnostic;
use crate::source::span::Span;
use crate::source::world::ReadError;

/// A fact about a control repo that keeps it from compiling. None of them holds a value that could be
/// a secret.
#[derive(Debug)]
#[expect(missing_docs, reason = "the words below say what each is")]
pub enum Fault {
    // files
    MissingFile {
        path: String,
        repo: String,
    },
    Unreadable {
        path: String,
        error: ReadError,
    },
    SeveralDocuments {
        second: Span,
    },
    NotAMapping {
        span: Span,
        found: &'static str,
    },
    // names
    BadName {
        what: &'static str,
        path: String,
    },
    ReservedEnvironment,
    UnknownEnvironment {
        name: String,
        span: Option<Span>,
        known: Vec<String>,
    },
    ExtendsCycle {
        span: Span,
        chain: Vec<String>,
    },
    MissingPlatform {
        environment: String,
        span: Span,
    },
    FileWithoutEnvironment {
        path: String,
        known: Vec<String>,
    },
    UnknownApp {
        name: String,
        span: Span,
        known: Vec<String>,
    },
    NotInEnvironment {
        unit: UnitName,
    },
    NothingSelected {
        pattern: String,
        known: Vec<String>,
    },
    // interpolation
    UnclosedExpression {
        span: Span,
    },
    BadExpression {
        span: Span,
        fault: ExpressionFault,
    },
    UndefinedName {
        name: String,
        span: Span,
        known: Vec<String>,
    },
    UnknownRoot {
        root: String,
        span: Span,
        known: &'static [&'static str],
    },
    WholeRoot {
        root: String,
        span: Span,
    },
    Cycle {
        root: &'static str,
        circle: Vec<(Arc<str>, Span)>,
        span: Span,
    },
    SecretInPlainText {
        name: String,
        span: Span,
    },
    // workload
    MissingImage {
        what: String,
        span: Span,
    },
    ImageHasVersion {
        image: Span,
        version: Span,
    },
    PortWithoutNumber {
        span: Span,
    },
    NodePortWithoutService {
        span: Span,
    },
    PortTaken {
        span: Span,
        other: Span,
        name: String,
    },
    ProbeKind {
        span: Span,
        found: usize,
    },
    ProbePort {
        span: Span,
        known: Vec<String>,
    },
    UnknownPort {
        span: Span,
        name: String,
        known: Vec<String>,
    },
    VolumeWithoutPath {
        span: Span,
        name: String,
    },
    UnknownVolume {
        span: Span,
        name: String,
        known: Vec<String>,
    },
    VariableSetTwice {
        span: Span,
        other: Span,
        name: String,
    },
    // secrets
    PlaintextSecret {
        span: Span,
        name: String,
        file: String,
    },
    SecretWithoutValue {
        span: Span,
        name: String,
    },
    BrokenComposition {
        span: Span,
        name: String,
    },
    SecretExpression {
        span: Span,
        name: String,
    },
    SecretCycle {
        span: Span,
        other: Span,
        name: String,
        nested: bool,
    },
    BadPointer {
        span: Span,
        fault: PointerFault,
    },
    BadCiphertext {
        span: Span,
        name: String,
        fault: CiphertextFault,
    },
    MovedCiphertext {
        span: Span,
        name: String,
        here: Place,
        sealed: Place,
    },
    WrongRecipients {
        span: Span,
        name: String,
        environments: Vec<String>,
        count: usize,
        file: String,
    },
    WithoutRecipients {
        span: Span,
        name: String,
        environments: Vec<String>,
    },
    WithoutReader {
        span: Span,
        name: String,
    },
    BadRecipient {
        span: Span,
        fault: RecipientFault,
    },
    UnknownGroup {
        group: String,
        span: Span,
        known: Vec<String>,
    },
    // permissions
    BadInlineRule {
        span: Span,
    },
    BadGlob {
        span: Span,
        glob: String,
    },
    BadPattern {
        span: Span,
        fault: PatternFault,
    },
    OutOfScope {
        span: Span,
        locator: String,
        unit: UnitName,
        patterns: Vec<Span>,
        document: Span,
        suggestion: String,
    },
}

/// The repo's id, the file, and the RFC 6901 pointer of a value.
pub type Place = (String, String, String);

impl From<Fault> for Diagnostic {
    fn from(fault: Fault) -> Diagnostic {
        match fault {
            Fault::MissingFile { .. }
            | Fault::Unreadable { .. }
            | Fault::SeveralDocuments { .. }
            | Fault::NotAMapping { .. } => file_words(fault),
            Fault::BadName { .. }
            | Fault::ReservedEnvironment
            | Fault::UnknownEnvironment { .. }
            | Fault::ExtendsCycle { .. }
            | Fault::MissingPlatform { .. }
            | Fault::FileWithoutEnvironment { .. }
            | Fault::UnknownApp { .. }
            | Fault::NotInEnvironment { .. }
            | Fault::NothingSelected { .. } => name_words(fault),
            Fault::UnclosedExpression { .. }
            | Fault::BadExpression { .. }
            | Fault::UndefinedName { .. }
            | Fault::UnknownRoot { .. }
            | Fault::WholeRoot { .. }
            | Fault::Cycle { .. }
            | Fault::SecretInPlainText { .. } => expression_words(fault),
            Fault::MissingImage { .. }
            | Fault::ImageHasVersion { .. }
            | Fault::PortWithoutNumber { .. }
            | Fault::NodePortWithoutService { .. }
            | Fault::PortTaken { .. }
            | Fault::ProbeKind { .. }
            | Fault::ProbePort { .. }
            | Fault::UnknownPort { .. }
            | Fault::VolumeWithoutPath { .. }
            | Fault::UnknownVolume { .. }
            | Fault::VariableSetTwice { .. } => workload_words(fault),
            Fault::BadInlineRule { .. }
            | Fault::BadGlob { .. }
            | Fault::BadPattern { .. }
            | Fault::OutOfScope { .. } => permission_words(fault),
            _ => secret_words(fault),
        }
    }
}

fn file_words(fault: Fault) -> Diagnostic {
    match fault {
        Fault::MissingFile { path, repo } => {
            let found = Diagnostic::error("missing-file", format!("there is no `{path}` in {repo}"));
            if path == super::repo::ROOT_FILE {
                found.help("name the control repo with `--repo DIR`, or run inside one")
            } else {
                found.help(format!("add `{path}`, or remove its folder"))
            }
        }
        Fault::Unreadable { path, error } => {
            Diagnostic::error("unreadable-file", format!("`{path}` can't be read: {error}"))
        }
        Fault::SeveralDocuments { second } => {
            Diagnostic::error("several-documents", "this file holds one YAML document, not several")
                .at(second, "a second document begins here")
        }
        Fault::NotAMapping { span, found } => {
            Diagnostic::error("not-a-mapping", format!("expected a mapping, found {found}")).at(span, "")
        }
        other => unreachable!("not about files: {other:?}"),
    }
}

fn name_words(fault: Fault) -> Diagnostic {
    match fault {
        Fault::BadName { what, path } => {
            Diagnostic::error("bad-name", format!("`{path}` names no {what}"))
                .help("a name has 1 to 63 lowercase letters, digits and `-`, and begins and ends with a letter or digit")
        }
        Fault::ReservedEnvironment => {
            Diagnostic::error("bad-name", "`app` can't name an environment: `apps/APP/app.yaml` is the app itself")
                .help("rename the folder `environments/app`")
        }
        Fault::UnknownEnvironment { name, span, known } => {
            let found = Diagnostic::error("unknown-environment", format!("there is no environment `{name}`"));
            let found = span.into_iter().fold(found, |d, span| d.at(span, "named here"));
            did_you_mean(found, &name, &known, "the environments are")
        }
        Fault::ExtendsCycle { span, chain } => {
            let circle = chain.join("` → `");
            Diagnostic::error("extends-cycle", format!("environments extend each other without end: `{circle}`"))
                .at(span, "the circle closes here")
        }
        Fault::MissingPlatform { environment, span } => {
            Diagnostic::error("missing-key", format!("environment `{environment}` doesn't say its platform"))
                .at(span, "")
                .help("add `platform: kubernetes`")
        }
        Fault::FileWithoutEnvironment { path, known } => {
            let stem = path.rsplit('/').next().unwrap_or(&path).trim_end_matches(".yaml").to_string();
            let found = Diagnostic::error(
                "unknown-environment",
                format!("nothing reads `{path}`: there is no environment `{stem}`"),
            );
            did_you_mean(found, &stem, &known, "the environments are")
        }
        Fault::UnknownApp { name, span, known } => {
            let found = Diagnostic::error("unknown-app", format!("there is no app `{name}`"))
                .at(span, format!("`apps/{name}/app.yaml` doesn't exist"));
            did_you_mean(found, &name, &known, "the apps are")
        }
        Fault::NotInEnvironment { unit } => {
            let UnitName { environment, app } = &unit;
            Diagnostic::error("unknown-unit", format!("`{app}` doesn't run in `{environment}`"))
                .help(format!("add `{app}: VERSION` to `environments/{environment}/versions.yaml`"))
        }
        Fault::NothingSelected { pattern, known } => {
            let found = Diagnostic::error("unknown-unit", format!("`{pattern}` matches no unit"));
            did_you_mean(found, &pattern, &known, "the environments are")
                .help("`sealwright list` shows all units")
        }
        other => unreachable!("not about names: {other:?}"),
    }
}

fn expression_words(fault: Fault) -> Diagnostic {
    match fault {
        Fault::UnclosedExpression { span } => {
            Diagnostic::error("unclosed-expression", "an expression is opened and never closed")
                .at(span, "no `}}` follows")
                .help("a literal `{{` is written `{{ '{{' }}`")
        }
        Fault::BadExpression { span, fault } => match fault {
            ExpressionFault::Syntax(detail) => {
                Diagnostic::error("bad-expression", format!("this is no expression: {detail}")).at(span, "")
            }
            ExpressionFault::Undefined => {
                Diagnostic::error("undefined-variable", "the expression has no value").at(span, "")
            }
            ExpressionFault::Operation(detail) => {
                Diagnostic::error("bad-expression", format!("the expression fails: {detail}")).at(span, "")
            }
            ExpressionFault::NotText(found) => {
                Diagnostic::error("bad-expression", format!("the expression yields {found}, not text"))
                    .at(span, "")
            }
        },
        Fault::UndefinedName { name, span, known } => {
            let bare = name.rsplit('.').next().unwrap_or(&name).to_string();
            let root = name.split('.').next().unwrap_or("");
            let found =
                Diagnostic::error("undefined-variable", format!("`{name}` is not defined")).at(span, "");
            let found = did_you_mean(found, &bare, &known, &format!("`{root}` has"));
            match root {
                "env" => found.help("a variable of the environment is declared under `vars:` of sealwright.yaml or environment.yaml"),
                "app" if bare == "version" => found.help("versions.yaml says `null` for this app, so it has no version"),
                _ => found,
            }
        }
        Fault::UnknownRoot { root, span, known } => {
            let roots: Vec<String> = known.iter().map(ToString::to_string).collect();
            let found =
                Diagnostic::error("undefined-variable", format!("`{root}` is not defined")).at(span, "");
            did_you_mean(found, &root, &roots, "here are")
                .help("to write the braces themselves: `{{ '{{' }}`")
        }
        Fault::WholeRoot { root, span } => {
            Diagnostic::error("bad-expression", format!("`{root}` can only be used as `{root}.NAME`"))
                .at(span, "")
        }
        Fault::Cycle { root, circle, span } => {
            let names: Vec<String> = circle.iter().map(|(name, _)| format!("`{root}.{name}`")).collect();
            let text =
                if names.len() > 8 { "a chain of more than 64 values".into() } else { names.join(" → ") };
            let found = Diagnostic::error(
                "interpolation-cycle",
                format!("values refer to each other without end: {text}"),
            )
            .at(span, "the circle closes here");
            circle
                .iter()
                .filter(|(_, at)| *at != span)
                .take(8)
                .fold(found, |d, (name, at)| d.at(*at, format!("`{root}.{name}` is written here")))
        }
        Fault::SecretInPlainText { name, span } => Diagnostic::error(
            "secret-in-plain-text",
            format!("`{name}` can't stand here: this value is not a secret"),
        )
        .at(span, "a secret would show in the output")
        .help("compose it under `secrets:`, where the result is a secret too"),
        other => unreachable!("not about expressions: {other:?}"),
    }
}

fn workload_words(fault: Fault) -> Diagnostic {
    match fault {
        Fault::MissingImage { what, span } => {
            Diagnostic::error("missing-key", format!("{what} has no image")).at(span, "").help("add `image: NAME`")
        }
        Fault::ImageHasVersion { image, version } => {
            Diagnostic::error("two-versions", "the image has a tag or digest of its own, and a version besides")
                .at(image, "written here")
                .at(version, "and here")
                .help("take the tag out of `image`, or write `null` as the version to keep the image as it is")
        }
        Fault::PortWithoutNumber { span } => {
            Diagnostic::error("missing-key", "the port has no number").at(span, "").help("add `container: PORT`")
        }
        Fault::NodePortWithoutService { span } => {
            Diagnostic::error("bad-port", "a port that no Service shows can't have a node port")
                .at(span, "")
                .help("take away `node`, or `service: null`")
        }
        Fault::PortTaken { span, other, name } => {
            Diagnostic::error("bad-port", format!("two ports of one unit are the same: `{name}`"))
                .at(span, "this one")
                .at(other, "and this one")
                .help("containers of a unit share one network: give each port its own name and number")
        }
        Fault::ProbeKind { span, found } => {
            let message = if found == 0 {
                "the probe doesn't say how it asks"
            } else {
                "the probe asks in more than one way"
            };
            Diagnostic::error("bad-probe", message)
                .at(span, "")
                .help("give it exactly one of `http: /PATH`, `tcp: true` and `command: [PROGRAM, ARGUMENT…]`")
        }
        Fault::ProbePort { span, known } => {
            let found = Diagnostic::error("bad-probe", "the probe doesn't say its port").at(span, "");
            listed(found.help("add `port: NAME`"), &known, "the ports are")
        }
        Fault::UnknownPort { span, name, known } => {
            let found = Diagnostic::error("bad-probe", format!("there is no port `{name}`")).at(span, "");
            did_you_mean(found, &name, &known, "the ports are")
        }
        Fault::VolumeWithoutPath { span, name } => {
            Diagnostic::error("missing-key", format!("volume `{name}` isn't mounted anywhere"))
                .at(span, "")
                .help("add `path: /PATH`")
        }
        Fault::UnknownVolume { span, name, known } => {
            let found = Diagnostic::error("unknown-volume", format!("there is no volume `{name}`")).at(span, "");
            did_you_mean(found, &name, &known, "the volumes are")
        }
        Fault::VariableSetTwice { span, other, name } => {
            Diagnostic::error("variable-set-twice", format!("two values want the environment variable `{name}`"))
                .at(span, "the secret")
                .at(other, "the other")
                .help("remove one (`null` removes what a lower layer says), or give the secret another variable with `env:`")
        }
        other => unreachable!("not about a workload: {other:?}"),
    }
}

fn secret_words(fault: Fault) -> Diagnostic {
    match fault {
        Fault::PlaintextSecret { span, name, file } => {
            Diagnostic::error("plaintext-secret", format!("`{name}` is a secret and stands here in plaintext"))
                .at(span, "this is in the clear")
                .help(format!("encrypt it: `sealwright secret set {} {name}` reads the value from standard input or asks for it", unit_of_file(&file)))
                .help("or point into a store: `ref+vault://MOUNT/PATH#/FIELD`")
                .help("if it was ever committed, it is known: change it where it is used")
        }
        Fault::SecretWithoutValue { span, name } => {
            Diagnostic::error("missing-key", format!("secret `{name}` doesn't say where its value comes from"))
                .at(span, "")
                .help("add `value:` with a pointer or a ciphertext")
        }
        Fault::BrokenComposition { span, name } => {
            Diagnostic::error("bad-expression", format!("the expressions of secret `{name}` can't be read"))
                .at(span, "")
                .help("text around other secrets is written `user:{{ secrets.NAME }}@host`")
                .help("if this is the value itself: it stands here in plaintext; encrypt it with `sealwright secret set`")
        }
        Fault::SecretExpression { span, name } => {
            Diagnostic::error("secret-operation", format!("secret `{name}` does something with another secret that can't be done without its value"))
                .at(span, "")
                .help("a secret can be named and encoded: `{{ secrets.NAME }}`, with `| urlencode`, `| b64encode` or `| tojson`")
        }
        Fault::SecretCycle { span, other, name, nested } => {
            let message = if nested {
                format!("secrets are composed of each other too deeply at `{name}`")
            } else {
                format!("secret `{name}` is composed of itself")
            };
            Diagnostic::error("secret-cycle", message).at(span, "used here").at(other, "declared here")
        }
        Fault::BadPointer { span, fault } => {
            let range = fault.range.clone();
            let found = Diagnostic::error("bad-pointer", fault.to_string()).at(narrowed(span, range), "");
            found.help("a pointer is `ref+BACKEND://PATH[?PARAM=VALUE]#/FIELD`, such as `ref+vault://kv/prod/carts#/password`")
        }
        Fault::BadCiphertext { span, name, fault } => {
            Diagnostic::error("bad-ciphertext", format!("the encrypted value of `{name}` can't be used: {fault}"))
                .at(span, "")
                .help("encrypt the value again with `sealwright secret set`")
        }
        Fault::MovedCiphertext { span, name, here, sealed } => moved_words(span, &name, &here, &sealed),
        Fault::WrongRecipients { span, name, environments, count, file } => {
            let readers = environments.join("`, `");
            Diagnostic::error("wrong-recipients", format!("`{name}` isn't encrypted for exactly those who read it"))
                .at(span, format!("read in `{readers}`, by {count} recipient{}", if count == 1 { "" } else { "s" }))
                .help(format!("encrypt it again: `sealwright secret set {} {name}`", unit_of_file(&file)))
        }
        Fault::WithoutRecipients { span, name, environments } => {
            let readers = environments.join("`, `");
            let group = environments.first().cloned().unwrap_or_default();
            Diagnostic::error("no-recipients", format!("nobody could decrypt `{name}`: `{readers}` has no recipients"))
                .at(span, "")
                .help(format!("add `recipients: {{ {group}: [age1…] }}` to sealwright.yaml; `sealwright secret keygen` makes a key pair"))
        }
        Fault::WithoutReader { span, name } => {
            Diagnostic::error("secret-without-reader", format!("no environment reads `{name}` from here"))
                .at(span, "")
                .help("remove it: the app runs nowhere, or every environment has a value of its own")
        }
        Fault::BadRecipient { span, fault } => {
            Diagnostic::error("bad-recipient", fault.to_string())
                .at(span, "")
                .help("a recipient is the public half of a key: `age1…`; `sealwright secret keygen` makes a pair")
        }
        Fault::UnknownGroup { group, span, known } => {
            let found = Diagnostic::error("unknown-group", format!("there is no group of recipients `{group}`"))
                .at(span, "named here");
            did_you_mean(found, &group, &known, "sealwright.yaml has")
        }
        other => unreachable!("not about secrets: {other:?}"),
    }
}

fn moved_words(span: Span, name: &str, here: &Place, sealed: &Place) -> Diagnostic {
    let found = Diagnostic::error(
        "moved-ciphertext",
        format!("the encrypted value of `{name}` belongs to another place"),
    );
    let label = if sealed.0 != here.0 {
        "it was encrypted for another repo".to_string()
    } else {
        format!("it was encrypted for `{}` in `{}`", sealed.2, sealed.1)
    };
    found
        .at(span, label)
        .help("a ciphertext can't be moved or copied: it could stand where others read it")
        .help(format!(
            "encrypt the value for this place: `sealwright secret set {} {name}`",
            unit_of_file(&here.1)
        ))
}

fn permission_words(fault: Fault) -> Diagnostic {
    match fault {
        Fault::BadInlineRule { span } => Diagnostic::error(
            "bad-inline-rule",
            "an entry of `delivery.inline` is `APP/NAME`, in which both may be globs",
        )
        .at(span, ""),
        Fault::BadGlob { span, glob } => {
            Diagnostic::error("bad-glob", format!("`{glob}` is no glob of app names")).at(span, "")
        }
        Fault::BadPattern { span, fault } => Diagnostic::error("bad-allow-pattern", fault.to_string())
            .at(span, "")
            .help("a pattern is `BACKEND:PATH`, such as `vault:kv/{{ env.name }}/{{ app.name }}`"),
        Fault::OutOfScope { span, locator, unit, patterns, document, suggestion } => {
            let found = Diagnostic::error("out-of-scope", format!("`{unit}` may not use `{locator}`"))
                .at(span, "this pointer is outside of what `allow:` permits");
            let found = if patterns.is_empty() {
                found.at(document, format!("`{}` permits `{}` nothing", unit.environment, unit.app))
            } else {
                patterns.iter().take(4).fold(found, |d, at| d.at(*at, "doesn't cover it"))
            };
            found.help(format!(
                "if it should: add `{}: [\"{suggestion}\"]` under `allow:` of the environment, for review",
                unit.app
            ))
        }
        other => unreachable!("not about permissions: {other:?}"),
    }
}

/// What `sealwright secret set` takes as the unit for a file of an app.
fn unit_of_file(file: &str) -> String {
    match file.split('/').collect::<Vec<_>>().as_slice() {
        ["apps", app, "app.yaml"] => format!("'*/{app}'"),
        ["apps", app, environment] => format!("{}/{app}", environment.trim_end_matches(".yaml")),
        _ => "ENV/APP".to_string(),
    }
}

fn narrowed(span: Span, range: Option<std::ops::Range<usize>>) -> Span {
    let Some(range) = range else { return span };
    let offset = |n: usize| span.start.saturating_add(u32::try_from(n).unwrap_or(u32::MAX)).min(span.end);
    Span::new(span.file, offset(range.start), offset(range.end))
}

fn did_you_mean(found: Diagnostic, name: &str, known: &[String], list: &str) -> Diagnostic {
    match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => found.help(format!("did you mean `{near}`?")),
        None => listed(found, known, list),
    }
}

fn listed(found: Diagnostic, known: &[String], list: &str) -> Diagnostic {
    if known.is_empty() || known.len() > 16 {
        return found;
    }
    found.help(format!("{list} `{}`", known.join("`, `")))
}
