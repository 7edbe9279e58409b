//! The check of files that belong to no control repo: the plaintext rules alone.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::scan::{self, Candidate};
use super::words::{Place, Scope};
use super::work_tree::candidates;
use super::{Checked, finish};
use crate::args::CheckArguments;
use crate::commands::remedy::Ground;
use crate::commands::{Outcome, Terminal};
use crate::lint::scan::Options;
use crate::source::diagnostic::Diagnostic;
use crate::source::work_tree::WorkTree;

/// Scans the files and folders that the arguments name.
pub(super) fn check(terminal: &Terminal, arguments: &CheckArguments) -> Outcome {
    let mut checked = Checked::default();
    let mut trees = Vec::new();
    let mut wanted: Vec<Candidate<(usize, PathBuf)>> = Vec::new();
    for target in &arguments.targets {
        let Some((folder, name)) = place(Path::new(target)) else {
            return terminal.refuse(Diagnostic::error("usage", format!("`{target}` leads nowhere")));
        };
        match WorkTree::open(&folder) {
            Ok(tree) => trees.push(tree),
            Err(error) => {
                let message = format!("`{target}` can't be read: {error}");
                return terminal.refuse(Diagnostic::error("usage", message));
            }
        }
        let names: Vec<PathBuf> = name.into_iter().collect();
        let is_file = !names.is_empty();
        for found in candidates(&folder, &names, &mut checked.found) {
            let shown = if is_file { PathBuf::from(target) } else { Path::new(target).join(&found.path) };
            let shown = shown.strip_prefix(".").unwrap_or(&shown).to_string_lossy().into_owned();
            wanted.push(Candidate { path: shown, at: (trees.len() - 1, found.at) });
        }
    }
    wanted.sort_by(|a, b| a.path.cmp(&b.path));
    wanted.dedup_by(|a, b| a.path == b.path);
    let options = Options { entropy: arguments.entropy };
    let read = |(tree, path): &(usize, PathBuf)| trees[*tree].read_text(path);
    let files = scan::files(&HashMap::new(), &wanted, read, &options, &mut checked);
    // The exceptions are those of the folder that is scanned; of several, those of where this runs.
    let folder = match (arguments.targets.as_slice(), &trees[..]) {
        ([target], [tree]) if Path::new(target).is_dir() => Some((target.clone(), tree)),
        _ => None,
    };
    let here = std::env::current_dir().ok().and_then(|here| WorkTree::open(&here).ok());
    let ground = match (&folder, &here) {
        (Some((target, tree)), _) => Ground::plain(PathBuf::from(target), *tree, Path::new(target)),
        (None, Some(tree)) => Ground::plain(PathBuf::from("."), tree, Path::new("")),
        (None, None) => {
            return terminal
                .refuse(Diagnostic::error("usage", "the folder in which this runs can't be read"));
        }
    };
    finish(terminal, arguments, &ground, checked, &[], &Scope { units: None, files, place: Place::Files })
}

/// The folder that a path names; or the folder of the file that it names, with its name there.
fn place(path: &Path) -> Option<(PathBuf, Option<PathBuf>)> {
    let path = path.canonicalize().ok()?;
    if path.is_dir() {
        return Some((path, None));
    }
    let name = PathBuf::from(path.file_name()?);
    Some((path.parent()?.to_path_buf(), Some(name)))
}
