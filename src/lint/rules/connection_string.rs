#![doc = include_str!("../../commands/codes/connection-string.md")]

use super::{KnownRule, Match, run, run_back};
use crate::lint::key::Key;
use crate::lint::literal::literal;

/// The rule's code.
pub const CODE: &str = "connection-string";

/// The rule.
pub const RULE: KnownRule = KnownRule {
    code: CODE,
    needles: &["://", "@tcp(", "@unix(", "jdbc:oracle:thin:", "%3a%2f%2f", "neo4j_auth"],
    at,
};

/// The longest user info that is read.
const LONGEST: usize = 512;

fn at(text: &str, at: usize) -> Option<Match> {
    let bytes = &text.as_bytes()[at..];
    match bytes[0] {
        b':' => url(text, at),
        b'@' => data_source(text, at),
        b'%' => encoded(text, at),
        b'n' | b'N' => neo4j(text, at + "neo4j_auth".len()),
        _ => oracle(text, at + "jdbc:oracle:thin:".len()),
    }
}

/// `scheme://user:password@host`
fn url(text: &str, at: usize) -> Option<Match> {
    let scheme =
        run_back(text, at, 32, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    if scheme == at || text[..at].ends_with("ref+") {
        return None;
    }
    let start = at + 3;
    let end = run(text, start, LONGEST, is_user_info);
    let end = start + text[start..end].rfind('@')?;
    let colon = start + text[start..end].find(':')?;
    password(text, colon + 1, end)
}

/// A URL within another one: `https%3A%2F%2Fuser%3Apassword%40host`.
fn encoded(text: &str, at: usize) -> Option<Match> {
    let is_part =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.' | b'_' | b'~' | b'%');
    let start =
        run_back(text, at, 32, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    let end = run(text, at, LONGEST, is_part);
    let decoded = decode(&text[start..end])?;
    let inner = url(&decoded, decoded.find("://")?)?;
    Some(Match { range: start..end, what: inner.what })
}

/// A text without `%`; `None` when it isn't written so.
fn decode(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        bytes.extend(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).ok()
}

/// `NEO4J_AUTH=user/password`
fn neo4j(text: &str, at: usize) -> Option<Match> {
    let start = run(text, at, 8, |byte| matches!(byte, b'"' | b'\'' | b' ' | b':' | b'='));
    let end = run(text, start, LONGEST, |byte| byte > b' ' && !matches!(byte, b'"' | b'\'' | b','));
    let slash = start + text[start..end].find('/')?;
    (start > at && slash > start).then_some(())?;
    password(text, slash + 1, end)
}

/// `user:password@tcp(host:3306)/database`, as Go's MySQL driver reads it.
fn data_source(text: &str, at: usize) -> Option<Match> {
    let start = run_back(text, at, LONGEST, |byte| is_user_info(byte) && byte != b'=' && byte != b'@');
    let colon = start + text[start..at].find(':')?;
    (colon > start).then_some(())?;
    password(text, colon + 1, at)
}

/// `jdbc:oracle:thin:user/password@host`
fn oracle(text: &str, start: usize) -> Option<Match> {
    let end = run(text, start, LONGEST, |byte| is_user_info(byte) || byte == b'/');
    let end = start + text[start..end].find('@')?;
    let slash = start + text[start..end].find('/')?;
    password(text, slash + 1, end)
}

fn is_user_info(byte: u8) -> bool {
    byte > b' '
        && byte != 0x7f
        && !matches!(byte, b'/' | b'?' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\' | b',')
        || byte == b'<'
        || byte == b'>'
}

/// The password between two bytes, if it is one.
fn password(text: &str, start: usize, end: usize) -> Option<Match> {
    let value = text.get(start..end)?;
    let key = Key::read("password").expect("`password` announces a secret");
    let range = literal(value, key)?;
    let is_fill_in =
        ["pass", "password", "passwd", "pwd", "pw"].contains(&value) && is_user_word(text, start);
    (!is_fill_in).then_some(Match {
        range: start + range.start..start + range.end,
        what: "the password of a connection string",
    })
}

/// Whether the user before a password is the word for one, as in `user:pass@host`, which is documentation.
fn is_user_word(text: &str, start: usize) -> bool {
    let before = run_back(text, start - 1, 16, |byte| byte.is_ascii_alphanumeric());
    matches!(&text[before..start - 1], "user" | "username" | "usr" | "USER" | "login")
}
