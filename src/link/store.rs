//! The joint that every secret store fits: items go in as one batch, an answer for each comes out.

use std::ffi::OsString;
use std::fmt;
use std::future::Future;
use std::pin::Pin;

use super::calls::Calls;
use super::content::Content;
use super::decrypt::Decrypt;
use super::store_fault::StoreFault;
use super::tree::Tree;
use crate::config::backend::Backend;
use crate::config::locator::Locator;
use crate::config::stores::StoreSettings;
use crate::source::world::World;

/// A store that one environment is set up for, with whatever connections it needs.
///
/// Both calls take each item of a run once, all of a store's items at once, and answer each of them, in the same
/// order. Requests go through [`Calls`], which bounds, retries and ends them.
pub trait Store {
    /// What it is called in a message: `vault at https://vault.example.com`.
    fn describe(&self) -> String;

    /// The content of items.
    fn fetch<'a>(&'a self, items: &'a [Item], calls: &'a Calls) -> Answers<'a, Content>;

    /// Whether items exist, found out without reading values where the store has a way.
    fn verify<'a>(&'a self, items: &'a [Item], calls: &'a Calls) -> Answers<'a, Proof>;
}

/// The answers to a batch.
pub type Answers<'a, T> = Pin<Box<dyn Future<Output = Vec<Result<T, StoreFault>>> + 'a>>;

/// What one read of a store gets: a locator without its fields.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Item(Locator);

impl Item {
    /// The item that a pointer leads into.
    pub fn of(locator: &Locator) -> Item {
        Item(Locator { fields: Vec::new(), ..locator.clone() })
    }

    /// Backend, path and parameters; there are no fields.
    pub fn locator(&self) -> &Locator {
        &self.0
    }

    /// A parameter of the pointer.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.0.params.get(name).map(String::as_str)
    }
}

/// Its canonical path and parameters, `kv/prod/web?version=3`.
impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = self.0.short();
        f.write_str(short.split_once(' ').map_or(&*short, |(_, path)| path))
    }
}

/// That an item exists.
#[derive(Debug)]
pub struct Proof {
    /// The item with `null` for its values, if the store tells names without telling values. What stands in the
    /// clear there, and so isn't encrypted, is told as it is.
    pub shape: Option<Tree>,
    /// The version, as in [`Content`].
    pub version: Option<String>,
    /// Whether the values had to be read, for want of another way.
    pub values_were_read: bool,
}

/// What a store is opened with that doesn't stand in its settings.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// The repo's files.
    pub world: &'a dyn World,
    /// The identities of this machine.
    pub identities: &'a dyn Decrypt,
    /// The variables of the process's environment.
    pub variables: &'a dyn Fn(&str) -> Option<OsString>,
}

impl Surroundings<'_> {
    /// A variable that is set, isn't empty and is UTF-8.
    pub fn variable(&self, name: &str) -> Option<String> {
        (self.variables)(name)?.into_string().ok().filter(|value| !value.is_empty())
    }
}

/// How the store of a backend is opened. Nothing is sent or read yet: a store whose settings are no good fails
/// here, for all of its items.
pub type Open =
    for<'a> fn(&'a StoreSettings, Surroundings<'a>, &Calls) -> Result<Box<dyn Store + 'a>, StoreFault>;

/// The stores that this build links, one line each.
pub const STORES: &[(Backend, Open)] = &[
    #[cfg(feature = "vault")]
    (Backend::Vault, super::stores::vault::open),
    #[cfg(feature = "aws")]
    (Backend::AwsSecrets, super::stores::aws::secrets::open),
    #[cfg(feature = "ssm")]
    (Backend::AwsSsm, super::stores::aws::parameters::open),
    (Backend::Sops, super::stores::sops::open),
];
