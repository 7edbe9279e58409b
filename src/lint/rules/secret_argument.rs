#![doc = include_str!("../../commands/codes/secret-argument.md")]

use std::ops::Range;

use super::{floor, run};
use crate::lint::key::{Key, Says};
use crate::lint::literal::literal;

/// The rule's code.
pub const CODE: &str = "secret-argument";

/// Options of commands whose argument is a password, with whether it is glued to the option and whether a
/// user and a colon stand before it.
const OPTIONS: [(&str, &str, bool, bool); 9] = [
    ("curl ", "-u ", false, true),
    ("curl ", "-u", true, true),
    ("curl ", "--user ", false, true),
    ("mysql", "-p", true, false),
    ("sshpass", "-p ", false, false),
    ("sshpass", "-p", true, false),
    ("redis-cli", "-a ", false, false),
    ("docker login", "-p ", false, false),
    ("docker login", "--password ", false, false),
];

/// The option with which kubectl makes an entry of a Secret, or of a ConfigMap.
const FROM_LITERAL: &str = "--from-literal";

/// The argument of a command that begins at a byte, if it is a password in the clear.
pub fn command(text: &str, at: usize, limit: usize) -> Option<Range<usize>> {
    let end = floor(text, limit.min(at + 256));
    let here = text.get(at..end)?;
    let here = here.split(['\n', '|', ';']).next().unwrap_or_default();
    let password = Key::read("password").expect("`password` announces a secret");
    debug_assert_eq!(password.says, Says::Password);
    if starts_with(here, "identified by") {
        let start = here.find(['\'', '"']).filter(|start| *start < 40)?;
        return quoted(here, start, password).map(|range| at + range.start..at + range.end);
    }
    if starts_with(here, FROM_LITERAL) {
        let range = of_secret(text, at).then(|| from_literal(here, password))??;
        return Some(at + range.start..at + range.end);
    }
    OPTIONS.iter().filter(|(name, ..)| starts_with(here, name)).find_map(|(_, option, glued, user)| {
        let before = here.match_indices(option).find(|(at, _)| here[..*at].ends_with([' ', '"', '\'']))?;
        let start = before.0 + option.len();
        let quote = here[start..].chars().next().filter(|c| matches!(c, '"' | '\''));
        let start = start + usize::from(quote.is_some());
        let length = match quote {
            Some(quote) => here[start..].find(quote)?,
            None => {
                run(here, start, 128, |byte| byte > b' ' && !matches!(byte, b'"' | b'\'' | b',' | b')'))
                    - start
            }
        };
        let argument = &here[start..start + length];
        let skip = if *user { argument.find(':')? + 1 } else { 0 };
        if *glued && *option == "-p" && argument.contains("://") {
            return None;
        }
        let inner = literal(&argument[skip..], password)?;
        let from = at + start + skip;
        Some(from + inner.start..from + inner.end)
    })
}

/// What stands in quotes at a byte, if it is a literal.
fn quoted(text: &str, start: usize, key: Key) -> Option<Range<usize>> {
    let quote = text[start..].chars().next()?;
    let length = text[start + 1..].find(quote)?;
    let inner = literal(&text[start + 1..start + 1 + length], key)?;
    Some(start + 1 + inner.start..start + 1 + inner.end)
}

/// Whether an option at a byte belongs to `kubectl create secret`.
fn of_secret(text: &str, at: usize) -> bool {
    let before = &text[floor(text, at.saturating_sub(512))..at];
    before.rfind("create ").is_some_and(|create| before[create..].starts_with("create secret "))
}

/// The value of `--from-literal=KEY=VALUE`.
fn from_literal(text: &str, key: Key) -> Option<Range<usize>> {
    let start = run(text, FROM_LITERAL.len(), 4, |byte| matches!(byte, b'=' | b' ' | b'"' | b'\''));
    let end = run(text, start, 512, |byte| byte > b' ' && !matches!(byte, b'"' | b'\''));
    let equals = start + text[start..end].find('=')? + 1;
    if equals == end {
        let quote = text[end..].chars().next().filter(|c| matches!(c, '"' | '\''))?;
        return quoted(text, end, key).filter(|range| text[range.end..].starts_with(quote));
    }
    let inner = literal(&text[equals..end], key)?;
    Some(equals + inner.start..equals + inner.end)
}

fn starts_with(text: &str, name: &str) -> bool {
    text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
}
