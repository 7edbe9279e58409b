//! A branch of the control repo's git repository that documents are committed to.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::branch_fault::{BranchFault, without_cleartext};
use super::changes::{Files, message};
use super::layout::OutputText;
use super::made::is_made;
use super::rendered::{RENDERED, Rendered};
use crate::manifest::taint::Sealed;
use crate::source::git::branch::Branch;
use crate::source::git::commits::resolve;
use crate::source::git::entries::{Entries, ItemKind};
use crate::source::git::fault::GitFault;
use crate::source::git::objects::{Content, ObjectId, Objects};
use crate::source::git::repository::Repository;
use crate::source::git::unchanged::is_unchanged;
use crate::source::git::writer::{self, Listing};
use crate::source::repo_path::RepoPath;

/// A branch that documents may be committed to: as its whole tree, or as one folder of it. It is new, or what would
/// be replaced is an earlier output of the same environment; no work tree has it checked out.
#[derive(Debug)]
pub struct OutBranch {
    repository: Repository,
    /// The root of the control repo.
    root: PathBuf,
    branch: Branch,
    /// The folder; `None` is the whole tree.
    folder: Option<RepoPath>,
    tip: Option<ObjectId>,
    /// What the earlier output said, and its files.
    before: Option<(Rendered, Files)>,
}

/// What was committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Committed {
    /// Nothing: the branch has it already.
    Unchanged,
    /// This commit.
    New {
        /// Its name, short.
        id: String,
        /// The first line of its message.
        subject: String,
    },
}

impl OutBranch {
    /// Checks that `documents`, of which `says` tells, may be committed to a branch, in `folder` of it if there is
    /// one: above all that linking puts no cleartext into them. `root` is the control repo; nothing is written.
    pub fn plan(
        root: &Path,
        name: &str,
        folder: Option<&str>,
        documents: &[Sealed],
        says: &Rendered,
    ) -> Result<OutBranch, BranchFault> {
        without_cleartext(documents)?;
        let bad_folder = |fault| BranchFault::BadFolder { folder: folder.unwrap_or_default().into(), fault };
        let folder = folder.map(RepoPath::new).transpose().map_err(bad_folder)?;
        let repository = Repository::around(root)?;
        let bad_name = || BranchFault::BadName { name: name.to_string() };
        let branch = Branch::named(&repository, name)?.ok_or_else(bad_name)?;
        if let Some(at) = branch.checked_out(&repository)? {
            return Err(BranchFault::CheckedOut { branch: name.to_string(), at: at.display().to_string() });
        }
        if branch.is_symbolic(&repository)? {
            return Err(BranchFault::Symbolic { branch: name.to_string() });
        }
        let tip = branch.tip(&repository)?;
        if let Some(remote) = tip.is_none().then(|| branch.of_remote(&repository)).transpose()?.flatten() {
            return Err(BranchFault::OnlyOfRemote { branch: name.to_string(), remote });
        }
        let before = match &tip {
            Some(tip) => earlier(&repository, &branch, tip, folder.as_ref())?,
            None => None,
        };
        if let Some((old, _)) = &before {
            replaceable(old, says, name)?;
        }
        if !writer::knows_committer(&repository)? {
            return Err(BranchFault::NoCommitter);
        }
        Ok(OutBranch { repository, root: root.to_path_buf(), branch, folder, tip, before })
    }

    /// The name of the branch.
    pub fn name(&self) -> &str {
        self.branch.name()
    }

    /// Commits all files, and beside them what the output says of itself. The branch moves last: on an error, or
    /// when this is killed, it is where it was.
    pub fn commit(&self, files: &[OutputText], says: &Rendered) -> Result<Committed, BranchFault> {
        let repository = &self.repository;
        let executable = files.iter().filter(|file| file.mode & 0o111 != 0);
        let executable: BTreeSet<(&str, &str)> =
            executable.map(|OutputText { place, .. }| (&*place.folder, &*place.file)).collect();
        let files = self.keep(files, says)?;
        let output = output_tree(repository, &files, &executable)?;
        let before = self.tip.as_ref().map(|tip| writer::tree_of(repository, tip)).transpose()?;
        let tree = match &self.folder {
            None => output,
            Some(folder) => {
                let names: Vec<&str> = folder.as_str().split('/').collect();
                with_folder(repository, before.as_ref(), &names, &output)?
            }
        };
        if before.as_ref() == Some(&tree) {
            return Ok(Committed::Unchanged);
        }
        let old = self.before.as_ref().map(|(rendered, files)| (rendered, files));
        let message = message((says, &files), old, self.source()?.as_deref());
        let commit = writer::commit(repository, &tree, self.tip.as_ref(), &message)?;
        if !writer::advance(repository, &self.branch, &commit, self.tip.as_ref())? {
            return Err(BranchFault::Moved { branch: self.name().to_string() });
        }
        let subject = message.lines().next().unwrap_or_default().to_string();
        Ok(Committed::New { id: commit.short().to_string(), subject })
    }

    /// Keeps the contents of all files.
    fn keep(&self, files: &[OutputText], says: &Rendered) -> Result<Files, GitFault> {
        let own = says.text();
        let mut texts: Vec<&[u8]> = files.iter().map(|file| file.text.as_bytes()).collect();
        texts.push(own.as_bytes());
        let ids = writer::blobs(&self.repository, &texts)?;
        let places =
            files.iter().map(|OutputText { place, .. }| (place.folder.as_str(), place.file.as_str()));
        let mut kept = Files::new();
        for ((folder, file), id) in places.chain([("", RENDERED)]).zip(ids) {
            kept.entry(folder.to_string()).or_default().insert(file.to_string(), id);
        }
        Ok(kept)
    }

    /// What the output was rendered from: the commit that is checked out, and whether the files are its.
    fn source(&self) -> Result<Option<String>, GitFault> {
        let head = match resolve(&self.repository, "HEAD") {
            Ok(head) => head,
            Err(GitFault::UnknownRevision(_)) => return Ok(None),
            Err(fault) => return Err(fault),
        };
        let is_clean = is_unchanged(&self.repository, &self.root, &head)?;
        let more = if is_clean { "" } else { " and changes that weren't committed" };
        Ok(Some(format!("{}{more}", head.as_str())))
    }
}

/// The earlier output that a branch has, whole or in a folder. `None` when there is nothing.
fn earlier(
    repository: &Repository,
    branch: &Branch,
    tip: &ObjectId,
    folder: Option<&RepoPath>,
) -> Result<Option<(Rendered, Files)>, BranchFault> {
    let entries = Entries::of_commit(repository, tip)?;
    let name = || branch.name().to_string();
    let mut above = folder.map(RepoPath::parent);
    while let Some(at) = above {
        let marker = at.as_ref().map_or(RENDERED.to_string(), |at| format!("{at}/{RENDERED}"));
        if entries.get(marker.as_bytes()).is_some() {
            return Err(BranchFault::WithinOutput { branch: name(), marker });
        }
        above = at.map(|at| at.parent());
    }
    let not_ours = |path: &[u8]| {
        let found = String::from_utf8_lossy(path).into_owned();
        BranchFault::NotOurs { branch: name(), found }
    };
    let prefix = folder.map_or(String::new(), |folder| format!("{folder}/"));
    // A file or a link may stand where the folder would, or one that leads to it.
    let mut at = folder.cloned();
    while let Some(path) = at {
        if let Some(entry) = entries.get(path.as_str().as_bytes()) {
            return Err(not_ours(entry.path));
        }
        at = path.parent();
    }
    if entries.below(prefix.as_bytes()).next().is_none() {
        return Ok(None);
    }
    let marker = entries.get(format!("{prefix}{RENDERED}").as_bytes()).filter(|e| e.kind == ItemKind::File);
    let content = marker.map(|marker| Objects::of(repository).read(&marker.id())).transpose()?;
    let rendered = match &content {
        Some(Content::Bytes(text)) => Rendered::read(text),
        _ => None,
    };
    let unmarked = || BranchFault::Unmarked { branch: name(), folder: folder.map(RepoPath::to_string) };
    let rendered = rendered.ok_or_else(unmarked)?;
    let top: BTreeSet<&str> = rendered.files.iter().map(String::as_str).chain([RENDERED]).collect();
    let mut files = Files::new();
    for entry in entries.below(prefix.as_bytes()) {
        let place = place_of(&entry.path[prefix.len()..], &top).filter(|_| entry.kind == ItemKind::File);
        let (folder, file) = place.ok_or_else(|| not_ours(entry.path))?;
        files.entry(folder.to_string()).or_default().insert(file.to_string(), entry.id());
    }
    Ok(Some((rendered, files)))
}

/// The folder and the file of a path in an output; `None` when no run makes such a path.
fn place_of<'a>(path: &'a [u8], top: &BTreeSet<&str>) -> Option<(&'a str, &'a str)> {
    let path = std::str::from_utf8(path).ok()?;
    match path.split_once('/') {
        None => top.contains(path).then_some(("", path)),
        Some((folder, file)) => (!file.contains('/') && is_made(folder, file)).then_some((folder, file)),
    }
}

/// Whether an output may take the place of an earlier one.
fn replaceable(old: &Rendered, new: &Rendered, branch: &str) -> Result<(), BranchFault> {
    let branch = branch.to_string();
    if (&old.repo.id, &old.environment) != (&new.repo.id, &new.environment) {
        let words = |said: &Rendered| format!("`{}` of the repo `{}`", said.environment, said.repo.name);
        return Err(BranchFault::OtherOutput { branch, holds: words(old), new: words(new) });
    }
    if old.complete && !new.complete {
        return Err(BranchFault::Partial { branch, environment: new.environment.clone() });
    }
    Ok(())
}

/// The tree of an output. Those of its files that can be run are named by folder and file.
fn output_tree(
    repository: &Repository,
    files: &Files,
    executable: &BTreeSet<(&str, &str)>,
) -> Result<ObjectId, GitFault> {
    let listing = |(folder, files): (&String, &BTreeMap<String, ObjectId>)| -> Listing {
        let entry = |(name, id): (&String, &ObjectId)| {
            let executable = executable.contains(&(folder.as_str(), name.as_str()));
            (name.clone().into_bytes(), writer::file_entry(id, executable))
        };
        files.iter().map(entry).collect()
    };
    let folders: Vec<(&String, Listing)> = files
        .iter()
        .filter(|(name, _)| !name.is_empty())
        .map(|(name, files)| (name, listing((name, files))))
        .collect();
    let ids = writer::trees(repository, &folders.iter().map(|(_, listing)| listing).collect::<Vec<_>>())?;
    let mut top = files.get_key_value("").map(listing).unwrap_or_default();
    let below = folders.iter().zip(&ids);
    top.extend(below.map(|((name, _), id)| (name.as_bytes().to_vec(), writer::folder_entry(id))));
    one_tree(repository, &top)
}

/// A tree in which `folder` stands at a path, and all else as in `base`.
fn with_folder(
    repository: &Repository,
    base: Option<&ObjectId>,
    path: &[&str],
    folder: &ObjectId,
) -> Result<ObjectId, GitFault> {
    let Some((name, rest)) = path.split_first() else { return Ok(folder.clone()) };
    let mut listing = base.map(|base| writer::listing(repository, base)).transpose()?.unwrap_or_default();
    let below = listing.get(name.as_bytes()).and_then(|entry| writer::as_folder(entry));
    let below = with_folder(repository, below.as_ref(), rest, folder)?;
    listing.insert(name.as_bytes().to_vec(), writer::folder_entry(&below));
    one_tree(repository, &listing)
}

fn one_tree(repository: &Repository, listing: &Listing) -> Result<ObjectId, GitFault> {
    writer::trees(repository, &[listing])?.pop().ok_or(GitFault::Failed("git mktree"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{BranchFault, place_of, replaceable};
    use crate::emit::rendered::tests::rendered;

    #[test]
    fn only_paths_that_a_run_makes_are_of_an_output() {
        let top = BTreeSet::from(["RENDERED.json", "compose.yaml"]);
        assert_eq!(place_of(b"compose.yaml", &top), Some(("", "compose.yaml")));
        assert_eq!(place_of(b"carts/service-carts.yaml", &top), Some(("carts", "service-carts.yaml")));
        assert_eq!(place_of(b"_files/a", &top), Some(("_files", "a")));
        for other in
            [&b"README.md"[..], b"carts/README.md", b"carts/a/b.yaml", b"_environment/x", b"\xff/a.yaml"]
        {
            assert_eq!(place_of(other, &top), None);
        }
    }

    #[test]
    fn an_output_replaces_one_of_the_same_environment_alone() {
        let whole = rendered(&[("carts", Some("1"))]);
        let (mut part, mut other) = (whole.clone(), whole.clone());
        part.complete = false;
        other.environment = "staging".into();
        assert_eq!(replaceable(&whole, &whole, "x"), Ok(()));
        assert_eq!(replaceable(&part, &whole, "x"), Ok(()));
        assert_eq!(replaceable(&part, &part, "x"), Ok(()));
        assert!(matches!(replaceable(&whole, &part, "x"), Err(BranchFault::Partial { .. })));
        assert!(matches!(replaceable(&whole, &other, "x"), Err(BranchFault::OtherOutput { .. })));
        let mut fork = whole.clone();
        fork.repo.id = "another".into();
        assert!(matches!(replaceable(&whole, &fork, "x"), Err(BranchFault::OtherOutput { .. })));
        fork = whole.clone();
        fork.repo.name = "renamed".into();
        assert_eq!(replaceable(&whole, &fork, "x"), Ok(()));
    }
}
