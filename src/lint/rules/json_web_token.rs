#![doc = include_str!("../../commands/codes/json-web-token.md")]

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::{KnownRule, Match, begins, is_base64_url, is_varied, run};

/// The rule's code.
pub const CODE: &str = "json-web-token";

/// The rule.
pub const RULE: KnownRule = KnownRule { code: CODE, needles: &["eyJ"], at };

/// The longest part that is read.
const LONGEST: usize = 16 << 10;

fn at(text: &str, at: usize) -> Option<Match> {
    if !text[at..].starts_with("eyJ") || !(begins(text, at) && !text[..at].ends_with('-')) {
        return None;
    }
    let header = run(text, at, 2048, is_base64_url);
    if text.as_bytes().get(header) != Some(&b'.') {
        return None;
    }
    let payload = run(text, header + 1, LONGEST, is_base64_url);
    if text.as_bytes().get(payload) != Some(&b'.') {
        return None;
    }
    let end = run(text, payload + 1, LONGEST, is_base64_url);
    let decoded = BASE64_URL_SAFE_NO_PAD.decode(&text[at..header]).ok()?;
    let says = |word: &[u8]| decoded.windows(word.len()).any(|window| window == word);
    if !(decoded.starts_with(b"{") && says(b"\"alg\"")) {
        return None;
    }
    if says(b"\"enc\"") {
        // Five parts; the second is an encrypted key.
        return Some(Match { range: at..end, what: "an encrypted JSON Web Token" });
    }
    let is_object =
        BASE64_URL_SAFE_NO_PAD.decode(&text[header + 1..payload]).is_ok_and(|json| json.starts_with(b"{"));
    (is_object && end - payload > 20 && is_varied(&text[payload + 1..end]))
        .then_some(Match { range: at..end, what: "a JSON Web Token" })
}
