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

/// The argument of a command that begins at a byte, if it is a password in the clear.
pub fn command(text: &str, at: usize, limit: usize) -> Option<Range<usize>> {
    let end = floor(text, limit.min(at + 256));
    let here = text.get(at..end)?;
    let here = here.split(['\n', '|', ';']).next().unwrap_or_default();
    let password = Key::read("password").expect("`password` announces a secret");
    debug_assert_eq!(password.says, Says::Password);
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

fn starts_with(text: &str, name: &str) -> bool {
    text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
}
