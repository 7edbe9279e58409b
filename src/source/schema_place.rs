//! The places of a schema, each looked at once.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::schema_cursor::{Contract, Cursor, Shape};

/// What a [`Cursor`] says about a place, kept for all who come there again. It is for schemas that every unit
/// is read by; a [`Cursor`] asks the schema each time.
///
/// A schema that names keys by patterns has none: which of them match is another question for each key.
#[derive(Debug)]
pub struct Place<'s> {
    cursor: Cursor<'s>,
    contract: Contract,
    shape: Shape,
    keys: Vec<&'s str>,
    known: HashMap<&'s str, OnceLock<Box<Place<'s>>>>,
    other: OnceLock<Box<Place<'s>>>,
    item: OnceLock<Box<Place<'s>>>,
}

impl<'s> Place<'s> {
    /// The place at which a cursor stands.
    pub fn of(cursor: Cursor<'s>) -> Self {
        debug_assert!(!cursor.has_patterns(), "no key is known by a pattern");
        let keys = cursor.keys();
        Place {
            contract: cursor.contract(),
            shape: cursor.shape(),
            known: keys.iter().map(|key| (*key, OnceLock::new())).collect(),
            keys,
            other: OnceLock::new(),
            item: OnceLock::new(),
            cursor,
        }
    }

    /// The place of the value of `key`.
    pub fn child(&self, key: &str) -> &Place<'s> {
        // All keys that have no name in the schema lead to the same place.
        self.known.get(key).unwrap_or(&self.other).get_or_init(|| Box::new(Place::of(self.cursor.child(key))))
    }

    /// The place of the items of a list.
    pub fn item(&self) -> &Place<'s> {
        self.item.get_or_init(|| Box::new(Place::of(self.cursor.item())))
    }

    /// What a scalar here is.
    pub fn contract(&self) -> Contract {
        self.contract
    }

    /// What stands here.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// The names that the schema knows here, each once, in its order.
    pub fn keys(&self) -> &[&'s str] {
        &self.keys
    }

    /// Whether the schema knows a key here by name.
    pub fn knows(&self, key: &str) -> bool {
        self.known.contains_key(key)
    }
}

#[cfg(test)]
mod tests {
    use super::Place;
    use crate::source::schema::Schema;
    use crate::source::schema_cursor::Cursor;

    const SCHEMA: &str = r##"{
        "$defs": {"node": {"properties": {"next": {"$ref": "#/$defs/node"}, "value": {"type": "integer"}}}},
        "properties": {
            "ports": {"additionalProperties": {"anyOf": [{"type": "integer"}, {"type": "object", "properties": {"service": {"type": "integer"}}}]}},
            "list": {"items": {"type": "string"}},
            "tree": {"$ref": "#/$defs/node"}
        },
        "allOf": [{"properties": {"tree": {"description": "x"}, "flag": {"type": "boolean"}}}],
        "unevaluatedProperties": {"type": "integer"}
    }"##;

    fn same(place: &Place<'_>, cursor: &Cursor<'_>, depth: usize) {
        assert_eq!(place.keys(), cursor.keys());
        assert_eq!((place.contract(), place.shape()), (cursor.contract(), cursor.shape()));
        if depth == 0 {
            return;
        }
        for key in cursor.keys().into_iter().chain(["another", "yet-another"]) {
            assert_eq!(place.knows(key), cursor.keys().contains(&key));
            same(place.child(key), &cursor.child(key), depth - 1);
        }
        same(place.item(), &cursor.item(), depth - 1);
    }

    #[test]
    fn a_place_says_what_a_cursor_says_there_each_time() {
        let schema = Schema::compile(SCHEMA).unwrap();
        let place = Place::of(schema.cursor());
        for _ in 0..2 {
            same(&place, &schema.cursor(), 4);
        }
    }
}
