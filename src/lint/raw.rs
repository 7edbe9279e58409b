//! The pass over a file's text: every place where a needle stands is looked at by the rule that asked for it.

use std::ops::Range;

use crate::lint::encoded;
use crate::lint::finding::Tier;
use crate::lint::needles::{Hit, Needle, hits};
use crate::lint::region::{Region, Regions};
use crate::lint::rules::{
    KNOWN, is_base64_url, is_varied, known_token, named_secret, password_file, run, secret_argument,
    secret_manifest,
};
use crate::lint::syntax::Syntax;
use crate::lint::text::{LONGEST_KEY, Line, Place, Reading, is_key, read};

/// How deep base64 is decoded.
const DEPTH: usize = 2;
/// The most that is found in one file. More is a file of secrets, and one finding says as much.
pub const MOST: usize = 10_000;

/// A value that a rule is about, before it is known which of several rules reports it.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The value.
    pub range: Range<usize>,
    /// The rule.
    pub rule: &'static str,
    /// Its tier.
    pub tier: Tier,
    /// What it is.
    pub what: &'static str,
    /// The key before it.
    pub key: Option<Range<usize>>,
}

/// What a pass came to.
#[derive(Debug, Default)]
pub struct Raw {
    /// The values.
    pub found: Vec<Candidate>,
    /// Whether only a tree can tell more.
    pub unclear: bool,
}

/// Passes over a text. With `regions`, keys and values are left to the tree that they are of; what stands in
/// comments and within scalars is read here.
pub fn pass(text: &str, syntax: Syntax, regions: Option<&Regions>) -> Raw {
    let mut pass = Pass {
        text,
        syntax,
        regions,
        raw: Raw::default(),
        line: None,
        read_to: 0,
        known_to: 0,
        manifest_to: 0,
    };
    for hit in hits(text) {
        if pass.raw.found.len() >= MOST {
            break;
        }
        pass.hit(hit);
    }
    if syntax == Syntax::Pgpass {
        pass.raw.found.extend(password_file::passwords(text).into_iter().map(Candidate::password));
    }
    pass.raw.found.extend(hidden(text, DEPTH));
    pass.raw
}

/// What base64 hides, `depth` levels deep: its range in `text`, and the rule that knows what it holds.
pub fn hidden(text: &str, depth: usize) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut runs = encoded::runs(text).peekable();
    while let Some(mut range) = runs.next() {
        if found.len() >= MOST {
            break;
        }
        while let Some(next) = runs.next_if(|next| encoded::goes_on(text, &range, next)) {
            range.end = next.end;
        }
        if is_discord(text, &range) {
            let end = run(text, range.start, 100, |byte| is_base64_url(byte) || byte == b'.');
            found.push(Candidate::known(range.start..end, known_token::CODE, "a Discord bot's token"));
            continue;
        }
        let Some(inner) = encoded::decode_text(&encoded::joined(&text[range.clone()])) else { continue };
        // JSON Web Tokens are base64 too, and known as they stand.
        if text[range.end..].starts_with('.') || text[..range.start].ends_with('.') {
            continue;
        }
        let mut below = Pass {
            text: &inner,
            syntax: Syntax::Other,
            regions: None,
            raw: Raw::default(),
            line: None,
            read_to: 0,
            known_to: 0,
            manifest_to: usize::MAX,
        };
        for hit in hits(&inner) {
            below.hit(hit);
            if !below.raw.found.is_empty() {
                break;
            }
        }
        let deeper = (depth > 1).then(|| hidden(&inner, depth - 1)).into_iter().flatten();
        if let Some(first) = below.raw.found.into_iter().chain(deeper).next() {
            found.push(Candidate { range, key: None, tier: Tier::Known, ..first });
        }
    }
    found
}

/// A Discord bot's token: a number in base64, a time, and a signature.
fn is_discord(text: &str, range: &Range<usize>) -> bool {
    // The first part of one is a number in base64.
    if !text[range.start..].starts_with(['M', 'N', 'O']) {
        return false;
    }
    let whole = run(text, range.start, 100, |byte| is_base64_url(byte) || byte == b'.');
    let mut parts = text[range.start..whole].split('.');
    let lengths =
        [parts.next(), parts.next(), parts.next(), parts.next()].map(|part| part.map_or(0, str::len));
    let fits = matches!(lengths, [23..=28, 6, 27..=38, 0]) && is_varied(&text[whole - lengths[2]..whole]);
    fits && encoded::decode_text(&text[range.start..range.start + lengths[0]])
        .is_some_and(|number| number.len() >= 17 && number.bytes().all(|byte| byte.is_ascii_digit()))
}

struct Pass<'a> {
    text: &'a str,
    syntax: Syntax,
    regions: Option<&'a Regions>,
    raw: Raw,
    /// The line that was looked at last.
    line: Option<Line>,
    /// Up to where keys were read, known formats were found, and Secrets were read.
    read_to: usize,
    known_to: usize,
    manifest_to: usize,
}

impl Candidate {
    fn password(range: Range<usize>) -> Candidate {
        Candidate { range, rule: named_secret::CODE, tier: Tier::Name, what: "a password", key: None }
    }

    fn known(range: Range<usize>, rule: &'static str, what: &'static str) -> Candidate {
        Candidate { range, rule, tier: Tier::Known, what, key: None }
    }
}

impl Pass<'_> {
    fn hit(&mut self, hit: Hit) {
        match hit.needle {
            Needle::Rule(index) if hit.start >= self.known_to => {
                if let Some(found) = (KNOWN[index].at)(self.text, hit.start) {
                    self.known(found.range, KNOWN[index].code, found.what);
                }
            }
            Needle::Token(index, needle) if hit.start >= self.known_to => {
                if let Some(found) = known_token::at(self.text, hit.start, index, needle) {
                    self.known(found.range, known_token::CODE, found.what);
                }
            }
            Needle::Rule(_) | Needle::Token(..) => {}
            Needle::Tree => self.raw.unclear |= self.syntax.is_tree(),
            Needle::Name => self.name(hit.start..hit.end),
            Needle::Command => self.command(hit.start),
        }
    }

    fn known(&mut self, range: Range<usize>, rule: &'static str, what: &'static str) {
        self.known_to = range.end;
        self.raw.found.push(Candidate::known(range, rule, what));
    }

    fn command(&mut self, at: usize) {
        let limit = match self.regions.map(|regions| regions.at(at)) {
            None => self.text.len(),
            Some(Some((range, Region::Scalar))) => range.end,
            Some(_) => return,
        };
        if matches!(self.syntax, Syntax::Lock) {
            return;
        }
        if let Some(range) = secret_argument::command(self.text, at, limit) {
            self.raw.found.push(Candidate {
                range,
                rule: secret_argument::CODE,
                tier: Tier::Name,
                what: "a password",
                key: None,
            });
        }
    }

    fn name(&mut self, word: Range<usize>) {
        if word.start < self.read_to || self.syntax == Syntax::Lock {
            return;
        }
        let line = match self.regions {
            None => self.line_at(word.start),
            Some(regions) => match regions.at(word.start) {
                Some((_, Region::Key)) => return,
                Some((range, Region::Prose)) => self.line_in(word.start, range, Place::Prose),
                Some((range, Region::Scalar)) => self.line_in(word.start, range, Place::Scalar),
                None => Line { place: Place::Prose, ..self.line_at(word.start) },
            },
        };
        let is_manifest = self.regions.is_none()
            && word.start >= self.manifest_to
            && is_kind(&self.text[line.range.clone()]);
        if is_manifest {
            let (values, end) = secret_manifest::lines(self.text, line.range.clone());
            self.manifest_to = end;
            self.raw.unclear = true;
            self.raw.found.extend(values.into_iter().map(|(key, range)| Candidate {
                range,
                rule: secret_manifest::CODE,
                tier: Tier::Structure,
                what: "a value of a Secret",
                key: Some(key),
            }));
            return;
        }
        // What is embedded in a scalar may be of any syntax.
        let syntax =
            if self.regions.is_some() && line.place == Place::Scalar { Syntax::Other } else { self.syntax };
        // What goes on behind the word is of the same key.
        self.read_to = run(self.text, word.end, LONGEST_KEY, is_key);
        match read(self.text, &line, word, syntax) {
            Reading::Found(assignment) => {
                self.read_to = assignment.value.end.max(assignment.key.end);
                self.raw.found.push(Candidate {
                    range: assignment.value,
                    rule: assignment.rule,
                    tier: Tier::Name,
                    what: "a secret",
                    key: Some(assignment.key),
                });
            }
            Reading::Unclear => self.raw.unclear = true,
            Reading::Nothing => {}
        }
    }

    /// The line of the file at a byte, which is at or behind the last one.
    fn line_at(&mut self, at: usize) -> Line {
        if let Some(line) = self.line.as_ref().filter(|line| line.range.start <= at && at <= line.range.end) {
            return line.clone();
        }
        let bytes = self.text.as_bytes();
        let is_break = |byte: &u8| matches!(byte, b'\n' | b'\r');
        let start = bytes[..at].iter().rposition(is_break).map_or(0, |n| n + 1);
        let end = bytes[at..].iter().position(is_break).map_or(bytes.len(), |n| at + n);
        let content = &self.text[start..end];
        let first = start + content.len() - content.trim_start().len();
        let place = if is_comment(&self.text[first..end], self.syntax) { Place::Prose } else { Place::File };
        let line = Line { range: start..end, first, place };
        self.line = Some(line.clone());
        line
    }

    /// The part of a line that lies within a scalar.
    fn line_in(&mut self, at: usize, within: Range<usize>, place: Place) -> Line {
        let line = self.line_at(at);
        let range = line.range.start.max(within.start)..line.range.end.min(within.end);
        let first = line.first.max(range.start);
        let is_comment = self.text[first..range.end.max(first)].starts_with('#');
        Line { range, first, place: if is_comment { Place::Prose } else { place } }
    }
}

/// Whether a line says that a document is a Secret.
fn is_kind(line: &str) -> bool {
    line.trim()
        .strip_prefix("kind:")
        .is_some_and(|kind| matches!(kind.trim(), "Secret" | "\"Secret\"" | "'Secret'"))
}

fn is_comment(line: &str, syntax: Syntax) -> bool {
    let signs: &[&str] = match syntax {
        Syntax::Xml => &["<!--"],
        Syntax::Lines => &["#", ";", "!"],
        Syntax::Json | Syntax::Code => &["//", "/*", "* ", "#", "--"],
        Syntax::Hcl => &["#", "//", "/*"],
        Syntax::Prose => return false,
        _ => &["#", "//", "{{/*", "{#"],
    };
    signs.iter().any(|sign| line.starts_with(sign))
}
