//! Keys in a text whose value stands apart, without a separator: one of a pair, an option, a directive, a
//! declaration.

use std::ops::Range;

use crate::lint::literal::looks_random;
use crate::lint::pair::sibling;
use crate::lint::rules::{floor, named_secret, run, secret_argument, secret_pair};
use crate::lint::syntax::Syntax;
use crate::lint::text::{Place, Reading, Site};

impl Site<'_> {
    /// A key without a separator: one of a pair, an option, or a word of SQL and the like.
    pub(super) fn apart(&self, blank: usize, at: usize, closed: bool) -> Reading {
        if let Some(value) = sibling(self) {
            return self.found(value, secret_pair::CODE);
        }
        let rest = self.rest(blank);
        if self.dashes > 0 {
            return self.option(blank, at, closed);
        }
        if self.is_half_of_a_tree(rest) {
            return Reading::Unclear;
        }
        if closed && self.syntax == Syntax::Hcl && self.before().trim_end_matches('"').trim() == "variable" {
            return self.default_of_declaration();
        }
        let is_word = |word: &str| self.text[self.key.clone()].eq_ignore_ascii_case(word);
        let start = self.line.range.start;
        let is_env = self.syntax == Syntax::Docker && self.text[start..self.key.start].trim() == "ENV";
        if blank > at && (is_env || self.syntax == Syntax::Netrc && is_word("password")) {
            let end = if is_env { self.line.range.end } else { self.word(blank, self.line.range.end) };
            return self.found(blank..end, named_secret::CODE);
        }
        let is_first = self.text[self.line.first..self.key.start].is_empty();
        let is_directive = is_word("requirepass") || is_word("masterauth");
        if blank > at && is_first && is_directive && self.line.place != Place::Prose {
            let is_quoted = rest.starts_with(['"', '\'']);
            let end = self.word(blank, self.line.range.end);
            return if is_quoted {
                self.quoted(blank, rest.as_bytes()[0].into())
            } else {
                self.found(blank..end, named_secret::CODE)
            };
        }
        if blank > at && is_word("password") && rest.starts_with('\'') && self.line.place != Place::Prose {
            return self.quoted(blank, '\'');
        }
        Reading::Nothing
    }

    /// Whether a key without a value has one elsewhere: `? password` above `: x`, a name behind an anchor, a name
    /// beside an alias.
    fn is_half_of_a_tree(&self, rest: &str) -> bool {
        if self.syntax != Syntax::Yaml || self.line.place != Place::File {
            return false;
        }
        let end = self.line.range.end;
        let ahead = &self.text[end..floor(self.text, self.text.len().min(end + 256))];
        let is_explicit = rest.is_empty() && ahead.trim_start().starts_with(": ");
        let before = self.before();
        let is_anchored = before.trim_end().rsplit(' ').next().is_some_and(|word| word.starts_with('&'));
        let behind = &self.text[floor(self.text, self.key.start.saturating_sub(256))..self.key.start];
        let is_named = before.trim_end().ends_with(':');
        let is_merged =
            is_named && [behind, ahead].iter().any(|near| near.contains("<<:") || near.contains(": *"));
        is_explicit || is_anchored || is_merged
    }

    /// `variable "db_password" { default = "x" }`
    fn default_of_declaration(&self) -> Reading {
        let from = self.line.range.end;
        let block = &self.text[from..floor(self.text, self.text.len().min(from + 512))];
        let block = &block[..block.find("\n}").unwrap_or(block.len())];
        let Some(at) = block.find("default").map(|at| from + at + "default".len()) else {
            return Reading::Nothing;
        };
        let start = run(self.text, at, 32, |byte| matches!(byte, b' ' | b'='));
        let Some(inner) = self.text[start..].strip_prefix('"') else { return Reading::Nothing };
        let length = inner.find(['"', '\n']).unwrap_or(0);
        self.found(start + 1..start + 1 + length, named_secret::CODE)
    }

    /// `--password x`, `"--password", "x"`
    fn option(&self, blank: usize, at: usize, closed: bool) -> Reading {
        let rest = self.rest(blank);
        if closed {
            if rest.trim_end_matches(',').is_empty()
                && self.syntax.is_tree()
                && self.line.place == Place::File
            {
                return Reading::Unclear;
            }
            let Some(next) = rest.strip_prefix(',').map(str::trim_start) else { return Reading::Nothing };
            let quote = next.chars().next().filter(|c| matches!(c, '"' | '\''));
            let Some(quote) = quote else { return Reading::Nothing };
            let start = self.line.range.end - next.len() + 1;
            let end = self.rest(start).find(quote).map_or(self.line.range.end, |end| start + end);
            return self.argument(start..end);
        }
        if rest.is_empty() && self.syntax.is_tree() && self.line.place == Place::File {
            // Its argument may be the next item.
            return Reading::Unclear;
        }
        if blank == at || rest.is_empty() || rest.starts_with('-') || self.dashes > 2 {
            return Reading::Nothing;
        }
        if let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            let end = self.rest(blank + 1).find(quote).map_or(self.line.range.end, |end| blank + 1 + end);
            return self.argument(blank + 1..end);
        }
        let end = self.word(blank, self.line.range.end);
        let after = self.rest(end).trim_start();
        let is_last =
            after.is_empty() || after.starts_with(['-', '|', ';', '&', '>', '<', '\\', '"', '\'', ')']);
        let is_shown = self.line.place != Place::Prose && self.syntax != Syntax::Prose && is_last;
        let is_word = is_shown || looks_random(&self.text[blank..end]);
        if is_word { self.argument(blank..end) } else { Reading::Nothing }
    }

    fn argument(&self, value: Range<usize>) -> Reading {
        self.found(value, secret_argument::CODE)
    }
}
