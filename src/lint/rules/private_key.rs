#![doc = include_str!("../../commands/codes/private-key.md")]

use super::{KnownRule, Match, floor, is_base64, is_varied, run};

/// The rule's code.
pub const CODE: &str = "private-key";

/// The rule.
pub const RULE: KnownRule = KnownRule {
    code: CODE,
    needles: &["private key", "b3BlbnNzaC1rZXktdjE", "PuTTY-User-Key-File-", "\"kty\""],
    at,
};

/// The longest key that is read.
const LONGEST: usize = 8 << 10;

fn at(text: &str, at: usize) -> Option<Match> {
    let here = &text[at..];
    if here.starts_with("PRIVATE KEY") {
        pem(text, at)
    } else if here.starts_with("b3Blb") {
        let end =
            run(text, at, LONGEST, |byte| is_base64(byte) || matches!(byte, b'=' | b'\n' | b'\r' | b' '));
        (end - at >= 200).then(|| found(text, at, end, "an OpenSSH private key"))
    } else if here.starts_with("PuTTY") {
        let end = floor(text, text.len().min(at + 4096));
        let lines = text[at..end].find("Private-Lines:").filter(|_| here.contains('\n'))?;
        let mac = text[at + lines..end].find("Private-MAC:").unwrap_or(14);
        Some(found(text, at, at + lines + mac, "a PuTTY private key"))
    } else {
        web_key(text, at)
    }
}

/// A PEM block around the words `PRIVATE KEY`. A heading without a key is documentation.
fn pem(text: &str, at: usize) -> Option<Match> {
    let before = floor(text, at.saturating_sub(40));
    let start = before + text[before..at].rfind("-----BEGIN ")?;
    if text[start + 11..at].contains('-') {
        return None;
    }
    let label = run(text, at + 11, 6, |byte| byte == b' ' || byte.is_ascii_uppercase());
    let body = text[label..].strip_prefix("-----").map(|_| label + 5)?;
    let key = skip_notation(text, body);
    let heading = ["Proc-Type:", "Version:", "Comment:"].iter().any(|word| text[key..].starts_with(word));
    let line = run(text, key, 64, is_base64);
    let is_key = line >= key + 16 && (is_varied(&text[key..line]) || line < key + 24);
    if !is_key && !heading {
        return None;
    }
    let limit = floor(text, text.len().min(body + LONGEST));
    let end = text[body..limit].find("-----END ").map_or_else(
        || {
            run(text, key, LONGEST, |byte| {
                is_base64(byte) || matches!(byte, b'=' | b'\\' | b'\n' | b'\r' | b' ')
            })
        },
        |end| {
            let end = body + end + 9;
            let label = run(text, end, 40, |byte| byte == b' ' || byte.is_ascii_uppercase());
            label + if text[label..].starts_with("-----") { 5 } else { 0 }
        },
    );
    let near = floor(text, start.saturating_sub(40));
    let what = match &text[start + 11..at] {
        _ if text[near..start].contains("private_key")
            && text[end..floor(text, text.len().min(end + 600))].contains("client_email") =>
        {
            "the key of a Google service account"
        }
        "OPENSSH " => "an OpenSSH private key",
        "PGP " => "a PGP private key",
        _ => "a private key",
    };
    Some(found(text, start, end, what))
}

/// Past line breaks and indentation, those too that are escaped or quoted.
fn skip_notation(text: &str, mut at: usize) -> usize {
    let bytes = text.as_bytes();
    let limit = at + 200;
    while at < bytes.len().min(limit) {
        match bytes[at] {
            b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b'+' | b',' | b'#' | b'>' => at += 1,
            b'\\' if matches!(bytes.get(at + 1), Some(b'n' | b'r' | b'\\' | b'\n')) => at += 2,
            _ => break,
        }
    }
    floor(text, at)
}

/// A JSON Web Key with its private part.
fn web_key(text: &str, at: usize) -> Option<Match> {
    let from = floor(text, at.saturating_sub(512));
    let start = from + text[from..at].rfind('{')?;
    let end = at + text[at..floor(text, text.len().min(at + 4096))].find('}')?;
    let object = &text[start..end];
    let value = ["\"d\"", "\"k\""].into_iter().find_map(|key| {
        let after = object.find(key)? + key.len();
        let colon = object[after..].trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
        let begin = start + object.len() - colon.len();
        let stop = run(text, begin, 1024, super::is_base64_url);
        (stop - begin >= 22).then_some(begin..stop)
    })?;
    Some(Match { range: value, what: "the private part of a JSON Web Key" })
}

fn found(text: &str, start: usize, end: usize, what: &'static str) -> Match {
    let end = start + text[start..floor(text, end)].trim_end_matches(['\\', '\n', '\r', ' ']).len();
    Match { range: start..end, what }
}
