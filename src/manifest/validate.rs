//! The validate phase: what must hold of all documents of an environment together.

use std::collections::HashMap;

use super::fault::Fault;
use super::taint::Sealed;
use crate::source::diagnostic::Diagnostics;

/// Checks that no two documents are the same object, of which an apply would keep only the last.
pub fn validate(sealed: &[Sealed], out: &mut Diagnostics) {
    let mut seen: HashMap<(String, String, String), &Sealed> = HashMap::new();
    for group in sealed {
        for document in group.documents() {
            let identity = document.body.identity();
            if let Some(other) = seen.insert(identity.clone(), group) {
                let (kind, _, name) = identity;
                let unit = |sealed: &Sealed| sealed.unit().map(|config| config.unit.clone());
                let spans = [other, group]
                    .into_iter()
                    .filter_map(|sealed| sealed.unit().map(|config| config.version.span));
                out.push(Fault::SameObject {
                    kind,
                    name,
                    units: [unit(other), unit(group)].into_iter().flatten().collect(),
                    spans: spans.collect(),
                });
            }
        }
    }
}
