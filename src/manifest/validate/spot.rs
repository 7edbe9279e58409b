//! A value of a document together with the way to it.

use std::borrow::Cow;

use crate::manifest::draft::Datum;

/// The most steps that a rule looks into a document.
const DEEPEST: usize = 20;

/// A value and where it stands: cheap to copy, so rules walk documents with it.
#[derive(Clone, Copy, Debug)]
pub struct Spot<'a> {
    /// Which of the documents.
    pub document: usize,
    /// The value.
    pub datum: &'a Datum,
    steps: [u32; DEEPEST],
    depth: usize,
}

impl<'a> Spot<'a> {
    /// A whole document.
    pub fn root(document: usize, datum: &'a Datum) -> Self {
        Spot { document, datum, steps: [0; DEEPEST], depth: 0 }
    }

    /// The positions that lead to it from the root of its document.
    pub fn steps(&self) -> Vec<usize> {
        self.steps[..self.depth].iter().map(|step| *step as usize).collect()
    }

    /// The value of a key, unless it is absent or null.
    pub fn get(&self, key: &str) -> Option<Spot<'a>> {
        let Datum::Map(map) = self.datum else { return None };
        let (index, _, value) = map.get_full(key)?;
        (!matches!(value, Datum::Null)).then(|| self.step(index, value))
    }

    /// The value at the end of several keys.
    pub fn at(&self, keys: &[&str]) -> Option<Spot<'a>> {
        keys.iter().try_fold(*self, |spot, key| spot.get(key))
    }

    /// The items of a list; none of anything else.
    pub fn items(&self) -> impl Iterator<Item = Spot<'a>> + use<'a> {
        let items = match self.datum {
            Datum::List(items) => items.as_slice(),
            _ => &[],
        };
        let here = *self;
        items.iter().enumerate().map(move |(index, item)| here.step(index, item))
    }

    /// The items of the list of a key.
    pub fn list(&self, key: &str) -> impl Iterator<Item = Spot<'a>> + use<'a> {
        self.get(key).into_iter().flat_map(|list| list.items())
    }

    /// The entries of a mapping; none of anything else.
    pub fn entries(&self) -> impl Iterator<Item = (&'a str, Spot<'a>)> + use<'a> {
        let map = match self.datum {
            Datum::Map(map) => Some(map),
            _ => None,
        };
        let here = *self;
        let entries = map.into_iter().flatten().enumerate();
        entries.map(move |(index, (key, value))| (&**key, here.step(index, value)))
    }

    /// The text of a string in which everything is known.
    pub fn text(&self) -> Option<Cow<'a, str>> {
        self.datum.as_text()
    }

    /// The text at a key.
    pub fn word(&self, key: &str) -> Option<Cow<'a, str>> {
        self.get(key).and_then(|spot| spot.text())
    }

    /// The whole number.
    pub fn number(&self) -> Option<i64> {
        match self.datum {
            Datum::Number(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// Whether the key's value is true.
    pub fn is_true(&self, key: &str) -> bool {
        self.get(key).is_some_and(|spot| matches!(spot.datum, Datum::Bool(true)))
    }

    fn step(mut self, index: usize, datum: &'a Datum) -> Spot<'a> {
        self.datum = datum;
        if let Some(step) = self.steps.get_mut(self.depth) {
            *step = u32::try_from(index).unwrap_or(u32::MAX);
            self.depth += 1;
        }
        self
    }
}
