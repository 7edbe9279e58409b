//! What a run needs in the clear: every ciphertext and every item of a store, each once, whatever the number of
//! secrets, units and fields that need it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use indexmap::IndexMap;

use super::store::Item;
use crate::config::backend::Backend;
use crate::config::check::Config;
use crate::config::ciphertext::Ciphertext;
use crate::config::locator::Locator;
use crate::config::name::UnitName;
use crate::config::secret::{Secret, SecretId, SecretPart, SecretSource};
use crate::config::stores::StoreSettings;
use crate::manifest::draft::{Datum, Piece};
use crate::manifest::taint::Sealed;
use crate::source::span::Span;

/// Everything that is needed.
#[derive(Default)]
pub struct Plan<'a> {
    /// The ciphertexts, by identity.
    pub ciphertexts: IndexMap<*const Ciphertext, Encrypted>,
    /// The items of stores.
    pub wanted: Vec<Wanted<'a>>,
    /// Which of `wanted` an item is, for each environment's way to its stores.
    known: HashMap<(SettingsId, Item), usize>,
    /// The different settings that environments have.
    settings: Vec<&'a StoreSettings>,
}

/// Settings of stores that a plan has seen; equal ones are one.
pub type SettingsId = usize;

/// A ciphertext that is needed.
pub struct Encrypted {
    /// The encrypted value.
    pub ciphertext: Arc<Ciphertext>,
    /// The file in which it stands.
    pub file: String,
    /// The RFC 6901 pointer to it.
    pub pointer: String,
    /// The first secret that needs it.
    pub user: User,
}

/// An item of a store that is needed.
pub struct Wanted<'a> {
    /// How its store is reached.
    pub settings: &'a StoreSettings,
    /// Which settings these are.
    pub settings_id: SettingsId,
    /// The item.
    pub item: Item,
    /// What is needed of it: the fields that lead to each value, and the secrets that need that one, once for each
    /// place in the source.
    pub fields: IndexMap<Vec<String>, IndexMap<Span, User>>,
}

/// A secret that needs a value.
#[derive(Clone, Debug)]
pub struct User {
    /// The secret's name.
    pub name: Arc<str>,
    /// Its unit.
    pub unit: UnitName,
    /// Where the pointer or ciphertext stands.
    pub span: Span,
}

impl<'a> Plan<'a> {
    /// What sealed documents need.
    pub fn of(sealed: &'a [Sealed]) -> Plan<'a> {
        let mut plan = Plan::default();
        for group in sealed {
            let Some(unit) = group.unit() else { continue };
            let mut ids = Vec::new();
            group.documents().iter().for_each(|document| needed(&document.body, &mut ids));
            plan.add_all(unit, ids);
        }
        plan
    }

    /// What a unit declares, whether or not its documents need it in the clear.
    pub fn add_declared(&mut self, unit: &'a Config) {
        self.add_all(unit, unit.secrets.iter().map(|(id, _)| id).collect());
    }

    /// Whether something is encrypted with age: a value of the repo, or a SOPS file.
    pub fn needs_identities(&self) -> bool {
        let is_sops = |wanted: &Wanted<'_>| wanted.item.locator().backend == Backend::Sops;
        !self.ciphertexts.is_empty() || self.wanted.iter().any(is_sops)
    }

    /// The settings of a unit's stores.
    pub fn settings_id(&self, unit: &Config) -> Option<SettingsId> {
        self.settings.iter().position(|settings| **settings == unit.environment.stores)
    }

    /// Adds secrets and what they are composed of, each once.
    fn add_all(&mut self, unit: &'a Config, mut ids: Vec<SecretId>) {
        let mut seen = HashSet::new();
        while let Some(id) = ids.pop() {
            if seen.insert(id) {
                self.add(unit, unit.secrets.get(id), &mut ids);
            }
        }
    }

    fn add(&mut self, unit: &'a Config, secret: &'a Secret, ids: &mut Vec<SecretId>) {
        match &secret.source {
            SecretSource::Ciphertext { ciphertext, file, pointer } => {
                self.ciphertexts.entry(Arc::as_ptr(ciphertext)).or_insert_with(|| Encrypted {
                    ciphertext: ciphertext.clone(),
                    file: file.clone(),
                    pointer: pointer.clone(),
                    user: User::of(unit, secret),
                });
            }
            SecretSource::Pointer(locator) => self.add_pointer(unit, secret, locator),
            SecretSource::Composite(parts) => {
                ids.extend(parts.iter().filter_map(|part| match part {
                    SecretPart::Secret(id, _) => Some(*id),
                    SecretPart::Text(_) => None,
                }));
            }
        }
    }

    fn add_pointer(&mut self, unit: &'a Config, secret: &Secret, locator: &Locator) {
        let settings_id = self.settings_id(unit).unwrap_or_else(|| {
            self.settings.push(&unit.environment.stores);
            self.settings.len() - 1
        });
        let key = (settings_id, Item::of(locator));
        let index = match self.known.get(&key) {
            Some(index) => *index,
            None => {
                self.wanted.push(Wanted {
                    settings: self.settings[settings_id],
                    settings_id,
                    item: key.1.clone(),
                    fields: IndexMap::new(),
                });
                self.known.insert(key, self.wanted.len() - 1);
                self.wanted.len() - 1
            }
        };
        let users = self.wanted[index].fields.entry(locator.fields.clone()).or_default();
        users.entry(secret.span).or_insert_with(|| User::of(unit, secret));
    }
}

impl User {
    fn of(unit: &Config, secret: &Secret) -> User {
        User { name: secret.name.clone(), unit: unit.unit.clone(), span: secret.span }
    }
}

fn needed(datum: &Datum, ids: &mut Vec<SecretId>) {
    match datum {
        Datum::Text(pieces) => {
            for piece in pieces {
                if let Piece::Secret(expr) = piece {
                    ids.extend(expr.ids());
                }
            }
        }
        Datum::List(items) => items.iter().for_each(|item| needed(item, ids)),
        Datum::Map(map) => map.values().for_each(|value| needed(value, ids)),
        _ => {}
    }
}
