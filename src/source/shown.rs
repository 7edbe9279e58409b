//! What of a file's text may be shown, and how.

use std::ops::Range;

use super::escape::{is_hidden, push_visible};
use super::files::SourceFile;
use super::replaced::Replaced;

/// What stands for a character that must not be shown.
const MASK: &str = "•";
/// What stands for a part that is left out.
const ELLIPSIS: &str = "…";
/// Longer lines, in characters, are cut.
const LINE_LIMIT: usize = 120;
/// How many characters around the ends of a label stay in a line that is cut.
const CONTEXT: usize = 24;
/// Lines of more bytes are not looked at as a whole.
const LONG: usize = 16 << 10;
/// How many bytes around the ends of a label are looked at instead. More than [`CONTEXT`] characters.
const NEAR: usize = 512;

/// The ranges of a file that must not be shown: in order, apart from each other, on the borders of
/// characters.
#[derive(Clone, Debug)]
pub struct Masks(Vec<Range<usize>>);

impl Masks {
    /// Those of a file. One that cuts through a character hides it, one past the end is cut.
    pub fn of(file: &SourceFile) -> Self {
        let widen = |mask: &Range<usize>| {
            file.text.floor_char_boundary(mask.start)..file.text.ceil_char_boundary(mask.end)
        };
        let mut ranges: Vec<_> = file.masks.iter().filter(|mask| !mask.is_empty()).map(widen).collect();
        ranges.sort_by_key(|mask| mask.start);
        ranges.dedup_by(|next, mask| {
            let touches = next.start <= mask.end;
            if touches {
                mask.end = mask.end.max(next.end);
            }
            touches
        });
        Masks(ranges)
    }

    fn hide(&self, offset: usize) -> bool {
        let before = self.0.partition_point(|mask| mask.start <= offset);
        before.checked_sub(1).is_some_and(|last| offset < self.0[last].end)
    }
}

/// A line of a file's text as it may be shown: each masked character is a `•` except white space, and what a
/// terminal would obey is written as `\u{…}`. Offsets in it count from `range.start`, which must lie on the
/// border of a character like `range.end`.
///
/// Of a line of many thousand characters only what lies near the ends of `labels` is looked at; what lies
/// between is left out.
pub fn masked_line(text: &str, masks: &Masks, range: Range<usize>, labels: &[Range<usize>]) -> Replaced {
    let mut out = Replaced::default();
    if range.len() <= LONG {
        push_masked(&mut out, text, masks, range);
        return out;
    }
    let around = |offset: usize| {
        let at = (range.start + offset).min(range.end);
        let start = text.floor_char_boundary(at.saturating_sub(NEAR).max(range.start));
        start..text.ceil_char_boundary((at + NEAR).min(range.end))
    };
    let mut parts: Vec<_> =
        labels.iter().flat_map(|label| [around(label.start), around(label.end)]).collect();
    if parts.is_empty() {
        parts.push(around(0));
    }
    parts.sort_by_key(|part| part.start);
    let mut done = range.start;
    for part in parts {
        if part.start > done {
            out.replace(part.start - done, ELLIPSIS);
            done = part.start;
        }
        if part.end > done {
            push_masked(&mut out, text, masks, done..part.end);
            done = part.end;
        }
    }
    if done < range.end {
        out.replace(range.end - done, ELLIPSIS);
    }
    out
}

fn push_masked(out: &mut Replaced, text: &str, masks: &Masks, range: Range<usize>) {
    let (start, text) = (range.start, &text[range]);
    let mut kept = 0;
    for (at, c) in text.char_indices() {
        let masked = masks.hide(start + at);
        if matches!(c, '\n' | '\t' | ' ') || !masked && !is_hidden(c) {
            continue;
        }
        out.keep(&text[kept..at]);
        kept = at + c.len_utf8();
        let mut visible = String::new();
        push_visible(&mut visible, c);
        out.replace(c.len_utf8(), if masked { MASK } else { &visible });
    }
    out.keep(&text[kept..]);
}

/// A line, cut if it is too long for a terminal: what lies around the ends of `labels` stays, without
/// labels the beginning.
pub fn cut_line(line: &str, labels: &[Range<usize>]) -> Replaced {
    let mut out = Replaced::default();
    let borders: Vec<usize> = line.char_indices().map(|(at, _)| at).chain([line.len()]).collect();
    let count = borders.len() - 1;
    if count <= LINE_LIMIT {
        out.keep(line);
        return out;
    }
    let around = |offset: usize| {
        let at = borders.partition_point(|border| *border < offset);
        at.saturating_sub(CONTEXT)..(at + CONTEXT).min(count)
    };
    let mut parts: Vec<_> =
        labels.iter().flat_map(|label| [around(label.start), around(label.end)]).collect();
    if parts.is_empty() {
        parts.push(0..LINE_LIMIT - 1);
    }
    parts.sort_by_key(|part| part.start);
    let mut done = 0;
    for part in parts {
        // Leaving out a single character wouldn't make the line shorter.
        if part.start > done + 1 {
            out.replace(borders[part.start] - borders[done], ELLIPSIS);
            done = part.start;
        }
        if part.end > done {
            out.keep(&line[borders[done]..borders[part.end]]);
            done = part.end;
        }
    }
    if done < count {
        out.replace(line.len() - borders[done], ELLIPSIS);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    use super::{CONTEXT, LINE_LIMIT, Masks, cut_line, masked_line};
    use crate::source::files::{Files, SourceFile};
    use crate::source::replaced::Replaced;

    fn file(text: &str, masks: &[(usize, usize)]) -> SourceFile {
        let mut files = Files::default();
        let id = files.add("x", text);
        masks.iter().for_each(|(start, end)| files.mask(id, *start..*end));
        files.get(id).clone()
    }

    fn masked(text: &str, masks: &[(usize, usize)]) -> Replaced {
        masked_line(text, &Masks::of(&file(text, masks)), 0..text.len(), &[])
    }

    #[test]
    fn masked_characters_become_dots_and_white_space_stays() {
        let shown = masked("key: s3cr et\n  x\ty: é", &[(5, 19)]);
        assert_eq!(shown.text(), "key: •••• ••\n  •\t•• é");
        assert_eq!(&shown.text()[shown.map(0..3)], "key");
        assert_eq!(&shown.text()[shown.map(5..12)], "•••• ••");
        assert_eq!(&shown.text()[shown.map(19..21)], " é");
    }

    #[test]
    fn masks_overlap_touch_and_cut_through_characters() {
        let text = "aéb東c"; // a 0, é 1..3, b 3, 東 4..7, c 7
        assert_eq!(masked(text, &[(2, 3)]).text(), "a•b東c", "from inside a character");
        assert_eq!(masked(text, &[(0, 2)]).text(), "••b東c", "to inside a character");
        assert_eq!(masked(text, &[(5, 6)]).text(), "aéb•c", "inside a character");
        assert_eq!(
            masked(text, &[(3, 5), (0, 2), (1, 3)]).text(),
            "••••c",
            "overlapping, adjacent, unordered"
        );
        assert_eq!(masked(text, &[(0, 1), (7, 8)]).text(), "•éb東•");
        assert_eq!(masked(text, &[(7, 50), (60, 70)]).text(), "aéb東•", "past the end");
        assert_eq!(masked(text, &[(3, 3), (5, 2)]).text(), text, "empty ones");
        assert_eq!(masked(text, &[(0, 8), (1, 2)]).text(), "•••••", "one within another");
    }

    #[test]
    fn what_a_terminal_would_obey_is_written_out_even_beside_masks() {
        let shown = masked("a\u{1b}b\u{202e}c\u{1b}", &[(6, 8)]);
        assert_eq!(shown.text(), "a\\u{1b}b\\u{202e}••");
    }

    #[test]
    fn a_part_counts_from_its_own_start() {
        let text = "one: 1\ntwo: secret\n";
        let shown = masked_line(text, &Masks::of(&file(text, &[(12, 18)])), 7..18, &[]);
        assert_eq!(shown.text(), "two: ••••••");
        assert_eq!(&shown.text()[shown.map(5..11)], "••••••");
    }

    #[test]
    fn a_long_line_keeps_what_lies_around_its_labels() {
        let line = format!("key: ENC[AGE,{}]", "é".repeat(4000));
        let label = 5..line.len();
        let cut = cut_line(&line, std::slice::from_ref(&label));
        assert_eq!(cut.text(), format!("key: ENC[AGE,{}…{}]", "é".repeat(16), "é".repeat(23)));
        assert_eq!(&cut.text()[cut.map(label)], &cut.text()[5..]);
        assert_eq!(cut_line(&line, &[]).text().chars().count(), LINE_LIMIT);
        assert_eq!(cut_line("short", &[]).text(), "short");
    }

    proptest! {
        #[test]
        fn nothing_panics_and_no_masked_character_is_shown(
            text in "[a-c\u{e9}\u{6771}\u{1b}\n ]{0,40}",
            masks in proptest::collection::vec((any::<u8>(), any::<u8>()), 0..4),
            span in (any::<u8>(), any::<u8>()),
        ) {
            let masks: Vec<_> = masks.into_iter().map(|(a, b)| (usize::from(a % 100), usize::from(b % 100))).collect();
            let shown = masked(&text, &masks);
            let span = shown.map(usize::from(span.0)..usize::from(span.1));
            prop_assert!(shown.text().get(span).is_some());
            let hidden = |at: usize, c: char| {
                masks.iter().any(|(start, end)| start < end && *start < at + c.len_utf8() && at < *end)
            };
            let expected: String = text.char_indices().map(|(at, c)| match c {
                '\n' | ' ' => c.to_string(),
                _ if hidden(at, c) => "•".to_owned(),
                '\u{1b}' => "\\u{1b}".to_owned(),
                _ => c.to_string(),
            }).collect();
            prop_assert_eq!(shown.text(), expected);
        }

        #[test]
        fn a_cut_line_is_short_and_keeps_its_labels(length in 0..400_usize, spans in proptest::collection::vec((0..900_usize, 0..900_usize), 0..3)) {
            let line = "é".repeat(length);
            let spans: Vec<_> = spans.into_iter().map(|(a, b)| a..b).collect();
            let cut = cut_line(&line, &spans);
            prop_assert!(cut.text().chars().count() <= LINE_LIMIT.max(spans.len() * (4 * CONTEXT + 2) + 1));
            for span in spans {
                prop_assert!(cut.text().get(cut.map(span)).is_some());
            }
        }
    }
}
