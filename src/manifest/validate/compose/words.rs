//! The words for what is wrong with documents of Compose. They name keys and services, never values.

use super::fact::{Fact, Section};
use crate::manifest::validate::words::{any_of, named};
use crate::source::diagnostic::Diagnostic;

/// Up to how many services of a circle are named.
const CIRCLE_LIMIT: usize = 8;

/// A message with the code of its fact.
pub fn coded(fact: &Fact, message: String) -> Diagnostic {
    match fact {
        Fact::NoPart | Fact::NoneOf { .. } => Diagnostic::error("bad-manifest", message),
        Fact::Text { .. } | Fact::Exclusive { .. } | Fact::FirstAlone { .. } => {
            Diagnostic::error("bad-manifest-value", message)
        }
        Fact::Amount { .. } => Diagnostic::error("bad-quantity", message),
        Fact::Dollar => Diagnostic::error("single-dollar", message),
        Fact::OfTwo { .. } => Diagnostic::error("same-object", message),
        Fact::NoService { .. } | Fact::NotDeclared { .. } | Fact::NoSecretFile { .. } => {
            Diagnostic::error("unknown-reference", message)
        }
        Fact::NoHealthCheck { .. } | Fact::NeverCompletes { .. } => {
            Diagnostic::error("endless-wait", message)
        }
        Fact::Circle { .. } => Diagnostic::error("depends-on-cycle", message),
        Fact::ContainerTwice { .. } | Fact::ContainersOfOneName => Diagnostic::error("named-twice", message),
        Fact::PortTaken { .. } | Fact::PortOfSeveral => Diagnostic::error("bad-port", message),
        Fact::Outside => Diagnostic::warning("file-outside", message),
        Fact::Shadowed { .. } => Diagnostic::error("variable-set-twice", message),
    }
}

/// What is wrong, and the next step where there is one.
pub fn message(fact: &Fact) -> (String, Option<String>) {
    let near = |meant: &Option<String>| meant.as_ref().map(|meant| format!("did you mean {}?", named(meant)));
    match fact {
        Fact::NoPart => (
            "Compose reads no such document".into(),
            Some("name the template after the file that it is a part of: `compose.yaml`".into()),
        ),
        Fact::Text { expected } | Fact::Amount { expected } => (format!("expected {expected}"), None),
        Fact::Exclusive { one, other } => {
            (format!("`{one}` and {} exclude each other", named(other)), Some("take one of them away".into()))
        }
        Fact::NoneOf { keys } => {
            let keys = keys.iter().map(|key| format!("`{key}`")).collect();
            (format!("there has to be {}", any_of(keys)), None)
        }
        Fact::Dollar => (
            "a single `$` in a value, which Compose takes for the name of a variable".into(),
            Some("write `$$` for a literal `$`".into()),
        ),
        Fact::OfTwo { noun, name } => (
            format!("another app makes the {noun} {}, and one can't change what is the other's", named(name)),
            Some("call it something else, or write it in the app that it belongs to".into()),
        ),
        Fact::NoService { name, meant } => (format!("there is no service {}", named(name)), near(meant)),
        Fact::NoHealthCheck { name, off: true } => (
            format!("the health check of {} is switched off, so it never becomes healthy", named(name)),
            Some("wait for `service_started`, or give it a health check".into()),
        ),
        Fact::NoHealthCheck { name, off: false } => (
            format!("the service {} has no health check of its own", named(name)),
            Some("if its image has one, this can stay; else it never becomes healthy".into()),
        ),
        Fact::NeverCompletes { name } => (
            format!("the service {} is started again whenever it ends, so it never completes", named(name)),
            Some("give it `restart: \"no\"` or `restart: on-failure`, or wait for `service_started`".into()),
        ),
        Fact::Circle { names } => {
            let mut shown: Vec<String> = names.iter().take(CIRCLE_LIMIT).map(|name| named(name)).collect();
            if names.len() > CIRCLE_LIMIT {
                shown.push("…".into());
            }
            shown.extend(names.first().map(|name| named(name)));
            (format!("services wait for each other in a circle: {}", shown.join(" → ")), None)
        }
        Fact::ContainerTwice { name } => (
            format!("two containers are called {}", named(name)),
            Some("call one of them something else: the names are the host's".into()),
        ),
        Fact::ContainersOfOneName => (
            "several containers of a service can't have one name".into(),
            Some("take `container_name` away, or run one".into()),
        ),
        Fact::FirstAlone { name } => (
            format!("{} shares the network of the first of these containers alone", named(name)),
            Some("run one container, or make an app of its own of what shares its network".into()),
        ),
        Fact::PortTaken { port } => (
            format!("the port {} of the host is published twice", named(port)),
            Some("publish another port of the host, or at another address".into()),
        ),
        Fact::PortOfSeveral => (
            "several containers of a service can't publish one port of the host".into(),
            Some("publish a range of ports, or run one".into()),
        ),
        Fact::NotDeclared { section, name, meant } => (
            format!("the {} {} isn't declared", section.noun(), named(name)),
            near(meant).or_else(|| Some(declare(*section))),
        ),
        Fact::Outside => (
            "this file lies outside of the folder of compose.yaml".into(),
            Some(
                "what is deployed is this folder alone: copy the file into it, or name a path of the host"
                    .into(),
            ),
        ),
        Fact::NoSecretFile { meant } => ("nothing makes this file".into(), near(meant)),
        Fact::Shadowed { name } => (
            format!("compose.yaml sets the variable {} as well", named(name)),
            Some("only this value would be seen: take the other away".into()),
        ),
    }
}

/// Where something is declared.
fn declare(section: Section) -> String {
    let top = format!("declare it in `{}` at the top of compose.yaml", section.key());
    if section == Section::Networks {
        top + ", by `platforms.compose.networks` of environment.yaml"
    } else {
        top
    }
}
