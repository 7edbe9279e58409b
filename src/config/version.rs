//! What of an app runs: `[TAG][@sha256:…]`, or nothing when the image stands exactly as written.

use std::sync::Arc;

use super::fault::Fault;
use super::name::UnitName;
use super::repo::Repo;
use crate::source::diagnostic::Diagnostics;
use crate::source::span::Span;

/// A version, as versions.yaml says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The whole text; `None` for `null`.
    pub text: Option<Arc<str>>,
    /// Where it is written.
    pub span: Span,
}

impl Version {
    /// Reads the version of a unit.
    pub fn read(repo: &Repo, unit: &UnitName, out: &mut Diagnostics) -> Option<Version> {
        let versions = repo.environments.get(&unit.environment).and_then(|e| e.versions.as_ref());
        let Some(node) = versions.and_then(|document| document.get(&unit.app)) else {
            out.push(Fault::NotInEnvironment { unit: unit.clone() });
            return None;
        };
        let version = Version { text: node.as_text().cloned(), span: node.place() };
        // A schema's pattern is for strings; an unquoted version may look like a number.
        if version.text.as_deref().is_some_and(|text| !is_version(text)) {
            out.push(Fault::BadVersion { span: version.span });
            return None;
        }
        Some(version)
    }

    /// The tag, without a digest.
    pub fn tag(&self) -> Option<&str> {
        let text = self.text.as_deref()?;
        let tag = text.split_once('@').map_or(text, |(tag, _)| tag);
        (!tag.is_empty()).then_some(tag)
    }

    /// The tag where it can be the value of a label: at most 63 characters, with a letter or digit at both ends.
    pub fn label(&self) -> Option<&str> {
        let is_edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        self.tag()
            .filter(|tag| tag.len() <= 63 && is_edge(tag.chars().next()) && is_edge(tag.chars().next_back()))
    }

    /// The image reference of `image` at this version. `None` when `image` has a tag or digest of its
    /// own, so that two would compete.
    pub fn of_image(&self, image: &str) -> Option<String> {
        let Some(text) = &self.text else { return Some(image.to_string()) };
        let last = image.rsplit('/').next().unwrap_or(image);
        if last.contains(':') || image.contains('@') {
            return None;
        }
        Some(if text.starts_with('@') { format!("{image}{text}") } else { format!("{image}:{text}") })
    }
}

/// Whether a text is `[TAG][@sha256:DIGEST]`, as the OCI distribution specification writes the two.
fn is_version(text: &str) -> bool {
    let (tag, digest) = match text.split_once('@') {
        Some((tag, digest)) => (tag, Some(digest)),
        None => (text, None),
    };
    let is_tag = |tag: &str| {
        tag.len() <= 128
            && tag.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
            && tag.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
    };
    let is_digest = |digest: &str| {
        digest.strip_prefix("sha256:").is_some_and(|hex| {
            hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        })
    };
    (is_tag(tag) || (tag.is_empty() && digest.is_some())) && digest.is_none_or(is_digest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::span::FileId;

    fn version(text: Option<&str>) -> Version {
        Version { text: text.map(Into::into), span: Span::new(FileId(0), 0, 0) }
    }

    #[test]
    fn an_image_takes_tag_and_digest() {
        assert_eq!(version(Some("1.10")).of_image("mongo").unwrap(), "mongo:1.10");
        assert_eq!(version(Some("@sha256:ab")).of_image("r:5000/a/b").unwrap(), "r:5000/a/b@sha256:ab");
        assert_eq!(version(Some("1@sha256:ab")).of_image("a").unwrap(), "a:1@sha256:ab");
        assert_eq!(version(None).of_image("mongo:3.4").unwrap(), "mongo:3.4");
    }

    #[test]
    fn a_version_and_an_own_tag_compete() {
        assert_eq!(version(Some("2")).of_image("mongo:3.4"), None);
        assert_eq!(version(Some("2")).of_image("mongo@sha256:ab"), None);
    }

    #[test]
    fn a_version_is_a_tag_a_digest_or_both() {
        let digest = format!("@sha256:{}", "0a".repeat(32));
        for good in ["1", "1.10", "81e5080", "_x", "3.6.8-management", &digest, &format!("1{digest}")] {
            assert!(is_version(good), "{good}");
        }
        for bad in ["", "-1", "+1", ".5", "a b", "a/b", "@", "1@", "@sha256:ab", "é", &"x".repeat(129)] {
            assert!(!is_version(bad), "{bad}");
        }
    }

    #[test]
    fn the_tag_is_what_stands_before_the_digest() {
        assert_eq!(version(Some("1.2@sha256:ab")).tag(), Some("1.2"));
        assert_eq!(version(Some("@sha256:ab")).tag(), None);
        assert_eq!(version(None).tag(), None);
    }

    #[test]
    fn not_every_tag_is_a_label() {
        assert_eq!(version(Some("1.2-rc_1")).label(), Some("1.2-rc_1"));
        for tag in ["_x", "x.", "x-", &"x".repeat(64)] {
            assert_eq!(version(Some(tag)).label(), None, "{tag}");
        }
    }
}
