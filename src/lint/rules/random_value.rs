#![doc = include_str!("../../commands/codes/random-value.md")]

use std::ops::Range;

use crate::lint::literal::entropy;
use crate::lint::placeholder::{is_ciphertext, is_placeholder};

/// The rule's code.
pub const CODE: &str = "random-value";

/// Bits a character from which a word is taken for random: of base64, and of hexadecimal.
const BASE64: f64 = 4.3;
const HEX: f64 = 3.2;

/// The words of a text that look random: from 24 characters of base64, or 32 of hexadecimal that are no
/// usual length of a digest.
pub fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    let takes = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=');
    std::iter::from_fn(move || {
        let bytes = text.as_bytes();
        while at < bytes.len() {
            let start = at + bytes[at..].iter().position(|byte| takes(*byte))?;
            let end =
                start + bytes[start..].iter().position(|byte| !takes(*byte)).unwrap_or(bytes.len() - start);
            at = end + 1;
            let word = text[start..end].trim_end_matches('=');
            if is_random(word) && !text[..start].ends_with(':') && !is_public(&text[..start]) {
                return Some(start..end);
            }
        }
        None
    })
}

fn is_random(word: &str) -> bool {
    if word.len() < 24 || word.len() > 512 || is_placeholder(word) || is_ciphertext(word) {
        return false;
    }
    let is_hex = word.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hex {
        return !matches!(word.len(), 32 | 40 | 64 | 96 | 128) && word.len() > 32 && entropy(word) > HEX;
    }
    let is_uuid = word.len() == 36 && word.bytes().filter(|byte| *byte == b'-').count() == 4;
    let has = |f: fn(&u8) -> bool| word.bytes().any(|byte| f(&byte));
    let is_mixed = has(u8::is_ascii_digit) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    !is_uuid && is_mixed && word.matches('/').count() * 10 < word.len() && entropy(word) > BASE64
}

/// Whether what stands before a word says that it is public: an algorithm, a public key, an encrypted value.
fn is_public(before: &str) -> bool {
    const SIGNS: [&str; 8] =
        ["sha256-", "sha512-", "sha384-", "ssh-rsa ", "ssh-ed25519 ", "nistp256 ", "ENC[AGE,", "data:"];
    SIGNS.iter().any(|sign| before.ends_with(sign))
}
