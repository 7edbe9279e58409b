//! The files of an index or a commit as a [`World`].

use std::collections::VecDeque;

use super::entries::{Entries, Entry, ItemKind};
use super::fault::GitFault;
use super::objects::{Content, ObjectId, Objects};
use super::repository::Repository;
use crate::source::repo_path::{RepoPath, is_git_folder};
use crate::source::world::{Entry as Listed, EntryKind, FILE_LIMIT, ReadError, World};

/// How many links a path may lead through, as on a file system.
const MAX_LINKS: usize = 40;

/// The files of one control repo as an index or a commit has them, read when they are asked for.
///
/// A submodule is an empty folder: its files belong to another repository.
#[derive(Debug)]
pub struct Tree {
    entries: Entries,
    objects: Objects,
    /// The way to the control repo from the root of the work tree: empty, or it ends with a `/`.
    root: Vec<u8>,
    shown: String,
}

/// Where a path leads, once links are followed.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    File(ObjectId),
    /// What the paths of all that lies in it begin with.
    Folder(Vec<u8>),
    Module,
}

impl Tree {
    /// The control repo at `root` in what `entries` lists; `shown` is what messages call it.
    pub fn new(repository: &Repository, entries: Entries, root: Vec<u8>, shown: String) -> Tree {
        Tree { entries, objects: Objects::of(repository), root, shown }
    }

    /// All that git lists of the control repo, each with its path from there.
    pub fn entries(&self) -> impl Iterator<Item = (Entry<'_>, &[u8])> {
        self.entries.below(&self.root).map(|entry| (entry, &entry.path[self.root.len()..]))
    }

    /// The path from the control repo of a path from the root of the work tree.
    pub fn below<'a>(&self, path: &'a [u8]) -> Option<&'a [u8]> {
        path.strip_prefix(self.root.as_slice())
    }

    /// The bytes of an object of at most [`FILE_LIMIT`].
    pub fn content(&self, id: &ObjectId) -> Result<Vec<u8>, ReadError> {
        match self.objects.read(id) {
            Ok(Content::Bytes(bytes)) => Ok(bytes),
            Ok(Content::TooLarge) => Err(ReadError::TooLarge { limit: FILE_LIMIT }),
            Err(GitFault::MissingObject) => Err(ReadError::NotInGit),
            Err(_) => Err(ReadError::Git),
        }
    }

    /// The links of the control repo, each with the path to which it leads, both from the control repo. Those
    /// that leave it are left out.
    pub fn links(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let links = self.entries().filter(|(entry, _)| entry.kind == ItemKind::Link);
        links
            .filter_map(|(_, path)| {
                let (at, _) = path.split_at(path.iter().rposition(|byte| *byte == b'/').unwrap_or(0));
                let target = self.target(path).ok()?;
                let mut place = Vec::from(at);
                for name in target.split(|byte| *byte == b'/') {
                    step(&mut place, name).ok()?;
                }
                Some((path.to_vec(), place))
            })
            .collect()
    }

    /// Where a link leads, by its text.
    fn target(&self, link: &[u8]) -> Result<Vec<u8>, ReadError> {
        let entry = self.get(link).ok_or(ReadError::NotFound)?;
        let target = self.content(&entry.id())?;
        if target.starts_with(b"/") { Err(ReadError::Outside) } else { Ok(target) }
    }

    fn get(&self, path: &[u8]) -> Option<Entry<'_>> {
        self.entries.get(&[&self.root, path].concat())
    }

    fn resolve(&self, path: &[u8]) -> Result<Place, ReadError> {
        // What git lists as a file is reached through no link.
        if let Some(entry) = self.get(path).filter(|entry| entry.kind == ItemKind::File) {
            return Ok(Place::File(entry.id()));
        }
        let mut rest: VecDeque<Vec<u8>> = names(path).collect();
        let mut at = Vec::new();
        let mut links = 0;
        let mut place = Place::Folder(self.root.clone());
        while let Some(name) = rest.pop_front() {
            if !matches!(place, Place::Folder(_)) {
                return Err(ReadError::NotFound);
            }
            let parent = at.clone();
            step(&mut at, &name)?;
            let found = self.get(&at).map(|entry| (entry.kind, entry.id()));
            place = match found {
                Some((ItemKind::File, id)) => Place::File(id),
                Some((ItemKind::Module, _)) => Place::Module,
                Some((ItemKind::Link, _)) => {
                    links += 1;
                    if links > MAX_LINKS {
                        return Err(ReadError::Outside);
                    }
                    for name in names(&self.target(&at)?).rev().collect::<Vec<_>>() {
                        rest.push_front(name);
                    }
                    at = parent;
                    self.folder(&at)
                }
                None => {
                    let folder = self.folder(&at);
                    let Place::Folder(prefix) = &folder else { return Err(ReadError::NotFound) };
                    if self.entries.below(prefix).next().is_none() {
                        return Err(ReadError::NotFound);
                    }
                    folder
                }
            };
        }
        Ok(place)
    }

    fn folder(&self, at: &[u8]) -> Place {
        let end: &[u8] = if at.is_empty() { b"" } else { b"/" };
        Place::Folder([&self.root, at, end].concat())
    }

    fn kind(&self, path: &[u8]) -> EntryKind {
        match self.resolve(path) {
            Ok(Place::File(_)) => EntryKind::File,
            Ok(Place::Folder(_) | Place::Module) => EntryKind::Folder,
            Err(_) => EntryKind::Other,
        }
    }
}

impl World for Tree {
    fn read(&self, path: &RepoPath) -> Result<Vec<u8>, ReadError> {
        match self.resolve(path.as_str().as_bytes())? {
            Place::File(id) => self.content(&id),
            Place::Folder(_) | Place::Module => Err(ReadError::NotAFile),
        }
    }

    fn list(&self, path: Option<&RepoPath>) -> Result<Vec<Listed>, ReadError> {
        let folder = match self.resolve(path.map_or("", RepoPath::as_str).as_bytes())? {
            Place::Folder(folder) => folder,
            Place::Module => return Ok(Vec::new()),
            Place::File(_) => return Err(ReadError::NotFound),
        };
        let mut listed = Vec::new();
        let mut next = self.entries.below(&folder).next();
        while let Some(entry) = next {
            let rest = &entry.path[folder.len()..];
            let (name, is_folder) = match rest.iter().position(|byte| *byte == b'/') {
                Some(end) => (&rest[..end], true),
                None => (rest, false),
            };
            let name = std::str::from_utf8(name).map_err(|_| ReadError::NotUtf8Name)?;
            let kind = match entry.kind {
                _ if is_folder => EntryKind::Folder,
                ItemKind::File => EntryKind::File,
                ItemKind::Module => EntryKind::Folder,
                ItemKind::Link => self.kind(&entry.path[self.root.len()..]),
            };
            if !is_git_folder(name) {
                listed.push(Listed { name: name.to_owned(), kind });
            }
            let end: &[u8] = if is_folder { b"/" } else { b"" };
            let done = [&folder, name.as_bytes(), end].concat();
            next = if is_folder {
                self.entries.after(&done, &folder)
            } else {
                self.entries.next(&done, &folder)
            };
        }
        listed.sort();
        Ok(listed)
    }

    fn describe(&self) -> String {
        self.shown.clone()
    }
}

/// Goes to `name` from a folder, by its text.
fn step(at: &mut Vec<u8>, name: &[u8]) -> Result<(), ReadError> {
    match name {
        b"" | b"." => {}
        b".." if at.is_empty() => return Err(ReadError::Outside),
        b".." => at.truncate(at.iter().rposition(|byte| *byte == b'/').unwrap_or(0)),
        _ => {
            if !at.is_empty() {
                at.push(b'/');
            }
            at.extend_from_slice(name);
        }
    }
    Ok(())
}

fn names(path: &[u8]) -> impl DoubleEndedIterator<Item = Vec<u8>> {
    path.split(|byte| *byte == b'/').filter(|name| !name.is_empty()).map(<[u8]>::to_vec)
}
