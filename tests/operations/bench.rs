//! One unit with two secrets, and what a template makes of it.

use std::sync::Arc;

use sealwright::config::check::{Config, check};
use sealwright::config::secret::SecretId;
use sealwright::config::selection::Selection;
use sealwright::manifest::delivery::Deliveries;
use sealwright::manifest::draft::{Datum, Piece, SecretExpr};
use sealwright::manifest::pack::Pack;
use sealwright::manifest::render;
use sealwright::manifest::taint::seal;
use sealwright::manifest::view::View;
use sealwright::pipeline;
use sealwright::source::diagnostic::{Diagnostic, Diagnostics};
use sealwright::source::files::Files;
use sealwright::source::memory::Memory;

/// The description of a pack with one template.
const PLATFORM: &str = "\
documents:
  - template: t.yaml
sinks:
  - { kind: Secret, path: [data, \"*\"] }
  - { kind: Secret, path: [data, \"*\", \"*\"] }
";

/// Where a finding stands and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Its code.
    pub code: &'static str,
    /// `file:line:column`.
    pub place: String,
    /// The marked text.
    pub marked: String,
    /// Its message.
    pub message: String,
}

/// The unit.
pub fn unit() -> Arc<Config> {
    let world = Memory::new()
        .with("sealwright.yaml", "name: test\nid: 7f3c9e1a52d0\n")
        .with(
            "environments/dev/environment.yaml",
            "platform: kubernetes\nnamespace: ns\nallow: { '*': ['vault:kv/**'] }\nstores: { vault: { address: 'https://vault.example' } }\n",
        )
        .with("environments/dev/versions.yaml", "web: 1.0\n")
        .with(
            "apps/web/app.yaml",
            "image: example/web\nconfig: { PLAIN: text, EMPTY: '' }\nsecrets:\n  A: ref+vault://kv/web#/a\n  B: ref+vault://kv/web#/b\n",
        );
    let mut out = Diagnostics::default();
    let selection = Selection::parse(&["dev/web"]).expect("it is a unit");
    let layers = pipeline::read(&world, &selection, &mut out).map_err(|_| &out).expect("the repo is read");
    let stack = &layers.stacks[0];
    let environment = &layers.environments["dev"];
    let config = check(&layers.repo, environment, stack, &layers.sites, &mut out);
    assert!(!out.has_errors(), "{:?}", out.sorted());
    Arc::new(config.expect("a unit without errors"))
}

/// What a template makes of the unit.
pub fn run(template: &str) -> Result<String, Vec<Refusal>> {
    run_files(&[("platform.yaml", PLATFORM), ("t.yaml", template)], false)
}

/// The same, without the static pass: what is refused while the template runs.
pub fn run_late(template: &str) -> Result<String, Vec<Refusal>> {
    run_files(&[("platform.yaml", PLATFORM), ("t.yaml", template)], true)
}

/// What `t.yaml` makes of the unit together with other templates.
pub fn run_with(others: &[(&str, &str)], template: &str) -> Result<String, Vec<Refusal>> {
    let files: Vec<(&str, &str)> = [("platform.yaml", PLATFORM), ("t.yaml", template)]
        .into_iter()
        .chain(others.iter().copied())
        .collect();
    run_files(&files, false)
}

/// What a pack of these files makes of the unit.
pub fn run_files(sources: &[(&str, &str)], late: bool) -> Result<String, Vec<Refusal>> {
    let (mut files, mut out) = (Files::default(), Diagnostics::default());
    let harmless: Vec<(&str, &str)> = sources
        .iter()
        .map(|(name, text)| (*name, if late && *name != "platform.yaml" { "" } else { *text }))
        .collect();
    let Some(mut pack) = Pack::from_sources("test", &harmless, &mut files, &mut out) else {
        return Err(refusals(out, &files));
    };
    if late {
        // The texts behind the file ids are those that were replaced.
        files = Files::default();
        for (name, text) in sources {
            files.add(format!("<test>/{name}"), *text);
            if *name == "platform.yaml" {
                continue;
            }
            if let Err(error) = pack.engine.add_template_owned(name.to_string(), text.to_string()) {
                out.push(pack.template_fault(&error));
                return Err(refusals(out, &files));
            }
        }
    }
    let unit = unit();
    let ids: Vec<SecretId> = unit.secrets.iter().map(|(id, _)| id).collect();
    let view =
        View::of_unit(&unit, &Deliveries { inline: ids.clone(), ..Deliveries::default() }, &pack.tokens);
    let documents = render::render(&render::Templates::of(&pack, false), &view, &mut out);
    let before = out.error_count();
    let sealed = seal(Some(unit.clone()), documents, &pack, &view, &mut out);
    assert_eq!(sealed.is_none(), out.error_count() > before, "what a place refuses is never sealed");
    if out.has_errors() {
        return Err(refusals(out, &files));
    }
    let sealed = sealed.expect("what has no error is sealed");
    assert_eq!(sealed.unit().map(|unit| &*unit.secrets.get(SecretId(0)).name), Some("A"));
    assert_eq!(sealed.has_secrets(), sealed.documents().iter().any(|document| holds_secret(&document.body)));
    let shown: Vec<String> = sealed.documents().iter().map(|document| show(&document.body, &unit)).collect();
    Ok(shown.join(" --- "))
}

/// Whether a secret stands anywhere in a value.
fn holds_secret(datum: &Datum) -> bool {
    match datum {
        Datum::Text(pieces) => pieces.iter().any(|piece| matches!(piece, Piece::Secret(_))),
        Datum::List(items) => items.iter().any(holds_secret),
        Datum::Map(map) => map.values().any(holds_secret),
        _ => false,
    }
}

fn refusals(out: Diagnostics, files: &Files) -> Vec<Refusal> {
    let refusal = |found: Diagnostic| Refusal {
        code: found.code,
        place: found.span().map(|span| files.locate(span)).unwrap_or_default(),
        marked: found.span().map(|span| files.slice(span).to_string()).unwrap_or_default(),
        message: found.message,
    };
    out.sorted().into_iter().map(refusal).collect()
}

/// A document on one line; a secret is `⟨NAME⟩`, an encoding `base64(…)`.
fn show(datum: &Datum, unit: &Config) -> String {
    let join = |items: Vec<String>| items.join(", ");
    match datum {
        Datum::Null => "null".into(),
        Datum::Bool(value) => value.to_string(),
        Datum::Number(text) => text.to_string(),
        Datum::Text(pieces) => format!("'{}'", text(pieces, unit)),
        Datum::List(items) => format!("[{}]", join(items.iter().map(|item| show(item, unit)).collect())),
        Datum::Map(map) => format!(
            "{{{}}}",
            join(map.iter().map(|(key, value)| format!("{key}: {}", show(value, unit))).collect())
        ),
    }
}

fn text(pieces: &[Piece], unit: &Config) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text { text, .. } => text.to_string(),
            Piece::Rollout => "⟨rollout⟩".into(),
            Piece::Secret(SecretExpr::Plain(id)) => format!("⟨{}⟩", unit.secrets.get(*id).name),
            Piece::Secret(SecretExpr::Encoded(encoding, inner)) => {
                format!("{}({})", encoding.filter(), text(inner, unit))
            }
        })
        .collect()
}
