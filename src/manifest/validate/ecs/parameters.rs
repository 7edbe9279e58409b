//! The parameters in which the secrets of a unit are kept.

use super::fact::EcsFact;
use super::services::exclusive;
use super::unit::Unit;
use crate::manifest::draft::Datum;
use crate::manifest::validate::finding::{Fact, Finding};

/// Checks that parameters keep secrets as such.
pub fn check(unit: &Unit<'_>, found: &mut Vec<Finding>) {
    for parameter in &unit.parameters {
        match parameter.get("Type") {
            None => found.push(Finding::at(parameter, Fact::MissingKey { key: "Type".into() })),
            Some(ty) if ty.text().is_some_and(|text| text != "SecureString") => {
                found.push(Finding::at(&ty, Fact::Ecs(EcsFact::NotSecure)));
            }
            Some(_) => {}
        }
        if let Some(value) = parameter.get("Value")
            && matches!(value.datum, Datum::Text(_))
            && !value.datum.has_secret()
        {
            found.push(Finding::at(&value, Fact::Ecs(EcsFact::PlainParameter)));
        }
        // The API takes tags only when it makes a parameter.
        if parameter.is_true("Overwrite") {
            exclusive(*parameter, "Tags", "Overwrite", found);
        }
    }
}
