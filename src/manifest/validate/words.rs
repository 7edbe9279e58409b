//! The words for what is wrong with documents of the output. They name keys and objects, never values.

use super::compose::words as compose;
use super::ecs;
use super::finding::{Fact, Finding, Part, Twice};
use super::grammar::Grammar;
use crate::source::diagnostic::{Diagnostic, Severity};
use crate::source::escape::visible;

/// Up to how many names are listed.
const LIST_LIMIT: usize = 12;
/// Up to how many options are listed.
const OPTION_LIMIT: usize = 16;
/// Longer names are cut.
const NAME_LIMIT: usize = 80;

/// A finding in words; `place` says where in which object it is, in words too, such as ``Job `x` ``.
pub fn diagnostic(finding: &Finding, place: &str) -> Diagnostic {
    let (message, help) = message(&finding.fact);
    let found = coded(&finding.fact, format!("{place}: {message}"));
    let found = Diagnostic { severity: finding.severity(), ..found };
    help.into_iter().fold(found, Diagnostic::help)
}

fn coded(fact: &Fact, message: String) -> Diagnostic {
    match fact {
        Fact::UnknownKey { .. }
        | Fact::MissingKey { .. }
        | Fact::Type { .. }
        | Fact::KeyForm { .. }
        | Fact::Form { .. }
        | Fact::NotAnObject => Diagnostic::error("bad-manifest", message),
        Fact::UnknownKind { .. } => Diagnostic::warning("unknown-kind", message),
        Fact::Grammar { grammar: Grammar::Quantity } | Fact::RequestOverLimit { .. } => {
            Diagnostic::error("bad-quantity", message)
        }
        Fact::Option { .. }
        | Fact::Range { .. }
        | Fact::Grammar { .. }
        | Fact::DataKey { .. }
        | Fact::MinimumOverMaximum
        | Fact::RestartPolicy { .. }
        | Fact::UnnamedPort => Diagnostic::error("bad-manifest-value", message),
        Fact::LabelKey { .. } | Fact::LabelValue { .. } => Diagnostic::error("bad-label", message),
        Fact::MissingName | Fact::ObjectName { .. } => Diagnostic::error("bad-object-name", message),
        Fact::Twice { .. } => Diagnostic::error("named-twice", message),
        Fact::Selector { .. } => Diagnostic::error("selector-mismatch", message),
        Fact::SelectsNothing { .. } => Diagnostic::warning("selects-nothing", message),
        Fact::NoSuchPart { .. } | Fact::NoSuchKey { .. } | Fact::PortOfNoPod { .. } => {
            Diagnostic::error("unknown-reference", message)
        }
        Fact::NoSuchObject { .. } => Diagnostic::warning("object-not-found", message),
        Fact::Ecs(fact) => ecs::words::coded(fact, message),
        Fact::Compose(fact) => compose::coded(fact, message),
    }
}

/// What is wrong, and the next step where there is one.
pub fn message(fact: &Fact) -> (String, Option<String>) {
    let near = |meant: &Option<String>| meant.as_ref().map(|meant| format!("did you mean {}?", named(meant)));
    match fact {
        Fact::UnknownKey { key, meant, known } => (
            format!("unknown key {}", named(key)),
            near(meant).or_else(|| listed(known).map(|known| format!("known keys: {known}"))),
        ),
        Fact::MissingKey { key } => (format!("missing key {}", named(key)), None),
        Fact::Type { expected, found } => (format!("expected {expected}, found {found}"), None),
        Fact::KeyForm { key, pattern } => (
            format!("{} can't be a key here", named(key)),
            Some(format!("such a key matches `{pattern}`")),
        ),
        Fact::Form { expected } => (format!("expected {expected}"), None),
        Fact::NotAnObject => (
            "a document without `apiVersion` and `kind`".to_string(),
            Some("every object of Kubernetes begins with both".into()),
        ),
        Fact::UnknownKind { kind, api_version, meant, .. } if api_version.is_empty() => (
            match kind.as_str() {
                "" => "there is no schema for a document of no kind".to_string(),
                kind => format!("there is no schema for {}", named(kind)),
            },
            near(meant).or_else(|| Some("the platform's pack says which kinds there are, and their files".into())),
        ),
        Fact::UnknownKind { kind, api_version, meant, severity } => (
            format!("there is no schema for {} of {}", named(kind), named(api_version)),
            near(meant).or_else(|| match severity {
                Severity::Warning => Some(
                    "put its CustomResourceDefinition into `schemas/`, or say `platforms: { kubernetes: { unknownKinds: ignore } }` in environment.yaml"
                        .into(),
                ),
                Severity::Error => Some("put its CustomResourceDefinition into `schemas/`".into()),
            }),
        ),
        Fact::Option { options, meant } if options.len() > OPTION_LIMIT => {
            (format!("expected one of its {} options", options.len()), near(meant))
        }
        Fact::Option { options, meant } => {
            (format!("expected {}", any_of(options.iter().map(|option| named(option)).collect())), near(meant))
        }
        Fact::Range { least, most } if *most == i64::MAX => (format!("expected at least {least}"), None),
        Fact::Range { least, most } => (format!("expected a number from {least} to {most}"), None),
        Fact::Grammar { grammar } => (format!("expected {}", grammar.words()), None),
        Fact::LabelKey { key } => (
            format!("{} can't be the key of a label or annotation", named(key)),
            Some(format!("such a key is {}", Grammar::QualifiedName.words())),
        ),
        Fact::LabelValue { key } => (
            format!("the value of {} can't be a label", named(key)),
            Some(format!("a label is {}; annotations hold any text", Grammar::LabelValue.words())),
        ),
        Fact::DataKey { key } => (
            format!("{} can't be the key of a ConfigMap or Secret", named(key)),
            Some(format!("such a key is {}", Grammar::DataKey.words())),
        ),
        Fact::MissingName => ("an object without a name".to_string(), Some("add `metadata.name`".into())),
        Fact::ObjectName { kind, grammar } => {
            (format!("this can't be the name of a {kind}"), Some(format!("it is {}", grammar.words())))
        }
        Fact::RequestOverLimit { resource } => (
            format!("the container asks for more {} than its limit", named(resource)),
            Some("raise the limit, or ask for less".into()),
        ),
        Fact::MinimumOverMaximum => ("the minimum is greater than the maximum".to_string(), None),
        Fact::RestartPolicy { kind } => match kind.as_str() {
            "Job" | "CronJob" => (
                format!("the pods of a {kind} need a restart policy that lets them end"),
                Some("write `restartPolicy: OnFailure` or `restartPolicy: Never`".into()),
            ),
            _ => (
                format!("the pods of a {kind} are always restarted"),
                Some("take `restartPolicy` away, or write `Always`".into()),
            ),
        },
        Fact::UnnamedPort => {
            ("of several ports each needs a name".to_string(), Some("add `name` to this port".into()))
        }
        Fact::Twice { what, name } => twice(*what, name),
        Fact::Selector { kind, key } => (
            format!("the selector doesn't match the pods of the {kind} itself: label {}", named(key)),
            Some("the selector and the template's labels say the same".into()),
        ),
        Fact::SelectsNothing { kind } => (
            format!("this {kind} selects no pod of the environment"),
            Some("compare its selector with the labels of the pods that it is for".into()),
        ),
        Fact::NoSuchPart { what, name, meant } => (
            match what {
                Part::Volume => format!("the pod has no volume {}", named(name)),
                Part::ContainerPort => format!("the container has no port {}", named(name)),
                Part::ServicePort => format!("the Service has no port {}", named(name)),
            },
            near(meant),
        ),
        Fact::NoSuchKey { kind, object, key, meant } => {
            (format!("the {kind} {} has no key {}", named(object), named(key)), near(meant))
        }
        Fact::NoSuchObject { kind, name, meant } => (
            format!("nothing here makes the {kind} {}", named(name)),
            near(meant).or_else(|| Some("if something else makes it, this can stay".into())),
        ),
        Fact::Ecs(fact) => ecs::words::message(fact),
        Fact::PortOfNoPod { port } => (
            format!("none of the pods that the Service selects has a port {}", named(port)),
            Some("name a port of the container, or write its number".into()),
        ),
        Fact::Compose(fact) => compose::message(fact),
    }
}

fn twice(what: Twice, name: &str) -> (String, Option<String>) {
    let name = named(name);
    match what {
        Twice::Container => (format!("two containers of one pod are called {name}"), None),
        Twice::Variable => (
            format!("the container sets the variable {name} twice"),
            Some("only the last counts: take one away".into()),
        ),
        Twice::Volume => (format!("two volumes of one pod are called {name}"), None),
        Twice::MountPath => (format!("the container mounts two volumes at {name}"), None),
        Twice::PortName => (format!("two ports are called {name}"), None),
        Twice::PortNumber => {
            (format!("the port {name} is there twice"), Some("only one of them can be reached".into()))
        }
    }
}

/// A name as it stands in a message.
pub fn named(name: &str) -> String {
    let name = visible(name);
    match name.char_indices().nth(NAME_LIMIT) {
        Some((end, _)) => format!("`{}…`", &name[..end]),
        None => format!("`{name}`"),
    }
}

fn listed(names: &[String]) -> Option<String> {
    let names: Vec<String> = names.iter().map(|name| named(name)).collect();
    (1..=LIST_LIMIT).contains(&names.len()).then(|| names.join(", "))
}

/// `a, b or c`.
pub(super) fn any_of(mut names: Vec<String>) -> String {
    match names.pop() {
        Some(last) if !names.is_empty() => format!("{} or {last}", names.join(", ")),
        Some(last) => last,
        None => String::new(),
    }
}
