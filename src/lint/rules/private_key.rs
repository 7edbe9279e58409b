#![doc = include_str!("../../commands/codes/private-key.md")]

use std::ops::Range;

/// The rule's code.
pub const CODE: &str = "private-key";

/// The next private key in PEM from a byte on.
pub fn next(text: &str, from: usize) -> Option<Range<usize>> {
    let start = from + text[from..].find("-----BEGIN ")?;
    let line = &text[start..];
    let label = line[11..].find("-----").map(|end| &line[11..11 + end])?;
    if !label.ends_with("PRIVATE KEY") {
        return next_after(text, start + 11);
    }
    let end = line.find("-----END ").and_then(|end| Some(end + 9 + line[end + 9..].find("-----")? + 5));
    Some(start..start + end.unwrap_or(16 + label.len()))
}

fn next_after(text: &str, from: usize) -> Option<Range<usize>> {
    next(text, from)
}
