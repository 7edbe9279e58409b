//! Adding items to a list of a text by span, in the style of the list.

use std::sync::Arc;

use super::addition::{Edits, column, ends_with_kept_lines, first_line_break, skip};
use super::edit::{EditError, document, is_same, refuse_shared, set_scalar, splice};
use super::node::{Entry, Kind, Node};
use super::span::{FileId, Span};

/// What stands at the place of a list that isn't there yet, while it is made.
const STAND_IN: &str = "list";

/// An item as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its lines in a block list, without the dash and without indentation.
    pub block: Vec<String>,
    /// The same between brackets.
    pub flow: String,
}

/// Adds items to the end of the list at a path of keys, and returns the new text. A list that isn't there is
/// made, with missing parents. All else stays as it is: the result is parsed again to know it.
pub fn append(file: FileId, text: &str, path: &[&str], items: &[Item]) -> Result<String, EditError> {
    let before = document(file, text)?;
    let Some(root) = &before else {
        return match path {
            [] => checked(file, None, splice(text, at_end(text, items)), path, items),
            _ => created(file, text, path, items),
        };
    };
    let mut node = root;
    for key in path {
        refuse_shared(node)?;
        match node.get(key) {
            Some(next) => node = next,
            None => return created(file, text, path, items),
        }
    }
    refuse_shared(node)?;
    let edits = match &node.kind {
        Kind::List(list) if text[node.span.range()].starts_with('[') => {
            if list.is_empty() && path.is_empty() {
                let range = node.span.range();
                vec![(range, lines(items, 0, first_line_break(text)))]
            } else {
                in_flow(text, node, list, items)
            }
        }
        Kind::List(_) => in_block(text, node, items),
        Kind::Scalar(_) if node.is_null() && path.is_empty() => at_end(text, items),
        Kind::Scalar(_) if node.is_null() => return created(file, text, path, items),
        _ => return Err(EditError::Unverified { at: node.span }),
    };
    checked(file, before.as_ref(), splice(text, edits), path, items)
}

/// Makes the list: a value is set where it goes, and gives way to it.
fn created(file: FileId, text: &str, path: &[&str], items: &[Item]) -> Result<String, EditError> {
    let edited = set_scalar(file, text, path, STAND_IN)?;
    let root = document(file, &edited)?;
    let node = root.as_ref().and_then(|root| path.iter().try_fold(root, |node, key| node.get(key)));
    let place = node.map(|node| node.span).ok_or(EditError::Unverified { at: Span::new(file, 0, 0) })?;
    let flow: Vec<&str> = items.iter().map(|item| item.flow.as_str()).collect();
    let edited = splice(&edited, vec![(place.range(), format!("[{}]", flow.join(", ")))]);
    let before = document(file, text)?;
    checked(file, before.as_ref(), edited, path, items)
}

/// Adds them to a block list, after its last item.
fn in_block(text: &str, list: &Node, items: &[Item]) -> Edits {
    let mut end = list.span.end as usize;
    if ends_with_kept_lines(text, list) {
        // The blank lines that follow are part of the last value.
        let rest = &text[end..];
        let blank = &rest[..rest.len() - rest.trim_start().len()];
        end += blank.rfind('\n').unwrap_or(0);
    }
    let line_break = first_line_break(text);
    let indent = column(text, list.span.start as usize);
    let new = lines(items, indent, line_break);
    match text[end..].find('\n').map(|at| end + at + 1) {
        Some(at) => vec![(at..at, new + line_break)],
        None => vec![(text.len()..text.len(), format!("{line_break}{new}"))],
    }
}

fn in_flow(text: &str, node: &Node, list: &[Node], items: &[Item]) -> Edits {
    let range = node.span.range();
    let flow: Vec<&str> = items.iter().map(|item| item.flow.as_str()).collect();
    let flow = flow.join(", ");
    let (place, new) = match list.last().map(|last| last.place().end as usize) {
        None => (range.start + 1, flow),
        Some(last) => {
            let next = skip(text, last, &[' ', '\t', '\r', '\n']);
            let has_comma = text[next..].starts_with(',');
            if has_comma { (next + 1, format!(" {flow}")) } else { (last, format!(", {flow}")) }
        }
    };
    vec![(place..place, new)]
}

/// Adds them to a text that has no content.
fn at_end(text: &str, items: &[Item]) -> Edits {
    let line_break = first_line_break(text);
    let start = if text.is_empty() || text.ends_with('\n') { "" } else { line_break };
    vec![(text.len()..text.len(), format!("{start}{}{line_break}", lines(items, 0, line_break)))]
}

/// The lines of items, without a line break at their end.
fn lines(items: &[Item], indent: usize, line_break: &str) -> String {
    let margin = " ".repeat(indent);
    let written = items.iter().flat_map(|item| {
        let dash = |number: usize| if number == 0 { "- " } else { "  " };
        let margin = &margin;
        item.block.iter().enumerate().map(move |(number, line)| format!("{margin}{}{line}", dash(number)))
    });
    written.collect::<Vec<_>>().join(line_break)
}

/// The edited text, if it differs from the old one by new items at the end of that list alone.
fn checked(
    file: FileId,
    before: Option<&Node>,
    edited: String,
    path: &[&str],
    items: &[Item],
) -> Result<String, EditError> {
    let unverified = EditError::Unverified { at: before.map_or(Span::new(file, 0, 0), |node| node.span) };
    match document(file, &edited) {
        Ok(Some(after)) if has_grown(before, &after, path, items.len()) => Ok(edited),
        _ => Err(unverified),
    }
}

fn has_grown(old: Option<&Node>, new: &Node, path: &[&str], by: usize) -> bool {
    let Some((key, rest)) = path.split_first() else {
        let before = old.and_then(Node::as_list).unwrap_or_default();
        return new.as_list().is_some_and(|after| {
            after.len() == before.len() + by && before.iter().zip(after).all(|(a, b)| is_same(a, b))
        });
    };
    let Some(after) = new.as_map() else { return false };
    let before = old.and_then(Node::as_map);
    let is_kept = |(name, entry): (&Arc<str>, &Entry)| {
        &**name == *key || after.get(name).is_some_and(|found| is_same(&entry.value, &found.value))
    };
    let had = before.is_some_and(|map| map.contains_key(*key));
    before.into_iter().flatten().all(is_kept)
        && after.len() == before.map_or(0, |map| map.len()) + usize::from(!had)
        && after.get(*key).is_some_and(|found| {
            has_grown(before.and_then(|map| map.get(*key)).map(|entry| &entry.value), &found.value, rest, by)
        })
}

#[cfg(test)]
mod tests {
    use super::{Item, append};
    use crate::source::span::FileId;

    fn added(text: &str, path: &[&str]) -> String {
        let item = Item { block: vec!["new".into()], flow: "new".into() };
        append(FileId(0), text, path, &[item]).unwrap_or_else(|error| panic!("{error:?} in {text:?}"))
    }

    #[test]
    fn an_item_comes_after_the_last_one_in_its_style() {
        assert_eq!(added("# c\n- a # b\n\n# end\n", &[]), "# c\n- a # b\n- new\n\n# end\n");
        assert_eq!(added("k:\n  - a: |\n      x\nz: 1", &["k"]), "k:\n  - a: |\n      x\n  - new\nz: 1");
        assert_eq!(added("k:\r\n- a\r\n", &["k"]), "k:\r\n- a\r\n- new\r\n");
        assert_eq!(added("- a", &[]), "- a\n- new");
        assert_eq!(added("k: [a, b] # c\n", &["k"]), "k: [a, b, new] # c\n");
        assert_eq!(added("k: [\n  a,\n]\n", &["k"]), "k: [\n  a, new\n]\n");
        assert_eq!(added("k: []\n", &["k"]), "k: [new]\n");
    }

    #[test]
    fn a_list_that_is_not_there_is_made() {
        assert_eq!(added("", &[]), "- new\n");
        assert_eq!(added("# only this\n", &[]), "# only this\n- new\n");
        assert_eq!(added("[] # c\n", &[]), "- new # c\n");
        assert_eq!(added("a: 1\n", &["d", "i"]), "a: 1\nd:\n  i: [new]\n");
        assert_eq!(added("d: {}\n", &["d", "i"]), "d:\n  i: [new]\n");
        assert_eq!(added("d:\n  i:\n", &["d", "i"]), "d:\n  i: [new]\n");
    }

    #[test]
    fn lines_of_an_item_are_indented_as_the_list_is() {
        let item = Item { block: vec!["a: 1".into(), "b: 2".into()], flow: "{a: 1, b: 2}".into() };
        let edited = append(FileId(0), "k:\n   - a: 0\n", &["k"], &[item.clone(), item]);
        assert_eq!(edited.unwrap(), "k:\n   - a: 0\n   - a: 1\n     b: 2\n   - a: 1\n     b: 2\n");
    }

    #[test]
    fn what_is_shared_or_no_list_is_left() {
        let item = [Item { block: vec!["new".into()], flow: "new".into() }];
        for (text, path) in
            [("a: &x [1]\nb: *x\n", "a"), ("a: &x [1]\nb: *x\n", "b"), ("a: 1\n", "a"), ("a: [\n", "a")]
        {
            assert!(append(FileId(0), text, &[path], &item).is_err(), "{text}");
        }
    }
}
