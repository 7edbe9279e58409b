//! Whether a folder is as a commit has it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::entries::{Entries, Entry, ItemKind};
use super::fault::GitFault;
use super::listing;
use super::objects::{Content, ObjectId, Objects};
use super::repository::Repository;

/// What a commit has below a folder, by the paths from there.
type Below<'a> = BTreeMap<&'a [u8], Entry<'a>>;

/// Whether the files below `folder` are those of `commit`, byte for byte, and git would take no other. Filters
/// such as those for large files aren't run, being programs that a repository names: what they change counts.
pub fn is_unchanged(repository: &Repository, folder: &Path, commit: &ObjectId) -> Result<bool, GitFault> {
    let Some(prefix) = repository.prefix_of(folder) else { return Ok(false) };
    let root = repository.folder_of(&prefix);
    let entries = Entries::of_commit(repository, commit)?;
    let below = entries.below(&prefix).map(|entry| (&entry.path[prefix.len()..], entry));
    // What a submodule holds is another repository's.
    let (modules, committed): (Below<'_>, Below<'_>) =
        below.partition(|(_, entry)| entry.kind == ItemKind::Module);
    let files = listing::files(&root)?.unwrap_or_default();
    let here: BTreeSet<&[u8]> = files
        .iter()
        .map(|file| file.as_os_str().as_bytes())
        .filter(|name| !modules.contains_key(name))
        .collect();
    if !here.iter().eq(committed.keys()) {
        return Ok(false);
    }
    let (links, files): (Vec<_>, Vec<_>) =
        committed.into_iter().partition(|(_, entry)| entry.kind == ItemKind::Link);
    let objects = Objects::of(repository);
    for (name, entry) in links {
        let target = fs::read_link(root.join(OsStr::from_bytes(name)));
        let is_same = target.is_ok_and(|target| {
            objects.read(&entry.id()) == Ok(Content::Bytes(target.as_os_str().as_bytes().to_vec()))
        });
        if !is_same {
            return Ok(false);
        }
    }
    are_same(repository, &root, &files)
}

/// Whether files on the disk have the contents of these entries.
fn are_same(repository: &Repository, root: &Path, files: &[(&[u8], Entry<'_>)]) -> Result<bool, GitFault> {
    let mut list = Vec::new();
    for (name, _) in files {
        let path = root.join(OsStr::from_bytes(name));
        // git reads the list by lines.
        if path.as_os_str().as_bytes().contains(&b'\n') {
            return Ok(false);
        }
        list.extend_from_slice(path.as_os_str().as_bytes());
        list.push(b'\n');
    }
    let arguments = ["hash-object", "--no-filters", "--stdin-paths"];
    match repository.answer_to(&arguments, &list, "git hash-object") {
        Ok(hashes) => {
            let hashes = hashes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
            Ok(hashes.map(ObjectId::parse).eq(files.iter().map(|(_, entry)| Some(entry.id()))))
        }
        // A file that can't be read isn't as it was.
        Err(GitFault::Failed(_)) => Ok(false),
        Err(fault) => Err(fault),
    }
}
