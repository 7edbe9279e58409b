//! `sealwright check --fix`: encrypts what stands in the clear, where that can be done.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Outcome, Stream, Terminal, counted};
use crate::config::selection::Selection;
use crate::lint::finding::Finding;
use crate::pipeline;
use crate::seal::fix::{self, Fixed, Fixes, Plaintext};
use crate::seal::fix_fault::Left;
use crate::seal::set::SetError;
use crate::seal::write;
use crate::source::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::source::files::Files;
use crate::source::memory::with_files;
use crate::source::work_tree::WorkTree;
use crate::source::world::World;

/// Fixes `findings`, and every plaintext under `secrets:` of the files of which `is_wanted` is true, in the work
/// tree at `root`. Says what was done and what is left. `Ok` is whether a file was changed.
pub(super) fn fix(
    terminal: &Terminal,
    root: &Path,
    findings: &[Finding],
    files: &Files,
    is_wanted: &dyn Fn(&str) -> bool,
    is_staged: bool,
) -> Result<bool, Outcome> {
    let world = WorkTree::open(root).map_err(|error| {
        terminal
            .refuse(Diagnostic::error("no-control-repo", format!("the work tree can't be opened: {error}")))
    })?;
    let (fixes, left) = match settled(&world, findings, files, is_wanted) {
        Ok(settled) => settled,
        // What keeps the repo from being read, the check says itself.
        Err(SetError::Repo(..)) => {
            terminal.report_one(
                Diagnostic::warning("not-fixed", "nothing is encrypted while the repo can't be read")
                    .help("put the other errors right first, then run again"),
            );
            return Ok(false);
        }
        Err(SetError::Seal(error)) => {
            return Err(terminal.refuse(Diagnostic::error("encryption-failed", error.to_string())));
        }
    };
    let mut warnings = Diagnostics::default();
    for (number, left) in left {
        warnings.push(left.at(findings[number].span, findings[number].name.as_deref()));
    }
    terminal.report(warnings, files, Stream::Error);
    for (path, text) in &fixes.files {
        if let Err(error) = write::replace(root, path, text) {
            terminal.report_one(Diagnostic::error("output-failed", error.to_string()));
            return Err(Outcome::Failed);
        }
    }
    say(terminal, &fixes, is_staged);
    Ok(!fixes.files.is_empty())
}

/// The fixes after which the repo still compiles, and what is left of the findings.
fn settled(
    world: &dyn World,
    findings: &[Finding],
    files: &Files,
    is_wanted: &dyn Fn(&str) -> bool,
) -> Result<(Fixes, Vec<(usize, Left)>), SetError> {
    let mut numbers: Vec<usize> = (0..findings.len()).collect();
    let mut all_left = Vec::new();
    let mut before = None;
    loop {
        let given: Vec<Plaintext<'_>> =
            numbers.iter().map(|number| plaintext(&findings[*number], files)).collect();
        let mut fixes = fix::fix(world, &given, is_wanted)?;
        let moved: Vec<&Fixed> = fixes.fixed.iter().filter(|fixed| fixed.moved).collect();
        let mut broken: Vec<(usize, Left)> = Vec::new();
        if !moved.is_empty() {
            let before = before.get_or_insert_with(|| {
                errors(world).iter().map(|found| (found.code, found.message.clone())).collect::<BTreeSet<_>>()
            });
            let after = with_files(world, &fixes.files, &mut |world| errors(world));
            let is_new = |found: &&Diagnostic| !before.contains(&(found.code, found.message.clone()));
            for found in after.iter().filter(is_new) {
                // What only comes to light now that the compile gets further is no reason.
                let about = moved.iter().filter(|fixed| found.message.contains(&fixed.name));
                for number in about.flat_map(|fixed| &fixed.numbers) {
                    broken.push((*number, Left::Breaks(Box::new(found.clone()))));
                }
            }
        }
        if broken.is_empty() {
            let left = std::mem::take(&mut fixes.left);
            all_left.extend(left.into_iter().map(|(number, left)| (numbers[number], left)));
            all_left.sort_by_key(|(number, _)| *number);
            return Ok((fixes, all_left));
        }
        broken.sort_by_key(|(number, _)| *number);
        broken.dedup_by_key(|(number, _)| *number);
        for (number, left) in broken.into_iter().rev() {
            all_left.push((numbers.remove(number), left));
        }
    }
}

fn plaintext<'a>(finding: &'a Finding, files: &'a Files) -> Plaintext<'a> {
    let source = files.get(finding.span.file);
    Plaintext { file: &source.path, text: &source.text, path: finding.path.as_deref() }
}

/// Every error of a whole compile.
fn errors(world: &dyn World) -> Vec<Diagnostic> {
    let mut out = Diagnostics::default();
    let everything = Selection::everything();
    if let Ok(mut layers) = pipeline::read(world, &everything, &mut out) {
        pipeline::compile(&mut layers, &everything, &mut out);
    }
    out.sorted().into_iter().filter(|found| found.severity == Severity::Error).collect()
}

fn say(terminal: &Terminal, fixes: &Fixes, is_staged: bool) {
    for Fixed { name, file, moved, environments, recipients, .. } in &fixes.fixed {
        let how = if *moved { ", and moved it to `secrets:`" } else { "" };
        terminal.note(&format!(
            "encrypted `{name}` of {file} for {} of {}{how}",
            counted(*recipients, "recipient"),
            environments.join(", ")
        ));
    }
    if fixes.fixed.is_empty() {
        return;
    }
    terminal.note("if a value was ever committed, it is known: change it where it is used");
    if is_staged {
        let names: Vec<&str> = fixes.files.iter().map(|(path, _)| path.as_str()).collect();
        terminal.note(&format!("the work tree was changed, not the index: `git add {}`", names.join(" ")));
    }
}
