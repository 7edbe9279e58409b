//! The values of a run while it is being linked.

use std::collections::HashMap;
use std::sync::Arc;

use super::plan::{SettingsId, Wanted};
use super::secret_value::SecretValue;
use crate::config::ciphertext::Ciphertext;
use crate::config::locator::Locator;

/// Every value that the plan wants, by where it comes from.
#[derive(Default)]
pub struct Values {
    decrypted: HashMap<*const Ciphertext, SecretValue>,
    fetched: HashMap<SettingsId, HashMap<Locator, Fetched>>,
}

/// A value of a store.
pub struct Fetched {
    /// The value.
    pub value: SecretValue,
    /// The version of its item, if the store has versions.
    pub version: Option<Arc<str>>,
}

impl Values {
    /// Adds the value of a ciphertext.
    pub fn add_decrypted(&mut self, ciphertext: &Arc<Ciphertext>, value: SecretValue) {
        self.decrypted.insert(Arc::as_ptr(ciphertext), value);
    }

    /// Adds the value that fields of an item lead to.
    pub fn add_fetched(&mut self, wanted: &Wanted<'_>, fields: &[String], fetched: Fetched) {
        let locator = Locator { fields: fields.to_vec(), ..wanted.item.locator().clone() };
        self.fetched.entry(wanted.settings_id).or_default().insert(locator, fetched);
    }

    /// The value of a ciphertext.
    pub fn decrypted(&self, ciphertext: &Arc<Ciphertext>) -> Option<&SecretValue> {
        self.decrypted.get(&Arc::as_ptr(ciphertext))
    }

    /// The value that a pointer leads to, for an environment with these settings.
    pub fn fetched(&self, settings: SettingsId, locator: &Locator) -> Option<&Fetched> {
        self.fetched.get(&settings)?.get(locator)
    }
}
