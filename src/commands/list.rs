//! `sealwright list`: units, versions, platforms.

use std::collections::HashMap;

use serde::Serialize;

use super::{Outcome, Stream, Terminal};
use crate::args::ListFormat;
use crate::config::selection::Selection;
use crate::pipeline;
use crate::source::diagnostic::{Diagnostic, Diagnostics};
use crate::source::escape::{push_json, visible};

/// A unit, as programs read it.
#[derive(Debug, Serialize)]
struct Row {
    unit: String,
    environment: String,
    app: String,
    /// `null` when the image stands exactly as written.
    version: Option<String>,
    platform: String,
    /// How many secrets the unit declares.
    secrets: usize,
}

/// Lists the units of a selection in the order of their versions.yaml.
pub(super) fn list(terminal: &Terminal, patterns: &[String], output: ListFormat) -> Outcome {
    let selection = match Selection::parse(patterns) {
        Ok(selection) => selection,
        Err(bad) => return terminal.refuse(Diagnostic::error("usage", bad.to_string())),
    };
    let (_, world) = match terminal.world() {
        Ok(world) => world,
        Err(outcome) => return outcome,
    };
    let mut out = Diagnostics::default();
    let layers = match pipeline::read(&world, &selection, &mut out) {
        Ok(layers) => layers,
        Err(files) => {
            terminal.report(out, &files, Stream::Error);
            return Outcome::Refused;
        }
    };
    let units = pipeline::select(&layers, &selection, &mut out);
    let failed = out.has_errors();
    terminal.report(out, &layers.repo.files, Stream::Error);
    if failed {
        return Outcome::Refused;
    }
    let stacks: HashMap<_, _> = layers.stacks.iter().map(|stack| (&stack.unit, stack)).collect();
    let rows: Vec<Row> = units
        .iter()
        .map(|unit| {
            let versions = layers.repo.environments[&unit.environment].versions.as_ref();
            let version = versions.and_then(|v| v.get(&unit.app)).and_then(|node| node.as_text());
            let stack = stacks.get(unit);
            Row {
                unit: unit.to_string(),
                environment: unit.environment.clone(),
                app: unit.app.clone(),
                version: version.map(ToString::to_string),
                platform: layers.environments[&unit.environment].platform.clone(),
                secrets: stack.map_or(0, |stack| stack.secrets().count()),
            }
        })
        .collect();
    match output {
        ListFormat::Table => terminal.print(&table(&rows)),
        ListFormat::Json => {
            let json = serde_json::to_string_pretty(&rows).expect("rows of text are JSON");
            let mut text = String::with_capacity(json.len() + 1);
            push_json(&mut text, &json);
            text.push('\n');
            terminal.print(&text)
        }
    }
}

fn table(rows: &[Row]) -> String {
    let head = ["UNIT", "VERSION", "PLATFORM", "SECRETS"].map(ToString::to_string);
    let cells: Vec<[String; 4]> = std::iter::once(head)
        .chain(rows.iter().map(|row| {
            let version = row.version.as_deref().unwrap_or("-");
            [
                row.unit.clone(),
                visible(version).into_owned(),
                visible(&row.platform).into_owned(),
                row.secrets.to_string(),
            ]
        }))
        .collect();
    let width = |column: usize| cells.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2)];
    cells
        .iter()
        .map(|[unit, version, platform, secrets]| {
            format!(
                "{unit:a$}  {version:b$}  {platform:c$}  {secrets}\n",
                a = widths[0],
                b = widths[1],
                c = widths[2]
            )
        })
        .collect()
}
