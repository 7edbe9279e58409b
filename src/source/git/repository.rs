//! A git repository that can be asked.

use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::fault::GitFault;
use super::{add_settings, bare_command};

/// The variables by which git tells a hook which repository, index and work tree it means. Everything else
/// that starts with `GIT_` is left behind.
const HANDED: [&str; 4] = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"];

/// The variables that say who commits, and when. They name no file and no program.
const COMMITTER: [&str; 7] = [
    "GIT_AUTHOR_NAME",
    "GIT_AUTHOR_EMAIL",
    "GIT_AUTHOR_DATE",
    "GIT_COMMITTER_NAME",
    "GIT_COMMITTER_EMAIL",
    "GIT_COMMITTER_DATE",
    "EMAIL",
];

/// A git repository with a work tree, asked through the `git` program.
#[derive(Clone, Debug)]
pub struct Repository {
    /// Where git runs; `None` is the folder in which this program runs.
    folder: Option<PathBuf>,
    /// The variables of the hook that we are, if we are one, or those of who commits.
    handed: Vec<(&'static str, OsString)>,
    /// The root of the work tree.
    top: PathBuf,
}

impl Repository {
    /// The repository that a hook was handed by its environment; without one the repository around
    /// `folder`, or around the folder in which this program runs.
    pub fn handed(folder: Option<&Path>) -> Result<Repository, GitFault> {
        let handed: Vec<_> =
            HANDED.iter().filter_map(|name| Some((*name, std::env::var_os(name)?))).collect();
        // What git hands to a hook is relative to where it started the hook.
        let folder = folder.filter(|_| handed.is_empty()).map(Path::to_path_buf);
        Repository { folder, handed, top: PathBuf::new() }.find_top()
    }

    /// The repository around `folder`, whatever a hook was handed, for what is to be committed to it.
    pub fn around(folder: &Path) -> Result<Repository, GitFault> {
        let handed = COMMITTER.iter().filter_map(|name| Some((*name, std::env::var_os(name)?))).collect();
        Repository { folder: Some(folder.to_path_buf()), handed, top: PathBuf::new() }.find_top()
    }

    fn find_top(mut self) -> Result<Repository, GitFault> {
        let asked = "git rev-parse --show-toplevel";
        let mut top = self.answer(&["rev-parse", "--show-toplevel"], asked)?;
        if top.last() == Some(&b'\n') {
            top.pop();
        }
        if top.is_empty() {
            return Err(GitFault::NoWorkTree);
        }
        let top = PathBuf::from(OsString::from_vec(top));
        self.top = top.canonicalize().map_err(|_| GitFault::NoWorkTree)?;
        Ok(self)
    }

    /// The root of the work tree, with every link followed.
    pub fn top(&self) -> &Path {
        &self.top
    }

    /// The way from the root of the work tree to `folder`: empty, or it ends with a `/`.
    pub fn prefix_of(&self, folder: &Path) -> Option<Vec<u8>> {
        let folder = folder.canonicalize().ok()?;
        let below = folder.strip_prefix(&self.top).ok()?;
        let mut prefix = below.as_os_str().as_bytes().to_vec();
        if !prefix.is_empty() {
            prefix.push(b'/');
        }
        Some(prefix)
    }

    /// The folder on disk to which a way from the root of the work tree leads.
    pub fn folder_of(&self, prefix: &[u8]) -> PathBuf {
        self.top.join(OsStr::from_bytes(prefix))
    }

    /// What git writes to its standard output. `asked` names the question in an error.
    pub(super) fn answer(&self, arguments: &[&str], asked: &'static str) -> Result<Vec<u8>, GitFault> {
        let mut git = self.command();
        git.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        let output = git.output().map_err(|error| GitFault::NoGit(error.kind()))?;
        if output.status.success() {
            Ok(output.stdout)
        } else {
            Err(GitFault::from_text(&output.stderr, asked))
        }
    }

    /// Whether git says so by its exit code.
    pub(super) fn holds(&self, arguments: &[&str], asked: &'static str) -> Result<bool, GitFault> {
        match self.answer(arguments, asked) {
            Ok(_) => Ok(true),
            Err(GitFault::Failed(_)) => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    /// What git writes to its standard output when it has read `input`.
    pub(super) fn answer_to(
        &self,
        arguments: &[&str],
        input: &[u8],
        asked: &'static str,
    ) -> Result<Vec<u8>, GitFault> {
        let mut child = self.talk(arguments)?;
        let mut stdin = child.stdin.take().expect("standard input is piped");
        let mut stdout = child.stdout.take().expect("standard output is piped");
        let mut answer = Vec::new();
        let is_read = std::thread::scope(|scope| {
            // Both pipes are served, or much of both would block at both ends. A git that reads no further has
            // failed, which its exit code says.
            scope.spawn(move || drop(stdin.write_all(input)));
            stdout.read_to_end(&mut answer).is_ok()
        });
        let is_done = child.wait().is_ok_and(|status| status.success());
        if is_read && is_done { Ok(answer) } else { Err(GitFault::Failed(asked)) }
    }

    /// A git that reads what we write and is read by us.
    pub(super) fn talk(&self, arguments: &[&str]) -> Result<Child, GitFault> {
        let mut git = self.command();
        git.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        git.spawn().map_err(|error| GitFault::NoGit(error.kind()))
    }

    fn command(&self) -> Command {
        let mut git = bare_command();
        if let Some(folder) = &self.folder {
            git.arg("-C").arg(folder);
        }
        git.envs(self.handed.iter().map(|(name, value)| (name, value)));
        add_settings(&mut git);
        git
    }
}
