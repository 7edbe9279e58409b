//! The check of a control repo as it lies on disk.

use std::path::{Path, PathBuf};

use super::compile::compile;
use super::scan::{self, Candidate};
use super::words::{self, Place, Scope};
use super::{Checked, finish, selection, targets};
use crate::args::CheckArguments;
use crate::commands::remedy::Ground;
use crate::commands::{Outcome, Stream, Terminal};
use crate::lint::scan::Options;
use crate::source::diagnostic::Diagnostics;
use crate::source::git::listing;
use crate::source::walk;

/// Checks units, or files below paths.
pub(super) fn check(terminal: &Terminal, arguments: &CheckArguments) -> Outcome {
    let (root, world) = match terminal.world() {
        Ok(world) => world,
        Err(outcome) => return outcome,
    };
    let wanted = targets(&root, &arguments.targets)
        .and_then(|(units, paths)| Ok((selection(&units)?, units.is_empty(), paths)));
    let (selection, is_whole, paths) = match wanted {
        Ok(wanted) => wanted,
        Err(bad) => return terminal.refuse(*bad),
    };
    let mut checked = Checked::default();
    let compiled = match compile(&world, &selection, &mut checked) {
        Ok(compiled) => compiled,
        Err((usage, files)) => {
            terminal.report(usage, &files, Stream::Error);
            return Outcome::Refused;
        }
    };
    let candidates = if is_whole || !paths.is_empty() {
        candidates(&root, &paths, &mut checked.found)
    } else {
        // The files of units are those that were read for them.
        let read = compiled.documents.keys();
        read.map(|path| Candidate { path: path.clone(), at: PathBuf::from(path) }).collect()
    };
    let options = Options { entropy: arguments.entropy };
    let read = |path: &PathBuf| world.read_text(path);
    let files = scan::files(&compiled.documents, &candidates, read, &options, &mut checked);
    let scope = Scope { units: Some(compiled.units), files, place: Place::Files };
    finish(terminal, arguments, &Ground::repo(root, &world), checked, &paths, &scope)
}

/// The files below paths of a folder, or all of it, each once. One that is named itself is taken whatever git
/// says of it.
pub(super) fn candidates(root: &Path, paths: &[PathBuf], out: &mut Diagnostics) -> Vec<Candidate<PathBuf>> {
    let mut found = Vec::new();
    let everything = [PathBuf::new()];
    for path in if paths.is_empty() { &everything } else { paths } {
        let full = root.join(path);
        if !full.is_dir() {
            found.push(path.clone());
            continue;
        }
        let listed = match listing::files(&full) {
            Ok(Some(listed)) => listed,
            Ok(None) => walk::files(&full),
            Err(fault) => {
                out.push(words::unlisted(fault));
                walk::files(&full)
            }
        };
        found.extend(listed.into_iter().map(|file| path.join(file)));
    }
    found.sort_unstable();
    found.dedup();
    found.into_iter().map(|path| Candidate { path: path.to_string_lossy().into_owned(), at: path }).collect()
}
