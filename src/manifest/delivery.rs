//! How each secret of a unit reaches it: by a reference that the platform dereferences itself, or resolved into
//! the output, for which a permission is needed.

use super::fault::Fault;
use super::pack::Pack;
use super::reference;
use crate::config::check::Config;
use crate::config::secret::SecretId;
use crate::source::diagnostic::Diagnostics;

/// The secrets of a unit by the way in which they reach it, each list in the order of declaration. What is shared
/// reaches a unit only by secrets of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deliveries {
    /// Those that are resolved into the output.
    pub inline: Vec<SecretId>,
    /// Those that the platform dereferences itself.
    pub native: Vec<SecretId>,
}

impl Deliveries {
    /// Whether the platform dereferences a secret itself.
    pub fn is_native(&self, id: SecretId) -> bool {
        self.native.contains(&id)
    }

    /// All of them, in the order of declaration.
    pub fn all(&self) -> Vec<SecretId> {
        let mut all = [self.inline.as_slice(), self.native.as_slice()].concat();
        all.sort_unstable();
        all
    }
}

/// The way of each secret: the platform's own reference wherever it has one, else into the output. One that has
/// neither a reference nor a permission is an error.
pub fn decide(config: &Config, pack: &Pack, out: &mut Diagnostics) -> Deliveries {
    let (app, environment) = (&config.unit.app, &config.environment);
    let mut deliveries = Deliveries::default();
    for (id, secret) in config.secrets.iter().filter(|(_, secret)| !secret.shared) {
        match reference::fits(secret, config, &pack.references, pack.composes.as_deref()) {
            Ok(()) => deliveries.native.push(id),
            Err(_) if environment.permits_inline(app, &secret.name) => deliveries.inline.push(id),
            Err(misfit) => out.push(Fault::NotPermittedInline {
                span: secret.span,
                unit: config.unit.clone(),
                name: secret.name.to_string(),
                document: environment.document,
                list: environment.inline_span,
                platform: pack.name.clone(),
                has_references: !pack.references.is_empty(),
                misfit,
            }),
        }
    }
    deliveries
}
