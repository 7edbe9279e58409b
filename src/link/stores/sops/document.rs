//! The three forms of a SOPS file, read into one tree whose order is the file's: the MAC depends on it.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::link::store_fault::StoreFault;
use crate::source::diagnostic::{Diagnostic, Diagnostics};
use crate::source::files::Files;
use crate::source::node::{Kind, Node, Scalar, ScalarType};
use crate::source::repo_path::RepoPath;
use crate::source::yaml;

/// A part of a SOPS file as it stands there.
pub enum Document {
    /// `null`, which is neither encrypted nor counted by the MAC.
    Null,
    /// A string: an encrypted value, an empty one, or plain text.
    Text(String),
    /// A number or a boolean in the clear, written as the MAC counts it.
    Plain(String),
    /// A list.
    List(Vec<Document>),
    /// A mapping with unique names.
    Map(Vec<(String, Document)>),
}

/// How a file is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// YAML with one document.
    Yaml,
    /// JSON.
    Json,
    /// Lines `NAME=value`.
    Dotenv,
}

impl Form {
    /// The form that a file's name tells, as it tells `sops`.
    pub fn of(path: &RepoPath) -> Result<Form, StoreFault> {
        match path.name().rsplit_once('.').map(|(_, end)| end) {
            Some("yaml" | "yml") => Ok(Form::Yaml),
            Some("json") => Ok(Form::Json),
            Some("env") => Ok(Form::Dotenv),
            _ => Err(bad("its name ends with none of .yaml, .yml, .json and .env")),
        }
    }

    /// Reads a file.
    pub fn read(self, bytes: &[u8]) -> Result<Document, StoreFault> {
        let text = std::str::from_utf8(bytes).map_err(|_| bad("it isn't UTF-8"))?;
        let document = match self {
            Form::Yaml => of_yaml(text)?,
            Form::Json => of_json(text)?,
            Form::Dotenv => of_dotenv(text)?,
        };
        match document {
            Document::Map(_) => Ok(document),
            _ => Err(bad("it isn't a mapping")),
        }
    }
}

impl Document {
    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&Document> {
        match self {
            Document::Map(entries) => entries.iter().find(|(known, _)| known == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// What a scalar says, whatever its type; nothing for `null`.
    pub fn scalar(&self) -> Option<&str> {
        match self {
            Document::Text(text) | Document::Plain(text) => Some(text),
            _ => None,
        }
    }
}

/// A fault of the whole file.
pub fn bad(why: &'static str) -> StoreFault {
    StoreFault::BadFile { why, line: None }
}

fn of_yaml(text: &str) -> Result<Document, StoreFault> {
    let mut files = Files::default();
    let file = files.add("", text);
    let mut found = Diagnostics::default();
    let documents = yaml::parse(file, text, &yaml::Limits::default(), &mut found);
    if let Some(first) = found.sorted().first() {
        return Err(of_diagnostic(first, &files));
    }
    match documents.unwrap_or_default().as_slice() {
        [document] => Ok(of_node(document)),
        [] => Err(bad("it is empty")),
        _ => Err(bad("it has several YAML documents")),
    }
}

fn of_diagnostic(found: &Diagnostic, files: &Files) -> StoreFault {
    let why = match found.code {
        "yaml-duplicate-key" => DUPLICATE,
        "yaml-too-large" | "yaml-too-deep" | "yaml-alias-budget" => TOO_DEEP,
        _ => "it isn't YAML that can be read",
    };
    StoreFault::BadFile { why, line: found.span().map(|span| files.line_column(span).line) }
}

const DUPLICATE: &str = "a name stands twice in one mapping";
const TOO_DEEP: &str = "it is nested too deep or has too many values";

fn of_node(node: &Node) -> Document {
    match &node.kind {
        Kind::Scalar(scalar) => of_scalar(scalar),
        Kind::List(items) => Document::List(items.iter().map(of_node).collect()),
        Kind::Map(entries) => Document::Map(
            entries.iter().map(|(name, entry)| (name.to_string(), of_node(&entry.value))).collect(),
        ),
    }
}

fn of_scalar(scalar: &Scalar) -> Document {
    let text = &*scalar.text;
    match scalar.ty {
        ScalarType::Null => Document::Null,
        ScalarType::Text => Document::Text(text.to_owned()),
        ScalarType::Bool => boolean(text.eq_ignore_ascii_case("true")),
        ScalarType::Int => Document::Plain(scalar.as_i64().map_or(text.to_owned(), |n| n.to_string())),
        ScalarType::Float => text.parse().map_or_else(|_| Document::Plain(text.to_owned()), number),
    }
}

/// A boolean as `sops` has counted it ever since it was written in Python.
fn boolean(value: bool) -> Document {
    Document::Plain(if value { "True" } else { "False" }.to_owned())
}

/// A number with as many digits as it takes and without an exponent.
fn number(value: f64) -> Document {
    Document::Plain(value.to_string())
}

fn of_dotenv(text: &str) -> Result<Document, StoreFault> {
    let mut entries = Vec::new();
    let mut names = HashSet::new();
    for (index, line) in text.split('\n').enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let at = |why| StoreFault::BadFile { why, line: Some(index + 1) };
        let (name, value) = line.split_once('=').ok_or_else(|| at("a line isn't `NAME=value`"))?;
        if !names.insert(name) {
            return Err(at("a name stands twice"));
        }
        entries.push((name.to_owned(), Document::Text(value.replace("\\n", "\n"))));
    }
    Ok(Document::Map(entries))
}

fn of_json(text: &str) -> Result<Document, StoreFault> {
    let mut json = serde_json::Deserializer::from_str(text);
    let read = Reader.deserialize(&mut json).and_then(|document| json.end().map(|()| document));
    read.map_err(|error| {
        // The words of the library are told apart, never shown.
        let why = match error.to_string() {
            words if words.starts_with(DUPLICATE) => DUPLICATE,
            words if words.starts_with("recursion limit") => TOO_DEEP,
            _ => "it isn't JSON",
        };
        StoreFault::BadFile { why, line: Some(error.line()).filter(|line| *line > 0) }
    })
}

/// Reads JSON in its order. All numbers are what they are to `sops`: floating.
struct Reader;

impl<'de> DeserializeSeed<'de> for Reader {
    type Value = Document;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Document, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader {
    type Value = Document;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Document, E> {
        Ok(Document::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Document, E> {
        Ok(boolean(value))
    }

    #[expect(clippy::cast_precision_loss, reason = "sops loses it too")]
    fn visit_u64<E: Error>(self, value: u64) -> Result<Document, E> {
        Ok(number(value as f64))
    }

    #[expect(clippy::cast_precision_loss, reason = "sops loses it too")]
    fn visit_i64<E: Error>(self, value: i64) -> Result<Document, E> {
        Ok(number(value as f64))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Document, E> {
        Ok(number(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Document, E> {
        Ok(Document::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Document, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = from.next_element_seed(Reader)? {
            items.push(item);
        }
        Ok(Document::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Document, A::Error> {
        let mut entries: Vec<(String, Document)> = Vec::new();
        let mut names = HashSet::new();
        while let Some(name) = from.next_key::<String>()? {
            if !names.insert(name.clone()) {
                return Err(A::Error::custom(DUPLICATE));
            }
            entries.push((name, from.next_value_seed(Reader)?));
        }
        Ok(Document::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::{Document, Form};
    use crate::link::store_fault::StoreFault;
    use crate::source::repo_path::RepoPath;

    /// A document on one line: its order, and what the MAC counts.
    fn shown(document: &Document) -> String {
        match document {
            Document::Null => "~".to_owned(),
            Document::Text(text) => format!("'{text}'"),
            Document::Plain(text) => text.clone(),
            Document::List(items) => {
                format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(" "))
            }
            Document::Map(entries) => {
                let entries: Vec<_> =
                    entries.iter().map(|(name, v)| format!("{name}={}", shown(v))).collect();
                format!("{{{}}}", entries.join(" "))
            }
        }
    }

    #[test]
    fn every_form_keeps_its_order_and_counts_numbers_as_sops_does() {
        for (form, text, expected) in [
            (
                Form::Yaml,
                "z: 1\na: [true, False, ~, 1.50, 1e+21, 0x10]\nt: 2001-01-01T00:00:00Z\ns: '1'\n",
                "{z=1 a=[True False ~ 1.5 1000000000000000000000 16] t='2001-01-01T00:00:00Z' s='1'}",
            ),
            (
                Form::Json,
                "{\"z\": 1, \"a\": [true, false, null, 1.50, 1e+21, -3], \"s\": \"\\ud83d\\ude00\"}\n",
                "{z=1 a=[True False ~ 1.5 1000000000000000000000 -3] s='\u{1f600}'}",
            ),
            (Form::Dotenv, "# x\nZ=a=b#c\n\nA=x\\ny\n", "{Z='a=b#c' A='x\ny'}"),
        ] {
            assert_eq!(shown(&form.read(text.as_bytes()).ok().unwrap()), expected);
        }
    }

    #[test]
    fn what_cannot_be_read_says_why_and_in_which_line() {
        let deep = "[".repeat(100_000);
        for (form, text, why, line) in [
            (Form::Yaml, "a: 1\nb: [\n", "it isn't YAML that can be read", Some(2)),
            (Form::Yaml, "a: 1\nb: 2\na: 3\n", "a name stands twice in one mapping", Some(3)),
            (Form::Yaml, "a: 1\n---\nb: 2\n", "it has several YAML documents", None),
            (Form::Yaml, "", "it is empty", None),
            (Form::Yaml, "- a\n", "it isn't a mapping", None),
            (Form::Yaml, &deep, "it is nested too deep or has too many values", Some(1)),
            (Form::Json, "{\"a\": 1,\n\"b\": }", "it isn't JSON", Some(2)),
            (Form::Json, "{\"a\": 1} 2", "it isn't JSON", Some(1)),
            (Form::Json, "{\"a\": {\"b\": 1,\n\"b\": 2}}", "a name stands twice in one mapping", Some(2)),
            (Form::Json, &deep, "it is nested too deep or has too many values", Some(1)),
            (Form::Dotenv, "A=1\nhunter2\n", "a line isn't `NAME=value`", Some(2)),
            (Form::Dotenv, "A=1\nA=2\n", "a name stands twice", Some(2)),
        ] {
            let fault = form.read(text.as_bytes()).err();
            assert_eq!(fault, Some(StoreFault::BadFile { why, line }), "{text:.40}");
        }
        assert!(Form::Json.read(b"{\"a\": \"\xff\"}").is_err());
        assert!(Form::of(&RepoPath::new("secrets/prod.ini").unwrap()).is_err());
    }
}
