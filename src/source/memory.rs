//! Worlds without a disk: files held in memory, and a world with one file changed.

use std::collections::BTreeMap;

use super::repo_path::RepoPath;
use super::world::{Entry, EntryKind, FILE_LIMIT, ReadError, World};

/// A world of files that never touched a disk.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    files: BTreeMap<String, Vec<u8>>,
}

impl Memory {
    /// An empty one.
    pub fn new() -> Self {
        Memory::default()
    }

    /// The same with a file added or replaced.
    ///
    /// # Panics
    ///
    /// When `path` isn't a [`RepoPath`]: what stands in the code is meant to be one.
    pub fn with(mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        let path = RepoPath::new(path).expect("the path is written in the code");
        self.insert(&path, bytes);
        self
    }

    /// Adds or replaces a file.
    pub fn insert(&mut self, path: &RepoPath, bytes: impl Into<Vec<u8>>) {
        self.files.insert(path.as_str().to_owned(), bytes.into());
    }

    fn is_folder(&self, path: &RepoPath) -> bool {
        let prefix = format!("{path}/");
        self.files.range(prefix.clone()..).next().is_some_and(|(name, _)| name.starts_with(&prefix))
    }
}

impl World for Memory {
    fn read(&self, path: &RepoPath) -> Result<Vec<u8>, ReadError> {
        match self.files.get(path.as_str()) {
            Some(bytes) => within_limit(bytes),
            None if self.is_folder(path) => Err(ReadError::NotAFile),
            None => Err(ReadError::NotFound),
        }
    }

    fn list(&self, path: Option<&RepoPath>) -> Result<Vec<Entry>, ReadError> {
        if path.is_some_and(|path| !self.is_folder(path)) {
            return Err(ReadError::NotFound);
        }
        let prefix = path.map_or(String::new(), |path| format!("{path}/"));
        let below = self.files.range(prefix.clone()..).map_while(|(name, _)| name.strip_prefix(&prefix));
        let mut entries: Vec<Entry> = below.map(first_step).collect();
        entries.sort();
        entries.dedup();
        Ok(entries)
    }

    fn describe(&self) -> String {
        "files in memory".to_owned()
    }
}

/// A world in which one file is replaced or added: what the repo would mean with this edit.
#[derive(Clone)]
pub struct Overlay<'a> {
    /// Where everything else is read.
    pub base: &'a dyn World,
    /// The file that differs.
    pub path: RepoPath,
    /// What it contains here.
    pub bytes: Vec<u8>,
}

impl World for Overlay<'_> {
    fn read(&self, path: &RepoPath) -> Result<Vec<u8>, ReadError> {
        if *path == self.path {
            within_limit(&self.bytes)
        } else if self.path.below(Some(path)).is_some() {
            Err(ReadError::NotAFile)
        } else {
            self.base.read(path)
        }
    }

    fn list(&self, path: Option<&RepoPath>) -> Result<Vec<Entry>, ReadError> {
        let Some(rest) = self.path.below(path) else { return self.base.list(path) };
        let own = first_step(rest);
        let mut entries = match self.base.list(path) {
            Err(ReadError::NotFound) => Vec::new(),
            listed => listed?,
        };
        entries.retain(|entry| entry.name != own.name);
        entries.push(own);
        entries.sort();
        Ok(entries)
    }

    fn describe(&self) -> String {
        format!("{} with another {}", self.base.describe(), self.path)
    }
}

/// Runs `then` in a world in which some files are replaced or added.
pub fn with_files<R>(
    base: &dyn World,
    files: &[(RepoPath, String)],
    then: &mut dyn FnMut(&dyn World) -> R,
) -> R {
    match files.split_first() {
        None => then(base),
        Some(((path, text), rest)) => {
            let bytes = text.clone().into_bytes();
            with_files(&Overlay { base, path: path.clone(), bytes }, rest, then)
        }
    }
}

/// What a folder shows of a file that lies at `rest` below it.
fn first_step(rest: &str) -> Entry {
    match rest.split_once('/') {
        Some((folder, _)) => Entry { name: folder.to_owned(), kind: EntryKind::Folder },
        None => Entry { name: rest.to_owned(), kind: EntryKind::File },
    }
}

fn within_limit(bytes: &[u8]) -> Result<Vec<u8>, ReadError> {
    if bytes.len() as u64 > FILE_LIMIT {
        return Err(ReadError::TooLarge { limit: FILE_LIMIT });
    }
    Ok(bytes.to_vec())
}

#[cfg(test)]
mod tests {
    use super::{Memory, Overlay};
    use crate::source::repo_path::RepoPath;
    use crate::source::world::{EntryKind, ReadError, World};

    #[test]
    fn an_overlay_shows_folders_that_only_it_needs() {
        let base = Memory::new().with("sealwright.yaml", "");
        let path = RepoPath::new("environments/prod/versions.yaml").unwrap();
        let world = Overlay { base: &base, path: path.clone(), bytes: b"a: 1".to_vec() };
        let names = |at: Option<&str>| {
            let at = at.map(|at| RepoPath::new(at).unwrap());
            world.list(at.as_ref()).unwrap().into_iter().map(|e| (e.name, e.kind)).collect::<Vec<_>>()
        };
        assert_eq!(
            names(None),
            [("environments".into(), EntryKind::Folder), ("sealwright.yaml".into(), EntryKind::File)]
        );
        assert_eq!(names(Some("environments")), [("prod".into(), EntryKind::Folder)]);
        assert_eq!(names(Some("environments/prod")), [("versions.yaml".into(), EntryKind::File)]);
        assert_eq!(world.read(&path).unwrap(), b"a: 1");
        assert_eq!(world.read(&RepoPath::new("environments").unwrap()), Err(ReadError::NotAFile));
        assert_eq!(base.read(&path), Err(ReadError::NotFound));
    }

    #[test]
    fn a_name_that_continues_another_is_no_folder_of_it() {
        let world = Memory::new().with("app-x/a", "").with("app.yaml", "");
        assert_eq!(world.list(Some(&RepoPath::new("app").unwrap())), Err(ReadError::NotFound));
        assert_eq!(world.read(&RepoPath::new("app").unwrap()), Err(ReadError::NotFound));
    }
}
