//! How each secret of a unit reaches it: by a reference that the platform dereferences itself, or resolved into
//! the output, for which a permission is needed.

use std::collections::HashSet;

use super::fault::Fault;
use super::pack::Pack;
use super::received;
use super::reference::{Fitting, Misfit};
use crate::config::backend::Backend;
use crate::config::check::Config;
use crate::config::secret::{SecretId, SecretPart, SecretSource};
use crate::config::tree::Tree;
use crate::config::typed_secrets;
use crate::source::diagnostic::Diagnostics;

/// The secrets of a unit by the way in which they reach it, each list in the order of declaration. What is shared
/// reaches a unit only by secrets of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deliveries {
    /// Those that are resolved into the output.
    pub inline: Vec<SecretId>,
    /// Those that the platform dereferences itself.
    pub native: Vec<SecretId>,
    /// Those that another container than the app's own receives, or a field of the platform.
    pub elsewhere: HashSet<SecretId>,
    /// Those that have neither way: the platform can't, and nothing here speaks with the store.
    pub unread: Vec<SecretId>,
}

impl Deliveries {
    /// Whether the platform dereferences a secret itself.
    pub fn is_native(&self, id: SecretId) -> bool {
        self.native.contains(&id)
    }

    /// Whether anything of the unit gets a secret as it is: documents of the repo alone name others.
    pub fn is_received(&self, config: &Config, id: SecretId) -> bool {
        let secret = config.secrets.get(id);
        secret.variable.is_some() || secret.file.is_some() || self.elsewhere.contains(&id)
    }

    /// All of them, in the order of declaration.
    pub fn all(&self) -> Vec<SecretId> {
        let mut all = [self.inline.as_slice(), self.native.as_slice()].concat();
        all.sort_unstable();
        all
    }
}

/// The way of each secret: the platform's own reference wherever it has one, else into the output. One that has
/// neither a reference nor a permission is an error, and so is one that has to be resolved and can't be.
pub fn decide(config: &Config, pack: &Pack, out: &mut Diagnostics) -> Deliveries {
    let (app, environment) = (&config.unit.app, &config.environment);
    let mut fitting = Fitting::new(config, &pack.references, pack.composes.as_deref());
    let typed = typed_secrets::names(&config.workload);
    let kind = config.workload.get("kind").and_then(Tree::as_text);
    let has_containers = kind.is_none_or(|kind| &**kind != "manifests");
    let elsewhere = received::elsewhere(config, &pack.receives, out);
    let mut deliveries = Deliveries { elsewhere, ..Deliveries::default() };
    let mut linked = HashSet::new();
    for (id, secret) in config.secrets.iter().filter(|(_, secret)| !secret.shared) {
        let is_received = deliveries.is_received(config, id);
        let is_placed = !is_received || !has_containers || typed.contains(&*secret.name);
        // Why it doesn't fit goes before what it would be for.
        let fits = fitting.fits(id).and(if is_placed { Err(Misfit::Placed) } else { Ok(()) });
        match fits {
            Ok(()) => deliveries.native.push(id),
            Err(misfit) if let Some(backend) = unlinked(config, id, &mut linked) => {
                deliveries.unread.push(id);
                let (span, platform) = (secret.span, pack.name.clone());
                out.push(Fault::NotLinked { span, backend, platform, misfit });
            }
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

/// A store that a secret needs and nothing here speaks with. Those that need none are added to `linked`.
fn unlinked(config: &Config, id: SecretId, linked: &mut HashSet<SecretId>) -> Option<Backend> {
    let mut waiting = vec![id];
    let mut seen = Vec::new();
    while let Some(id) = waiting.pop() {
        if !linked.insert(id) {
            continue;
        }
        seen.push(id);
        match &config.secrets.get(id).source {
            SecretSource::Pointer(locator) if !locator.backend.is_linked() => {
                seen.iter().for_each(|id| _ = linked.remove(id));
                return Some(locator.backend);
            }
            SecretSource::Composite(parts) => waiting.extend(parts.iter().filter_map(|part| match part {
                SecretPart::Secret(id, _) => Some(*id),
                SecretPart::Text(_) => None,
            })),
            _ => {}
        }
    }
    None
}
