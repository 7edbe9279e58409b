//! The file that an identity is written to.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use crate::link::secret_value::SecretValue;
use crate::source::git::{Ignored, ignored};

/// Why an identity wasn't written.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// There is a file already; it could be the only copy of a key.
    #[error("`{0}` exists already and is left as it is")]
    Exists(String),
    /// The file would stand in a git work tree and could be committed.
    #[error("`{0}` lies in a git work tree that doesn't ignore it, so it could be committed")]
    Tracked(String),
    /// The system refused.
    #[error("`{0}` can't be written: {1}")]
    Io(String, io::ErrorKind),
}

/// Writes an identity to a new file that only its owner can read.
pub fn write(path: &Path, identity: &SecretValue) -> Result<(), KeyFileError> {
    let shown = path.display().to_string();
    let fail = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => KeyFileError::Exists(shown.clone()),
        kind => KeyFileError::Io(shown.clone(), kind),
    };
    if path.symlink_metadata().is_ok() {
        return Err(KeyFileError::Exists(shown));
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(fail)?;
    }
    if ignored(path) == Ignored::No {
        return Err(KeyFileError::Tracked(shown));
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(fail)?;
    #[expect(clippy::disallowed_methods, reason = "the key goes into the file that is made for it")]
    let written = file.write_all(identity.expose()).and_then(|()| file.sync_all());
    written.map_err(|error| {
        // Half a key is of no use to anybody.
        let _ = std::fs::remove_file(path);
        fail(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_key_is_written_once_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/key.txt");
        write(&path, &SecretValue::new(b"one".to_vec())).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let again = write(&path, &SecretValue::new(b"two".to_vec()));
        assert!(matches!(again, Err(KeyFileError::Exists(_))));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one");
    }
}
