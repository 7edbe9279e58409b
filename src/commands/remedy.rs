//! What `check` does about its findings: `--fix` and `--write-exceptions`.

use std::path::{Path, PathBuf};

use super::{Outcome, Terminal, check, exceptions, fix};
use crate::args::{CheckArguments, Remedies};
use crate::lint::finding::Finding;
use crate::source::diagnostic::Diagnostic;
use crate::source::files::Files;
use crate::source::world::World;

/// The folder that a check is about.
pub(super) struct Ground<'a> {
    /// Where it lies on disk.
    pub(super) root: PathBuf,
    /// Its files, as they are checked.
    pub(super) world: &'a dyn World,
    /// What stands before a path within it where findings are shown: empty, or ending with `/`.
    pub(super) shown_below: String,
    is_control_repo: bool,
}

impl<'a> Ground<'a> {
    /// A control repo.
    pub(super) fn repo(root: PathBuf, world: &'a dyn World) -> Self {
        Ground::of(root, world, true)
    }

    /// A folder whose findings are shown with paths from it.
    pub(super) fn of(root: PathBuf, world: &'a dyn World, is_control_repo: bool) -> Self {
        Ground { root, world, shown_below: String::new(), is_control_repo }
    }

    /// A folder outside of any control repo, whose findings are shown below `shown`.
    pub(super) fn plain(root: PathBuf, world: &'a dyn World, shown: &Path) -> Self {
        let shown = shown.strip_prefix(".").unwrap_or(shown).to_string_lossy();
        let shown = shown.trim_end_matches('/');
        let shown_below = if shown.is_empty() { String::new() } else { format!("{shown}/") };
        Ground { root, world, shown_below, is_control_repo: false }
    }
}

/// Does about the findings that remain what the arguments say, and checks again; a fix is about plaintext in the
/// files of which `is_shown` is true as well. `None` when nothing is to be
/// done, so that they are to be told.
pub(super) fn remedy(
    terminal: &Terminal,
    arguments: &CheckArguments,
    ground: &Ground<'_>,
    remaining: &[Finding],
    files: &Files,
    is_shown: &dyn Fn(&str) -> bool,
) -> Option<Outcome> {
    let remedies = &arguments.remedies;
    if remedies.write_exceptions {
        match exceptions::write(terminal, ground, remaining, files, remedies) {
            Ok(true) if arguments.staged => {
                terminal.note("the work tree was changed, not the index: `git add exceptions.yaml`")
            }
            Ok(true) => {}
            Ok(false) => return None,
            Err(outcome) => return Some(outcome),
        }
    } else if remedies.fix {
        if !ground.is_control_repo {
            let found =
                Diagnostic::error("usage", "`--fix` encrypts within a control repo, and this is none");
            return Some(terminal.refuse(found));
        }
        match fix::fix(terminal, &ground.root, remaining, files, is_shown, arguments.staged) {
            Ok(true) => {}
            Ok(false) => return None,
            Err(outcome) => return Some(outcome),
        }
    } else {
        return None;
    }
    let again = CheckArguments { remedies: Remedies::default(), ..arguments.clone() };
    Some(check::check(terminal, &again))
}
