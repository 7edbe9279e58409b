//! What a schema says of values, as validation needs it: types, the keys of mappings, and what more a
//! value has to be. Platforms' own schemas become this.

use std::borrow::Cow;
use std::sync::OnceLock;

use regex::Regex;

use super::rule::Rule;
use crate::manifest::draft::Datum;

/// What a value may be.
#[derive(Debug)]
pub struct Type {
    /// Its form.
    pub form: Form,
    /// Whether it may be null as well.
    pub nullable: bool,
    /// What the platform asks of it and its schema doesn't say.
    pub rule: Option<Rule>,
    /// What more its schema says.
    pub bounds: Option<Box<Bounds>>,
}

/// The forms of values.
#[derive(Debug)]
pub enum Form {
    /// Anything.
    Any,
    /// A string.
    Text,
    /// A whole number of so many bits, if the schema says how many.
    Integer(Option<u32>),
    /// A number.
    Number,
    /// A boolean.
    Bool,
    /// A string or a number.
    TextOrNumber,
    /// A string or a whole number.
    TextOrInteger,
    /// A list of such items.
    List(Box<Type>),
    /// A mapping with such values under any keys.
    Map(Box<Type>),
    /// A mapping with known keys.
    Object(Object),
    /// The one of these that takes values of its kind; no two take the same kind.
    Union(Vec<Type>),
    /// What the schemas define under this number.
    Definition(usize),
}

/// A mapping with known keys.
#[derive(Debug, Default)]
pub struct Object {
    /// The keys in the order of the alphabet.
    properties: Vec<Property>,
    /// What stands under other keys that match a pattern.
    patterns: Vec<(Pattern, Type)>,
    /// What stands under other keys; `None` means that there are no others.
    pub others: Option<Box<Type>>,
}

/// A key of a mapping.
#[derive(Debug)]
pub struct Property {
    /// The key.
    pub name: Cow<'static, str>,
    /// Whether it must be there.
    pub required: bool,
    /// What stands there.
    pub ty: Type,
}

/// What a schema says of a value besides its type.
#[derive(Debug, Default)]
pub struct Bounds {
    /// The only values that it may have.
    pub options: Vec<Datum>,
    /// What its text looks like.
    pub pattern: Option<Pattern>,
    /// The least and the greatest number, and whether it must differ from it.
    pub minimum: Option<(f64, bool)>,
    /// See `minimum`.
    pub maximum: Option<(f64, bool)>,
    /// How many characters, items or keys at least and at most.
    pub size: (Option<u64>, Option<u64>),
    /// Whether no two of its items are the same.
    pub unique: bool,
    /// Fits all of these, one at least, exactly one, and not this.
    pub all: Vec<Type>,
    /// See `all`.
    pub any: Vec<Type>,
    /// See `all`.
    pub one: Vec<Type>,
    /// See `all`.
    pub not: Option<Box<Type>>,
}

/// A regular expression, compiled when a value is first held against it.
#[derive(Debug)]
pub struct Pattern {
    text: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Type {
    /// A type of a form, nothing else said.
    pub fn of(form: Form) -> Type {
        Type { form, nullable: false, rule: None, bounds: None }
    }
}

impl Object {
    /// A mapping with these keys.
    pub fn new(mut properties: Vec<Property>, others: Option<Box<Type>>) -> Object {
        properties.sort_by(|a, b| a.name.cmp(&b.name));
        Object { properties, patterns: Vec::new(), others }
    }

    /// The same with keys that match patterns.
    pub fn with_patterns(self, patterns: Vec<(Pattern, Type)>) -> Object {
        Object { patterns, ..self }
    }

    /// The patterns of keys that aren't among the properties.
    pub fn patterns(&self) -> &[(Pattern, Type)] {
        &self.patterns
    }

    /// The property of a key.
    pub fn property(&self, key: &str) -> Option<&Property> {
        let found = self.properties.binary_search_by(|property| (*property.name).cmp(key));
        found.ok().map(|index| &self.properties[index])
    }

    /// All properties.
    pub fn properties(&self) -> &[Property] {
        &self.properties
    }

    /// Its properties and what stands under other keys.
    pub fn into_parts(self) -> (Vec<Property>, Option<Box<Type>>) {
        (self.properties, self.others)
    }
}

impl Bounds {
    /// Whether they say nothing.
    pub fn is_empty(&self) -> bool {
        self.options.is_empty()
            && self.pattern.is_none()
            && (self.minimum, self.maximum, self.size) == (None, None, (None, None))
            && !self.unique
            && self.all.is_empty()
            && self.any.is_empty()
            && self.one.is_empty()
            && self.not.is_none()
    }
}

impl Pattern {
    /// The expression that `text` writes. One that isn't of linear time holds of every text.
    pub fn new(text: impl Into<String>) -> Pattern {
        Pattern { text: text.into(), compiled: OnceLock::new() }
    }

    /// The expression.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it holds of a text.
    pub fn holds(&self, text: &str) -> bool {
        let compiled = self.compiled.get_or_init(|| Regex::new(&self.text).ok());
        compiled.as_ref().is_none_or(|regex| regex.is_match(text))
    }
}
