//! Where the keys and scalars of a file's trees stand, so that a place in the text can be told from a comment.

use std::ops::Range;

use crate::source::node::{Kind, Node, Style};

/// What a region is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region {
    /// A key.
    Key,
    /// A scalar.
    Scalar,
    /// A scalar that speaks to people: a description, a message.
    Prose,
}

/// All regions of a file, in order.
#[derive(Debug, Default)]
pub struct Regions(Vec<(Range<usize>, Region)>);

impl Regions {
    /// The regions of trees.
    pub fn of(text: &str, documents: &[Node]) -> Regions {
        let mut list = Vec::new();
        documents.iter().for_each(|node| collect(text, node, Region::Scalar, &mut list));
        list.sort_unstable_by_key(|(range, _)| range.start);
        Regions(list)
    }

    /// The region that holds a byte; `None` in a comment, and between scalars.
    pub fn at(&self, byte: usize) -> Option<(Range<usize>, Region)> {
        let next = self.0.partition_point(|(range, _)| range.start <= byte);
        let (range, region) = self.0.get(next.checked_sub(1)?)?;
        range.contains(&byte).then(|| (range.clone(), *region))
    }
}

fn collect(text: &str, node: &Node, region: Region, list: &mut Vec<(Range<usize>, Region)>) {
    if node.alias.is_some() {
        return;
    }
    match &node.kind {
        Kind::Scalar(scalar) => list.push((content(text, node.span.range(), scalar.style), region)),
        Kind::List(items) => items.iter().for_each(|item| collect(text, item, region, list)),
        Kind::Map(map) => {
            for (key, entry) in map {
                list.push((entry.key.range(), Region::Key));
                let inner = if is_prose(key) { Region::Prose } else { Region::Scalar };
                collect(text, &entry.value, inner, list);
            }
        }
    }
}

fn is_prose(key: &str) -> bool {
    const KEYS: [&str; 12] = [
        "description",
        "message",
        "summary",
        "title",
        "help",
        "comment",
        "doc",
        "notes",
        "label",
        "tooltip",
        "text",
        "$comment",
    ];
    KEYS.contains(&key) || key.ends_with("/description") || key.ends_with("Description")
}

/// The part of a scalar's range that isn't notation: inside the quotes, below the indicator's line.
pub fn content(text: &str, range: Range<usize>, style: Style) -> Range<usize> {
    let Range { start, end } = range;
    let inner = match style {
        Style::Plain => start..end,
        Style::Single | Style::Double => start + 1..end.saturating_sub(1).max(start + 1),
        Style::Block => {
            let header = text.get(start..end).and_then(|text| text.find('\n')).map_or(end - start, |n| n + 1);
            start + header..end
        }
    };
    let Some(slice) = text.get(inner.clone()) else { return start..end };
    let lead = slice.len() - slice.trim_start().len();
    if style == Style::Block || style == Style::Plain {
        let length = slice.trim().len();
        inner.start + lead..inner.start + lead + length
    } else {
        inner
    }
}
