//! The link phase: plan which values are needed, get each once, put them into their sinks. All or nothing.

use std::sync::Arc;

use rayon::prelude::{IntoParallelIterator, ParallelIterator};

use super::connected::Stores;
use super::decrypt::{Decrypt, Expected};
use super::failures::Failures;
use super::fault::Fault;
use super::linked::Linked;
use super::placer::Placer;
use super::plan::{Encrypted, Plan};
use super::values::{Fetched, Values};
use crate::manifest::taint::Sealed;
use crate::source::diagnostic::Diagnostics;

/// Links documents of which `plan` was made. `None` when a value can't be had, and why, for every one of them, is in `out`.
pub fn link(
    sealed: &[Sealed],
    plan: &Plan<'_>,
    repo_id: &str,
    identities: &dyn Decrypt,
    stores: &dyn Stores,
    out: &mut Diagnostics,
) -> Option<Vec<Linked>> {
    let before = out.error_count();
    let mut values = Values::default();
    decrypt(plan, repo_id, identities, &mut values, out);
    fetch(plan, stores, &mut values, out);
    if out.error_count() > before {
        return None;
    }
    let mut linked = Vec::new();
    for group in sealed {
        let placer = Placer::new(group.unit().map(|unit| &**unit), plan, &values);
        for document in group.documents() {
            match placer.place(&document.body) {
                Ok(datum) => linked.push(datum),
                Err(fault) => out.push(fault),
            }
        }
    }
    (out.error_count() == before).then_some(linked)
}

fn decrypt(
    plan: &Plan<'_>,
    repo_id: &str,
    identities: &dyn Decrypt,
    values: &mut Values,
    out: &mut Diagnostics,
) {
    let mut wanted: Vec<&Encrypted> = plan.ciphertexts.values().collect();
    wanted.sort_by_key(|wanted| wanted.user.span);
    if identities.is_empty() && !wanted.is_empty() {
        let secrets = wanted.iter().map(|w| (w.user.span, w.user.name.to_string())).collect();
        out.push(Fault::NoIdentity { secrets, looked: identities.describe() });
        return;
    }
    let decrypted: Vec<_> = wanted
        .into_par_iter()
        .map(|wanted| {
            let expected = Expected { repo: repo_id, file: &wanted.file, path: &wanted.pointer };
            (wanted, identities.decrypt(&wanted.ciphertext, &expected))
        })
        .collect();
    for (wanted, result) in decrypted {
        match result {
            Ok(value) => values.add_decrypted(&wanted.ciphertext, value),
            Err(error) => out.push(Fault::NotDecrypted {
                span: wanted.user.span,
                name: wanted.user.name.to_string(),
                unit: wanted.user.unit.clone(),
                error,
                looked: identities.describe(),
            }),
        }
    }
}

fn fetch(plan: &Plan<'_>, stores: &dyn Stores, values: &mut Values, out: &mut Diagnostics) {
    let mut failures = Failures::default();
    for (wanted, answer) in plan.wanted.iter().zip(stores.fetch(&plan.wanted)) {
        let content = match answer.result {
            Ok(content) => content,
            Err(fault) => {
                failures.add_item(&answer.store, wanted, fault);
                continue;
            }
        };
        let version: Option<Arc<str>> = content.version.as_deref().map(Into::into);
        for ((fields, users), value) in wanted.fields.iter().zip(content.pick(wanted.fields.keys())) {
            match value {
                Ok(value) => {
                    let version = content.stamp(fields).map(Into::into).or_else(|| version.clone());
                    values.add_fetched(wanted, fields, Fetched { value, version });
                }
                Err(fault) => failures.add_field(&answer.store, wanted, users.values(), fault),
            }
        }
    }
    failures.report(out);
}
