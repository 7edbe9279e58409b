//! A JSON Schema: checks our trees, and says what it knows about a place.

use std::collections::{HashMap, HashSet};

use jsonschema::{Draft, PatternOptions, ValidationError, Validator};
use serde_json::{Map, Value};
use thiserror::Error;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::node::Node;
use super::schema_cursor::Cursor;
use super::schema_finder::violations;
use super::schema_tree::{Tree, TreeNode};

/// A schema of draft 2020-12, compiled once. Its `$ref`s stay within the document and its patterns
/// match in linear time, so it may come from anybody.
#[derive(Debug)]
pub struct Schema {
    document: Value,
    validator: Validator<Tree>,
    /// One for each key of a `patternProperties`, so that [`Cursor`] reads it as validation does.
    patterns: HashMap<String, Validator<Tree>>,
}

/// Why a text is no [`Schema`]. Places are JSON pointers into it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SchemaError {
    /// Not JSON.
    #[error("not valid JSON at line {line}, column {column}")]
    NotJson {
        /// From 1.
        line: usize,
        /// From 1, in bytes.
        column: usize,
    },
    /// A `$ref` to something that isn't in the document.
    #[error("the `$ref` at `#{at}` leads out of the document")]
    Elsewhere {
        /// Of the object with the `$ref`.
        at: String,
    },
    /// A `$ref` to a place of the document that doesn't exist.
    #[error("a `$ref` leads nowhere: `#{to}`")]
    Nowhere {
        /// Where it should lead.
        to: String,
    },
    /// A pattern that isn't a regular expression, or needs look-around or back-references.
    #[error("`#{at}` isn't a regular expression without look-around and back-references")]
    Pattern {
        /// Of the pattern.
        at: String,
    },
    /// Breaks a rule of JSON Schema.
    #[error("not a valid JSON Schema at `#{at}`")]
    Invalid {
        /// Of what breaks it.
        at: String,
    },
}

impl Schema {
    /// The schema that `json_text` writes.
    pub fn compile(json_text: &str) -> Result<Schema, SchemaError> {
        let document: Value = serde_json::from_str(json_text)
            .map_err(|error| SchemaError::NotJson { line: error.line(), column: error.column() })?;
        let mut patterns = HashMap::new();
        survey(&document, &mut String::new(), &mut patterns)?;
        let validator = build(&document)?;
        Ok(Schema { document, validator, patterns })
    }

    /// Adds a finding for every cause for which the tree doesn't fit: at the key for a key that isn't
    /// known, else at the value. Keys are named, values never.
    pub fn check(&self, root: &Node, out: &mut Diagnostics) {
        self.check_where(root, &|_| true, out);
    }

    /// Does as [`check`](Self::check) does, for the values at whose JSON pointer `judges` is true.
    pub fn check_where(&self, root: &Node, judges: &dyn Fn(&str) -> bool, out: &mut Diagnostics) {
        let mut seen = HashSet::new();
        let errors = self.validator.iter_errors(TreeNode::Node(root));
        for violation in violations(self, root, errors).into_iter().filter(|v| judges(&v.path)) {
            let diagnostic = Diagnostic::from(violation);
            if seen.insert((diagnostic.code, diagnostic.span(), diagnostic.message.clone())) {
                out.push(diagnostic);
            }
        }
    }

    /// Whether it names keys by patterns anywhere.
    pub fn has_patterns(&self) -> bool {
        !self.patterns.is_empty()
    }

    /// What it says about the root.
    pub fn cursor(&self) -> Cursor<'_> {
        Cursor::new(self, &self.document)
    }

    /// The whole document.
    pub(super) fn document(&self) -> &Value {
        &self.document
    }

    /// Whether `key` is one that a `patternProperties` key speaks of.
    pub(super) fn key_matches(&self, pattern: &str, key: &str) -> bool {
        self.patterns.get(pattern).is_some_and(|validator| validator.is_valid(TreeNode::Key(key)))
    }

    /// The schema object in which the keyword at `keyword` (a JSON pointer) stands.
    pub(super) fn around(&self, keyword: &str) -> Option<&Value> {
        let (parent, _) = keyword.rsplit_once('/')?;
        self.document.pointer(parent)
    }
}

fn build(document: &Value) -> Result<Validator<Tree>, SchemaError> {
    jsonschema::options_for::<Tree>()
        .with_draft(Draft::Draft202012)
        .offline()
        .with_pattern_options(PatternOptions::regex())
        .should_validate_formats(true)
        .build(document)
        .map_err(|error| schema_error(&error))
}

fn schema_error(error: &ValidationError<'_>) -> SchemaError {
    use jsonschema::error::ValidationErrorKind as Broken;

    let at = error.instance_path().as_str().to_owned();
    match error.kind() {
        Broken::Referencing(jsonschema::ReferencingError::PointerToNowhere { pointer }) => {
            SchemaError::Nowhere { to: pointer.clone() }
        }
        Broken::Referencing(jsonschema::ReferencingError::NoSuchAnchor { anchor }) => {
            SchemaError::Nowhere { to: anchor.clone() }
        }
        Broken::Referencing(_) => SchemaError::Elsewhere { at },
        Broken::Format { format } if format == "regex" => SchemaError::Pattern { at },
        _ => SchemaError::Invalid { at },
    }
}

/// Refuses references that leave the document and compiles the patterns for names of keys.
fn survey(
    schema: &Value,
    at: &mut String,
    patterns: &mut HashMap<String, Validator<Tree>>,
) -> Result<(), SchemaError> {
    match schema {
        Value::Object(keywords) => {
            let leaves = |keyword| {
                keywords.get(keyword).and_then(Value::as_str).is_some_and(|target| !target.starts_with('#'))
            };
            if leaves("$ref") || leaves("$dynamicRef") {
                return Err(SchemaError::Elsewhere { at: at.clone() });
            }
            for (keyword, value) in keywords {
                step(at, keyword, |at| match (keyword.as_str(), value) {
                    ("patternProperties", Value::Object(named)) => {
                        compile_patterns(named, at, patterns)?;
                        survey_named(named, at, patterns)
                    }
                    ("properties" | "$defs" | "definitions" | "dependentSchemas", Value::Object(named)) => {
                        survey_named(named, at, patterns)
                    }
                    // Data, in which a `$ref` is just a key.
                    ("const" | "enum" | "default" | "examples", _) => Ok(()),
                    _ => survey(value, at, patterns),
                })?;
            }
            Ok(())
        }
        Value::Array(items) => {
            let mut numbered = items.iter().enumerate();
            numbered.try_for_each(|(i, item)| step(at, &i.to_string(), |at| survey(item, at, patterns)))
        }
        _ => Ok(()),
    }
}

fn survey_named(
    named: &Map<String, Value>,
    at: &mut String,
    patterns: &mut HashMap<String, Validator<Tree>>,
) -> Result<(), SchemaError> {
    named.iter().try_for_each(|(name, schema)| step(at, name, |at| survey(schema, at, patterns)))
}

fn compile_patterns(
    named: &Map<String, Value>,
    at: &mut String,
    patterns: &mut HashMap<String, Validator<Tree>>,
) -> Result<(), SchemaError> {
    for pattern in named.keys() {
        let validator = build(&serde_json::json!({ "pattern": pattern }));
        let validator =
            step(at, pattern, |at| validator.map_err(|_| SchemaError::Pattern { at: at.clone() }))?;
        patterns.insert(pattern.clone(), validator);
    }
    Ok(())
}

/// Runs `f` with the pointer one step further down.
fn step<T>(at: &mut String, name: &str, f: impl FnOnce(&mut String) -> T) -> T {
    let length = at.len();
    at.push('/');
    at.push_str(&name.replace('~', "~0").replace('/', "~1"));
    let result = f(at);
    at.truncate(length);
    result
}

#[cfg(test)]
mod tests {
    use super::{Schema, SchemaError};

    #[test]
    fn one_schema_serves_many_threads() {
        fn shared<T: Send + Sync>(_: &T) {}
        shared(&Schema::compile("{}").unwrap());
    }

    #[test]
    fn a_text_that_is_no_schema_says_where() {
        let fault = |text: &str| Schema::compile(text).unwrap_err();
        assert_eq!(fault("{\n  \"a\" 1}"), SchemaError::NotJson { line: 2, column: 7 });
        assert_eq!(
            fault(r#"{"properties": {"a/b": {"type": 3}}}"#),
            SchemaError::Invalid { at: "/properties/a~1b/type".into() }
        );
        assert_eq!(fault("[]"), SchemaError::Invalid { at: "".into() });
        assert_eq!(fault(r##"{"$ref": "#/$defs/x"}"##), SchemaError::Nowhere { to: "/$defs/x".into() });
        for target in [
            "file:///etc/passwd",
            "http://127.0.0.1/x",
            "other.json",
            "https://json-schema.org/draft/2020-12/schema",
        ] {
            let schema = serde_json::json!({"items": {"$ref": target}}).to_string();
            assert_eq!(fault(&schema), SchemaError::Elsewhere { at: "/items".into() }, "{target}");
        }
        for pattern in ["(", "(?=a)b", r"(a)\1", "(a{1000}){1000}"] {
            let schema = serde_json::json!({"pattern": pattern}).to_string();
            assert_eq!(fault(&schema), SchemaError::Pattern { at: "/pattern".into() }, "{pattern}");
        }
        assert_eq!(
            fault(r#"{"patternProperties": {"(": {}}}"#),
            SchemaError::Pattern { at: "/patternProperties/(".into() }
        );
    }

    #[test]
    fn data_and_names_in_a_schema_are_not_references() {
        let schema = r##"{"const": {"$ref": "x"}, "properties": {"$ref": {"type": "string"}, "enum": {"default": {"$ref": "y"}}}}"##;
        assert!(Schema::compile(schema).is_ok());
    }
}
