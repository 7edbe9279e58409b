//! Schemas that the repo writes, read into types: what CustomResourceDefinitions have under `openAPIV3Schema`, and
//! the JSON Schemas that rows of a pack name.

use std::borrow::Cow;
use std::collections::HashMap;

use super::check::{Definitions, check};
use super::finding::Finding;
use super::schema::{Bounds, Form, Object, Pattern, Property, Type};
use crate::manifest::draft::Datum;
use crate::source::node::{Kind, Node};

/// Where a schema is broken, and how.
pub type Broken<'n> = (&'n Node, &'static str);

/// How many `$ref`s may lead from one to the next.
const MAX_REFS: usize = 32;
/// The keywords of JSON Schema that say something of values and are read.
const READ: [&str; 21] = [
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "not",
    "oneOf",
    "pattern",
    "properties",
];
/// Those that are read with others, or say nothing of values.
const BESIDE: [&str; 16] = [
    "$anchor",
    "$comment",
    "$defs",
    "$id",
    "$schema",
    "$vocabulary",
    "default",
    "definitions",
    "deprecated",
    "description",
    "examples",
    "format",
    "readOnly",
    "required",
    "title",
    "type",
];

/// A JSON Schema that documents are held against.
#[derive(Debug)]
pub struct JsonSchema {
    /// The schema itself, then what its `$ref`s lead to.
    types: Vec<Type>,
}

impl JsonSchema {
    /// The schema that a tree is. A keyword that isn't read would let through what it forbids, so it is refused.
    pub fn read(root: &Node) -> Result<JsonSchema, Broken<'_>> {
        let known = HashMap::from([(String::new(), 0)]);
        let mut reader = Reader { root: Some(root), targets: vec![root], known };
        let mut types = Vec::new();
        while let Some(next) = reader.targets.get(types.len()).copied() {
            types.push(reader.type_of(next, false)?);
        }
        let schema = JsonSchema { types };
        // A schema that is asked of the same value again and again has no answer.
        match (0..schema.types.len()).find(|index| schema.comes_back(*index, &mut Vec::new())) {
            Some(index) => Err((reader.targets[index], "it asks itself of the same value")),
            None => Ok(schema),
        }
    }

    /// Adds a finding for every cause for which a document doesn't fit.
    pub fn check(&self, document: usize, datum: &Datum, found: &mut Vec<Finding>) {
        check(self, document, datum, &self.types[0], found);
    }

    fn comes_back(&self, index: usize, seen: &mut Vec<usize>) -> bool {
        if seen.contains(&index) {
            return true;
        }
        seen.push(index);
        let found = self.asks(&self.types[index], seen);
        seen.pop();
        found
    }

    /// Whether a type asks one of `seen` of the value that it is asked of itself.
    fn asks(&self, ty: &Type, seen: &mut Vec<usize>) -> bool {
        if let Form::Definition(index) = ty.form
            && self.comes_back(index, seen)
        {
            return true;
        }
        let Some(bounds) = &ty.bounds else { return false };
        let Bounds { all, any, one, not, .. } = &**bounds;
        let mut below = all.iter().chain(any).chain(one).chain(not.as_deref());
        below.any(|ty| self.asks(ty, seen))
    }
}

impl Definitions for JsonSchema {
    fn definition(&self, index: usize) -> &Type {
        &self.types[index]
    }
}

/// The type that an `openAPIV3Schema` of Kubernetes writes.
pub fn openapi(schema: &Node) -> Result<Type, Broken<'_>> {
    Reader { root: None, targets: Vec::new(), known: HashMap::new() }.type_of(schema, true)
}

struct Reader<'n> {
    /// The whole of a JSON Schema; what Kubernetes writes has no `$ref`.
    root: Option<&'n Node>,
    /// What `$ref`s lead to, by number.
    targets: Vec<&'n Node>,
    /// The numbers by pointer.
    known: HashMap<String, usize>,
}

impl<'n> Reader<'n> {
    /// What a schema says. Where it only adds to another (`anyOf` and the like), it isn't `closed`: keys that
    /// it doesn't name are known to the other. A JSON Schema is open unless it says otherwise.
    fn type_of(&mut self, schema: &'n Node, closed: bool) -> Result<Type, Broken<'n>> {
        let Some(map) = schema.as_map() else {
            return match is_text(Some(schema), "true") && self.root.is_some() {
                true => Ok(Type::of(Form::Any)),
                false => Err((schema, "a schema is a mapping")),
            };
        };
        if self.root.is_some() {
            let is_known = |key: &str| READ.contains(&key) || BESIDE.contains(&key) || key.starts_with("x-");
            if let Some((_, entry)) = map.iter().find(|(key, _)| !is_known(key)) {
                return Err((&entry.value, "documents can't be held against this keyword"));
            }
            if let Some(reference) = map.get("$ref") {
                let target = Type::of(Form::Definition(self.target(&reference.value)?));
                // What stands beside it holds too.
                return match map.keys().any(|key| &**key != "$ref" && says(key)) {
                    false => Ok(target),
                    true => {
                        let mut ty = self.own_type(schema, closed)?;
                        ty.bounds.get_or_insert_default().all.push(target);
                        Ok(ty)
                    }
                };
            }
        }
        self.own_type(schema, closed)
    }

    /// What a schema says without its `$ref`.
    fn own_type(&mut self, schema: &'n Node, closed: bool) -> Result<Type, Broken<'n>> {
        let is = |key: &str| is_text(schema.get(key), "true");
        let open = || Some(Box::new(Type::of(Form::Any)));
        let is_open =
            is("x-kubernetes-preserve-unknown-fields") || is("x-kubernetes-embedded-resource") || !closed;
        let others = match schema.get("additionalProperties") {
            Some(node) if node.as_map().is_some() => Some(Box::new(self.type_of(node, closed)?)),
            Some(node) if is_text(Some(node), "true") => open(),
            Some(_) if self.root.is_some() => None,
            _ if is_open => open(),
            _ => None,
        };
        let named = match schema.get("type") {
            Some(node) if node.as_list().is_some() => texts(Some(node)).collect(),
            node => node.and_then(Node::as_text).map(|text| vec![&**text]).unwrap_or_default(),
        };
        let others_than_null: Vec<&str> = named.iter().copied().filter(|name| *name != "null").collect();
        let form = if is("x-kubernetes-int-or-string") {
            Form::TextOrInteger
        } else {
            match others_than_null.as_slice() {
                ["object"] => self.object(schema, others, closed)?,
                [] if schema.get("properties").is_some() => self.object(schema, others, closed)?,
                [] if schema.get("required").is_some() && !closed => self.object(schema, others, closed)?,
                ["array"] => Form::List(Box::new(match schema.get("items") {
                    Some(items) => self.type_of(items, closed)?,
                    None => Type::of(Form::Any),
                })),
                ["string"] => Form::Text,
                ["boolean"] => Form::Bool,
                ["number"] => Form::Number,
                ["integer"] => Form::Integer(match schema.get("format").and_then(Node::as_text) {
                    Some(format) if &**format == "int32" => Some(32),
                    Some(format) if &**format == "int64" => Some(64),
                    _ => None,
                }),
                ["string", "number"] | ["number", "string"] => Form::TextOrNumber,
                ["string", "integer"] | ["integer", "string"] => Form::TextOrInteger,
                [] => Form::Any,
                [_] => return Err((schema, "its `type` is unknown")),
                _ => return Err((schema, "it has types of several forms; write `anyOf`")),
            }
        };
        let nullable = is("nullable") || named.contains(&"null");
        Ok(Type { form, nullable, rule: None, bounds: self.bounds(schema)?.map(Box::new) })
    }

    fn object(
        &mut self,
        schema: &'n Node,
        others: Option<Box<Type>>,
        closed: bool,
    ) -> Result<Form, Broken<'n>> {
        let required: Vec<&str> = texts(schema.get("required")).collect();
        let mut properties = Vec::new();
        let named = schema.get("properties").and_then(Node::as_map);
        for (name, entry) in named.into_iter().flatten() {
            properties.push(Property {
                name: Cow::Owned(name.to_string()),
                required: required.contains(&&**name),
                ty: self.type_of(&entry.value, closed)?,
            });
        }
        // A key that must be there without a schema of its own.
        for name in required.iter().filter(|name| named.is_none_or(|named| !named.contains_key(**name))) {
            let ty = Type { nullable: true, ..Type::of(Form::Any) };
            properties.push(Property { name: Cow::Owned((*name).to_string()), required: true, ty });
        }
        Ok(Form::Object(Object::new(properties, others)))
    }

    /// What a schema says besides the type.
    fn bounds(&mut self, schema: &'n Node) -> Result<Option<Bounds>, Broken<'n>> {
        let number = |key: &str| -> Option<f64> { schema.get(key)?.as_text()?.parse().ok() };
        let count = |keys: [&str; 3]| -> Option<u64> {
            keys.iter().find_map(|key| schema.get(key)?.as_text()?.parse().ok())
        };
        // JSON Schema writes the number itself where OpenAPI writes `true`.
        let limit = |key: &str, exclusive: &str| match number(exclusive) {
            Some(limit) => Some((limit, true)),
            None => number(key).map(|limit| (limit, is_text(schema.get(exclusive), "true"))),
        };
        let mut several = |key: &str| -> Result<Vec<Type>, Broken<'n>> {
            let list = schema.get(key).and_then(Node::as_list).unwrap_or_default();
            list.iter().map(|schema| self.type_of(schema, false)).collect()
        };
        let (all, any, one) = (several("allOf")?, several("anyOf")?, several("oneOf")?);
        let not = schema.get("not").map(|schema| self.type_of(schema, false)).transpose()?.map(Box::new);
        let options = schema.get("enum").and_then(Node::as_list).unwrap_or_default();
        let bounds = Bounds {
            options: options.iter().chain(schema.get("const")).map(Datum::from).collect(),
            pattern: schema.get("pattern").and_then(Node::as_text).map(|text| Pattern::new(&**text)),
            minimum: limit("minimum", "exclusiveMinimum"),
            maximum: limit("maximum", "exclusiveMaximum"),
            size: (
                count(["minLength", "minItems", "minProperties"]),
                count(["maxLength", "maxItems", "maxProperties"]),
            ),
            unique: is_text(schema.get("uniqueItems"), "true"),
            all,
            any,
            one,
            not,
        };
        Ok((!bounds.is_empty()).then_some(bounds))
    }

    /// The number of what a `$ref` leads to. One that leads to nothing but another `$ref` is that one.
    fn target(&mut self, reference: &'n Node) -> Result<usize, Broken<'n>> {
        let mut pointer = pointer_of(reference)?;
        for _ in 0..MAX_REFS {
            let root = self.root.expect("what Kubernetes writes has no `$ref`");
            let node = at(root, pointer).ok_or((reference, "it leads nowhere"))?;
            match node.get("$ref") {
                Some(next) if !node.as_map().is_some_and(|map| map.keys().any(|key| says(key))) => {
                    pointer = pointer_of(next)?;
                }
                _ => {
                    if let Some(number) = self.known.get(pointer) {
                        return Ok(*number);
                    }
                    self.targets.push(node);
                    self.known.insert(pointer.to_string(), self.targets.len() - 1);
                    return Ok(self.targets.len() - 1);
                }
            }
        }
        Err((reference, "it leads from one `$ref` to the next"))
    }
}

/// Whether a keyword beside `$ref` says something of values.
fn says(key: &str) -> bool {
    key != "$ref" && (READ.contains(&key) || matches!(key, "required" | "type"))
}

fn pointer_of(reference: &Node) -> Result<&str, Broken<'_>> {
    let pointer = reference.as_text().and_then(|text| text.strip_prefix('#'));
    pointer.ok_or((reference, "it leads out of the file"))
}

fn at<'n>(root: &'n Node, pointer: &str) -> Option<&'n Node> {
    let steps = pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~"));
    let mut node = root;
    for step in steps {
        node = match &node.kind {
            Kind::Map(map) => &map.get(step.as_str())?.value,
            Kind::List(items) => items.get(step.parse::<usize>().ok()?)?,
            Kind::Scalar(_) => return None,
        };
    }
    Some(node)
}

fn is_text(node: Option<&Node>, wanted: &str) -> bool {
    node.and_then(Node::as_text).is_some_and(|text| &**text == wanted)
}

fn texts(list: Option<&Node>) -> impl Iterator<Item = &str> {
    list.and_then(Node::as_list)
        .unwrap_or_default()
        .iter()
        .filter_map(|node| node.as_text().map(|text| &**text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::validate::finding::Fact;
    use crate::source::diagnostic::Diagnostics;
    use crate::source::span::FileId;
    use crate::source::yaml;

    fn node(text: &str) -> Node {
        let limits = yaml::Limits::default();
        let nodes = yaml::parse(FileId(0), text, &limits, &mut Diagnostics::default()).unwrap();
        nodes.into_iter().next().unwrap()
    }

    fn facts(schema: &str, document: &str) -> Vec<String> {
        let schema = node(schema);
        let mut found = Vec::new();
        JsonSchema::read(&schema).unwrap().check(0, &Datum::from(&node(document)), &mut found);
        let fact = |finding: Finding| match finding.fact {
            Fact::UnknownKey { key, .. } => format!("unknown {key}"),
            Fact::MissingKey { key } => format!("missing {key}"),
            Fact::Type { expected, found } => format!("{expected}, not {found}"),
            fact => format!("{fact:?}").split(' ').next().unwrap_or_default().to_string(),
        };
        found.into_iter().map(fact).collect()
    }

    const TREE: &str = r##"{
        "$defs": {
            "node": {"type": "object", "required": ["name"], "additionalProperties": false, "properties": {
                "name": {"$ref": "#/$defs/name"}, "size": {"type": ["integer", "null"], "exclusiveMinimum": 0},
                "next": {"$ref": "#/$defs/alias"}, "free": true}},
            "alias": {"$ref": "#/$defs/node"},
            "name": {"type": "string", "pattern": "^[a-z]+$"}
        },
        "$ref": "#/$defs/node", "minProperties": 2
    }"##;

    #[test]
    fn a_schema_with_references_holds() {
        assert_eq!(facts(TREE, "{ name: a, next: { name: b, size: null, free: [1] } }"), [""; 0]);
        let all = "{ name: a, size: 0, next: { nam: b, next: { name: 1 } } }";
        assert_eq!(facts(TREE, all).len(), 1, "beside a `$ref` all is one finding");
        let deep = TREE.replace(", \"minProperties\": 2", "");
        assert_eq!(
            facts(&deep, "{ name: A, size: 0, next: { nam: b, next: { name: 1 } } }"),
            ["Form", "Form", "unknown nam", "a string, not an integer"]
        );
        assert_eq!(facts("{const: x}", "y"), ["Form"]);
        assert_eq!(facts("{type: [string, number]}", "true"), ["a string or a number, not a boolean"]);
        assert_eq!(facts("{type: object, properties: {a: {type: string}}}", "{ b: 1 }"), [""; 0]);
    }

    #[test]
    fn what_cannot_be_held_against_is_refused() {
        for (schema, reason) in [
            ("{if: {type: string}}", "documents can't be held against this keyword"),
            ("{patternProperties: {}}", "documents can't be held against this keyword"),
            ("{type: [string, object]}", "it has types of several forms; write `anyOf`"),
            ("{$ref: '#/$defs/a'}", "it leads nowhere"),
            ("{$ref: 'x.json'}", "it leads out of the file"),
            ("{$ref: '#/$defs/a', $defs: {a: {$ref: '#/$defs/a'}}}", "it leads from one `$ref` to the next"),
            ("{allOf: [{$ref: '#'}]}", "it asks itself of the same value"),
            (
                "{$defs: {a: {anyOf: [{$ref: '#/$defs/b'}]}, b: {not: {$ref: '#/$defs/a'}}}, $ref: '#/$defs/a'}",
                "it asks itself of the same value",
            ),
            ("[]", "a schema is a mapping"),
        ] {
            assert_eq!(JsonSchema::read(&node(schema)).unwrap_err().1, reason, "{schema}");
        }
    }
}
