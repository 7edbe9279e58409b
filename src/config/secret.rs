//! Secrets as the compiler knows them: a name and where the value comes from, never the value.

use std::sync::Arc;

use super::ciphertext::Ciphertext;
use super::locator::Locator;
use crate::source::span::Span;

/// A secret of a unit: its index in [`Secrets`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretId(pub u32);

/// A secret that a unit declares, a file of it that holds one, or a shared secret that it composes.
#[derive(Clone, Debug)]
pub struct Secret {
    /// The declared name; of a shared one `shared.NAME`.
    pub name: Arc<str>,
    /// The environment variable that receives it, if one does. What is neither this nor a file, typed Secrets
    /// name.
    pub variable: Option<Arc<str>>,
    /// The file that it is delivered as, if it is.
    pub file: Option<Mount>,
    /// Whether it is declared under `shared:`: the unit's own secrets use it, it isn't delivered itself.
    pub shared: bool,
    /// Where its value comes from.
    pub source: SecretSource,
    /// Where that is written.
    pub span: Span,
}

/// A file in a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Its absolute path.
    pub path: Arc<str>,
    /// Its permission bits.
    pub mode: u32,
    /// Where the path is written.
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
    /// A word of a POSIX shell, in single quotes.
    Shell,
    /// A value of a dotenv file, in double quotes.
    Dotenv,
    /// A text of a Compose file, which puts variables in place of `$NAME`: each `$` twice.
    Compose,
}

impl Encoding {
    /// All of them.
    pub const ALL: [Encoding; 6] = [
        Encoding::Base64,
        Encoding::Url,
        Encoding::Json,
        Encoding::Shell,
        Encoding::Dotenv,
        Encoding::Compose,
    ];

    /// The encoding that a filter stands for.
    pub fn of_filter(name: &str) -> Option<Encoding> {
        Encoding::ALL.into_iter().find(|encoding| encoding.filter() == name)
    }

    /// The filter's name.
    pub fn filter(self) -> &'static str {
        match self {
            Encoding::Base64 => "b64encode",
            Encoding::Url => "urlencode",
            Encoding::Json => "tojson",
            Encoding::Shell => "shellquote",
            Encoding::Dotenv => "dotenv",
            Encoding::Compose => "compose",
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
