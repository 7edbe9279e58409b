#![doc = include_str!("../../commands/codes/registry-auth.md")]

use super::authorization_header::is_user_and_password;
use super::{KnownRule, Match, is_base64, is_word, run};
use crate::lint::encoded::decode_text;

/// The rule's code.
pub const CODE: &str = "registry-auth";

/// The rule.
pub const RULE: KnownRule = KnownRule { code: CODE, needles: &["auth\"", "auth:", "_auth=", "_auth ="], at };

fn at(text: &str, at: usize) -> Option<Match> {
    let word = at + usize::from(text.as_bytes()[at] == b'_');
    if word == at && at > 0 && is_word(text.as_bytes()[at - 1]) {
        return None;
    }
    let start = run(text, word + 4, 12, |byte| matches!(byte, b'"' | b'\'' | b' ' | b':' | b'=' | b'\\'));
    let end = run(text, start, 2048, |byte| is_base64(byte) || byte == b'=');
    let value = &text[start..end];
    let is_value = value.len() >= 8 && start > word + 4;
    let user = is_value.then(|| decode_text(value))??;
    is_user_and_password(&user)
        .then_some(Match { range: start..end, what: "the password of a registry, in base64" })
}
