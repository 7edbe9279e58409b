//! An addition to a text: an entry that isn't there yet, with the parents that aren't either, written in
//! the style of the place where it goes.

use std::ops::Range;

use super::node::{Kind, Map, Node, Style};
use super::yaml_writer::{double_quoted, key as written_key, plain};

/// What to put in place of which bytes, in the order of the text.
pub type Edits = Vec<(Range<usize>, String)>;

/// The entry: `value` under `keys`, of which all but the last are new mappings. There is at least one key.
#[derive(Clone, Copy)]
pub struct Addition<'a> {
    /// The text that it is added to.
    pub text: &'a str,
    /// The keys.
    pub keys: &'a [&'a str],
    /// The value, a string.
    pub value: &'a str,
}

/// How far a mapping is indented below its parent where nothing says otherwise.
const INDENT: usize = 2;

impl Addition<'_> {
    /// Adds it to a block mapping, after its last entry.
    pub fn in_block(&self, map: &Node) -> Edits {
        let mut end = map.span.end as usize;
        if ends_with_kept_lines(self.text, map) {
            // The blank lines that follow are part of the last value.
            let rest = &self.text[end..];
            let blank = &rest[..rest.len() - rest.trim_start().len()];
            end += blank.rfind('\n').unwrap_or(0);
        }
        vec![self.below(end, column(self.text, map.span.start as usize))]
    }

    /// Adds it to a flow mapping, after its last entry.
    pub fn in_flow(&self, node: &Node, map: &Map) -> Edits {
        let text = self.text;
        let pair = flow_pair(self.keys, self.value);
        let range = node.span.range();
        let ends = map.values().flat_map(|entry| [entry.key.end, entry.value.place().end]);
        let last = ends.map(|end| end as usize).filter(|end| range.contains(end)).max();
        let (place, new) = match last {
            None => (range.start + 1, pair),
            Some(last) => {
                // `{a: }` may not become `{a:, …`, which some readers take for one word.
                let last = if text[..last].ends_with(':') { skip(text, last, &[' ']) } else { last };
                let next = skip(text, last, &[' ', '\t', '\r', '\n']);
                let has_comma = text[next..].starts_with(',');
                if has_comma { (next + 1, format!(" {pair}")) } else { (last, format!(", {pair}")) }
            }
        };
        vec![(place..place, new)]
    }

    /// Puts it in place of a null in a flow mapping.
    pub fn instead_in_flow(&self, node: &Node) -> Edits {
        vec![(
            node.span.range(),
            after_key(self.text, node, &format!("{{{}}}", flow_pair(self.keys, self.value))),
        )]
    }

    /// Puts it in place of a null or `{}` that is the value of a key which begins at byte `key`.
    pub fn instead_below(&self, node: &Node, key: usize) -> Edits {
        let range = node.span.range();
        let before = &self.text[..range.start];
        let glued = before.trim_end_matches([' ', '\t']).len();
        let lines = self.below(range.end, column(self.text, key) + INDENT);
        if range.is_empty() { vec![lines] } else { vec![(glued..range.end, String::new()), lines] }
    }

    /// Puts it in place of a null or `{}` that is the whole document.
    pub fn instead_of_root(&self, root: &Node) -> Edits {
        let range = root.span.range();
        if range.is_empty() {
            return self.at_end();
        }
        vec![(range, self.block_lines(0, first_line_break(self.text)))]
    }

    /// Adds it to a text that has no content.
    pub fn at_end(&self) -> Edits {
        let line_break = first_line_break(self.text);
        let lines = self.block_lines(0, line_break);
        let is_whole = self.text.is_empty() || self.text.ends_with('\n');
        let new = if is_whole { lines + line_break } else { format!("{line_break}{lines}") };
        vec![(self.text.len()..self.text.len(), new)]
    }

    /// Adds it below the line in which `end` lies.
    fn below(&self, end: usize, indent: usize) -> (Range<usize>, String) {
        let text = self.text;
        match text[end..].find('\n').map(|at| end + at) {
            Some(at) => {
                let line_break = if text[..at].ends_with('\r') { "\r\n" } else { "\n" };
                (at + 1..at + 1, self.block_lines(indent, line_break) + line_break)
            }
            None => {
                let line_break = first_line_break(text);
                (text.len()..text.len(), format!("{line_break}{}", self.block_lines(indent, line_break)))
            }
        }
    }

    /// The lines of nested block mappings, without a line break at their end.
    fn block_lines(&self, indent: usize, line_break: &str) -> String {
        let mut lines = String::new();
        for (level, key) in self.keys.iter().enumerate() {
            let start = if level == 0 { "" } else { line_break };
            let margin = " ".repeat(indent + level * INDENT);
            lines.push_str(&format!("{start}{margin}{}:", written_key(key)));
        }
        format!("{lines} {}", unquoted_if_safe(self.value, false))
    }
}

/// A string without quotes if it is one then too.
pub fn unquoted_if_safe(value: &str, in_flow: bool) -> String {
    plain(value, in_flow).map_or_else(|| double_quoted(value), str::to_owned)
}

/// What is written for a value, with what must stand between it and its key if nothing is there yet.
pub fn after_key(text: &str, node: &Node, new: &str) -> String {
    let range = node.span.range();
    let separator = match text[..range.start].chars().next_back() {
        _ if !range.is_empty() => "",
        None | Some(' ' | '\t' | '\n' | '\r') => "",
        Some(':') => " ",
        Some(_) => ": ",
    };
    format!("{separator}{new}")
}

/// `a: {b: value}`
fn flow_pair(keys: &[&str], value: &str) -> String {
    let mut written = unquoted_if_safe(value, true);
    for (level, key) in keys.iter().enumerate().rev() {
        written = format!("{}: {written}", written_key(key));
        if level > 0 {
            written = format!("{{{written}}}");
        }
    }
    written
}

/// The first place from `at` on that isn't one of `blanks`.
pub(super) fn skip(text: &str, at: usize, blanks: &[char]) -> usize {
    text.len() - text[at..].trim_start_matches(blanks).len()
}

/// Whether the last scalar in a node is a block scalar that keeps its trailing lines (`|+`).
pub(super) fn ends_with_kept_lines(text: &str, node: &Node) -> bool {
    let last = match &node.kind {
        Kind::Scalar(scalar) => {
            let header = text[node.span.range()].lines().next().unwrap_or_default();
            let indicators = header.split([' ', '\t', '#']).next().unwrap_or_default();
            return scalar.style == Style::Block && indicators.contains('+');
        }
        Kind::List(items) => items.last(),
        Kind::Map(map) => {
            map.values().map(|entry| &entry.value).rfind(|value| value.span.end == node.span.end)
        }
    };
    last.is_some_and(|last| last.alias.is_none() && ends_with_kept_lines(text, last))
}

/// How many characters stand before a place on its line.
pub(super) fn column(text: &str, at: usize) -> usize {
    let start = text[..at].rfind('\n').map_or(0, |at| at + 1);
    text[start..at].chars().filter(|c| *c != '\u{FEFF}').count()
}

pub(super) fn first_line_break(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

#[cfg(test)]
mod tests {
    use crate::source::edit::set_scalar;
    use crate::source::span::FileId;

    fn edited(text: &str, path: &[&str], value: &str) -> String {
        set_scalar(FileId(0), text, path, value).unwrap_or_else(|error| panic!("{error:?} in {text:?}"))
    }

    #[test]
    fn a_missing_entry_is_added_after_the_last_one() {
        let text = "a:\n    b: 1 # last\n    # below\n\nz: 2\n";
        assert_eq!(
            edited(text, &["a", "k"], "new"),
            "a:\n    b: 1 # last\n    k: new\n    # below\n\nz: 2\n"
        );
        assert_eq!(edited(text, &["k"], "new"), format!("{text}k: new\n"));
        assert_eq!(edited("a: 1", &["k"], "new"), "a: 1\nk: new");
        assert_eq!(
            edited("a: 1\r\nb:\r\n  c: 1\r\n\r\n", &["b", "k"], "new"),
            "a: 1\r\nb:\r\n  c: 1\r\n  k: new\r\n\r\n"
        );
        assert_eq!(edited("a: 1\r\nb: 2", &["k"], "new"), "a: 1\r\nb: 2\r\nk: new");
        assert_eq!(edited("\u{feff}a: 1\n", &["k"], "new"), "\u{feff}a: 1\nk: new\n");
        assert_eq!(edited("a:\n  b:\nc: 1\n", &["a", "k"], "new"), "a:\n  b:\n  k: new\nc: 1\n");
        assert_eq!(edited("a:\n- 1\n-\tx\n...\n", &["k"], "new"), "a:\n- 1\n-\tx\nk: new\n...\n");
        assert_eq!(edited("a: [1,\n 2] # c\nz: 1", &["k"], "new"), "a: [1,\n 2] # c\nz: 1\nk: new");
    }

    #[test]
    fn a_missing_entry_is_added_after_a_block_scalar_without_changing_it() {
        assert_eq!(
            edited("a:\n  b: |\n    x\n\nz: 1\n", &["a", "k"], "v"),
            "a:\n  b: |\n    x\n  k: v\n\nz: 1\n"
        );
        assert_eq!(
            edited("a:\n  b: |+ # c\n    x\n\n\nz: 1\n", &["a", "k"], "v"),
            "a:\n  b: |+ # c\n    x\n\n\n  k: v\nz: 1\n"
        );
        assert_eq!(edited("a:\n  b: |\n    x", &["a", "k"], "v"), "a:\n  b: |\n    x\n  k: v");
        assert_eq!(edited("a:\n- >+\n  x\n\n", &["k"], "v"), "a:\n- >+\n  x\n\nk: v\n");
    }

    #[test]
    fn a_missing_entry_of_a_flow_mapping_is_added_before_its_end() {
        assert_eq!(edited("a: {b: 1 } # c\n", &["a", "k"], "x,y"), "a: {b: 1, k: \"x,y\" } # c\n");
        assert_eq!(edited("{a: {b: {}}}", &["a", "b", "k"], "v"), "{a: {b: {k: v}}}");
        assert_eq!(edited("{a: 1,}", &["k"], "v"), "{a: 1, k: v}");
        assert_eq!(
            edited("a: {\n  b: 1, # c\n  d: 2 # e\n}\n", &["a", "k"], "v"),
            "a: {\n  b: 1, # c\n  d: 2, k: v # e\n}\n"
        );
        assert_eq!(edited("{a: }", &["k", "m"], "v"), "{a: , k: {m: v}}");
        assert_eq!(edited("{a}", &["a", "m"], "v"), "{a: {m: v}}");
        assert_eq!(edited("{a: ~}", &["a", "m"], "v"), "{a: {m: v}}");
        assert_eq!(
            edited("x: &x {y: 1}\nz: {<<: *x}\n", &["z", "k"], "v"),
            "x: &x {y: 1}\nz: {<<: *x, k: v}\n"
        );
        assert_eq!(edited("a: { # c\n}\n", &["a", "k"], "v"), "a: {k: v # c\n}\n");
    }

    #[test]
    fn missing_parents_are_made() {
        assert_eq!(edited("a: 1\n", &["o", "s", "K"], "v"), "a: 1\no:\n  s:\n    K: v\n");
        assert_eq!(
            edited("overrides: {secrets: {A: x}}\n", &["overrides", "secrets", "B"], "v"),
            "overrides: {secrets: {A: x, B: v}}\n"
        );
        let text = "overrides:\n  config:\n    A: x\n";
        assert_eq!(
            edited(text, &["overrides", "secrets", "K"], "v"),
            format!("{text}  secrets:\n    K: v\n")
        );
    }

    #[test]
    fn null_and_empty_parents_become_mappings() {
        for parent in ["secrets:", "secrets: ~", "secrets: {}", "secrets:   { }", "secrets: null"] {
            let text = format!("x:\n  {parent} # c\n\n  y: 1\n");
            assert_eq!(
                edited(&text, &["x", "secrets", "K"], "v"),
                "x:\n  secrets: # c\n    K: v\n\n  y: 1\n"
            );
        }
        assert_eq!(edited("s: {}", &["s", "t", "K"], "v"), "s:\n  t:\n    K: v");
        assert_eq!(edited("{}\n", &["s", "K"], "v"), "s:\n  K: v\n");
    }

    #[test]
    fn a_text_without_content_gets_the_block_at_its_end() {
        assert_eq!(edited("", &["s", "K"], "v"), "s:\n  K: v\n");
        assert_eq!(edited("# c\r\n\r\n", &["s", "K"], "v"), "# c\r\n\r\ns:\r\n  K: v\r\n");
        assert_eq!(edited("# c", &["K"], "v"), "# c\nK: v");
        assert_eq!(edited("---\n# c\n", &["K"], "v"), "---\n# c\nK: v\n");
        assert_eq!(edited("---", &["K"], "v"), "---\nK: v");
    }

    #[test]
    fn keys_are_quoted_when_needed() {
        assert_eq!(edited("a: 1\n", &["NO", "x: y"], "v"), "a: 1\n\"NO\":\n  \"x: y\": v\n");
        assert_eq!(edited("a: {b: 1}\n", &["a", "c,d"], "v"), "a: {b: 1, \"c,d\": v}\n");
        assert_eq!(edited("80: 1\n'x y': 2\n", &["x y"], "v"), "80: 1\n'x y': v\n");
    }
}
