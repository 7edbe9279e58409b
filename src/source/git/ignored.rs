//! Whether git would let a file be committed by accident.

use std::collections::HashSet;
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::command;

/// Whether git would let a file be committed by accident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ignored {
    /// It lies in no work tree.
    Outside,
    /// A work tree ignores it.
    Yes,
    /// A work tree would take it.
    No,
}

/// Whether the work tree around `path`, if there is one, ignores it. When git can't be asked although
/// there is a work tree, it counts as not ignored.
pub fn ignored(path: &Path) -> Ignored {
    let Ok(path) = std::path::absolute(path) else { return Ignored::No };
    let Some(folder) = path.ancestors().skip(1).find(|folder| folder.is_dir()) else {
        return Ignored::Outside;
    };
    // A link may lead into a work tree that the path's text doesn't show.
    let (Ok(folder), Ok(rest)) = (folder.canonicalize(), path.strip_prefix(folder)) else {
        return Ignored::No;
    };
    let path = folder.join(rest);
    let folder = folder.as_path();
    if !folder.ancestors().any(|folder| folder.join(".git").symlink_metadata().is_ok()) {
        return Ignored::Outside;
    }
    let status = command(folder).args(["check-ignore", "--quiet", "--"]).arg(&path).status();
    match status {
        Ok(status) if status.success() => Ignored::Yes,
        _ => Ignored::No,
    }
}

/// The first of `files` that the work tree around `folder`, if there is one, would take: one that it doesn't
/// ignore, or has taken already. `folder` exists, is reached by no link, and the files lie below it. When git
/// can't be asked although there is a work tree, it is the first file.
pub fn not_ignored<'a>(folder: &Path, files: &'a [PathBuf]) -> Option<&'a Path> {
    if !folder.ancestors().any(|folder| folder.join(".git").symlink_metadata().is_ok()) {
        return None;
    }
    let ignored = ignored_of(folder, files).unwrap_or_default();
    files.iter().find(|file| !ignored.contains(file.as_os_str().as_bytes())).map(PathBuf::as_path)
}

fn ignored_of(folder: &Path, files: &[PathBuf]) -> Option<HashSet<Vec<u8>>> {
    let mut git = command(folder);
    git.args(["check-ignore", "-z", "--stdin"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = git.spawn().ok()?;
    let (mut input, mut output) = (child.stdin.take()?, child.stdout.take()?);
    let mut answer = Vec::new();
    let is_read = std::thread::scope(|scope| {
        // Both pipes are served, or a long list would block at both ends.
        scope.spawn(move || {
            let list: Vec<u8> =
                files.iter().flat_map(|file| [file.as_os_str().as_bytes(), b"\0"].concat()).collect();
            // A git that reads no further has given its answer.
            let _ = input.write_all(&list);
        });
        output.read_to_end(&mut answer).is_ok()
    });
    let is_answer = child.wait().is_ok_and(|status| matches!(status.code(), Some(0 | 1)));
    (is_read && is_answer).then(|| answer.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn only_what_a_work_tree_ignores_is_ignored() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(ignored(&folder.path().join("key.txt")), Ignored::Outside);
        let made = Command::new("git").args(["init", "--quiet"]).arg(folder.path()).status().unwrap();
        assert!(made.success());
        std::fs::write(folder.path().join(".gitignore"), "key.txt\n").unwrap();
        assert_eq!(ignored(&folder.path().join("key.txt")), Ignored::Yes);
        assert_eq!(ignored(&folder.path().join("other.txt")), Ignored::No);
        assert_eq!(ignored(&folder.path().join("new/folder/key.txt")), Ignored::Yes);
    }

    fn git(folder: &Path, arguments: &[&str]) {
        let mut git = command(folder);
        git.args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.invalid",
            "-c",
            "protocol.file.allow=always",
        ]);
        assert!(git.args(arguments).status().unwrap().success(), "{arguments:?}");
    }

    fn repository() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap();
        git(&real, &["init", "--quiet"]);
        std::fs::write(real.join(".gitignore"), "out/\n").unwrap();
        git(&real, &["add", ".gitignore"]);
        git(&real, &["commit", "--quiet", "-m", "first"]);
        (folder, real)
    }

    #[test]
    fn a_link_into_a_work_tree_is_seen_through() {
        let (_kept, real) = repository();
        let other = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(real.join("sub/out")).unwrap();
        std::os::unix::fs::symlink(real.join("sub"), other.path().join("link")).unwrap();
        assert_eq!(ignored(&other.path().join("link/key.txt")), Ignored::No);
        assert_eq!(ignored(&other.path().join("link/out/key.txt")), Ignored::Yes);
    }

    #[test]
    fn every_file_must_be_ignored() {
        let (_kept, real) = repository();
        let files = ["out/a.yaml", "out/b/c.yaml", "elsewhere.yaml"].map(|name| real.join(name));
        assert_eq!(not_ignored(&real, &files[..2]), None);
        assert_eq!(not_ignored(&real, &files), Some(&*files[2]));
        let outside = tempfile::tempdir().unwrap();
        assert_eq!(not_ignored(&outside.path().canonicalize().unwrap(), &files), None);
    }

    #[test]
    fn a_tracked_file_is_not_ignored() {
        let (_kept, real) = repository();
        std::fs::create_dir(real.join("out")).unwrap();
        std::fs::write(real.join("out/a.yaml"), "").unwrap();
        git(&real, &["add", "--force", "out/a.yaml"]);
        let files = ["out/b.yaml", "out/a.yaml"].map(|name| real.join(name));
        assert_eq!(not_ignored(&real, &files), Some(&*files[1]));
    }

    #[test]
    fn worktrees_and_submodules_are_work_trees_too() {
        let (_kept, real) = repository();
        let other = tempfile::tempdir().unwrap();
        let beside = other.path().canonicalize().unwrap().join("tree");
        git(&real, &["worktree", "add", "--quiet", beside.to_str().unwrap()]);
        let (_outer_kept, outer) = repository();
        git(&outer, &["submodule", "--quiet", "add", real.to_str().unwrap(), "sub"]);
        for tree in [beside, outer.join("sub")] {
            assert!(tree.join(".git").is_file());
            let files = ["out/a.yaml", "a.yaml"].map(|name| tree.join(name));
            assert_eq!(not_ignored(&tree, &files[..1]), None);
            assert_eq!(not_ignored(&tree, &files), Some(&*files[1]));
        }
    }

    #[test]
    fn a_work_tree_that_git_can_not_read_takes_everything() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(".git"), "gitdir: /nowhere\n").unwrap();
        std::fs::write(folder.path().join(".gitignore"), "*\n").unwrap();
        let real = folder.path().canonicalize().unwrap();
        let files = [real.join("a.yaml")];
        assert_eq!(not_ignored(&real, &files), Some(&*files[0]));
        assert_eq!(ignored(&files[0]), Ignored::No);
    }
}
