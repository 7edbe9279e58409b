//! `sealwright secret verify`: does what is pointed at exist?

use serde::Serialize;

use crate::args::{IdentityArguments, ReportFormat};
use crate::commands::progress::FetchLine;
use crate::commands::selected::{self, Selected};
use crate::commands::{Outcome, Stream, Terminal, grid};
use crate::link::identity::IdentitySources;
use crate::link::plan::Plan;
use crate::link::verified::Checked;
use crate::pipeline;
use crate::source::diagnostic::Diagnostics;
use crate::source::files::Files;

/// What was found out about a value, as programs read it.
#[derive(Debug, Serialize)]
struct Row {
    /// `exists`, `missing-item`, `missing-field`, `unusable` or `not-proven`.
    verdict: &'static str,
    /// Where the value comes from.
    source: String,
    why: String,
    users: Vec<UserRow>,
}

#[derive(Debug, Serialize)]
struct UserRow {
    unit: String,
    name: String,
    /// Where it is declared.
    at: String,
}

/// Verifies everything that the units of a selection declare.
pub(in crate::commands) fn verify(
    terminal: &Terminal,
    unit: &str,
    output: ReportFormat,
    identities: &IdentityArguments,
) -> Outcome {
    let Selected { world, selection, layers, mut out, .. } = match selected::read(terminal, &[unit]) {
        Ok(selected) => selected,
        Err(outcome) => return outcome,
    };
    pipeline::check_readers(&layers, &mut out);
    let configs =
        if out.has_errors() { Vec::new() } else { pipeline::declared(&layers, &selection, &mut out) };
    let refused = out.has_errors();
    terminal.report(out, &layers.repo.files, Stream::Error);
    if refused {
        return Outcome::Refused;
    }
    let mut plan = Plan::default();
    configs.iter().for_each(|config| plan.add_declared(config));
    let variables = |name: &str| std::env::var_os(name);
    let sources = IdentitySources::from_variables(identities.files.clone(), variables);
    let line = FetchLine::new(terminal);
    let mut out = Diagnostics::default();
    let watch = |progress| line.show(progress);
    let checked = pipeline::verify(&plan, &world, &sources, &variables, &watch, &mut out);
    let failed = out.has_errors();
    terminal.report(out, &layers.repo.files, Stream::Error);
    let rows: Vec<Row> = checked.iter().map(|checked| row(checked, &layers.repo.files)).collect();
    match terminal.print(&written(&rows, output)) {
        Outcome::Done if failed => Outcome::Failed,
        outcome => outcome,
    }
}

fn row(checked: &Checked<'_>, files: &Files) -> Row {
    let users = checked.users.iter().map(|user| UserRow {
        unit: user.unit.to_string(),
        name: user.name.to_string(),
        at: files.locate(user.span),
    });
    Row {
        verdict: checked.verdict.name(),
        source: checked.source.clone(),
        why: checked.why.clone(),
        users: users.collect(),
    }
}

fn written(rows: &[Row], output: ReportFormat) -> String {
    const HEAD: [&str; 4] = ["VERDICT", "SOURCE", "USED BY", "WHY"];
    let cells = || {
        let users = |row: &Row| {
            let names: Vec<String> = row.users.iter().map(|u| format!("{} {}", u.unit, u.name)).collect();
            names.join(", ")
        };
        let cells =
            |row: &Row| vec![row.verdict.replace('-', " "), row.source.clone(), users(row), row.why.clone()];
        rows.iter().map(cells).collect::<Vec<_>>()
    };
    match output {
        ReportFormat::Table => grid::table(&HEAD, &cells()),
        ReportFormat::Markdown => grid::markdown(&HEAD, &cells()),
        ReportFormat::Json => grid::json(rows),
    }
}
