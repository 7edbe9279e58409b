//! The composer: it turns a parser's events into nodes, with anchors, aliases and merge keys resolved
//! within a budget.

use std::collections::HashMap;
use std::sync::Arc;

use granit_parser::{Event, ScalarStyle, Tag};
use indexmap::map::Entry as Slot;

use super::core_schema::{CoreTag, resolve};
use super::diagnostic::Diagnostics;
use super::extent::{Braces, Extent};
use super::fault::{BadKey, Fault};
use super::node::{Entry, Kind, Map, Node, Scalar, ScalarType, Style};
use super::span::{FileId, Span};
use super::yaml::Limits;

/// What became of a text.
#[derive(Debug, Default)]
pub struct Composed {
    /// The documents.
    pub documents: Vec<Node>,
    /// Values that are written in the text but not part of a document: second values of a key, values of
    /// what isn't a key, merged values that lost. They still mustn't be shown.
    pub dropped: Vec<Node>,
}

/// The state between two events.
pub struct Composer<'a> {
    extent: Extent<'a>,
    limits: &'a Limits,
    faults: &'a mut Diagnostics,
    composed: Composed,
    stack: Vec<Frame>,
    anchors: HashMap<usize, Anchored>,
    nodes: usize,
    copies: usize,
    met_braces: bool,
}

/// A collection that is still open.
struct Frame {
    content: Content,
    start: u32,
    /// Where its last child ends.
    end: u32,
    anchor: usize,
    size: usize,
    height: usize,
}

enum Content {
    List(Vec<Node>),
    Map { entries: Map, key: Option<Key>, merge: Option<(Span, Node)> },
}

/// A key that waits for its value.
enum Key {
    Text(Arc<str>, Span),
    Merge(Span),
    Bad(Span),
}

/// A complete node with what its parent has to know.
struct Piece {
    node: Node,
    /// Where it is written; for an alias, the alias.
    at: Span,
    /// Whether it is a plain scalar without a tag, written here.
    is_bare: bool,
    size: usize,
    height: usize,
}

struct Anchored {
    node: Node,
    size: usize,
    height: usize,
}

impl<'a> Composer<'a> {
    /// A composer for the events of `text`. `faults` takes those after which it goes on.
    pub fn new(file: FileId, text: &'a str, limits: &'a Limits, faults: &'a mut Diagnostics) -> Self {
        Composer {
            extent: Extent::new(file, text),
            limits,
            faults,
            composed: Composed::default(),
            stack: Vec::new(),
            anchors: HashMap::new(),
            nodes: 0,
            copies: 0,
            met_braces: false,
        }
    }

    /// Whether a mapping that was meant as `{{ … }}` stood where a key should be.
    pub fn met_braces(&self) -> bool {
        self.met_braces
    }

    /// The documents. To be called after the last event.
    pub fn finish(self) -> Composed {
        self.composed
    }

    /// Takes the next event. An error is one after which there is no going on.
    pub fn take(&mut self, event: Event<'_>, at: &granit_parser::Span) -> Result<(), Fault> {
        let piece = match event {
            Event::DocumentStart(explicit, _) => {
                self.anchors.clear();
                self.extent.document(at, explicit);
                return Ok(());
            }
            Event::DocumentEnd => {
                self.extent.passed(at);
                return Ok(());
            }
            Event::SequenceStart(_, anchor, tag) => {
                return self.open(Content::List(Vec::new()), anchor, tag.as_deref(), at);
            }
            Event::MappingStart(_, anchor, tag) => {
                let content = Content::Map { entries: Map::new(), key: None, merge: None };
                return self.open(content, anchor, tag.as_deref(), at);
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(at)?,
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(&text, style, anchor, tag.as_deref(), at)?
            }
            Event::Alias(anchor) => self.alias(anchor, at)?,
            // Of the other events none is a node, but for unresolved aliases, which are off.
            _ => return Ok(()),
        };
        self.place(piece);
        Ok(())
    }

    fn open(
        &mut self,
        content: Content,
        anchor: usize,
        tag: Option<&Tag>,
        at: &granit_parser::Span,
    ) -> Result<(), Fault> {
        let key = self.last_key();
        let span = self.extent.opened(at, key.filter(|_| matches!(content, Content::List(_))));
        self.count(span, 0)?;
        let own = if matches!(content, Content::List(_)) { CoreTag::Seq } else { CoreTag::Map };
        if let Some(tag) = self.core_tag(tag, at, span)
            && tag != own
        {
            self.faults.push(Fault::TagMismatch { at: span, tag });
        }
        self.stack.push(Frame { content, start: span.start, end: span.start, anchor, size: 1, height: 0 });
        Ok(())
    }

    fn close(&mut self, at: &granit_parser::Span) -> Result<Piece, Fault> {
        let frame = self.stack.pop().expect("the parser closes only what it has opened");
        let span = self.extent.closed(frame.start, frame.end, at);
        let kind = match frame.content {
            Content::List(items) => Kind::List(items),
            Content::Map { mut entries, merge, .. } => {
                if let Some((_, source)) = merge {
                    self.merge(&mut entries, source);
                }
                Kind::Map(entries)
            }
        };
        let node = Node { kind, span, alias: None, anchored: frame.anchor != 0 };
        let piece = Piece { node, at: span, is_bare: false, size: frame.size, height: frame.height + 1 };
        self.remember(frame.anchor, &piece)?;
        Ok(piece)
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        at: &granit_parser::Span,
    ) -> Result<Piece, Fault> {
        let style = match style {
            ScalarStyle::SingleQuoted => Style::Single,
            ScalarStyle::DoubleQuoted => Style::Double,
            ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
            _ => Style::Plain,
        };
        let span = self.extent.scalar(at, style, self.last_key());
        self.count(span, 0)?;
        // The parser says `~` where nothing is written.
        let text = if style == Style::Plain && span.start == span.end { "" } else { text };
        let untagged = if style == Style::Plain { resolve(text) } else { ScalarType::Text };
        let ty = match self.core_tag(tag, at, span) {
            None => untagged,
            Some(tag) => tag.apply(text).unwrap_or_else(|| {
                self.faults.push(Fault::TagMismatch { at: span, tag });
                ScalarType::Text
            }),
        };
        let is_bare = style == Style::Plain && tag.is_none();
        let scalar = Scalar { text: Arc::from(text), style, ty };
        let node = Node { kind: Kind::Scalar(scalar), span, alias: None, anchored: anchor != 0 };
        let piece = Piece { node, at: span, is_bare, size: 1, height: 1 };
        self.remember(anchor, &piece)?;
        Ok(piece)
    }

    fn alias(&mut self, anchor: usize, at: &granit_parser::Span) -> Result<Piece, Fault> {
        let span = self.extent.passed(at);
        let Some(target) = self.anchors.get(&anchor) else {
            return Err(Fault::RecursiveAlias { at: span });
        };
        let (size, height) = (target.size, target.height);
        self.copies = self.copies.saturating_add(size);
        if self.copies > self.limits.copies {
            return Err(Fault::AliasBudget { at: span, limit: self.limits.copies });
        }
        let node = Node { alias: Some(span), ..target.node.clone() };
        self.count(span, height - 1)?;
        Ok(Piece { node, at: span, is_bare: false, size, height })
    }

    /// Holds a node that lies `below` levels above its own deepest one to the limits.
    fn count(&mut self, at: Span, below: usize) -> Result<(), Fault> {
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            return Err(Fault::TooManyNodes { at, limit: self.limits.nodes });
        }
        if self.stack.len() + below > self.limits.depth {
            return Err(Fault::TooDeep { at, limit: self.limits.depth });
        }
        Ok(())
    }

    /// Keeps a copy for the aliases of an anchor. The copy counts: nested anchors copy their insides
    /// once a level.
    fn remember(&mut self, anchor: usize, piece: &Piece) -> Result<(), Fault> {
        if anchor == 0 {
            return Ok(());
        }
        self.copies = self.copies.saturating_add(piece.size);
        if self.copies > self.limits.copies {
            return Err(Fault::AliasBudget { at: piece.at, limit: self.limits.copies });
        }
        let anchored = Anchored { node: piece.node.clone(), size: piece.size, height: piece.height };
        self.anchors.insert(anchor, anchored);
        Ok(())
    }

    fn core_tag(&mut self, tag: Option<&Tag>, at: &granit_parser::Span, node: Span) -> Option<CoreTag> {
        let tag = tag?;
        let core = tag.core_suffix().and_then(CoreTag::from_suffix);
        if core.is_none() {
            let place = self.extent.tag(at).unwrap_or(node);
            self.faults.push(Fault::ForeignTag { at: place });
        }
        core
    }

    /// The end of the key that waits for a value.
    fn last_key(&self) -> Option<u32> {
        match &self.stack.last()?.content {
            Content::Map { key: Some(Key::Text(_, span) | Key::Merge(span) | Key::Bad(span)), .. } => {
                Some(span.end)
            }
            _ => None,
        }
    }

    /// Puts a node where it belongs: into its list, beside its key, or among the documents.
    fn place(&mut self, piece: Piece) {
        let Some(frame) = self.stack.last_mut() else {
            self.composed.documents.push(piece.node);
            return;
        };
        frame.start = frame.start.min(piece.at.start);
        frame.end = frame.end.max(piece.at.end);
        frame.size = frame.size.saturating_add(piece.size);
        frame.height = frame.height.max(piece.height);
        let (entries, waiting, merge) = match &mut frame.content {
            Content::List(items) => {
                items.push(piece.node);
                return;
            }
            Content::Map { entries, key, merge } => (entries, key, merge),
        };
        let refused = match waiting.take() {
            None => {
                *waiting = Some(match key_of(&piece, &self.extent) {
                    Ok(key) => key,
                    Err(fault) => {
                        self.met_braces |= matches!(fault, Some(Fault::BadKey { found: BadKey::Braces, .. }));
                        fault.into_iter().for_each(|fault| self.faults.push(fault));
                        self.composed.dropped.push(piece.node);
                        Key::Bad(piece.at)
                    }
                });
                return;
            }
            Some(Key::Bad(_)) => None,
            Some(Key::Merge(at)) => match merge {
                None => {
                    *merge = Some((at, piece.node));
                    return;
                }
                Some((first, _)) => Some(Fault::DuplicateKey { at, first: *first, key: Arc::from("<<") }),
            },
            Some(Key::Text(text, at)) => match entries.entry(text) {
                Slot::Vacant(slot) => {
                    slot.insert(Entry { key: at, value: piece.node });
                    return;
                }
                Slot::Occupied(slot) => {
                    let (first, key) = (slot.get().key, Arc::clone(slot.key()));
                    Some(Fault::DuplicateKey { at, first, key })
                }
            },
        };
        if let Some(fault) = refused {
            self.faults.push(fault);
        }
        self.composed.dropped.push(piece.node);
    }

    /// Brings in what a merge key names: own entries win, then earlier sources.
    fn merge(&mut self, entries: &mut Map, source: Node) {
        let outer = source.alias;
        let at = source.place();
        let sources = match source.kind {
            Kind::Map(_) => vec![source],
            Kind::List(items) => items,
            Kind::Scalar(ref scalar) => {
                self.faults.push(Fault::BadMerge { at, found: scalar.ty.describe() });
                self.composed.dropped.push(source);
                return;
            }
        };
        for source in sources {
            let alias = outer.or(source.alias);
            let Kind::Map(map) = source.kind else {
                self.faults.push(Fault::BadMerge { at: source.place(), found: source.describe() });
                self.composed.dropped.push(source);
                continue;
            };
            for (key, mut entry) in map {
                match entries.entry(key) {
                    Slot::Vacant(slot) => {
                        entry.value.alias = alias.or(entry.value.alias);
                        slot.insert(entry);
                    }
                    // What an alias brings stands in the text elsewhere too, as part of a document.
                    Slot::Occupied(_) if alias.is_some() => {}
                    Slot::Occupied(_) => self.composed.dropped.push(entry.value),
                }
            }
        }
    }
}

/// What a node is as a key. The error has no fault when an inner node already had it.
fn key_of(piece: &Piece, extent: &Extent<'_>) -> Result<Key, Option<Fault>> {
    let found = match &piece.node.kind {
        Kind::Scalar(scalar) if piece.is_bare && &*scalar.text == "<<" => return Ok(Key::Merge(piece.at)),
        Kind::Scalar(scalar) if scalar.ty != ScalarType::Null => {
            return Ok(Key::Text(Arc::clone(&scalar.text), piece.at));
        }
        Kind::Scalar(_) => BadKey::Null,
        Kind::List(_) => BadKey::List,
        Kind::Map(_) => match extent.braces(piece.at) {
            Braces::Inner(at) => return Err(Some(Fault::BadKey { at, found: BadKey::Braces })),
            Braces::Outer => return Err(None),
            Braces::None => BadKey::Map,
        },
    };
    Err(Some(Fault::BadKey { at: piece.at, found }))
}

#[cfg(test)]
mod tests {
    use crate::source::diagnostic::Diagnostics;
    use crate::source::node::Node;
    use crate::source::span::{FileId, Span};
    use crate::source::yaml::{Limits, parse};

    fn document(text: &str) -> Node {
        let mut faults = Diagnostics::default();
        let documents = parse(FileId(0), text, &Limits::default(), &mut faults);
        assert!(faults.is_empty(), "{faults:?}");
        documents.unwrap().remove(0)
    }

    fn text_of<'a>(node: &'a Node, path: &[&str]) -> &'a str {
        let node = path.iter().fold(node, |node, key| node.get(key).unwrap());
        node.as_text().unwrap()
    }

    fn slice(text: &str, span: Option<Span>) -> &str {
        span.map_or("", |span| &text[span.range()])
    }

    #[test]
    fn an_alias_brings_the_anchored_node_and_says_so() {
        let text = "a: &x {b: 1}\nc: *x\nd: [*x]\n";
        let node = document(text);
        let (a, c) = (node.get("a").unwrap(), node.get("c").unwrap());
        assert!(a.anchored && a.alias.is_none());
        assert_eq!(slice(text, c.alias), "*x");
        assert_eq!(c.span, a.span);
        assert_eq!(text_of(c, &["b"]), "1");
        assert_eq!(c.get("b").unwrap().place(), a.get("b").unwrap().span);
        assert_eq!(slice(text, node.get("d").unwrap().as_list().unwrap()[0].alias), "*x");
    }

    #[test]
    fn an_anchor_name_may_be_used_again_and_a_key_may_be_an_alias() {
        let node = document("a: &x 1\nb: *x\nc: &x 2\nd: *x\n? *x\n: e\n");
        assert_eq!(text_of(&node, &["b"]), "1");
        assert_eq!(text_of(&node, &["d"]), "2");
        assert_eq!(text_of(&node, &["2"]), "e");
    }

    #[test]
    fn own_entries_win_over_merged_ones_and_earlier_sources_over_later() {
        let text =
            "x: &x {a: x, b: x}\ny: &y {a: y, b: y, c: y}\nz:\n  b: own\n  <<: [*x, *y, {c: in, d: in}]\n";
        let node = document(text);
        let z = node.get("z").unwrap();
        let found = ["a", "b", "c", "d"].map(|key| text_of(z, &[key]));
        assert_eq!(found, ["x", "own", "y", "in"]);
        assert_eq!(slice(text, z.get("a").unwrap().alias), "*x");
        assert_eq!(slice(text, z.get("c").unwrap().alias), "*y");
        assert_eq!(z.get("b").unwrap().alias.or(z.get("d").unwrap().alias), None);
        assert_eq!(z.as_map().unwrap().len(), 4);
    }

    #[test]
    fn merges_reach_through_merges() {
        let text = "x: &x {a: 1}\ny: &y {<<: *x, b: 2}\nz: {<<: *y}\nl: &l [*x, *y]\nm: {<<: *l}\n";
        let node = document(text);
        assert_eq!(text_of(&node, &["z", "a"]), "1");
        assert_eq!(slice(text, node.get("z").unwrap().get("a").unwrap().alias), "*y");
        assert_eq!(text_of(&node, &["m", "b"]), "2");
        assert_eq!(slice(text, node.get("m").unwrap().get("a").unwrap().alias), "*l");
    }

    #[test]
    fn only_a_bare_merge_key_merges() {
        for text in ["{'<<': {a: 1}}", "{!!str <<: {a: 1}}"] {
            assert_eq!(text_of(&document(text), &["<<", "a"]), "1");
        }
        assert_eq!(text_of(&document("{? &k '<<' : x, y: {*k : {a: 1}}}"), &["y", "<<", "a"]), "1");
    }

    #[test]
    fn merging_what_is_not_a_mapping_is_refused() {
        for text in ["{<<: 1}", "{<<: [1]}", "{<<: }", "{<<: [[{a: 1}]]}"] {
            let mut faults = Diagnostics::default();
            assert!(parse(FileId(0), text, &Limits::default(), &mut faults).is_some());
            assert_eq!(faults.sorted()[0].code, "yaml-bad-key", "{text}");
        }
    }

    #[test]
    fn many_entries_merge_within_the_budget() {
        let many: String = (0..40_000).map(|i| format!("  k{i}: v\n")).collect();
        let node = document(&format!("x: &x\n{many}y:\n  <<: *x\n{}", many.replace("k39999", "own")));
        assert_eq!(node.get("y").unwrap().as_map().unwrap().len(), 40_001);
    }
}
