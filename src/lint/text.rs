//! Keys and values in a text that isn't read as a tree: a line, from where a key announces a secret.

use std::ops::Range;

use crate::lint::key::{CHECKSUM, Key};
use crate::lint::literal::{literal, looks_random};
use crate::lint::rules::{floor, named_secret, run, run_back, secret_argument};
use crate::lint::syntax::Syntax;

/// Where a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the file itself.
    File,
    /// Within a scalar of a tree.
    Scalar,
    /// In a comment, or in text for people.
    Prose,
}

/// A line, or the part of one that belongs together.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its bytes, without the line break.
    pub range: Range<usize>,
    /// The first byte that is no blank.
    pub first: usize,
    /// Where it stands.
    pub place: Place,
}

/// A key that announces a secret, and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The key.
    pub key: Range<usize>,
    /// The literal.
    pub value: Range<usize>,
    /// The rule that is about this form.
    pub rule: &'static str,
}

/// What a line says about a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// A literal.
    Found(Assignment),
    /// Only a tree tells.
    Unclear,
    /// No secret.
    Nothing,
}

/// The longest key and the longest value without quotes that are read.
pub(super) const LONGEST_KEY: usize = 96;
const LONGEST: usize = 1024;

/// Reads the assignment whose key has `word` in it.
pub fn read(text: &str, line: &Line, word: Range<usize>, syntax: Syntax) -> Reading {
    let Some(site) = Site::new(text, line, word, syntax) else { return Reading::Nothing };
    site.read()
}

pub(super) struct Site<'a> {
    pub(super) text: &'a str,
    pub(super) line: &'a Line,
    pub(super) syntax: Syntax,
    pub(super) key: Range<usize>,
    pub(super) says: Key,
    /// How many dashes stand before the key.
    pub(super) dashes: usize,
}

impl<'a> Site<'a> {
    fn new(text: &'a str, line: &'a Line, word: Range<usize>, syntax: Syntax) -> Option<Site<'a>> {
        let most = |n: usize| n.min(LONGEST_KEY);
        let start = run_back(text, word.start, most(word.start - line.range.start), is_key);
        let end = run(text, word.end, most(line.range.end.saturating_sub(word.end)), is_key);
        let whole = &text[start..end];
        let key = whole.trim_start_matches(['-', '.']);
        let dashes = whole.len() - whole.trim_start_matches('-').len();
        let start = end - key.len();
        if start > word.start || text[..start].ends_with(CHECKSUM) {
            return None;
        }
        Some(Site { text, line, syntax, key: start..end, says: Key::read(key)?, dashes })
    }

    pub(super) fn before(&self) -> &'a str {
        &self.text[self.line.range.start..self.key.start - self.dashes]
    }

    pub(super) fn rest(&self, from: usize) -> &'a str {
        self.text.get(from..self.line.range.end.max(from)).unwrap_or_default()
    }

    pub(super) fn found(&self, value: Range<usize>, rule: &'static str) -> Reading {
        self.text.get(value.clone()).and_then(|text| literal(text, self.says)).map_or(
            Reading::Nothing,
            |inner| {
                let value = value.start + inner.start..value.start + inner.end;
                Reading::Found(Assignment { key: self.key.clone(), value, rule })
            },
        )
    }

    fn read(&self) -> Reading {
        let before = self.before();
        if before.ends_with("${") {
            return self.default_of_variable();
        }
        let variable = before.ends_with('$');
        if !variable && self.is_in_expression() {
            return Reading::Nothing;
        }
        let mut at = self.key.end;
        let opened = before.chars().next_back().filter(|c| matches!(c, '"' | '\'' | '`'));
        let escaped = opened.is_some() && before.ends_with("\\\"");
        let mut closed = false;
        if escaped && self.rest(at).starts_with("\\\"") {
            (at, closed) = (at + 2, true);
        } else if opened.is_some_and(|quote| self.rest(at).starts_with(quote)) {
            (at, closed) = (at + 1, true);
        }
        if opened.is_none()
            && self.rest(at).starts_with(['"', '\''])
            && self.rest(at + 1).trim_start().starts_with(':')
        {
            // A key of several words.
            (at, closed) = (at + 1, true);
        }
        if closed && self.rest(at).starts_with(']') {
            at += 1;
        }
        if before.ends_with(['<', ':']) && self.rest(at).starts_with('>') {
            let Some(end) = self.rest(at).find('<').map(|end| at + end) else { return Reading::Nothing };
            let is_element = self.text[end..].starts_with("</");
            return if is_element { self.found(at + 1..end, named_secret::CODE) } else { Reading::Nothing };
        }
        let blank = run(self.text, at, LONGEST, |byte| matches!(byte, b' ' | b'\t')).min(self.line.range.end);
        // A quote that is still open ends the value.
        let quote = opened.filter(|_| !closed && !escaped);
        match separator(self.rest(blank)) {
            Some((separator, length)) => {
                let is_key = separator != ":" || self.is_colon(blank + 1, closed);
                let is_comparison = matches!(separator, "==" | "!=" | "=~" | "::");
                if is_comparison || !is_key || variable && !matches!(separator, "=" | ":=") {
                    return Reading::Nothing;
                }
                self.value(blank + length, separator, closed, quote, variable)
            }
            None => self.apart(blank, at, closed),
        }
    }

    /// Whether the key stands in the expression of a template.
    fn is_in_expression(&self) -> bool {
        let from = floor(self.text, self.key.start.saturating_sub(256)).max(self.line.range.start);
        let before = &self.text[from..self.key.start];
        before.rfind("{{").is_some_and(|open| before.rfind("}}").is_none_or(|close| close < open))
    }

    /// Whether a value that begins so is none but an expression, as `{% set password = secrets[name] %}` has one: in
    /// a statement of a template only what stands in quotes is a literal.
    fn is_expression(&self, first: char, closed: bool) -> bool {
        let from = floor(self.text, self.key.start.saturating_sub(LONGEST)).max(self.line.range.start);
        let before = &self.text[from..self.key.start];
        // The quote that opens a key closed behind it.
        let before = before.strip_suffix(['"', '\'']).filter(|_| closed).unwrap_or(before);
        let statement = before.rsplit_once("{%").map(|(_, statement)| statement);
        let Some(statement) = statement.filter(|statement| !statement.contains("%}")) else { return false };
        let mut open = None;
        for sign in statement.chars().filter(|sign| matches!(sign, '"' | '\'')) {
            open = match open {
                None => Some(sign),
                Some(quote) if quote == sign => None,
                other => other,
            };
        }
        match open {
            // What would open a literal ends the one that the key stands in.
            Some(quote) => first == quote,
            None => !matches!(first, '"' | '\''),
        }
    }

    /// Whether a colon separates a key: in YAML a blank follows, in prose too.
    fn is_colon(&self, after: usize, closed: bool) -> bool {
        let next = self.text.as_bytes().get(after).copied().filter(|_| after < self.line.range.end);
        closed
            || matches!(self.syntax, Syntax::Lines | Syntax::Code | Syntax::Json)
                && self.line.place == Place::File
            || next.is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\''))
    }

    /// `${NAME:-default}`, `${name:default}`
    fn default_of_variable(&self) -> Reading {
        let rest = self.rest(self.key.end);
        let Some(operator) = [":-", ":=", ":", "-", "="].into_iter().find(|op| rest.starts_with(op)) else {
            return Reading::Nothing;
        };
        let start = self.key.end + operator.len();
        let end = run(self.text, start, 256, |byte| byte != b'}' && byte != b'{' && byte != b'\n');
        let is_default = self.text[end..].starts_with('}') && !self.rest(start).starts_with(['?', '+']);
        if is_default { self.found(start..end, named_secret::CODE) } else { Reading::Nothing }
    }

    /// The value behind a separator.
    fn value(
        &self,
        at: usize,
        separator: &str,
        closed: bool,
        quote: Option<char>,
        variable: bool,
    ) -> Reading {
        let limit = self.line.range.end;
        let start = run(self.text, at, LONGEST, |byte| matches!(byte, b' ' | b'\t')).min(limit);
        let rest = self.rest(start);
        let mut chars = rest.chars();
        let Some(first) = chars.next() else { return self.elsewhere(closed) };
        if self.is_expression(first, closed) {
            return Reading::Nothing;
        }
        let is_yaml = self.syntax == Syntax::Yaml && self.line.place == Place::File && separator == ":";
        match first {
            '\\' if rest.starts_with("\\\"") => {
                let end = rest[2..].find("\\\"").map_or(limit, |end| start + 2 + end);
                self.found(start + 2..end, named_secret::CODE)
            }
            '"' | '\'' | '`' if Some(first) != quote => self.quoted(start, first),
            'b' | 'r' | 'u'
                if chars.next().is_some_and(|c| matches!(c, '"' | '\'')) && self.syntax == Syntax::Code =>
            {
                self.quoted(start + 1, rest.as_bytes()[1].into())
            }
            '|' | '>' if is_yaml => self.block(start),
            '*' if is_yaml => Reading::Unclear,
            '&' | '!' if is_yaml => {
                let name = rest.find(' ').map_or(rest.len(), |n| n + 1);
                if first == '!' && !is_transparent(&rest[..name]) {
                    return Reading::Nothing;
                }
                self.value(start + name, separator, closed, quote, variable)
            }
            '{' | '[' if !rest.starts_with("{{") => {
                let is_empty = rest.starts_with("{}") || rest.starts_with("[]");
                if is_yaml && !is_empty { Reading::Unclear } else { Reading::Nothing }
            }
            _ if self.syntax.quotes()
                && self.line.place == Place::File
                && !self.is_embedded(separator, quote) =>
            {
                if self.syntax == Syntax::Json {
                    self.elsewhere(false)
                } else {
                    Reading::Nothing
                }
            }
            '#' if start > at => self.elsewhere(closed),
            _ if variable => Reading::Nothing,
            _ => self.unquoted(start, separator, quote, is_yaml),
        }
    }

    /// Whether the key stands within a string: of a connection string, a query, options or an environment.
    fn is_embedded(&self, separator: &str, quote: Option<char>) -> bool {
        let is_parameter = self.before().trim_end().ends_with([';', '?', '&']);
        separator == "=" && (self.dashes > 0 || quote.is_some() || is_parameter)
    }

    pub(super) fn quoted(&self, start: usize, quote: char) -> Reading {
        let inner = start + 1;
        let bytes = self.rest(inner).as_bytes();
        let mut at = 0;
        while at < bytes.len() && bytes[at] != quote as u8 {
            at += if bytes[at] == b'\\' && quote != '\'' { 2 } else { 1 };
        }
        if at >= bytes.len() {
            let is_tree = self.syntax.is_tree() && self.line.place == Place::File;
            return if is_tree {
                Reading::Unclear
            } else {
                self.found(inner..self.line.range.end, named_secret::CODE)
            };
        }
        let after = self.rest(inner + at + 1).trim_start();
        let is_joined =
            self.syntax.quotes() && (after.starts_with(['+', '.', '%', '[']) || after.starts_with(":"));
        if is_joined { Reading::Nothing } else { self.found(inner..inner + at, named_secret::CODE) }
    }

    fn unquoted(&self, start: usize, separator: &str, quote: Option<char>, is_yaml: bool) -> Reading {
        let rule = if self.dashes > 0 { secret_argument::CODE } else { named_secret::CODE };
        let mut limit = self.line.range.end;
        if let Some(end) = quote.and_then(|quote| self.rest(start).find(quote)) {
            limit = start + end;
        }
        let lead = self.text[self.line.first..self.key.start].trim_start_matches(['-', ' ', '"', '\'']);
        let is_first = matches!(lead, "" | "export " | "set " | "declare " | "ENV " | "ARG " | "local ");
        let whole_line = self.syntax.is_lines() && is_first && self.line.place != Place::Prose;
        if whole_line && (is_yaml || separator != ":" || self.syntax != Syntax::Yaml) {
            let rest = &self.text[start..limit];
            let comment = [" #", "\t#", " //"].into_iter().filter_map(|sign| rest.find(sign)).min();
            let end = start + comment.unwrap_or(rest.len());
            let is_flag = self.dashes > 0 && self.text[start..end].contains(" -");
            if !is_flag {
                return self.found(start..end, rule);
            }
        }
        let stop = self.word(start, limit);
        let rest = self.text[stop..floor(self.text, limit.min(stop + 64).max(stop))].trim();
        let goes_on = separator == ":" && rest.starts_with(|c: char| c.is_alphanumeric());
        if self.line.place == Place::Prose || self.syntax == Syntax::Prose || goes_on {
            let word = self.text[start..stop].trim_end_matches(['.', ',']);
            let speaks =
                !rest.is_empty() && !rest.starts_with(['#', '(', '/', '-', ']', '|', '&', '`', '"', '\'']);
            let is_setting = separator == "=" && (self.says.is_variable || self.dashes > 0);
            if word.len() >= LONGEST / 2 {
                return Reading::Nothing;
            }
            let is_plain = self.syntax == Syntax::Prose && !is_setting;
            if (speaks || is_plain) && !looks_random(word) {
                return Reading::Nothing;
            }
        }
        self.found(start..stop, rule)
    }

    /// Where a word without quotes ends.
    pub(super) fn word(&self, start: usize, limit: usize) -> usize {
        let most = limit.saturating_sub(start).min(LONGEST);
        let mut depth = 0_usize;
        let mut at = start;
        for byte in self.text.as_bytes()[start..start + most].iter() {
            match byte {
                b'{' | b'(' => depth += 1,
                b'}' | b')' if depth > 0 => depth -= 1,
                b' ' | b'\t' | b'"' | b'\'' | b'`' | b',' | b';' | b'&' | b'|' | b'<' | b'>' | b'}'
                | b')' | b']'
                    if depth == 0
                        && !(matches!(byte, b'<') && at == start)
                        && !(*byte == b'>' && self.text.as_bytes()[start] == b'<') =>
                {
                    break;
                }
                _ => {}
            }
            at += 1;
        }
        floor(self.text, at)
    }

    /// A YAML block scalar: the lines below that stand further in.
    fn block(&self, start: usize) -> Reading {
        let header = self.rest(start);
        let is_header = header.split(" #").next().unwrap_or_default().trim().len() <= 3;
        if !is_header {
            return self.unquoted(start, ":", None, true);
        }
        let column = self.key.start - self.line.range.start;
        let begin = self.line.range.end;
        let end = floor(self.text, self.text.len().min(begin + (16 << 10)));
        let mut value: Option<Range<usize>> = None;
        let mut at = begin;
        for line in self.text[begin..end].split_inclusive('\n').skip(1) {
            at = if at == begin { begin + 1 } else { at };
            let content = line.trim();
            let indent = line.len() - line.trim_start().len();
            if !content.is_empty() && indent <= column {
                break;
            }
            if !content.is_empty() {
                let first = value.as_ref().map_or(at + indent, |value| value.start);
                value = Some(first..at + indent + content.len());
            }
            at += line.len();
        }
        value.map_or(Reading::Nothing, |value| self.found(value, named_secret::CODE))
    }

    /// Nothing stands behind the separator on this line.
    fn elsewhere(&self, closed: bool) -> Reading {
        if self.line.place != Place::File || !self.syntax.is_tree() {
            return Reading::Nothing;
        }
        let from = self.line.range.end;
        let next = self.text[from..floor(self.text, self.text.len().min(from + 400))]
            .trim_start_matches(['\r', '\n']);
        let line = next.lines().next().unwrap_or_default();
        let column = line.len() - line.trim_start().len();
        let own = self.key.start - self.line.range.start;
        let line = line.trim();
        if self.syntax == Syntax::Json {
            return if line.starts_with(['{', '[']) || line.is_empty() {
                Reading::Nothing
            } else {
                Reading::Unclear
            };
        }
        let is_map =
            line.split_once(':').is_some_and(|(_, value)| value.is_empty() || value.starts_with(' '));
        let defaults = next.lines().take(6).any(|line| {
            let line = line.trim();
            line.starts_with("value:") || line.to_ascii_lowercase().starts_with("default")
        });
        let is_inner = column >= own
            && !line.is_empty()
            && !line.starts_with('#')
            && (column > own || line.starts_with("- "));
        if is_inner && (!is_map || defaults || closed) { Reading::Unclear } else { Reading::Nothing }
    }
}

/// Whether a tag says only how its value is read, and not that it is fetched from somewhere.
fn is_transparent(tag: &str) -> bool {
    let tag = tag.trim_end();
    tag.starts_with("!!") || tag.starts_with("!<") || matches!(tag, "!" | "!unsafe" | "!vault" | "!sensitive")
}

pub(super) fn is_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// The separator with which a text begins, and how long it is.
fn separator(text: &str) -> Option<(&str, usize)> {
    ["==", "=~", "!=", "::", ":=", "=>", "+=", "?=", "=", ":"]
        .into_iter()
        .find(|separator| text.starts_with(separator))
        .map(|separator| match separator {
            "=>" | "+=" | "?=" => ("=", 2),
            other => (other, other.len()),
        })
}
