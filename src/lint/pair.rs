//! The value that belongs to a name: `name: DB_PASSWORD` and `value: x`.

use std::ops::Range;

use crate::lint::rules::{floor, run};
use crate::lint::syntax::Syntax;
use crate::lint::text::{Place, Site};

/// How far apart the two halves may stand, in bytes.
const FAR: usize = 256;

/// Whether a key holds the name of something whose value stands beside it.
pub fn holds_name(key: &str) -> bool {
    const KEYS: [&str; 9] =
        ["name", "key", "variable", "parameterkey", "parameter_key", "env", "id", "envname", "varname"];
    KEYS.iter().any(|known| key.eq_ignore_ascii_case(known))
}

/// Whether a key holds the value of what is named beside it.
pub fn holds_value(key: &str) -> bool {
    const KEYS: [&str; 6] = ["value", "parametervalue", "parameter_value", "defaultvalue", "default", "val"];
    KEYS.iter().any(|known| key.eq_ignore_ascii_case(known))
}

/// The value beside a name that a text has, unread: with its quotes.
pub(super) fn sibling(site: &Site<'_>) -> Option<Range<usize>> {
    let text = site.text;
    if site.syntax == Syntax::Yaml && text[site.line.first..site.key.start].starts_with('#') {
        return commented(site);
    }
    if matches!(site.syntax, Syntax::Code | Syntax::Prose) || site.line.place == Place::Prose {
        return None;
    }
    let before = text[site.line.range.start..site.key.start].trim_end_matches(['"', '\'', ' ', '\\']);
    let before = before.strip_suffix([':', '='])?.trim_end_matches(['"', '\'', ' ', '\\']);
    let word = before.rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next()?;
    if !holds_name(word) {
        return None;
    }
    let column = before.len() - word.len();
    let is_block = site.syntax == Syntax::Yaml && column < 200 && !before.contains(['{', '"']);
    let to = floor(text, text.len().min(site.key.end + FAR));
    let ahead = &text[site.key.end..to];
    let end = if is_block { end_of_item(ahead, column) } else { ahead.find('}').unwrap_or(ahead.len()) };
    let from = floor(text, site.key.start.saturating_sub(FAR));
    let behind = &text[from..site.key.start];
    let begin =
        if is_block { begin_of_item(behind, column) } else { behind.rfind('{').unwrap_or(behind.len()) };
    value_in(text, site.key.end..site.key.end + end).or_else(|| value_in(text, from + begin..site.key.start))
}

/// The value of a pair that is commented out: on the next line, which is too.
fn commented(site: &Site<'_>) -> Option<Range<usize>> {
    let text = site.text;
    let before = text[site.line.range.start..site.key.start].trim_end_matches(['"', '\'', ' ']);
    if !before.strip_suffix(':')?.ends_with("name") {
        return None;
    }
    let start = site.line.range.end + text[site.line.range.end..].find('\n')? + 1;
    let line = text[start..].lines().next()?;
    let inner = line.trim_start().strip_prefix('#')?.trim_start();
    inner.starts_with("value:").then(|| value_in(text, start..start + line.len()))?
}

/// Where the lines end that stand at a column and further in.
fn end_of_item(text: &str, column: usize) -> usize {
    let mut at = text.find('\n').map_or(text.len(), |n| n + 1);
    for line in text[at..].split_inclusive('\n') {
        let indent = line.len() - line.trim_start().len();
        if !line.trim().is_empty() && indent < column {
            return at;
        }
        at += line.len();
    }
    at
}

/// Where the lines begin, before a name, that stand at a column and further in; the dash of an item too.
fn begin_of_item(text: &str, column: usize) -> usize {
    let mut at = text.rfind('\n').map_or(0, |n| n + 1);
    if text[at..].contains("- ") {
        return text.len();
    }
    for line in text[..at].split_inclusive('\n').rev() {
        let trimmed = line.trim_start();
        let indent = line.len() - trimmed.len();
        let is_dash = trimmed.starts_with("- ");
        if indent + usize::from(is_dash) * 2 != column {
            break;
        }
        at -= line.len();
        if is_dash {
            break;
        }
    }
    at
}

/// The value behind `value:` in a range.
fn value_in(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let mut from = range.start;
    while let Some(found) = text[from..range.end].find("alue") {
        let end = from + found + 4;
        from = end;
        let begins =
            text.as_bytes().get(end.wrapping_sub(5)).is_some_and(|byte| byte.eq_ignore_ascii_case(&b'v'));
        let closed = run(text, end, 2, |byte| matches!(byte, b'"' | b'\'' | b'\\'));
        let blank = run(text, closed, 64, |byte| byte == b' ');
        let separated = matches!(text.as_bytes().get(blank), Some(b':' | b'='));
        if !begins || !separated {
            continue;
        }
        let start = run(text, blank + 1, 64, |byte| matches!(byte, b' ' | b'\\'));
        let line = text[start..].find(['\n', '\r']).map_or(text.len(), |n| start + n);
        let rest = &text[start..line];
        return match rest.chars().next()? {
            quote @ ('"' | '\'') => {
                let length = rest[1..].find(quote)?;
                let inner = rest[1..1 + length].trim_end_matches('\\');
                Some(start + 1..start + 1 + inner.len())
            }
            '{' | '[' if !rest.starts_with("{{") => None,
            '|' | '>' => None,
            _ => Some(
                start
                    ..start
                        + rest
                            .find(" #")
                            .or_else(|| rest.find([',', '}']).filter(|_| !rest.contains("{{")))
                            .unwrap_or(rest.len()),
            ),
        };
    }
    None
}
