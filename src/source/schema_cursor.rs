//! A walk through a schema, beside a tree or without one.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::schema::Schema;

/// What a schema says about one place: all schema objects that may speak of it, those behind `$ref`
/// and in the branches of `allOf`, `anyOf`, `oneOf` and `if` included. Says nothing (never fails)
/// about a place that the schema doesn't know.
#[derive(Clone, Debug)]
pub struct Cursor<'s> {
    schema: &'s Schema,
    /// The nearest first: what stands beside a `$ref` comes before what it leads to.
    objects: Vec<&'s Map<String, Value>>,
}

/// What a scalar at a place is by contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contract {
    /// A string, whatever it looks like: the source text is kept.
    Text,
    /// A whole number.
    Int,
    /// A number.
    Number,
    /// A boolean.
    Bool,
    /// A whole number or a name.
    IntOrText,
    /// Whatever its author wrote.
    Any,
}

/// What stands at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A scalar.
    Scalar,
    /// A list.
    List,
    /// A mapping.
    Map,
}

impl<'s> Cursor<'s> {
    pub(super) fn new(schema: &'s Schema, at: &'s Value) -> Self {
        Cursor::of(schema, vec![at])
    }

    /// Those schemas and what they lead to, depth first. What was met isn't met again, which also ends
    /// circles of `$ref`.
    fn of(schema: &'s Schema, mut ahead: Vec<&'s Value>) -> Self {
        ahead.reverse();
        let mut met = HashSet::new();
        let mut objects = Vec::new();
        while let Some(next) = ahead.pop() {
            let Some(object) = next.as_object() else { continue };
            if met.insert(std::ptr::from_ref(object)) {
                objects.push(object);
                let length = ahead.len();
                ahead.extend(leads_to(schema.document(), object));
                ahead[length..].reverse();
            }
        }
        Cursor { schema, objects }
    }

    /// The place of the value of `key`.
    pub fn child(&self, key: &str) -> Cursor<'s> {
        let mut schemas = Vec::new();
        for object in &self.objects {
            let length = schemas.len();
            schemas.extend(self.named(object, key));
            if schemas.len() == length {
                schemas.extend(object.get("additionalProperties"));
            }
        }
        if schemas.is_empty() {
            schemas.extend(self.objects.iter().filter_map(|object| object.get("unevaluatedProperties")));
        }
        Cursor::of(self.schema, schemas)
    }

    /// The place of the items of a list, whichever they are.
    pub fn item(&self) -> Cursor<'s> {
        let items = |object: &&'s Map<String, Value>| {
            let first = object.get("prefixItems").and_then(Value::as_array).into_iter().flatten();
            first.chain(object.get("items"))
        };
        Cursor::of(self.schema, self.objects.iter().flat_map(items).collect())
    }

    /// What a scalar here is: the united types, those of `enum` and `const` too, without null, lists
    /// and mappings. A string that may as well be any number is a string by contract.
    pub fn contract(&self) -> Contract {
        let (mut text, mut int, mut number, mut truth) = (false, false, false, false);
        for object in &self.objects {
            for name in types(object) {
                match name {
                    "string" => text = true,
                    "integer" => int = true,
                    "number" => number = true,
                    "boolean" => truth = true,
                    _ => {}
                }
            }
        }
        match (text, int, number, truth) {
            (true, _, true, _) | (true, false, false, false) => Contract::Text,
            (true, true, false, false) => Contract::IntOrText,
            (false, true, false, false) => Contract::Int,
            (false, _, true, false) => Contract::Number,
            (false, false, false, true) => Contract::Bool,
            _ => Contract::Any,
        }
    }

    /// What stands here; where a scalar is short for a mapping, the mapping.
    pub fn shape(&self) -> Shape {
        let says = |name: &str| self.objects.iter().any(|object| types(object).contains(&name));
        match (says("object"), says("array")) {
            (true, _) => Shape::Map,
            (false, true) => Shape::List,
            (false, false) => Shape::Scalar,
        }
    }

    /// The nearest `description`.
    pub fn description(&self) -> Option<&'s str> {
        self.objects.iter().find_map(|object| object.get("description")?.as_str())
    }

    /// The names that `properties` knows here, each once, in the schema's order.
    pub fn keys(&self) -> Vec<&'s str> {
        let mut keys = Vec::new();
        for object in &self.objects {
            for key in object.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::keys) {
                if !keys.contains(&key.as_str()) {
                    keys.push(key.as_str());
                }
            }
        }
        keys
    }

    /// Whether the schema says anything about this place.
    pub fn is_known(&self) -> bool {
        !self.objects.is_empty()
    }

    /// The united types, those of `enum` and `const` too, in the schema's order.
    pub fn types(&self) -> Vec<&'s str> {
        let mut found = Vec::new();
        for name in self.objects.iter().flat_map(|object| types(object)) {
            if !name.is_empty() && !found.contains(&name) {
                found.push(name);
            }
        }
        found
    }

    /// Whether keys are known by patterns here.
    pub(super) fn has_patterns(&self) -> bool {
        self.objects.iter().any(|object| object.contains_key("patternProperties"))
    }

    /// The schema objects, the nearest first.
    pub(super) fn objects(&self) -> &[&'s Map<String, Value>] {
        &self.objects
    }

    /// Whether a key is known by name or by pattern.
    pub(super) fn knows(&self, key: &str) -> bool {
        self.objects.iter().any(|object| self.named(object, key).next().is_some())
    }

    /// The schemas that `object` has for `key` by name and by pattern.
    fn named<'a>(
        &'a self,
        object: &'s Map<String, Value>,
        key: &'a str,
    ) -> impl Iterator<Item = &'s Value> + 'a {
        let by_name = object.get("properties").and_then(|properties| properties.get(key));
        let patterns = object.get("patternProperties").and_then(Value::as_object).into_iter().flatten();
        let by_pattern = patterns.filter(|(pattern, _)| self.schema.key_matches(pattern, key));
        by_name.into_iter().chain(by_pattern.map(|(_, schema)| schema))
    }
}

/// The schemas that speak of the same place as `object` does.
fn leads_to<'s>(document: &'s Value, object: &'s Map<String, Value>) -> impl Iterator<Item = &'s Value> {
    let target = object.get("$ref").and_then(Value::as_str).and_then(|reference| {
        let pointer = percent_decoded(reference.strip_prefix('#')?)?;
        document.pointer(&pointer)
    });
    let branches =
        ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|keyword| object.get(keyword)?.as_array());
    let cases = ["then", "else"].into_iter().filter_map(|keyword| object.get(keyword));
    target.into_iter().chain(branches.flatten()).chain(cases)
}

/// The types that one schema object allows by `type`, `enum` or `const`.
fn types(object: &Map<String, Value>) -> Vec<&str> {
    let of = |value: &Value| match value {
        Value::String(_) => "string",
        Value::Bool(_) => "boolean",
        Value::Number(n) if n.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::Null | Value::Array(_) | Value::Object(_) => "",
    };
    match (object.get("type"), object.get("enum"), object.get("const")) {
        (Some(Value::String(name)), ..) => vec![name],
        (Some(Value::Array(names)), ..) => names.iter().filter_map(Value::as_str).collect(),
        (_, Some(Value::Array(options)), _) => options.iter().map(of).collect(),
        (_, _, Some(value)) => vec![of(value)],
        _ => Vec::new(),
    }
}

/// The text of a URI fragment.
pub(super) fn percent_decoded(fragment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, tail) = rest.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
        rest = tail;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::{Contract, Cursor};
    use crate::source::schema::Schema;

    const APP: &str = r##"{
        "$defs": {
            "text": {"type": ["string", "number", "boolean"], "description": "any text"},
            "base": {"properties": {"image": {"$ref": "#/$defs/text", "description": "what to run"}}},
            "node": {"properties": {"next": {"$ref": "#/$defs/node"}, "value": {"type": "integer"}}},
            "a": {"allOf": [{"$ref": "#/$defs/b"}]}, "b": {"anyOf": [{"$ref": "#/$defs/a"}, {"type": "boolean"}]},
            "od/d ~": {"type": "boolean"}
        },
        "type": ["object", "null"],
        "allOf": [{"$ref": "#/$defs/base"}],
        "properties": {
            "ports": {"additionalProperties": {"anyOf": [{"type": "integer"}, {"type": ["object", "null"], "properties": {"service": {"type": ["integer", "null"]}}}]}},
            "mixed": {"patternProperties": {"^x-": {"type": "boolean"}}, "properties": {"name": {"type": "string"}}, "additionalProperties": {"type": "integer"}},
            "list": {"prefixItems": [{"type": "string"}], "items": {"type": "integer"}},
            "level": {"enum": ["info", "debug", null]},
            "tree": {"$ref": "#/$defs/node"},
            "circle": {"$ref": "#/$defs/a"},
            "odd": {"$ref": "#/$defs/od~1d%20~0"},
            "number": {"type": ["number", "integer"]},
            "flag": {"type": ["boolean", "null"]},
            "loose": {"type": ["string", "boolean"]},
            "nothing": {}, "anything": true
        },
        "unevaluatedProperties": {"type": "integer"}
    }"##;

    fn at<'s>(schema: &'s Schema, path: &str) -> Cursor<'s> {
        path.split('.').fold(schema.cursor(), |cursor, step| match step {
            "*" => cursor.item(),
            key => cursor.child(key),
        })
    }

    #[test]
    fn contracts_come_from_the_united_types() {
        let schema = Schema::compile(APP).unwrap();
        for (path, contract) in [
            ("image", Contract::Text),
            ("ports.http", Contract::Int),
            ("ports.http.service", Contract::Int),
            ("mixed.name", Contract::Text),
            ("mixed.x-y", Contract::Bool),
            ("mixed.other", Contract::Int),
            ("list.*", Contract::IntOrText),
            ("level", Contract::Text),
            ("tree.next.next.next.value", Contract::Int),
            ("circle", Contract::Bool),
            ("odd", Contract::Bool),
            ("number", Contract::Number),
            ("flag", Contract::Bool),
            ("loose", Contract::Any),
            ("nothing", Contract::Any),
            ("anything", Contract::Any),
            ("nothing.at.all.*", Contract::Any),
            ("unknown", Contract::Int),
            ("ports", Contract::Any),
        ] {
            assert_eq!(at(&schema, path).contract(), contract, "{path}");
        }
    }

    #[test]
    fn the_nearest_description_counts() {
        let schema = Schema::compile(APP).unwrap();
        assert_eq!(at(&schema, "image").description(), Some("what to run"));
        assert_eq!(at(&schema, "nothing").description(), None);
    }

    #[test]
    fn keys_are_united_and_in_order() {
        let schema = Schema::compile(APP).unwrap();
        let keys = schema.cursor().keys();
        assert_eq!(&keys[..3], ["ports", "mixed", "list"]);
        assert_eq!(keys.last(), Some(&"image"));
        assert_eq!(at(&schema, "ports.http").keys(), ["service"]);
        assert!(at(&schema, "ports").keys().is_empty());
    }

    #[test]
    fn a_circle_of_references_ends() {
        let schema = Schema::compile(r##"{"$ref": "#", "properties": {"a": {"$ref": "#"}}}"##).unwrap();
        assert_eq!(at(&schema, "a.a.a").keys(), ["a"]);
    }
}
