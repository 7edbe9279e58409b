//! Where the lines of a text begin.

use std::ops::Range;

use super::files::LineColumn;

/// The lines of one text, found once so that many places can be asked for. Lines end with LF or CRLF.
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// The lines of `text`; there is at least one.
    pub fn of(text: &'a str) -> Self {
        let starts = [0].into_iter().chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Lines { text, starts }
    }

    /// The number, from 0, of the line in which `offset` lies; past the end it is the last one.
    pub fn number(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset) - 1
    }

    /// The bytes of a line, from 0, without its line ending.
    pub fn range(&self, number: usize) -> Range<usize> {
        let start = self.starts[number];
        let Some(next) = self.starts.get(number + 1) else { return start..self.text.len() };
        let line = &self.text[start..next - 1];
        start..start + line.strip_suffix('\r').unwrap_or(line).len()
    }

    /// Where `offset` lies as people count; the start of the character if it lies inside one.
    pub fn line_column(&self, offset: usize) -> LineColumn {
        let offset = self.text.floor_char_boundary(offset);
        let number = self.number(offset);
        let column = self.text[self.starts[number]..offset].chars().count() + 1;
        LineColumn { line: number + 1, column }
    }
}

#[cfg(test)]
mod tests {
    use super::Lines;
    use crate::source::files::Files;
    use crate::source::span::Span;

    #[test]
    fn lines_are_without_their_endings() {
        let text = "a\r\n\nbc\rd\n";
        let lines = Lines::of(text);
        let all: Vec<&str> = (0..4).map(|number| &text[lines.range(number)]).collect();
        assert_eq!(all, ["a", "", "bc\rd", ""]);
    }

    #[test]
    fn places_are_those_that_files_reports() {
        for text in ["", "\n", "a: é\n  b: 東京\r\nc", "\n\nx\n"] {
            let mut files = Files::default();
            let file = files.add("x", text);
            let lines = Lines::of(text);
            for offset in 0..text.len() + 3 {
                let at = u32::try_from(offset).unwrap();
                assert_eq!(
                    lines.line_column(offset),
                    files.line_column(Span::new(file, at, at)),
                    "{text:?} at {offset}"
                );
            }
        }
    }
}
