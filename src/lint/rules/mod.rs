//! The rules, one a file.
//!
//! A rule of [`Tier::Known`] says by which literals it is found and looks closer where one stands, so that
//! one pass over a text serves all of them. The others are asked about a place by [`tree`](crate::lint::tree)
//! and [`text`](crate::lint::text).

use std::ops::Range;

use crate::lint::finding::Tier;

pub mod age_identity;
pub mod authorization_header;
pub mod aws_key;
pub mod azure_key;
pub mod connection_string;
pub mod formats;
pub mod json_web_token;
pub mod known_token;
pub mod named_secret;
pub mod password_file;
pub mod password_hash;
pub mod private_key;
pub mod random_value;
pub mod registry_auth;
pub mod sealed_position;
pub mod secret_argument;
pub mod secret_manifest;
pub mod secret_pair;
pub mod secret_slot;

/// What a rule of known formats found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// The value.
    pub range: Range<usize>,
    /// What it is, with its article.
    pub what: &'static str,
}

/// A rule that is found by literals.
#[derive(Clone, Copy, Debug)]
pub struct KnownRule {
    /// Its code.
    pub code: &'static str,
    /// Where to look closer, whatever the case of the letters.
    pub needles: &'static [&'static str],
    /// Looks closer where a needle begins. Looks at a bounded piece of text, or only at what no other place
    /// makes it look at again.
    pub at: fn(&str, usize) -> Option<Match>,
}

/// All rules of known formats but [`known_token`], which has a table of its own.
pub const KNOWN: [KnownRule; 9] = [
    private_key::RULE,
    age_identity::RULE,
    aws_key::RULE,
    azure_key::RULE,
    json_web_token::RULE,
    connection_string::RULE,
    authorization_header::RULE,
    registry_auth::RULE,
    password_hash::RULE,
];

/// Every rule with its tier.
pub const RULES: [(&str, Tier); 17] = [
    (sealed_position::CODE, Tier::Structure),
    (secret_manifest::CODE, Tier::Structure),
    (secret_slot::CODE, Tier::Structure),
    (private_key::CODE, Tier::Known),
    (age_identity::CODE, Tier::Known),
    (known_token::CODE, Tier::Known),
    (aws_key::CODE, Tier::Known),
    (azure_key::CODE, Tier::Known),
    (json_web_token::CODE, Tier::Known),
    (connection_string::CODE, Tier::Known),
    (authorization_header::CODE, Tier::Known),
    (registry_auth::CODE, Tier::Known),
    (password_hash::CODE, Tier::Known),
    (named_secret::CODE, Tier::Name),
    (secret_pair::CODE, Tier::Name),
    (secret_argument::CODE, Tier::Name),
    (random_value::CODE, Tier::Entropy),
];

/// Where a run of bytes ends that `takes` takes, `most` bytes on at most.
pub(super) fn run(text: &str, start: usize, most: usize, takes: fn(u8) -> bool) -> usize {
    let bytes = &text.as_bytes()[start..];
    start + bytes.iter().take(most).position(|byte| !takes(*byte)).unwrap_or(bytes.len().min(most))
}

/// Where a run of bytes begins that ends at `end`.
pub(super) fn run_back(text: &str, end: usize, most: usize, takes: fn(u8) -> bool) -> usize {
    let bytes = &text.as_bytes()[end.saturating_sub(most)..end];
    end - bytes.iter().rev().position(|byte| !takes(*byte)).unwrap_or(bytes.len())
}

/// Whether a word can begin at a byte: nothing of one stands before it, but for an escape such as `\n` or
/// `%3D`.
pub(super) fn begins(text: &str, at: usize) -> bool {
    let bytes = &text.as_bytes()[..at];
    match bytes {
        [] => true,
        [.., b'\\', b'n' | b'r' | b't'] => true,
        [.., b'%', b'0'..=b'9' | b'A'..=b'F', b'0'..=b'9' | b'A'..=b'F'] => true,
        [.., last] => !is_word(*last),
    }
}

/// Whether a word can end at a byte.
pub(super) fn ends(text: &str, at: usize) -> bool {
    text.as_bytes().get(at).is_none_or(|next| !is_word(*next))
}

pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

pub(super) fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

pub(super) fn is_base64_url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// A byte offset moved down to the beginning of a character.
pub(super) fn floor(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at)
}

/// Whether nobody made it up: more than a few characters, and no letter that stands for others.
pub(super) fn is_varied(tail: &str) -> bool {
    let mut seen = [false; 256];
    let mut distinct = 0;
    let (mut run, mut longest, mut previous) = (0, 0, 0);
    for byte in tail.bytes() {
        distinct += usize::from(!std::mem::replace(&mut seen[usize::from(byte)], true));
        run = if byte == previous { run + 1 } else { 1 };
        longest = longest.max(run);
        previous = byte;
    }
    let lower = tail.to_ascii_lowercase();
    let is_sequence =
        ["123456789", "abcdefgh", "qwertyui", "example", "your"].iter().any(|piece| lower.contains(piece));
    distinct >= 8 && longest < 6 && !is_sequence
}
