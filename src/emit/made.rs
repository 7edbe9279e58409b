//! What an earlier run left in a folder, told from what others put there.

use std::io::{self, Read};

use cap_std::fs::Dir;

use super::rendered::{RENDERED, Rendered};
use crate::manifest::artifact::ENVIRONMENT;
use crate::source::world::FILE_LIMIT;

/// The file that said whose folder this is before [`RENDERED`] did. Outputs that have it are replaced as others
/// are.
const OLD_MARKER: &str = ".sealwright";

/// How [`OLD_MARKER`] begins; the names of the files at the top follow, one a line.
const OLD_MARKER_TEXT: &str =
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

/// What the marker of a folder says.
struct Marker {
    name: &'static str,
    /// Whether a run wrote it to its end.
    is_whole: bool,
    /// The files at the top.
    files: Vec<String>,
}

/// What `folder` holds. Links are never followed.
pub(super) fn contents(folder: &Dir) -> io::Result<Contents> {
    let mut is_empty = true;
    let marker = match new_marker(folder)? {
        Some(marker) => Some(marker),
        None => old_marker(folder)?,
    };
    let is_known = |name: &str| {
        marker
            .as_ref()
            .is_some_and(|marker| marker.name == name || marker.files.iter().any(|file| file == name))
    };
    for entry in folder.entries()? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let kind = entry.file_type()?;
        is_empty = false;
        if kind.is_dir() {
            if let Some(below) = foreign_below(&entry.open_dir()?, &name)? {
                return Ok(Contents::Foreign(format!("{name}/{below}")));
            }
        } else if !kind.is_file() || !(is_known(&name) || is_ignore(folder, &name)?) {
            return Ok(Contents::Foreign(name.into_owned()));
        }
    }
    Ok(match (is_empty, marker.is_some_and(|marker| marker.is_whole)) {
        (true, _) => Contents::Empty,
        (_, true) => Contents::Output,
        _ => Contents::Partial,
    })
}

/// Whether a run puts a file of this name into a folder of that one. In a folder that no app can have, files are
/// called as a pack says.
pub(super) fn is_made(folder: &str, file: &str) -> bool {
    let is_pack = folder.starts_with('_') && folder != ENVIRONMENT;
    is_pack || file.ends_with(".yaml") || file.ends_with(".json")
}

/// Something in a folder of this name that no run makes there.
fn foreign_below(folder: &Dir, called: &str) -> io::Result<Option<String>> {
    for entry in folder.entries()? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !is_made(called, &name) || !entry.file_type()?.is_file() {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// What [`RENDERED`] says, if it is one of ours or the beginning of one.
fn new_marker(folder: &Dir) -> io::Result<Option<Marker>> {
    let Some(text) = read(folder, RENDERED)? else { return Ok(None) };
    let rendered = Rendered::read(&text);
    let is_whole = rendered.is_some();
    let files = rendered.map(|rendered| rendered.files).unwrap_or_default();
    let marker = Marker { name: RENDERED, is_whole, files };
    Ok((is_whole || Rendered::is_beginning(&text)).then_some(marker))
}

/// What [`OLD_MARKER`] says, if it is one of ours or the beginning of one.
fn old_marker(folder: &Dir) -> io::Result<Option<Marker>> {
    let Some(text) = read(folder, OLD_MARKER)? else { return Ok(None) };
    let Ok(text) = String::from_utf8(text) else { return Ok(None) };
    let is_whole = text.starts_with(OLD_MARKER_TEXT) && text.ends_with('\n');
    let files = text.lines().skip(2).map(str::to_string).collect();
    let marker = Marker { name: OLD_MARKER, is_whole, files };
    Ok((is_whole || OLD_MARKER_TEXT.starts_with(&text)).then_some(marker))
}

fn is_ignore(folder: &Dir, name: &str) -> io::Result<bool> {
    let text = if name == IGNORE { read(folder, IGNORE)? } else { None };
    Ok(text.is_some_and(|text| IGNORE_TEXT.as_bytes().starts_with(&text)))
}

/// The bytes of a file that is there; of a link or something else none.
fn read(folder: &Dir, name: &str) -> io::Result<Option<Vec<u8>>> {
    match folder.symlink_metadata(name) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
        Ok(found) if !found.is_file() => return Ok(None),
        Ok(_) => {}
    }
    let mut bytes = Vec::new();
    folder.open(name)?.take(FILE_LIMIT).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use cap_std::ambient_authority;
    use cap_std::fs::Dir;

    use super::super::rendered::tests::rendered;
    use super::{Contents, IGNORE, OLD_MARKER, OLD_MARKER_TEXT, RENDERED, contents};

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
        let text = rendered(&[("carts", Some("1"))]).text();
        for partial in ["", "{\n  \"sch", &text[..text.len() - 3]] {
            fs::write(at.join(RENDERED), partial).unwrap();
            assert_eq!(now(), Contents::Partial, "{partial:?}");
        }
        fs::write(at.join(RENDERED), text).unwrap();
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
        for other in [&b"mine"[..], b"{}", b"\xff"] {
            fs::write(at.join(RENDERED), other).unwrap();
            assert_eq!(now(), foreign(RENDERED));
        }
        fs::remove_file(at.join(RENDERED)).unwrap();
        symlink("/etc/passwd", at.join(RENDERED)).unwrap();
        assert_eq!(now(), foreign(RENDERED));
    }

    #[test]
    fn files_at_the_top_are_ours_if_the_output_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let now = || contents(&Dir::open_ambient_dir(at, ambient_authority()).unwrap()).unwrap();
        let mut said = rendered(&[]);
        fs::write(at.join("compose.yaml"), "").unwrap();
        fs::write(at.join(RENDERED), said.text()).unwrap();
        assert_eq!(now(), Contents::Foreign("compose.yaml".into()));
        said.files.push("compose.yaml".into());
        fs::write(at.join(RENDERED), said.text()).unwrap();
        assert_eq!(now(), Contents::Output);
    }

    #[test]
    fn an_output_of_an_older_version_is_ours() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let now = || contents(&Dir::open_ambient_dir(at, ambient_authority()).unwrap()).unwrap();
        fs::write(at.join("compose.yaml"), "").unwrap();
        fs::write(at.join(OLD_MARKER), format!("{OLD_MARKER_TEXT}compose.yaml\n")).unwrap();
        assert_eq!(now(), Contents::Output);
        fs::write(at.join(OLD_MARKER), OLD_MARKER_TEXT).unwrap();
        assert_eq!(now(), Contents::Foreign("compose.yaml".into()));
        fs::remove_file(at.join("compose.yaml")).unwrap();
        fs::write(at.join(OLD_MARKER), "sealwright out").unwrap();
        assert_eq!(now(), Contents::Partial);
        fs::write(at.join(OLD_MARKER), "mine").unwrap();
        assert_eq!(now(), Contents::Foreign(OLD_MARKER.into()));
    }
}
