//! Documents that become one file: what two of them say about the same key has to be the same.

use std::collections::HashMap;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::config::name::UnitName;
use crate::manifest::artifact::{Form, OutputFile};
use crate::manifest::draft::Datum;
use crate::manifest::fault::Fault;
use crate::manifest::taint::Sealed;
use crate::source::diagnostic::Diagnostics;

/// What several documents say, each value with the group that said it first.
enum Said<'a> {
    Value(&'a Datum, usize),
    Map(IndexMap<&'a str, Said<'a>>),
}

/// Says where the documents of one file contradict each other.
pub fn check(sealed: &[Sealed], out: &mut Diagnostics) {
    let mut files: HashMap<&Arc<str>, Said<'_>> = HashMap::new();
    for (group, owner) in sealed.iter().enumerate() {
        for document in owner.documents() {
            let Some(OutputFile { name, form: Form::Gathered }) = &document.artifact.file else { continue };
            let all = files.entry(name).or_insert_with(|| Said::Map(IndexMap::new()));
            let mut contradictions = Vec::new();
            add(all, &document.body, group, &mut Vec::new(), &mut contradictions);
            for (path, other) in contradictions {
                out.push(contradiction(name, path, [&sealed[other], owner]));
            }
        }
    }
}

fn add<'a>(
    said: &mut Said<'a>,
    datum: &'a Datum,
    group: usize,
    path: &mut Vec<&'a str>,
    found: &mut Vec<(String, usize)>,
) {
    match (said, datum) {
        (Said::Map(map), Datum::Map(entries)) => {
            for (key, value) in entries {
                path.push(key);
                let below = map.entry(key).or_insert_with(|| match value {
                    Datum::Map(_) => Said::Map(IndexMap::new()),
                    value => Said::Value(value, group),
                });
                add(below, value, group, path, found);
                path.pop();
            }
        }
        (Said::Value(value, _), datum) if is_same(value, datum) => {}
        (said, _) => found.push((path.join("."), first(said).unwrap_or(group))),
    }
}

fn first(said: &Said<'_>) -> Option<usize> {
    match said {
        Said::Value(_, group) => Some(*group),
        Said::Map(map) => map.values().find_map(first),
    }
}

/// Whether two values are one plain value. What holds a secret is the same as itself alone.
pub(super) fn is_same(one: &Datum, other: &Datum) -> bool {
    match (one, other) {
        _ if std::ptr::eq(one, other) => true,
        (Datum::Null, Datum::Null) => true,
        (Datum::Bool(one), Datum::Bool(other)) => one == other,
        (Datum::Number(one), Datum::Number(other)) => one == other,
        (Datum::Text(_), Datum::Text(_)) => {
            one.as_text().zip(other.as_text()).is_some_and(|(one, other)| one == other)
        }
        (Datum::List(one), Datum::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Datum::Map(one), Datum::Map(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, value)| other.get(key).is_some_and(|other| is_same(value, other)))
        }
        _ => false,
    }
}

fn contradiction(file: &str, path: String, groups: [&Sealed; 2]) -> Fault {
    let units = groups.iter().filter_map(|group| group.unit());
    Fault::Contradiction {
        file: file.to_string(),
        path,
        units: units.clone().map(|config| config.unit.clone()).collect::<Vec<UnitName>>(),
        spans: units.map(|config| config.version.span).collect(),
    }
}
