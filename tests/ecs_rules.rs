//! What is found in documents of ECS: a file of `fixtures/ecs-rules/` for each group of rules.
//!
//! A case is YAML: a mapping from `UNIT/KIND` to a document, all of them one environment; a key that begins with
//! `.` is there for its anchors. `secret!` in place of a value stands for a secret. Behind `# expected` stands what
//! is found, one line a finding, its help behind it. `UPDATE=1` in the environment writes that into the case.

mod support;

use std::sync::Arc;

use sealwright::config::secret::SecretId;
use sealwright::manifest::artifact::Artifact;
use sealwright::manifest::draft::{Datum, Document, Piece, SecretExpr};
use sealwright::manifest::validate::ecs;
use sealwright::source::diagnostic::Diagnostics;
use sealwright::source::span::FileId;
use sealwright::source::yaml::{self, Limits};

use support::{Cases, said};

#[test]
fn every_case_finds_what_is_expected() {
    Cases::of("ecs-rules").are_as_expected(findings);
}

/// A value is never quoted: it could be a secret. Names are.
#[test]
fn no_finding_quotes_a_value() {
    Cases::of("ecs-rules").never_say(&["hunter2"], findings);
}

#[test]
fn the_cases_show_every_code() {
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
    Cases::of("ecs-rules").show_codes(&all, findings);
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
    said(&documents, &ecs::of(&documents, &sizes))
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
