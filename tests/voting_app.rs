//! The voting app, a second real application: what `fixtures/voting-app` renders is what its facts describe.

mod support;

use std::fs;
use std::sync::OnceLock;

use serde_yaml::Value;

use support::{Repo, Run, fixture, python, root, sealwright};

#[test]
fn prod_describes_the_objects_of_the_facts() {
    compare(prod()).succeeds();
}

#[test]
fn a_changed_rendering_is_not_what_the_facts_describe() {
    let changes = [
        ("postgres:15-alpine", "postgres:16-alpine", "image"),
        ("nodePort: 31001", "nodePort: 31002", "Service/result ports"),
        ("port: 8081", "port: 8082", "Service/result ports"),
        ("mountPath: /data", "mountPath: /other", "volumeMounts"),
        ("emptyDir: {}", "emptyDir: { medium: Memory }", "volumes"),
        ("secretKeyRef", "configMapKeyRef", "POSTGRES_PASSWORD"),
        ("POSTGRES_USER: postgres", "POSTGRES_USER: root", "POSTGRES_USER"),
    ];
    for (from, to, said) in changes {
        assert!(prod().contains(from), "the rendering has {from:?}");
        compare(&prod().replace(from, to)).exits(1).prints(said);
    }
}

#[test]
fn the_newest_kubernetes_schemas_accept_every_document() {
    python("facts/validate.py", &[], prod()).succeeds();
}

#[test]
fn yaml_1_1_and_1_2_readers_agree() {
    python("facts/reread.py", &[], prod()).succeeds();
}

/// The original has no protection. What is turned off for that stands in one place, and is everything that
/// is built in, no more.
#[test]
fn the_protections_that_are_turned_off_are_listed() {
    let root = yaml(&fs::read_to_string(fixture("voting-app/sealwright.yaml")).expect("it can be read"));
    let built_in =
        yaml(&fs::read_to_string(self::root().join("src/config/built_in.yaml")).expect("it is there"));
    let keys = |security: &Value| -> Vec<String> {
        let map = security.as_mapping().expect("it is a mapping");
        map.keys().map(|key| key.as_str().expect("a key is text").to_owned()).collect()
    };
    let off = &root["defaults"]["security"];
    assert!(off.as_mapping().expect("it is a mapping").values().all(Value::is_null));
    assert_eq!(keys(off), keys(&built_in["security"]));
}

#[test]
fn with_the_protections_on_nothing_else_differs() {
    let repo = Repo::copy_of("voting-app");
    let text = repo.read("sealwright.yaml");
    let (before, _) = text.split_once("\ndefaults:").expect("it has defaults");
    repo.write("sealwright.yaml", &format!("{before}\n"));
    let said = compare(&render(repo.command(["render", "prod"]))).exits(1).stdout;
    assert_eq!(said.lines().count(), 5, "{said}");
    assert!(said.lines().all(|line| line.contains("securityContext: expected {}")), "{said}");
}

fn prod() -> &'static str {
    static PROD: OnceLock<String> = OnceLock::new();
    PROD.get_or_init(|| {
        let mut command = sealwright();
        command.args(["render", "prod", "--repo"]).arg(fixture("voting-app"));
        render(command)
    })
}

/// What a pipe behind `sealwright render` reads.
fn render(mut command: std::process::Command) -> String {
    command.arg("--identity").arg(fixture("demo-identity.txt"));
    let rendered = Run::of(&mut command, b"").succeeds().stdout;
    assert!(!rendered.is_empty(), "it renders something");
    rendered
}

fn compare(rendered: &str) -> Run {
    let facts = fixture("facts/voting-app.json");
    python("facts/compare.py", &[facts.to_str().expect("the crate's path is UTF-8"), "k8s"], rendered)
}

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).expect("it is YAML")
}
