//! Validation of ECS judged by others: botocore's own validation says the same as ours of every document of the
//! cases, and of 400 that were broken at random; cfn-lint knows the same sizes of tasks.

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::sync::Arc;

use serde_json::{Value, json};

use sealwright::manifest::artifact::Artifact;
use sealwright::manifest::draft::{Datum, Document};
use sealwright::manifest::validate::ecs;
use sealwright::manifest::validate::ecs::size::Size;
use sealwright::manifest::validate::finding::{Fact, Finding};
use sealwright::source::diagnostic::Diagnostics;
use sealwright::source::span::FileId;
use sealwright::source::yaml::{self, Limits};

use support::{Breaker, fixture, python};

/// How many documents are broken.
const BROKEN: usize = 400;

/// A reason, and whether it explains a case.
type Difference = (&'static str, fn(&Case) -> bool);

/// Where the verdicts may differ, and why. Options that a value must be one of aren't compared at all: botocore
/// knows them and doesn't check them; neither are the rules that stand in no schema.
const DIFFERENCES: [Difference; 4] = [
    ("a maximum, or a pattern: botocore knows and doesn't check them, the API does", |case| {
        case.theirs == "valid" && case.facts.iter().all(is_unchecked)
    }),
    ("a boolean in place of a number: one in Python, and none in the JSON that is sent", |case| {
        let is_bool = |fact: &Fact| matches!(fact, Fact::Type { expected, found: "a boolean" } if expected.contains("n"));
        case.theirs == "valid" && case.facts.iter().all(|fact| is_bool(fact) || is_unchecked(fact))
    }),
    ("2.0 in place of a whole number: the API reads it as 2", |case| {
        case.facts.is_empty() && case.theirs.contains("<class 'float'>")
    }),
    ("a text that is no time: botocore reads it for its many forms of times", |case| {
        case.facts.is_empty() && case.theirs.contains("Invalid type for parameter StartDate")
    }),
];

#[derive(Debug)]
struct Case {
    kind: String,
    document: Value,
    /// What was done to it.
    change: String,
    /// What our schemas find.
    facts: Vec<Fact>,
    theirs: String,
}

#[test]
fn the_verdicts_are_those_of_botocore() {
    let originals = originals();
    assert!(originals.len() > 70, "only {} documents", originals.len());
    let unchanged =
        originals.iter().map(|(kind, document)| (kind.clone(), document.clone(), "nothing".into()));
    let mut cases: Vec<(String, Value, String)> = unchanged.collect();
    let mut random = Breaker::new(0x5ea1, [json!("x y#"), json!("FARGATE")]);
    while cases.len() < originals.len() + BROKEN {
        let (kind, mut document) = originals[random.below(originals.len())].clone();
        let change = random.break_something(&mut document);
        cases.push((kind, document, change));
    }
    for (kind, document) in explained() {
        cases.push((kind.into(), document, "chosen for a difference".into()));
    }
    let chosen = cases.len();
    for (kind, document) in bounded() {
        cases.push((kind.into(), document, "chosen for a bound".into()));
    }
    let cases = judged(cases);
    assert!(cases[chosen..].iter().all(|case| !case.facts.is_empty()), "{:#?}", &cases[chosen..]);

    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut used = [false; DIFFERENCES.len()];
    let mut unexplained = String::new();
    for case in &cases {
        let ours = if case.facts.is_empty() { "valid" } else { "invalid" };
        let theirs = case.theirs.split([' ', ':']).next().expect("a verdict is a word");
        *counts.entry((ours, theirs)).or_default() += 1;
        if ours == theirs {
            continue;
        }
        match DIFFERENCES.iter().position(|(_, applies)| applies(case)) {
            Some(index) => used[index] = true,
            None => writeln!(
                unexplained,
                "{}: {}\n  ours: {:?}\n  theirs: {}\n  {}",
                case.kind, case.change, case.facts, case.theirs, case.document
            )
            .expect("writing to a string can't fail"),
        }
    }
    assert!(unexplained.is_empty(), "{unexplained}{counts:?}");
    assert!(counts[&("valid", "valid")] > 60, "{counts:?}");
    assert!(counts[&("invalid", "invalid")] > 250, "{counts:?}");
    assert_eq!(used, [true; DIFFERENCES.len()], "a difference that doesn't occur needs no explanation");
}

#[test]
fn the_sizes_of_tasks_are_those_of_cfn_lint() {
    let cpus = || Size::cpus().chain([128, 300, 65536]);
    let memories = || (1..=250).map(|step| step * 512).chain([1, 513, 2047, 249_856, 249_857, 250_880]);
    let pairs: Vec<(i64, i64)> = cpus().flat_map(|cpu| memories().map(move |memory| (cpu, memory))).collect();
    let lines: Vec<String> =
        pairs.iter().map(|(cpu, memory)| json!({"cpu": cpu, "memory": memory}).to_string()).collect();
    let theirs = python("facts/ecs_oracle.py", &[], &(lines.join("\n") + "\n")).succeeds().stdout;
    let mut valid = 0;
    for ((cpu, memory), theirs) in pairs.iter().zip(theirs.lines()) {
        let ours = Size::memory_of(*cpu).is_some_and(|right| right.has(*memory));
        assert_eq!(if ours { "valid" } else { "invalid" }, theirs, "cpu {cpu}, memory {memory}");
        valid += usize::from(ours);
    }
    assert!(valid > 50, "only {valid}");
}

/// All documents of the cases in which no secret stands.
fn originals() -> Vec<(String, Value)> {
    let entries = fs::read_dir(fixture("ecs-rules")).expect("the cases are there");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry can be read").path()).collect();
    paths.sort();
    let mut originals = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).expect("a case can be read");
        let mut case: serde_yaml::Value = serde_yaml::from_str(&text).expect("a case is YAML");
        case.apply_merge().expect("what is merged are mappings");
        let case: Value = serde_yaml::from_value(case).expect("a case is like JSON");
        for (key, document) in case.as_object().expect("a case is a mapping") {
            let Some((_, kind)) = key.split_once('/') else { continue };
            let is_known = !matches!(kind, "alarm" | "task-defintion");
            if is_known && !document.to_string().contains("secret!") {
                originals.push((kind.to_string(), document.clone()));
            }
        }
    }
    originals.push(("secrets".into(), json!([{"Name": "/a", "Type": "SecureString", "Value": "a"}])));
    originals
}

/// Documents about which the verdicts differ.
fn explained() -> [(&'static str, Value); 4] {
    let schedule = json!({
        "Name": "a",
        "ScheduleExpression": "rate(1 hour)",
        "StartDate": "no time",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": "a", "RoleArn": "arn:aws:iam::123456789012:role/schedule"},
    });
    [
        ("service", json!({"serviceName": "a", "tags": [{"key": "#".repeat(200)}]})),
        ("service", json!({"serviceName": "a", "desiredCount": true})),
        ("service", json!({"serviceName": "a", "desiredCount": 2.0})),
        ("schedule", schedule),
    ]
}

/// Documents that break bounds which are rare, and nothing else.
fn bounded() -> [(&'static str, Value); 5] {
    let target = |parameters: Value| {
        json!({
            "Name": "a",
            "ScheduleExpression": "rate(1 hour)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {"Arn": "a", "RoleArn": "arn:aws:iam::123456789012:role/a", "EcsParameters": parameters},
        })
    };
    let connect = |one: Value| {
        json!({
            "serviceName": "a",
            "serviceConnectConfiguration": {"enabled": true, "containerConfigurations": [one]},
        })
    };
    [
        // too small, too short, too few
        ("schedule", target(json!({"TaskDefinitionArn": "a", "TaskCount": 0}))),
        ("schedule", target(json!({"TaskDefinitionArn": ""}))),
        (
            "schedule",
            target(json!({
                "TaskDefinitionArn": "a",
                "NetworkConfiguration": {"awsvpcConfiguration": {"Subnets": []}},
            })),
        ),
        // not exactly one
        ("service", connect(json!({}))),
        ("secrets", json!({"Name": "/a", "Value": "a"})),
    ]
}

/// Cases with both verdicts.
fn judged(cases: Vec<(String, Value, String)>) -> Vec<Case> {
    let lines: Vec<String> = cases
        .iter()
        .map(|(kind, document, _)| json!({"kind": kind, "document": document}).to_string())
        .collect();
    let theirs = python("facts/ecs_oracle.py", &[], &(lines.join("\n") + "\n")).succeeds().stdout;
    let theirs: Vec<&str> = theirs.lines().collect();
    assert_eq!(theirs.len(), cases.len());
    let verdicts = cases.into_iter().zip(theirs);
    verdicts
        .map(|((kind, document, change), theirs)| {
            let facts = facts(&kind, &document);
            Case { kind, document, change, facts, theirs: theirs.to_string() }
        })
        .collect()
}

fn facts(kind: &str, document: &Value) -> Vec<Fact> {
    let mut out = Diagnostics::default();
    let nodes = yaml::parse(FileId(0), &document.to_string(), &Limits::default(), &mut out);
    let body = Datum::from(&nodes.expect("JSON is YAML")[0]);
    let artifact = Artifact { kind: Some(kind.into()), ..Artifact::default() };
    let document = Document::new("case.yaml".into(), Arc::new(artifact), body);
    let mut found: Vec<Finding> = Vec::new();
    ecs::schema(0, &document, &mut found);
    found.into_iter().filter(Finding::is_of_schema).map(|finding| finding.fact).collect()
}

/// Whether botocore doesn't look at it.
fn is_unchecked(fact: &Fact) -> bool {
    matches!(fact, Fact::Form { expected } if expected.starts_with("at most") || expected.contains("pattern"))
}
