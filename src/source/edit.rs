//! Editing by span: a text is changed at one place, and every other byte stays as its author left it.

use std::ops::Range;

use super::addition::{Addition, Edits, after_key, unquoted_if_safe};
use super::diagnostic::{Diagnostic, Diagnostics, Severity};
use super::node::{Kind, Map, Node, Scalar, ScalarType, Style};
use super::span::{FileId, Span};
use super::yaml::{Limits, parse};
use super::yaml_writer::double_quoted;

/// Why a text can't be edited; it is left as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditError {
    /// The text isn't sound YAML to begin with.
    Unreadable(Box<Diagnostic>),
    /// It has more than one document.
    SeveralDocuments {
        /// The second one.
        second: Span,
    },
    /// The value, or a mapping around it, comes through an alias or a merge key.
    Aliased {
        /// The alias.
        alias: Span,
    },
    /// The value, or a mapping around it, carries an anchor.
    Anchored {
        /// The anchored node.
        at: Span,
    },
    /// A list or mapping stands where the scalar should be.
    NotAScalar {
        /// The node.
        at: Span,
        /// What it is.
        found: &'static str,
    },
    /// A scalar or list stands where a mapping should be.
    NotAMapping {
        /// The node.
        at: Span,
        /// What it is.
        found: &'static str,
    },
    /// The edited text wouldn't be the old one with just that value changed.
    Unverified {
        /// The node at which it was tried.
        at: Span,
    },
}

/// Sets the scalar at a path of keys to a string, and returns the new text. The key of an item of a list is its
/// number, from 0, as in a JSON pointer.
///
/// A scalar that exists keeps its quoting where that can carry the value; a missing one is added after
/// the last entry of its mapping, with missing parents. The result is parsed again: its tree differs from
/// the old one in that value alone.
pub fn set_scalar(file: FileId, text: &str, path: &[&str], value: &str) -> Result<String, EditError> {
    let before = document(file, text)?;
    let (edits, at) = match &before {
        Some(root) => plan(text, root, path, value)?,
        None if path.is_empty() => return Err(EditError::Unverified { at: Span::new(file, 0, 0) }),
        None => (Addition { text, keys: path, value }.at_end(), Span::new(file, 0, 0)),
    };
    let edited = splice(text, edits);
    let unverified = EditError::Unverified { at };
    match document(file, &edited) {
        Ok(Some(after)) if differs_only_at(before.as_ref(), &after, path, value) => Ok(edited),
        _ => Err(unverified),
    }
}

pub(super) fn document(file: FileId, text: &str) -> Result<Option<Node>, EditError> {
    let mut faults = Diagnostics::default();
    let documents = parse(file, text, &Limits::default(), &mut faults).unwrap_or_default();
    let error = faults.sorted().into_iter().find(|fault| fault.severity == Severity::Error);
    if let Some(error) = error {
        return Err(EditError::Unreadable(Box::new(error)));
    }
    if let Some(second) = documents.get(1) {
        return Err(EditError::SeveralDocuments { second: second.span });
    }
    Ok(documents.into_iter().next())
}

/// Follows the path as far as it goes and plans the edit there. The span says where that is.
fn plan(text: &str, root: &Node, path: &[&str], value: &str) -> Result<(Edits, Span), EditError> {
    let mut node = root;
    let mut parent_key = None;
    let mut in_flow = false;
    for (depth, key) in path.iter().enumerate() {
        refuse_shared(node)?;
        let addition = Addition { text, keys: &path[depth..], value };
        let written = &text[node.span.range()];
        let map = match &node.kind {
            Kind::Map(map) if in_flow || !is_bare_pair(written) => map,
            Kind::List(items) => match item(items, key) {
                Some(item) => {
                    in_flow |= written.starts_with('[');
                    parent_key = None;
                    node = item;
                    continue;
                }
                None => return Err(EditError::NotAMapping { at: node.span, found: node.describe() }),
            },
            Kind::Scalar(_) if !node.is_null() => {
                return Err(EditError::NotAMapping { at: node.span, found: node.describe() });
            }
            _ => {
                let edits = match parent_key {
                    _ if in_flow => addition.instead_in_flow(node),
                    Some(key) => addition.instead_below(node, key),
                    None => addition.instead_of_root(node),
                };
                return Ok((edits, node.span));
            }
        };
        in_flow |= written.starts_with('{');
        let Some(entry) = map.get(*key) else {
            let edits = if in_flow { addition.in_flow(node, map) } else { addition.in_block(node) };
            return Ok((edits, node.span));
        };
        parent_key = Some(entry.key.start as usize);
        node = &entry.value;
    }
    refuse_shared(node)?;
    match &node.kind {
        Kind::Scalar(scalar) => Ok((vec![replace(text, node, scalar, value, in_flow)], node.span)),
        _ => Err(EditError::NotAScalar { at: node.span, found: node.describe() }),
    }
}

/// The item of a list that a step of a path names.
fn item<'n>(items: &'n [Node], key: &str) -> Option<&'n Node> {
    items.get(key.parse::<usize>().ok().filter(|number| number.to_string() == key)?)
}

/// Whether a mapping is written as `{}` and nothing else, so that it can give way to a block mapping.
fn is_bare_pair(written: &str) -> bool {
    let inside = written.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    inside.is_some_and(|inside| inside.trim_matches(' ').is_empty())
}

pub(super) fn refuse_shared(node: &Node) -> Result<(), EditError> {
    if let Some(alias) = node.alias {
        return Err(EditError::Aliased { alias });
    }
    if node.anchored {
        return Err(EditError::Anchored { at: node.span });
    }
    Ok(())
}

/// Puts the value in place of a scalar, in its quoting where that can carry it.
fn replace(text: &str, node: &Node, scalar: &Scalar, value: &str, in_flow: bool) -> (Range<usize>, String) {
    let range = node.span.range();
    let new = match scalar.style {
        Style::Double => double_quoted(value),
        Style::Single if needs_no_escape(value) => format!("'{}'", value.replace('\'', "''")),
        Style::Single => double_quoted(value),
        Style::Plain => unquoted_if_safe(value, in_flow),
        Style::Block => {
            // A comment behind the indicator belongs to the entry.
            let header = text[range.clone()].lines().next().unwrap_or_default();
            let comment = header.find(char::is_whitespace).map_or("", |at| header[at..].trim_end());
            format!("{}{comment}", unquoted_if_safe(value, in_flow))
        }
    };
    let new = if range.is_empty() { after_key(text, node, &new) } else { new };
    (range, new)
}

fn needs_no_escape(value: &str) -> bool {
    value.chars().all(|c| {
        !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}')
    })
}

pub(super) fn splice(text: &str, edits: Edits) -> String {
    let mut edited = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for (range, new) in edits {
        edited.push_str(&text[at..range.start]);
        edited.push_str(&new);
        at = range.end;
    }
    edited.push_str(&text[at..]);
    edited
}

/// Whether `new` is `old` with the string at `path` set, and nothing else.
fn differs_only_at(old: Option<&Node>, new: &Node, path: &[&str], value: &str) -> bool {
    let Some((key, rest)) = path.split_first() else {
        return new.as_scalar().is_some_and(|scalar| &*scalar.text == value && scalar.ty == ScalarType::Text);
    };
    if let (Some(before), Some(after)) = (old.and_then(Node::as_list), new.as_list()) {
        let same = |number: usize| is_same(&before[number], &after[number]);
        return before.len() == after.len()
            && (0..before.len()).filter(|number| number.to_string() != *key).all(same)
            && item(before, key)
                .zip(item(after, key))
                .is_some_and(|(old, new)| differs_only_at(Some(old), new, rest, value));
    }
    let Some(map) = new.as_map() else { return false };
    let none = Map::new();
    let before = old.and_then(Node::as_map).unwrap_or(&none);
    let old_value = before.get(*key).map(|entry| &entry.value);
    let others_are_same = before
        .iter()
        .filter(|(name, _)| &***name != *key)
        .all(|(name, entry)| map.get(name).is_some_and(|found| is_same(&entry.value, &found.value)));
    others_are_same
        && map.len() == before.len() + usize::from(old_value.is_none())
        && map.get(*key).is_some_and(|found| differs_only_at(old_value, &found.value, rest, value))
}

pub(super) fn is_same(a: &Node, b: &Node) -> bool {
    match (&a.kind, &b.kind) {
        (Kind::Scalar(a), Kind::Scalar(b)) => a == b,
        (Kind::List(a), Kind::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b)),
        (Kind::Map(a), Kind::Map(b)) => {
            a.len() == b.len()
                && a.iter().zip(b).all(|((key, a), (other, b))| key == other && is_same(&a.value, &b.value))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Strategy, any, proptest};

    use super::{EditError, set_scalar};
    use crate::source::diagnostic::Diagnostic;
    use crate::source::span::FileId;

    fn edited(text: &str, path: &[&str], value: &str) -> String {
        set_scalar(FileId(0), text, path, value).unwrap_or_else(|error| panic!("{error:?} in {text:?}"))
    }

    fn refused(text: &str, path: &[&str]) -> EditError {
        set_scalar(FileId(0), text, path, "new").unwrap_err()
    }

    #[test]
    fn an_existing_scalar_keeps_its_quoting_and_its_surroundings() {
        let text = "---\r\n# é\r\na: 'old'   # keep\r\n\r\nb:   \"old\"\r\nc: old # ü\r\nd: {e: old, f: [1, 2]} # g\r\n";
        let with = |from: &str, to: &str| text.replacen(from, to, 1);
        assert_eq!(edited(text, &["a"], "it's"), with("'old'", "'it''s'"));
        assert_eq!(edited(text, &["a"], "x\ny"), with("'old'", "\"x\\ny\""));
        assert_eq!(edited(text, &["b"], "q\"\\"), with("\"old\"", "\"q\\\"\\\\\""));
        assert_eq!(edited(text, &["c"], "new"), with("c: old", "c: new"));
        assert_eq!(edited(text, &["c"], "a: b #c"), with("c: old", "c: \"a: b #c\""));
        assert_eq!(edited(text, &["d", "e"], "x, y"), with("e: old", "e: \"x, y\""));
        assert_eq!(edited(text, &["d", "e"], "new"), with("e: old", "e: new"));
    }

    #[test]
    fn the_value_is_a_string_whatever_it_looks_like() {
        for value in
            ["1.10", "yes", "NO", "null", "", "~", "0123", "2001-01-01", "[x]", "*a", " x ", "\t", "<<"]
        {
            assert_eq!(
                edited("a: 1.10 # c\n", &["a"], value),
                format!("a: {} # c\n", super::double_quoted(value))
            );
        }
    }

    #[test]
    fn a_block_scalar_gives_way_to_one_line_and_keeps_its_comment() {
        let text = "a:\n  b: |- # note\n    one\n    two\n\n  # next\n  c: 1\n";
        assert_eq!(edited(text, &["a", "b"], "new"), "a:\n  b: new # note\n\n  # next\n  c: 1\n");
        assert_eq!(edited("a: >\r\n  x\r\nb: 1\r\n", &["a"], "k: m"), "a: \"k: m\"\r\nb: 1\r\n");
        assert_eq!(edited("a: |\n  x", &["a"], "new"), "a: new");
    }

    #[test]
    fn a_scalar_of_several_lines_is_replaced_whole() {
        assert_eq!(edited("a: x\n  y # c\nb: 1\n", &["a"], "new"), "a: new # c\nb: 1\n");
        assert_eq!(edited("a: \"x\n  y\" # c\nb: 1\n", &["a"], "new"), "a: \"new\" # c\nb: 1\n");
    }

    #[test]
    fn a_value_that_is_not_written_is_written_after_the_colon() {
        assert_eq!(edited("a: # c\nb: 1\n", &["a"], "new"), "a: new # c\nb: 1\n");
        assert_eq!(edited("a:", &["a"], "new"), "a: new");
        assert_eq!(edited("a: ~ # c\n", &["a"], "new"), "a: new # c\n");
        assert_eq!(edited("{a: , b}", &["a"], "new"), "{a: new , b}");
        assert_eq!(edited("{a: , b}", &["b"], "new"), "{a: , b: new}");
        assert!(matches!(refused("? a\n", &["a"]), EditError::Unverified { .. }));
    }

    #[test]
    fn a_long_ciphertext_stays_on_one_line() {
        let value = format!("ENC[AGE,{}]", "Ab/+".repeat(150));
        assert_eq!(edited("s:\n  K: x\n", &["s", "K"], &value), format!("s:\n  K: {value}\n"));
        assert_eq!(edited("s:\n  K: x\n", &["s", "L"], &value), format!("s:\n  K: x\n  L: {value}\n"));
        assert_eq!(edited("s: {K: x}\n", &["s", "K"], &value), format!("s: {{K: \"{value}\"}}\n"));
    }

    #[test]
    fn what_is_shared_is_refused_with_its_place() {
        let text = "a: &x {b: &y 1}\nc: *x\nd: {<<: *x}\ne: {f: *y}\n";
        let place = |path: &[&str]| match refused(text, path) {
            EditError::Aliased { alias: at } | EditError::Anchored { at } => &text[at.range()],
            other => panic!("{other:?}"),
        };
        assert_eq!(place(&["a", "b"]), "{b: &y 1}");
        assert_eq!(place(&["c", "b"]), "*x");
        assert_eq!(place(&["c", "k"]), "*x");
        assert_eq!(place(&["d", "b"]), "*x");
        assert_eq!(place(&["e", "f"]), "*y");
        assert!(matches!(refused("a: &x\n", &["a"]), EditError::Anchored { .. }));
    }

    #[test]
    fn what_cannot_be_edited_is_refused() {
        assert!(matches!(refused("a: {b: 1}\n", &["a"]), EditError::NotAScalar { found: "a mapping", .. }));
        assert!(matches!(refused("a: [1]\n", &["a"]), EditError::NotAScalar { found: "a list", .. }));
        assert!(matches!(refused("a: [1]\n", &["a", "b"]), EditError::NotAMapping { .. }));
        assert!(matches!(refused("a: 1\n", &["a", "b"]), EditError::NotAMapping { .. }));
        assert!(matches!(refused("a: 1\n---\nb: 1\n", &["a"]), EditError::SeveralDocuments { .. }));
        assert!(matches!(refused("a: 1\na: 2\n", &["a"]), EditError::Unreadable(_)));
        assert!(matches!(refused("a: !!int 5\n", &["a"]), EditError::Unverified { .. }));
        assert!(matches!(refused("", &[]), EditError::Unverified { .. }));
        assert_eq!(Diagnostic::from(refused("a: [\n", &["a"])).code, "yaml-syntax");
        assert_eq!(Diagnostic::from(refused("a: 1\n---\n", &["a"])).code, "yaml-edit");
    }

    #[test]
    fn tabs_between_tokens_stay() {
        assert_eq!(edited("a:\told\t# c\n", &["a"], "new"), "a:\tnew\t# c\n");
        assert_eq!(edited("a:\t{}\t# c\n", &["a", "b"], "new"), "a:\t# c\n  b: new\n");
    }

    const REAL: &str = "# top\nname: shop # é\nsecrets:\n  A: 'x'\n  # c\n  B: |+\n    one\n\n\nlist:\n- {a: 1, b: }\n- c\noverrides: {secrets: {}, x: ~}\nlast: >-\n  t";

    fn paths() -> impl Strategy<Value = Vec<&'static str>> {
        proptest::sample::select(vec![
            vec!["name"],
            vec!["secrets", "A"],
            vec!["secrets", "B"],
            vec!["secrets", "N", "M"],
            vec!["overrides", "secrets", "N"],
            vec!["overrides", "x"],
            vec!["overrides", "x", "y"],
            vec!["last"],
            vec!["new", "er"],
        ])
    }

    proptest! {
        #[test]
        fn any_value_can_be_set_anywhere(value in any::<String>(), path in paths(), crlf in any::<bool>()) {
            let text = if crlf { REAL.replace('\n', "\r\n") } else { REAL.to_owned() };
            let once = edited(&text, &path, &value);
            // Setting it again changes nothing.
            assert_eq!(edited(&once, &path, &value), once);
        }

        #[test]
        fn any_text_is_edited_or_refused(text in any::<String>(), path in paths()) {
            let _ = set_scalar(FileId(0), &text, &path, "v");
        }

        #[test]
        fn a_cut_file_is_edited_or_refused(at in 0..REAL.len(), path in paths()) {
            if let Some(text) = REAL.get(at..) {
                let _ = set_scalar(FileId(0), text, &path, "v");
            }
            if let Some(text) = REAL.get(..at) {
                let _ = set_scalar(FileId(0), text, &path, "v");
            }
        }
    }
}
