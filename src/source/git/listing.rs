//! The files that a folder of a work tree has, as git sees it.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::command;
use super::fault::GitFault;

/// The files below a folder, by paths from there: those that git has, ignored or not, and those that it would
/// take. Links are among them, submodules aren't. `None` when the folder lies in no work tree, or when one
/// around it ignores it as a whole.
pub fn files(folder: &Path) -> Result<Option<Vec<PathBuf>>, GitFault> {
    let Ok(folder) = folder.canonicalize() else { return Ok(None) };
    if !folder.ancestors().any(|folder| folder.join(".git").symlink_metadata().is_ok()) {
        return Ok(None);
    }
    let mut git = command(&folder);
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    git.stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = git.output().map_err(|error| GitFault::NoGit(error.kind()))?;
    if !output.status.success() {
        return Err(GitFault::from_text(&output.stderr, "git ls-files"));
    }
    let mut files: Vec<PathBuf> = output
        .stdout
        .split(|byte| *byte == 0)
        // A repository within this one is named by its folder.
        .filter(|name| !name.is_empty() && !name.ends_with(b"/"))
        .map(|name| PathBuf::from(OsString::from_vec(name.to_vec())))
        .collect();
    files.sort_unstable();
    files.dedup();
    Ok((!files.is_empty()).then_some(files))
}
