//! Numbers and characters that look random and are the same in every run.

/// The alphabets that tokens are made of.
pub const ALNUM: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
pub const LOWER: &str = "abcdefghijklmnopqrstuvwxyz0123456789";
pub const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
pub const HEX: &str = "0123456789abcdef";
pub const DIGITS: &str = "123456789";
pub const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
pub const BECH32: &str = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";

/// A generator that a number begins.
pub struct Seed(pub u64);

impl Seed {
    /// A number below a limit.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits fit") % limit
    }

    /// One of some.
    pub fn of<'a>(&mut self, some: &[&'a str]) -> &'a str {
        some[self.below(some.len())]
    }

    /// So many characters of an alphabet.
    pub fn text(&mut self, alphabet: &str, length: usize) -> String {
        (0..length).map(|_| char::from(alphabet.as_bytes()[self.below(alphabet.len())])).collect()
    }

    /// A password as generators make them.
    pub fn password(&mut self) -> String {
        format!("{}-{}7{}", self.text(LOWER, 5), self.text(ALNUM, 6), self.text(UPPER, 3))
    }

    /// A UUID.
    pub fn uuid(&mut self) -> String {
        [8, 4, 4, 4, 12].map(|length| self.text(HEX, length)).join("-")
    }

    /// Lines of base64 such as PEM has, each behind `indent`.
    pub fn lines(&mut self, first: &str, count: usize, indent: &str) -> String {
        let mut lines = vec![format!("{indent}{first}{}", self.text(BASE64, 64 - first.len()))];
        lines.extend((1..count).map(|_| format!("{indent}{}", self.text(BASE64, 64))));
        lines.join("\n")
    }
}
