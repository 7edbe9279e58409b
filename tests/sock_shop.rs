//! Sock Shop, a real application: what `fixtures/sock-shop` renders, judged by independent readers.

mod support;

use std::sync::OnceLock;

use serde::Deserialize;
use serde_yaml::Value;

use support::{Run, fixture, python, sealwright};

#[test]
fn prod_describes_the_objects_of_the_facts() {
    compare(prod()).succeeds();
}

#[test]
fn a_changed_rendering_is_not_what_the_facts_describe() {
    let changes = [
        ("weaveworksdemos/carts:0.4.8", "weaveworksdemos/carts:0.4.9", "carts image"),
        ("replicas: 1", "replicas: 2", "replicas"),
        ("nodePort: 30001", "nodePort: 30002", "Service/front-end ports"),
        ("runAsUser: 10001", "runAsUser: 0", "securityContext"),
        ("/tmp", "/var/tmp", "volumeMounts"),
        ("1000Mi", "999Mi", "resources"),
    ];
    for (from, to, said) in changes {
        assert!(prod().contains(from), "the rendering has {from:?}");
        compare(&prod().replace(from, to)).exits(1).prints(said);
    }
}

#[test]
fn yaml_1_1_and_1_2_readers_agree() {
    python("facts/reread.py", &[], prod()).succeeds();
    python("facts/reread.py", &[], staging()).succeeds();
}

#[test]
fn the_newest_kubernetes_schemas_accept_every_document() {
    python("facts/validate.py", &[], prod()).succeeds();
    python("facts/validate.py", &[], staging()).succeeds();
}

#[test]
fn staging_holds_no_secret() {
    let kinds: Vec<_> = documents(staging()).iter().map(|document| text(&document["kind"])).collect();
    assert!(kinds.contains(&"Deployment".to_owned()));
    assert!(!kinds.contains(&"Secret".to_owned()));
}

#[test]
fn staging_differs_where_its_files_say_so() {
    let documents = documents(staging());
    let image = |app| text(&container(&documents, app)["image"]);
    assert_eq!(image("carts-db"), "mongo:3.4");
    assert_eq!(image("user-db"), "weaveworksdemos/user-db:0.4.0");
    assert_eq!(image("carts"), "weaveworksdemos/carts:0.4.8");

    let front_end = find(&documents, "Service", "front-end");
    assert_eq!(find(&documents, "Deployment", "front-end")["spec"]["replicas"], Value::from(2));
    assert_eq!(front_end["spec"]["ports"][0]["nodePort"], Value::from(30002));
    assert_eq!(front_end["metadata"]["namespace"], Value::from("sock-shop-staging"));
    assert!(front_end["metadata"]["annotations"].get("prometheus.io/scrape").is_none());
    find(&documents, "Namespace", "sock-shop-staging");
}

#[test]
fn staging_logs_more() {
    let documents = documents(staging());
    assert_eq!(config(&documents, "catalogue", "LOG_LEVEL").as_deref(), Some("debug"));
    assert_eq!(config(&documents, "user", "MONGO_HOST").as_deref(), Some("user-db:27017"));
    assert_eq!(config(&documents, "user", "mongo"), None);
    assert_eq!(config(&documents, "catalogue-db", "MYSQL_ALLOW_EMPTY_PASSWORD").as_deref(), Some("true"));
    let options = config(&documents, "carts", "JAVA_OPTS").expect("carts has JAVA_OPTS");
    assert!(options.ends_with("-Dlogging.level.root=DEBUG"), "{options}");
}

#[test]
fn two_runs_give_the_same_bytes() {
    assert_eq!(render("prod", true), prod());
    assert_eq!(render("staging", false), staging());
}

fn prod() -> &'static str {
    static PROD: OnceLock<String> = OnceLock::new();
    PROD.get_or_init(|| render("prod", true))
}

fn staging() -> &'static str {
    static STAGING: OnceLock<String> = OnceLock::new();
    STAGING.get_or_init(|| render("staging", false))
}

/// What a pipe behind `sealwright render` reads.
fn render(environment: &str, identity: bool) -> String {
    let mut command = sealwright();
    command.args(["render", environment, "--repo"]).arg(fixture("sock-shop"));
    if identity {
        command.arg("--identity").arg(fixture("demo-identity.txt"));
    }
    let rendered = Run::of(&mut command, b"").succeeds().stdout;
    assert!(!rendered.is_empty(), "{environment} renders something");
    rendered
}

fn compare(rendered: &str) -> Run {
    let facts = fixture("facts/sock-shop.json");
    python("facts/compare.py", &[facts.to_str().expect("the crate's path is UTF-8")], rendered)
}

fn documents(rendered: &str) -> Vec<Value> {
    serde_yaml::Deserializer::from_str(rendered)
        .map(|document| Value::deserialize(document).expect("each document is YAML"))
        .collect()
}

fn find<'a>(documents: &'a [Value], kind: &str, name: &str) -> &'a Value {
    let mut found = documents.iter().filter(|one| one["kind"] == *kind && one["metadata"]["name"] == *name);
    found.next().unwrap_or_else(|| panic!("there is a {kind} {name}"))
}

fn container<'a>(documents: &'a [Value], app: &str) -> &'a Value {
    &find(documents, "Deployment", app)["spec"]["template"]["spec"]["containers"][0]
}

/// A variable of an app's config, by way of the ConfigMap that its container names.
fn config(documents: &[Value], app: &str, variable: &str) -> Option<String> {
    let map = text(&container(documents, app)["envFrom"][0]["configMapRef"]["name"]);
    find(documents, "ConfigMap", &map)["data"].get(variable).map(text)
}

fn text(value: &Value) -> String {
    value.as_str().expect("it is a string").to_owned()
}
