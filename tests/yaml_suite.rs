//! The public YAML test suite, all of it, read by our own reader: every case gives the suite's JSON or the
//! suite's refusal, or stands in a table below with the reason. `fixtures/yaml-suite` says where it is from.

use std::collections::HashSet;
use std::fs;

use sealwright::source::diagnostic::Diagnostics;
use sealwright::source::node::{Kind, Node, Scalar, ScalarType};
use sealwright::source::span::FileId;
use sealwright::source::yaml::{Limits, parse};
use serde::Deserialize;
use serde_json::{Deserializer, Value, json};

/// What the suite takes and a control repo doesn't: why, the code of the refusal, and the cases.
const REFUSED: [(&str, &str, &[&str]); 4] = [
    (
        "a tag outside the core schema means something that only its author knows; it could make an object of a value",
        "foreign-tag",
        &[
            "2XXW", "565N", "5TYM", "6CK3", "6WLZ", "7FWL", "9WXW", "C4HZ", "CC74", "CUP7", "J7PZ", "M5C3",
            "P76L", "UGM3", "Z67P", "Z9M4",
        ],
    ),
    (
        "a lone `!` is more likely the rest of a tag than a wish to read the next word as a string; quotes say that",
        "foreign-tag",
        &["52DL", "8MK2", "S4JQ", "UKK6/2"],
    ),
    (
        "a list or a mapping is no key: keys are names, and no JSON and no Kubernetes object has others",
        "yaml-bad-key",
        &[
            "4FJ6", "6BFJ", "6PBE", "9MMW", "KK5P", "LX3P", "M2N8/1", "M5DY", "Q9WF", "RZP5", "SBG9", "V9D5",
            "X38W", "XW4D",
        ],
    ),
    (
        "a key of nothing is a slip, such as a colon too many",
        "yaml-bad-key",
        &[
            "2JQS", "6M2F", "CFD4", "DFF7", "FH7J", "FRK4", "M2N8/0", "NHX8", "NKF9", "PW8X", "S3PD",
            "SM9W/1", "UKK6/0",
        ],
    ),
];

/// What the suite refuses and we read, as every parser that people use does: lines that go on inside
/// brackets or quotes needn't be indented further than the key, so that `key: [` can end with a `]` below `k`.
const ACCEPTED: [(&str, &str); 3] = [
    ("9C9N", r#"{"flow": ["a", "b", "c"]}"#),
    ("DK95/1", r#"{"foo": "bar baz"}"#),
    ("QB6E", r#"{"quoted": "a b c"}"#),
];

/// Cases for which the suite has no JSON though there is one, by its events.
const WITHOUT_JSON: [(&str, &str); 9] = [
    ("2G84/3", r#""""#),
    ("4ABK", r#"{"unquoted": "separate", "http://foo.com": null, "omitted value": null}"#),
    ("4MUZ/1", r#"{"foo": "bar"}"#),
    ("96NN/1", r#"{"foo": "\tbar"}"#),
    ("JEF9/2", r#"["\n"]"#),
    ("MUS6/3", "null"),
    ("MUS6/4", "null"),
    ("MUS6/5", "null"),
    ("MUS6/6", "null"),
];

#[test]
fn every_case_of_the_suite_is_read_as_it_says_or_listed_with_a_reason() {
    let cases = cases();
    let mut wrong = Vec::new();
    let (mut read_as_said, mut refused_as_said, mut listed) = (0, 0, 0);
    for case in &cases {
        let found = read(&case.yaml);
        let as_said = match case.expected() {
            Expected::Documents(documents) => {
                read_as_said += 1;
                found.as_ref() == Ok(&documents)
            }
            Expected::Failure => {
                refused_as_said += 1;
                found.is_err()
            }
            Expected::Refusal(code) => {
                listed += 1;
                found == Err(code)
            }
            Expected::Unlisted => false,
        };
        if !as_said {
            wrong.push(format!("{} ({}): {:?}\n  gave {found:?}", case.id, case.name, case.yaml));
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    println!(
        "{read_as_said} read as the suite says, {refused_as_said} refused as it says, {listed} refused by our rules"
    );
    assert_eq!((cases.len(), read_as_said, refused_as_said, listed), (402, 264, 91, 47));
}

/// What a listed case is, is really what it is listed for: a table that outlives its reason turns red.
#[test]
fn the_tables_name_cases_that_the_suite_has_and_no_case_twice() {
    let known: HashSet<String> = cases().into_iter().map(|case| case.id).collect();
    let mut seen = HashSet::new();
    let refused = REFUSED.iter().flat_map(|(_, _, ids)| ids.iter().copied());
    for id in refused.chain(ACCEPTED.iter().chain(&WITHOUT_JSON).map(|(id, _)| *id)) {
        assert!(known.contains(id), "{id} is no case");
        assert!(seen.insert(id), "{id} is listed twice");
    }
}

#[derive(Deserialize)]
struct Case {
    id: String,
    name: String,
    yaml: String,
    #[serde(default)]
    fail: bool,
    json: Option<String>,
}

enum Expected {
    /// These values.
    Documents(Vec<Value>),
    /// Some error.
    Failure,
    /// An error with this code.
    Refusal(&'static str),
    /// The case is in no table and says nothing itself.
    Unlisted,
}

impl Case {
    fn expected(&self) -> Expected {
        let id = self.id.as_str();
        if let Some((_, code, _)) = REFUSED.iter().find(|(_, _, ids)| ids.contains(&id)) {
            return Expected::Refusal(code);
        }
        let own = ACCEPTED.iter().chain(&WITHOUT_JSON).find(|(listed, _)| *listed == id);
        match own.map(|(_, json)| *json).or(self.json.as_deref()) {
            Some(json) => Expected::Documents(values(json)),
            None if self.fail => Expected::Failure,
            None => Expected::Unlisted,
        }
    }
}

fn cases() -> Vec<Case> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/yaml-suite/cases.jsonl");
    let text = fs::read_to_string(path).expect("the suite stands in fixtures");
    text.lines().map(|line| serde_json::from_str(line).expect("a line is a case")).collect()
}

/// Several JSON texts, one after the other.
fn values(json: &str) -> Vec<Value> {
    Deserializer::from_str(json).into_iter().map(|value| value.expect("the suite has JSON")).collect()
}

/// The documents of a text, or the code of the first thing that is wrong with it.
fn read(text: &str) -> Result<Vec<Value>, &'static str> {
    let mut faults = Diagnostics::default();
    let documents = parse(FileId(0), text, &Limits::default(), &mut faults);
    match faults.sorted().first() {
        Some(fault) => Err(fault.code),
        None => Ok(documents.expect("a text without fault has documents").iter().map(to_json).collect()),
    }
}

fn to_json(node: &Node) -> Value {
    match &node.kind {
        Kind::Map(map) => map.iter().map(|(key, entry)| (key.to_string(), to_json(&entry.value))).collect(),
        Kind::List(items) => items.iter().map(to_json).collect(),
        Kind::Scalar(scalar) => scalar_json(scalar),
    }
}

fn scalar_json(scalar: &Scalar) -> Value {
    match scalar.ty {
        ScalarType::Null => Value::Null,
        ScalarType::Bool => json!(scalar.text.eq_ignore_ascii_case("true")),
        ScalarType::Int => json!(scalar.as_i64().expect("the suite's whole numbers are small")),
        ScalarType::Float => json!(scalar.text.parse::<f64>().expect("the suite's numbers are finite")),
        ScalarType::Text => json!(&*scalar.text),
    }
}
