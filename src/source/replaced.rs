//! A copy of a text in which ranges were replaced, that still knows where every place went.

use std::ops::Range;

/// A copy of a text with replacements, built from left to right.
#[derive(Clone, Debug, Default)]
pub struct Replaced {
    text: String,
    /// How much of the original has been copied or replaced.
    read: usize,
    steps: Vec<Step>,
}

/// One replacement: what it was, what it became.
#[derive(Clone, Debug)]
struct Step {
    from: Range<usize>,
    to: Range<usize>,
}

impl Replaced {
    /// Goes on with `text` as it is.
    pub fn keep(&mut self, text: &str) {
        self.text.push_str(text);
        self.read += text.len();
    }

    /// Goes on with `new` in place of `length` bytes of the original.
    pub fn replace(&mut self, length: usize, new: &str) {
        let to = self.text.len()..self.text.len() + new.len();
        self.steps.push(Step { from: self.read..self.read + length, to });
        self.text.push_str(new);
        self.read += length;
    }

    /// The copy.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where a range of the original lies in the copy. What touches a replacement or a character covers
    /// it wholly; what lies past the end is cut.
    pub fn map(&self, range: Range<usize>) -> Range<usize> {
        let start = self.text.floor_char_boundary(self.place(range.start, |to| to.start));
        let end = self.text.ceil_char_boundary(self.place(range.end, |to| to.end));
        start..end.max(start)
    }

    fn place(&self, offset: usize, inside: impl Fn(&Range<usize>) -> usize) -> usize {
        let offset = offset.min(self.read);
        let before = self.steps.partition_point(|step| step.from.start < offset);
        match before.checked_sub(1).map(|last| &self.steps[last]) {
            None => offset,
            Some(step) if offset < step.from.end => inside(&step.to),
            Some(step) => step.to.end + (offset - step.from.end),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Replaced;

    #[test]
    fn places_follow_what_was_replaced() {
        let mut copy = Replaced::default(); // "ab" + "é" -> "<1>" + "cd" + "x" -> "" + "ü"
        copy.keep("ab");
        copy.replace(2, "<1>");
        copy.keep("cd");
        copy.replace(1, "");
        copy.keep("ü");
        assert_eq!(copy.text(), "ab<1>cdü");
        let shown = |range: std::ops::Range<usize>| &copy.text()[copy.map(range)];
        assert_eq!(shown(0..2), "ab");
        assert_eq!(shown(2..4), "<1>");
        assert_eq!(shown(3..4), "<1>", "the middle of a replacement");
        assert_eq!(shown(1..3), "b<1>");
        assert_eq!(shown(4..6), "cd");
        assert_eq!(shown(5..7), "d");
        assert_eq!(shown(7..8), "ü", "the middle of a character");
        assert_eq!(shown(8..8), "ü");
        assert_eq!(shown(7..99), "ü");
        assert_eq!(copy.map(50..99), 9..9);
    }

    #[test]
    fn a_range_that_ends_before_it_begins_is_empty() {
        let mut copy = Replaced::default();
        copy.keep("abc");
        assert_eq!(copy.map(std::ops::Range { start: 2, end: 1 }), 2..2);
    }
}
