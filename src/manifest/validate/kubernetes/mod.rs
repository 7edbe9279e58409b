//! Kubernetes: its schemas, those of own kinds, and what no schema says.
//!
//! What the API server refuses, and what can never run, is an error. What may be right because of something
//! outside of the repo (a Secret that an operator makes) is a warning.

pub mod containers;
pub mod crd;
pub mod inventory;
pub mod names;
pub mod references;
pub mod rules;
pub mod selectors;
pub mod services;
pub mod table;
pub mod targets;
pub mod version;

use rayon::prelude::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use self::crd::OwnKinds;
use self::inventory::Inventory;
use self::table::Table;
use self::version::Version;
use super::Scope;
use super::check::{Definitions, check};
use super::finding::{Fact, Finding};
use super::schema::Type;
use super::spot::Spot;
use crate::config::backend::Backend;
use crate::config::secret::SecretSource;
use crate::manifest::draft::{Datum, Document};
use crate::manifest::fault::Fault;
use crate::manifest::taint::Sealed;
use crate::source::diagnostic::{Diagnostics, Severity};
use crate::source::nearest::nearest;

/// How many documents are at least checked by one thread.
const AT_ONCE: usize = 32;

/// What is wrong with the documents of an environment, by what it says of its cluster.
pub fn findings(scope: &Scope<'_>, documents: &[&Document], out: &mut Diagnostics) -> Vec<Finding> {
    let setting = |key: &str| {
        let own = scope.environment.settings.get(key)?;
        Some((own.as_text()?.clone(), own.origin.span))
    };
    let version = match setting("version") {
        None => Version::NEWEST,
        Some((text, span)) => match Version::parse(&text) {
            Some(version) => version,
            None => {
                out.push(Fault::UnknownKubernetes { version: text.to_string(), span });
                return Vec::new();
            }
        },
    };
    let unknown_kinds = match setting("unknownKinds").as_ref().map(|(text, _)| &**text) {
        Some("error") => Some(Severity::Error),
        Some("ignore") => None,
        _ => Some(Severity::Warning),
    };
    let own = scope.cache.own_kinds.get_or_init(|| OwnKinds::read(&scope.repo.kinds, out));
    let schemas = Schemas::new(version, own, unknown_kinds);
    let namespace = scope.environment.namespace.as_ref().map_or("", |(namespace, _)| namespace);
    let bodies: Vec<&Datum> = documents.iter().map(|document| &document.body).collect();
    schemas.findings(&bodies, namespace, &there(scope), scope.complete)
}

/// The Secrets that exist in the environment's namespace, as pointers say.
fn there(scope: &Scope<'_>) -> Vec<String> {
    let units = scope.sealed.iter().filter_map(Sealed::unit);
    let secrets = units.flat_map(|unit| unit.secrets.iter());
    let names = secrets.filter_map(|(_, secret)| match &secret.source {
        SecretSource::Pointer(locator) if locator.backend == Backend::K8s => Some(locator.path()),
        _ => None,
    });
    names.collect()
}

/// What documents are held against.
#[derive(Debug)]
pub struct Schemas<'a> {
    table: &'static Table,
    own: &'a OwnKinds,
    unknown_kinds: Option<Severity>,
}

impl<'a> Schemas<'a> {
    /// The schemas of a version and of own kinds. A kind without a schema is `unknown_kinds`.
    pub fn new(version: Version, own: &'a OwnKinds, unknown_kinds: Option<Severity>) -> Self {
        Schemas { table: Table::of(version), own, unknown_kinds }
    }

    /// All findings about documents that are applied together. `namespace` is where those live that don't
    /// say so, and where Secrets are known to be `there`. Unless they are the `whole` environment, nothing is said of
    /// what they lack.
    pub fn findings(
        &self,
        documents: &[&Datum],
        namespace: &str,
        there: &[String],
        whole: bool,
    ) -> Vec<Finding> {
        let each = documents.par_iter().enumerate().with_min_len(AT_ONCE);
        let mut found: Vec<Finding> = each
            .flat_map_iter(|(index, document)| {
                let mut found = Vec::new();
                self.document(index, document, &mut found);
                found
            })
            .collect();
        let inventory = Inventory::of(documents, namespace, there, whole);
        names::check(&inventory, &mut found);
        containers::check(&inventory, &mut found);
        services::check(&inventory, &mut found);
        selectors::check(&inventory, &mut found);
        references::check(&inventory, &mut found);
        targets::check(&inventory, &mut found);
        found
    }

    /// Holds one document against its schema.
    pub fn document(&self, index: usize, document: &Datum, found: &mut Vec<Finding>) {
        let text = |key: &str| document.get(key).and_then(Datum::as_text);
        let root = Spot::root(index, document);
        let (Some(api_version), Some(kind)) = (text("apiVersion"), text("kind")) else {
            found.push(Finding::at(&root, Fact::NotAnObject));
            return;
        };
        let own =
            self.own.find(&api_version, &kind).or_else(|| OwnKinds::built_in().find(&api_version, &kind));
        let ty = own.map(|own| &own.ty).or_else(|| {
            self.table.kind(&api_version, &kind).map(|definition| self.table.definition(definition))
        });
        match (ty, self.unknown_kinds) {
            (Some(ty), _) => check(self, index, document, ty, found),
            (None, None) => {}
            (None, Some(severity)) => {
                let meant = self.meant(&api_version, &kind);
                let (kind, api_version) = (kind.to_string(), api_version.to_string());
                let fact = Fact::UnknownKind { kind, api_version, meant, severity };
                found.push(Finding::at(&root.get("kind").unwrap_or(root), fact));
            }
        }
    }

    /// The version in which a kind exists, or the kind of a version that is called nearly so.
    fn meant(&self, api_version: &str, kind: &str) -> Option<String> {
        let own = self
            .own
            .iter()
            .chain(OwnKinds::built_in().iter())
            .map(|own| (own.api_version.as_str(), own.kind.as_str()));
        let known = self.table.kinds().filter_map(|name| name.split_once(','));
        let mut all: Vec<(&str, &str)> = own.chain(known).collect();
        all.sort_unstable();
        let elsewhere = all.iter().find(|(_, name)| *name == kind).map(|(version, _)| *version);
        let similar =
            || nearest(kind, all.iter().filter(|(version, _)| *version == api_version).map(|(_, k)| *k));
        elsewhere.or_else(similar).map(ToString::to_string)
    }
}

impl Definitions for Schemas<'_> {
    fn definition(&self, index: usize) -> &Type {
        self.table.definition(index)
    }
}
