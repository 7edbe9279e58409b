//! The exact extent of a node: the parser's own spans are looser than what editing by span needs.

use super::node::Style;
use super::span::{FileId, Span};

/// Knows how far a text has been consumed, and corrects the spans of the parser's events.
pub struct Extent<'a> {
    file: FileId,
    text: &'a str,
    /// Nothing but separators, comments and node properties lies between here and the next node.
    passed: usize,
}

/// How a mapping that stands as a key is related to `{{ … }}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Braces {
    /// It is the inner pair; the span is the whole.
    Inner(Span),
    /// It begins with both pairs.
    Outer,
    /// Not at all.
    None,
}

impl<'a> Extent<'a> {
    /// For the events of `text`, which must come in order. Texts have fewer than 2^32 bytes.
    pub fn new(file: FileId, text: &'a str) -> Self {
        Extent { file, text, passed: 0 }
    }

    /// Notes the start of a document.
    pub fn document(&mut self, at: &granit_parser::Span, explicit: bool) {
        // Without `---` the parser gives the span of what follows.
        if explicit {
            self.passed = bytes(at).1;
        }
    }

    /// The span of an event that is exact as it is.
    pub fn passed(&mut self, at: &granit_parser::Span) -> Span {
        let (start, end) = bytes(at);
        self.passed = self.passed.max(end);
        self.span(start, end)
    }

    /// Where a collection begins. `key` is where the key ends whose value it is.
    pub fn opened(&mut self, at: &granit_parser::Span, key: Option<u32>) -> Span {
        let (start, end) = bytes(at);
        if self.text[start..end].starts_with(['{', '[']) {
            self.passed = self.passed.max(end);
            return self.span(start, start);
        }
        // Of a list that isn't indented below its key the parser gives the first item, not its dash.
        let dash = key.and_then(|key| self.indicator(key as usize, start, b"-"));
        let start = dash.unwrap_or(start);
        self.span(start, start)
    }

    /// The span of a collection that began at `start` and whose last child ends at `end`: to its bracket,
    /// or, in block style, to the end of that child.
    pub fn closed(&mut self, start: u32, end: u32, at: &granit_parser::Span) -> Span {
        let (from, to) = bytes(at);
        if matches!(&self.text[from..to], "}" | "]") {
            self.passed = self.passed.max(to);
            return Span::new(self.file, start, offset(to).max(end));
        }
        Span::new(self.file, start, end)
    }

    /// The span of a scalar. `key` is where the key ends whose value it is.
    pub fn scalar(&mut self, at: &granit_parser::Span, style: Style, key: Option<u32>) -> Span {
        let (start, end) = bytes(at);
        let span = match style {
            Style::Block => self.block(start, end),
            Style::Plain if start == end => self.missing(start, key),
            _ => self.span(start, end),
        };
        self.passed = self.passed.max(end).max(span.end as usize);
        span
    }

    /// The span of the tag that belongs to a node's event.
    pub fn tag(&self, at: &granit_parser::Span) -> Option<Span> {
        let (start, end) = bytes(&at.tag_span()?);
        Some(self.span(start, end))
    }

    /// Whether a mapping that stands as a key was meant as a template expression.
    pub fn braces(&self, key: Span) -> Braces {
        let (before, from) = self.text.split_at(key.start as usize);
        let after = &self.text[key.end as usize..];
        if from.starts_with("{{") {
            Braces::Outer
        } else if from.starts_with('{') && before.ends_with('{') {
            let closing = u32::from(after.starts_with('}'));
            Braces::Inner(Span::new(self.file, key.start - 1, key.end + closing))
        } else {
            Braces::None
        }
    }

    /// From the indicator to the end of the last line that isn't blank. The parser gives the content,
    /// sometimes with a piece of the next line's indentation.
    fn block(&self, start: usize, end: usize) -> Span {
        let Some(indicator) = self.indicator(self.passed, start, b"|>") else {
            return self.span(start, end);
        };
        let content = self.text[start..end].trim_end();
        if content.is_empty() {
            let header = &self.text[indicator + 1..];
            let length = header.bytes().take_while(|b| matches!(b, b'0'..=b'9' | b'+' | b'-')).count();
            return self.span(indicator, indicator + 1 + length);
        }
        let last = start + content.len();
        let rest = &self.text[last..end];
        let line = rest.find(['\r', '\n']).unwrap_or(rest.len());
        self.span(indicator, last + line)
    }

    /// The first of some indicators between two places that have only separators, comments and node
    /// properties between them.
    fn indicator(&self, from: usize, to: usize, wanted: &[u8]) -> Option<usize> {
        let mut at = from;
        while at < to {
            let rest = self.text.get(at..to)?;
            let length = match rest.as_bytes()[0] {
                byte if wanted.contains(&byte) => return Some(at),
                b' ' | b'\t' | b'\r' | b'\n' | b':' | b'-' | b'?' | b'.' => 1,
                b'#' => rest.find(['\r', '\n']).unwrap_or(rest.len()),
                b'&' | b'!' => rest.find([' ', '\t', '\r', '\n']).unwrap_or(rest.len()),
                _ if rest.starts_with('\u{feff}') => '\u{feff}'.len_utf8(),
                _ => return None,
            };
            at += length;
        }
        None
    }

    /// The place of a scalar that isn't written: after the colon, so that one can be written there. The
    /// parser gives a place before it, unless an anchor or tag follows.
    fn missing(&self, place: usize, key: Option<u32>) -> Span {
        let key = key.map(|key| key as usize).filter(|key| self.text[*key..place].trim().is_empty());
        let colon = key.and_then(|key| {
            let rest = &self.text[key..];
            let spaces = rest.bytes().take_while(|b| matches!(b, b' ' | b'\t')).count();
            rest[spaces..].starts_with(':').then_some(key + spaces + 1)
        });
        let place = colon.unwrap_or(place);
        self.span(place, place)
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, offset(start), offset(end))
    }
}

fn bytes(at: &granit_parser::Span) -> (usize, usize) {
    let range = at.byte_range().expect("the parser counts bytes when it reads a str");
    (range.start, range.end.max(range.start))
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).expect("a text within the limit has fewer than 2^32 bytes")
}

#[cfg(test)]
mod tests {
    use crate::source::diagnostic::Diagnostics;
    use crate::source::node::Node;
    use crate::source::span::FileId;
    use crate::source::yaml::{Limits, parse};

    fn document(text: &str) -> Node {
        let mut faults = Diagnostics::default();
        let documents = parse(FileId(0), text, &Limits::default(), &mut faults);
        documents.unwrap_or_else(|| panic!("{faults:?} in {text:?}")).remove(0)
    }

    /// The text that the value of `key` spans.
    fn written<'a>(text: &'a str, key: &str) -> &'a str {
        let node = document(text);
        &text[node.get(key).unwrap().span.range()]
    }

    #[test]
    fn scalars_span_what_is_written() {
        let text = "é: ü # c\r\nk: 'a''b'\r\nl:   \"ö\\n\"   # c\r\nm: [ä, 'b' ]\r\n";
        assert_eq!(written(text, "é"), "ü");
        assert_eq!(written(text, "k"), "'a''b'");
        assert_eq!(written(text, "l"), "\"ö\\n\"");
        let node = document(text);
        let items = node.get("m").unwrap().as_list().unwrap();
        assert_eq!(&text[items[0].span.range()], "ä");
        assert_eq!(&text[items[1].span.range()], "'b'");
        assert_eq!(written("k: a\n  b\n  c # x\nz: 1", "k"), "a\n  b\n  c");
        assert_eq!(written("k: &x !!str v # c\n", "k"), "v");
        assert_eq!(&text[node.as_map().unwrap()["é"].key.range()], "é");
    }

    #[test]
    fn block_scalars_span_from_the_indicator_to_the_end_of_the_content() {
        assert_eq!(written("k: |\n  a\n  b\n\n# c\nz: 1\n", "k"), "|\n  a\n  b");
        assert_eq!(written("k: >- # | c\n   é\n   b", "k"), ">- # | c\n   é\n   b");
        assert_eq!(written("k: |-\n  a  # no\n # c\nz: 1\n", "k"), "|-\n  a  # no");
        assert_eq!(written("k: |+\r\n  a \r\n\r\n\r\nz: 1\r\n", "k"), "|+\r\n  a ");
        assert_eq!(written("k: | \n\nz: 1\n", "k"), "|");
        assert_eq!(written("k: |2-\nz: 1\n", "k"), "|2-");
        assert_eq!(written("k:   &a|b !!str   >\n a\n", "k"), ">\n a");
        assert_eq!(written("k: |\n\n\n  a\n", "k"), "|\n\n\n  a");
        assert_eq!(written("k: |2\n    a\n   b\nz: 1\n", "k"), "|2\n    a\n   b");
        assert_eq!(written("? j\n: |\n  a\nk: &x # > c\n  |\n  b\n", "j"), "|\n  a");
        assert_eq!(written("? j\n: |\n  a\nk: &x # > c\n  |\n  b\n", "k"), "|\n  b");
        let text = "- |\n a\n- - |\n   b\n- >\n c\n";
        let node = document(text);
        let items = node.as_list().unwrap();
        assert_eq!(&text[items[0].span.range()], "|\n a");
        assert_eq!(&text[items[1].as_list().unwrap()[0].span.range()], "|\n   b");
        assert_eq!(&text[items[2].span.range()], ">\n c");
        assert_eq!(&"--- |\n a\n"[document("--- |\n a\n").span.range()], "|\n a");
    }

    #[test]
    fn a_value_that_is_not_written_stands_after_the_colon() {
        for (text, place) in [
            ("k:\nz: 1\n", 2),
            ("k: # c\n", 2),
            ("k :\n", 3),
            ("{k: , z: 1}", 3),
            ("{k}", 2),
            ("k: &a\n", 5),
            ("'k':", 4),
        ] {
            let node = document(text);
            let span = node.get("k").unwrap().span;
            assert_eq!((span.start, span.end), (place, place), "{text:?}");
        }
    }

    #[test]
    fn collections_end_with_their_last_value() {
        assert_eq!(written("k:\n  a: 1 # c\n\n# c\nz: 1\n", "k"), "a: 1");
        assert_eq!(written("k:\n  - a\n  - b: c # d\n  # e\nz: 1\n", "k"), "- a\n  - b: c");
        assert_eq!(written("k:\n- a\n-\nz: 1\n", "k"), "- a\n-");
        assert_eq!(written("x: &x [1]\nk:\n  y: *x # c\n", "k"), "y: *x");
        assert_eq!(written("k:\n  y: # c\nz: 1", "k"), "y:");
        assert_eq!(written("k: {a: b, c: [d ] } # e\n", "k"), "{a: b, c: [d ] }");
        assert_eq!(written("k: [a: b, c]\n", "k"), "[a: b, c]");
        assert_eq!(written("k: &a !!map\n  b: |\n    c\n\nz: 1\n", "k"), "b: |\n    c");
        let text = "# c\na: 1 # c\n";
        assert_eq!(&text[document(text).span.range()], "a: 1");
        let text = "k: [a: b, c]\n";
        assert_eq!(&text[document(text).get("k").unwrap().as_list().unwrap()[0].span.range()], "a: b");
    }
}
