//! A folder of documents, replaced as a whole or left as it was.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Component, Path, PathBuf};

use cap_std::fs::Dir;
use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};
use rustix::fs::{Mode, OFlags};

use super::aside::{Aside, OWNER, PutError, clean, new_file, private_file, private_folder, sync};
use super::fault::Fault;
use super::layout::{OutputText, Place};
use super::made::{Contents, IGNORE, IGNORE_TEXT, contents};
use super::rendered::{RENDERED, Rendered};
use crate::source::git;

/// The folders of the control repo that are read, so that no output may lie in them.
const READ: [&str; 4] = ["apps", "environments", "platforms", "schemas"];

/// A folder that documents may go to: it is new, empty or an earlier output, it can be reached without
/// following a link where it ends, and git doesn't see it if cleartext is to go there.
#[derive(Debug)]
pub struct OutFolder {
    /// As the user wrote it.
    shown: String,
    /// The nearest folder above it that exists, without links.
    base: PathBuf,
    /// The folders between that one and the folder itself.
    missing: Vec<OsString>,
    name: OsString,
    has_cleartext: bool,
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// How many files hold a document.
    pub files: usize,
    /// How many folders hold these.
    pub folders: usize,
    /// Whether the old output was removed; if not, it lies beside the new one and the next run tries again.
    pub old_is_gone: bool,
}

impl OutFolder {
    /// Checks that documents may go to `path`. `repo` is the control repo; nothing is written.
    pub fn plan(path: &Path, repo: &Path, places: &[Place], has_cleartext: bool) -> Result<OutFolder, Fault> {
        let shown = path.display().to_string();
        let io = |error: io::Error| Fault::Io { path: shown.clone(), kind: error.kind() };
        let absolute = std::path::absolute(path).map_err(io)?;
        let (Some(parent), Some(name)) = (absolute.parent(), absolute.file_name()) else {
            return Err(Fault::Nameless { dir: shown });
        };
        refuse_link(parent, &parent.display().to_string())?;
        let base = parent.ancestors().find(|folder| folder.exists()).unwrap_or(parent);
        if !base.is_dir() {
            return Err(Fault::NotAFolder { path: base.display().to_string() });
        }
        let missing: Vec<Component<'_>> =
            parent.strip_prefix(base).map(|rest| rest.components().collect()).unwrap_or_default();
        if !missing.iter().all(|part| matches!(part, Component::Normal(_))) {
            return Err(Fault::NotAFolder { path: parent.display().to_string() });
        }
        let folder = OutFolder {
            base: base.canonicalize().map_err(io)?,
            missing: missing.iter().map(|part| part.as_os_str().to_owned()).collect(),
            name: name.to_owned(),
            has_cleartext,
            shown,
        };
        folder.check_repo(repo)?;
        if folder.missing.is_empty() {
            let exists = folder.examine(&folder.open_base()?)?;
            let is_here = std::env::current_dir()
                .and_then(|here| here.canonicalize())
                .is_ok_and(|here| here.starts_with(folder.real()));
            if exists && is_here {
                return Err(Fault::CurrentFolder { dir: folder.shown });
            }
        }
        folder.check_git(places)?;
        Ok(folder)
    }

    /// Writes all files, and beside them only what the output says of itself, to the folder. On an error what was
    /// there is as it was.
    pub fn write(&self, files: &[OutputText], says: &Rendered) -> Result<Written, Fault> {
        let mut parent = self.open_base()?;
        let mut made = Vec::new();
        let mut written = Ok(());
        for name in &self.missing {
            let below = private_folder(&parent, name).and_then(|()| parent.open_dir(name));
            match below {
                Ok(below) => made.push((std::mem::replace(&mut parent, below), name)),
                Err(error) => {
                    written = Err(self.io(&error));
                    break;
                }
            }
        }
        let written = written.and_then(|()| self.write_in(&parent, files, says));
        for (folder, name) in made.iter().rev() {
            // Only what is empty goes; an error is told already, and this can't make it worse.
            let _ = if written.is_err() { folder.remove_dir(name) } else { sync(folder) };
        }
        written
    }

    fn write_in(&self, parent: &Dir, files: &[OutputText], says: &Rendered) -> Result<Written, Fault> {
        clean(parent, &self.name).map_err(|error| self.io(&error))?;
        let replaces = self.examine(parent)?;
        let aside = Aside::new(parent, &self.name).map_err(|error| self.io(&error))?;
        let folders = self.fill(aside.folder(), files, says).map_err(|error| self.io(&error))?;
        let old_is_gone = aside.put(replaces).map_err(|error| match error {
            PutError::Foreign(found) => Fault::NotOurs { dir: self.shown.clone(), found },
            PutError::Io(error) => self.io(&error),
        })?;
        Ok(Written { files: files.len(), folders, old_is_gone })
    }

    /// Writes everything into a new folder. How many folders that makes.
    fn fill(&self, new: &Dir, files: &[OutputText], says: &Rendered) -> io::Result<usize> {
        // First, so that git sees nothing of the rest, even if this run ends here.
        if self.has_cleartext {
            private_file(new, IGNORE, IGNORE_TEXT)?;
        }
        private_file(new, RENDERED, &says.text())?;
        let mut folders: BTreeMap<&str, Vec<&OutputText>> = BTreeMap::new();
        for file in files {
            folders.entry(&file.place.folder).or_default().push(file);
        }
        // A disk takes many small files together faster than one after the other.
        folders.par_iter().try_for_each(|(name, files)| {
            let folder = match *name {
                "" => new.try_clone()?,
                name => {
                    private_folder(new, name)?;
                    new.open_dir(name)?
                }
            };
            files
                .par_iter()
                .try_for_each(|file| new_file(&folder, &file.place.file, &file.text, OWNER | file.mode))?;
            sync(&folder)
        })?;
        Ok(folders.keys().filter(|name| !name.is_empty()).count())
    }

    /// Whether the folder exists, as one that may be replaced.
    fn examine(&self, parent: &Dir) -> Result<bool, Fault> {
        let metadata = match parent.symlink_metadata(&self.name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            result => result.map_err(|error| self.io(&error))?,
        };
        if metadata.is_symlink() {
            refuse_link(&self.real(), &self.shown)?;
        }
        if !metadata.is_dir() {
            return Err(Fault::NotAFolder { path: self.shown.clone() });
        }
        let found = parent.open_dir(&self.name).and_then(|folder| contents(&folder));
        match found.map_err(|error| self.io(&error))? {
            Contents::Empty | Contents::Output => Ok(true),
            Contents::Partial => Err(Fault::Unmarked { dir: self.shown.clone(), marker: RENDERED }),
            Contents::Foreign(found) => Err(Fault::NotOurs { dir: self.shown.clone(), found }),
        }
    }

    /// The control repo is read from fixed folders, and what a run writes must never come back into one.
    fn check_repo(&self, repo: &Path) -> Result<(), Fault> {
        let Ok(repo) = repo.canonicalize() else { return Ok(()) };
        let real = self.real();
        match READ.into_iter().find(|part| real.starts_with(repo.join(part))) {
            Some(part) => Err(Fault::InsideRepo { dir: self.shown.clone(), part }),
            None => Ok(()),
        }
    }

    fn check_git(&self, places: &[Place]) -> Result<(), Fault> {
        if !self.has_cleartext {
            return Ok(());
        }
        let real = self.real();
        let files: Vec<PathBuf> =
            places.iter().map(|place| real.join(&place.folder).join(&place.file)).collect();
        // Where the folder exists, a work tree of its own around it is the one that counts.
        let file = git::not_ignored(&self.base, &files);
        match file {
            None => Ok(()),
            Some(file) => {
                let file = file.strip_prefix(&real).unwrap_or(file);
                let file = Path::new(&self.shown).join(file).display().to_string();
                Err(Fault::WorkTree { dir: self.shown.clone(), file })
            }
        }
    }

    fn open_base(&self) -> Result<Dir, Fault> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = rustix::fs::open(&self.base, flags, Mode::empty());
        let opened = opened.map_err(|error| self.io(&error.into()))?;
        Ok(Dir::from_std_file(File::from(opened)))
    }

    fn real(&self) -> PathBuf {
        let mut path = self.base.clone();
        path.extend(&self.missing);
        path.push(&self.name);
        path
    }

    fn io(&self, error: &io::Error) -> Fault {
        Fault::Io { path: self.shown.clone(), kind: error.kind() }
    }
}

fn refuse_link(path: &Path, shown: &str) -> Result<(), Fault> {
    if !path.is_symlink() {
        return Ok(());
    }
    let target = path.canonicalize().ok().map(|target| target.display().to_string());
    Err(Fault::Symlink { path: shown.to_string(), target })
}
