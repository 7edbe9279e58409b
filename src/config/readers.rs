//! Who must be able to decrypt which value: the recipients of a ciphertext follow from the
//! environments that read it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::environment::Environment;
use super::fault::Fault;
use super::recipient::RecipientSet;
use super::repo::Repo;
use super::secret_words::set_target;
use super::site::{SiteKind, Sites};
use super::stack::{SecretPlace, Stack};
use crate::source::diagnostic::Diagnostics;

/// The environments that read each place: they run the app, have the layer, and don't shadow it. A shared
/// place is read where an app that it is for names it.
#[derive(Debug, Default)]
pub struct Readers {
    by_place: HashMap<SecretPlace, BTreeSet<String>>,
}

impl Readers {
    /// Reads them from the stacks of all units that could read a place.
    pub fn of(stacks: &[Stack]) -> Readers {
        let mut readers = Readers::default();
        for stack in stacks {
            for place in stack.secret_places() {
                readers.by_place.entry(place).or_default().insert(stack.unit.environment.clone());
            }
        }
        readers
    }

    /// The environments that read a place.
    pub fn environments(&self, place: &SecretPlace) -> impl Iterator<Item = &str> {
        self.by_place.get(place).into_iter().flatten().map(String::as_str)
    }

    /// The recipients that a value at this place has to have.
    pub fn recipients(
        &self,
        place: &SecretPlace,
        environments: &BTreeMap<String, Arc<Environment>>,
    ) -> RecipientSet {
        let readers = self.environments(place).filter_map(|name| environments.get(name));
        readers.flat_map(|environment| environment.recipients.iter().cloned()).collect()
    }
}

/// Holds every ciphertext against its readers: it is encrypted for exactly their recipients, and
/// somebody reads it.
pub fn check(
    repo: &Repo,
    environments: &BTreeMap<String, Arc<Environment>>,
    sites: &Sites,
    readers: &Readers,
    out: &mut Diagnostics,
) {
    let mut sites: Vec<_> = sites.iter().collect();
    sites.sort_unstable_by_key(|(place, _)| *place);
    for (place, site) in sites {
        let SiteKind::Ciphertext(ciphertext) = &site.kind else { continue };
        let names: Vec<String> = readers.environments(place).map(ToString::to_string).collect();
        let name = site.name.to_string();
        if !is_decidable(repo, place) {
            continue;
        }
        if names.is_empty() {
            out.push(Fault::WithoutReader { span: site.span, name, shared: site.shared });
            continue;
        }
        let recipients = readers.recipients(place, environments);
        if recipients.is_empty() {
            out.push(Fault::WithoutRecipients { span: site.span, name, environments: names });
        } else if recipients.hash() != ciphertext.place().recipients {
            out.push(Fault::WrongRecipients {
                span: site.span,
                name,
                environments: names,
                count: recipients.len(),
                target: set_target(&repo.files.get(place.file).path, &place.pointer),
            });
        }
    }
}

/// Whether all units that could read a place were looked at. A file of an app was read together with
/// everything that can shadow it; defaults, overrides and what is shared are read by apps that may have
/// been left out.
fn is_decidable(repo: &Repo, place: &SecretPlace) -> bool {
    repo.complete
        || repo
            .apps
            .values()
            .any(|app| app.app.file == place.file || app.environments.values().any(|d| d.file == place.file))
}
