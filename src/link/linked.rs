//! Linked documents: the one form of the output that holds cleartext, and only in sinks.

use std::sync::Arc;

use indexmap::IndexMap;
use zeroize::Zeroizing;

/// A value of a linked document.
pub enum Linked {
    /// Null.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number, as the template wrote it.
    Number(Arc<str>),
    /// A plain string.
    Text(String),
    /// A string that holds cleartext, encoded as its sink wants it.
    Secret(Zeroizing<String>),
    /// A list.
    List(Vec<Linked>),
    /// A mapping.
    Map(IndexMap<Arc<str>, Linked>),
}
