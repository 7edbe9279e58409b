//! What `check` says besides its findings.

use super::super::counted;
use crate::source::diagnostic::{Diagnostic, Severity};
use crate::source::escape::visible;
use crate::source::git::fault::GitFault;
use crate::source::git::objects::ObjectId;
use crate::source::world::ReadError;

/// What a run has looked at.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// How many units were compiled; `None` where there is no control repo.
    pub units: Option<usize>,
    /// How many files were scanned.
    pub files: usize,
    /// Where.
    pub place: Place,
}

/// Where a run has looked.
#[derive(Debug, Default)]
pub(super) enum Place {
    /// In files.
    #[default]
    Files,
    /// In the index.
    Index,
    /// In commits.
    Commits(usize),
}

impl Scope {
    /// What was looked at. A run over files says so only when it found nothing.
    pub(super) fn note(&self, is_clean: bool) -> Option<String> {
        let mut parts: Vec<String> = Vec::new();
        parts.extend(self.units.map(|units| counted(units, "unit")));
        parts.push(counted(self.files, "file"));
        let place = match self.place {
            Place::Files if !is_clean => return None,
            Place::Files => "",
            Place::Index => " of the index",
            Place::Commits(count) => {
                parts.push(counted(count, "commit"));
                ""
            }
        };
        let last = parts.pop().expect("there is at least one part");
        let parts = if parts.is_empty() { last } else { format!("{} and {last}", parts.join(", ")) };
        let end = if is_clean { ": nothing found" } else { "" };
        Some(format!("checked {parts}{place}{end}"))
    }
}

/// A finding of a commit that the last one doesn't have any more.
pub(super) fn in_history(mut found: Diagnostic, commit: &ObjectId) -> Diagnostic {
    if let Some(label) = found.labels.first_mut() {
        label.text = format!("added by commit {}, and gone since", commit.short());
    }
    found.help("whoever has the history has the value: change it where it is used, and take the commit out before it is shared")
}

/// A file that was left out.
pub(super) fn not_scanned(path: &str, error: ReadError) -> Diagnostic {
    let message = format!("`{}` isn't searched for secrets: {error}", visible(path));
    let found = Diagnostic::warning("not-scanned", message);
    match error {
        // Whatever it is, there could be a secret in it, and nobody would look.
        ReadError::NotInGit | ReadError::Git => Diagnostic { severity: Severity::Error, ..found }
            .help("`git fsck` says what is missing; in a partial clone `git fetch --refetch` brings it"),
        ReadError::TooLarge { .. } => {
            found.help("keep large files out of the repo, or look into this one yourself")
        }
        _ => found.help("see that it can be read, then run again"),
    }
}

/// A file that a merge left without one content.
pub(super) fn unmerged(path: &str) -> Diagnostic {
    Diagnostic::error("unmerged-file", format!("`{}` isn't merged yet", visible(path)))
        .help("resolve the conflict and `git add` the file")
}

/// git can't say which files there are.
pub(super) fn unlisted(fault: GitFault) -> Diagnostic {
    let found = Diagnostic { severity: Severity::Warning, ..Diagnostic::from(fault) };
    found.help("without it, files that a .gitignore names aren't searched for secrets, even if git has them")
}
