//! The files below a folder, where there is no git to say.

use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

/// The files below a folder, by paths from there: those that the `.gitignore` files in it don't name. Links
/// and `.git` aren't among them.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let walk = WalkBuilder::new(folder)
        .standard_filters(false)
        .git_ignore(true)
        .git_exclude(true)
        .require_git(false)
        .follow_links(false)
        .filter_entry(|entry| entry.file_name() != ".git")
        .build();
    let mut files: Vec<PathBuf> = walk
        // A folder that can't be read is left out; what git has of it is listed by git.
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()))
        .filter_map(|entry| entry.path().strip_prefix(folder).ok().map(Path::to_path_buf))
        .collect();
    files.sort_unstable();
    files
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::files;

    #[test]
    fn hidden_files_are_found_and_ignored_ones_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in [".env", "a/b.txt", "a/ignored.txt", ".git/config", "out/x", ".ignore"] {
            fs::create_dir_all(at(name).parent().unwrap()).unwrap();
            fs::write(at(name), "").unwrap();
        }
        fs::write(at(".ignore"), "a/b.txt\n").unwrap();
        fs::write(at(".gitignore"), "out/\nignored.txt\n").unwrap();
        std::os::unix::fs::symlink(at(".env"), at("link")).unwrap();
        let found = files(folder.path());
        assert_eq!(found, [".env", ".gitignore", ".ignore", "a/b.txt"].map(Path::new));
    }
}
