//! `sealwright platform show`: what a pack makes, and what may be said to it.

use serde::Serialize;
use serde_json::Value;

use super::about::{About, Pack, json};
use crate::args::ReportFormat;
use crate::commands::{Outcome, Terminal, grid};
use crate::config::pack_schema::Of;
use crate::source::escape::visible;
use crate::source::node::Node;

/// A pack, as programs read it. What platform.yaml says is told in its own words.
#[derive(Debug, Serialize)]
struct Shown {
    platform: String,
    pack: Pack,
    /// The folder of the pack, if it is the repo's.
    path: Option<String>,
    environments: Vec<String>,
    /// What differs from the built-in pack of the same name.
    differences: Vec<String>,
    schemas: Option<String>,
    documents: Value,
    sinks: Value,
    references: Value,
    composes: Value,
    lacks: Value,
    /// What `platforms.NAME` of environment.yaml may say.
    settings: Vec<Setting>,
    /// What `platforms.NAME` of an app may say besides what every app may.
    fields: Vec<Setting>,
}

#[derive(Debug, Serialize)]
struct Setting {
    name: String,
    description: String,
}

/// A table with a title.
struct Section {
    title: String,
    head: &'static [&'static str],
    rows: Vec<Vec<String>>,
}

/// Shows the pack of a platform.
pub(in crate::commands) fn show(terminal: &Terminal, name: &str, output: ReportFormat) -> Outcome {
    let repo = match super::read(terminal) {
        Ok(repo) => repo,
        Err(outcome) => return outcome,
    };
    let Some(about) = About::of(name, repo.as_ref()) else {
        return super::unknown(terminal, name, &super::names(repo.as_ref()));
    };
    let setting = |(name, description)| Setting { name, description };
    let shown = Shown {
        platform: name.to_string(),
        pack: about.pack,
        path: about.path.clone(),
        environments: super::used_by(name, repo.as_ref()),
        differences: about.differences(),
        schemas: about.schemas().map(ToString::to_string),
        documents: about.json("documents"),
        sinks: about.json("sinks"),
        references: about.json("references"),
        composes: about.json("composes"),
        lacks: about.json("lacks"),
        settings: about.settings(Of::Environment, repo.as_ref()).into_iter().map(setting).collect(),
        fields: about.settings(Of::App, repo.as_ref()).into_iter().map(setting).collect(),
    };
    let form = match output {
        ReportFormat::Json => return terminal.print(&grid::json_of(&shown)),
        ReportFormat::Table => grid::table,
        ReportFormat::Markdown => grid::markdown,
    };
    let mut text = opening(&shown);
    for section in sections(&about, &shown).iter().filter(|section| !section.rows.is_empty()) {
        let title = &section.title;
        text.push_str(&match output {
            ReportFormat::Markdown => format!("\n## {title}\n\n"),
            _ => format!("\n{title}:\n\n"),
        });
        text.push_str(&form(section.head, &section.rows));
    }
    terminal.print(&text)
}

fn opening(shown: &Shown) -> String {
    let Shown { platform, pack, path, environments, differences, schemas, composes, .. } = shown;
    let mut lines = vec![match (pack, path) {
        (Pack::BuiltIn, _) | (_, None) => format!("{platform}: a built-in pack"),
        (Pack::Own, Some(path)) => format!("{platform}: a pack of the repo, {path}"),
        (Pack::Ejected, Some(path)) => {
            format!("{platform}: {path} of the repo, which wins over the built-in pack")
        }
    }];
    if !environments.is_empty() {
        lines.push(format!("used by {}", environments.join(", ")));
    }
    if let Some(schemas) = schemas {
        lines.push(format!("its documents are held against the schemas of {schemas}"));
    }
    if let Some(encodings) = composes.as_array() {
        let encodings: Vec<&str> = encodings.iter().filter_map(Value::as_str).collect();
        let with =
            if encodings.is_empty() { String::new() } else { format!(", with {}", encodings.join(", ")) };
        lines.push(format!("its references are composed with text{with}"));
    }
    match differences.as_slice() {
        [] if *pack == Pack::Ejected => lines.push("its files are those of the built-in pack".to_string()),
        [] => {}
        list => lines.push(format!("beside the built-in pack of this version: {}", list.join(", "))),
    }
    lines.iter().map(|line| format!("{}\n", visible(line))).collect()
}

fn sections(about: &About, shown: &Shown) -> Vec<Section> {
    let text = |row: &Node, key: &str| row.get(key).map(plain).unwrap_or_default();
    let documents = about.rows("documents").iter().map(|row| {
        let per = row.get("per").map_or_else(|| "unit".to_string(), plain);
        vec![text(row, "template"), about.made_by(row).join(", "), per, text(row, "when")]
    });
    let sinks = about.rows("sinks").iter().map(|row| {
        let path = match row.get("path").and_then(Node::as_list) {
            Some(keys) => keys.iter().map(plain).collect::<Vec<_>>().join("."),
            None => text(row, "path"),
        };
        vec![text(row, "kind"), path, text(row, "encoding")]
    });
    let references = about.rows("references").iter().map(|row| {
        let rest = row.as_map().into_iter().flatten().filter(|(key, _)| &***key != "backend");
        let rest: Vec<String> = rest.map(|(key, entry)| limit(key, &entry.value)).collect();
        vec![text(row, "backend"), rest.join("; ")]
    });
    let lacks = about.rows("lacks").iter().map(|row| {
        let field = match row.get("value").map(plain) {
            Some(value) => format!("{}: {value}", text(row, "field")),
            None => text(row, "field"),
        };
        vec![field, text(row, "because")]
    });
    let settings = |list: &[Setting]| {
        list.iter().map(|one| vec![one.name.clone(), one.description.clone()]).collect::<Vec<_>>()
    };
    let name = &shown.platform;
    let section = |title: String, head, rows| Section { title, head, rows };
    vec![
        section("Documents".into(), &["TEMPLATE", "MAKES", "PER", "WHEN"], documents.collect()),
        section("Sinks".into(), &["KIND", "PATH", "ENCODING"], sinks.collect()),
        section("References".into(), &["BACKEND", "HOW"], references.collect()),
        section("What it has not".into(), &["FIELD", "BECAUSE"], lacks.collect()),
        section(
            format!("platforms.{name} of environment.yaml"),
            &["FIELD", "WHAT"],
            settings(&shown.settings),
        ),
        section(format!("platforms.{name} of an app"), &["FIELD", "WHAT"], settings(&shown.fields)),
    ]
}

/// A limit of references as platform.yaml writes it.
fn limit(key: &str, value: &Node) -> String {
    match value.as_list() {
        Some(items) => format!("{key}: [{}]", items.iter().map(plain).collect::<Vec<_>>().join(", ")),
        None => format!("{key}: {}", plain(value)),
    }
}

/// A value in one line.
fn plain(node: &Node) -> String {
    match node.as_text() {
        Some(text) => text.to_string(),
        None if node.is_null() => String::new(),
        None => json(node).to_string(),
    }
}
