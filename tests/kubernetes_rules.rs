//! What is found in documents: a file of `fixtures/kubernetes/` for each group of rules.
//!
//! A case is YAML: documents that are one environment, in the namespace `shop`; a CustomResourceDefinition among
//! them defines a kind as well. Behind `# expected` stands what is found, one line a finding, its help behind it.
//! `UPDATE=1` in the environment writes that into the case.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use sealwright::manifest::draft::{Datum, Document};
use sealwright::manifest::validate::kubernetes::Schemas;
use sealwright::manifest::validate::kubernetes::crd::OwnKinds;
use sealwright::manifest::validate::kubernetes::version::Version;
use sealwright::manifest::validate::place::unplaced;
use sealwright::source::diagnostic::{Diagnostics, Severity};
use sealwright::source::node::Node;
use sealwright::source::span::FileId;
use sealwright::source::yaml::{self, Limits};

use support::fixture;

/// The line above what is found.
const EXPECTED: &str = "# expected\n";

#[test]
fn every_case_finds_what_is_expected() {
    let mut failed = Vec::new();
    for path in cases() {
        let case = fs::read_to_string(&path).expect("a case can be read");
        let (input, expected) = case.split_once(EXPECTED).unwrap_or((&case, ""));
        let actual: String = findings(input, true).iter().map(|line| format!("# {line}\n")).collect();
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, format!("{input}{EXPECTED}{actual}")).expect("a case can be written");
        } else if actual != expected {
            failed.push(format!("{}\n--- expected\n{expected}\n--- actual\n{actual}", path.display()));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

/// A value is never quoted: it could be a secret. Names are.
#[test]
fn no_finding_quotes_a_value() {
    for path in cases() {
        let case = fs::read_to_string(&path).expect("a case can be read");
        for line in findings(&case, true) {
            assert!(!line.contains("hunter2"), "{}: {line}", path.display());
        }
    }
}

/// Of a part of an environment nobody can say that something isn't there.
#[test]
fn a_part_of_an_environment_lacks_nothing() {
    for path in cases() {
        let case = fs::read_to_string(&path).expect("a case can be read");
        for line in findings(&case, false) {
            let is_about_absence = line.contains("[object-not-found]") || line.contains("[selects-nothing]");
            assert!(!is_about_absence, "{}: {line}", path.display());
        }
    }
}

#[test]
fn the_cases_show_every_code() {
    let mut codes = BTreeSet::new();
    for path in cases() {
        for line in findings(&fs::read_to_string(&path).expect("a case can be read"), true) {
            codes.insert(line.split(['[', ']']).nth(1).expect("a line has a code").to_owned());
        }
    }
    let all = [
        "bad-label",
        "bad-manifest",
        "bad-manifest-value",
        "bad-object-name",
        "bad-quantity",
        "named-twice",
        "object-not-found",
        "selector-mismatch",
        "selects-nothing",
        "unknown-kind",
        "unknown-reference",
    ];
    assert_eq!(codes, all.into_iter().map(str::to_owned).collect());
}

fn cases() -> Vec<PathBuf> {
    let entries = fs::read_dir(fixture("kubernetes")).expect("the cases are there");
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry can be read").path()).collect();
    cases.sort();
    assert!(cases.len() > 8, "only {} cases", cases.len());
    cases
}

fn findings(text: &str, whole: bool) -> Vec<String> {
    let mut out = Diagnostics::default();
    let nodes = yaml::parse(FileId(0), text, &Limits::default(), &mut out).expect("a case is YAML");
    let is_definition = |node: &&Node| {
        node.get("kind").and_then(Node::as_text).is_some_and(|kind| &**kind == "CustomResourceDefinition")
    };
    let definitions: Vec<Node> = nodes.iter().filter(is_definition).cloned().collect();
    let own = OwnKinds::read(&definitions, &mut out);
    assert!(out.is_empty(), "{:?}", out.sorted());
    let data: Vec<Datum> = nodes.iter().filter(|node| !node.is_null()).map(Datum::from).collect();
    let documents: Vec<&Datum> = data.iter().collect();
    let placed = |datum: &Datum| Document::new("case.yaml".into(), Arc::default(), datum.clone());
    let placed: Vec<Document> = data.iter().map(placed).collect();
    let placed: Vec<&Document> = placed.iter().collect();
    let schemas = Schemas::new(Version::parse("1.37").expect("it is known"), &own, Some(Severity::Warning));
    let findings = schemas.findings(&documents, "shop", &[], whole);
    findings
        .iter()
        .map(|finding| {
            let said = unplaced(&placed, finding);
            let severity = if said.severity == Severity::Error { "error" } else { "warning" };
            let help: String = said.help.iter().map(|help| format!(" ({help})")).collect();
            format!("{severity}[{}]: {}{help}", said.code, said.message)
        })
        .collect()
}
