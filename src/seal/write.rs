//! Writing into a control repo: beneath its root, never through a symlink, whole or not at all.

use std::io::{self, Write};
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt};

use crate::source::repo_path::RepoPath;

/// Why a file wasn't written; the old one is as it was.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The file is a symlink.
    #[error("`{0}` is a symlink: nothing is written through one")]
    Symlink(String),
    /// Something stands there.
    #[error("`{0}` exists already")]
    Exists(String),
    /// The system refused.
    #[error("`{0}` can't be written: {1}")]
    Io(String, io::ErrorKind),
}

/// Replaces a file of the repo at `root`, or adds it: written aside, synced, renamed. Permissions of a
/// file that exists are kept.
pub fn replace(root: &Path, path: &RepoPath, text: &str) -> Result<(), WriteError> {
    let fail = |error: io::Error| WriteError::Io(path.to_string(), error.kind());
    let dir = Dir::open_ambient_dir(root, ambient_authority()).map_err(fail)?;
    let dir = match path.parent() {
        Some(folder) => dir.open_dir(folder.as_str()).map_err(fail)?,
        None => dir,
    };
    let permissions = match dir.symlink_metadata(path.name()) {
        Ok(metadata) if metadata.is_symlink() => return Err(WriteError::Symlink(path.to_string())),
        Ok(metadata) => Some(metadata.permissions()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(fail(error)),
    };
    let aside = format!(".{}.{}.tmp", path.name(), std::process::id());
    let written = dir
        .open_with(&aside, OpenOptions::new().write(true).create_new(true).mode(0o644))
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            if let Some(permissions) = permissions {
                file.set_permissions(permissions)?;
            }
            file.sync_all()
        })
        .and_then(|()| dir.rename(&aside, &dir, path.name()));
    written.map_err(|error| {
        let _ = dir.remove_file(&aside);
        fail(error)
    })
}

/// Adds a folder of the repo at `root` with these files: written aside, synced, renamed. Nothing may stand
/// there yet.
pub fn add_folder(root: &Path, path: &RepoPath, files: &[(&str, &str)]) -> Result<(), WriteError> {
    let fail = |error: io::Error| WriteError::Io(path.to_string(), error.kind());
    let dir = Dir::open_ambient_dir(root, ambient_authority()).map_err(fail)?;
    if let Some(above) = path.parent() {
        match dir.symlink_metadata(above.as_str()) {
            Ok(metadata) if metadata.is_symlink() => return Err(WriteError::Symlink(above.to_string())),
            Ok(_) => {}
            Err(_) => dir.create_dir(above.as_str()).map_err(fail)?,
        }
    }
    if dir.symlink_metadata(path.as_str()).is_ok() {
        return Err(WriteError::Exists(path.to_string()));
    }
    // In the root, where nothing reads what a killed run leaves.
    let aside = format!(".{}.{}.tmp", path.name(), std::process::id());
    let written = dir.create_dir(&aside).and_then(|()| dir.open_dir(&aside)).and_then(|folder| {
        for (name, text) in files {
            let mut file =
                folder.open_with(name, OpenOptions::new().write(true).create_new(true).mode(0o644))?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
        }
        dir.rename(&aside, &dir, path.as_str())
    });
    written.map_err(|error| {
        let _ = dir.remove_dir_all(&aside);
        fail(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn a_file_is_replaced_whole_and_keeps_its_permissions() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("a.yaml");
        std::fs::write(&file, "old").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
        replace(root.path(), &RepoPath::new("a.yaml").unwrap(), "new").unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_is_added_whole_and_never_over_another() {
        let root = tempfile::tempdir().unwrap();
        let path = RepoPath::new("platforms/x").unwrap();
        let files = [("a.yaml", "1"), ("b.yaml", "2")];
        add_folder(root.path(), &path, &files).unwrap();
        assert_eq!(std::fs::read_to_string(root.path().join("platforms/x/b.yaml")).unwrap(), "2");
        assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 1);
        assert!(matches!(add_folder(root.path(), &path, &files), Err(WriteError::Exists(_))));
        // A file that can't be written leaves nothing behind.
        let other = RepoPath::new("platforms/y").unwrap();
        assert!(add_folder(root.path(), &other, &[("a.yaml", ""), ("no/b.yaml", "")]).is_err());
        assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 1);
        assert_eq!(std::fs::read_dir(root.path().join("platforms")).unwrap().count(), 1);
        let outside = tempfile::tempdir().unwrap();
        let root = tempfile::tempdir().unwrap();
        symlink(outside.path(), root.path().join("platforms")).unwrap();
        assert!(matches!(add_folder(root.path(), &path, &files), Err(WriteError::Symlink(_))));
        assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
    }

    #[test]
    fn nothing_is_written_through_a_symlink_or_outside() {
        let (root, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let target = outside.path().join("target");
        std::fs::write(&target, "old").unwrap();
        symlink(&target, root.path().join("a.yaml")).unwrap();
        symlink(outside.path(), root.path().join("folder")).unwrap();
        for path in ["a.yaml", "folder/target"] {
            assert!(replace(root.path(), &RepoPath::new(path).unwrap(), "new").is_err(), "{path}");
        }
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "old");
    }
}
