//! The words for what breaks a schema. They come from the rule that is broken, never from the value.

use jsonschema::error::{TypeKind, ValidationErrorKind as Broken};
use jsonschema_value::types::JsonType;
use serde_json::Value;

use super::diagnostic::Diagnostic;
use super::mask::is_private_key;
use super::schema_violation::{Fact, Violation};

/// Up to how many names are listed in one line.
const LIST_LIMIT: usize = 12;
/// Longer keys are cut where they are named, and are nobody's typing error.
const KEY_LIMIT: usize = 64;

/// What a value should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// Of that type.
    Type(JsonType),
    /// That very value.
    Option(String),
    /// What the schema's author says of it.
    Described(String),
    /// A string that matches.
    Pattern {
        /// The regular expression.
        pattern: String,
        /// What the schema says of the value in general.
        about: Option<String>,
    },
    /// Within a limit.
    Bound(String),
}

impl From<Violation> for Diagnostic {
    fn from(violation: Violation) -> Self {
        let place = violation.place;
        match violation.fact {
            Fact::UnknownKey { key, meant, known } => {
                let found =
                    Diagnostic::error("unknown-key", format!("unknown key {}", named(&key))).at(place, "");
                match meant {
                    Some(meant) => {
                        found.help(format!("did you mean {}?", named(&meant))).replacing(key, meant)
                    }
                    None if (1..=LIST_LIMIT).contains(&known.len()) => {
                        let known: Vec<String> = known.iter().map(|key| named(key)).collect();
                        found.help(format!("known keys: {}", known.join(", ")))
                    }
                    None => found,
                }
            }
            Fact::MissingKey { keys } => {
                let keys = keys.iter().map(|key| named(key)).collect();
                Diagnostic::error("missing-key", format!("missing key {}", any_of(keys))).at(place, "")
            }
            Fact::MisplacedKey { key } | Fact::ForbiddenKey { key } => {
                broken(format!("key {} isn't allowed here", named(&key))).at(place, "")
            }
            Fact::KeyName { key, expected } => {
                let (message, help) = expectation(&expected, None);
                let message = format!("key {}: {message}", named(&key));
                help.into_iter().fold(broken(message).at(place, ""), Diagnostic::help)
            }
            Fact::Value { expected, found } => {
                let (message, help) = expectation(&expected, found);
                help.into_iter().fold(broken(message).at(place, ""), Diagnostic::help)
            }
            Fact::Other(message) => broken(message).at(place, ""),
        }
    }
}

fn broken(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error("schema-violation", message)
}

/// What a rule asks of a value; `beside` is the schema object that has the rule. Empty when there are
/// no words for it.
pub fn forms(rule: &Broken, beside: Option<&Value>) -> Vec<Form> {
    let says = |keyword| beside.and_then(|object| object.get(keyword)).and_then(Value::as_str).map(sentence);
    match rule {
        Broken::Type { kind: TypeKind::Single(ty) } => vec![Form::Type(*ty)],
        Broken::Type { kind: TypeKind::Multiple(types) } => types.iter().map(Form::Type).collect(),
        Broken::Enum { options } => options.as_array().into_iter().flatten().map(option).collect(),
        Broken::Constant { expected_value } => vec![option(expected_value)],
        Broken::Pattern { pattern } => vec![match says("x-message").or_else(|| says("title")) {
            Some(message) => Form::Described(message),
            None => Form::Pattern { pattern: pattern.clone(), about: says("description") },
        }],
        Broken::Format { format } => vec![Form::Described(format!("the format `{format}`"))],
        _ => bound(rule).map(Form::Bound).into_iter().collect(),
    }
}

fn bound(rule: &Broken) -> Option<String> {
    let least = |limit: u64, noun: &str| format!("at least {}", counted(limit, noun));
    let most = |limit: u64, noun: &str| format!("at most {}", counted(limit, noun));
    Some(match rule {
        Broken::Minimum { limit } => format!("at least {limit}"),
        Broken::Maximum { limit } => format!("at most {limit}"),
        Broken::ExclusiveMinimum { limit } => format!("more than {limit}"),
        Broken::ExclusiveMaximum { limit } => format!("less than {limit}"),
        Broken::MultipleOf { multiple_of } => format!("a multiple of {multiple_of}"),
        Broken::MinLength { limit } => least(*limit, "character"),
        Broken::MaxLength { limit } => most(*limit, "character"),
        Broken::MinItems { limit } => least(*limit, "item"),
        Broken::MaxItems { limit } => most(*limit, "item"),
        Broken::AdditionalItems { limit } => most(u64::try_from(*limit).unwrap_or(u64::MAX), "item"),
        Broken::MinProperties { limit } => least(*limit, "key"),
        Broken::MaxProperties { limit } => most(*limit, "key"),
        _ => return None,
    })
}

/// The message for a value that should be of one of those forms, and a next step.
fn expectation(expected: &[Form], found: Option<&'static str>) -> (String, Option<String>) {
    if let [Form::Pattern { pattern, about }] = expected {
        return (format!("doesn't match the pattern `{pattern}`"), about.clone());
    }
    let mut phrases = Vec::new();
    let mut options = Vec::new();
    for form in without_noise(expected) {
        let phrase = match form {
            Form::Type(ty) => type_name(*ty).to_owned(),
            Form::Option(value) => {
                options.push(format!("`{value}`"));
                format!("`{value}`")
            }
            Form::Described(text) | Form::Bound(text) => text.clone(),
            Form::Pattern { pattern, .. } => format!("a match of `{pattern}`"),
        };
        if !phrases.contains(&phrase) {
            phrases.push(phrase);
        }
    }
    let found = found.map_or(String::new(), |found| format!(", found {found}"));
    if phrases.is_empty() {
        (format!("this value isn't accepted here{found}"), None)
    } else if phrases.len() > LIST_LIMIT && options.len() == phrases.len() {
        (
            format!("expected one of the accepted values{found}"),
            Some(format!("accepted: {}", options.join(", "))),
        )
    } else {
        (format!("expected {}{found}", any_of(phrases)), None)
    }
}

/// Without null, which means that a value may be absent, and without what another form includes.
fn without_noise(expected: &[Form]) -> impl Iterator<Item = &Form> {
    let is_null =
        |form: &Form| matches!(form, Form::Type(JsonType::Null)) || *form == Form::Option("null".into());
    let only_null = expected.iter().all(is_null);
    let any_number = expected.contains(&Form::Type(JsonType::Number));
    expected.iter().filter(move |form| {
        (only_null || !is_null(form)) && !(any_number && **form == Form::Type(JsonType::Integer))
    })
}

fn option(value: &Value) -> Form {
    Form::Option(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

fn type_name(ty: JsonType) -> &'static str {
    match ty {
        JsonType::Null => "null",
        JsonType::Boolean => "a boolean",
        JsonType::Integer => "an integer",
        JsonType::Number => "a number",
        JsonType::String => "a string",
        JsonType::Array => "a list",
        JsonType::Object => "a mapping",
    }
}

fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// The first sentence of a schema's text, without its period.
pub(super) fn sentence(text: &str) -> String {
    let first = text.split("\n").next().unwrap_or(text);
    let first = first.split_once(". ").map_or(first, |(first, _)| first);
    first.trim_end_matches('.').to_owned()
}

fn named(key: &str) -> String {
    if is_private_key(key) {
        return "`…`".to_owned();
    }
    match key.char_indices().nth(KEY_LIMIT) {
        Some((end, _)) => format!("`{}…`", &key[..end]),
        None => format!("`{key}`"),
    }
}

/// `a, b or c`.
fn any_of(mut phrases: Vec<String>) -> String {
    match phrases.pop() {
        None => String::new(),
        Some(last) if phrases.is_empty() => last,
        Some(last) => format!("{} or {last}", phrases.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::{any_of, sentence};

    #[test]
    fn lists_read_as_people_say_them() {
        let list = |items: &[&str]| any_of(items.iter().map(|item| (*item).to_owned()).collect());
        assert_eq!(list(&["a"]), "a");
        assert_eq!(list(&["a", "b"]), "a or b");
        assert_eq!(list(&["a", "b", "c"]), "a, b or c");
    }

    #[test]
    fn a_description_gives_its_first_sentence() {
        assert_eq!(sentence("A port, 1.5 or so. More."), "A port, 1.5 or so");
        assert_eq!(sentence("A port.\nMore."), "A port");
    }
}
