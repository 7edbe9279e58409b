//! The validate phase: the documents of an environment are held against the schemas of its platform and
//! against each other.

pub mod check;
pub mod compose;
pub mod ecs;
pub mod family;
pub mod finding;
pub mod gathered;
pub mod grammar;
pub mod json_schema;
pub mod kubernetes;
pub mod place;
pub mod quantity;
pub mod rule;
pub mod same_file;
pub mod schema;
pub mod spot;
pub mod words;

use std::collections::HashMap;
use std::sync::OnceLock;

use self::kubernetes::crd::OwnKinds;
use super::draft::Document;
use super::fault::Fault;
use super::pack::Pack;
use super::taint::Sealed;
use crate::config::environment::Environment;
use crate::config::repo::Repo;
use crate::source::diagnostic::Diagnostics;

/// The documents that are validated together.
pub struct Scope<'a> {
    /// Their environment.
    pub environment: &'a Environment,
    /// What made them.
    pub pack: &'a Pack,
    /// The repo.
    pub repo: &'a Repo,
    /// The documents.
    pub sealed: &'a [Sealed],
    /// Whether they are all documents of the environment, so that what isn't among them isn't there.
    pub complete: bool,
    /// What other environments have read already.
    pub cache: &'a Cache,
}

/// What all environments of a run share, read when one needs it.
#[derive(Debug, Default)]
pub struct Cache {
    /// Kinds of Kubernetes that the repo defines.
    own_kinds: OnceLock<OwnKinds>,
}

/// Adds a finding for everything that the platform would refuse, and a warning for what it might.
pub fn validate(scope: &Scope<'_>, out: &mut Diagnostics) {
    same_objects(scope.sealed, out);
    gathered::check(scope.sealed, out);
    same_file::check(scope.sealed, scope.pack, out);
    let documents: Vec<&Document> = scope.sealed.iter().flat_map(Sealed::documents).collect();
    let mut findings =
        scope.pack.schemas.map_or_else(Vec::new, |family| (family.findings)(scope, &documents, out));
    for (index, document) in documents.iter().enumerate() {
        if let Some(schema) = document.artifact.schema {
            scope.pack.row_schemas[schema].check(index, &document.body, &mut findings);
        }
    }
    if !findings.is_empty() {
        place::report(scope, &documents, findings, out);
    }
}

/// No two documents are the same object, of which an apply would keep only the last.
fn same_objects(sealed: &[Sealed], out: &mut Diagnostics) {
    let mut seen: HashMap<(String, String, String), &Sealed> = HashMap::new();
    for group in sealed {
        // What a pack names is told apart by the file that it goes to.
        for document in group.documents().iter().filter(|document| document.artifact.kind.is_none()) {
            let identity = document.identity();
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
