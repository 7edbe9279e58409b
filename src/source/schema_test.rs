//! Trees for the tests of schemas: written as YAML would be, with a span for every node.

use std::sync::Arc;

use super::files::Files;
use super::node::{Entry, Kind, Map, Node, Scalar, ScalarType, Style};
use super::span::{FileId, Span};

fn node(kind: Kind) -> Node {
    Node { kind, span: Span::new(FileId(0), 0, 0), alias: None, anchored: false }
}

fn scalar(text: &str, style: Style, ty: ScalarType) -> Node {
    node(Kind::Scalar(Scalar { text: text.into(), style, ty }))
}

/// A quoted string.
pub fn text(text: &str) -> Node {
    scalar(text, Style::Double, ScalarType::Text)
}

/// A whole number.
pub fn int(text: &str) -> Node {
    scalar(text, Style::Plain, ScalarType::Int)
}

/// Another number.
pub fn float(text: &str) -> Node {
    scalar(text, Style::Plain, ScalarType::Float)
}

/// A boolean.
pub fn truth(text: &str) -> Node {
    scalar(text, Style::Plain, ScalarType::Bool)
}

/// Null.
pub fn null() -> Node {
    scalar("null", Style::Plain, ScalarType::Null)
}

/// A sequence.
pub fn list<const N: usize>(items: [Node; N]) -> Node {
    node(Kind::List(items.into()))
}

/// A mapping.
pub fn map<'k>(entries: impl IntoIterator<Item = (&'k str, Node)>) -> Node {
    let key = Span::new(FileId(0), 0, 0);
    let entry = |(name, value): (&str, Node)| (Arc::from(name), Entry { key, value });
    node(Kind::Map(entries.into_iter().map(entry).collect::<Map>()))
}

/// Writes a tree as one line of flow YAML, so that each key and value has a span of its own, and
/// returns the tree with those spans and the file.
pub fn placed(mut root: Node) -> (Node, Files) {
    let mut out = String::new();
    place(&mut root, &mut out);
    let mut files = Files::default();
    files.add("x.yaml", out);
    (root, files)
}

fn place(node: &mut Node, out: &mut String) {
    let start = out.len();
    match &mut node.kind {
        Kind::Scalar(scalar) if scalar.style == Style::Plain => out.push_str(&scalar.text),
        Kind::Scalar(scalar) => out.push_str(&format!("{:?}", scalar.text)),
        Kind::List(items) => {
            out.push('[');
            for item in items {
                place(item, out);
                out.push(',');
            }
            out.push(']');
        }
        Kind::Map(map) => {
            out.push('{');
            for (name, entry) in map {
                entry.key = span(out.len(), out.len() + name.len());
                out.push_str(name);
                out.push_str(": ");
                place(&mut entry.value, out);
                out.push(',');
            }
            out.push('}');
        }
    }
    node.span = span(start, out.len());
}

fn span(start: usize, end: usize) -> Span {
    let small = |n: usize| u32::try_from(n).expect("tests are small");
    Span::new(FileId(0), small(start), small(end))
}
