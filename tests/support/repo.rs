use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::{Run, fixture, sealwright};

/// A control repo in a temporary folder, gone when it is dropped.
pub struct Repo {
    folder: TempDir,
}

impl Repo {
    /// A folder without a file.
    pub fn new() -> Repo {
        Repo { folder: tempfile::tempdir().expect("the system has a folder for temporary files") }
    }

    /// A copy of a control repo in `fixtures/`.
    pub fn copy_of(name: &str) -> Repo {
        let repo = Repo::new();
        copy(&fixture(name), repo.folder.path());
        // What is expected of a fixture is no part of its repo.
        let _ = fs::remove_dir_all(repo.path("expected"));
        repo
    }

    /// Adds a file, or replaces it.
    pub fn file(self, path: &str, text: &str) -> Repo {
        self.write(path, text);
        self
    }

    /// Writes a file between two runs.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("a folder can be made");
        fs::write(&path, text).unwrap_or_else(|error| panic!("can't write {}: {error}", path.display()));
    }

    /// The text of a file.
    #[track_caller]
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("can't read {path}: {error}"))
    }

    /// The absolute path of a file.
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// The binary with these arguments, standing in the repo's root, ready for more.
    pub fn command<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Command {
        let mut command = sealwright();
        command.current_dir(self.folder.path()).args(args);
        command
    }

    /// Runs the binary in the repo's root.
    #[track_caller]
    pub fn run<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Run {
        self.run_with(args, "")
    }

    /// Runs the binary in the repo's root with `input` as its standard input.
    #[track_caller]
    pub fn run_with<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>, input: &str) -> Run {
        Run::of(&mut self.command(args), input.as_bytes())
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap_or_else(|error| panic!("can't read {}: {error}", from.display())) {
        let entry = entry.expect("an entry of a fixture can be read");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir(&target).expect("a folder can be made");
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).expect("a file of a fixture can be copied");
        }
    }
}
