//! What is found in documents of Compose: a file of `fixtures/compose-rules/` for each group of rules.
//!
//! A case is YAML: documents that are one environment, each the value of its kind; `<secret>` is text that isn't
//! known. Behind `# expected` stands what is found, one line a finding, its help behind it. `UPDATE=1` in the
//! environment writes that into the case.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use sealwright::manifest::artifact::{Artifact, Form, OutputFile};
use sealwright::manifest::draft::{Datum, Document, Piece};
use sealwright::manifest::validate::compose::findings_of;
use sealwright::manifest::validate::place::unplaced;
use sealwright::source::diagnostic::{Diagnostics, Severity};
use sealwright::source::span::FileId;
use sealwright::source::yaml::{self, Limits};

use support::fixture;

/// The line above what is found.
const EXPECTED: &str = "# expected\n";
/// Text that isn't known.
const SECRET: &str = "<secret>";

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
            let absent = ["[unknown-reference]", "there has to be", "no health check of its own"];
            assert!(absent.iter().all(|words| !line.contains(words)), "{}: {line}", path.display());
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
    assert_eq!(codes, all.into_iter().map(str::to_owned).collect());
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

fn cases() -> Vec<PathBuf> {
    let entries = fs::read_dir(fixture("compose-rules")).expect("the cases are there");
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry can be read").path()).collect();
    cases.sort();
    assert!(cases.len() > 8, "only {} cases", cases.len());
    cases
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
    findings_of(&documents, whole)
        .iter()
        .map(|finding| {
            let said = unplaced(&documents, finding);
            let severity = if said.severity == Severity::Error { "error" } else { "warning" };
            let help: String = said.help.iter().map(|help| format!(" ({help})")).collect();
            format!("{severity}[{}]: {}{help}", said.code, said.message)
        })
        .collect()
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
