//! What a schema says about a place, in words.

use serde_json::Value;

use super::schema_cursor::{Contract, Cursor};
use super::schema_words::sentence;

/// A place of a schema for people to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About<'s> {
    /// What stands here, such as `an integer from 1 to 65535, or a mapping`.
    pub form: String,
    /// The whole description; empty without one.
    pub description: &'s str,
    /// The keys that it knows, each with the first sentence of its description.
    pub keys: Vec<(&'s str, String)>,
    /// Whether it takes keys that its author names.
    pub own_keys: bool,
    /// What those names look like, if the schema says so.
    pub own_names: Option<&'s str>,
    /// Whether it has items.
    pub items: bool,
}

impl<'s> Cursor<'s> {
    /// What the schema says here.
    pub fn about(&self) -> About<'s> {
        let keys = self.keys().into_iter().map(|key| {
            let said = self.child(key).description().map(sentence).unwrap_or_default();
            (key, said)
        });
        let names = self.objects().iter().find_map(|object| object.get("propertyNames"));
        About {
            form: self.form(),
            description: self.description().unwrap_or_default(),
            keys: keys.collect(),
            own_keys: self.takes_own_keys(),
            own_names: names.and_then(|names| names.get("x-message")?.as_str()),
            items: self.item().is_known(),
        }
    }

    /// Whether what stands here is a secret: `writeOnly`, `format: password` or `x-secret`.
    pub fn is_secret(&self) -> bool {
        self.says("writeOnly")
            || self.says("x-secret")
            || self.objects().iter().any(|o| o.get("format").is_some_and(|format| format == "password"))
    }

    /// Whether what stands here is the name of a declared secret: `x-secret-name`.
    pub fn is_secret_name(&self) -> bool {
        self.says("x-secret-name")
    }

    /// Whether a layer of an app stands here, which has a schema of its own: `x-layer`.
    pub fn is_layer(&self) -> bool {
        self.says("x-layer")
    }

    fn says(&self, keyword: &str) -> bool {
        self.objects().iter().any(|object| object.get(keyword) == Some(&Value::Bool(true)))
    }

    /// Whether there is a schema for keys that aren't named.
    pub fn takes_own_keys(&self) -> bool {
        self.objects().iter().any(|object| {
            object.get("patternProperties").is_some_and(Value::is_object)
                || object.get("additionalProperties").is_some_and(|rest| *rest != Value::Bool(false))
        })
    }

    fn form(&self) -> String {
        let options: Vec<String> = self
            .objects()
            .iter()
            .filter_map(|object| object.get("enum")?.as_array())
            .flatten()
            .filter(|option| !option.is_null())
            .map(|option| format!("`{}`", option.as_str().map_or_else(|| option.to_string(), str::to_owned)))
            .collect();
        if !options.is_empty() {
            return options.join(", ");
        }
        let is_text = self.contract() == Contract::Text;
        let mut forms: Vec<String> = Vec::new();
        for name in self.types() {
            let form = match name {
                "string" => "a string".to_string(),
                // A string by contract takes what looks like something else.
                "integer" | "number" | "boolean" if is_text => continue,
                "integer" => format!("an integer{}", self.bounds()),
                "number" => format!("a number{}", self.bounds()),
                "boolean" => "true or false".to_string(),
                "array" => "a list".to_string(),
                "object" => "a mapping".to_string(),
                _ => continue,
            };
            forms.push(form);
        }
        forms.join(", or ")
    }

    fn bounds(&self) -> String {
        let limit = |keyword: &str| self.objects().iter().find_map(|object| object.get(keyword)?.as_number());
        match (limit("minimum"), limit("maximum")) {
            (Some(least), Some(most)) => format!(" from {least} to {most}"),
            (Some(least), None) => format!(" from {least}"),
            (None, Some(most)) => format!(" up to {most}"),
            (None, None) => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::source::schema::Schema;

    #[test]
    fn a_place_is_told_in_words() {
        let schema = Schema::compile(
            r#"{"properties": {
                "port": {"type": ["integer", "object", "null"], "minimum": 1, "maximum": 9, "description": "A port. More.",
                         "properties": {"node": {"type": "integer", "description": "The node's. More."}}},
                "text": {"type": ["string", "number", "boolean", "null"]},
                "level": {"enum": ["info", "debug", null]},
                "own": {"type": "object", "additionalProperties": {"type": "string"}, "propertyNames": {"x-message": "a name"}},
                "list": {"type": "array", "items": {"type": "string"}},
                "key": {"type": "string", "x-secret": true}
            }}"#,
        )
        .unwrap();
        let about = |key: &str| schema.cursor().child(key).about();
        assert_eq!(about("port").form, "an integer from 1 to 9, or a mapping");
        assert_eq!(about("port").keys, [("node", "The node's".to_string())]);
        assert_eq!(about("port").description, "A port. More.");
        assert_eq!(about("text").form, "a string");
        assert_eq!(about("level").form, "`info`, `debug`");
        assert!(about("own").own_keys && !about("port").own_keys);
        assert_eq!(about("own").own_names, Some("a name"));
        assert!(about("list").items && !about("own").items);
        assert!(schema.cursor().child("key").is_secret() && !schema.cursor().child("text").is_secret());
        assert!(schema.cursor().child("text").is_known() && !schema.cursor().child("other").is_known());
    }
}
