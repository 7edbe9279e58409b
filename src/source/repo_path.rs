//! A path inside the control repo.

use std::fmt;

use thiserror::Error;

use super::escape::is_hidden;

/// A relative path with `/` between its names, normalized, valid on every system that git runs on.
///
/// It never leaves the root by its text, never enters `.git`, and contains nothing that a terminal
/// would obey, so it is shown as it is. Symbolic links are the business of
/// [`World`](super::world::World).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepoPath(String);

/// Why a text is no [`RepoPath`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PathFault {
    /// Nothing at all.
    #[error("a path can't be empty")]
    Empty,
    /// It begins with `/` or with a drive letter.
    #[error("a path is relative to the repo's root")]
    Absolute,
    /// A `..`.
    #[error("a path can't contain `..`")]
    Parent,
    /// A `.`.
    #[error("a path can't contain `.` as a name")]
    Dot,
    /// `//`, or a `/` at the end.
    #[error("a path can't contain an empty name")]
    EmptyName,
    /// A `\`.
    #[error("a path is written with `/`, not with a backslash")]
    Backslash,
    /// A control character, NUL and bidirectional controls included.
    #[error("a path can't contain control characters")]
    Control,
    /// A name that is git's own folder to some file system.
    #[error("a path can't lead into `.git`")]
    Git,
    /// A name that is a device on Windows, such as `CON` or `nul.yaml`.
    #[error("a path can't contain the name of a device")]
    Device,
    /// A name that ends with a dot or a space, which Windows cuts off.
    #[error("a name can't end with a dot or a space")]
    TrailingDotOrSpace,
}

impl RepoPath {
    /// The path that `text` writes.
    pub fn new(text: &str) -> Result<Self, PathFault> {
        let drive = matches!(text.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
        if text.is_empty() {
            return Err(PathFault::Empty);
        }
        if text.starts_with('/') || drive {
            return Err(PathFault::Absolute);
        }
        text.split('/').try_for_each(check_name)?;
        Ok(RepoPath(text.to_owned()))
    }

    /// The path of `rest`, read from here.
    pub fn join(&self, rest: &str) -> Result<Self, PathFault> {
        RepoPath::new(rest).map(|rest| RepoPath(format!("{self}/{rest}")))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last name.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The folder that holds it; `None` is the root.
    pub fn parent(&self) -> Option<RepoPath> {
        self.0.rsplit_once('/').map(|(folder, _)| RepoPath(folder.to_owned()))
    }

    /// What remains below `folder` (`None`: the root), or `None` if it doesn't lie there.
    pub fn below(&self, folder: Option<&RepoPath>) -> Option<&str> {
        match folder {
            None => Some(&self.0),
            Some(folder) => self.0.strip_prefix(folder.as_str())?.strip_prefix('/'),
        }
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn check_name(name: &str) -> Result<(), PathFault> {
    match name {
        "" => Err(PathFault::EmptyName),
        "." => Err(PathFault::Dot),
        ".." => Err(PathFault::Parent),
        _ if name.contains('\\') => Err(PathFault::Backslash),
        _ if name.contains(is_hidden) => Err(PathFault::Control),
        _ if name.ends_with(['.', ' ']) => Err(PathFault::TrailingDotOrSpace),
        _ if is_git_folder(name) => Err(PathFault::Git),
        _ if is_device(name) => Err(PathFault::Device),
        _ => Ok(()),
    }
}

/// Whether some file system takes `name` for `.git`: case doesn't count on macOS and Windows, the
/// former overlooks invisible characters, the latter knows a short name. Git refuses the same.
pub(super) fn is_git_folder(name: &str) -> bool {
    let invisible = |c: &char| matches!(c, '\u{200c}' | '\u{200d}' | '\u{206a}'..='\u{206f}');
    let seen: String = name.chars().filter(|c| !invisible(c)).collect();
    seen.eq_ignore_ascii_case(".git") || seen.eq_ignore_ascii_case("git~1")
}

fn is_device(name: &str) -> bool {
    let base = name.split('.').next().unwrap_or(name).trim_end().to_ascii_uppercase();
    match base.as_str() {
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" => true,
        _ => base
            .strip_prefix("COM")
            .or_else(|| base.strip_prefix("LPT"))
            .and_then(|rest| {
                let mut rest = rest.chars();
                rest.next().filter(|_| rest.next().is_none())
            })
            .is_some_and(|c| c.is_ascii_digit() || matches!(c, '¹' | '²' | '³')),
    }
}

#[cfg(test)]
mod tests {
    use super::{PathFault, RepoPath};

    #[test]
    fn ordinary_paths_are_kept_as_they_are() {
        for text in ["sealwright.yaml", "apps/a/app.yaml", ".github/x", "a b/ü", "console/com10", "..a/b..c"]
        {
            assert_eq!(RepoPath::new(text).unwrap().to_string(), text);
        }
        let path = RepoPath::new("apps/catalogue/app.yaml").unwrap();
        assert_eq!(path.as_str(), "apps/catalogue/app.yaml");
        assert_eq!(path.name(), "app.yaml");
        assert_eq!(path.parent().unwrap().as_str(), "apps/catalogue");
        assert_eq!(RepoPath::new("a").unwrap().parent(), None);
    }

    #[test]
    fn what_leaves_the_repo_or_is_unsafe_somewhere_is_refused() {
        for (text, fault) in [
            ("", PathFault::Empty),
            ("/etc/passwd", PathFault::Absolute),
            ("C:/x", PathFault::Absolute),
            ("c:x", PathFault::Absolute),
            ("../x", PathFault::Parent),
            ("a/../../x", PathFault::Parent),
            ("./a", PathFault::Dot),
            ("a/.", PathFault::Dot),
            ("a//b", PathFault::EmptyName),
            ("a/", PathFault::EmptyName),
            ("a\\..\\b", PathFault::Backslash),
            ("a\0b", PathFault::Control),
            ("a\nb", PathFault::Control),
            ("a\u{1b}[2J", PathFault::Control),
            ("a\u{202e}b", PathFault::Control),
            (".git", PathFault::Git),
            ("x/.GiT/config", PathFault::Git),
            (".g\u{200c}it/config", PathFault::Git),
            ("GIT~1/config", PathFault::Git),
            ("CON", PathFault::Device),
            ("apps/nul.yaml", PathFault::Device),
            ("aux .txt", PathFault::Device),
            ("com1", PathFault::Device),
            ("LPT9.tar.gz", PathFault::Device),
            ("COM²", PathFault::Device),
            ("a./b", PathFault::TrailingDotOrSpace),
            (".git ", PathFault::TrailingDotOrSpace),
            ("a /b", PathFault::TrailingDotOrSpace),
        ] {
            assert_eq!(RepoPath::new(text), Err(fault), "{text:?}");
        }
    }

    #[test]
    fn joining_never_leaves_the_folder() {
        let apps = RepoPath::new("apps").unwrap();
        assert_eq!(apps.join("a/app.yaml").unwrap().as_str(), "apps/a/app.yaml");
        assert_eq!(apps.join("../x"), Err(PathFault::Parent));
        assert_eq!(apps.join("/x"), Err(PathFault::Absolute));
    }

    #[test]
    fn below_is_by_names_not_by_letters() {
        let path = RepoPath::new("apps/a/app.yaml").unwrap();
        let below = |folder: &str| path.below(Some(&RepoPath::new(folder).unwrap())).map(str::to_owned);
        assert_eq!(below("apps").as_deref(), Some("a/app.yaml"));
        assert_eq!(below("app"), None);
        assert_eq!(below("apps/a/app.yaml"), None);
        assert_eq!(path.below(None), Some("apps/a/app.yaml"));
    }
}
