//! Tokens: what templates print instead of strings and secrets.
//!
//! A printed string becomes a token and is put back after the output was parsed, so no value can make
//! structure. A token is a private-use character, the run's nonce, what it stands for, and another
//! private-use character; it has a fixed width, so nothing about a value shows in the layout.

use std::sync::Arc;

use crate::config::secret::SecretId;

/// The character that opens a token. No text of the repo and no template may contain it.
pub const OPEN: char = '\u{E5EC}';
/// The character that closes a token.
pub const CLOSE: char = '\u{E5ED}';

const NONCE: usize = 8;
/// Bytes between [`OPEN`] and [`CLOSE`]: nonce, kind, eight hexadecimal digits.
const BODY: usize = NONCE + 1 + 8;

/// What a token stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// A printed string: its index in the render's table of leaves.
    Leaf(u32),
    /// A secret of the unit.
    Secret(SecretId),
    /// An encoded secret: its index in the render's table of expressions.
    Expression(u32),
    /// The unit's rollout token.
    Rollout,
}

/// A part of a text: text, or a token in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'t> {
    /// Text between tokens.
    Text(&'t str),
    /// A whole token.
    Token(Token),
}

/// A token that was cut, changed or forged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damaged;

/// The writer and reader of one run's tokens.
#[derive(Clone, Debug)]
pub struct Tokens {
    nonce: Arc<str>,
}

impl Tokens {
    /// Tokens with a nonce that nobody can guess.
    pub fn random() -> Self {
        let mut bytes = [0u8; NONCE / 2];
        // Without randomness a token can still not be confused with text: the characters around it are
        // refused in every input.
        let _ = getrandom::fill(&mut bytes);
        Tokens { nonce: bytes.iter().map(|b| format!("{b:02x}")).collect::<String>().into() }
    }

    /// The text of a token.
    pub fn write(&self, token: Token) -> String {
        let (kind, number) = match token {
            Token::Leaf(index) => ('l', index),
            Token::Secret(id) => ('s', id.0),
            Token::Expression(index) => ('x', index),
            Token::Rollout => ('r', 0),
        };
        format!("{OPEN}{}{kind}{number:08x}{CLOSE}", self.nonce)
    }

    /// Cuts a text at its tokens.
    pub fn split<'t>(&self, text: &'t str) -> Result<Vec<Part<'t>>, Damaged> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find([OPEN, CLOSE]) {
            if at > 0 {
                parts.push(Part::Text(&rest[..at]));
            }
            let body = rest[at..].strip_prefix(OPEN).and_then(|body| body.get(..BODY)).ok_or(Damaged)?;
            parts.push(Part::Token(self.read(body).ok_or(Damaged)?));
            rest = rest[at + OPEN.len_utf8() + BODY..].strip_prefix(CLOSE).ok_or(Damaged)?;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest));
        }
        Ok(parts)
    }

    fn read(&self, body: &str) -> Option<Token> {
        let rest = body.strip_prefix(&*self.nonce)?;
        let kind = rest.chars().next().filter(char::is_ascii)?;
        let digits = &rest[1..];
        if !digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
            return None;
        }
        let number = u32::from_str_radix(digits, 16).ok()?;
        match kind {
            'l' => Some(Token::Leaf(number)),
            's' => Some(Token::Secret(SecretId(number))),
            'x' => Some(Token::Expression(number)),
            'r' => (number == 0).then_some(Token::Rollout),
            _ => None,
        }
    }
}

/// Whether a text holds a character that tokens are made of.
pub fn is_reserved(text: &str) -> bool {
    text.contains([OPEN, CLOSE])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_round_trip_within_text() {
        let tokens = Tokens::random();
        let secret = Token::Secret(SecretId(7));
        for token in [Token::Leaf(0), Token::Leaf(u32::MAX), secret, Token::Expression(3), Token::Rollout] {
            assert_eq!(tokens.split(&tokens.write(token)).unwrap(), [Part::Token(token)]);
            let text = format!("a{}é{}", tokens.write(token), tokens.write(token));
            assert_eq!(
                tokens.split(&text).unwrap(),
                [Part::Text("a"), Part::Token(token), Part::Text("é"), Part::Token(token)]
            );
        }
    }

    #[test]
    fn both_characters_are_reserved_and_no_others() {
        assert!(is_reserved("a\u{E5EC}") && is_reserved("\u{E5ED}b"));
        assert!(!is_reserved("a\u{E5EB}\u{E5EE}") && !is_reserved(""));
    }

    #[test]
    fn every_token_has_the_same_width() {
        let tokens = Tokens::random();
        let width = |token| tokens.write(token).len();
        assert_eq!(width(Token::Leaf(1)), width(Token::Secret(SecretId(u32::MAX))));
    }

    #[test]
    fn damaged_tokens_are_refused() {
        let tokens = Tokens::random();
        let whole = tokens.write(Token::Leaf(10));
        let inner: String = whole.chars().skip(1).take(BODY).collect();
        let mut bad = vec![
            whole.to_uppercase(),
            whole.chars().rev().collect(),
            format!("{OPEN}{whole}{CLOSE}"),
            format!("{OPEN}{inner}"),
            format!("{inner}{CLOSE}"),
            format!("{OPEN}{}é{CLOSE}", &inner[..BODY - 2]),
            Tokens { nonce: "zzzzzzzz".into() }.write(Token::Leaf(10)),
        ];
        for cut in 1..whole.chars().count() {
            bad.push(whole.chars().take(cut).collect());
            bad.push(whole.chars().skip(cut).collect());
        }
        for text in bad {
            assert_eq!(tokens.split(&text), Err(Damaged), "{text:?}");
        }
    }
}
