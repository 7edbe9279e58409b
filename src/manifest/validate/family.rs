//! The families of schemas that a pack can choose from by `schemas: NAME` in its platform.yaml.

use super::finding::Finding;
use super::{Scope, compose, ecs, kubernetes};
use crate::manifest::draft::Document;
use crate::source::diagnostic::Diagnostics;

/// A family of schemas, with the rules that go with them.
#[derive(Debug)]
pub struct Family {
    /// Its name.
    pub name: &'static str,
    /// What is wrong with the documents of an environment. What is wrong with its settings goes to the
    /// diagnostics.
    pub findings: fn(&Scope<'_>, &[&Document], &mut Diagnostics) -> Vec<Finding>,
}

/// All of them. A new one is a module and a row.
pub static FAMILIES: [Family; 3] = [
    Family { name: "compose", findings: compose::findings },
    Family { name: "ecs", findings: ecs::findings },
    Family { name: "kubernetes", findings: kubernetes::findings },
];

impl Family {
    /// The family with a name.
    pub fn of(name: &str) -> Option<&'static Family> {
        FAMILIES.iter().find(|family| family.name == name)
    }
}
