//! A branch of a repository, and what is known of it.

use std::path::PathBuf;

use super::commits::resolve;
use super::fault::GitFault;
use super::objects::ObjectId;
use super::repository::Repository;

/// A branch by a name that git takes for one, whether it exists or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    name: String,
    reference: String,
}

impl Branch {
    /// The branch of this name; `None` when it can't be one. Nothing is expanded: `@{-1}` is no name.
    pub fn named(repository: &Repository, name: &str) -> Result<Option<Branch>, GitFault> {
        // What git itself refuses as the name of a new branch, and names that would be read as another.
        let is_odd = name.starts_with('-') || name.starts_with("refs/") || matches!(name, "HEAD" | "@");
        if is_odd || name.contains('\0') {
            return Ok(None);
        }
        let reference = format!("refs/heads/{name}");
        let is_fine = repository.holds(&["check-ref-format", &reference], "git check-ref-format")?;
        Ok(is_fine.then(|| Branch { name: name.to_string(), reference }))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its full name.
    pub(super) fn reference(&self) -> &str {
        &self.reference
    }

    /// Its last commit; `None` when it doesn't exist.
    pub fn tip(&self, repository: &Repository) -> Result<Option<ObjectId>, GitFault> {
        match resolve(repository, &self.reference) {
            Ok(tip) => Ok(Some(tip)),
            Err(GitFault::UnknownRevision(_)) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Whether it only stands for another reference.
    pub fn is_symbolic(&self, repository: &Repository) -> Result<bool, GitFault> {
        repository.holds(&["symbolic-ref", "--quiet", &self.reference], "git symbolic-ref")
    }

    /// The work tree that has it checked out, the first commit included that it may still wait for.
    pub fn checked_out(&self, repository: &Repository) -> Result<Option<PathBuf>, GitFault> {
        let list = repository.answer(&["worktree", "list", "--porcelain"], "git worktree list")?;
        let list = String::from_utf8_lossy(&list);
        let wanted = format!("branch {}", self.reference);
        let mut at = None;
        for line in list.lines() {
            match line.strip_prefix("worktree ") {
                Some(path) => at = Some(PathBuf::from(path)),
                None if line == wanted => return Ok(Some(at.unwrap_or_default())),
                None => {}
            }
        }
        Ok(None)
    }

    /// The branch of this name that a remote had when it was last asked, such as `origin/env/prod`.
    pub fn of_remote(&self, repository: &Repository) -> Result<Option<String>, GitFault> {
        let pattern = format!("refs/remotes/*/{}", self.name);
        let arguments = ["for-each-ref", "--count=1", "--format=%(refname)", &pattern];
        let found = String::from_utf8_lossy(&repository.answer(&arguments, "git for-each-ref")?).into_owned();
        Ok(found.trim_end().strip_prefix("refs/remotes/").map(str::to_string))
    }
}
