//! What an item of a store holds, and how values are taken out of it.

use super::secret_value::{MAX_VALUE, SecretValue};
use super::store_fault::StoreFault;
use super::tree::Tree;

/// The content of one item.
#[derive(Debug)]
pub struct Content {
    /// The values.
    pub body: Body,
    /// What changes whenever they do and says nothing about them; `None` if the store has no such thing.
    pub version: Option<String>,
}

/// The values of an item.
#[derive(Debug)]
pub enum Body {
    /// A map whose names are no secret.
    Tree(Tree),
    /// A map each of whose values has a version of its own.
    Stamped {
        /// The values.
        values: Tree,
        /// A text for each that changes whenever its value does and says nothing about it; `null` for one that
        /// isn't encrypted.
        stamps: Tree,
    },
    /// Bytes. A field in them needs them to be JSON, the names of which are as secret as they are.
    Bytes(SecretValue),
}

impl Content {
    /// The values that fields lead to, in the same order; no fields mean the whole. The item is taken apart once
    /// for all of them.
    pub fn pick<'f>(
        &self,
        wanted: impl IntoIterator<Item = &'f Vec<String>>,
    ) -> Vec<Result<SecretValue, StoreFault>> {
        match &self.body {
            Body::Tree(tree) => wanted.into_iter().map(|fields| bounded(tree.pick(fields, true)?)).collect(),
            Body::Stamped { values, stamps } => wanted
                .into_iter()
                .map(|fields| {
                    let value = values.pick(fields, true)?;
                    match stamps.find(fields, true)? {
                        Tree::Null => Err(StoreFault::NotEncrypted { fields: fields.clone() }),
                        _ => bounded(value),
                    }
                })
                .collect(),
            #[expect(clippy::disallowed_methods, reason = "linking takes fields out of a value")]
            Body::Bytes(bytes) => {
                let bytes = bytes.expose();
                let mut tree = None;
                let mut pick = |fields: &Vec<String>| {
                    if fields.is_empty() {
                        return bounded(SecretValue::new(bytes.to_vec()));
                    }
                    let tree = tree.get_or_insert_with(|| Tree::parse(bytes));
                    bounded(tree.as_ref().ok_or(StoreFault::NotJson)?.pick(fields, false)?)
                };
                wanted.into_iter().map(&mut pick).collect()
            }
        }
    }

    /// The version of the value that fields lead to, if it has one of its own.
    pub fn stamp(&self, fields: &[String]) -> Option<&str> {
        match &self.body {
            Body::Stamped { stamps, .. } => match stamps.find(fields, false).ok()? {
                Tree::Text(stamp) => Some(stamp),
                _ => None,
            },
            Body::Tree(_) | Body::Bytes(_) => None,
        }
    }
}

fn bounded(value: SecretValue) -> Result<SecretValue, StoreFault> {
    #[expect(clippy::disallowed_methods, reason = "linking bounds the length of values")]
    let length = value.expose().len();
    if length > MAX_VALUE { Err(StoreFault::TooLarge) } else { Ok(value) }
}
