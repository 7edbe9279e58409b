//! What an earlier run left in a folder, told from what others put there.

use std::io::{self, Read};

use cap_std::fs::Dir;

use super::layout::ENVIRONMENT;

/// The file that says whose folder this is, and which files stand at its top.
pub(super) const MARKER: &str = ".sealwright";

/// How [`MARKER`] begins; the names of the files at the top follow, one a line.
pub(super) const MARKER_TEXT: &str =
    "sealwright output 1\nThis folder is replaced as a whole by each run that writes to it.\n";

/// The file that keeps cleartext out of git, wherever its folder is moved.
pub(super) const IGNORE: &str = ".gitignore";

/// What stands in [`IGNORE`].
pub(super) const IGNORE_TEXT: &str = "*\n";

/// What a folder holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Contents {
    /// Nothing.
    Empty,
    /// What a finished run made, and nothing else.
    Output,
    /// What a run that was killed could have left.
    Partial,
    /// This, which no run makes.
    Foreign(String),
}

/// What `folder` holds. Links are never followed.
pub(super) fn contents(folder: &Dir) -> io::Result<Contents> {
    let (mut is_empty, mut is_marked) = (true, false);
    let marker = folder.exists(MARKER).then(|| head(folder, MARKER)).transpose()?.unwrap_or_default();
    let is_listed = |name: &str| marker.lines().skip(2).any(|line| line == name);
    for entry in folder.entries()? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let kind = entry.file_type()?;
        is_empty = false;
        let is_fine = if kind.is_dir() {
            match foreign_below(&entry.open_dir()?, &name)? {
                Some(below) => return Ok(Contents::Foreign(format!("{name}/{below}"))),
                None => true,
            }
        } else if kind.is_file() && name == MARKER {
            is_marked = marker.starts_with(MARKER_TEXT) && marker.ends_with('\n');
            is_marked || MARKER_TEXT.starts_with(&marker)
        } else if kind.is_file() && is_listed(&name) {
            true
        } else {
            kind.is_file() && name == IGNORE && IGNORE_TEXT.starts_with(&head(folder, IGNORE)?)
        };
        if !is_fine {
            return Ok(Contents::Foreign(name.into_owned()));
        }
    }
    Ok(match (is_empty, is_marked) {
        (true, _) => Contents::Empty,
        (_, true) => Contents::Output,
        _ => Contents::Partial,
    })
}

/// Something in a folder of this name that no run makes there. In one that no app can have, files are called
/// as a pack says.
fn foreign_below(folder: &Dir, called: &str) -> io::Result<Option<String>> {
    let is_pack = called.starts_with('_') && called != ENVIRONMENT;
    for entry in folder.entries()? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_document = is_pack || name.ends_with(".yaml") || name.ends_with(".json");
        if !is_document || !entry.file_type()?.is_file() {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// The start of a small file; what isn't text equals nothing of ours.
fn head(folder: &Dir, name: &str) -> io::Result<String> {
    let mut bytes = Vec::new();
    folder.open(name)?.take(4096).read_to_end(&mut bytes)?;
    Ok(String::from_utf8(bytes).unwrap_or_else(|_| "\0".into()))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use cap_std::ambient_authority;
    use cap_std::fs::Dir;

    use super::{Contents, IGNORE, MARKER, MARKER_TEXT, contents};

    #[test]
    fn only_what_a_run_makes_is_ours() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let now = || contents(&Dir::open_ambient_dir(at, ambient_authority()).unwrap()).unwrap();
        let foreign = |name: &str| Contents::Foreign(name.to_string());
        assert_eq!(now(), Contents::Empty);
        fs::create_dir(at.join("carts")).unwrap();
        fs::write(at.join("carts/service-carts.yaml"), "").unwrap();
        assert_eq!(now(), Contents::Partial);
        fs::write(at.join(MARKER), "").unwrap();
        assert_eq!(now(), Contents::Partial);
        fs::write(at.join(MARKER), MARKER_TEXT).unwrap();
        fs::write(at.join(IGNORE), "*\n").unwrap();
        assert_eq!(now(), Contents::Output);

        fs::write(at.join("carts/notes.txt"), "").unwrap();
        assert_eq!(now(), foreign("carts/notes.txt"));
        fs::remove_file(at.join("carts/notes.txt")).unwrap();
        symlink("/etc/passwd", at.join("carts/x.yaml")).unwrap();
        assert_eq!(now(), foreign("carts/x.yaml"));
        fs::remove_file(at.join("carts/x.yaml")).unwrap();
        fs::create_dir(at.join("carts/deep.yaml")).unwrap();
        assert_eq!(now(), foreign("carts/deep.yaml"));
        fs::remove_dir(at.join("carts/deep.yaml")).unwrap();
        fs::write(at.join("kustomization.yaml"), "").unwrap();
        assert_eq!(now(), foreign("kustomization.yaml"));
        fs::remove_file(at.join("kustomization.yaml")).unwrap();
        fs::write(at.join(IGNORE), "*\n!keep\n").unwrap();
        assert_eq!(now(), foreign(IGNORE));
        fs::write(at.join(IGNORE), "*\n").unwrap();
        fs::write(at.join(MARKER), "mine").unwrap();
        assert_eq!(now(), foreign(MARKER));
        fs::write(at.join(MARKER), b"\xff").unwrap();
        assert_eq!(now(), foreign(MARKER));
        assert_eq!(now(), foreign(MARKER));
    }
}
