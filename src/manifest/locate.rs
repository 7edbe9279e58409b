//! Where in a template something of its output comes from. Only runs when there is something to say:
//! each of these renders the template again.

use std::cell::OnceCell;
use std::ops::Range;
use std::sync::Arc;

use minijinja::{Error, OutputSpan, OutputSpanKind};

use super::engine;
use super::pack::Pack;
use super::token::{Part, Token};
use super::view::View;
use crate::source::diagnostic::Diagnostics;
use crate::source::node::{Kind, Node};
use crate::source::span::{FileId, Span};
use crate::source::yaml;

/// A template that was rendered once more, with the place of every part of its output.
pub struct Output<'a> {
    pack: &'a Pack,
    file: FileId,
    text: String,
    spans: Vec<OutputSpan>,
    /// What the text is as YAML, once that was asked for.
    nodes: OnceCell<Vec<Node>>,
}

impl<'a> Output<'a> {
    /// Renders a template that renders.
    pub fn of(pack: &'a Pack, template: &str, view: &View) -> Option<Self> {
        let file = pack.file(template)?;
        let compiled = pack.engine.get_template(template).ok()?;
        let (text, spans) = compiled.render_with_spans(view.context.clone()).ok()?;
        Some(Output { pack, file, text, spans, nodes: OnceCell::new() })
    }

    /// The place that printed a part of the output: an expression that printed a secret of it, or else
    /// its first expression, or else the text of the template itself.
    pub fn place(&self, part: Range<usize>) -> Span {
        self.source(part).0
    }

    /// The same, and whether it is an expression.
    fn source(&self, part: Range<usize>) -> (Span, bool) {
        let within = |span: &&OutputSpan| {
            let range = span.output_range();
            range.start < part.end.max(part.start + 1) && part.start < range.end
        };
        let overlapping: Vec<&OutputSpan> = self.spans.iter().filter(within).collect();
        let expression = |span: &&&OutputSpan| span.kind() == OutputSpanKind::Expression;
        let printed_a_secret = |span: &&&OutputSpan| expression(span) && self.has_secret(span.output_range());
        let found = overlapping
            .iter()
            .find(printed_a_secret)
            .or_else(|| overlapping.iter().find(expression))
            .or(overlapping.first());
        let Some(span) = found else { return (Span::new(self.file, 0, 0), false) };
        let file = self.pack.file(span.name()).unwrap_or(self.file);
        let source = span.source_range();
        let output = span.output_range();
        if span.kind() == OutputSpanKind::Raw {
            // Such a part of the output is the template's own text.
            let start = source.start + part.start.saturating_sub(output.start);
            let end = source.start + part.end.min(output.end).saturating_sub(output.start);
            return (in_file(file, start..end.max(start)), false);
        }
        (in_file(file, source), true)
    }

    /// The place that printed a value, which `steps` lead to from the root of the nth document.
    pub fn value(&self, nth: usize, steps: &[usize]) -> Option<Span> {
        self.value_source(nth, steps).map(|(span, _)| span)
    }

    /// The same, and whether an expression printed it or the template says it itself.
    pub fn value_source(&self, nth: usize, steps: &[usize]) -> Option<(Span, bool)> {
        let nodes = self.nodes.get_or_init(|| {
            let mut unread = Diagnostics::default();
            yaml::parse(self.file, &self.text, &yaml::Limits::default(), &mut unread).unwrap_or_default()
        });
        let mut node = nodes.iter().filter(|node| !node.is_null()).nth(nth)?;
        for step in steps {
            node = child(node, *step)?;
        }
        Some(self.source(node.span.range()))
    }

    fn has_secret(&self, part: Range<usize>) -> bool {
        let parts = self.pack.tokens.split(&self.text[part]).unwrap_or_default();
        parts.iter().any(|part| matches!(part, Part::Token(Token::Secret(_) | Token::Expression(_))))
    }
}

/// Where a template that renders did what can't fail: the instruction before which it hadn't.
pub fn decision(pack: &Pack, template: &str, view: &View) -> Option<Span> {
    let poison = view.poison();
    let mut probe = engine::probe(&pack.engine, &pack.tokens, poison);
    let (mut innocent, mut guilty) = (0, engine::FUEL);
    let mut last = None;
    while guilty - innocent > 1 {
        let fuel = innocent + (guilty - innocent) / 2;
        probe.set_fuel(Some(fuel));
        poison.clear();
        let error = probe.get_template(template).ok()?.render(view.context.clone()).err();
        if poison.decision().is_some() {
            guilty = fuel;
        } else {
            innocent = fuel;
            last = error;
        }
    }
    poison.clear();
    last.and_then(|error| pack.place(&error))
}

/// The secret that a template fails for want of: one that isn't among those that are resolved, and with which the
/// template would get further.
pub fn missing(pack: &Pack, template: &str, view: &View, error: &Error) -> Option<Arc<str>> {
    let resolved = view.resolved()?;
    let compiled = pack.engine.get_template(template).ok()?;
    let missed = resolved.missed();
    let is_missing = |name: &&Arc<str>| {
        let more = Arc::new(resolved.with(name));
        match compiled.render(view.context_with(more.clone())) {
            Ok(_) => true,
            // In a loop it may fail in the same place for want of the next.
            Err(other) => {
                let before = missed.iter().filter(|other| other != name);
                pack.place(&other) != pack.place(error) || !more.missed().iter().eq(before)
            }
        }
    };
    missed.iter().filter(|name| is_named(error, name)).find(is_missing).cloned()
}

/// Whether an undefined value of an error could be a secret of that name.
fn is_named(error: &Error, name: &str) -> bool {
    let origin = error.detail().and_then(|detail| detail.strip_prefix('`')?.strip_suffix("` is undefined"));
    origin
        .is_none_or(|origin| origin.ends_with("...]") || origin.trim_end_matches(['\'', ']']).ends_with(name))
}

fn child(node: &Node, step: usize) -> Option<&Node> {
    match &node.kind {
        Kind::List(items) => items.get(step),
        Kind::Map(map) => map.get_index(step).map(|(_, entry)| &entry.value),
        Kind::Scalar(_) => None,
    }
}

fn in_file(file: FileId, range: Range<usize>) -> Span {
    let offset = |n: usize| u32::try_from(n).unwrap_or(0);
    Span::new(file, offset(range.start), offset(range.end))
}
