//! Interpolation: a text with `{{ expression }}` parts becomes plain text.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::value::Value;

use super::expression::{
    ExpressionFault, Reference, Segment, evaluate, has_expression, references, split, within_budget,
};
use super::fault::Fault;
use super::plain_filters::MAX_TEXT;
use crate::source::diagnostic::Diagnostics;
use crate::source::files::Files;
use crate::source::span::Span;

/// What a scope knows about a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Its text.
    Text(Arc<str>),
    /// There is no such name.
    Missing,
    /// It exists but has no value; why was reported already.
    Failed,
}

/// The names that an expression may use.
pub trait Scope {
    /// The value of `root.name`, used at `at`. `None` when there is no such root here; a scope that
    /// knows why says so itself and answers [`Answer::Failed`].
    fn answer(&mut self, root: &str, name: &str, at: Span) -> Option<Answer>;
    /// The names below a root, for "did you mean"; of very many not all.
    fn names(&self, root: &str) -> Vec<String>;
    /// The roots.
    fn roots(&self) -> &'static [&'static str];
    /// Where findings go.
    fn findings(&mut self) -> &mut Diagnostics;
    /// The files, for places.
    fn files(&self) -> &Files;
    /// Takes what an expression at `at` made from the scope's budget. `false` when that is used up, which
    /// the scope reports.
    fn spend(&mut self, _bytes: usize, _at: Span) -> bool {
        true
    }
}

/// How many names a scope lists for "did you mean".
pub const MAX_NAMES: usize = 500;

/// What the expressions of one scope may make in all, in bytes: many small texts that each name a large one
/// are a large text too.
#[derive(Debug)]
pub struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Budget(8 << 20)
    }
}

impl Budget {
    /// What an expression costs even if it yields nothing.
    const EACH: usize = 64;

    /// Takes the text of one expression at `at`. `false` when it doesn't fit; the first that doesn't is
    /// reported.
    pub fn spend(&mut self, bytes: usize, at: Span, out: &mut Diagnostics) -> bool {
        let left = std::mem::take(&mut self.0);
        self.0 = left.saturating_sub(bytes + Self::EACH);
        if self.0 == 0 && left > 0 {
            let said = "with it, expressions make more than 8 MiB of text here";
            let fault = ExpressionFault::Operation(said.into());
            out.push(Fault::BadExpression { span: at, fault });
        }
        self.0 > 0
    }
}

/// Interpolates `text`, which is written at `span`. `None` means that it has no value and why was
/// reported.
pub fn interpolate(text: &Arc<str>, span: Span, scope: &mut dyn Scope) -> Option<Arc<str>> {
    if !has_expression(text) {
        return Some(text.clone());
    }
    let segments = match split(text) {
        Ok(segments) => segments,
        Err(unclosed) => {
            let at = within(scope.files(), span, &text[unclosed.0..], &text[unclosed.0..unclosed.0 + 2]);
            scope.findings().push(Fault::UnclosedExpression { span: at });
            return None;
        }
    };
    if let Err(fault) = within_budget(text, &segments) {
        scope.findings().push(Fault::BadExpression { span, fault });
        return None;
    }
    let mut out = String::new();
    let mut failed = false;
    for segment in segments {
        match segment {
            Segment::Text(literal) => out.push_str(literal),
            Segment::Expression { source, start, end } => {
                let at = within(scope.files(), span, &text[start..end], &text[start..end]);
                match expression_text(source, at, scope) {
                    Some(value) => out.push_str(&value),
                    None => failed = true,
                }
            }
        }
    }
    if out.len() > MAX_TEXT {
        let fault = ExpressionFault::Operation("the result is longer than 1 MiB".into());
        scope.findings().push(Fault::BadExpression { span, fault });
        return None;
    }
    (!failed).then(|| out.into())
}

/// The text of one expression that stands at `at`.
pub fn expression_text(source: &str, at: Span, scope: &mut dyn Scope) -> Option<String> {
    let used = match references(source) {
        Ok(used) => used,
        Err(fault) => {
            scope.findings().push(Fault::BadExpression { span: at, fault });
            return None;
        }
    };
    let context = gather(&used, at, scope)?;
    match evaluate(source, &context) {
        Ok(text) => scope.spend(text.len(), at).then_some(text),
        Err(fault) => {
            scope.findings().push(Fault::BadExpression { span: at, fault });
            None
        }
    }
}

/// The place of a part of a scalar in the source: the part itself if the source has it letter by
/// letter (escapes can change that), else the whole scalar.
pub fn within(files: &Files, scalar: Span, part: &str, shown: &str) -> Span {
    match files.slice(scalar).find(part) {
        Some(offset) => {
            let start = scalar.start + u32::try_from(offset).unwrap_or(0);
            Span::new(scalar.file, start, start + u32::try_from(shown.len()).unwrap_or(0))
        }
        None => scalar,
    }
}

/// The place of a scalar's text without its quotes.
pub fn inner(files: &Files, scalar: Span) -> Span {
    let is_quoted = files.slice(scalar).starts_with(['\'', '"']) && scalar.end - scalar.start >= 2;
    if is_quoted { Span::new(scalar.file, scalar.start + 1, scalar.end - 1) } else { scalar }
}

/// The values that an expression refers to, as a mapping of roots.
fn gather(used: &[Reference], at: Span, scope: &mut dyn Scope) -> Option<Value> {
    let mut context: BTreeMap<&str, BTreeMap<&str, Value>> = BTreeMap::new();
    let mut failed = false;
    for reference in used {
        let root = reference.root.as_str();
        let Some(name) = &reference.name else {
            let known = scope.roots();
            scope.findings().push(if known.contains(&root) {
                Fault::WholeRoot { root: root.to_string(), span: at }
            } else {
                Fault::UnknownRoot { root: root.to_string(), span: at, known }
            });
            failed = true;
            continue;
        };
        let values = context.entry(root).or_default();
        match scope.answer(root, name, at) {
            Some(Answer::Text(text)) => {
                values.insert(name, Value::from(text));
            }
            Some(Answer::Missing) if reference.optional => {}
            Some(Answer::Missing) => {
                let known = if scope.findings().is_full() { Vec::new() } else { scope.names(root) };
                let name = format!("{root}.{name}");
                scope.findings().push(Fault::UndefinedName { name, span: at, known });
                failed = true;
            }
            Some(Answer::Failed) => failed = true,
            None => {
                let known = scope.roots();
                scope.findings().push(Fault::UnknownRoot { root: root.to_string(), span: at, known });
                failed = true;
            }
        }
    }
    (!failed).then(|| Value::from_pairs(context.into_iter().map(|(root, names)| (root, Value::from(names)))))
}

/// Texts that may refer to each other by name, each resolved once and only when asked for.
#[derive(Debug, Default)]
pub struct LazyTexts {
    states: BTreeMap<Arc<str>, State>,
    order: Vec<(Arc<str>, Span)>,
}

#[derive(Clone, Debug)]
enum State {
    Waiting { text: Arc<str>, span: Span },
    InProgress,
    Done(Arc<str>),
    Failed,
}

/// How long a chain of texts that refer to each other may be.
const MAX_CHAIN: usize = 64;

/// The next step towards the value of a name.
#[derive(Debug)]
pub enum Step {
    /// It is known.
    Known(Answer),
    /// It has to be interpolated and handed to [`LazyTexts::finish`].
    Interpolate(Arc<str>, Span),
    /// It depends on itself, or on a chain without end: the names and where each is written.
    Cycle(Vec<(Arc<str>, Span)>),
}

impl LazyTexts {
    /// Adds a text under a name.
    pub fn add(&mut self, name: Arc<str>, text: Arc<str>, span: Span) {
        self.states.insert(name, State::Waiting { text, span });
    }

    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.states.keys()
    }

    /// Begins to resolve a name.
    pub fn begin(&mut self, name: &str) -> Step {
        let Some((key, state)) = self.states.get_key_value(name) else {
            return Step::Known(Answer::Missing);
        };
        match state.clone() {
            State::Done(text) => Step::Known(Answer::Text(text)),
            State::Failed => Step::Known(Answer::Failed),
            State::Waiting { .. } if self.order.len() >= MAX_CHAIN => Step::Cycle(self.order.clone()),
            State::Waiting { text, span } => {
                let key = key.clone();
                self.states.insert(key.clone(), State::InProgress);
                self.order.push((key, span));
                Step::Interpolate(text, span)
            }
            State::InProgress => {
                let first = self.order.iter().position(|(n, _)| &**n == name).unwrap_or(0);
                Step::Cycle(self.order[first..].to_vec())
            }
        }
    }

    /// Ends what [`begin`](Self::begin) began.
    pub fn finish(&mut self, name: &str, value: Option<Arc<str>>) -> Answer {
        self.order.pop();
        let (state, answer) = match value {
            Some(text) => (State::Done(text.clone()), Answer::Text(text)),
            None => (State::Failed, Answer::Failed),
        };
        self.states.insert(name.into(), state);
        answer
    }
}
