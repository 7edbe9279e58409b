#![doc = include_str!("../../commands/codes/password-hash.md")]

use super::{KnownRule, Match, is_base64, is_varied, run};

/// The rule's code.
pub const CODE: &str = "password-hash";

/// The rule.
pub const RULE: KnownRule = KnownRule {
    code: CODE,
    needles: &["$apr1$", "$2y$", "$2a$", "$2b$", "$1$", "$5$", "$6$", "$y$", "$argon2", "{SHA}", "{SSHA}"],
    at,
};

fn at(text: &str, at: usize) -> Option<Match> {
    if text.as_bytes()[at] == b'{' {
        let start = at + text[at..].find('}')? + 1;
        let end = run(text, start, 64, |byte| is_base64(byte) || byte == b'=');
        return (end - start >= 28 && is_varied(&text[start..end])).then(|| found(at, end));
    }
    // Compose and templates write a dollar sign twice.
    let doubled = usize::from(text[..at].ends_with('$') && !text[..at].ends_with("$$$"));
    let start = at - doubled;
    let end = run(text, at, 300, |byte| byte.is_ascii_alphanumeric() || b"$./+=,-_".contains(&byte));
    let plain = text[at..end].replace("$$", "$");
    let parts: Vec<&str> = plain.split('$').skip(1).collect();
    let is_hash = match parts.as_slice() {
        ["apr1" | "1", salt, hash] => salt.len() <= 8 && !salt.is_empty() && hash.len() == 22,
        ["2y" | "2a" | "2b", cost, hash] => cost.len() == 2 && hash.len() == 53,
        ["5", rest @ .., hash] => !rest.is_empty() && hash.len() == 43,
        ["6", rest @ .., hash] => !rest.is_empty() && hash.len() == 86,
        ["y", _, _, hash] => hash.len() == 43,
        [name, .., salt, hash] => name.starts_with("argon2") && salt.len() >= 11 && hash.len() >= 22,
        _ => false,
    };
    let hash = parts.last().copied().unwrap_or_default();
    (is_hash && is_varied(hash)).then(|| found(start, end))
}

fn found(start: usize, end: usize) -> Match {
    Match { range: start..end, what: "the hash of a password" }
}
