//! The few questions that are asked of `git`: fixed arguments, a scrubbed environment.

use std::path::Path;
use std::process::{Command, Stdio};

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
    if !folder.ancestors().any(|folder| folder.join(".git").exists()) {
        return Ignored::Outside;
    }
    let status = command(folder).args(["check-ignore", "--quiet", "--"]).arg(&path).status();
    match status {
        Ok(status) if status.success() => Ignored::Yes,
        _ => Ignored::No,
    }
}

/// git in a folder, without what a hook or a user may have set for other invocations.
fn command(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    for name in ["PATH", "HOME", "SYSTEMROOT"] {
        if let Some(value) = std::env::var_os(name) {
            git.env(name, value);
        }
    }
    git.env("LC_ALL", "C").env("GIT_OPTIONAL_LOCKS", "0").arg("-C").arg(folder);
    git
}

#[cfg(test)]
mod tests {
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
}
