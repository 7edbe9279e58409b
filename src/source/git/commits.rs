//! Commits: what a name means, and what a branch adds.

use std::io::{Read, Write};

use super::changes::{History, history};
use super::fault::GitFault;
use super::objects::ObjectId;
use super::repository::Repository;

/// The commit that a revision means.
pub fn resolve(repository: &Repository, revision: &str) -> Result<ObjectId, GitFault> {
    let unknown = || GitFault::UnknownRevision(revision.to_string());
    // It must not become an option, nor a range, nor a search through messages.
    if revision.is_empty() || revision.starts_with(['-', '^', ':']) || revision.contains("..") {
        return Err(unknown());
    }
    let wanted = format!("{revision}^{{commit}}");
    let arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted];
    match repository.answer(&arguments, "git rev-parse") {
        Ok(answer) => ObjectId::parse(answer.trim_ascii_end()).ok_or_else(unknown),
        Err(GitFault::Failed(_)) => Err(unknown()),
        Err(fault) => Err(fault),
    }
}

/// The last commit that two have in common.
pub fn merge_base(repository: &Repository, a: &ObjectId, b: &ObjectId) -> Result<Option<ObjectId>, GitFault> {
    let answer = repository.answer(&["merge-base", a.as_str(), b.as_str()], "git merge-base");
    match answer {
        Ok(answer) => Ok(ObjectId::parse(answer.trim_ascii_end())),
        Err(GitFault::Failed(_)) => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// The commits that `head` has and `base` hasn't, parents first, with what each changes. Of a merge that is
/// what differs from all of its parents; a rename is seen as one.
pub fn added(repository: &Repository, base: &ObjectId, head: &ObjectId) -> Result<History, GitFault> {
    const ASKED: &str = "git diff-tree --stdin";
    let range = format!("{}..{}", base.as_str(), head.as_str());
    let commits = repository.answer(&["rev-list", "--reverse", "--topo-order", &range], "git rev-list")?;
    let mut child = repository.talk(&[
        "diff-tree",
        "--stdin",
        "-r",
        "-z",
        "-c",
        "--root",
        "--raw",
        "-M",
        "--no-abbrev",
        "--no-relative",
        "--no-ext-diff",
        "--no-textconv",
    ])?;
    let mut input = child.stdin.take().expect("standard input is piped");
    let mut output = child.stdout.take().expect("standard output is piped");
    let mut text = Vec::new();
    let is_read = std::thread::scope(|scope| {
        // Both pipes are served, or a long history would block at both ends. A git that reads no further
        // has failed, which its exit code says.
        scope.spawn(move || drop(input.write_all(&commits)));
        output.read_to_end(&mut text).is_ok()
    });
    let is_done = child.wait().is_ok_and(|status| status.success());
    if !is_read || !is_done {
        return Err(GitFault::Failed(ASKED));
    }
    history(&text).ok_or(GitFault::Failed(ASKED))
}
