//! A folder on disk as a [`World`].

use std::io;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, Metadata, OpenOptions};

use super::repo_path::{RepoPath, is_git_folder};
use super::text;
use super::world::{Entry, EntryKind, FILE_LIMIT, ReadError, World};

/// The name of the file that makes a folder a control repo.
pub const ROOT_FILE: &str = "sealwright.yaml";

/// The files of a folder on disk. Everything is opened beneath a handle of the root, so a link that is
/// swapped while a run reads can't lead outside either.
#[derive(Debug)]
pub struct WorkTree {
    root: Dir,
    shown: String,
}

impl WorkTree {
    /// The files beneath `root`.
    pub fn open(root: &Path) -> Result<Self, ReadError> {
        let dir = Dir::open_ambient_dir(root, ambient_authority()).map_err(read_error)?;
        Ok(WorkTree { root: dir, shown: root.display().to_string() })
    }

    /// The bytes of a text of at most [`FILE_LIMIT`] as it lies at a path of any name, which no link may be at
    /// the end of. `None` for a file that holds something else than text.
    pub fn read_text(&self, path: &Path) -> Result<Option<Vec<u8>>, ReadError> {
        require_file(&self.root.symlink_metadata(path).map_err(read_error)?)?;
        let mut file = self.root.open_with(path, &never_waiting()).map_err(read_error)?;
        require_file(&file.metadata().map_err(read_error)?)?;
        let mut bytes = Vec::new();
        file.by_ref().take(text::HEAD as u64).read_to_end(&mut bytes).map_err(read_error)?;
        if text::is_binary(&bytes) {
            return Ok(None);
        }
        file.take(FILE_LIMIT + 1 - bytes.len() as u64).read_to_end(&mut bytes).map_err(read_error)?;
        if bytes.len() as u64 > FILE_LIMIT {
            return Err(ReadError::TooLarge { limit: FILE_LIMIT });
        }
        Ok(Some(bytes))
    }

    fn kind(&self, path: &Path) -> EntryKind {
        match self.root.metadata(path) {
            Ok(metadata) => kind(&metadata),
            Err(_) => EntryKind::Other,
        }
    }
}

impl World for WorkTree {
    fn read(&self, path: &RepoPath) -> Result<Vec<u8>, ReadError> {
        // Asked before opening, because opening a device can have effects of its own.
        require_file(&self.root.metadata(path.as_str()).map_err(read_error)?)?;
        let file = self.root.open_with(path.as_str(), &never_waiting()).map_err(read_error)?;
        // And asked again of what was opened, because the path may mean something else by now.
        require_file(&file.metadata().map_err(read_error)?)?;
        let mut bytes = Vec::new();
        file.take(FILE_LIMIT + 1).read_to_end(&mut bytes).map_err(read_error)?;
        if bytes.len() as u64 > FILE_LIMIT {
            return Err(ReadError::TooLarge { limit: FILE_LIMIT });
        }
        Ok(bytes)
    }

    fn list(&self, path: Option<&RepoPath>) -> Result<Vec<Entry>, ReadError> {
        let folder = path.map_or(".", RepoPath::as_str);
        let mut entries = Vec::new();
        for found in self.root.read_dir(folder).map_err(read_error)? {
            let found = found.map_err(read_error)?;
            let name = found.file_name().into_string().map_err(|_| ReadError::NotUtf8Name)?;
            if is_git_folder(&name) {
                continue;
            }
            let kind = match found.file_type().map_err(read_error)? {
                kind if kind.is_file() => EntryKind::File,
                kind if kind.is_dir() => EntryKind::Folder,
                kind if kind.is_symlink() => self.kind(&Path::new(folder).join(&name)),
                _ => EntryKind::Other,
            };
            entries.push(Entry { name, kind });
        }
        entries.sort();
        Ok(entries)
    }

    fn describe(&self) -> String {
        format!("the work tree at {}", self.shown)
    }
}

/// The nearest folder, from `start` upwards, that holds a `sealwright.yaml`.
pub fn find_root(start: &Path) -> Option<PathBuf> {
    let start = start.canonicalize().ok()?;
    start.ancestors().find(|folder| folder.join(ROOT_FILE).is_file()).map(Path::to_owned)
}

/// Options under which opening a pipe returns at once instead of waiting for its writer.
fn never_waiting() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use cap_std::fs::OpenOptionsExt as _;
        use rustix::fs::OFlags;

        let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        options.custom_flags(i32::try_from(flags.bits()).expect("the flags are small numbers"));
    }
    options
}

fn kind(metadata: &Metadata) -> EntryKind {
    match metadata.file_type() {
        kind if kind.is_file() => EntryKind::File,
        kind if kind.is_dir() => EntryKind::Folder,
        _ => EntryKind::Other,
    }
}

fn require_file(metadata: &Metadata) -> Result<(), ReadError> {
    if kind(metadata) == EntryKind::File { Ok(()) } else { Err(ReadError::NotAFile) }
}

fn read_error(error: io::Error) -> ReadError {
    // What refuses to leave the root reports a denial without a number of the system's.
    let left_the_root = error.raw_os_error().is_none() && error.kind() == io::ErrorKind::PermissionDenied;
    match error.kind() {
        _ if left_the_root || is_loop(&error) => ReadError::Outside,
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ReadError::NotFound,
        io::ErrorKind::IsADirectory => ReadError::NotAFile,
        kind => ReadError::Io(kind),
    }
}

#[cfg(unix)]
fn is_loop(error: &io::Error) -> bool {
    rustix::io::Errno::from_io_error(error) == Some(rustix::io::Errno::LOOP)
}

#[cfg(not(unix))]
fn is_loop(_: &io::Error) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{WorkTree, find_root};
    use crate::source::world::ReadError;

    #[test]
    fn the_root_is_the_nearest_ancestor_with_the_root_file() {
        let outer = tempfile::tempdir().unwrap();
        let outer = outer.path().canonicalize().unwrap();
        fs::create_dir_all(outer.join("inner/apps/a")).unwrap();
        fs::create_dir_all(outer.join("apps")).unwrap();
        fs::create_dir_all(outer.join("inner/apps/sealwright.yaml")).unwrap();
        fs::write(outer.join("sealwright.yaml"), "").unwrap();
        fs::write(outer.join("inner/sealwright.yaml"), "").unwrap();
        assert_eq!(find_root(&outer.join("inner/apps/a")), Some(outer.join("inner")));
        assert_eq!(find_root(&outer.join("inner")), Some(outer.join("inner")));
        assert_eq!(find_root(&outer.join("apps")), Some(outer.clone()));
        assert_eq!(find_root(&outer.join("nothing")), None);
    }

    #[test]
    fn a_missing_root_is_an_error() {
        assert_eq!(WorkTree::open(Path::new("/nothing/here")).err(), Some(ReadError::NotFound));
    }

    #[cfg(unix)]
    mod unix {
        use std::ffi::OsStr;
        use std::fs;
        use std::os::unix::ffi::OsStrExt as _;
        use std::os::unix::fs::symlink;
        use std::os::unix::net::UnixListener;
        use std::process::Command;

        use tempfile::TempDir;

        use super::super::WorkTree;
        use crate::source::repo_path::RepoPath;
        use crate::source::world::{EntryKind, ReadError, World as _};

        fn repo() -> TempDir {
            let temp = tempfile::tempdir().unwrap();
            fs::create_dir_all(temp.path().join("repo/apps/a")).unwrap();
            fs::create_dir_all(temp.path().join("secret/a")).unwrap();
            fs::write(temp.path().join("repo/apps/a/app.yaml"), "inside").unwrap();
            fs::write(temp.path().join("secret/a/app.yaml"), "outside").unwrap();
            temp
        }

        fn read(temp: &TempDir, path: &str) -> Result<String, ReadError> {
            let tree = WorkTree::open(&temp.path().join("repo")).unwrap();
            tree.read(&RepoPath::new(path).unwrap()).map(|bytes| String::from_utf8(bytes).unwrap())
        }

        fn kind_of(temp: &TempDir, name: &str) -> EntryKind {
            let tree = WorkTree::open(&temp.path().join("repo")).unwrap();
            tree.list(None).unwrap().into_iter().find(|entry| entry.name == name).unwrap().kind
        }

        #[test]
        fn links_that_stay_inside_are_followed() {
            let temp = repo();
            let root = temp.path().join("repo");
            symlink("apps/a/app.yaml", root.join("file")).unwrap();
            symlink("apps/a", root.join("folder")).unwrap();
            symlink("../../repo/apps/a/app.yaml", root.join("apps/out-and-in")).unwrap();
            symlink("../apps/a/app.yaml", root.join("apps/up")).unwrap();
            assert_eq!(read(&temp, "file").as_deref(), Ok("inside"));
            assert_eq!(read(&temp, "folder/app.yaml").as_deref(), Ok("inside"));
            assert_eq!(read(&temp, "apps/up").as_deref(), Ok("inside"));
            assert_eq!(read(&temp, "apps/out-and-in"), Err(ReadError::Outside));
            assert_eq!(kind_of(&temp, "file"), EntryKind::File);
            assert_eq!(kind_of(&temp, "folder"), EntryKind::Folder);
        }

        #[test]
        fn links_that_leave_are_refused_at_every_place_of_the_path() {
            for (link, target) in [
                ("repo/apps", "../secret"),
                ("repo/apps/a", "../../secret/a"),
                ("repo/apps/a/app.yaml", "../../../secret/a/app.yaml"),
            ] {
                let temp = repo();
                let link = temp.path().join(link);
                let target_path = link.parent().unwrap().join(target);
                if link.is_dir() {
                    fs::remove_dir_all(&link).unwrap();
                } else {
                    fs::remove_file(&link).unwrap();
                }
                symlink(target, &link).unwrap();
                assert!(target_path.exists(), "the link is a good one");
                assert_eq!(read(&temp, "apps/a/app.yaml"), Err(ReadError::Outside), "{target}");
                fs::remove_file(&link).unwrap();
                symlink(target_path.canonicalize().unwrap(), &link).unwrap();
                assert_eq!(read(&temp, "apps/a/app.yaml"), Err(ReadError::Outside), "absolute {target}");
            }
        }

        #[test]
        fn a_folder_behind_a_link_that_leaves_is_not_listed() {
            let temp = repo();
            symlink("../secret", temp.path().join("repo/out")).unwrap();
            let tree = WorkTree::open(&temp.path().join("repo")).unwrap();
            assert_eq!(tree.list(Some(&RepoPath::new("out").unwrap())), Err(ReadError::Outside));
            assert_eq!(kind_of(&temp, "out"), EntryKind::Other);
        }

        #[test]
        fn links_in_a_circle_and_to_nowhere_are_told_apart() {
            let temp = repo();
            let root = temp.path().join("repo");
            symlink("b", root.join("a")).unwrap();
            symlink("a", root.join("b")).unwrap();
            symlink("nothing", root.join("dangling")).unwrap();
            assert_eq!(read(&temp, "a"), Err(ReadError::Outside));
            assert_eq!(read(&temp, "a/x"), Err(ReadError::Outside));
            assert_eq!(read(&temp, "dangling"), Err(ReadError::NotFound));
            assert_eq!(kind_of(&temp, "a"), EntryKind::Other);
            assert_eq!(kind_of(&temp, "dangling"), EntryKind::Other);
        }

        #[test]
        fn devices_pipes_and_sockets_are_refused_without_waiting() {
            let temp = repo();
            let root = temp.path().join("repo");
            symlink("/dev/zero", root.join("zero")).unwrap();
            symlink("/proc/self/fd/0", root.join("magic")).unwrap();
            assert!(Command::new("mkfifo").arg(root.join("pipe")).status().unwrap().success());
            let _listener = UnixListener::bind(root.join("socket")).unwrap();
            assert_eq!(read(&temp, "zero"), Err(ReadError::Outside));
            assert_eq!(read(&temp, "magic"), Err(ReadError::Outside));
            assert_eq!(read(&temp, "pipe"), Err(ReadError::NotAFile));
            assert_eq!(read(&temp, "socket"), Err(ReadError::NotAFile));
            assert_eq!(kind_of(&temp, "pipe"), EntryKind::Other);
            let device = WorkTree::open(std::path::Path::new("/dev")).unwrap();
            assert_eq!(device.read(&RepoPath::new("zero").unwrap()), Err(ReadError::NotAFile));
        }

        #[test]
        fn opening_a_pipe_never_waits_for_a_writer() {
            let temp = repo();
            let pipe = temp.path().join("repo/pipe");
            assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
            let tree = WorkTree::open(&temp.path().join("repo")).unwrap();
            // What would happen if a file became a pipe after its kind was asked for.
            assert!(tree.root.open_with("pipe", &super::super::never_waiting()).is_ok());
        }

        #[test]
        fn a_name_that_is_not_utf8_is_an_error_of_its_folder() {
            let temp = repo();
            let name = OsStr::from_bytes(b"caf\xe9.yaml");
            if fs::write(temp.path().join("repo/apps").join(name), "").is_err() {
                return; // some file systems don't store such names
            }
            let tree = WorkTree::open(&temp.path().join("repo")).unwrap();
            assert_eq!(tree.list(Some(&RepoPath::new("apps").unwrap())), Err(ReadError::NotUtf8Name));
        }
    }
}
