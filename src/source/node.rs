//! A parsed YAML document in which every node knows where it stands and every scalar keeps the text
//! that its author wrote.

use super::span::Span;
use indexmap::IndexMap;
use std::sync::Arc;

/// A node of a document.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Where it is written. For a node that came through an alias or a merge key, the anchored text.
    pub span: Span,
    /// The alias or merge key that brought it here, if one did.
    pub alias: Option<Span>,
    /// Whether the node carries an anchor, so that its text may be shared.
    pub anchored: bool,
}

/// The three shapes of a node.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A scalar of any type.
    Scalar(Scalar),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping with text keys, unique, in the order of the source.
    Map(Map),
}

/// A mapping: key text to entry.
pub type Map = IndexMap<Arc<str>, Entry>;

/// The value of a key, and where the key stands.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key's span.
    pub key: Span,
    /// The value.
    pub value: Node,
}

/// A scalar: its content, how it was written, and what YAML 1.2's core schema makes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar {
    /// The content after unescaping; for a plain scalar exactly the source text.
    pub text: Arc<str>,
    /// How it was written.
    pub style: Style,
    /// Its type in the core schema. Quoted and block scalars are [`ScalarType::Text`] unless a tag says
    /// otherwise.
    pub ty: ScalarType,
}

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// `'…'`
    Single,
    /// `"…"`
    Double,
    /// `|` or `>`
    Block,
}

/// A scalar's type in the core schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalarType {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// Any other number.
    Float,
    /// A string.
    Text,
}

impl Node {
    /// The scalar, if it is one.
    pub fn as_scalar(&self) -> Option<&Scalar> {
        match &self.kind {
            Kind::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The mapping, if it is one.
    pub fn as_map(&self) -> Option<&Map> {
        match &self.kind {
            Kind::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The items, if it is a sequence.
    pub fn as_list(&self) -> Option<&[Node]> {
        match &self.kind {
            Kind::List(items) => Some(items),
            _ => None,
        }
    }

    /// The text of a scalar that isn't null.
    pub fn as_text(&self) -> Option<&Arc<str>> {
        self.as_scalar().filter(|s| s.ty != ScalarType::Null).map(|s| &s.text)
    }

    /// Whether it is a null scalar.
    pub fn is_null(&self) -> bool {
        self.as_scalar().is_some_and(|s| s.ty == ScalarType::Null)
    }

    /// The value of `key`, if it is a mapping that has one.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_map().and_then(|map| map.get(key)).map(|entry| &entry.value)
    }

    /// Where a person should look: the alias if one brought the node here, else the node.
    pub fn place(&self) -> Span {
        self.alias.unwrap_or(self.span)
    }

    /// What it is called in a message.
    pub fn describe(&self) -> &'static str {
        match &self.kind {
            Kind::List(_) => "a list",
            Kind::Map(_) => "a mapping",
            Kind::Scalar(scalar) => scalar.ty.describe(),
        }
    }
}

impl Scalar {
    /// The number that a whole number stands for, if it fits. `0123` is 123, as the core schema has it.
    pub fn as_i64(&self) -> Option<i64> {
        if self.ty != ScalarType::Int {
            return None;
        }
        let (digits, radix) = match self.text.get(..2) {
            Some("0x") => (&self.text[2..], 16),
            Some("0o") => (&self.text[2..], 8),
            _ => (&*self.text, 10),
        };
        i64::from_str_radix(digits, radix).ok()
    }
}

impl ScalarType {
    /// What it is called in a message.
    pub fn describe(self) -> &'static str {
        match self {
            ScalarType::Null => "null",
            ScalarType::Bool => "a boolean",
            ScalarType::Int => "an integer",
            ScalarType::Float => "a number",
            ScalarType::Text => "a string",
        }
    }
}
