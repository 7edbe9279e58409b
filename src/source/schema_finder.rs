//! From the errors of a validation to the causes behind them.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Broken;
use jsonschema_value::types::JsonType;
use serde_json::Value;

use super::nearest::nearest;
use super::node::{Kind, Node};
use super::schema::Schema;
use super::schema_cursor::Cursor;
use super::schema_tree::json_type;
use super::schema_violation::{Fact, Violation, settle};
use super::schema_words::{Form, forms};
use super::span::Span;

/// The causes behind the errors of a validation of `root`, each once.
pub fn violations<'e>(
    schema: &Schema,
    root: &Node,
    errors: impl Iterator<Item = ValidationError<'e>>,
) -> Vec<Violation> {
    let mut finder = Finder { schema, root, found: Vec::new() };
    for error in errors {
        if finder.found.len() >= MOST {
            break;
        }
        finder.take(&error);
    }
    settle(finder.found)
}

/// How many violations are looked into: some more than anybody is shown.
const MOST: usize = 2_000;

/// Turns errors into violations.
struct Finder<'a> {
    schema: &'a Schema,
    root: &'a Node,
    found: Vec<Violation>,
}

impl<'a> Finder<'a> {
    fn take(&mut self, error: &ValidationError<'_>) {
        let path = error.instance_path().as_str();
        let (key, node) = locate(self.root, path);
        let keyword = error.schema_path().as_str();
        match error.kind() {
            Broken::AdditionalProperties { unexpected } => {
                self.unknown(path, node, keyword, unexpected, false)
            }
            Broken::UnevaluatedProperties { unexpected } => {
                self.unknown(path, node, keyword, unexpected, true)
            }
            Broken::FalseSchema if is_about_keys(keyword) => {
                let keys: Vec<String> =
                    node.as_map().into_iter().flat_map(|map| map.keys()).map(|k| k.to_string()).collect();
                self.unknown(path, node, keyword, &keys, false);
            }
            Broken::FalseSchema if key.is_some() => {
                let name = unescaped(path.rsplit('/').next().unwrap_or_default());
                self.push(path, node, key.unwrap_or(node.place()), Fact::ForbiddenKey { key: name });
            }
            Broken::Required { property } => {
                let keys = property.as_str().map(str::to_owned).into_iter().collect();
                self.push(path, node, node.place(), Fact::MissingKey { keys });
            }
            Broken::PropertyNames { error } => {
                let Some(key) = error.instance().as_str() else { return };
                let place = key_place(node, key);
                let fact = match error.kind() {
                    Broken::Enum { options } => {
                        let known = options.as_array().into_iter().flatten().filter_map(Value::as_str);
                        unknown_key(key, known.map(str::to_owned).collect())
                    }
                    kind => Fact::KeyName { key: key.to_owned(), expected: self.forms(kind, keyword) },
                };
                self.push(path, node, place, fact);
            }
            Broken::AnyOf { context } | Broken::OneOfNotValid { context } => self.choose(path, node, context),
            Broken::OneOfMultipleValid { .. } => {
                let fact = Fact::Other("this value fits more than one of the accepted forms");
                self.push(path, node, node.place(), fact);
            }
            Broken::Contains => {
                self.push(
                    path,
                    node,
                    node.place(),
                    Fact::Other("no item of this list is of the required form"),
                );
            }
            Broken::UniqueItems => {
                self.push(path, node, node.place(), Fact::Other("this list has an item twice"));
            }
            kind => {
                let is_scalar = matches!(node.kind, Kind::Scalar(_));
                let is_type = matches!(kind, Broken::Type { .. }) || !is_scalar && is_choice(kind);
                let fact = Fact::Value {
                    expected: self.forms(kind, keyword),
                    found: is_type.then(|| node.describe()),
                };
                self.push(path, node, node.place(), fact);
            }
        }
    }

    fn push(&mut self, path: &str, node: &Node, place: Span, fact: Fact) {
        let container = !matches!(node.kind, Kind::Scalar(_));
        self.found.push(Violation { path: path.to_owned(), container, place, fact });
    }

    fn forms(&self, kind: &Broken, keyword: &str) -> Vec<Form> {
        forms(kind, self.schema.around(keyword))
    }

    fn unknown(&mut self, path: &str, node: &Node, keyword: &str, keys: &[String], unevaluated: bool) {
        let cursor = self.schema.around(keyword).map(|object| Cursor::new(self.schema, object));
        for key in keys.iter().take(MOST) {
            let fact = match &cursor {
                // A branch that failed leaves its keys unevaluated, known as they are.
                Some(cursor) if unevaluated && cursor.knows(key) => Fact::MisplacedKey { key: key.clone() },
                Some(cursor) => unknown_key(key, cursor.keys().into_iter().map(str::to_owned).collect()),
                None => unknown_key(key, Vec::new()),
            };
            self.push(path, node, key_place(node, key), fact);
        }
    }

    /// Reports of several branches, none of which fits, the one that was meant.
    fn choose(&mut self, path: &str, node: &Node, branches: &[Vec<ValidationError<'static>>]) {
        let mut close: Vec<_> = branches.iter().filter(|branch| has_type(branch, path, node)).collect();
        if close.is_empty() {
            let mut expected = Vec::new();
            branches.iter().for_each(|branch| self.mismatches(branch, path, node, &mut expected));
            return self.push(
                path,
                node,
                node.place(),
                Fact::Value { expected, found: Some(node.describe()) },
            );
        }
        if let Some(telling) = common_telling_child(&close, path) {
            let expected =
                telling.iter().flat_map(|e| self.forms(e.kind(), e.schema_path().as_str())).collect();
            let path = telling[0].instance_path().as_str();
            let child = locate(self.root, path).1;
            return self.push(path, child, child.place(), Fact::Value { expected, found: None });
        }
        if close.iter().any(|branch| telling_child(branch, path).is_none()) {
            close.retain(|branch| telling_child(branch, path).is_none());
        }
        if close.len() > 1 && self.unite(path, node, &close) {
            return;
        }
        let nearest = close.into_iter().min_by_key(|branch| branch.iter().map(weight).sum::<usize>());
        nearest.into_iter().flatten().for_each(|error| self.take(error));
    }

    /// Says in one what several branches want, if each wants one thing of the same kind.
    fn unite(&mut self, path: &str, node: &Node, branches: &[&Vec<ValidationError<'static>>]) -> bool {
        let mut keys = Vec::new();
        let mut expected = Vec::new();
        for branch in branches {
            let [error] = branch.as_slice() else { return false };
            match error.kind() {
                _ if error.instance_path().as_str() != path => return false,
                Broken::Required { property } => keys.extend(property.as_str().map(str::to_owned)),
                kind => match self.forms(kind, error.schema_path().as_str()) {
                    forms if forms.is_empty() => return false,
                    forms => expected.extend(forms),
                },
            }
        }
        let fact = match (keys.is_empty(), expected.is_empty()) {
            (false, true) => Fact::MissingKey { keys },
            (true, false) => Fact::Value { expected, found: None },
            _ => return false,
        };
        self.push(path, node, node.place(), fact);
        true
    }

    /// The forms that the errors at `path` miss by type.
    fn mismatches(&self, errors: &[ValidationError<'static>], path: &str, node: &Node, out: &mut Vec<Form>) {
        for error in errors.iter().filter(|error| error.instance_path().as_str() == path) {
            match error.kind() {
                Broken::AnyOf { context } | Broken::OneOfNotValid { context } => {
                    context.iter().for_each(|branch| self.mismatches(branch, path, node, out));
                }
                kind if misses_type(error, path, node) => {
                    out.extend(self.forms(kind, error.schema_path().as_str()));
                    return;
                }
                _ => {}
            }
        }
    }
}

fn unknown_key(key: &str, known: Vec<String>) -> Fact {
    let meant = nearest(key, known.iter().map(String::as_str)).map(str::to_owned);
    Fact::UnknownKey { key: key.to_owned(), meant, known }
}

/// Whether the branch with these errors is at least of the node's type.
fn has_type(errors: &[ValidationError<'static>], path: &str, node: &Node) -> bool {
    !errors.iter().any(|error| misses_type(error, path, node))
}

fn misses_type(error: &ValidationError<'static>, path: &str, node: &Node) -> bool {
    let of_type = |value: &Value| JsonType::from(value) == json_type(node);
    error.instance_path().as_str() == path
        && match error.kind() {
            Broken::Type { .. } => true,
            Broken::Enum { options } => !options.as_array().into_iter().flatten().any(of_type),
            Broken::Constant { expected_value } => !of_type(expected_value),
            Broken::FalseSchema => !is_about_keys(error.schema_path().as_str()),
            Broken::AnyOf { context } | Broken::OneOfNotValid { context } => {
                !context.iter().any(|branch| has_type(branch, path, node))
            }
            _ => false,
        }
}

/// The error of a branch that says that another one was meant: a fixed value of a direct child.
fn telling_child<'e>(
    errors: &'e [ValidationError<'static>],
    path: &str,
) -> Option<&'e ValidationError<'static>> {
    errors.iter().find(|error| {
        let parent = error.instance_path().as_str().rsplit_once('/').map(|(parent, _)| parent);
        parent == Some(path) && is_choice(error.kind())
    })
}

/// Those errors, if every branch has one and all are about the same child.
fn common_telling_child<'e>(
    branches: &[&'e Vec<ValidationError<'static>>],
    path: &str,
) -> Option<Vec<&'e ValidationError<'static>>> {
    let all: Vec<_> = branches.iter().map(|branch| telling_child(branch, path)).collect::<Option<_>>()?;
    let same = all.windows(2).all(|pair| pair[0].instance_path() == pair[1].instance_path());
    (same && all.len() > 1).then_some(all)
}

fn is_choice(kind: &Broken) -> bool {
    matches!(kind, Broken::Enum { .. } | Broken::Constant { .. })
}

/// Whether a `false` schema is one that refuses keys rather than a value.
fn is_about_keys(keyword: &str) -> bool {
    keyword.ends_with("/additionalProperties") || keyword.ends_with("/propertyNames")
}

/// How far a branch is from what was meant.
fn weight(error: &ValidationError<'static>) -> usize {
    match error.kind() {
        Broken::AdditionalProperties { unexpected } | Broken::UnevaluatedProperties { unexpected } => {
            unexpected.len()
        }
        _ => 1,
    }
}

/// The key and the value at a JSON pointer. (The library's own segments take the key `080` for an
/// index.)
fn locate<'a>(root: &'a Node, pointer: &str) -> (Option<Span>, &'a Node) {
    let mut at = (None, root);
    for step in pointer.split('/').skip(1) {
        let step = unescaped(step);
        let below = match &at.1.kind {
            Kind::Map(map) => map.get(step.as_str()).map(|entry| (Some(entry.key), &entry.value)),
            Kind::List(items) => step.parse().ok().and_then(|i: usize| items.get(i)).map(|item| (None, item)),
            Kind::Scalar(_) => None,
        };
        at = below.unwrap_or(at);
    }
    at
}

fn unescaped(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

fn key_place(node: &Node, key: &str) -> Span {
    node.as_map().and_then(|map| map.get(key)).map_or(node.place(), |entry| entry.key)
}
