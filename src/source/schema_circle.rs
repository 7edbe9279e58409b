//! Whether a recursive schema leads to itself by several ways at once: then the work of holding a value against it
//! doubles with every level of the value, however small the schema is.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::schema_cursor::percent_decoded;

/// Keywords with a schema for the value itself.
const ITSELF: [&str; 5] = ["not", "if", "then", "else", "contentSchema"];
/// Those with a list of them.
const ITSELF_EACH: [&str; 3] = ["allOf", "anyOf", "oneOf"];
/// Those whose schemas are for the values of a mapping, each for values of its own.
const OF_OBJECTS: [&str; 4] =
    ["properties", "additionalProperties", "patternProperties", "unevaluatedProperties"];
/// Those for the items of a list.
const OF_ARRAYS: [&str; 5] = ["items", "prefixItems", "additionalItems", "unevaluatedItems", "contains"];

/// By how many ways a schema asks what lies below a value to fit a schema of a circle: below a mapping, and below
/// a list.
#[derive(Clone, Copy, Debug, Default)]
struct Ways {
    object: u32,
    array: u32,
}

impl Ways {
    fn add(&mut self, other: Ways) {
        self.object = self.object.saturating_add(other.object);
        self.array = self.array.saturating_add(other.array);
    }
}

/// Whether some schema in a document leads back to itself below one and the same value by more than one way. The
/// document's `$ref`s are such as [`cost`](super::schema_cost::cost) takes.
pub fn doubles(document: &Value) -> bool {
    let mut search = Search { document, known: HashMap::new(), found: false };
    search.visit(document);
    search.found
}

/// What is known of a schema: whether it is or leads to a circle, and its ways.
type Known = (bool, Ways);

struct Search<'s> {
    document: &'s Value,
    /// By address; `None` while it is being visited.
    known: HashMap<*const Value, Option<Known>>,
    found: bool,
}

impl<'s> Search<'s> {
    fn visit(&mut self, schema: &'s Value) -> Known {
        let Value::Object(object) = schema else { return (false, Ways::default()) };
        let address = std::ptr::from_ref(schema);
        match self.known.get(&address) {
            Some(Some(known)) => return *known,
            // Back at a schema on the way here: a circle, which may be gone through by either kind of value.
            Some(None) => return (true, Ways { object: 1, array: 1 }),
            None => {}
        }
        self.known.insert(address, None);
        let known = self.look(object);
        self.known.insert(address, Some(known));
        known
    }

    fn look(&mut self, object: &'s Map<String, Value>) -> Known {
        let mut circles = false;
        let mut ways = Ways::default();
        for (key, value) in object {
            let key = key.as_str();
            if key == "$ref" {
                let target = value.as_str().and_then(|reference| reference.strip_prefix('#'));
                let target = target.and_then(percent_decoded).and_then(|at| self.document.pointer(&at));
                if let Some(target) = target {
                    let (leads, through) = self.visit(target);
                    circles |= leads;
                    ways.add(through);
                }
            } else if ITSELF.contains(&key) {
                let (leads, through) = self.visit(value);
                circles |= leads;
                ways.add(through);
            } else if ITSELF_EACH.contains(&key) {
                for branch in value.as_array().into_iter().flatten() {
                    let (leads, through) = self.visit(branch);
                    circles |= leads;
                    ways.add(through);
                }
            } else {
                let below = self.leads_below(key, value);
                circles |= below;
                ways.object += u32::from(below && (OF_OBJECTS.contains(&key) || key == "dependentSchemas"));
                ways.array += u32::from(below && OF_ARRAYS.contains(&key));
            }
        }
        // `properties` and `additionalProperties` are for different values.
        let disjoint = ["properties", "additionalProperties"]
            .iter()
            .filter(|key| object.get(**key).is_some_and(|value| self.leads_below(key, value)));
        ways.object = ways.object.saturating_sub(u32::from(disjoint.count() == 2));
        // Of a type a value is or isn't.
        let is = |name: &str| match object.get("type") {
            Some(Value::String(one)) => one == name,
            Some(Value::Array(several)) => several.iter().any(|one| one == name),
            _ => true,
        };
        ways.object *= u32::from(is("object"));
        ways.array *= u32::from(is("array"));
        self.found |= circles && (ways.object > 1 || ways.array > 1);
        (circles, ways)
    }

    /// Whether one of these leads to a circle. Each is looked at.
    fn visit_all(&mut self, schemas: impl Iterator<Item = &'s Value>) -> bool {
        let mut leads = false;
        for schema in schemas {
            leads |= self.visit(schema).0;
        }
        leads
    }

    /// Whether one of the schemas that a keyword has for what lies below leads to a circle.
    fn leads_below(&mut self, key: &str, value: &'s Value) -> bool {
        match value {
            Value::Object(named) if is_named(key) => self.visit_all(named.values()),
            Value::Object(_) => self.visit(value).0,
            Value::Array(items) => self.visit_all(items.iter()),
            _ => false,
        }
    }
}

/// Whether a keyword holds schemas by names.
fn is_named(key: &str) -> bool {
    matches!(key, "properties" | "patternProperties" | "dependentSchemas" | "$defs" | "definitions")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::doubles;

    fn tree(node: &Value) -> Value {
        json!({"$ref": "#/$defs/node", "$defs": {"node": node}})
    }

    #[test]
    fn a_circle_of_one_way_is_fine() {
        let node = json!({"$ref": "#/$defs/node"});
        for fine in [
            json!({"properties": {"next": node, "other": node}, "additionalProperties": node}),
            json!({"anyOf": [{"type": "string"}, {"type": "array", "items": node},
                {"type": "object", "additionalProperties": node}]}),
            json!({"properties": {"next": {"anyOf": [{"type": "null"}, node]}}}),
            json!({"type": "object", "required": ["a"], "properties": {"a": {"oneOf": [node, {"type": "integer"}]}}}),
        ] {
            assert!(!doubles(&tree(&fine)), "{fine}");
        }
        let flat = json!({"anyOf": [{"properties": {"a": {}}}, {"properties": {"a": {}}}]});
        assert!(!doubles(&flat));
    }

    #[test]
    fn a_circle_of_two_ways_is_found() {
        let node = json!({"$ref": "#/$defs/node"});
        let below = json!({"properties": {"n": node}});
        for two in [
            json!({"anyOf": [below, below]}),
            json!({"allOf": [below], "properties": {"n": node}}),
            json!({"properties": {"n": {"oneOf": [node, node]}}}),
            json!({"properties": {"n": node}, "patternProperties": {"n": node}}),
            json!({"properties": {"n": {"$ref": "#/$defs/node", "not": node}}}),
            json!({"items": node, "contains": node}),
            json!({"if": below, "then": below}),
        ] {
            assert!(doubles(&tree(&two)), "{two}");
        }
        let far = json!({"$ref": "#/$defs/a", "$defs": {
            "a": {"anyOf": [{"$ref": "#/$defs/b"}, {"$ref": "#/$defs/c"}]},
            "b": {"properties": {"n": {"$ref": "#/$defs/a"}}},
            "c": {"additionalProperties": {"$ref": "#/$defs/a"}}}});
        assert!(doubles(&far));
    }
}
