//! The embedded schema of Compose is that of the pinned package, small, and read as an independent validator reads
//! the original.

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use sealwright::manifest::artifact::Artifact;
use sealwright::manifest::draft::{Datum, Document};
use sealwright::manifest::validate::compose::findings_of;
use sealwright::manifest::validate::finding::Finding;
use sealwright::source::diagnostic::Diagnostics;
use sealwright::source::span::FileId;
use sealwright::source::yaml::{self, Limits};

use support::{Run, python, python_tools, root};

/// Documents that fit, and documents that were then changed in one place.
const COUNTS: [usize; 2] = [200, 600];

/// A document, and what jsonschema says of it.
#[derive(Deserialize)]
struct Case {
    document: Value,
    change: String,
    valid: bool,
    why: String,
}

#[test]
fn the_schema_is_what_its_script_makes() {
    let folder = root().join("schemas/compose");
    let mut command = Command::new(python_tools());
    command.arg(folder.join("regenerate.py")).arg("--print").env("PYTHONUTF8", "1");
    let made = Run::of(&mut command, b"").succeeds().stdout;
    let committed = fs::read_to_string(folder.join("schemas.txt")).expect("the schema is there");
    let differing = made.lines().zip(committed.lines()).find(|(made, committed)| made != committed);
    assert_eq!(differing, None, "run schemas/compose/regenerate.py");
    assert_eq!(made.len(), committed.len(), "run schemas/compose/regenerate.py");
    assert!(made.len() < 11 * 1024, "{} bytes", made.len());
}

#[test]
fn the_verdicts_are_those_of_an_independent_validator() {
    let counts = COUNTS.map(|count| count.to_string());
    let lines = python("facts/compose_oracle.py", &["7", &counts[0], &counts[1]], "").succeeds().stdout;
    let mut verdicts: BTreeMap<(bool, bool), usize> = BTreeMap::new();
    let mut differing = String::new();
    for line in lines.lines() {
        let case: Case = serde_json::from_str(line).expect("a line is a case");
        let found = findings(&case.document.to_string());
        *verdicts.entry((found.is_empty(), case.valid)).or_default() += 1;
        if found.is_empty() != case.valid {
            writeln!(
                differing,
                "{}\n  ours: {found:?}\n  theirs: {}\n  {}",
                case.change, case.why, case.document
            )
            .expect("writing to a string can't fail");
        }
    }
    assert!(differing.is_empty(), "{differing}{verdicts:?}");
    assert_eq!(verdicts.values().sum::<usize>(), COUNTS[0] + COUNTS[1]);
    assert!(verdicts[&(false, false)] > 200 && verdicts[&(true, true)] > COUNTS[0], "{verdicts:?}");
}

/// What the schema says of a part of compose.yaml.
fn findings(text: &str) -> Vec<Finding> {
    let mut out = Diagnostics::default();
    let nodes = yaml::parse(FileId(0), text, &Limits::default(), &mut out).expect("JSON is YAML");
    let artifact = Artifact { kind: Some("compose".into()), ..Artifact::default() };
    let document = Document::new("case.yaml".into(), Arc::new(artifact), Datum::from(&nodes[0]));
    let mut found = findings_of(&[&document], true);
    found.retain(Finding::is_of_schema);
    found
}
