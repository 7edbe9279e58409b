//! What is found in documents of Compose: a file of `fixtures/compose-rules/` for each group of rules.
//!
//! A case is YAML: documents that are one environment, each the value of its kind; `<secret>` is text that isn't
//! known. Behind `# expected` stands what is found, one line a finding, its help behind it. `UPDATE=1` in the
//! environment writes that into the case.

mod support;

use std::sync::Arc;

use sealwright::manifest::artifact::{Artifact, Form, OutputFile};
use sealwright::manifest::draft::{Datum, Document, Piece};
use sealwright::manifest::validate::compose::findings_of;
use sealwright::source::diagnostic::Diagnostics;
use sealwright::source::span::FileId;
use sealwright::source::yaml::{self, Limits};

use support::{Cases, said};

/// Text that isn't known.
const SECRET: &str = "<secret>";

#[test]
fn every_case_finds_what_is_expected() {
    Cases::of("compose-rules").are_as_expected(|case| findings(case, true));
}

/// A value is never quoted: it could be a secret. Names are.
#[test]
fn no_finding_quotes_a_value() {
    Cases::of("compose-rules").never_say(&["hunter2"], |case| findings(case, true));
}

/// Of a part of an environment nobody can say that something isn't there.
#[test]
fn a_part_of_an_environment_lacks_nothing() {
    let absent = ["[unknown-reference]", "there has to be", "no health check of its own"];
    Cases::of("compose-rules").never_say(&absent, |case| findings(case, false));
}

#[test]
fn the_cases_show_every_code() {
    let all = [
        "bad-manifest",
        "bad-manifest-value",
        "bad-port",
        "bad-quantity",
        "depends-on-cycle",
        "endless-wait",
        "file-outside",
        "named-twice",
        "single-dollar",
        "unknown-reference",
        "variable-set-twice",
    ];
    Cases::of("compose-rules").show_codes(&all, |case| findings(case, true));
}

/// A way through many services needs no deep stack, and many ports no long search.
#[test]
fn many_services_are_checked() {
    let count = 20_000;
    let mut text = String::from("compose:\n  services:\n");
    for index in 0..count {
        let (next, port) = ((index + 1) % count, 1 + index);
        text.push_str(&format!(
            "    s{index}: {{ image: x, depends_on: [s{next}], ports: [\"{port}:80\"] }}\n"
        ));
    }
    let found = findings(&text, true);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("in a circle: `s0` → `s1`"), "{found:?}");
}

fn findings(text: &str, whole: bool) -> Vec<String> {
    let mut out = Diagnostics::default();
    let nodes = yaml::parse(FileId(0), text, &Limits::default(), &mut out).expect("a case is YAML");
    let documents = nodes.iter().map(|node| {
        let Datum::Map(map) = Datum::from(node) else { panic!("a document is the value of its kind") };
        let (kind, body) = map.into_iter().next().expect("a document has a kind");
        document(&kind, body)
    });
    let documents: Vec<Document> = documents.collect();
    let documents: Vec<&Document> = documents.iter().collect();
    said(&documents, &findings_of(&documents, whole))
}

fn document(kind: &str, mut body: Datum) -> Document {
    hide(&mut body);
    let (name, form) = match kind {
        "compose-secrets" => ("compose.secrets.yaml", Form::Gathered),
        "compose-files" => ("_files", Form::Texts),
        "compose-secret-files" => ("_secrets", Form::Texts),
        "compose" => ("compose.yaml", Form::Gathered),
        _ => return Document::new("case.yaml".into(), Arc::default(), body),
    };
    let file = Some(OutputFile { name: name.into(), form });
    let artifact = Artifact { kind: Some(kind.into()), file, ..Artifact::default() };
    Document::new("case.yaml".into(), Arc::new(artifact), body)
}

/// Makes unknown what the case marks so.
fn hide(datum: &mut Datum) {
    match datum {
        Datum::List(items) => items.iter_mut().for_each(hide),
        Datum::Map(map) => map.values_mut().for_each(hide),
        _ => {
            let Some(text) = datum.plain_text().filter(|text| text.contains(SECRET)) else { return };
            let mut pieces = Vec::new();
            for (index, part) in text.split(SECRET).enumerate() {
                if index > 0 {
                    pieces.push(Piece::Rollout);
                }
                if !part.is_empty() {
                    pieces.push(Piece::Text { text: part.into(), origin: None });
                }
            }
            *datum = Datum::Text(pieces);
        }
    }
}
