//! Validation against Kubernetes' schemas, judged by an independent validator: kubernetes-validate says the
//! same of everything that the fixtures make, and of 300 documents that were broken at random.

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use serde::Deserialize;
use serde_json::{Value, json};

use sealwright::manifest::draft::Datum;
use sealwright::manifest::validate::finding::{Fact, Finding};
use sealwright::manifest::validate::kubernetes::Schemas;
use sealwright::manifest::validate::kubernetes::crd::OwnKinds;
use sealwright::manifest::validate::kubernetes::version::Version;
use sealwright::source::diagnostic::{Diagnostics, Severity};
use sealwright::source::span::FileId;
use sealwright::source::yaml::{self, Limits};

use support::{Breaker, Run, fixture, python, root, sealwright};

/// How many documents are broken.
const BROKEN: usize = 300;

/// A reason, and whether it explains a case.
type Difference = (&'static str, fn(&Case) -> bool);

/// Where the verdicts may differ, and why.
const DIFFERENCES: [Difference; 2] = [
    (
        "null in place of a quantity or of an integer-or-string: the API server takes it for absent; the \
         oracle's `oneOf` has null in both of its types, so it fits two and is refused",
        |case| case.theirs.starts_with("invalid") && case.theirs.contains("None is valid under each of"),
    ),
    ("a kind that is only a part of objects, such as `Affinity`: the oracle has a file for it", |case| {
        case.ours == "unknown" && case.theirs != "unknown"
    }),
];

#[derive(Debug)]
struct Case {
    version: Version,
    document: Value,
    /// What was done to it.
    change: String,
    ours: &'static str,
    theirs: String,
}

#[test]
fn the_verdicts_are_those_of_an_independent_validator() {
    let originals = originals();
    assert!(originals.len() > 100, "only {} documents", originals.len());
    let versions: Vec<Version> = Version::all().collect();
    let mut cases: Vec<(Version, Value, String)> = Vec::new();
    for (index, document) in originals.iter().enumerate() {
        cases.push((versions[index % versions.len()], document.clone(), "nothing".into()));
    }
    let mut random = Breaker::new(0x5ea1, [json!("x y"), json!("apps/v1")]);
    while cases.len() < originals.len() + BROKEN {
        let mut document = originals[random.below(originals.len())].clone();
        let change = random.break_something(&mut document);
        cases.push((versions[random.below(versions.len())], document, change));
    }
    for document in explained() {
        cases.push((Version::NEWEST, document, "chosen for a difference".into()));
    }
    let cases = judged(cases);

    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut used = [false; DIFFERENCES.len()];
    let mut unexplained = String::new();
    for case in &cases {
        let theirs = case.theirs.split(' ').next().expect("a verdict is a word");
        *counts.entry((case.ours, theirs)).or_default() += 1;
        if case.ours == theirs {
            continue;
        }
        match DIFFERENCES.iter().position(|(_, applies)| applies(case)) {
            Some(index) => used[index] = true,
            None => writeln!(
                unexplained,
                "{}: {}\n  ours: {}\n  theirs: {}\n  {}",
                case.version, case.change, case.ours, case.theirs, case.document
            )
            .expect("writing to a string can't fail"),
        }
    }
    assert!(unexplained.is_empty(), "{unexplained}{counts:?}");
    assert!(counts[&("valid", "valid")] > 100, "{counts:?}");
    assert!(counts[&("invalid", "invalid")] > 150, "{counts:?}");
    assert_eq!(used, [true; DIFFERENCES.len()], "a difference that doesn't occur needs no explanation");
}

/// What is right in the fixtures has no finding at all, whatever the version.
#[test]
fn nothing_is_found_in_what_is_right() {
    let text = fs::read_to_string(fixture("facts/kubernetes.yaml")).expect("the fixture is there");
    let documents = data(&text);
    let documents: Vec<&Datum> = documents.iter().collect();
    for version in Version::all() {
        let own = OwnKinds::default();
        let findings =
            Schemas::new(version, &own, Some(Severity::Error)).findings(&documents, "shop", &[], true);
        assert!(findings.is_empty(), "{version}: {findings:#?}");
    }
}

/// All documents of Kubernetes that the fixtures make.
fn originals() -> Vec<Value> {
    let mut text = fs::read_to_string(fixture("facts/kubernetes.yaml")).expect("the fixture is there");
    let entries = fs::read_dir(root().join("fixtures")).expect("the fixtures are there");
    let mut repos: Vec<_> = entries.map(|entry| entry.expect("an entry can be read").path()).collect();
    repos.sort();
    for repo in repos.iter().filter(|repo| repo.join("sealwright.yaml").exists()) {
        let environments = fs::read_dir(repo.join("environments")).expect("it has environments");
        // In an environment that others extend, nothing needs to run.
        let mut names: Vec<_> = environments
            .map(|entry| entry.expect("it can be read"))
            .filter(|entry| entry.path().join("versions.yaml").exists())
            .map(|entry| entry.file_name())
            .collect();
        names.sort();
        for name in names {
            let mut command = sealwright();
            command.arg("preview").arg(name).arg("--repo").arg(repo);
            text.push_str("---\n");
            text.push_str(&Run::of(&mut command, b"").succeeds().stdout);
        }
    }
    serde_yaml::Deserializer::from_str(&text)
        .map(|document| Value::deserialize(document).expect("each document is YAML"))
        // The oracle knows the kinds of Kubernetes alone, and other platforms' documents have none.
        .filter(|document| document["kind"].is_string() && document["kind"] != "ExternalSecret")
        .collect()
}

/// Documents about which the verdicts differ.
fn explained() -> [Value; 2] {
    let ports = json!([{"port": 80, "targetPort": null}]);
    [
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"ports": ports}}),
        json!({"apiVersion": "v1", "kind": "Affinity"}),
    ]
}

/// Cases with both verdicts.
fn judged(cases: Vec<(Version, Value, String)>) -> Vec<Case> {
    let lines: Vec<String> = cases
        .iter()
        .map(|(version, document, _)| {
            json!({"version": version.to_string(), "document": document}).to_string()
        })
        .collect();
    let theirs = python("facts/kubernetes_oracle.py", &[], &(lines.join("\n") + "\n")).succeeds().stdout;
    let theirs: Vec<&str> = theirs.lines().collect();
    assert_eq!(theirs.len(), cases.len());
    let verdicts = cases.into_iter().zip(theirs);
    verdicts
        .map(|((version, document, change), theirs)| {
            let ours = verdict(version, &document);
            Case { version, document, change, ours, theirs: theirs.to_string() }
        })
        .collect()
}

fn verdict(version: Version, document: &Value) -> &'static str {
    let data = data(&document.to_string());
    let own = OwnKinds::default();
    let mut findings: Vec<Finding> = Vec::new();
    Schemas::new(version, &own, Some(Severity::Error)).document(0, &data[0], &mut findings);
    let is_unknown = |finding: &Finding| matches!(finding.fact, Fact::UnknownKind { .. } | Fact::NotAnObject);
    if findings.iter().any(is_unknown) {
        "unknown"
    } else if findings.iter().any(Finding::is_of_schema) {
        "invalid"
    } else {
        "valid"
    }
}

fn data(text: &str) -> Vec<Datum> {
    let mut out = Diagnostics::default();
    let nodes = yaml::parse(FileId(0), text, &Limits::default(), &mut out).expect("it is YAML");
    nodes.iter().map(Datum::from).collect()
}
