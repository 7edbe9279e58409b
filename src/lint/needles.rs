//! The one pass over a text that says where rules must look closer. Of a text without secrets, nothing else
//! is read.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::lint::rules::KNOWN;
use crate::lint::rules::formats::FORMATS;

/// Pieces of keys that announce a secret.
const NAMES: [&str; 9] = ["pass", "pwd", "pw", "secret", "token", "credential", "creds", "key", "psk"];
/// Commands whose arguments are secrets without a name that says so.
const COMMANDS: [&str; 7] =
    ["curl ", "mysql", "sshpass", "redis-cli", "docker login", "--from-literal", "identified by"];
/// What only a tree tells more about: escapes, and places that are made for secrets.
const TREES: [&str; 7] = ["\\x", "\\u", "\\\n", "secretGenerator", "secrets:", "secrets\":", "secrets\" :"];

/// What stands at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needle {
    /// A piece of a key.
    Name,
    /// A command.
    Command,
    /// What a tree tells more about.
    Tree,
    /// A literal of a rule of [`KNOWN`], by index.
    Rule(usize),
    /// A literal of a form of [`FORMATS`], by index, in its own case.
    Token(usize, &'static str),
}

/// A place to look closer at.
#[derive(Clone, Copy, Debug)]
pub struct Hit {
    /// Its first byte.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    /// What stands there.
    pub needle: Needle,
}

struct Search {
    automaton: AhoCorasick,
    needles: Vec<Needle>,
}

static SEARCH: LazyLock<Search> = LazyLock::new(|| {
    let named =
        |texts: &'static [&'static str], needle: Needle| texts.iter().map(move |text| (*text, needle));
    let known = KNOWN.iter().enumerate().flat_map(|(index, rule)| named(rule.needles, Needle::Rule(index)));
    let formats = FORMATS.iter().enumerate();
    let tokens =
        formats.flat_map(|(index, format)| format.needles.iter().map(move |n| (*n, Needle::Token(index, n))));
    let all = named(&NAMES, Needle::Name)
        .chain(named(&COMMANDS, Needle::Command))
        .chain(named(&TREES, Needle::Tree))
        .chain(known)
        .chain(tokens);
    let (texts, needles): (Vec<&str>, Vec<Needle>) = all.unzip();
    let automaton = AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::DFA))
        .match_kind(MatchKind::Standard)
        .ascii_case_insensitive(true)
        .build(texts)
        .expect("the needles are few");
    Search { automaton, needles }
});

/// All places of a text, in the order in which they end.
pub fn hits(text: &str) -> impl Iterator<Item = Hit> {
    let search = &*SEARCH;
    search.automaton.find_overlapping_iter(text).map(|found| Hit {
        start: found.start(),
        end: found.end(),
        needle: search.needles[found.pattern().as_usize()],
    })
}
