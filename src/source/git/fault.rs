//! Why git couldn't answer.

use std::io;

use crate::source::diagnostic::Diagnostic;
use crate::source::escape::visible;

/// Why git couldn't answer. It has no text of git's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GitFault {
    /// The program can't be started.
    NoGit(io::ErrorKind),
    /// There is no repository here, or its `.git` leads nowhere.
    NoRepository,
    /// There is a repository, but no work tree.
    NoWorkTree,
    /// git doesn't trust a repository of somebody else.
    OtherOwner,
    /// The index is damaged.
    BadIndex,
    /// A revision that means no commit.
    UnknownRevision(String),
    /// HEAD and a revision have no commit in common, as far as the history is here.
    NothingInCommon(String),
    /// An object that the index or a commit names isn't there.
    MissingObject,
    /// A repository that isn't the one around the control repo.
    ElsewhereThan(String),
    /// Anything else; what was asked, as one would ask by hand.
    Failed(&'static str),
}

impl GitFault {
    /// What git's error text means. `asked` is the question.
    pub(super) fn from_text(text: &[u8], asked: &'static str) -> GitFault {
        let text = String::from_utf8_lossy(text);
        let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
        if says(&["dubious ownership"]) {
            GitFault::OtherOwner
        } else if says(&["must be run in a work tree"]) {
            GitFault::NoWorkTree
        } else if says(&["ot a git repository"]) {
            GitFault::NoRepository
        } else if says(&["index file", "bad signature", "bad index", "index uses"]) {
            GitFault::BadIndex
        } else {
            GitFault::Failed(asked)
        }
    }
}

impl From<GitFault> for Diagnostic {
    fn from(fault: GitFault) -> Self {
        const CODE: &str = "git-failed";
        match fault {
            GitFault::NoGit(io::ErrorKind::NotFound) => Diagnostic::error(CODE, "there is no git to ask")
                .help("install git, or check files without it: `sealwright check`"),
            GitFault::NoGit(kind) => Diagnostic::error(CODE, format!("git can't be started: {kind}")),
            GitFault::NoRepository => {
                Diagnostic::error(CODE, "there is no git repository here or in a folder above")
                    .help("run inside one, or check files without git: `sealwright check`")
            }
            GitFault::NoWorkTree => Diagnostic::error(CODE, "this git repository has no work tree")
                .help("run inside a work tree; `git worktree add DIR` makes one"),
            GitFault::OtherOwner => {
                Diagnostic::error(CODE, "git doesn't read this repository: it belongs to another user")
                    .help("if you trust it: `git config --global --add safe.directory DIR`")
            }
            GitFault::BadIndex => Diagnostic::error(CODE, "git's index is damaged").help(
                "`git reset` writes it anew and keeps the files; `git add` again what belongs to the commit",
            ),
            GitFault::UnknownRevision(revision) => {
                let revision = visible(&revision).into_owned();
                Diagnostic::error("unknown-revision", format!("`{revision}` means no commit here"))
                    .help("fetch it first; in CI fetch the whole history, such as `fetch-depth: 0`")
            }
            GitFault::NothingInCommon(revision) => {
                let revision = visible(&revision).into_owned();
                let message =
                    format!("`{revision}` and HEAD have no commit in common, as far as history is here");
                Diagnostic::error("unknown-revision", message)
                    .help("fetch the whole history: `git fetch --unshallow`, in CI such as `fetch-depth: 0`")
            }
            GitFault::MissingObject => {
                Diagnostic::error(CODE, "git lacks the content of a file that it has listed").help(
                    "`git fsck` says what is missing; in a partial clone `git fetch --refetch` brings it",
                )
            }
            GitFault::ElsewhereThan(repo) => {
                let repo = visible(&repo).into_owned();
                Diagnostic::error(
                    CODE,
                    format!("`{repo}` doesn't lie in the git repository whose index is checked"),
                )
                .help("name a control repo inside of it with `--repo DIR`")
            }
            GitFault::Failed(asked) => Diagnostic::error(CODE, format!("git has no answer to `{asked}`"))
                .help("run that command to see why"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::GitFault;
    use crate::source::diagnostic::Diagnostic;

    #[test]
    fn what_git_says_is_understood_and_never_passed_on() {
        let cases = [
            ("fatal: not a git repository (or any of the parent directories): .git", GitFault::NoRepository),
            ("fatal: detected dubious ownership in repository at '/x'", GitFault::OtherOwner),
            ("fatal: this operation must be run in a work tree", GitFault::NoWorkTree),
            ("error: bad signature 0x58585858\nfatal: index file corrupt", GitFault::BadIndex),
            ("fatal: could not read https://me:hunter2@host/", GitFault::Failed("git x")),
        ];
        for (text, fault) in cases {
            let found = GitFault::from_text(text.as_bytes(), "git x");
            assert_eq!(found, fault, "{text}");
            assert!(!format!("{:?}", Diagnostic::from(found)).contains("hunter2"));
        }
    }
}
