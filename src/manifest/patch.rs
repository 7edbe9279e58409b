//! Patches, applied to what templates made. A patch brings plain values alone, and moves no secret.

use std::sync::Arc;

use indexmap::IndexMap;

use super::draft::{Datum, Document, Piece};
use super::fault::Fault;
use super::patch_operations::{Budget, operate};
use super::token::is_reserved;
use crate::config::check::Config;
use crate::config::patches::{Patch, PatchBody, PatchKind, PatchValue};
use crate::source::diagnostic::Diagnostics;
use crate::source::span::Span;

/// Whether a patch of a layer that many apps have matched a document of one unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// The patch.
    pub patch: Span,
    /// Whether it matched.
    pub matched: bool,
}

/// Why a patch can't be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words in `fault` say what each is")]
pub enum PatchFault {
    NoTarget { known: Vec<String> },
    NoPlace { path: String, step: String, known: Vec<String> },
    NotAnIndex { path: String },
    TestFailed { path: String },
    Root,
    IntoItself,
    TooLarge,
    Secret { path: String, what: &'static str },
    Identity { key: &'static str },
}

/// Applies the patches of a unit to its documents. An app's own patch has to match one of them; of the
/// others it is said whether they did, so that [`unused`] can judge all units together.
pub fn apply(config: &Config, documents: &mut [Document], out: &mut Diagnostics) -> Vec<Use> {
    let mut uses = Vec::new();
    let mut budget = Budget::default();
    for patch in &config.patches {
        if let Some(span) = reserved(patch) {
            out.push(Fault::ReservedCharacter { span });
            continue;
        }
        let mut matched = false;
        for document in documents.iter_mut() {
            if fits(patch, document) {
                matched = true;
                if let Err((span, fault)) = one(patch, document, &mut budget) {
                    out.push(Fault::Patch { span, target: target(patch), fault });
                    break;
                }
            }
        }
        if !patch.is_own {
            uses.push(Use { patch: patch.span, matched });
        } else if !matched {
            let mut known: Vec<String> = documents.iter().flat_map(names).collect();
            known.sort_unstable();
            known.dedup();
            let fault = PatchFault::NoTarget { known };
            out.push(Fault::Patch { span: patch.span, target: target(patch), fault });
        }
    }
    uses
}

/// Says which patches of layers that many apps have matched no document of any unit.
pub fn unused(uses: &[Use], out: &mut Diagnostics) {
    let mut places: IndexMap<Span, bool> = IndexMap::new();
    for one in uses {
        *places.entry(one.patch).or_default() |= one.matched;
    }
    for (span, _) in places.into_iter().filter(|(_, matched)| !matched) {
        out.push(Fault::UnusedPatch { span });
    }
}

fn target(patch: &Patch) -> String {
    match &patch.name {
        Some(name) => format!("{}/{name}", patch.kind),
        None => patch.kind.to_string(),
    }
}

fn fits(patch: &Patch, document: &Document) -> bool {
    let is = |datum: Option<&Datum>, text: &str| datum.is_some_and(|datum| datum.is_text(text));
    let name = || document.body.get("metadata").and_then(|metadata| metadata.get("name"));
    document.kind() == *patch.kind && patch.name.as_deref().is_none_or(|wanted| is(name(), wanted))
}

/// What a patch could be for.
fn names(document: &Document) -> Vec<String> {
    match document.identity() {
        (kind, ..) if kind.is_empty() => Vec::new(),
        (kind, _, name) if name.is_empty() => vec![kind],
        (kind, _, name) => vec![format!("{kind}/{name}"), kind],
    }
}

fn one(patch: &Patch, document: &mut Document, budget: &mut Budget) -> Result<(), (Span, PatchFault)> {
    let before = document.identity();
    document.printed.get_or_insert_with(|| document.body.clone());
    match &patch.body {
        PatchBody::Merge(value) => {
            merge(&mut document.body, value, &mut Vec::new())?;
            same_object(&before, document).map_err(|fault| {
                let key = match fault {
                    PatchFault::Identity { key: "kind" } => value.get("kind"),
                    PatchFault::Identity { key } => value.get("metadata").and_then(|m| m.get(key)),
                    _ => None,
                };
                (key.map_or(patch.span, |value| value.origin.span), fault)
            })
        }
        PatchBody::Operations(operations) => operations.iter().try_for_each(|operation| {
            operate(&mut document.body, operation, budget)
                .and_then(|()| same_object(&before, document))
                .map_err(|fault| (operation.span, fault))
        }),
    }
}

/// Other documents name an object, and what is applied is found again by its name.
fn same_object(before: &(String, String, String), document: &Document) -> Result<(), PatchFault> {
    let after = document.identity();
    let changed =
        [("kind", before.0 == after.0), ("namespace", before.1 == after.1), ("name", before.2 == after.2)];
    match changed.into_iter().find(|(_, same)| !same) {
        Some((key, _)) => Err(PatchFault::Identity { key }),
        None => Ok(()),
    }
}

/// RFC 7386.
fn merge<'p>(
    target: &mut Datum,
    patch: &'p PatchValue,
    path: &mut Vec<&'p str>,
) -> Result<(), (Span, PatchFault)> {
    let PatchKind::Map(entries) = &patch.kind else {
        untouched(target, path, "replaces").map_err(|fault| (patch.origin.span, fault))?;
        *target = datum(patch);
        return Ok(());
    };
    if !matches!(target, Datum::Map(_)) {
        untouched(target, path, "replaces").map_err(|fault| (patch.origin.span, fault))?;
        *target = Datum::Map(IndexMap::new());
    }
    let Datum::Map(map) = target else { unreachable!("it was made a mapping above") };
    for (key, value) in entries {
        path.push(key);
        if matches!(value.kind, PatchKind::Null) {
            if let Some(old) = map.get(key) {
                untouched(old, path, "removes").map_err(|fault| (value.origin.span, fault))?;
                map.shift_remove(key);
            }
        } else {
            merge(map.entry(key.clone()).or_insert(Datum::Null), value, path)?;
        }
        path.pop();
    }
    Ok(())
}

/// Whether no secret stands in what a patch takes away.
fn untouched(old: &Datum, path: &[&str], what: &'static str) -> Result<(), PatchFault> {
    match old.has_secret() {
        true => Err(PatchFault::Secret { path: path.join("."), what }),
        false => Ok(()),
    }
}

/// A patch's value as a part of a document.
pub(super) fn datum(value: &PatchValue) -> Datum {
    match &value.kind {
        PatchKind::Null => Datum::Null,
        PatchKind::Bool(value) => Datum::Bool(*value),
        PatchKind::Number(text) => Datum::Number(text.clone()),
        PatchKind::Text(text) => {
            Datum::Text(vec![Piece::Text { text: text.clone(), origin: Some(value.origin) }])
        }
        PatchKind::List(items) => Datum::List(items.iter().map(datum).collect()),
        PatchKind::Map(map) => {
            Datum::Map(map.iter().map(|(key, value)| (key.clone(), datum(value))).collect())
        }
    }
}

/// The place of a character in a patch that tokens are made of.
fn reserved(patch: &Patch) -> Option<Span> {
    fn within(value: &PatchValue) -> Option<Span> {
        let is_bad = |text: &Arc<str>| is_reserved(text);
        match &value.kind {
            PatchKind::Text(text) => is_bad(text).then_some(value.origin.span),
            PatchKind::List(items) => items.iter().find_map(within),
            PatchKind::Map(map) => map
                .iter()
                .find_map(|(key, value)| if is_bad(key) { Some(value.origin.span) } else { within(value) }),
            _ => None,
        }
    }
    match &patch.body {
        PatchBody::Merge(value) => within(value),
        PatchBody::Operations(operations) => operations.iter().find_map(|operation| {
            let steps = operation.path.iter().any(|step| is_reserved(step)).then_some(operation.span);
            steps.or_else(|| operation.action.value().and_then(within))
        }),
    }
}

#[cfg(test)]
mod tests;
