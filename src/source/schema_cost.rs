//! How much work a schema can ask for: `$ref`s that are followed twice, and again below, double it with
//! every step.

use std::collections::HashMap;

use serde_json::Value;

use super::schema_cursor::percent_decoded;

/// Schemas nest and refer to each other no deeper than this.
const MAX_DEPTH: usize = 200;

/// How many objects a schema has when every `$ref` is written out, a circle once. `None` when it is
/// nested without end, or has a `$ref` within the document that
/// isn't a JSON pointer.
pub fn cost(document: &Value) -> Option<u64> {
    let mut survey = Survey { document, known: HashMap::new() };
    survey.visit(document, 0)
}

struct Survey<'s> {
    document: &'s Value,
    /// By address; `None` while it is being visited.
    known: HashMap<*const Value, Option<u64>>,
}

impl<'s> Survey<'s> {
    fn visit(&mut self, value: &'s Value, depth: usize) -> Option<u64> {
        if depth > MAX_DEPTH {
            return None;
        }
        let (own, children): (u64, Vec<&'s Value>) = match value {
            Value::Object(object) => {
                // Another base would lead `$ref`s elsewhere.
                let rebased = depth > 0 && object.get("$id").is_some_and(Value::is_string);
                if rebased || object.get("$dynamicRef").is_some_and(Value::is_string) {
                    return None;
                }
                let target = match object.get("$ref") {
                    // One that leads out of the document, or nowhere, is refused when it is compiled.
                    Some(Value::String(reference)) if reference.starts_with('#') => {
                        let pointer = percent_decoded(&reference[1..])?;
                        if !pointer.is_empty() && !pointer.starts_with('/') {
                            return None;
                        }
                        self.document.pointer(&pointer)
                    }
                    _ => None,
                };
                (1, object.values().chain(target).collect())
            }
            Value::Array(items) => (0, items.iter().collect()),
            _ => return Some(0),
        };
        let address = std::ptr::from_ref(value);
        if let Some(known) = self.known.get(&address) {
            return Some(known.unwrap_or(0));
        }
        self.known.insert(address, None);
        let mut sum = own;
        for child in children {
            sum = sum.saturating_add(self.visit(child, depth + 1)?);
        }
        self.known.insert(address, Some(sum));
        Some(sum)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::cost;

    /// A chain of `n` definitions, each of which refers to the next one `times` times.
    fn chain(n: usize, times: usize) -> Value {
        let mut definitions = serde_json::Map::new();
        for i in 0..n {
            let next = json!({"$ref": format!("#/$defs/d{}", i + 1)});
            definitions.insert(format!("d{i}"), json!({"allOf": vec![next; times]}));
        }
        definitions.insert(format!("d{n}"), json!({}));
        json!({"$ref": "#/$defs/d0", "$defs": definitions})
    }

    #[test]
    fn references_that_double_are_counted() {
        assert!(cost(&chain(10, 1)).unwrap() < 200);
        assert!(cost(&chain(40, 2)).unwrap() > 1 << 40);
        assert_eq!(cost(&chain(2_000, 1)), None);
    }

    #[test]
    fn a_circle_counts_once() {
        let circle =
            json!({"$defs": {"a": {"properties": {"b": {"$ref": "#/$defs/a"}}}}, "$ref": "#/$defs/a"});
        assert!(cost(&circle).unwrap() < 20);
        assert!(cost(&json!({"$ref": "#"})).unwrap() < 5);
    }

    #[test]
    fn references_that_cannot_be_followed_are_refused() {
        for schema in [
            json!({"$ref": "#name", "$anchor": "name"}),
            json!({"properties": {"a": {"$id": "x", "$ref": "#/a"}}}),
            json!({"$dynamicRef": "#x"}),
        ] {
            assert_eq!(cost(&schema), None, "{schema}");
        }
        assert!(cost(&json!({"$id": "x", "properties": {"$id": {"type": "string"}}})).is_some());
    }
}
