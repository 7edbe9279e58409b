//! What is found in documents of ECS: a file of `fixtures/ecs-rules/` for each group of rules.
//!
//! A case is YAML: a mapping from `UNIT/KIND` to a document, all of them one environment; a key that begins with
//! `.` is there for its anchors. `secret!` in place of a value stands for a secret. Behind `# expected` stands what
//! is found, one line a finding, its help behind it. `UPDATE=1` in the environment writes that into the case.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use sealwright::config::secret::SecretId;
use sealwright::manifest::artifact::Artifact;
use sealwright::manifest::draft::{Datum, Document, Piece, SecretExpr};
use sealwright::manifest::validate::ecs;
use sealwright::manifest::validate::place::unplaced;
use sealwright::source::diagnostic::{Diagnostics, Severity};
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
        let actual: String = findings(input).iter().map(|line| format!("# {line}\n")).collect();
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
        for line in findings(&case) {
            assert!(!line.contains("hunter2"), "{}: {line}", path.display());
        }
    }
}

#[test]
fn the_cases_show_every_code() {
    let mut codes = BTreeSet::new();
    for path in cases() {
        for line in findings(&fs::read_to_string(&path).expect("a case can be read")) {
            codes.insert(line.split(['[', ']']).nth(1).expect("a line has a code").to_owned());
        }
    }
    let all = [
        "bad-manifest",
        "bad-manifest-value",
        "bad-quantity",
        "bad-task-size",
        "bad-value-from",
        "named-twice",
        "object-not-found",
        "same-object",
        "unknown-kind",
        "unknown-reference",
    ];
    assert_eq!(codes, all.into_iter().map(str::to_owned).collect());
}

fn cases() -> Vec<PathBuf> {
    let entries = fs::read_dir(fixture("ecs-rules")).expect("the cases are there");
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry can be read").path()).collect();
    cases.sort();
    assert!(cases.len() > 10, "only {} cases", cases.len());
    cases
}

fn findings(text: &str) -> Vec<String> {
    let mut out = Diagnostics::default();
    let nodes = yaml::parse(FileId(0), text, &Limits::default(), &mut out).expect("a case is YAML");
    assert!(out.is_empty(), "{:?}", out.sorted());
    let Datum::Map(entries) = Datum::from(&nodes[0]) else { panic!("a case is a mapping") };
    let mut documents: Vec<Document> = Vec::new();
    let mut sizes: Vec<usize> = Vec::new();
    let mut last = None;
    for (key, mut body) in entries.into_iter().filter(|(key, _)| !key.starts_with('.')) {
        let (unit, kind) = key.split_once('/').expect("a key is UNIT/KIND");
        with_secrets(&mut body);
        let artifact = Artifact { kind: Some(kind.into()), ..Artifact::default() };
        documents.push(Document::new("case.yaml".into(), Arc::new(artifact), body));
        if last.as_deref() != Some(unit) {
            sizes.push(0);
            last = Some(unit.to_owned());
        }
        *sizes.last_mut().expect("it has one") += 1;
    }
    let documents: Vec<&Document> = documents.iter().collect();
    let findings = ecs::of(&documents, &sizes);
    findings
        .iter()
        .map(|finding| {
            let said = unplaced(&documents, finding);
            let severity = if said.severity == Severity::Error { "error" } else { "warning" };
            let help: String = said.help.iter().map(|help| format!(" ({help})")).collect();
            format!("{severity}[{}]: {}{help}", said.code, said.message)
        })
        .collect()
}

/// Puts a secret wherever `secret!` stands.
fn with_secrets(datum: &mut Datum) {
    match datum {
        Datum::Text(pieces) if datum_is_mark(pieces) => {
            *pieces = vec![Piece::Secret(SecretExpr::Plain(SecretId(0)))];
        }
        Datum::List(items) => items.iter_mut().for_each(with_secrets),
        Datum::Map(map) => map.values_mut().for_each(with_secrets),
        _ => {}
    }
}

fn datum_is_mark(pieces: &[Piece]) -> bool {
    matches!(pieces, [Piece::Text { text, .. }] if &**text == "secret!")
}
