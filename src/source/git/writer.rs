//! New objects and commits, without an index or a work tree: nothing that is written changes a file of users.

use std::collections::BTreeMap;

use super::branch::Branch;
use super::fault::GitFault;
use super::objects::ObjectId;
use super::repository::Repository;

/// A folder whose files, and folders, are objects: names with what `git ls-tree` says of them before the tab.
pub type Listing = BTreeMap<Vec<u8>, Vec<u8>>;

/// Keeps contents as objects, in one process. Their names are in the same order.
pub fn blobs(repository: &Repository, texts: &[&[u8]]) -> Result<Vec<ObjectId>, GitFault> {
    const ASKED: &str = "git fast-import";
    let mut input = Vec::with_capacity(texts.iter().map(|text| text.len() + 64).sum());
    for (index, text) in texts.iter().enumerate() {
        let mark = index + 1;
        input.extend_from_slice(format!("blob\nmark :{mark}\ndata {}\n", text.len()).as_bytes());
        input.extend_from_slice(text);
        input.extend_from_slice(format!("\nget-mark :{mark}\n").as_bytes());
    }
    input.extend_from_slice(b"done\n");
    let answer = repository.answer_to(&["fast-import", "--quiet", "--done"], &input, ASKED)?;
    ids(&answer, texts.len()).ok_or(GitFault::Failed(ASKED))
}

/// Keeps folders as objects, in one process. Their names are in the same order.
pub fn trees(repository: &Repository, folders: &[&Listing]) -> Result<Vec<ObjectId>, GitFault> {
    const ASKED: &str = "git mktree";
    let mut input = Vec::new();
    for folder in folders {
        for (name, entry) in *folder {
            input.extend_from_slice(&[entry, &b"\t"[..], name, b"\0"].concat());
        }
        input.push(0);
    }
    // What a folder had before may not be here, in a partial clone.
    let answer = repository.answer_to(&["mktree", "-z", "--batch", "--missing"], &input, ASKED)?;
    ids(&answer, folders.len()).ok_or(GitFault::Failed(ASKED))
}

/// What a folder lists for a file. Git keeps no other mode than whether it can be run.
pub fn file_entry(id: &ObjectId, executable: bool) -> Vec<u8> {
    let mode = if executable { "100755" } else { "100644" };
    format!("{mode} blob {}", id.as_str()).into_bytes()
}

/// What a folder lists for a folder.
pub fn folder_entry(id: &ObjectId) -> Vec<u8> {
    format!("040000 tree {}", id.as_str()).into_bytes()
}

/// The folder in what a folder lists, if it is one.
pub fn as_folder(entry: &[u8]) -> Option<ObjectId> {
    entry.strip_prefix(b"040000 tree ").and_then(ObjectId::parse)
}

/// What a tree or a commit lists.
pub fn listing(repository: &Repository, tree: &ObjectId) -> Result<Listing, GitFault> {
    const ASKED: &str = "git ls-tree";
    let text = repository.answer(&["ls-tree", "-z", "--full-tree", tree.as_str()], ASKED)?;
    let records = text.split(|byte| *byte == 0).filter(|record| !record.is_empty());
    let split = |record: &[u8]| {
        let tab = record.iter().position(|byte| *byte == b'\t')?;
        Some((record[tab + 1..].to_vec(), record[..tab].to_vec()))
    };
    records.map(split).collect::<Option<Listing>>().ok_or(GitFault::Failed(ASKED))
}

/// The tree of a commit.
pub fn tree_of(repository: &Repository, commit: &ObjectId) -> Result<ObjectId, GitFault> {
    const ASKED: &str = "git rev-parse";
    let answer =
        repository.answer(&["rev-parse", "--verify", &format!("{}^{{tree}}", commit.as_str())], ASKED)?;
    ObjectId::parse(answer.trim_ascii_end()).ok_or(GitFault::Failed(ASKED))
}

/// Whether git knows who commits here.
pub fn knows_committer(repository: &Repository) -> Result<bool, GitFault> {
    Ok(repository.holds(&["var", "GIT_AUTHOR_IDENT"], "git var GIT_AUTHOR_IDENT")?
        && repository.holds(&["var", "GIT_COMMITTER_IDENT"], "git var GIT_COMMITTER_IDENT")?)
}

/// Makes a commit, which no branch has yet.
pub fn commit(
    repository: &Repository,
    tree: &ObjectId,
    parent: Option<&ObjectId>,
    message: &str,
) -> Result<ObjectId, GitFault> {
    const ASKED: &str = "git commit-tree";
    let mut arguments = vec!["commit-tree", tree.as_str()];
    arguments.extend(parent.iter().flat_map(|parent| ["-p", parent.as_str()]));
    let answer = repository.answer_to(&arguments, message.as_bytes(), ASKED)?;
    ObjectId::parse(answer.trim_ascii_end()).ok_or(GitFault::Failed(ASKED))
}

/// Moves a branch from `old`, where `None` is nowhere, to `new`. `false` when it isn't at `old` any more.
pub fn advance(
    repository: &Repository,
    branch: &Branch,
    new: &ObjectId,
    old: Option<&ObjectId>,
) -> Result<bool, GitFault> {
    let nothing = "0".repeat(new.as_str().len());
    let old_text = old.map_or(nothing.as_str(), ObjectId::as_str);
    let arguments =
        ["update-ref", "--no-deref", "-m", "sealwright render", branch.reference(), new.as_str(), old_text];
    match repository.answer(&arguments, "git update-ref") {
        Ok(_) => Ok(true),
        Err(GitFault::Failed(_)) if branch.tip(repository)?.as_ref() != old => Ok(false),
        Err(fault) => Err(fault),
    }
}

fn ids(answer: &[u8], count: usize) -> Option<Vec<ObjectId>> {
    let lines = answer.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let ids: Vec<ObjectId> = lines.map(ObjectId::parse).collect::<Option<_>>()?;
    (ids.len() == count).then_some(ids)
}
