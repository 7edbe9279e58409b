//! Secrets as the compiler knows them: a name and where the value comes from, never the value.

use std::sync::Arc;

use super::ciphertext::Ciphertext;
use super::locator::Locator;
use crate::source::span::Span;

/// A secret of a unit: its index in [`Secrets`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretId(pub u32);

/// A secret that a unit declares.
#[derive(Clone, Debug)]
pub struct Secret {
    /// The declared name.
    pub name: Arc<str>,
    /// The environment variable that receives it.
    pub variable: Arc<str>,
    /// Where its value comes from.
    pub source: SecretSource,
    /// Where that is written.
    pub span: Span,
}

/// Where a secret's value comes from.
#[derive(Clone, Debug)]
pub enum SecretSource {
    /// An encrypted value of the repo, with the place at which it was found.
    Ciphertext {
        /// The encrypted value.
        ciphertext: Arc<Ciphertext>,
        /// Repo-relative path of its file.
        file: String,
        /// RFC 6901 pointer in the file.
        pointer: String,
    },
    /// An item of a secret store.
    Pointer(Locator),
    /// Text around other secrets of the unit.
    Composite(Vec<SecretPart>),
}

/// A part of a composed secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretPart {
    /// Plain text.
    Text(Arc<str>),
    /// Another secret, encoded.
    Secret(SecretId, Vec<Encoding>),
}

/// What is done to a secret's bytes before they are placed; applied at link, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Encoding {
    /// Standard base64 with padding.
    Base64,
    /// Percent-encoding of all but the unreserved characters of RFC 3986.
    Url,
    /// A JSON string, quotes included.
    Json,
}

impl Encoding {
    /// The encoding that a filter stands for.
    pub fn of_filter(name: &str) -> Option<Encoding> {
        match name {
            "b64encode" => Some(Encoding::Base64),
            "urlencode" => Some(Encoding::Url),
            "tojson" => Some(Encoding::Json),
            _ => None,
        }
    }

    /// The filter's name.
    pub fn filter(self) -> &'static str {
        match self {
            Encoding::Base64 => "b64encode",
            Encoding::Url => "urlencode",
            Encoding::Json => "tojson",
        }
    }
}

/// The secrets of a unit, in the order in which they are declared.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    list: Vec<Secret>,
}

impl Secrets {
    /// The secrets of a list; a [`SecretId`] is an index of it.
    pub fn new(list: Vec<Secret>) -> Self {
        Secrets { list }
    }

    /// All of them with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (SecretId, &Secret)> {
        self.list.iter().enumerate().map(|(i, secret)| {
            (SecretId(u32::try_from(i).expect("a document has fewer than 2^32 nodes")), secret)
        })
    }

    /// The secret with this id.
    pub fn get(&self, id: SecretId) -> &Secret {
        &self.list[id.0 as usize]
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}
