//! The check of what the next commit changes: the pre-commit hook.

use super::stored::{self, Stored};
use super::words::{self, Place, Scope};
use super::{Checked, finish, scan};
use crate::args::CheckArguments;
use crate::commands::remedy::Ground;
use crate::commands::{Outcome, Terminal};
use crate::lint::scan::Options;
use crate::source::git::objects::ObjectId;
use crate::source::index_world;

/// Checks the units that the staged changes reach, and scans the staged files.
pub(super) fn check(terminal: &Terminal, arguments: &CheckArguments) -> Outcome {
    let index = match index_world::open(terminal.global.repo.as_deref()) {
        Ok(index) => index,
        Err(fault) => return terminal.refuse(fault.into()),
    };
    let stored = Stored {
        tree: &index.tree,
        folder: &index.folder,
        is_control_repo: index.is_control_repo,
        changes: &index.changes,
    };
    let mut checked = Checked::default();
    let (paths, compiled) = match stored.compile(terminal, &arguments.targets, &mut checked) {
        Ok(compiled) => compiled,
        Err(outcome) => return outcome,
    };
    for path in index.unmerged.iter().filter_map(|path| index.tree.below(path)) {
        checked.found.push(words::unmerged(&String::from_utf8_lossy(path)));
    }
    let options = Options { entropy: arguments.entropy };
    let read = |id: &ObjectId| stored::text(&index.tree, id);
    let candidates = stored.changed_files(&paths);
    let files = scan::files(&compiled.documents, &candidates, read, &options, &mut checked);
    let units = index.is_control_repo.then_some(compiled.units);
    let ground = Ground::of(index.folder.clone(), &index.tree, index.is_control_repo);
    finish(terminal, arguments, &ground, checked, &paths, &Scope { units, files, place: Place::Index })
}
