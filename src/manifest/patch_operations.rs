//! The operations of a JSON patch, RFC 6902, on a document.

use std::sync::Arc;

use super::draft::Datum;
use super::patch::{PatchFault, datum};
use crate::config::patches::{Action, Operation, PatchKind, PatchValue};

/// How deeply a patched document may be nested, as one that templates make.
const MAX_DEPTH: usize = 128;

/// How many values the patches of a unit may still copy: each copy could double a document.
#[derive(Debug)]
pub(super) struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Budget(250_000)
    }
}

/// Does one operation.
pub(super) fn operate(
    body: &mut Datum,
    operation: &Operation,
    budget: &mut Budget,
) -> Result<(), PatchFault> {
    let path = &operation.path;
    match &operation.action {
        Action::Add(value) => add(body, path, datum(value), budget),
        Action::Remove => remove(body, path, "removes").map(drop),
        Action::Replace(value) => {
            let old = at_mut(body, path)?;
            untouched(old, path, "replaces")?;
            *old = fitting(path, datum(value), budget)?;
            Ok(())
        }
        Action::Move(from) => {
            if path.len() > from.len() && path.starts_with(from) {
                return Err(PatchFault::IntoItself);
            }
            let value = remove(body, from, "moves")?;
            add(body, path, value, budget)
        }
        Action::Copy(from) => {
            let value = at(body, from)?;
            untouched(value, from, "copies")?;
            let value = value.clone();
            add(body, path, value, budget)
        }
        Action::Test(value) => {
            let there = at(body, path)?;
            untouched(there, path, "compares")?;
            match is_equal(there, value) {
                true => Ok(()),
                false => Err(PatchFault::TestFailed { path: shown(path) }),
            }
        }
    }
}

fn add(body: &mut Datum, path: &[Arc<str>], value: Datum, budget: &mut Budget) -> Result<(), PatchFault> {
    let value = fitting(path, value, budget)?;
    let Some((last, above)) = path.split_last() else {
        untouched(body, path, "replaces")?;
        *body = value;
        return Ok(());
    };
    match at_mut(body, above)? {
        Datum::Map(map) => {
            if let Some(old) = map.get(last) {
                untouched(old, path, "replaces")?;
            }
            map.insert(last.clone(), value);
        }
        Datum::List(items) => {
            let index = if &**last == "-" { Some(items.len()) } else { index(last) };
            match index.filter(|index| *index <= items.len()) {
                Some(index) => items.insert(index, value),
                None => return Err(PatchFault::NotAnIndex { path: shown(path) }),
            }
        }
        _ => return Err(missing(above, last, Vec::new())),
    }
    Ok(())
}

fn remove(body: &mut Datum, path: &[Arc<str>], what: &'static str) -> Result<Datum, PatchFault> {
    let Some((last, above)) = path.split_last() else { return Err(PatchFault::Root) };
    untouched(at(body, path)?, path, what)?;
    let removed = match at_mut(body, above)? {
        Datum::Map(map) => map.shift_remove(last),
        Datum::List(items) => index(last).map(|index| items.remove(index)),
        _ => None,
    };
    Ok(removed.expect("what was looked at above is there"))
}

fn at<'d>(body: &'d Datum, path: &[Arc<str>]) -> Result<&'d Datum, PatchFault> {
    let mut there = body;
    for (depth, step) in path.iter().enumerate() {
        let next = match there {
            Datum::Map(map) => map.get(step),
            Datum::List(items) => index(step).and_then(|index| items.get(index)),
            _ => None,
        };
        there = next.ok_or_else(|| missing(&path[..depth], step, keys(there)))?;
    }
    Ok(there)
}

fn at_mut<'d>(body: &'d mut Datum, path: &[Arc<str>]) -> Result<&'d mut Datum, PatchFault> {
    at(body, path)?;
    Ok(path.iter().fold(body, |there, step| {
        let next = match there {
            Datum::Map(map) => map.get_mut(step),
            Datum::List(items) => index(step).and_then(|index| items.get_mut(index)),
            _ => None,
        };
        next.expect("it was found above")
    }))
}

/// The index of an item: digits without leading zeros.
fn index(step: &str) -> Option<usize> {
    let is_plain = step == "0" || !step.starts_with('0') && step.bytes().all(|b| b.is_ascii_digit());
    is_plain.then(|| step.parse().ok()).flatten()
}

fn keys(datum: &Datum) -> Vec<String> {
    match datum {
        Datum::Map(map) => map.keys().map(ToString::to_string).collect(),
        Datum::List(items) => (0..items.len()).map(|index| index.to_string()).collect(),
        _ => Vec::new(),
    }
}

fn missing(above: &[Arc<str>], step: &str, known: Vec<String>) -> PatchFault {
    PatchFault::NoPlace { path: shown(above), step: step.to_string(), known }
}

/// A pointer as it is written.
fn shown(path: &[Arc<str>]) -> String {
    path.iter().map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1"))).collect()
}

fn untouched(old: &Datum, path: &[Arc<str>], what: &'static str) -> Result<(), PatchFault> {
    match old.has_secret() {
        true => Err(PatchFault::Secret { path: shown(path), what }),
        false => Ok(()),
    }
}

/// A value that may stand at a path: it isn't too large, and the document doesn't become too deep.
fn fitting(path: &[Arc<str>], value: Datum, budget: &mut Budget) -> Result<Datum, PatchFault> {
    let (count, depth) = measure(&value);
    if path.len() + depth > MAX_DEPTH || count > budget.0 {
        return Err(PatchFault::TooLarge);
    }
    budget.0 -= count;
    Ok(value)
}

/// How many values there are, and how deeply the deepest is nested.
fn measure(datum: &Datum) -> (usize, usize) {
    let below = |(count, depth): (usize, usize), value: &Datum| {
        let (more, deep) = measure(value);
        (count + more, depth.max(deep + 1))
    };
    match datum {
        Datum::List(items) => items.iter().fold((1, 1), below),
        Datum::Map(map) => map.values().fold((1, 1), below),
        _ => (1, 1),
    }
}

fn is_equal(there: &Datum, value: &PatchValue) -> bool {
    match (there, &value.kind) {
        (Datum::Null, PatchKind::Null) => true,
        (Datum::Bool(a), PatchKind::Bool(b)) => a == b,
        (Datum::Number(a), PatchKind::Number(b)) => {
            a == b || a.parse::<f64>().ok().zip(b.parse::<f64>().ok()).is_some_and(|(a, b)| a == b)
        }
        (Datum::Text(_), PatchKind::Text(text)) => there.is_text(text),
        (Datum::List(a), PatchKind::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_equal(a, b))
        }
        (Datum::Map(a), PatchKind::Map(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| is_equal(a, b)))
        }
        _ => false,
    }
}
