#![doc = include_str!("../../commands/codes/known-token.md")]

use std::sync::{LazyLock, OnceLock};

use regex::Regex;

use super::formats::{Check, FORMATS, Format};
use super::{Match, begins, floor, is_varied, is_word};

/// The rule's code.
pub const CODE: &str = "known-token";

/// The longest token that is read.
const LONGEST: usize = 1200;

/// Compiled when the first literal of a form is met.
static PATTERNS: LazyLock<Vec<OnceLock<Regex>>> =
    LazyLock::new(|| FORMATS.iter().map(|_| OnceLock::new()).collect());

/// Looks closer where a literal of a form begins. `needle` is it, in its own case.
pub fn at(text: &str, at: usize, index: usize, needle: &str) -> Option<Match> {
    let format = &FORMATS[index];
    if !text.as_bytes()[at..].starts_with(needle.as_bytes()) || (format.back == 0 && !begins(text, at)) {
        return None;
    }
    let from = floor(text, at.saturating_sub(format.back));
    let to = floor(text, text.len().min(at + LONGEST));
    let starts = (from..=at).filter(|start| text.is_char_boundary(*start) && begins(text, *start));
    let pattern = PATTERNS[index].get_or_init(|| compile(format));
    for start in starts {
        let found = pattern.find(&text[start..to]).filter(|found| found.end() + start > at);
        let Some(found) = found else { continue };
        let range = start..start + found.end();
        let next = text.as_bytes().get(range.end).copied().unwrap_or(b' ');
        if !is_word(next) && holds(format.check, &text[range.clone()], needle) {
            return Some(Match { range, what: format.what });
        }
    }
    None
}

fn compile(format: &Format) -> Regex {
    Regex::new(&format!(r"\A(?:{})", format.pattern)).expect("the patterns of the table compile")
}

fn holds(check: Check, token: &str, needle: &str) -> bool {
    let tail = token.replacen(needle, "", 1);
    match check {
        Check::Crc62 { from } => is_checked(&token[from..]),
        Check::Varied => is_varied(&tail),
        Check::Mixed => {
            let count = |f: fn(&u8) -> bool| tail.bytes().filter(|byte| f(byte)).count();
            let (digits, upper) = (count(u8::is_ascii_digit), count(u8::is_ascii_uppercase));
            // Names in a program have some capitals too.
            is_varied(&tail) && count(u8::is_ascii_lowercase) > 2 && (digits > 0 && upper > 2 || upper > 5)
        }
    }
}

/// Whether the last six characters are the CRC-32 of the others in base 62, as GitHub and npm make them
/// (<https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/>).
fn is_checked(text: &str) -> bool {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let (random, check) = text.as_bytes().split_at(text.len() - 6);
    let mut rest = crc32fast::hash(random) as usize;
    check.iter().rev().all(|byte| {
        let digit = DIGITS[rest % 62];
        rest /= 62;
        *byte == digit
    })
}

#[cfg(test)]
mod tests {
    use super::{compile, is_checked};
    use crate::lint::rules::formats::FORMATS;

    #[test]
    fn all_patterns_compile_and_hold_their_literals() {
        for format in FORMATS {
            compile(format);
            assert!(format.needles.iter().all(|needle| needle.len() >= 2), "{}", format.what);
        }
    }

    #[test]
    fn the_checksum_is_that_of_the_providers() {
        assert!(is_checked("zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17"));
        assert!(!is_checked("zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq18"));
    }
}
