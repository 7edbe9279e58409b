//! Removing an entry of a mapping by span, with its line or between its commas.

use std::ops::Range;

use super::addition::skip;
use super::edit::{EditError, document, is_same, refuse_shared, splice};
use super::node::{Entry, Map, Node};
use super::span::{FileId, Span};

/// What blanks there are between the parts of a flow mapping.
const BLANK: [char; 4] = [' ', '\t', '\r', '\n'];

/// A text without an entry that it had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// The new text.
    pub text: String,
    /// The comment that stood behind the entry on its line, with its `#`.
    pub comment: Option<String>,
}

/// Removes the entry at a path of keys. All else stays as it is: the result is parsed again to know it.
///
/// A mapping that would be left empty, which is a null in block style, becomes `{}`.
pub fn remove(file: FileId, text: &str, path: &[&str]) -> Result<Removal, EditError> {
    let nowhere = EditError::Unverified { at: Span::new(file, 0, 0) };
    let Some(before) = document(file, text)? else { return Err(nowhere) };
    let Some((last, parents)) = path.split_last() else { return Err(nowhere) };
    let mut node = &before;
    for key in parents {
        refuse_shared(node)?;
        node = node.get(key).ok_or_else(|| nowhere.clone())?;
    }
    refuse_shared(node)?;
    let map = node.as_map().ok_or(EditError::NotAMapping { at: node.span, found: node.describe() })?;
    let entry = map.get(*last).ok_or_else(|| nowhere.clone())?;
    refuse_shared(&entry.value)?;
    let (range, new) = if text[node.span.range()].starts_with('{') {
        (in_flow(text, entry, node), String::new())
    } else if map.len() == 1 {
        (node.span.range(), "{}".to_owned())
    } else {
        let range = whole_lines(text, entry).ok_or(EditError::Unverified { at: entry.key })?;
        (range, String::new())
    };
    let comment = comment_behind(text, entry.value.span.range().end, &range);
    let edited = splice(text, vec![(range, new)]);
    let is_right = matches!(document(file, &edited), Ok(Some(after)) if lacks_only(&before, &after, path));
    if is_right {
        Ok(Removal { text: edited, comment })
    } else {
        Err(EditError::Unverified { at: entry.key })
    }
}

/// The lines that an entry of a block mapping takes.
fn whole_lines(text: &str, entry: &Entry) -> Option<Range<usize>> {
    let key = entry.key.start as usize;
    let start = text[..key].rfind('\n').map_or(0, |at| at + 1);
    let end = entry.value.span.end.max(entry.key.end) as usize;
    let end = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
    // Of the blank lines around it one is enough.
    let is_after_blank = start > 0 && text[..start - 1].trim_end_matches('\r').ends_with('\n');
    let blank =
        text[end..].split_inclusive('\n').next().filter(|line| is_after_blank && line.trim().is_empty());
    let end = end + blank.map_or(0, str::len);
    text[start..key].trim_start_matches('\u{feff}').trim().is_empty().then_some(start..end)
}

/// From an entry of a flow mapping to the next one, or from the one before.
fn in_flow(text: &str, entry: &Entry, node: &Node) -> Range<usize> {
    let start = entry.key.start as usize;
    let end = entry.value.span.end.max(entry.key.end) as usize;
    let next = skip(text, end, &BLANK);
    if text[next..].starts_with(',') {
        let end = skip(text, next + 1, &[' ']);
        let line = text[..start].rfind('\n').filter(|at| text[*at..start].trim().is_empty());
        let rest = text[end..].trim_start_matches('\r');
        return match line {
            // It had a line for itself.
            Some(line) if rest.starts_with('\n') => line + 1..text.len() - rest.len() + 1,
            _ => start..end,
        };
    }
    let open = node.span.start as usize;
    let before = text[open..start].trim_end_matches(BLANK);
    let comma = before.strip_suffix(',').map_or(start, |before| open + before.len());
    comma..end
}

/// The comment between the end of a value and the end of what is removed with it.
fn comment_behind(text: &str, end: usize, removed: &Range<usize>) -> Option<String> {
    let rest = text.get(end..removed.end)?.trim();
    rest.starts_with('#').then(|| rest.to_owned())
}

fn lacks_only(old: &Node, new: &Node, path: &[&str]) -> bool {
    let (Some(before), Some((key, rest))) = (old.as_map(), path.split_first()) else { return false };
    let none = Map::new();
    let after = new.as_map().unwrap_or(&none);
    let others = before.iter().filter(|(name, _)| &***name != *key);
    let are_kept = others.clone().count() + usize::from(!rest.is_empty()) == after.len()
        && others
            .into_iter()
            .all(|(name, entry)| after.get(name).is_some_and(|found| is_same(&entry.value, &found.value)));
    are_kept
        && (rest.is_empty()
            || before
                .get(*key)
                .zip(after.get(*key))
                .is_some_and(|(a, b)| lacks_only(&a.value, &b.value, rest)))
}

#[cfg(test)]
mod tests {
    use super::remove;
    use crate::source::span::FileId;

    fn without(text: &str, path: &[&str]) -> String {
        remove(FileId(0), text, path).unwrap_or_else(|error| panic!("{error:?} in {text:?}")).text
    }

    #[test]
    fn an_entry_goes_with_its_lines() {
        let text = "c:\n  # one\n  A: x # old\n\n  # two\n  B: y\nz: 1\n";
        assert_eq!(without(text, &["c", "A"]), "c:\n  # one\n\n  # two\n  B: y\nz: 1\n");
        assert_eq!(without(text, &["c", "B"]), "c:\n  # one\n  A: x # old\n\n  # two\nz: 1\n");
        assert_eq!(without(text, &["z"]), text.replace("z: 1\n", ""));
        assert_eq!(without("c:\r\n  A: |\r\n    x\r\n    y\r\n  B: 1\r\n", &["c", "A"]), "c:\r\n  B: 1\r\n");
        assert_eq!(without("c:\n  A: 1\n  B: \"x\n    y\"", &["c", "B"]), "c:\n  A: 1\n");
        assert_eq!(remove(FileId(0), text, &["c", "A"]).unwrap().comment.as_deref(), Some("# old"));
        assert_eq!(remove(FileId(0), text, &["c", "B"]).unwrap().comment, None);
    }

    #[test]
    fn the_only_entry_leaves_an_empty_mapping() {
        assert_eq!(without("c:\n  A: x\nz: 1\n", &["c", "A"]), "c:\n  {}\nz: 1\n");
        assert_eq!(without("c: {A: x}\n", &["c", "A"]), "c: {}\n");
        assert_eq!(without("c:\n  A: x\nz: 1\n", &["c"]), "z: 1\n");
    }

    #[test]
    fn an_entry_of_a_flow_mapping_goes_with_its_comma() {
        assert_eq!(without("c: { A: x, B: y }\n", &["c", "A"]), "c: { B: y }\n");
        assert_eq!(without("c: { A: x, B: y }\n", &["c", "B"]), "c: { A: x }\n");
        assert_eq!(without("c: {\n  A: x,\n  B: y,\n}\n", &["c", "B"]), "c: {\n  A: x,\n}\n");
        assert_eq!(without("c: {\r\n  A: x,\r\n  B: y\r\n}\r\n", &["c", "A"]), "c: {\r\n  B: y\r\n}\r\n");
    }

    #[test]
    fn what_is_shared_or_missing_is_left() {
        for (text, path) in [
            ("a: &x 1\nb: *x\n", "a"),
            ("a: &x 1\nb: *x\n", "b"),
            ("a: 1\n", "b"),
            ("x: &x {a: 1}\n<<: *x\nb: 1\n", "a"),
            ("a: [\n", "a"),
        ] {
            assert!(remove(FileId(0), text, &[path]).is_err(), "{text}");
        }
    }
}
