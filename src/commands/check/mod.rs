//! `sealwright check`: parse to validate, and the plaintext rules; offline.
//!
//! What is checked is the work tree, the index, the commits of a branch, or files that belong to no control
//! repo. Each way comes to a [`Checked`], which is told in one way.

mod compile;
mod plain;
mod scan;
mod since;
mod staged;
mod stored;
mod words;
mod work_tree;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use self::words::Scope;
use super::remedy::{Ground, remedy};
use super::{Outcome, Stream, Terminal, exceptions, is_path, no_control_repo};
use crate::args::CheckArguments;
use crate::config::selection::Selection;
use crate::lint::exceptions::{Exceptions, Target};
use crate::lint::finding::Finding;
use crate::lint::rules::random_value;
use crate::lint::scan::diagnostic;
use crate::source::diagnostic::{Diagnostic, Diagnostics};
use crate::source::files::Files;
use crate::source::git::objects::ObjectId;
use crate::source::span::{FileId, Span};

/// What a run has looked at and found.
#[derive(Default)]
struct Checked {
    /// All files that findings stand in.
    files: Files,
    /// What doesn't compile, and what couldn't be looked at.
    found: Diagnostics,
    /// What stands in the clear, each finding's file in `files`.
    in_the_clear: Vec<Finding>,
    /// The paths of the files that were scanned as they are at present.
    scanned: HashSet<String>,
    /// The commit of a file that isn't, or isn't so, at present.
    commits: HashMap<FileId, ObjectId>,
}

/// Checks what the arguments name.
pub(super) fn check(terminal: &Terminal, arguments: &CheckArguments) -> Outcome {
    if arguments.staged {
        return staged::check(terminal, arguments);
    }
    if let Some(revision) = &arguments.since {
        return since::check(terminal, arguments, revision);
    }
    if arguments.targets.is_empty() || terminal.repo_root().is_some() {
        return work_tree::check(terminal, arguments);
    }
    match arguments.targets.iter().find(|target| !is_path(target)) {
        None => plain::check(terminal, arguments),
        Some(unit) => {
            let help = format!("`{unit}` is no file here, and units belong to a control repo");
            terminal.refuse(no_control_repo().help(help))
        }
    }
}

/// Says what was found, and whether it is an error, or does about it what the arguments say. `paths` limits it to
/// what stands below one of them.
fn finish(
    terminal: &Terminal,
    arguments: &CheckArguments,
    ground: &Ground<'_>,
    checked: Checked,
    paths: &[PathBuf],
    scope: &Scope,
) -> Outcome {
    let Checked { mut files, mut found, mut in_the_clear, commits, scanned } = checked;
    terminal.stands_at(&ground.root);
    let mut shown = Diagnostics::default();
    let exceptions = Exceptions::read(ground.world, &mut files, &mut found);
    files.conceal(in_the_clear.iter().map(|finding| finding.span));
    // A value in `secrets:` is refused by what that key means, which says more than its form.
    let reported: Vec<Span> = found.spans_of("plaintext-secret").collect();
    in_the_clear.retain(|finding| !reported.iter().any(|other| overlap(*other, finding.span)));
    let is_scanned = |target: &Target| {
        scanned.contains(&target.file) && (arguments.entropy || target.rule != random_value::CODE)
    };
    let in_the_clear = exceptions::review(ground, &exceptions, in_the_clear, &files, &is_scanned, &mut found);
    let found = found.sorted();
    // What is fixed is what would be shown.
    let is_shown = |path: &str| {
        reported.iter().any(|span| files.get(span.file).path == path)
            && (paths.is_empty() || paths.iter().any(|below| Path::new(path).starts_with(below)))
    };
    if let Some(outcome) = remedy(terminal, arguments, ground, &in_the_clear, &files, &is_shown) {
        return outcome;
    }
    for diagnostic in found {
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
    for finding in in_the_clear {
        shown.push(match commits.get(&finding.span.file) {
            None => diagnostic(&finding),
            Some(commit) => words::in_history(diagnostic(&finding), commit),
        });
    }
    let failed = shown.has_errors();
    if let Some(note) = scope.note(shown.is_empty()) {
        terminal.note(&note);
    }
    match terminal.report(shown, &files, Stream::Output) {
        Outcome::Done if failed => Outcome::Findings,
        outcome => outcome,
    }
}

/// What targets name: units, and paths below `root`, where the control repo lies.
fn targets(root: &Path, targets: &[String]) -> Result<(Vec<String>, Vec<PathBuf>), Box<Diagnostic>> {
    let (paths, units): (Vec<&String>, Vec<&String>) = targets.iter().partition(|target| is_path(target));
    let paths = paths.into_iter().map(|path| below(root, path)).collect::<Result<_, _>>()?;
    Ok((units.into_iter().cloned().collect(), paths))
}

/// The units that patterns mean.
fn selection(units: &[String]) -> Result<Selection, Box<Diagnostic>> {
    Selection::parse(units).map_err(|bad| Box::new(Diagnostic::error("usage", bad.to_string())))
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

fn overlap(a: Span, b: Span) -> bool {
    a.file == b.file && a.start < b.end && b.start < a.end
}
