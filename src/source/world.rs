//! The one door to files: a phase asks a [`World`] and can't tell a work tree from memory.

use std::io;

use thiserror::Error;

use super::repo_path::RepoPath;

/// The largest file that is read: 10 MiB.
pub const FILE_LIMIT: u64 = 10 * 1024 * 1024;

/// The files of one control repo, at one moment, read-only.
///
/// A path that the repo's files lead out of the repo (a symbolic link, at any place of the path) is
/// refused; one that stays inside is followed. `.git` is never seen.
pub trait World: Send + Sync {
    /// The bytes of a regular file of at most [`FILE_LIMIT`].
    fn read(&self, path: &RepoPath) -> Result<Vec<u8>, ReadError>;

    /// What a folder (`None`: the root) contains, by the bytes of the names.
    fn list(&self, path: Option<&RepoPath>) -> Result<Vec<Entry>, ReadError>;

    /// What it is called in a message.
    fn describe(&self) -> String;
}

/// One thing in a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its name, as the file system has it; [`RepoPath::join`] says whether it can be read.
    pub name: String,
    /// What it is, once links are followed.
    pub kind: EntryKind,
}

/// What an [`Entry`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A device, a pipe, a socket, or a link that leads nowhere or outside.
    Other,
}

/// Why a path can't be read. Names no path: the caller knows which one it asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ReadError {
    /// No such file or folder.
    #[error("not found")]
    NotFound,
    /// A folder, device, pipe or socket.
    #[error("not a regular file")]
    NotAFile,
    /// A file, device, pipe or socket where a folder should be, or a link to nowhere.
    #[error("not a folder")]
    NotAFolder,
    /// A symbolic link leaves the repo or leads in a circle.
    #[error("a symbolic link leads outside the repo or in a circle")]
    Outside,
    /// More bytes than may be read.
    #[error("larger than {} MiB", limit / (1024 * 1024))]
    TooLarge {
        /// How many may be.
        limit: u64,
    },
    /// A folder contains a name that isn't UTF-8.
    #[error("a name in this folder isn't valid UTF-8")]
    NotUtf8Name,
    /// git lists the file and doesn't have its content.
    #[error("git doesn't have its content")]
    NotInGit,
    /// git gave no answer.
    #[error("git gives no answer")]
    Git,
    /// Anything else that the system refused.
    #[error("can't be read: {0}")]
    Io(io::ErrorKind),
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{Entry, EntryKind, FILE_LIMIT, ReadError, World};
    use crate::source::memory::{Memory, Overlay};
    use crate::source::repo_path::RepoPath;
    use crate::source::work_tree::WorkTree;

    const FILES: [(&str, &str); 4] = [
        ("sealwright.yaml", "name: shop\n"),
        ("apps/cart/app.yaml", "image: cart\n"),
        ("apps/Cart.yaml", ""),
        ("apps/zoo/app.yaml", "image: zoo\n"),
    ];

    fn path(text: &str) -> RepoPath {
        RepoPath::new(text).unwrap()
    }

    fn write(root: &Path, name: &str, text: &str) {
        let at = root.join(name);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        fs::write(at, text).unwrap();
    }

    /// Runs `case` against every kind of world with the same files in it.
    fn in_every_world(case: impl Fn(&dyn World)) {
        let root = tempfile::tempdir().unwrap();
        let mut memory = Memory::new();
        for (name, text) in FILES {
            write(root.path(), name, text);
            memory = memory.with(name, text);
        }
        fs::create_dir(root.path().join(".git")).unwrap();
        case(&WorkTree::open(root.path()).unwrap());
        case(&memory);
        let (name, text) = FILES[3];
        let mut base = Memory::new();
        for (name, text) in &FILES[..3] {
            base = base.with(name, *text);
        }
        case(&Overlay { base: &base, path: path(name), bytes: text.into() });
        let base = memory.with(name, "something else");
        case(&Overlay { base: &base, path: path(name), bytes: text.into() });
    }

    #[test]
    fn every_world_reads_the_same_bytes() {
        in_every_world(|world| {
            for (name, text) in FILES {
                assert_eq!(world.read(&path(name)).unwrap(), text.as_bytes(), "{}", world.describe());
            }
        });
    }

    #[test]
    fn every_world_lists_by_the_bytes_of_the_names_and_without_git() {
        in_every_world(|world| {
            let entry = |name: &str, kind| Entry { name: name.into(), kind };
            assert_eq!(
                world.list(None).unwrap(),
                [entry("apps", EntryKind::Folder), entry("sealwright.yaml", EntryKind::File)]
            );
            assert_eq!(
                world.list(Some(&path("apps"))).unwrap(),
                [
                    entry("Cart.yaml", EntryKind::File),
                    entry("cart", EntryKind::Folder),
                    entry("zoo", EntryKind::Folder)
                ]
            );
            assert_eq!(world.list(Some(&path("apps/zoo"))).unwrap(), [entry("app.yaml", EntryKind::File)]);
        });
    }

    #[test]
    fn every_world_says_the_same_of_what_is_not_there() {
        in_every_world(|world| {
            for missing in ["nothing", "apps/nothing.yaml", "nothing/x", "sealwright.yaml/x"] {
                assert_eq!(world.read(&path(missing)), Err(ReadError::NotFound), "{missing}");
                assert_eq!(world.list(Some(&path(missing))), Err(ReadError::NotFound), "{missing}");
            }
            assert_eq!(world.read(&path("apps")), Err(ReadError::NotAFile));
            assert_eq!(world.read(&path("apps/zoo")), Err(ReadError::NotAFile));
            assert_eq!(world.list(Some(&path("sealwright.yaml"))), Err(ReadError::NotFound));
        });
    }

    #[test]
    fn every_world_refuses_a_file_over_the_limit() {
        let full = "x".repeat(usize::try_from(FILE_LIMIT).unwrap());
        let over = format!("{full}x");
        let root = tempfile::tempdir().unwrap();
        write(root.path(), "full", &full);
        write(root.path(), "over", &over);
        let memory = Memory::new().with("full", full.as_str()).with("over", over.as_str());
        let tree = WorkTree::open(root.path()).unwrap();
        for world in [&memory as &dyn World, &tree] {
            assert_eq!(world.read(&path("full")).unwrap().len() as u64, FILE_LIMIT);
            assert_eq!(world.read(&path("over")), Err(ReadError::TooLarge { limit: FILE_LIMIT }));
        }
        assert_eq!(ReadError::TooLarge { limit: FILE_LIMIT }.to_string(), "larger than 10 MiB");
    }
}
