//! What a rule found: a value that must not stand where it stands.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::source::span::Span;

/// Bytes of the digest that a fingerprint keeps.
const LENGTH: usize = 8;

/// Why a rule is sure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// Its place: a contract says that a secret stands there.
    Structure,
    /// Its form: a key, token or password of a known kind.
    Known,
    /// Its name: the key says so, and the value looks like one.
    Name,
    /// Its randomness; off unless asked for.
    Entropy,
}

/// A value that stands in the clear. It never carries the value itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule, which is also the code of its diagnostic.
    pub rule: &'static str,
    /// Why the rule is sure.
    pub tier: Tier,
    /// What it is, with its article, for a message: `a GitHub token`.
    pub what: &'static str,
    /// The value, as it stands in the file; what a report masks.
    pub span: Span,
    /// The way to the value: an RFC 6901 pointer in a file that was read as a tree.
    pub path: Option<String>,
    /// The key that stands before it, if there is one that can be shown.
    pub name: Option<String>,
    /// What tells this value from the next one that stands there.
    pub fingerprint: Fingerprint,
}

/// The first 8 bytes of the SHA-256 of a value, as it was read, in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The fingerprint of a value.
    pub fn of(value: &[u8]) -> Fingerprint {
        let digest = Sha256::digest(value);
        Fingerprint(digest[..LENGTH].iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

impl Fingerprint {
    /// Reads what [`Display`](fmt::Display) writes.
    pub fn parse(text: &str) -> Option<Fingerprint> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (text.len() == 2 * LENGTH && text.bytes().all(is_digit)).then(|| Fingerprint(text.to_owned()))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Fingerprint;

    #[test]
    fn a_fingerprint_is_the_beginning_of_the_digest() {
        assert_eq!(Fingerprint::of(b"abc").to_string(), "ba7816bf8f01cfea");
        assert_eq!(Fingerprint::parse("ba7816bf8f01cfea"), Some(Fingerprint::of(b"abc")));
        assert_eq!(Fingerprint::parse("ba7816bf8f01cfeA"), None);
        assert_eq!(Fingerprint::parse("ba7816bf8f01cfe"), None);
    }
}
