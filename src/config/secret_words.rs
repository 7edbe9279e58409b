//! The words for what is wrong with secrets and with permissions to use them.

use std::ops::Range;

use super::fault::{Fault, Place};
use super::name::is_dns_label;
use super::words::did_you_mean;
use crate::source::diagnostic::Diagnostic;
use crate::source::span::Span;

pub(super) fn secret_words(fault: Fault) -> Diagnostic {
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
            // Someone could have named an identity in place of a group.
            let named = if is_dns_label(&group) { format!(" `{group}`") } else { String::new() };
            let found = Diagnostic::error("unknown-group", format!("there is no group of recipients{named}"))
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

pub(super) fn permission_words(fault: Fault) -> Diagnostic {
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

fn narrowed(span: Span, range: Option<Range<usize>>) -> Span {
    let Some(range) = range else { return span };
    let offset = |n: usize| span.start.saturating_add(u32::try_from(n).unwrap_or(u32::MAX)).min(span.end);
    Span::new(span.file, offset(range.start), offset(range.end))
}
