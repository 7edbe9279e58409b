//! What a tree breaks of a schema: facts, one for each cause.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::schema_words::Form;
use super::span::Span;

/// One cause for which a tree doesn't fit.
#[derive(Clone, Debug)]
pub struct Violation {
    /// JSON pointer to the value that doesn't fit; for a key, to the mapping that has it.
    pub path: String,
    /// Whether that is a list or a mapping.
    pub container: bool,
    /// Where a person should look.
    pub place: Span,
    /// What is wrong.
    pub fact: Fact,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A key that the schema doesn't know.
    UnknownKey {
        /// The key.
        key: String,
        /// A known one that looks like it.
        meant: Option<String>,
        /// All known ones.
        known: Vec<String>,
    },
    /// A key that the schema knows, though not together with the rest.
    MisplacedKey {
        /// The key.
        key: String,
    },
    /// A key that the schema forbids by name.
    ForbiddenKey {
        /// The key.
        key: String,
    },
    /// A key that must be there; one of them is enough.
    MissingKey {
        /// The key or the keys.
        keys: Vec<String>,
    },
    /// A value of another form than those.
    Value {
        /// Those; what can't be said in words may be missing.
        expected: Vec<Form>,
        /// What the value is, if that is what is wrong.
        found: Option<&'static str>,
    },
    /// The name of a key is of another form than those.
    KeyName {
        /// The key.
        key: String,
        /// Those.
        expected: Vec<Form>,
    },
    /// What can only be said in a sentence.
    Other(&'static str),
}

/// Leaves one violation for each cause.
pub fn settle(found: Vec<Violation>) -> Vec<Violation> {
    let certain: BTreeSet<&str> = found
        .iter()
        .filter(|v| !matches!(v.fact, Fact::MisplacedKey { .. }))
        .map(|v| v.path.as_str())
        .collect();
    let misspelt: HashSet<(&str, &str)> = found
        .iter()
        .filter_map(|v| match &v.fact {
            Fact::UnknownKey { meant, .. } => Some((v.path.as_str(), meant.as_deref()?)),
            _ => None,
        })
        .collect();
    let mut best: HashMap<(&str, Option<&str>), (u8, usize)> = HashMap::new();
    for (index, violation) in found.iter().enumerate() {
        if let Some((key, rank)) = rank(&violation.fact) {
            let first = best.entry((&violation.path, key)).or_insert((rank, index));
            *first = (rank, index).min(*first);
        }
    }
    let keep = |(index, v): (usize, &Violation)| match &v.fact {
        // Known, and only refused because something else is wrong there or below.
        Fact::MisplacedKey { .. } => {
            let below = format!("{}/", v.path);
            let next = certain.range(below.as_str()..).next();
            !certain.contains(v.path.as_str()) && !next.is_some_and(|path| path.starts_with(&below))
        }
        Fact::MissingKey { keys } => {
            !keys.iter().any(|key| misspelt.contains(&(v.path.as_str(), key.as_str())))
        }
        // A value of another type breaks other rules too, and a scalar breaks one rule because it
        // breaks another: an empty one is too short and of no form. The same holds for a key's name.
        fact => rank(fact).is_none_or(|(key, _)| {
            let (rank, first) = best[&(v.path.as_str(), key)];
            first == index || (key.is_none() && v.container && rank > 0)
        }),
    };
    let keep: Vec<bool> = found.iter().enumerate().map(keep).collect();
    found.into_iter().zip(keep).filter_map(|(violation, keep)| keep.then_some(violation)).collect()
}

/// The key that a fact is about, if it is about one, and how much the fact says, the most first.
/// `None` for what stands for itself.
fn rank(fact: &Fact) -> Option<(Option<&str>, u8)> {
    let of = |expected: &[Form]| match expected.first() {
        Some(Form::Type(_) | Form::Option(_)) => 1,
        Some(Form::Described(_) | Form::Pattern { .. }) => 2,
        Some(Form::Bound(_)) => 3,
        None => 4,
    };
    match fact {
        Fact::Value { found: Some(_), .. } => Some((None, 0)),
        Fact::Value { expected, .. } => Some((None, of(expected))),
        Fact::Other(_) => Some((None, 4)),
        Fact::UnknownKey { key, .. } => Some((Some(key), 0)),
        Fact::KeyName { key, expected } => Some((Some(key), of(expected))),
        Fact::MisplacedKey { .. } | Fact::ForbiddenKey { .. } | Fact::MissingKey { .. } => None,
    }
}
