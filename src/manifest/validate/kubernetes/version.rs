//! The version of Kubernetes that an environment runs.

use super::table::MINORS;

/// A minor version whose schemas are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u8);

impl Version {
    /// The newest.
    pub const NEWEST: Version = Version(MINORS[MINORS.len() - 1]);

    /// The version that a text names: `1.34`, `v1.34.2`, `1.34.2+k3s1`. `None` when it isn't known.
    pub fn parse(text: &str) -> Option<Version> {
        let numbers = text.strip_prefix('v').unwrap_or(text);
        let numbers = numbers.split(['-', '+']).next().unwrap_or_default();
        let mut parts = numbers.split('.');
        let is_first = parts.next() == Some("1");
        let minor: u8 = parts.next()?.parse().ok()?;
        let rest: Vec<&str> = parts.collect();
        let is_patch = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        (is_first && rest.len() <= 1 && rest.iter().all(is_patch) && MINORS.contains(&minor))
            .then_some(Version(minor))
    }

    /// All of them, oldest first.
    pub fn all() -> impl Iterator<Item = Version> {
        MINORS.into_iter().map(Version)
    }

    /// The number behind `1.`.
    pub fn minor(self) -> u8 {
        self.0
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "1.{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn a_version_is_read_as_clusters_say_it() {
        for text in ["1.34", "v1.34", "1.34.2", "v1.34.2", "v1.34.2-eks-113cf36", "1.34.2+k3s1"] {
            assert_eq!(
                Version::parse(text).map(|version| version.to_string()).as_deref(),
                Some("1.34"),
                "{text}"
            );
        }
        for text in
            ["", "1", "34", "2.34", "1.34.", "1.34.x", "1.34.1.1", "1.9", "1.99", "v", "latest", "1.340"]
        {
            assert_eq!(Version::parse(text), None, "{text}");
        }
        assert_eq!(Version::all().last(), Some(Version::NEWEST));
    }
}
