//! The words for what is wrong with files, names, expressions and workloads.

use super::config_schema::SchemaFault;
use super::expression::ExpressionFault;
use super::fault::Fault;
use super::name::UnitName;
use super::repo::ROOT_FILE;
use crate::source::diagnostic::Diagnostic;
use crate::source::nearest::nearest;
use crate::source::schema::SchemaError;

pub(super) fn file_words(fault: Fault) -> Diagnostic {
    match fault {
        Fault::MissingFile { path, repo } => {
            let found = Diagnostic::error("missing-file", format!("there is no `{path}` in {repo}"));
            if path == ROOT_FILE {
                found.help("name the control repo with `--repo DIR`, or run inside one")
            } else {
                found.help(format!("add `{path}`, or remove its folder"))
            }
        }
        Fault::Unreadable { path, error } => {
            Diagnostic::error("unreadable-file", format!("`{path}` can't be read: {error}"))
        }
        Fault::BadFileName { path, fault } => {
            Diagnostic::error("bad-name", format!("`{path}` can't be read: {fault}")).help("rename it")
        }
        Fault::TemplateNotUtf8 { path } => {
            Diagnostic::error("not-utf8", format!("`{path}` isn't UTF-8")).help("save the file as UTF-8")
        }
        Fault::UnreadFile { path, why } => {
            Diagnostic::warning("unread-file", format!("nothing reads `{path}`")).help(why)
        }
        Fault::SeveralDocuments { second } => {
            Diagnostic::error("several-documents", "this file holds one YAML document, not several")
                .at(second, "a second document begins here")
                .help("write one file for each, and take away the `---`")
        }
        Fault::NotAMapping { span, found } => {
            Diagnostic::error("not-a-mapping", format!("expected a mapping, found {found}")).at(span, "")
        }
        Fault::BadConfigSchema { span, fault } => {
            let help = schema_help(&fault, "keep to what the app reads from its config");
            Diagnostic::error(
                "bad-config-schema",
                format!("the app's config.schema.json can't be used: {fault}"),
            )
            .at(span, "")
            .help(help)
        }
        Fault::BadPackSchema { span, fault } => {
            let help = schema_help(&fault, "keep to what the templates of the pack read");
            Diagnostic::error("bad-pack", format!("the pack's schema can't be used: {fault}"))
                .at(span, "")
                .help(help)
        }
        other => unreachable!("not about files: {other:?}"),
    }
}

/// What to do about a schema that can't be used.
fn schema_help(fault: &SchemaFault, smaller: &'static str) -> &'static str {
    match fault {
        SchemaFault::TooLarge => smaller,
        SchemaFault::TooCostly => "write `$ref`s as `#/$defs/NAME`, and fewer of them below each other",
        SchemaFault::Patterns => "say what names look like by `propertyNames`, beside `additionalProperties`",
        SchemaFault::Taken { .. } => "take it away: `sealwright explain app` says what every app may have",
        SchemaFault::Schema(SchemaError::Elsewhere { .. } | SchemaError::Nowhere { .. }) => {
            "copy what it needs into the file: `\"$ref\": \"#/$defs/NAME\"`"
        }
        SchemaFault::Schema(SchemaError::Pattern { .. }) => {
            "patterns match in linear time: letters, classes, repetitions and groups"
        }
        SchemaFault::Schema(_) => "it is a JSON Schema of draft 2020-12, in JSON",
    }
}

pub(super) fn name_words(fault: Fault) -> Diagnostic {
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
        Fault::ExtendsCycle { circle } => {
            let names: Vec<&str> =
                circle.iter().chain(circle.first()).map(|(name, _)| name.as_str()).take(8).collect();
            let found = Diagnostic::error(
                "extends-cycle",
                format!("environments extend each other without end: `{}`", names.join("` → `")),
            );
            circle
                .iter()
                .take(8)
                .fold(found, |d, (name, span)| d.at(*span, format!("`{name}` extends this")))
                .help("take away one `extends:`; what both need can stand in a third environment, in which nothing runs")
        }
        Fault::MissingPlatform { environment, span } => {
            Diagnostic::error("missing-key", format!("environment `{environment}` doesn't say its platform"))
                .at(span, "")
                .help("add `platform: kubernetes`, or another one that `sealwright platform list` names")
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
        Fault::BadVersion { span } => {
            Diagnostic::error("bad-version", "this is no version")
                .at(span, "")
                .help("a version is a tag, `@sha256:DIGEST`, or both; `null` keeps the image as it is written")
        }
        Fault::NotInEnvironment { unit } => {
            let UnitName { environment, app } = &unit;
            Diagnostic::error("unknown-unit", format!("`{app}` doesn't run in `{environment}`"))
                .help(format!("add `{app}: VERSION` to `environments/{environment}/versions.yaml`"))
        }
        Fault::NothingSelected { pattern, units, environments } => {
            if let Some((environment, app)) = pattern.split_once('/')
                && environments.iter().any(|known| known == environment)
                && units.iter().any(|unit| unit.ends_with(&format!("/{app}")))
            {
                return name_words(Fault::NotInEnvironment {
                    unit: UnitName { environment: environment.into(), app: app.into() },
                });
            }
            let found = Diagnostic::error("unknown-unit", format!("`{pattern}` matches no unit"));
            let known = if pattern.contains('/') { &units } else { &environments };
            match nearest(&pattern, known.iter().map(String::as_str)) {
                Some(near) => found.help(format!("did you mean `{near}`?")),
                None => listed(found, &environments, "the environments are"),
            }
            .help("`sealwright list` shows all units")
        }
        other => unreachable!("not about names: {other:?}"),
    }
}

pub(super) fn expression_words(fault: Fault) -> Diagnostic {
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
                let found = Diagnostic::error("bad-expression", format!("the expression fails: {detail}"))
                    .at(span, "");
                if detail.starts_with("filter ") {
                    return found.help("some of the filters are `upper`, `lower`, `trim`, `replace`, `default`, `join`, `b64encode`, `urlencode`");
                }
                found
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
                "infra" => found.help("what infrastructure code exports stands in outputs.json of the environment, as `terraform output -json` writes it"),
                "shared" => found.help("a shared secret is declared under `shared:` of sealwright.yaml or environment.yaml"),
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
                .filter(|(_, at)| !(at.file == span.file && at.start <= span.start && span.end <= at.end))
                .take(8)
                .fold(found, |d, (name, at)| d.at(*at, format!("`{root}.{name}` is written here")))
        }
        Fault::SensitiveOutput { name, span } => {
            Diagnostic::error("plaintext-secret", format!("the output `{name}` is sensitive and stands here in plaintext"))
                .at(span, "this is in the clear")
                .help("leave it out of the file, as `jq 'map_values(select(.sensitive | not))'` does; let a secret store have it, and point there")
                .help("if it was ever committed, it is known: change it where it is used")
        }
        Fault::UnusableOutput { name, span, output, sensitive: true } => Diagnostic::error(
            "secret-in-plain-text",
            format!("`infra.{name}` can't stand here: its author calls it sensitive"),
        )
        .at(span, "a secret would show in the output")
        .at(output, "it is exported here")
        .help("put the value into a secret store and point to it: outputs.json is in git"),
        Fault::UnusableOutput { name, span, output, .. } => {
            Diagnostic::error("bad-expression", format!("`infra.{name}` is no text"))
                .at(span, "")
                .at(output, "it is exported here")
                .help("export each text that is needed by a name of its own")
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

pub(super) fn workload_words(fault: Fault) -> Diagnostic {
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
        Fault::NodePortWithoutService { span, hidden } => {
            Diagnostic::error("bad-port", "a port that no Service shows can't have a node port")
                .at(span, "the node port")
                .at(hidden, "no Service shows it")
                .help("take away `node`, or `service: null`")
        }
        Fault::PortTaken { span, other, name } => {
            Diagnostic::error("bad-port", format!("two ports of one unit are the same: `{name}`"))
                .at(span, "this one")
                .at(other, "and this one")
                .help("containers of a unit share one network: give each port its own name and number")
        }
        Fault::ProbeKind { span, found } => {
            const HELP: &str =
                "give it exactly one of `http: /PATH`, `tcp: true`, `grpc: true` and `command: [PROGRAM, ARGUMENT…]`";
            if found.is_empty() {
                return Diagnostic::error("bad-probe", "the probe doesn't say how it asks").at(span, "").help(HELP);
            }
            found
                .iter()
                .fold(
                    Diagnostic::error("bad-probe", "the probe asks in more than one way"),
                    |d, (kind, span)| d.at(*span, format!("it has `{kind}` here")),
                )
                .help(HELP)
                .help("what another layer says is removed with `null`, such as `http: null`")
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
                .at(span, "this secret")
                .at(other, "and this value")
                .help("remove one (`null` removes what a lower layer says), or give the secret another variable with `env:`")
        }
        other => unreachable!("not about a workload: {other:?}"),
    }
}

pub(super) fn did_you_mean(found: Diagnostic, name: &str, known: &[String], list: &str) -> Diagnostic {
    match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => found.help(format!("did you mean `{near}`?")).replacing(name, near),
        None => listed(found, known, list),
    }
}

pub(super) fn listed(found: Diagnostic, known: &[String], list: &str) -> Diagnostic {
    if known.is_empty() || known.len() > 16 {
        return found;
    }
    found.help(format!("{list} `{}`", known.join("`, `")))
}
