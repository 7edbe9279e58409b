#![doc = include_str!("../../commands/codes/age-identity.md")]

use super::{KnownRule, Match, ends, run};

/// The rule's code.
pub const CODE: &str = "age-identity";

/// The rule.
pub const RULE: KnownRule = KnownRule { code: CODE, needles: &["AGE-SECRET-KEY-", "AGE-PLUGIN-"], at };

fn at(text: &str, at: usize) -> Option<Match> {
    let separator = run(text, at, 64, |byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let start = at + text[at..separator].rfind("-1")? + 2;
    let end = run(text, start, 4096, is_bech32);
    let payload = &text[start..end];
    // Upper or lower case, and long enough for a key; a placeholder is one letter again and again.
    let is_plugin = text.as_bytes()[at + 4].eq_ignore_ascii_case(&b'P');
    let length = if is_plugin { 30.. } else { 58.. };
    let varied =
        payload.bytes().any(|byte| byte.to_ascii_lowercase() != payload.as_bytes()[0].to_ascii_lowercase());
    let one_case = !(payload.contains(|c: char| c.is_ascii_lowercase())
        && payload.contains(|c: char| c.is_ascii_uppercase()));
    (length.contains(&payload.len()) && varied && one_case && ends(text, end))
        .then_some(Match { range: at..end, what: "an age identity" })
}

/// The alphabet of Bech32 (BIP 173).
fn is_bech32(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() && !matches!(byte.to_ascii_lowercase(), b'1' | b'b' | b'i' | b'o')
}
