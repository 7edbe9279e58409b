//! The containers of one unit beside its own: sidecars, and what runs before (`init`).

use std::collections::HashMap;
use std::sync::Arc;

use indexmap::IndexMap;

use super::complete::entries_mut;
use super::fault::Fault;
use super::secret::Secrets;
use super::tree::{Tree, TreeKind};
use super::workload_fault::{WorkloadFault, undeclared};
use crate::source::diagnostic::Diagnostics;
use crate::source::span::Span;

/// The keys under which they stand.
pub const BESIDE: [&str; 2] = ["sidecars", "init"];

/// Containers of one unit have names of their own; the app's has the name of the app.
pub fn check_names(workload: &Tree, app: &str, out: &mut Diagnostics) {
    let main = workload.get("image").map_or(workload.origin.span, |image| image.origin.span);
    let mut seen: HashMap<&str, Span> = HashMap::from([(app, main)]);
    for key in BESIDE {
        for (name, container) in workload.get(key).and_then(Tree::as_map).into_iter().flatten() {
            let span = container.origin.span;
            if let Some(other) = seen.insert(name, span) {
                out.push(WorkloadFault::ContainerTaken { span, other, name: name.to_string() });
            }
        }
    }
}

/// Makes of the `secrets` of sidecars and init containers mappings from variables to names of secrets that
/// the app declares. `declared` are their names, also those whose values couldn't be read.
pub fn receive_secrets(workload: &mut Tree, declared: &[String], secrets: &Secrets, out: &mut Diagnostics) {
    for key in BESIDE {
        for (_, container) in entries_mut(workload, key) {
            let Some(map) = container.as_map_mut() else { continue };
            let Some(received) = map.get_mut("secrets") else { continue };
            if let TreeKind::List(items) = &mut received.kind {
                let named = std::mem::take(items).into_iter();
                let named = named.map(|item| (variable(&item, secrets), item));
                received.kind = TreeKind::Map(named.collect());
            }
            let received = received.as_map().cloned().unwrap_or_default();
            for secret in received.values() {
                let name = secret.as_text();
                if !name.is_some_and(|name| declared.iter().any(|known| **known == **name)) {
                    let span = secret.origin.span;
                    out.push(undeclared(span, name.map(|name| &**name), declared.to_vec()));
                }
            }
            check_variables(map.get("config").and_then(Tree::as_map), &received, out);
        }
    }
}

/// The variable of a secret that is received by its name.
fn variable(item: &Tree, secrets: &Secrets) -> Arc<str> {
    let name: Arc<str> = item.as_text().cloned().unwrap_or_default();
    let found = secrets.iter().find(|(_, secret)| secret.name == name);
    found.and_then(|(_, secret)| secret.variable.clone()).unwrap_or(name)
}

fn check_variables(
    config: Option<&IndexMap<Arc<str>, Tree>>,
    received: &IndexMap<Arc<str>, Tree>,
    out: &mut Diagnostics,
) {
    for (name, value) in config.into_iter().flatten() {
        if let Some(secret) = received.get(name) {
            let (span, other) = (secret.origin.span, value.origin.span);
            out.push(Fault::VariableSetTwice { span, other, name: name.to_string() });
        }
    }
}
