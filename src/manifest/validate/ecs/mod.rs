//! ECS: the inputs of its calls held against the API's own schemas, and what no schema says, above all what
//! Fargate asks.
//!
//! What the API refuses, and what can never run, is an error. What may be right because of something outside of
//! the repo, or is only of no use, is a warning.

pub mod capacity;
pub mod containers;
pub mod dependencies;
pub mod expression;
pub mod fact;
pub mod fargate;
pub mod logs;
pub mod objects;
pub mod parameters;
pub mod rules;
pub mod scaling;
pub mod services;
pub mod size;
pub mod starts;
pub mod table;
pub mod task;
pub mod task_size;
pub mod unit;
pub mod value_from;
pub mod volumes;
pub mod words;

use rayon::prelude::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use self::fact::{EcsFact, Named};
use self::table::Table;
use self::unit::{Unit, unique};
use super::Scope;
use super::check::check;
use super::finding::{Fact, Finding};
use super::spot::Spot;
use crate::manifest::draft::Document;
use crate::manifest::taint::Sealed;
use crate::source::diagnostic::{Diagnostics, Severity};
use crate::source::nearest::nearest;

/// How many units are at least checked by one thread.
const AT_ONCE: usize = 16;

/// What is wrong with the documents of an environment.
pub fn findings(scope: &Scope<'_>, documents: &[&Document], _out: &mut Diagnostics) -> Vec<Finding> {
    let sizes: Vec<usize> = scope.sealed.iter().map(|sealed: &Sealed| sealed.documents().len()).collect();
    of(documents, &sizes)
}

/// What is wrong with documents, of which as many as the first of `sizes` are the first unit's, and so on.
pub fn of(documents: &[&Document], sizes: &[usize]) -> Vec<Finding> {
    let mut first = 0;
    let starts: Vec<(usize, usize)> = sizes
        .iter()
        .map(|size| {
            first += size;
            (first - size, *size)
        })
        .collect();
    let each = starts.par_iter().with_min_len(AT_ONCE);
    let mut found: Vec<Finding> = each
        .flat_map_iter(|(first, size)| {
            let mut found = Vec::new();
            let own = &documents[*first..first + size];
            for (index, document) in own.iter().enumerate() {
                schema(first + index, document, &mut found);
                if document.kind() == "schedule" {
                    starts::needs(first + index, &mut found);
                }
            }
            let unit = Unit::of(own, *first);
            for task in &unit.tasks {
                task_size::check(task, &mut found);
                fargate::check(task, &unit, &mut found);
                containers::check(task, &mut found);
                dependencies::check(task, &mut found);
                volumes::check(task, &mut found);
                logs::check(task, &mut found);
            }
            tags(&unit, &mut found);
            value_from::check(&unit, &mut found);
            services::check(&unit, &mut found);
            starts::check(&unit, &mut found);
            scaling::check(&unit, &mut found);
            parameters::check(&unit, &mut found);
            found
        })
        .collect();
    objects::check(documents, &mut found);
    found
}

/// No object of a unit has a tag twice.
fn tags(unit: &Unit<'_>, found: &mut Vec<Finding>) {
    let tasks = unit.tasks.iter().map(|task| task.root);
    for object in tasks.chain(unit.services.iter().copied()).chain(unit.runs.iter().copied()) {
        let twice = |name| Fact::Ecs(EcsFact::Twice { what: Named::Tag, name });
        unique(object.list("tags"), "key", twice, found);
    }
}

/// Holds one document against the schema of its kind.
pub fn schema(index: usize, document: &Document, found: &mut Vec<Finding>) {
    let table = Table::embedded();
    let kind = document.kind();
    match table.root(&kind) {
        Some(ty) => check(table, index, &document.body, ty, found),
        // What the repo adds is a file of some other call, unless it is meant to be one of these.
        None => {
            let Some(meant) = nearest(&kind, table.kinds()) else { return };
            let fact = Fact::UnknownKind {
                meant: Some(meant.to_string()),
                kind: kind.into_owned(),
                api_version: String::new(),
                severity: Severity::Warning,
            };
            found.push(Finding::at(&Spot::root(index, &document.body), fact));
        }
    }
}
