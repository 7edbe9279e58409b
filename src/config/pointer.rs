//! A pointer into a secret store, as it stands in the repo, and its way to a locator.
//!
//! The form is a strict subset of what vals reads, and a whole scalar:
//! `ref+BACKEND://PATH[?param=value&…]#/FIELD[/FIELD…]`, percent-encoded as in RFC 3986. It is taken apart
//! *before* interpolation, so whatever an expression prints stays within its segment, field or value.

use std::collections::BTreeMap;
use std::ops::Range;

use super::backend::{Backend, BackendFault, shortened};
use super::locator::{
    Locator, LocatorFault, LocatorPart, check_field, check_segment, check_value, has_leading_slash,
};
use super::percent::{PercentFault, decode, is_field, is_pchar, is_value};
use crate::source::nearest::nearest;

/// A pointer whose parts may still hold expressions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointer {
    /// The kind of store.
    pub backend: Backend,
    /// The segments of the path. The first one is empty for `ref+awsssm:///…`.
    pub segments: Vec<Part>,
    /// The parameters by name.
    pub params: BTreeMap<&'static str, Part>,
    /// The fields.
    pub fields: Vec<Part>,
}

/// A segment, a field or a value: literal text and expressions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// As written.
    pub source: String,
    /// Where it stands in the scalar, in bytes.
    pub range: Range<usize>,
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    /// Literal text, decoded.
    Text(String),
    /// An expression with its braces.
    Expression(String),
}

/// What is wrong with a pointer, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fact}")]
pub struct PointerFault {
    /// What is wrong.
    pub fact: PointerFact,
    /// The bytes of the scalar that are concerned, if it isn't the whole.
    pub range: Option<Range<usize>>,
}

/// What can be wrong with a pointer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PointerFact {
    /// It doesn't begin with `ref+BACKEND://`.
    #[error("a pointer begins with `ref+BACKEND://`")]
    NoPointer,
    /// The backend is no good.
    #[error(transparent)]
    Backend(BackendFault),
    /// An expression where only a name can be.
    #[error("an expression can't stand in the {0} of a pointer")]
    ExpressionInName(&'static str),
    /// `{{` without `}}`.
    #[error("an expression is opened with `{{{{` and not closed")]
    OpenExpression,
    /// A user and a password before the host.
    #[error("a pointer never holds a user or a password")]
    UserInfo,
    /// A bad escape.
    #[error("a percent sign is followed by two hexadecimal digits; the sign itself is `%25`")]
    Escape,
    /// Escapes that aren't UTF-8.
    #[error("the escapes don't decode to UTF-8")]
    Utf8,
    /// A character that must be escaped.
    #[error("`{}` must be percent-encoded here", .0.escape_debug())]
    Raw(char),
    /// What follows `#` doesn't begin with a slash.
    #[error("a field begins with a slash, as in `#/password`")]
    FieldSlash,
    /// A parameter without `=`.
    #[error("a parameter is written `name=value`")]
    ParamForm,
    /// A parameter that the backend doesn't have.
    #[error("{backend} has no parameter `{}`", name.escape_debug())]
    UnknownParam {
        /// The backend.
        backend: Backend,
        /// The name as written.
        name: String,
        /// The parameter that was probably meant.
        meant: Option<&'static str>,
    },
    /// A parameter that is given twice.
    #[error("parameter `{0}` is given twice")]
    DuplicateParam(&'static str),
    /// A part can't be what it says, literally or after interpolation.
    #[error(transparent)]
    Locator(LocatorFault),
}

/// Why a pointer didn't come to a locator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError<E> {
    /// What the expressions printed makes no pointer.
    #[error(transparent)]
    Fault(PointerFault),
    /// An expression failed.
    #[error("an expression in a pointer failed")]
    Expression {
        /// How it failed.
        error: E,
        /// The part that holds it, within the scalar.
        range: Range<usize>,
    },
}

/// Whether a scalar means to be a pointer. One that does and doesn't parse is an error, never text.
pub fn is_pointer(text: &str) -> bool {
    text.starts_with("ref+")
}

impl Pointer {
    /// Takes a scalar's content apart. What can be checked before interpolation is.
    pub fn parse(text: &str) -> Result<Pointer, PointerFault> {
        let rest = text.strip_prefix("ref+").ok_or_else(|| fault(PointerFact::NoPointer, None))?;
        let name = &rest[..rest.find("://").ok_or_else(|| fault(PointerFact::NoPointer, None))?];
        let name_range = 4..4 + name.len();
        if name.contains("{{") {
            return Err(fault(PointerFact::ExpressionInName("backend"), Some(name_range)));
        }
        let backend =
            Backend::parse(name).map_err(|f| fault(PointerFact::Backend(f), Some(name_range.clone())))?;

        let authority = text[name_range.end + 3..].split(['/', '?', '#']).next().unwrap_or_default();
        if authority.split_once('@').is_some_and(|(user, _)| user.contains(':')) {
            return Err(fault(PointerFact::UserInfo, None));
        }
        let source = Source::new(text, name_range.end + 3)?;
        let hash = source.find(source.start..text.len(), b'#').unwrap_or(text.len());
        let question = source.find(source.start..hash, b'?').unwrap_or(hash);
        let pointer = Pointer {
            backend,
            segments: parse_segments(&source, backend, source.start..question)?,
            params: parse_params(&source, backend, question..hash)?,
            fields: parse_fields(&source, hash..text.len())?,
        };
        // A pointer without expressions is checked as a whole at once.
        let parts = pointer.segments.iter().chain(pointer.params.values()).chain(&pointer.fields);
        if parts.clone().all(Part::is_literal) {
            pointer.locate(|part| Ok(part.literal()))?;
        } else if pointer.fields.is_empty() && backend.needs_field() {
            return Err(fault(PointerFact::Locator(LocatorFault::NoField(backend)), None));
        }
        Ok(pointer)
    }

    /// The locator that the pointer comes to when `interpolate` gives the text of each expression. It is
    /// called with an expression and its braces, `{{ env.name }}`. What it gives is data: a slash in it
    /// separates nothing, a percent sign escapes nothing.
    pub fn resolve<E>(
        &self,
        interpolate: &mut dyn FnMut(&str) -> Result<String, E>,
    ) -> Result<Locator, ResolveError<E>> {
        self.locate(|part| part.fill(interpolate))
    }

    fn locate<F: From<PointerFault>>(
        &self,
        mut fill: impl FnMut(&Part) -> Result<String, F>,
    ) -> Result<Locator, F> {
        let mut segments = Vec::with_capacity(self.segments.len());
        for part in &self.segments {
            let segment = fill(part)?;
            // An expression that prints nothing must not pass for a leading slash.
            if segment.is_empty() && !part.source.is_empty() {
                return Err(part.fault(LocatorFault::EmptySegment).into());
            }
            segments.push(segment);
        }
        let mut params = BTreeMap::new();
        for (name, part) in &self.params {
            params.insert((*name).to_owned(), fill(part)?);
        }
        let fields = self.fields.iter().map(&mut fill).collect::<Result<Vec<_>, F>>()?;
        Locator::new(self.backend, segments, params, fields).map_err(|(locator_fault, part)| {
            let part = match part {
                LocatorPart::Whole => None,
                LocatorPart::Segment(index) => self.segments.get(index),
                LocatorPart::Param(index) => self.params.values().nth(index),
                LocatorPart::Field(index) => self.fields.get(index),
            };
            fault(PointerFact::Locator(locator_fault), part.map(|part| part.range.clone())).into()
        })
    }
}

impl Part {
    /// Whether it holds no expression.
    pub fn is_literal(&self) -> bool {
        self.pieces.iter().all(|piece| matches!(piece, Piece::Text(_)))
    }

    /// The literal text alone.
    fn literal(&self) -> String {
        let texts = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Text(text) => Some(text.as_str()),
            Piece::Expression(_) => None,
        });
        texts.collect()
    }

    fn fill<E>(
        &self,
        interpolate: &mut dyn FnMut(&str) -> Result<String, E>,
    ) -> Result<String, ResolveError<E>> {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Expression(source) => {
                    let text = interpolate(source)
                        .map_err(|error| ResolveError::Expression { error, range: self.range.clone() })?;
                    out.push_str(&text);
                }
            }
        }
        Ok(out)
    }

    fn fault(&self, locator_fault: LocatorFault) -> PointerFault {
        fault(PointerFact::Locator(locator_fault), Some(self.range.clone()))
    }

    /// Holds a literal part to `check` before there is a locator.
    fn checked(self, check: impl Fn(&str) -> Result<(), LocatorFault>) -> Result<Part, PointerFault> {
        if self.is_literal() {
            check(&self.literal()).map_err(|locator_fault| self.fault(locator_fault))?;
        }
        Ok(self)
    }
}

impl PointerFault {
    /// The next step, where there is one.
    pub fn help(&self) -> Option<String> {
        match &self.fact {
            PointerFact::Backend(BackendFault::Unknown { meant: Some(meant), .. })
            | PointerFact::UnknownParam { meant: Some(meant), .. } => {
                Some(format!("did you mean `{meant}`?"))
            }
            PointerFact::Backend(BackendFault::Unknown { .. }) => {
                Some(format!("backends are {}", Backend::ALL.map(Backend::name).join(", ")))
            }
            PointerFact::UnknownParam { backend, .. } => match backend.params() {
                [] => Some(format!("a pointer to {backend} has no parameters")),
                params => Some(format!("parameters of {backend} are {}", params.join(", "))),
            },
            PointerFact::Raw(character) => {
                let mut buffer = [0; 4];
                let bytes = character.encode_utf8(&mut buffer).bytes();
                let escape: String = bytes.map(|byte| format!("%{byte:02X}")).collect();
                Some(format!("write `{escape}`"))
            }
            _ => None,
        }
    }
}

impl<E> From<PointerFault> for ResolveError<E> {
    fn from(fault: PointerFault) -> Self {
        ResolveError::Fault(fault)
    }
}

fn fault(fact: PointerFact, range: Option<Range<usize>>) -> PointerFault {
    PointerFault { fact, range }
}

fn parse_segments(
    source: &Source<'_>,
    backend: Backend,
    range: Range<usize>,
) -> Result<Vec<Part>, PointerFault> {
    if range.is_empty() {
        return Err(fault(PointerFact::Locator(LocatorFault::NoPath), None));
    }
    let ranges = source.split(range, b'/');
    let count = ranges.len();
    let parts = ranges.into_iter().enumerate().map(|(index, range)| {
        let part = source.part(range, is_pchar)?;
        if part.source.is_empty() && has_leading_slash(backend, index, count) {
            return Ok(part);
        }
        part.checked(|text| check_segment(backend, text))
    });
    parts.collect()
}

/// `range` is empty or begins at the question mark.
fn parse_params(
    source: &Source<'_>,
    backend: Backend,
    range: Range<usize>,
) -> Result<BTreeMap<&'static str, Part>, PointerFault> {
    let mut params = BTreeMap::new();
    if range.is_empty() {
        return Ok(params);
    }
    for range in source.split(range.start + 1..range.end, b'&') {
        let Some(equals) = source.find(range.clone(), b'=') else {
            return Err(fault(PointerFact::ParamForm, Some(range)));
        };
        let name_range = range.start..equals;
        let written = &source.text[name_range.clone()];
        if written.contains("{{") {
            return Err(fault(PointerFact::ExpressionInName("name of a parameter"), Some(name_range)));
        }
        let known = backend.params().iter().copied();
        let Some(name) = known.clone().find(|name| *name == written) else {
            let fact = PointerFact::UnknownParam {
                backend,
                name: shortened(written),
                meant: nearest(written, known),
            };
            return Err(fault(fact, Some(name_range)));
        };
        let part =
            source.part(equals + 1..range.end, is_value)?.checked(|text| check_value(backend, name, text))?;
        if params.insert(name, part).is_some() {
            return Err(fault(PointerFact::DuplicateParam(name), Some(range)));
        }
    }
    Ok(params)
}

/// `range` is empty or begins at the number sign.
fn parse_fields(source: &Source<'_>, range: Range<usize>) -> Result<Vec<Part>, PointerFault> {
    if range.is_empty() {
        return Ok(Vec::new());
    }
    if source.text.as_bytes().get(range.start + 1) != Some(&b'/') {
        return Err(fault(PointerFact::FieldSlash, Some(range)));
    }
    let ranges = source.split(range.start + 2..range.end, b'/').into_iter();
    ranges.map(|range| source.part(range, is_field)?.checked(check_field)).collect()
}

/// A scalar with its expressions found, so that nothing within one separates anything.
struct Source<'a> {
    text: &'a str,
    /// Where the path begins.
    start: usize,
    /// The expressions with their braces, in order.
    expressions: Vec<Range<usize>>,
}

impl<'a> Source<'a> {
    fn new(text: &'a str, start: usize) -> Result<Source<'a>, PointerFault> {
        let mut expressions = Vec::new();
        let mut from = start;
        while let Some(found) = text[from..].find("{{") {
            let open = from + found;
            let close = find_close(&text[open + 2..])
                .ok_or_else(|| fault(PointerFact::OpenExpression, Some(open..text.len())))?;
            from = open + 2 + close + 2;
            expressions.push(open..from);
        }
        Ok(Source { text, start, expressions })
    }

    /// The first `byte` of `range` that stands outside of expressions.
    fn find(&self, range: Range<usize>, byte: u8) -> Option<usize> {
        let mut from = range.start;
        for gap_end in self.within(&range).map(|e| (e.start, e.end)).chain([(range.end, range.end)]) {
            let found = self.text.as_bytes()[from..gap_end.0].iter().position(|b| *b == byte);
            if let Some(found) = found {
                return Some(from + found);
            }
            from = gap_end.1;
        }
        None
    }

    fn split(&self, range: Range<usize>, byte: u8) -> Vec<Range<usize>> {
        let mut out = Vec::new();
        let mut from = range.start;
        while let Some(at) = self.find(from..range.end, byte) {
            out.push(from..at);
            from = at + 1;
        }
        out.push(from..range.end);
        out
    }

    fn part(&self, range: Range<usize>, raw: fn(u8) -> bool) -> Result<Part, PointerFault> {
        let mut pieces = Vec::new();
        let mut from = range.start;
        let literal = |pieces: &mut Vec<Piece>, range: Range<usize>| {
            if !range.is_empty() {
                pieces.push(Piece::Text(decode_at(self.text, range, raw)?));
            }
            Ok(())
        };
        for expression in self.within(&range) {
            literal(&mut pieces, from..expression.start)?;
            pieces.push(Piece::Expression(self.text[expression.clone()].to_owned()));
            from = expression.end;
        }
        literal(&mut pieces, from..range.end)?;
        Ok(Part { source: self.text[range.clone()].to_owned(), range, pieces })
    }

    /// The expressions of a range. A range is cut outside of expressions only, so each is wholly in or out.
    fn within(&self, range: &Range<usize>) -> impl Iterator<Item = &Range<usize>> {
        let first = self.expressions.partition_point(|expression| expression.start < range.start);
        let end = range.end;
        self.expressions[first..].iter().take_while(move |expression| expression.start < end)
    }
}

fn decode_at(text: &str, range: Range<usize>, raw: fn(u8) -> bool) -> Result<String, PointerFault> {
    decode(&text[range.clone()], raw).map_err(|(percent_fault, at)| {
        let fact = match percent_fault {
            PercentFault::Escape => PointerFact::Escape,
            PercentFault::Utf8 => PointerFact::Utf8,
            PercentFault::Raw(character) => PointerFact::Raw(character),
        };
        fault(fact, Some(range.start + at.start..range.start + at.end))
    })
}

/// The offset of the `}}` that closes an expression, past any quoted string in it.
fn find_close(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut quote = None;
    let mut at = 0;
    while at < bytes.len() {
        match (quote, bytes[at]) {
            (Some(_), b'\\') => at += 1,
            (Some(open), byte) if byte == open => quote = None,
            (None, byte @ (b'"' | b'\'')) => quote = Some(byte),
            (None, b'}') if bytes.get(at + 1) == Some(&b'}') => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests;
