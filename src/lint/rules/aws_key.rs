#![doc = include_str!("../../commands/codes/aws-key.md")]

use super::{KnownRule, Match, begins, ends, floor, is_base64, run};
use crate::lint::literal::entropy;

/// The rule's code.
pub const CODE: &str = "aws-key";

/// The rule.
pub const RULE: KnownRule = KnownRule {
    code: CODE,
    needles: &[
        "AKIA",
        "ASIA",
        "ABIA",
        "ACCA",
        "secret_access_key",
        "secretaccesskey",
        "secret_key",
        "secretkey",
        "ABSK",
    ],
    at,
};

fn at(text: &str, at: usize) -> Option<Match> {
    let bytes = &text.as_bytes()[at..];
    if bytes.starts_with(b"ABSK") {
        let end = run(text, at, 200, |byte| is_base64(byte) || byte == b'=');
        let is_key = begins(text, at) && end - at >= 110;
        return is_key.then_some(Match { range: at..end, what: "an AWS Bedrock API key" });
    }
    if bytes[0].eq_ignore_ascii_case(&b's') {
        return secret(text, at);
    }
    let is_id = ["AKIA", "ASIA", "ABIA", "ACCA"].iter().any(|prefix| bytes.starts_with(prefix.as_bytes()));
    let end = run(text, at, 40, |byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7'));
    let id = &text[at..end];
    (is_id && end - at == 20 && begins(text, at) && ends(text, end) && !is_example(id))
        .then_some(Match { range: at..end, what: "an AWS access key" })
}

/// The 40 characters that belong to an access key, behind a name that says so.
fn secret(text: &str, at: usize) -> Option<Match> {
    let name = run(text, at, 40, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let start = run(text, name, 8, |byte| matches!(byte, b'"' | b'\'' | b' ' | b':' | b'=' | b'\\' | b'>'));
    let end = run(text, start, 64, is_base64);
    let value = &text[start..floor(text, end)];
    let has = |f: fn(&u8) -> bool| value.bytes().any(|byte| f(&byte));
    let is_random = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    (start > name
        && value.len() == 40
        && is_random
        && entropy(value) > 4.0
        && !is_example(value)
        && !text[end..].starts_with('='))
    .then_some(Match { range: start..end, what: "an AWS secret access key" })
}

/// The keys in AWS's own documentation, and those that people make up from one letter.
fn is_example(value: &str) -> bool {
    value.ends_with("EXAMPLE")
        || value.ends_with("EXAMPLEKEY")
        || value.contains("XXXX")
        || value.contains("AAAAAAAA")
}
