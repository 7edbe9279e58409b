//! What an environment lets its apps read: the patterns of `allow:`.
//!
//! A pattern is `backend:path[?param=value&…]`. Its path is matched by segment on a locator's decoded
//! segments, case-sensitively: `*` stands for a segment or a piece of one, `**` for any number of segments.
//! An encoded slash is part of its segment, and no `*` matches it. Parameters pin what the locator reaches:
//! without `region`, `account`, `namespace` only the environment's own, without `role_arn` no role; with one of
//! them only what it names.

use std::collections::BTreeMap;
use std::ops::Range;

use super::backend::{Backend, BackendFault, shortened};
use super::locator::{Locator, LocatorFault, check_segment, check_value, has_leading_slash};
use super::percent::{PercentFault, decode, encode, is_pchar, is_unreserved, is_value};
use crate::source::nearest::nearest;

/// What belongs to the environment itself, for the backend at hand. Unknown is never equal to anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Home {
    /// The AWS region.
    pub region: Option<String>,
    /// The AWS account; for Google the project.
    pub account: Option<String>,
    /// The namespace: Vault's, or for `k8s` the environment's.
    pub namespace: Option<String>,
}

/// One pattern of `allow:`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    backend: Backend,
    segments: Vec<Segment>,
    params: BTreeMap<&'static str, Glob>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    /// `**`
    Any,
    One(Glob),
}

/// The texts between the stars.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Glob(Vec<String>);

/// What is wrong with a pattern, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fact}")]
pub struct PatternFault {
    /// What is wrong.
    pub fact: PatternFact,
    /// The bytes of the pattern that are concerned, if it isn't the whole.
    pub range: Option<Range<usize>>,
}

/// What can be wrong with a pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternFact {
    /// No colon.
    #[error("a pattern is written `backend:path`, as in `vault:kv/prod/*`")]
    NoPattern,
    /// The backend is no good.
    #[error(transparent)]
    Backend(BackendFault),
    /// A pointer where a pattern should stand.
    #[error("a pattern is written `backend:path`, without `ref+` and `//`")]
    Pointer,
    /// A field behind the path.
    #[error("a pattern covers whole secrets and has no field")]
    Field,
    /// `**` together with other text.
    #[error("`**` stands for whole segments and can't be part of one")]
    Stars,
    /// A bad escape, or escapes that aren't UTF-8.
    #[error("a percent sign in a pattern begins an escape, such as `%2A` for a literal star")]
    Escape,
    /// A character that must be escaped.
    #[error("`{}` must be percent-encoded here", .0.escape_debug())]
    Raw(char),
    /// A parameter without `=`, or given twice.
    #[error("a parameter of a pattern is written `name=value`, once")]
    ParamForm,
    /// A parameter that has no say in the scope of this backend.
    #[error("a pattern for {backend} has no parameter `{}`", name.escape_debug())]
    UnknownParam {
        /// The backend.
        backend: Backend,
        /// The name as written.
        name: String,
        /// The parameter that was probably meant.
        meant: Option<&'static str>,
    },
    /// A segment or value that no locator can have.
    #[error(transparent)]
    Locator(LocatorFault),
}

impl Pattern {
    /// Takes a pattern apart. Text that was interpolated into it must have gone through [`escape`], so that
    /// it can't widen it.
    pub fn parse(text: &str) -> Result<Pattern, PatternFault> {
        if text.starts_with("ref+") {
            return Err(fault(PatternFact::Pointer, Some(0..4)));
        }
        let colon = text.find(':').ok_or_else(|| fault(PatternFact::NoPattern, None))?;
        let backend = Backend::parse(&text[..colon])
            .map_err(|backend_fault| fault(PatternFact::Backend(backend_fault), Some(0..colon)))?;
        if text[colon + 1..].starts_with("//") {
            return Err(fault(PatternFact::Pointer, Some(colon..colon + 3)));
        }
        if let Some(at) = text.find('#') {
            return Err(fault(PatternFact::Field, Some(at..text.len())));
        }
        let question = text.find('?').unwrap_or(text.len());
        Ok(Pattern {
            backend,
            segments: parse_segments(text, backend, colon + 1..question)?,
            params: parse_params(text, backend, question..text.len())?,
        })
    }

    /// Whether the pattern covers a locator in an environment whose own region, account and namespace are
    /// `home`'s.
    pub fn matches(&self, locator: &Locator, home: &Home) -> bool {
        self.backend == locator.backend && self.reaches(locator, home) && self.covers_path(locator)
    }

    /// Whether the pattern names a locator, whatever the environment: what it doesn't say doesn't count.
    pub fn names(&self, locator: &Locator) -> bool {
        let arn = locator.arn();
        let said = |name: &str| match (name, &arn) {
            ("region", Some(arn)) => Some(arn.region.as_str()),
            ("account", Some(arn)) => Some(arn.account.as_str()),
            ("account", None) => locator.params.get("project").map(String::as_str),
            _ => locator.params.get(name).map(String::as_str),
        };
        let fits = |(name, glob): (&&str, &Glob)| said(name).is_some_and(|value| glob.matches_value(value));
        self.backend == locator.backend && self.params.iter().all(fits) && self.covers_path(locator)
    }

    /// Whether store, namespace, account, region and role are covered.
    fn reaches(&self, locator: &Locator, home: &Home) -> bool {
        let param = |name: &str| locator.params.get(name).map(String::as_str);
        let arn = locator.arn();
        let (region, account) = arn.as_ref().map(|arn| (&*arn.region, &*arn.account)).unzip();
        self.pins("role_arn", param("role_arn"), None)
            && self.pins("namespace", param("namespace"), home.namespace.as_deref())
            && self.pins("region", region.or(param("region")), home.region.as_deref())
            && self.pins("account", account.or(param("project")), home.account.as_deref())
    }

    /// `said` is what the locator says, if it does; else it means the environment's own.
    fn pins(&self, name: &str, said: Option<&str>, own: Option<&str>) -> bool {
        match (self.params.get(name), said) {
            (Some(glob), _) => said.or(own).is_some_and(|value| glob.matches_value(value)),
            (None, Some(said)) => own == Some(said),
            (None, None) => true,
        }
    }

    fn covers_path(&self, locator: &Locator) -> bool {
        match locator.arn() {
            Some(arn) => {
                let bare = arn.bare_name();
                self.covers(&arn.name) || bare.is_some_and(|name| self.covers(&name))
            }
            None => self.covers(&locator.segments),
        }
    }

    /// Whether a segment may be the `data` of Vault's own API, which names nothing: `kv/data/web` can be the secret
    /// `kv/web`. So no star that stands for one segment stands for it.
    fn may_vanish(&self, index: usize, path: &[String], glob: &Glob) -> bool {
        let is_within = index > 0 && index + 1 < path.len();
        self.backend == Backend::Vault && is_within && path[index] == "data" && glob.0.len() > 1
    }

    /// Steps through the pattern with the set of positions it can have reached, so that no pattern takes
    /// more than its length times the path's.
    fn covers(&self, path: &[String]) -> bool {
        let mut reached = vec![false; path.len() + 1];
        reached[0] = true;
        for segment in &self.segments {
            let mut next = vec![false; path.len() + 1];
            match segment {
                Segment::Any => {
                    let mut seen = false;
                    for (index, is_reached) in reached.iter().enumerate() {
                        seen |= is_reached;
                        next[index] = seen;
                    }
                }
                Segment::One(glob) => {
                    for (index, text) in path.iter().enumerate() {
                        let is_covered = glob.matches(text, &['/']) && !self.may_vanish(index, path, glob);
                        next[index + 1] = reached[index] && is_covered;
                    }
                }
            }
            reached = next;
        }
        reached[path.len()]
    }
}

impl Glob {
    /// Whether the whole text matches when a star stands for any characters but `walls`. An empty text, the
    /// leading slash of a parameter's name, is matched by nothing but an empty glob.
    fn matches(&self, text: &str, walls: &[char]) -> bool {
        let Some((first, rest)) = self.0.split_first() else { return false };
        if rest.is_empty() || text.is_empty() {
            return rest.is_empty() && first == text;
        }
        let mut reached = vec![false; text.len() + 1];
        if !text.starts_with(first.as_str()) {
            return false;
        }
        reached[first.len()] = true;
        for literal in rest {
            let mut next = vec![false; text.len() + 1];
            let mut open = false;
            for (at, character) in text.char_indices().chain([(text.len(), '\0')]) {
                open |= reached[at];
                if open && text[at..].starts_with(literal.as_str()) {
                    next[at + literal.len()] = true;
                }
                open &= !walls.contains(&character);
            }
            reached = next;
        }
        reached[text.len()]
    }

    /// In a parameter's value a star keeps within its part of an ARN, unless it is all there is.
    fn matches_value(&self, text: &str) -> bool {
        self.0.iter().all(String::is_empty) && self.0.len() == 2 || self.matches(text, &['/', ':'])
    }
}

impl PatternFault {
    /// The next step, where there is one.
    pub fn help(&self) -> Option<String> {
        match &self.fact {
            PatternFact::Backend(BackendFault::Unknown { meant: Some(meant), .. })
            | PatternFact::UnknownParam { meant: Some(meant), .. } => {
                Some(format!("did you mean `{meant}`?"))
            }
            PatternFact::UnknownParam { backend, .. } => match backend.scope_params() {
                [] => Some(format!("a pattern for {backend} has no parameters")),
                params => Some(format!("parameters of a pattern for {backend} are {}", params.join(", "))),
            },
            _ => None,
        }
    }
}

/// Text as part of a pattern that stands for itself alone: for `env.name` and `app.name`.
pub fn escape(text: &str) -> String {
    encode(text, is_unreserved)
}

/// The narrowest pattern that covers a locator in any environment: the line to add to `allow:`. Text that
/// is no pointer's path never comes out as a star.
pub fn suggest(locator: &Locator) -> String {
    let arn = locator.arn();
    let path = match &arn {
        Some(arn) => arn.bare_name().unwrap_or_else(|| arn.name.clone()),
        None => locator.segments.clone(),
    };
    let path: Vec<String> = path.iter().map(|s| encode(s, |b| is_pchar(b) && b != b'*')).collect();
    let mut params = BTreeMap::new();
    for (name, value) in &locator.params {
        let name = if name == "project" { "account" } else { name.as_str() };
        if locator.backend.scope_params().contains(&name) {
            params.insert(name, value.as_str());
        }
    }
    if let Some(arn) = &arn {
        params.insert("account", &arn.account);
        params.insert("region", &arn.region);
    }
    let params: Vec<String> = params
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value, |b| is_value(b) && b != b'*' && b != b'?')))
        .collect();
    let question = if params.is_empty() { "" } else { "?" };
    format!("{}:{}{question}{}", locator.backend, path.join("/"), params.join("&"))
}

fn fault(fact: PatternFact, range: Option<Range<usize>>) -> PatternFault {
    PatternFault { fact, range }
}

fn parse_segments(text: &str, backend: Backend, range: Range<usize>) -> Result<Vec<Segment>, PatternFault> {
    if range.is_empty() {
        return Err(fault(PatternFact::Locator(LocatorFault::NoPath), None));
    }
    let ranges = split(text, range, '/');
    let count = ranges.len();
    let segments = ranges.into_iter().enumerate().map(|(index, range)| {
        let written = &text[range.clone()];
        if written == "**" {
            return Ok(Segment::Any);
        }
        if written.contains("**") {
            return Err(fault(PatternFact::Stars, Some(range)));
        }
        let glob = parse_glob(text, range.clone(), is_pchar)?;
        if !(written.is_empty() && has_leading_slash(backend, index, count)) {
            // A star counts as a character that no rule is about.
            check_segment(backend, &glob.0.join("*"))
                .map_err(|locator_fault| fault(PatternFact::Locator(locator_fault), Some(range)))?;
        }
        Ok(Segment::One(glob))
    });
    segments.collect()
}

/// `range` is empty or begins at the question mark.
fn parse_params(
    text: &str,
    backend: Backend,
    range: Range<usize>,
) -> Result<BTreeMap<&'static str, Glob>, PatternFault> {
    let mut params = BTreeMap::new();
    if range.is_empty() {
        return Ok(params);
    }
    for range in split(text, range.start + 1..range.end, '&') {
        let Some((written, value)) = text[range.clone()].split_once('=') else {
            return Err(fault(PatternFact::ParamForm, Some(range)));
        };
        let known = backend.scope_params().iter().copied();
        let Some(name) = known.clone().find(|name| *name == written) else {
            let meant = nearest(written, known);
            let fact = PatternFact::UnknownParam { backend, name: shortened(written), meant };
            return Err(fault(fact, Some(range.start..range.start + written.len())));
        };
        let glob = parse_glob(text, range.end - value.len()..range.end, is_value)?;
        check_value(backend, name, &glob.0.join("*"))
            .map_err(|locator_fault| fault(PatternFact::Locator(locator_fault), Some(range.clone())))?;
        if params.insert(name, glob).is_some() {
            return Err(fault(PatternFact::ParamForm, Some(range)));
        }
    }
    Ok(params)
}

fn parse_glob(text: &str, range: Range<usize>, raw: fn(u8) -> bool) -> Result<Glob, PatternFault> {
    let texts = split(text, range, '*').into_iter().map(|range| {
        decode(&text[range.clone()], raw).map_err(|(percent_fault, at)| {
            let fact = match percent_fault {
                PercentFault::Escape | PercentFault::Utf8 => PatternFact::Escape,
                PercentFault::Raw(character) => PatternFact::Raw(character),
            };
            fault(fact, Some(range.start + at.start..range.start + at.end))
        })
    });
    texts.collect::<Result<_, _>>().map(Glob)
}

fn split(text: &str, range: Range<usize>, separator: char) -> Vec<Range<usize>> {
    let mut from = range.start;
    text[range]
        .split(separator)
        .map(|piece| {
            let start = from;
            from += piece.len() + separator.len_utf8();
            start..start + piece.len()
        })
        .collect()
}

#[cfg(test)]
mod tests;
