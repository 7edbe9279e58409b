#![doc = include_str!("../../commands/codes/azure-key.md")]

use super::{KnownRule, Match, floor, is_base64, run};

/// The rule's code.
pub const CODE: &str = "azure-key";

/// The rule.
pub const RULE: KnownRule =
    KnownRule { code: CODE, needles: &["AccountKey", "SharedAccessKey", "account_key", "sig="], at };

fn at(text: &str, at: usize) -> Option<Match> {
    let here = &text[at..];
    if here.starts_with("sig=") {
        return signature(text, at + 4);
    }
    let name = run(text, at, 40, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let start = run(text, name, 8, |byte| matches!(byte, b'"' | b'\'' | b' ' | b':' | b'=' | b'\\' | b'>'));
    let end = run(text, start, 128, is_base64);
    let padded = run(text, end, 2, |byte| byte == b'=');
    let what = match (end - start, padded - end) {
        (86, 2) => "an Azure storage account key",
        (43, 1) | (44, 0) if here.len() >= 15 && here.as_bytes()[..6].eq_ignore_ascii_case(b"shared") => {
            "an Azure shared access key"
        }
        _ => return None,
    };
    (start > name && varied(&text[start..end])).then_some(Match { range: start..padded, what })
}

/// The signature of a shared access signature: its URL has a version and an expiry too.
fn signature(text: &str, start: usize) -> Option<Match> {
    // Nothing but the sign that begins a parameter stands before it.
    if !matches!(text.as_bytes()[..start - 4].last(), None | Some(b'?' | b'&' | b';' | b'"' | b'\'')) {
        return None;
    }
    let end = run(text, start, 128, |byte| is_base64(byte) || matches!(byte, b'%' | b'=' | b'-' | b'_'));
    if end - start < 43 {
        return None;
    }
    let before = floor(text, start.saturating_sub(512));
    let after = floor(text, text.len().min(end + 512));
    let is_blank = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>');
    let head = text[before..start].rsplit(is_blank).next().unwrap_or_default();
    let tail = text[end..after].split(is_blank).next().unwrap_or_default();
    let says = |parameter: &str| head.contains(parameter) || tail.contains(parameter);
    let is_shared = says("se=") && (says("sv=") || says("sr=")) || says("SharedAccessSignature");
    (is_shared && varied(&text[start..end]))
        .then_some(Match { range: start..end, what: "an Azure shared access signature" })
}

fn varied(value: &str) -> bool {
    crate::lint::literal::entropy(value) > 4.0
}
