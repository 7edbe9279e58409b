//! How well the rules tell secrets from what looks like them, measured on labelled lines of public repos,
//! on generated tokens, and on manifests without a secret.

mod support;

use std::collections::BTreeMap;
use std::fs;

use sealwright::lint::finding::{Finding, Tier};
use sealwright::lint::scan::{Options, Source, scan};
use sealwright::source::span::FileId;
use support::fixture;

/// A line of `fixtures/secret-labels.jsonl`.
struct Label {
    path: String,
    text: String,
    secret: bool,
    kind: String,
    reason: String,
}

#[test]
fn nine_of_ten_secrets_are_found_and_nine_of_ten_findings_are_secrets() {
    let mut counts: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let mut total = [0; 4];
    for label in labels() {
        let (text, line) = in_its_place(&label);
        let found = findings(&label.path, &text);
        let hit = found.iter().find(|finding| touches(finding, &text, line));
        let tier = hit.map_or("none", |finding| match finding.tier {
            Tier::Structure => "S",
            Tier::Known => "K",
            Tier::Name => "N",
            Tier::Entropy => "E",
        });
        match (label.secret, hit.is_some()) {
            (true, true) => {
                total[0] += 1;
                counts.entry(tier).or_default()[0] += 1
            }
            (false, true) => {
                total[1] += 1;
                counts.entry(tier).or_default()[1] += 1;
                println!("false [{tier}] {}: {}", label.kind, label.text);
            }
            (true, false) => {
                total[2] += 1;
                println!("missed {}: {}", label.kind, label.text);
            }
            (false, false) => total[3] += 1,
        }
    }
    for (tier, [right, wrong, _]) in &counts {
        println!("tier {tier}: {right} right, {wrong} wrong: precision {:.3}", ratio(*right, *wrong));
    }
    let (precision, recall) = (ratio(total[0], total[1]), ratio(total[0], total[2]));
    println!("all tiers: precision {precision:.3}, recall {recall:.3}");
    assert!(total[0] + total[2] > 50 && total[1] + total[3] > 80, "{total:?}");
    assert!(precision >= 0.9 && recall >= 0.9);
}

fn ratio(right: usize, wrong: usize) -> f64 {
    right as f64 / ((right + wrong).max(1)) as f64
}

fn labels() -> Vec<Label> {
    let text = fs::read_to_string(fixture("secret-labels.jsonl")).expect("the labels are there");
    let lines = text.lines().map(|line| {
        let json: serde_json::Value = serde_json::from_str(line).expect("a line is JSON");
        let get = |key: &str| json[key].as_str().expect("it is text").to_owned();
        Label {
            path: get("path"),
            text: get("text"),
            secret: get("label") == "plaintext-credential",
            kind: get("kind"),
            reason: get("reason"),
        }
    });
    lines.collect()
}

/// A label's line as its file has it: where its own kind says that the lines around it tell what it is, with
/// these. Returns the number of its line too.
fn in_its_place(label: &Label) -> (String, usize) {
    let text = &label.text;
    let is_half = text.starts_with("value:") || text.starts_with("\"Value\"");
    match label.kind.as_str() {
        "k8s-secret-data" | "ca-cert" => (format!("apiVersion: v1\nkind: Secret\ndata:\n  {text}\n"), 3),
        _ if is_half && label.kind != "cloud-key" => {
            // The reason names the variable where it isn't the usual one.
            let named = label.reason.split([' ', '=', '/']).find(|word| word.contains("PASS"));
            let name = named.unwrap_or("MYSQL_ROOT_PASSWORD");
            if label.path.ends_with(".json") {
                (format!("[{{\n\"Name\": \"{name}\",\n{text}\n}}]\n"), 2)
            } else {
                (format!("env:\n- name: {name}\n  {text}\n"), 2)
            }
        }
        _ => (format!("{text}\n"), 0),
    }
}

/// Whether a finding stands on a line.
fn touches(finding: &Finding, text: &str, line: usize) -> bool {
    text[..finding.span.start as usize].matches('\n').count() == line
}

fn findings(path: &str, text: &str) -> Vec<Finding> {
    let source = Source { file: FileId(0), path, text, documents: None, contract: None };
    scan(&source, &Options::default())
}
