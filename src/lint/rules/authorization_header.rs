#![doc = include_str!("../../commands/codes/authorization-header.md")]

use super::{KnownRule, Match, begins, is_base64, run};
use crate::lint::encoded::decode_text;
use crate::lint::literal::looks_random;
use crate::lint::placeholder::{has_expression, is_placeholder};

/// The rule's code.
pub const CODE: &str = "authorization-header";

/// The rule.
pub const RULE: KnownRule = KnownRule { code: CODE, needles: &["basic ", "bearer "], at };

fn at(text: &str, at: usize) -> Option<Match> {
    if !begins(text, at) {
        return None;
    }
    let is_basic = text.as_bytes()[at].eq_ignore_ascii_case(&b'b')
        && text.as_bytes()[at + 1].eq_ignore_ascii_case(&b'a');
    if is_basic {
        let start = at + "basic ".len();
        let end = run(text, start, 1024, |byte| is_base64(byte) || byte == b'=');
        let user = (end - start >= 8).then(|| decode_text(&text[start..end]))??;
        return is_user_and_password(&user)
            .then_some(Match { range: start..end, what: "a user's password, in base64" });
    }
    let start = at + "bearer ".len();
    let end = run(text, start, 2048, |byte| byte.is_ascii_alphanumeric() || b"._~+/=-".contains(&byte));
    let value = &text[start..end];
    let is_token = value.len() >= 20 && looks_random(value) && !is_placeholder(value);
    is_token.then_some(Match { range: start..end, what: "a bearer token" })
}

/// Whether a text is `user:password` as a header or a registry's configuration has it.
pub(super) fn is_user_and_password(text: &str) -> bool {
    text.split_once(':').is_some_and(|(user, password)| {
        !password.is_empty()
            && text.chars().all(|c| !c.is_control() && c.is_ascii())
            && user.chars().all(|c| c.is_ascii_graphic())
            && !has_expression(text)
            && !is_placeholder(password)
    })
}
