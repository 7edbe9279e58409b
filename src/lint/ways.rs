//! The ways through a file's trees to where something was found.

use std::borrow::Cow;
use std::ops::Range;

use crate::lint::region::content;
use crate::lint::tree::Placed;
use crate::source::json_pointer::pointer_path;
use crate::source::node::{Kind, Node};

/// The way to a scalar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// Where the scalar stands.
    pub range: Range<usize>,
    /// Its RFC 6901 pointer.
    pub path: String,
    /// The last key on the way.
    pub key: Option<String>,
}

/// The ways to all scalars in which something was found, in the order of the text. A value that an alias
/// brings somewhere is where it is anchored.
#[derive(Debug, Default)]
pub struct Ways(Vec<Way>);

impl Ways {
    /// The ways through trees to what was found, which is in order.
    pub fn of(text: &str, documents: &[Node], found: &[Placed]) -> Ways {
        let wanted: Vec<usize> = found.iter().map(|placed| placed.candidate.range.start).collect();
        let mut search = Search { text, wanted, above: Vec::new(), ways: Vec::new() };
        if !found.is_empty() {
            documents.iter().for_each(|node| search.node(node));
        }
        search.ways.sort_unstable_by_key(|way| way.range.start);
        Ways(search.ways)
    }

    /// The way to the scalar that holds a byte.
    pub fn to(&self, byte: usize) -> Option<&Way> {
        let next = self.0.partition_point(|way| way.range.start <= byte);
        self.0.get(next.checked_sub(1)?).filter(|way| way.range.contains(&byte))
    }
}

struct Search<'a> {
    text: &'a str,
    wanted: Vec<usize>,
    /// The steps to where the search is; of items without a name.
    above: Vec<(Cow<'a, str>, bool)>,
    ways: Vec<Way>,
}

impl<'a> Search<'a> {
    fn node(&mut self, node: &'a Node) {
        if node.alias.is_some() {
            return;
        }
        match &node.kind {
            Kind::Scalar(scalar) => {
                let range = content(self.text, node.span.range(), scalar.style);
                let next = self.wanted.partition_point(|at| *at < range.start);
                if self.wanted.get(next).is_some_and(|at| range.contains(at)) {
                    let steps: Vec<&str> = self.above.iter().map(|(step, _)| step.as_ref()).collect();
                    let key =
                        self.above.iter().rev().find(|(_, named)| *named).map(|(key, _)| key.to_string());
                    self.ways.push(Way { range, path: pointer_path(&steps), key });
                }
            }
            Kind::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.step(index.to_string().into(), false, item);
                }
            }
            Kind::Map(map) => {
                map.iter().for_each(|(key, entry)| self.step(Cow::Borrowed(key), true, &entry.value))
            }
        }
    }

    fn step(&mut self, step: Cow<'a, str>, named: bool, node: &'a Node) {
        self.above.push((step, named));
        self.node(node);
        self.above.pop();
    }
}
