//! One file held against all rules.

use std::borrow::Cow;
use std::cmp::Reverse;

use crate::lint::finding::{Finding, Fingerprint, Tier};
use crate::lint::raw::{self, Candidate, MOST};
use crate::lint::region::Regions;
use crate::lint::rules::random_value;
use crate::lint::syntax::Syntax;
use crate::lint::tree::{self, Placed};
use crate::lint::ways::Ways;
use crate::lint::words::words;
use crate::source::diagnostic::{Diagnostic, Diagnostics};
use crate::source::node::Node;
use crate::source::schema::Schema;
use crate::source::span::{FileId, Span};
use crate::source::text::utf16_of;
use crate::source::yaml::{self, Limits};

/// A file to scan.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// What its spans name.
    pub file: FileId,
    /// Its path with `/`, by which its syntax is known.
    pub path: &'a str,
    /// Its whole text; see [`decode`] for bytes.
    pub text: &'a str,
    /// Its trees where it was read as such, without an error; else [`scan`] reads what it needs.
    pub documents: Option<&'a [Node]>,
    /// The schema of a file of the control repo, which says where secrets stand.
    pub contract: Option<&'static Schema>,
}

/// What to look for besides what is always looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether to report what merely looks random.
    pub entropy: bool,
}

/// What stands in the clear in a file, in the order of the file, one finding a value: where rules agree on
/// one, the most certain of them reports it. The first ten thousand are found. Works in time linear in the
/// text, whatever the text is, and reads trees only where something might be found in them.
pub fn scan(source: &Source<'_>, options: &Options) -> Vec<Finding> {
    let syntax = Syntax::of(source.path);
    // Spans count in 32 bits.
    if u32::try_from(source.text.len()).is_err() {
        return Vec::new();
    }
    let read;
    let (mut placed, trees) = match source.documents {
        Some(documents) => (in_trees(source, syntax, documents), documents),
        None => {
            let raw = raw::pass(source.text, syntax, None);
            let is_tree = syntax.is_tree() && (raw.unclear || !raw.found.is_empty());
            read = is_tree.then(|| parse(source)).flatten();
            match &read {
                Some(documents) => (in_trees(source, syntax, documents), documents.as_slice()),
                None => (raw.found.into_iter().map(Placed::from).collect(), &[][..]),
            }
        }
    };
    if options.entropy && syntax != Syntax::Lock {
        let words = random_value::words(source.text).take(MOST);
        placed.extend(words.map(|range| {
            let what = "a value that looks random";
            let (rule, tier) = (random_value::CODE, Tier::Entropy);
            Placed::from(Candidate { range, rule, tier, what, key: None })
        }));
    }
    let found = merged(source, placed);
    let ways = Ways::of(source.text, trees, &found);
    findings(source, found, &ways)
}

/// A finding for people; it never holds the value. The caller masks [`Finding::span`].
pub fn diagnostic(finding: &Finding) -> Diagnostic {
    words(finding)
}

/// The text of a file as [`scan`] takes it: UTF-16 with a byte-order mark is decoded, what isn't UTF-8 is
/// replaced. `None` for a file that is no text. Register this text in `Files`, since spans are of it.
pub fn decode(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let utf16 = |read: fn([u8; 2]) -> u16, skip: usize| {
        let units = bytes[skip..].chunks_exact(2).map(|pair| read([pair[0], pair[1]]));
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>()
    };
    match bytes {
        [0xFF, 0xFE, ..] => return Some(utf16(u16::from_le_bytes, 2).into()),
        [0xFE, 0xFF, ..] => return Some(utf16(u16::from_be_bytes, 2).into()),
        _ => {}
    }
    if let Some(read) = utf16_of(bytes) {
        return Some(utf16(read, 0).into());
    }
    match std::str::from_utf8(bytes) {
        // A stray NUL makes no binary of a text.
        Ok(text) => Some(text.into()),
        Err(_) => {
            let head = &bytes[..bytes.len().min(8 << 10)];
            let is_binary = head.contains(&0);
            (!is_binary).then(|| String::from_utf8_lossy(bytes))
        }
    }
}

/// The trees of a file, if it can be read without an error.
fn parse(source: &Source<'_>) -> Option<Vec<Node>> {
    let mut faults = Diagnostics::default();
    let documents = yaml::parse(source.file, source.text, &Limits::default(), &mut faults)?;
    faults.is_empty().then_some(documents)
}

fn in_trees(source: &Source<'_>, syntax: Syntax, documents: &[Node]) -> Vec<Placed> {
    let regions = Regions::of(source.text, documents);
    let raw = raw::pass(source.text, syntax, Some(&regions));
    let mut known: Vec<usize> =
        raw.found.iter().filter(|c| c.tier == Tier::Known).map(|c| c.range.start).collect();
    known.sort_unstable();
    let mut placed = tree::visit(source.text, documents, source.contract);
    placed.retain(|placed| {
        let range = &placed.candidate.range;
        let next = known.partition_point(|at| *at < range.start);
        !(placed.unescaped && known.get(next).is_some_and(|at| *at < range.end))
    });
    placed.extend(raw.found.into_iter().map(Placed::from));
    placed
}

impl From<Candidate> for Placed {
    fn from(candidate: Candidate) -> Placed {
        Placed { candidate, name: None, read: None, unescaped: false }
    }
}

/// One finding a value: of those that overlap the most certain one, at the widest place.
fn merged(source: &Source<'_>, mut placed: Vec<Placed>) -> Vec<Placed> {
    placed.retain(|placed| {
        source.text.get(placed.candidate.range.clone()).is_some_and(|value| !value.is_empty())
    });
    placed.sort_by_key(|placed| (placed.candidate.range.start, Reverse(placed.candidate.range.end)));
    let mut found: Vec<Placed> = Vec::new();
    for next in placed {
        let Some(kept) =
            found.last_mut().filter(|kept| next.candidate.range.start < kept.candidate.range.end)
        else {
            found.push(next);
            continue;
        };
        let mut range = kept.candidate.range.clone();
        if next.candidate.range.end > range.end {
            // Neither holds the other: the value is what they cover together.
            range.end = next.candidate.range.end;
            kept.read = None;
        }
        if next.candidate.tier < kept.candidate.tier {
            let key = next.candidate.key.clone().or(kept.candidate.key.take());
            kept.candidate = Candidate { key, ..next.candidate };
            kept.name = next.name.or(kept.name.take());
        }
        kept.candidate.range = range;
    }
    found.truncate(MOST);
    found
}

fn findings(source: &Source<'_>, found: Vec<Placed>, ways: &Ways) -> Vec<Finding> {
    let names: Vec<Option<String>> =
        found.iter().map(|placed| name(source.text, placed, &found, ways)).collect();
    let findings = found.into_iter().zip(names).map(|(placed, name)| {
        let Candidate { range, rule, tier, what, .. } = placed.candidate;
        let offset = |n: usize| u32::try_from(n).expect("the text is shorter than 4 GiB");
        let value = placed.read.as_deref().unwrap_or(&source.text[range.clone()]);
        Finding {
            rule,
            tier,
            what,
            span: Span::new(source.file, offset(range.start), offset(range.end)),
            path: ways.to(range.start).map(|way| way.path.clone()),
            name,
            fingerprint: Fingerprint::of(value.as_bytes()),
        }
    });
    findings.collect()
}

/// The key of a finding, if it can be shown: short, plain, and no part of what another finding hides.
fn name(text: &str, placed: &Placed, found: &[Placed], ways: &Ways) -> Option<String> {
    let Candidate { key, range, .. } = &placed.candidate;
    let is_hidden = key.as_ref().is_some_and(|key| {
        let next = found.partition_point(|placed| placed.candidate.range.start < key.end);
        next.checked_sub(1).is_some_and(|at| found[at].candidate.range.end > key.start)
    });
    let written = key.clone().and_then(|key| text.get(key)).map(str::to_owned);
    let name = placed.name.clone().or(written).or_else(|| ways.to(range.start)?.key.clone())?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ' ');
    (!is_hidden && name.len() <= 64 && !name.is_empty() && name.chars().all(is_plain)).then_some(name)
}
