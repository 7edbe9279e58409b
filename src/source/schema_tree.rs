//! Our own tree as an instance of JSON Schema, so that nothing is copied to be validated.

use std::borrow::Cow;

use indexmap::map;
use jsonschema_value::types::JsonType;
use jsonschema_value::{Array, Json, JsonNumber, LazyInstance, Node as JsonNode, NodeIdentity, Object};
use serde_json::{Number, Value};

use super::node::{Entry, Kind, Map, Node, Scalar, ScalarType};

/// The representation: a [`Node`] and what lies below it.
pub struct Tree;

/// A value of the representation.
#[derive(Clone, Copy)]
pub enum TreeNode<'a> {
    /// A node of a document.
    Node(&'a Node),
    /// A key, where a schema speaks of the names of keys.
    Key(&'a str),
}

/// A mapping.
pub struct TreeMap<'a>(&'a Map);

/// A sequence.
pub struct TreeList<'a>(&'a [Node]);

/// A number, read from its source text.
pub struct TreeNumber<'a>(&'a Scalar);

/// The entries of a mapping.
pub struct Members<'a>(map::Iter<'a, std::sync::Arc<str>, Entry>);

/// The items of a sequence.
pub struct Items<'a>(std::slice::Iter<'a, Node>);

impl Json for Tree {
    type Node<'a> = TreeNode<'a>;
    type PreparedKey = String;
    type StringBuffer = ();

    const ACYCLIC: bool = true;

    fn prepare_key(key: &str) -> String {
        key.to_owned()
    }

    fn with_string_node<T>((): &mut (), string: &str, f: impl FnOnce(TreeNode<'_>) -> T) -> T {
        f(TreeNode::Key(string))
    }
}

impl<'a> JsonNode<'a, Tree> for TreeNode<'a> {
    type Object = TreeMap<'a>;
    type Array = TreeList<'a>;
    type Number = TreeNumber<'a>;

    fn as_object(&self) -> Option<TreeMap<'a>> {
        match self {
            TreeNode::Node(node) => node.as_map().map(TreeMap),
            TreeNode::Key(_) => None,
        }
    }

    fn as_array(&self) -> Option<TreeList<'a>> {
        match self {
            TreeNode::Node(node) => node.as_list().map(TreeList),
            TreeNode::Key(_) => None,
        }
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        match self {
            TreeNode::Key(key) => Some(Cow::Borrowed(key)),
            TreeNode::Node(node) => scalar(node, &[ScalarType::Text]).map(|s| Cow::Borrowed(&*s.text)),
        }
    }

    fn as_number(&self) -> Option<TreeNumber<'a>> {
        match self {
            TreeNode::Node(node) => scalar(node, &[ScalarType::Int, ScalarType::Float]).map(TreeNumber),
            TreeNode::Key(_) => None,
        }
    }

    fn as_boolean(&self) -> Option<bool> {
        match self {
            TreeNode::Node(node) => scalar(node, &[ScalarType::Bool]).map(is_true),
            TreeNode::Key(_) => None,
        }
    }

    fn is_null(&self) -> bool {
        matches!(self, TreeNode::Node(node) if node.is_null())
    }

    fn json_type(&self) -> JsonType {
        match self {
            TreeNode::Key(_) => JsonType::String,
            TreeNode::Node(node) => json_type(node),
        }
    }

    fn to_value(&self) -> Cow<'a, Value> {
        Cow::Owned(match self {
            TreeNode::Key(key) => Value::String((*key).to_owned()),
            TreeNode::Node(node) => to_value(node),
        })
    }

    /// Errors carry keys, never values: those have no business in a message.
    fn lazy_value(&self) -> LazyInstance<'a> {
        LazyInstance::Ready(match self {
            TreeNode::Key(_) => self.to_value(),
            TreeNode::Node(_) => Cow::Owned(Value::Null),
        })
    }

    fn identity(&self) -> Option<NodeIdentity> {
        match self {
            TreeNode::Node(node) => Some(NodeIdentity::new(std::ptr::from_ref(*node) as usize)),
            TreeNode::Key(_) => None,
        }
    }
}

impl<'a> Object<'a, Tree> for TreeMap<'a> {
    type Node = TreeNode<'a>;
    type MemberName = &'a str;
    type MembersIter = Members<'a>;

    fn len(&self) -> usize {
        self.0.len()
    }

    fn get(&self, key: &String) -> Option<TreeNode<'a>> {
        self.0.get(key.as_str()).map(|entry| TreeNode::Node(&entry.value))
    }

    fn members(&self) -> Members<'a> {
        Members(self.0.iter())
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, TreeNode<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(key, entry)| (&**key, TreeNode::Node(&entry.value)))
    }
}

impl<'a> Array<'a, Tree> for TreeList<'a> {
    type Node = TreeNode<'a>;
    type ElementsIter = Items<'a>;

    fn len(&self) -> usize {
        self.0.len()
    }

    fn elements(&self) -> Items<'a> {
        Items(self.0.iter())
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = TreeNode<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(TreeNode::Node)
    }
}

impl JsonNumber for TreeNumber<'_> {
    fn as_u64(&self) -> Option<u64> {
        whole(self.0).and_then(|n| u64::try_from(n).ok())
    }

    fn as_i64(&self) -> Option<i64> {
        whole(self.0).and_then(|n| i64::try_from(n).ok())
    }

    fn as_f64(&self) -> Option<f64> {
        Some(float(self.0))
    }

    fn as_str(&self) -> Cow<'_, str> {
        match whole(self.0) {
            Some(n) => Cow::Owned(n.to_string()),
            None => Cow::Borrowed(&self.0.text),
        }
    }

    fn to_number(&self) -> Cow<'_, Number> {
        let number = self.as_u64().map(Number::from).or_else(|| self.as_i64().map(Number::from));
        Cow::Owned(number.unwrap_or_else(|| {
            // JSON has no infinity; the nearest number is what a message could say.
            let near = float(self.0).clamp(f64::MIN, f64::MAX);
            Number::from_f64(near).unwrap_or_else(|| Number::from(0))
        }))
    }

    /// By how it is written: a `3.0` or `1e3` where a whole number belongs is a slip, and the next
    /// reader of the source text may not take it for one.
    fn is_integer(&self) -> bool {
        self.0.ty == ScalarType::Int
    }

    fn is_written_as_integer(&self) -> bool {
        self.is_integer()
    }
}

/// The JSON type of a node; a number is one whether it is whole or not.
pub fn json_type(node: &Node) -> JsonType {
    match &node.kind {
        Kind::Map(_) => JsonType::Object,
        Kind::List(_) => JsonType::Array,
        Kind::Scalar(scalar) => match scalar.ty {
            ScalarType::Null => JsonType::Null,
            ScalarType::Bool => JsonType::Boolean,
            ScalarType::Int | ScalarType::Float => JsonType::Number,
            ScalarType::Text => JsonType::String,
        },
    }
}

fn to_value(node: &Node) -> Value {
    match &node.kind {
        Kind::Map(map) => map.iter().map(|(key, entry)| (key.to_string(), to_value(&entry.value))).collect(),
        Kind::List(items) => items.iter().map(to_value).collect(),
        Kind::Scalar(scalar) => match scalar.ty {
            ScalarType::Null => Value::Null,
            ScalarType::Bool => Value::Bool(is_true(scalar)),
            ScalarType::Int | ScalarType::Float if float(scalar).is_finite() => {
                Value::Number(TreeNumber(scalar).to_number().into_owned())
            }
            // An infinity equals no number that JSON can write.
            _ => Value::String(scalar.text.to_string()),
        },
    }
}

fn scalar<'a>(node: &'a Node, types: &[ScalarType]) -> Option<&'a Scalar> {
    node.as_scalar().filter(|scalar| types.contains(&scalar.ty))
}

fn is_true(scalar: &Scalar) -> bool {
    scalar.text.eq_ignore_ascii_case("true")
}

/// A whole number of the core schema (`-12`, `+7`, `0o17`, `0x1F`), if it fits.
fn whole(scalar: &Scalar) -> Option<i128> {
    if scalar.ty != ScalarType::Int {
        return None;
    }
    let text = &*scalar.text;
    match text.get(..2) {
        Some("0x") => i128::from_str_radix(&text[2..], 16).ok(),
        Some("0o") => i128::from_str_radix(&text[2..], 8).ok(),
        _ => text.parse().ok(),
    }
}

/// Any number of the core schema as the nearest float, infinities included.
fn float(scalar: &Scalar) -> f64 {
    if let Some(n) = whole(scalar) {
        return n as f64;
    }
    match scalar.text.trim_start_matches(['+', '-']) {
        text if text.eq_ignore_ascii_case(".nan") => f64::NAN,
        text if text.eq_ignore_ascii_case(".inf") && scalar.text.starts_with('-') => f64::NEG_INFINITY,
        text if text.eq_ignore_ascii_case(".inf") || text.starts_with("0x") || text.starts_with("0o") => {
            f64::INFINITY
        }
        _ => scalar.text.parse().unwrap_or(f64::NAN),
    }
}

#[cfg(test)]
mod tests {
    use jsonschema_value::{JsonNumber, Node as _};
    use serde_json::json;

    use super::{Tree, TreeNode};
    use crate::source::node::Node;
    use crate::source::schema_test::{float, int, list, map, null, text, truth};

    fn valid(schema: &serde_json::Value, node: &Node) -> bool {
        let validator = jsonschema::options_for::<Tree>().offline().build(schema).unwrap();
        validator.is_valid(TreeNode::Node(node))
    }

    #[test]
    fn scalars_are_what_the_core_schema_makes_of_them() {
        for (node, name) in [
            (int("80"), "integer"),
            (float("1.5"), "number"),
            (text("80"), "string"),
            (truth("true"), "boolean"),
            (null(), "null"),
            (list([]), "array"),
            (map([]), "object"),
        ] {
            for other in ["integer", "number", "string", "boolean", "null", "array", "object"] {
                let expected = other == name || (name == "integer" && other == "number");
                assert_eq!(valid(&json!({ "type": other }), &node), expected, "{name} as {other}");
            }
        }
    }

    #[test]
    fn a_whole_number_is_one_only_if_written_so() {
        for (written, whole) in [("3.0", false), ("1e3", false), ("81e5080", false)] {
            assert_eq!(valid(&json!({"type": "integer"}), &float(written)), whole, "{written}");
            assert!(valid(&json!({"type": "number"}), &float(written)), "{written}");
        }
    }

    #[test]
    fn numbers_are_read_from_their_source_text() {
        for (node, n) in
            [(int("0x1F"), 31), (int("0o17"), 15), (int("+12"), 12), (int("007"), 7), (int("-3"), -3)]
        {
            let schema = json!({"minimum": n, "maximum": n, "enum": [n]});
            assert!(valid(&schema, &node), "{n}");
            assert!(!valid(&json!({"minimum": n + 1}), &node), "{n}");
            assert_eq!(TreeNode::Node(&node).as_number().unwrap().as_str(), n.to_string());
        }
        assert!(valid(&json!({"minimum": 1.5, "maximum": 1.5, "multipleOf": 0.5}), &float("+1.5")));
    }

    #[test]
    fn numbers_beyond_json_neither_panic_nor_fit() {
        let huge = format!("1{}", "0".repeat(400));
        for node in
            [int(&huge), int("0xffffffffffffffffffffffffffffffffffff"), float(".inf"), float("81e5080")]
        {
            assert!(!valid(&json!({"maximum": 1e300}), &node));
            assert!(valid(&json!({"minimum": 5}), &node));
            for schema in [json!({"multipleOf": 3}), json!({"multipleOf": 0.1}), json!({"enum": [0, 1e308]})]
            {
                valid(&schema, &node);
            }
            assert!(!valid(&json!({"enum": [0, f64::MAX]}), &node));
        }
        assert!(!valid(&json!({"maximum": 5}), &float(".nan")));
        assert!(!valid(&json!({"minimum": 5}), &float("-.INF")));
        valid(&json!({"multipleOf": 3}), &float(".nan"));
    }

    #[test]
    fn enums_and_unique_items_compare_by_value() {
        assert!(valid(
            &json!({"enum": [{"a": [1, "x", null, true]}]}),
            &map([("a", list([int("0x1"), text("x"), null(), truth("TRUE")]))])
        ));
        assert!(!valid(&json!({"uniqueItems": true}), &list([int("1"), float("1.0")])));
        assert!(valid(&json!({"uniqueItems": true}), &list([int("1"), text("1")])));
    }

    #[test]
    fn errors_carry_no_values() {
        let validator = jsonschema::options_for::<Tree>().build(&json!({"items": {"maxLength": 3}})).unwrap();
        let node = list([text("hunter2")]);
        let errors: Vec<_> = validator.iter_errors(TreeNode::Node(&node)).collect();
        assert_eq!(errors.len(), 1);
        assert!(!format!("{errors:?} {}", errors[0]).contains("hunter2"));
    }
}
