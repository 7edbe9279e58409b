//! The folder beside the output in which a run writes, and that takes the output's place as a whole.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::OwnedFd;

use cap_std::fs::{Dir, DirBuilder, DirBuilderExt, OpenOptions, OpenOptionsExt};
use rustix::fs::{FlockOperation, Mode, OFlags, RenameFlags, flock, openat, renameat_with};

use super::made::{Contents, contents};

/// The permission bits of a file for its owner alone.
pub(super) const OWNER: u32 = 0o600;

/// A new folder `.NAME.RANDOM.tmp`, for its owner alone. It is locked while its run lives, so that other
/// runs can tell it from what a killed one left; dropped before its time, it is removed.
pub(super) struct Aside<'a> {
    parent: &'a Dir,
    target: &'a OsStr,
    name: OsString,
    folder: Dir,
    /// Held as long as this lives.
    lock: Option<OwnedFd>,
    is_finished: bool,
}

/// Why the folder didn't take the output's place.
pub(super) enum PutError {
    /// Something else came to stand there meanwhile: this.
    Foreign(String),
    /// The system refused.
    Io(io::Error),
}

impl From<io::Error> for PutError {
    fn from(error: io::Error) -> PutError {
        PutError::Io(error)
    }
}

impl<'a> Aside<'a> {
    /// A new one for the output `target` in `parent`.
    pub(super) fn new(parent: &'a Dir, target: &'a OsStr) -> io::Result<Aside<'a>> {
        let name = sibling(target, TEMPORARY)?;
        private_folder(parent, &name)?;
        let folder = parent.open_dir(&name)?;
        let mut aside = Aside { parent, target, name, folder, lock: None, is_finished: false };
        aside.lock = Some(lock(&aside.folder)?);
        Ok(aside)
    }

    /// The folder itself.
    pub(super) fn folder(&self) -> &Dir {
        &self.folder
    }

    /// Takes the place of the output: of what is there, if `replaces`. Whether the old one is gone.
    pub(super) fn put(mut self, replaces: bool) -> Result<bool, PutError> {
        sync(&self.folder)?;
        if !replaces {
            self.parent.rename(&self.name, self.parent, self.target)?;
            self.is_finished = true;
            sync(self.parent)?;
            return Ok(true);
        }
        self.swap()?;
        self.is_finished = true;
        sync(self.parent)?;
        Ok(self.parent.remove_dir_all(&self.name).is_ok()
            || self.parent.symlink_metadata(&self.name).is_err())
    }

    /// Swaps the two folders; the old one then has `self.name`.
    fn swap(&mut self) -> Result<(), PutError> {
        match exchange(self.parent, &self.name, self.target) {
            Err(error) if is_unsupported(&error) => {
                let old = sibling(self.target, OLD)?;
                self.parent.rename(self.target, self.parent, &old)?;
                if let Err(error) = self.parent.rename(&self.name, self.parent, self.target) {
                    self.parent.rename(&old, self.parent, self.target)?;
                    return Err(error.into());
                }
                self.name = old;
                Ok(())
            }
            Err(error) => Err(error.into()),
            // What stood there was ours when the run began; only what still is may go.
            Ok(()) => match contents_of(self.parent, &self.name)? {
                Contents::Foreign(found) => {
                    exchange(self.parent, &self.name, self.target)?;
                    Err(PutError::Foreign(found))
                }
                _ => Ok(()),
            },
        }
    }
}

impl Drop for Aside<'_> {
    fn drop(&mut self) {
        if !self.is_finished {
            // The error that led here is the one to tell; the next run tries again.
            let _ = self.parent.remove_dir_all(&self.name);
        }
    }
}

/// Removes what killed runs left beside `target`, and puts back an output that one had moved away.
pub(super) fn clean(parent: &Dir, target: &OsStr) -> io::Result<()> {
    for entry in parent.entries()? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(end) = end_of_sibling(target, &name) else { continue };
        if !entry.file_type()?.is_dir() {
            continue;
        }
        let Ok(folder) = entry.open_dir() else { continue };
        let Ok(_lock) = lock(&folder) else { continue };
        if matches!(contents(&folder)?, Contents::Foreign(_)) {
            continue;
        }
        if end == OLD && parent.symlink_metadata(target).is_err() {
            parent.rename(&name, parent, target)?;
        } else {
            match parent.remove_dir_all(&name) {
                // Another run removes it too.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                result => result?,
            }
        }
    }
    Ok(())
}

/// Makes a folder for its owner alone.
pub(super) fn private_folder(parent: &Dir, name: impl AsRef<std::path::Path>) -> io::Result<()> {
    parent.create_dir_with(name, DirBuilder::new().mode(0o700))
}

/// Writes a new file for its owner alone, down to the disk.
pub(super) fn private_file(folder: &Dir, name: &str, text: &str) -> io::Result<()> {
    new_file(folder, name, text, OWNER)
}

/// Writes a new file with these permission bits, whatever the process's mask takes from others. Beneath a folder
/// that nobody else can enter they are for containers alone, which get the file by itself.
pub(super) fn new_file(folder: &Dir, name: &str, text: &str, mode: u32) -> io::Result<()> {
    let options = OpenOptions::new().write(true).create_new(true).mode(OWNER).clone();
    let mut file = folder.open_with(name, &options)?;
    io::Write::write_all(&mut file, text.as_bytes())?;
    if mode != OWNER {
        rustix::fs::fchmod(&file, Mode::from_raw_mode(mode))?;
    }
    file.sync_all()
}

/// Writes a folder's names down to the disk.
pub(super) fn sync(folder: &Dir) -> io::Result<()> {
    Ok(rustix::fs::fsync(readable(folder)?)?)
}

/// Locks a folder, unless another process has; the lock ends with the value.
fn lock(folder: &Dir) -> io::Result<OwnedFd> {
    let file = readable(folder)?;
    flock(&file, FlockOperation::NonBlockingLockExclusive)?;
    Ok(file)
}

/// The folder as a file that can be locked and synced; a `Dir` alone only names it.
fn readable(folder: &Dir) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(openat(folder, ".", flags, Mode::empty())?)
}

const TEMPORARY: &str = "tmp";
const OLD: &str = "old";
const RANDOM: usize = 8;

fn sibling(target: &OsStr, end: &str) -> io::Result<OsString> {
    let mut random = [0; RANDOM];
    getrandom::fill(&mut random).map_err(|_| io::ErrorKind::Other)?;
    let mut name = prefix(target);
    for byte in random {
        name.push(format!("{byte:02x}"));
    }
    name.push(".");
    name.push(end);
    Ok(name)
}

/// How the name of a sibling ends, if it is one.
fn end_of_sibling(target: &OsStr, name: &OsStr) -> Option<&'static str> {
    let rest = name.as_encoded_bytes().strip_prefix(prefix(target).as_encoded_bytes())?;
    let (random, end) = rest.split_at_checked(2 * RANDOM)?;
    let is_hex = random.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let end = end.strip_prefix(b".")?;
    [TEMPORARY, OLD].into_iter().find(|known| is_hex && known.as_bytes() == end)
}

fn prefix(target: &OsStr) -> OsString {
    let mut name = OsString::from(".");
    name.push(target);
    name.push(".");
    name
}

fn exchange(parent: &Dir, one: &OsStr, other: &OsStr) -> io::Result<()> {
    Ok(renameat_with(parent, one, parent, other, RenameFlags::EXCHANGE)?)
}

/// Whether the file system, or the kernel, has no exchange.
fn is_unsupported(error: &io::Error) -> bool {
    use rustix::io::Errno;
    [Errno::INVAL, Errno::NOSYS, Errno::NOTSUP].iter().any(|e| error.raw_os_error() == Some(e.raw_os_error()))
}

fn contents_of(parent: &Dir, name: &OsStr) -> io::Result<Contents> {
    if !parent.symlink_metadata(name)?.is_dir() {
        return Ok(Contents::Foreign(name.to_string_lossy().into_owned()));
    }
    contents(&parent.open_dir(name)?)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::fs;

    use cap_std::ambient_authority;
    use cap_std::fs::Dir;

    use super::super::rendered::RENDERED;
    use super::super::rendered::tests::rendered;
    use super::{Aside, OLD, TEMPORARY, clean, end_of_sibling, private_file, sibling};

    fn names(at: &std::path::Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(at).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn siblings_are_known_by_their_names() {
        let target = OsStr::new("out");
        let name = sibling(target, TEMPORARY).unwrap();
        assert_eq!(end_of_sibling(target, &name), Some(TEMPORARY));
        assert_ne!(sibling(target, OLD).unwrap(), sibling(target, OLD).unwrap());
        for other in
            [".out.tmp", ".out.0123456789abcdeX.tmp", ".out.0123456789abcdef", ".prod.0123456789abcdef.tmp"]
        {
            assert_eq!(end_of_sibling(target, OsStr::new(other)), None, "{other}");
        }
    }

    #[test]
    fn an_abandoned_sibling_goes_and_a_live_one_or_a_strangers_stays() {
        let at = tempfile::tempdir().unwrap();
        let parent = Dir::open_ambient_dir(at.path(), ambient_authority()).unwrap();
        let target = OsStr::new("out");
        let live = Aside::new(&parent, target).unwrap();
        fs::create_dir_all(at.path().join(".out.0000000000000000.tmp/carts")).unwrap();
        fs::create_dir_all(at.path().join(".out.1111111111111111.tmp")).unwrap();
        fs::write(at.path().join(".out.1111111111111111.tmp/notes.txt"), "").unwrap();
        fs::create_dir_all(at.path().join(".other.0000000000000000.tmp")).unwrap();
        clean(&parent, target).unwrap();
        let mut kept = vec![
            ".other.0000000000000000.tmp".to_string(),
            ".out.1111111111111111.tmp".into(),
            live.name.to_str().unwrap().into(),
        ];
        kept.sort();
        assert_eq!(names(at.path()), kept);
        drop(live);
        assert_eq!(names(at.path()), [".other.0000000000000000.tmp", ".out.1111111111111111.tmp"]);
    }

    #[test]
    fn an_output_that_was_moved_away_comes_back() {
        let at = tempfile::tempdir().unwrap();
        let parent = Dir::open_ambient_dir(at.path(), ambient_authority()).unwrap();
        let old = at.path().join(".out.0000000000000000.old");
        fs::create_dir(&old).unwrap();
        fs::write(old.join(RENDERED), rendered(&[]).text()).unwrap();
        clean(&parent, OsStr::new("out")).unwrap();
        assert_eq!(names(at.path()), ["out"]);
        assert_eq!(names(&at.path().join("out")), [RENDERED]);
    }

    #[test]
    fn what_came_to_stand_there_meanwhile_is_kept() {
        let at = tempfile::tempdir().unwrap();
        let parent = Dir::open_ambient_dir(at.path(), ambient_authority()).unwrap();
        let aside = Aside::new(&parent, OsStr::new("out")).unwrap();
        private_file(aside.folder(), RENDERED, &rendered(&[]).text()).unwrap();
        fs::create_dir(at.path().join("out")).unwrap();
        fs::write(at.path().join("out/thesis.txt"), "years").unwrap();
        assert!(aside.put(true).is_err());
        assert_eq!(names(at.path()), ["out"]);
        assert_eq!(fs::read_to_string(at.path().join("out/thesis.txt")).unwrap(), "years");
    }
}
