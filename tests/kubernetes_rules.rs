//! What is found in documents: a file of `fixtures/kubernetes/` for each group of rules.
//!
//! A case is YAML: documents that are one environment, in the namespace `shop`; a CustomResourceDefinition among
//! them defines a kind as well. Behind `# expected` stands what is found, one line a finding, its help behind it.
//! `UPDATE=1` in the environment writes that into the case.

mod support;

use std::sync::Arc;

use sealwright::manifest::draft::{Datum, Document};
use sealwright::manifest::validate::kubernetes::Schemas;
use sealwright::manifest::validate::kubernetes::crd::OwnKinds;
use sealwright::manifest::validate::kubernetes::version::Version;
use sealwright::source::diagnostic::{Diagnostics, Severity};
use sealwright::source::node::Node;
use sealwright::source::span::FileId;
use sealwright::source::yaml::{self, Limits};

use support::{Cases, said};

#[test]
fn every_case_finds_what_is_expected() {
    Cases::of("kubernetes").are_as_expected(|case| findings(case, true));
}

/// A value is never quoted: it could be a secret. Names are.
#[test]
fn no_finding_quotes_a_value() {
    Cases::of("kubernetes").never_say(&["hunter2"], |case| findings(case, true));
}

/// Of a part of an environment nobody can say that something isn't there.
#[test]
fn a_part_of_an_environment_lacks_nothing() {
    let absent = ["[object-not-found]", "[selects-nothing]"];
    Cases::of("kubernetes").never_say(&absent, |case| findings(case, false));
}

#[test]
fn the_cases_show_every_code() {
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
    Cases::of("kubernetes").show_codes(&all, |case| findings(case, true));
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
    said(&placed, &schemas.findings(&documents, "shop", &[], whole))
}
