//! What a commit holds, as a [`World`](super::world::World).

use std::path::{Path, PathBuf};

use super::git::commits;
use super::git::entries::Entries;
use super::git::fault::GitFault;
use super::git::objects::ObjectId;
use super::git::repository::Repository;
use super::git::tree::Tree;
use super::index_world::root;

/// A commit with its files.
#[derive(Debug)]
pub struct Revision {
    /// The commit.
    pub commit: ObjectId,
    /// The files.
    pub tree: Tree,
    /// The folder on disk that holds them when they are checked out.
    pub folder: PathBuf,
    /// Whether they are those of a control repo, and not of a whole git repository without one.
    pub is_control_repo: bool,
}

/// Opens the commit that `name` means, and finds in it the control repo at `repo`, or the nearest one above
/// the folder in which this program runs.
pub fn open(repository: &Repository, name: &str, repo: Option<&Path>) -> Result<Revision, GitFault> {
    let commit = commits::resolve(repository, name)?;
    let entries = Entries::of_commit(repository, &commit)?;
    let (root, is_control_repo) = root(repository, &entries, repo)?;
    let shown = format!("commit {}", commit.short());
    let folder = repository.folder_of(&root);
    let tree = Tree::new(repository, entries, root, shown);
    Ok(Revision { commit, tree, folder, is_control_repo })
}
