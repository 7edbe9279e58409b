//! `sealwright check`: parse to validate, offline.

use std::path::{Path, PathBuf};

use super::{Outcome, Stream, Terminal, counted, is_path};
use crate::config::selection::Selection;
use crate::pipeline;
use crate::source::diagnostic::{Diagnostic, Diagnostics};
use crate::source::files::Files;

/// Checks units, or shows what is found in files below paths.
pub(super) fn check(terminal: &Terminal, targets: &[String]) -> Outcome {
    let (paths, units): (Vec<&String>, Vec<&String>) = targets.iter().partition(|target| is_path(target));
    let selection = match Selection::parse(&units) {
        Ok(selection) => selection,
        Err(bad) => return terminal.refuse(Diagnostic::error("usage", bad.to_string())),
    };
    let (root, world) = match terminal.world() {
        Ok(world) => world,
        Err(outcome) => return outcome,
    };
    let paths: Vec<PathBuf> = match paths.iter().map(|path| below(&root, path)).collect() {
        Ok(paths) => paths,
        Err(outside) => return terminal.refuse(*outside),
    };
    let mut out = Diagnostics::default();
    let mut layers = match pipeline::read(&world, &selection, &mut out) {
        Ok(layers) => layers,
        Err(files) => return finish(terminal, out, &files, &paths, 0),
    };
    let mut usage = Diagnostics::default();
    let units = pipeline::select(&layers, &selection, &mut usage);
    if !usage.is_empty() {
        terminal.report(usage, &layers.repo.files, Stream::Error);
        return Outcome::Refused;
    }
    pipeline::compile(&mut layers, &selection, &mut out);
    finish(terminal, out, &layers.repo.files, &paths, units.len())
}

fn finish(
    terminal: &Terminal,
    found: Diagnostics,
    files: &Files,
    paths: &[PathBuf],
    units: usize,
) -> Outcome {
    let mut shown = Diagnostics::default();
    for diagnostic in found.sorted() {
        let is_below = |path: &PathBuf| {
            diagnostic
                .labels
                .iter()
                .any(|label| Path::new(&files.get(label.span.file).path).starts_with(path))
        };
        if paths.is_empty() || diagnostic.labels.is_empty() || paths.iter().any(is_below) {
            shown.push(diagnostic);
        }
    }
    let failed = shown.has_errors();
    if shown.is_empty() {
        terminal.note(&format!("checked {}: nothing found", counted(units, "unit")));
    }
    match terminal.report(shown, files, Stream::Output) {
        Outcome::Done if failed => Outcome::Findings,
        outcome => outcome,
    }
}

/// A path as the repo has it.
fn below(root: &Path, path: &str) -> Result<PathBuf, Box<Diagnostic>> {
    let full = |path: &Path| path.canonicalize().ok();
    let inside = full(root)
        .zip(full(Path::new(path)))
        .and_then(|(root, path)| path.strip_prefix(&root).map(Path::to_path_buf).ok());
    inside.ok_or_else(|| {
        let found = Diagnostic::error("usage", format!("`{path}` lies outside of the control repo"));
        Box::new(found.help("name another repo with `--repo DIR`"))
    })
}
