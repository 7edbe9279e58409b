//! What a commit would hold: git's index as a [`World`](super::world::World).

use std::path::{Path, PathBuf};
use std::thread;

use super::git::changes::{self, Change};
use super::git::entries::Entries;
use super::git::fault::GitFault;
use super::git::repository::Repository;
use super::git::tree::Tree;
use super::work_tree::ROOT_FILE;

/// The index that a hook was handed, with what is staged in it.
#[derive(Debug)]
pub struct Index {
    /// The files.
    pub tree: Tree,
    /// The folder on disk that holds them when they are checked out.
    pub folder: PathBuf,
    /// Whether they are those of a control repo, and not of a whole git repository without one.
    pub is_control_repo: bool,
    /// What the next commit changes, by paths from the root of the work tree.
    pub changes: Vec<Change>,
    /// The paths that a merge left without one content, from the root of the work tree.
    pub unmerged: Vec<Vec<u8>>,
}

/// Opens the index, and finds in it the control repo at `repo`, or the nearest one above the folder in which
/// this program runs.
pub fn open(repo: Option<&Path>) -> Result<Index, GitFault> {
    let repository = Repository::handed(repo)?;
    let (listed, changes) = thread::scope(|scope| {
        let changes = scope.spawn(|| changes::staged(&repository));
        let listed = Entries::of_index(&repository);
        (listed, changes.join().expect("asking git doesn't panic"))
    });
    let ((mut entries, unmerged), changes) = (listed?, changes?);
    if entries.below(b"").any(|entry| entry.id().is_empty_file()) {
        let intended = changes::intended(&repository, &changes)?;
        entries.remove(|path| intended.iter().any(|other| other == path));
    }
    let (root, is_control_repo) = root(&repository, &entries, repo)?;
    let shown = format!("the index of {}", repository.top().display());
    let folder = repository.folder_of(&root);
    let tree = Tree::new(&repository, entries, root, shown);
    Ok(Index { tree, folder, is_control_repo, changes, unmerged })
}

/// Where the control repo lies, from the root of the work tree.
pub(super) fn root(
    repository: &Repository,
    entries: &Entries,
    repo: Option<&Path>,
) -> Result<(Vec<u8>, bool), GitFault> {
    if let Some(repo) = repo {
        let elsewhere = || GitFault::ElsewhereThan(repo.display().to_string());
        return Ok((repository.prefix_of(repo).ok_or_else(elsewhere)?, true));
    }
    let here = std::env::current_dir().ok().and_then(|folder| repository.prefix_of(&folder));
    let mut at = here.unwrap_or_default();
    loop {
        if entries.get(&[&at, ROOT_FILE.as_bytes()].concat()).is_some() {
            return Ok((at, true));
        }
        match at.pop() {
            None => return Ok((Vec::new(), false)),
            Some(_) => at.truncate(at.iter().rposition(|byte| *byte == b'/').map_or(0, |end| end + 1)),
        }
    }
}
