//! The words for what is wrong with secrets and with permissions to use them.

use std::ops::Range;

use super::fault::{Fault, FileFault, Place};
use super::name::{UnitName, is_dns_label};
use super::words::did_you_mean;
use crate::source::diagnostic::Diagnostic;
use crate::source::span::Span;

pub(super) fn secret_words(fault: Fault) -> Diagnostic {
    match fault {
        Fault::PlaintextSecret { span, name, target } => {
            Diagnostic::error("plaintext-secret", format!("`{name}` is a secret and stands here in plaintext"))
                .at(span, "this is in the clear")
                .help(format!("encrypt it: `sealwright secret set {} {name}` reads the value from standard input or asks for it", target))
                .help("or point into a store: `ref+vault://MOUNT/PATH#/FIELD`")
                .help("if it was ever committed, it is known: change it where it is used")
        }
        Fault::SecretInConfig { span, name, schema, app } => {
            Diagnostic::error("plaintext-secret", format!("`{name}` is a secret and stands under `config:`"))
                .at(span, "this is in the clear")
                .at(schema, "the app's schema says that it is a secret")
                .help(format!("remove it here and encrypt it: `sealwright secret set ENV/{app} {name}` writes it under `secrets:`"))
                .help("or point into a store there: `ref+vault://MOUNT/PATH#/FIELD`")
                .help("if it was ever committed, it is known: change it where it is used")
        }
        Fault::SecretInPlatform { span, key, platform } => Diagnostic::error(
            "plaintext-secret",
            format!("`{key}` is a secret and stands under `platforms.{platform}`"),
        )
        .at(span, "this goes into the output as it stands")
        .help(format!("a schema of platforms/{platform} says that it is a secret"))
        .help("declare it under `secrets:` of the app; the pack can be told its name, by a key with `\"x-secret-name\": true`")
        .help("if it was ever committed, it is known: change it where it is used"),
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
                .help("a secret can be named and encoded: `{{ secrets.NAME }}` or `{{ shared.NAME }}`, with `| urlencode`, `| b64encode`, `| tojson`, `| shellquote` or `| dotenv`")
        }
        Fault::SecretCycle { span, other, name, nested } => {
            let message = if nested {
                format!("secrets are composed of each other too often at `{name}`")
            } else {
                format!("secret `{name}` is composed of itself")
            };
            Diagnostic::error("secret-cycle", message)
                .at(span, "used here")
                .at(other, "declared here")
                .help("in the end, each part comes from a store or from a ciphertext")
        }
        Fault::BadPointer { span, fault } => {
            let range = fault.range.clone();
            let found = Diagnostic::error("bad-pointer", fault.to_string()).at(narrowed(span, range), "");
            found.help("a pointer is `ref+BACKEND://PATH[?PARAM=VALUE]#/FIELD`, such as `ref+vault://kv/prod/carts#/password`")
        }
        Fault::BadCiphertext { span, name, target, fault } => {
            Diagnostic::error("bad-ciphertext", format!("the encrypted value of `{name}` can't be used: {fault}"))
                .at(span, "")
                .help(format!("encrypt the value again: `sealwright secret set {target} {name}`"))
        }
        Fault::MovedCiphertext { span, name, here, sealed } => moved_words(span, &name, &here, &sealed),
        Fault::WrongRecipients { span, name, environments, count, target } => {
            let readers = environments.join("`, `");
            Diagnostic::error("wrong-recipients", format!("`{name}` isn't encrypted for exactly those who read it"))
                .at(span, format!("read in `{readers}`, by {count} recipient{}", if count == 1 { "" } else { "s" }))
                .help(format!("encrypt it again: `sealwright secret set {target} {name}`"))
        }
        Fault::WithoutRecipients { span, name, environments } => {
            let readers = environments.join("`, `");
            let group = environments.first().cloned().unwrap_or_default();
            Diagnostic::error("no-recipients", format!("nobody could decrypt `{name}`: `{readers}` has no recipients"))
                .at(span, "")
                .help(format!("add `recipients: {{ {group}: [age1…] }}` to sealwright.yaml; `sealwright secret keygen` makes a key pair"))
        }
        Fault::WithoutReader { span, name, shared: true } => {
            Diagnostic::error("secret-without-reader", format!("no environment reads the shared secret `{name}` from here"))
                .at(span, "")
                .help(format!("an app that it is for reads it by `{name}: \"{{{{ shared.{name} }}}}\"` under `secrets:`"))
                .help("or remove it: no app names it, or every environment has a value of its own")
        }
        Fault::SharedNamesSecret { span } => {
            Diagnostic::error("undefined-variable", "a shared secret can't name a secret of an app")
                .at(span, "")
                .help("it can be composed of shared ones: `{{ shared.NAME }}`")
        }
        Fault::SharedNotFor { span, name, app, declared } => {
            Diagnostic::error("shared-not-for-app", format!("the shared secret `{name}` isn't for `{app}`"))
                .at(span, "used here")
                .at(declared, "declared here, for other apps")
                .help(format!("if it should be: add `{app}` to its `for:`, for review"))
        }
        Fault::WithoutReader { span, name, shared: false } => {
            Diagnostic::error("secret-without-reader", format!("no environment reads `{name}` from here"))
                .at(span, "")
                .help("remove it: the app runs nowhere, or every environment has a value of its own")
        }
        Fault::BadRecipient { span, fault } => {
            let found = Diagnostic::error("bad-recipient", fault.to_string()).at(span, "");
            fault.help().into_iter().fold(found, Diagnostic::help)
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
            set_target(&here.1, &here.2)
        ))
}

pub(super) fn permission_words(fault: Fault) -> Diagnostic {
    match fault {
        Fault::BadInlineRule { span } => Diagnostic::error(
            "bad-inline-rule",
            "an entry of `delivery.inline` is `APP/NAME`, in which both may be globs",
        )
        .at(span, "")
        .help("write it as `carts/API_KEY` or `carts/*`"),
        Fault::BadGlob { span, glob } => {
            Diagnostic::error("bad-glob", format!("`{glob}` is no glob of app names"))
                .at(span, "what it permits")
                .help("such a glob is an app's name, `\"*\"`, or a mix of both such as `carts*`")
        }
        Fault::BadPattern { span, fault } => Diagnostic::error("bad-allow-pattern", fault.to_string())
            .at(span, "")
            .help("a pattern is `BACKEND:PATH`, such as `vault:kv/{{ env.name }}/{{ app.name }}`"),
        Fault::OutOfScope { span, locator, unit, patterns, document, suggestion } => {
            let found = Diagnostic::error("out-of-scope", format!("`{unit}` may not use `{locator}`"))
                .at(span, "this pointer is outside of what `allow:` permits");
            let UnitName { environment, app } = &unit;
            let file = format!("environments/{environment}/environment.yaml");
            if patterns.is_empty() {
                return found.at(document, format!("`{environment}` permits `{app}` nothing")).help(format!(
                    "if it should: add `{app}: [\"{suggestion}\"]` under `allow:` of {file}, for review"
                ));
            }
            let found = patterns.iter().take(4).fold(found, |d, at| d.at(*at, "doesn't cover it"));
            found.help(format!("if it should: add `\"{suggestion}\"` to the list of `{app}` under `allow:` of {file}, for review"))
        }
        other => unreachable!("not about permissions: {other:?}"),
    }
}

/// The words for what is wrong with files.
pub(super) fn secret_file_words(fault: Fault) -> Diagnostic {
    let Fault::File { span, name, fault } = fault else { unreachable!("not about files: {fault:?}") };
    match fault {
        FileFault::HoldsSource => Diagnostic::error(
            "secret-in-file",
            format!("file `{name}` would hold a pointer or a ciphertext as it stands there"),
        )
        .at(span, "it isn't resolved here")
        .help("declare it under `secrets:`, and write `{{ secrets.NAME }}` in the file"),
        FileFault::NoPath => Diagnostic::error("missing-key", format!("file `{name}` isn't mounted anywhere"))
            .at(span, "")
            .help("add `path: /PATH`"),
        FileFault::NoContent => Diagnostic::error("missing-key", format!("file `{name}` has no content"))
            .at(span, "")
            .help("add `content:`; an empty file has the content `\"\"`"),
        FileFault::BadPath => Diagnostic::error("bad-path", format!("the path of file `{name}` isn't one"))
            .at(span, "")
            .help("a path is absolute, such as `/run/secrets/db`, and has neither `:` nor empty, `.` or `..` segments"),
        FileFault::BadMode => Diagnostic::error("bad-mode", format!("the mode of file `{name}` isn't one"))
            .at(span, "")
            .help("a mode is three octal digits: `\"0400\"` lets its owner read it, `\"0444\"` everybody"),
        FileFault::ModeWithoutFile => {
            Diagnostic::error("bad-mode", format!("secret `{name}` has a mode and is no file"))
                .at(span, "")
                .help("add `file: /PATH`, or take `mode` away")
        }
        FileFault::NameTaken { other } => {
            Diagnostic::error("name-taken", format!("a file and a secret have the same name, `{name}`"))
                .at(span, "the file")
                .at(other, "the secret")
                .help("rename one of them: both are delivered under their name")
        }
        FileFault::PathTaken { other } => {
            Diagnostic::error("path-taken", format!("`{name}` is mounted where something else is"))
                .at(span, "this path")
                .at(other, "and this one are the same")
        }
    }
}

/// What `sealwright secret set` takes for a value at a place.
pub(super) fn set_target(file: &str, pointer: &str) -> String {
    let is_shared = pointer.starts_with("/shared/");
    match file.split('/').collect::<Vec<_>>().as_slice() {
        ["sealwright.yaml"] if is_shared => "--shared '*'".to_string(),
        ["environments", environment, _] if is_shared => format!("--shared {environment}"),
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
