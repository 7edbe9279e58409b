//! `sealwright list`: units, versions, platforms.

use std::collections::HashMap;

use serde::Serialize;

use super::selected::{self, Selected};
use super::{Outcome, Stream, Terminal, grid};
use crate::args::ListFormat;

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
    let Selected { layers, units, out, .. } = match selected::read(terminal, patterns) {
        Ok(selected) => selected,
        Err(outcome) => return outcome,
    };
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
    terminal.print(&match output {
        ListFormat::Table => table(&rows),
        ListFormat::Json => grid::json(&rows),
    })
}

fn table(rows: &[Row]) -> String {
    let cells = rows.iter().map(|row| {
        let version = row.version.as_deref().unwrap_or("-").to_string();
        vec![row.unit.clone(), version, row.platform.clone(), row.secrets.to_string()]
    });
    grid::table(&["UNIT", "VERSION", "PLATFORM", "SECRETS"], &cells.collect::<Vec<_>>())
}
