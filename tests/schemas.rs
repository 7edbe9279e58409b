//! The JSON Schemas of the control repo's own files, judged by the fixture and by files that break them.

mod support;

use std::fs;
use std::path::Path;

use jsonschema::Validator;
use serde_json::Value;

use support::{fixture, root};

#[test]
fn every_file_of_the_fixtures_follows_its_schema() {
    let mut seen = 0;
    let mut look = |path: &Path| {
        // What is rendered is no file of a control repo.
        if path.components().any(|part| part.as_os_str() == "expected") {
            return;
        }
        let name = path.file_name().and_then(|name| name.to_str()).expect("its name is UTF-8");
        let schema = match name {
            "sealwright.yaml" => "sealwright",
            "environment.yaml" => "environment",
            "versions.yaml" => "versions",
            _ => "app",
        };
        let content = yaml(&fs::read_to_string(path).expect("a fixture can be read"));
        assert_eq!(faults(schema, &content), [""; 0], "{}", path.display());
        for layer in ["defaults", "overrides"].into_iter().filter_map(|key| content.get(key)) {
            assert_eq!(faults("app", layer), [""; 0], "{}", path.display());
        }
        seen += 1;
    };
    ["sock-shop", "kinds", "around", "voting-app", "ecs"]
        .iter()
        .for_each(|name| visit(&fixture(name), &mut look));
    assert!(seen > 40, "only {seen} files");
}

#[test]
fn a_layer_may_be_partial_and_null() {
    for layer in [
        "",
        "image: null",
        "ports: { http: { service: null }, old: null }",
        "platforms: { nomad: { own: 1 } }",
    ] {
        assert_eq!(faults("app", &yaml(layer)), [""; 0], "{layer}");
    }
}

#[test]
fn what_breaks_a_schema_is_found_once_and_where_it_stands() {
    let broken = [
        ("app", "imag: x", ""),
        ("app", "{ image: x, replicas: '3' }", "/replicas"),
        ("app", "ports: { http: 70000 }", "/ports/http"),
        ("app", "ports: { http: { protocol: tcp } }", "/ports/http/protocol"),
        ("app", "ports: { '80': 80 }", "/ports"),
        ("app", "config: { 1A: x }", "/config"),
        ("app", "secrets: { A: [x] }", "/secrets/A"),
        ("app", "health: { readiness: { fails: 1 } }", "/health/readiness"),
        ("app", "platforms: { kubernetes: { replicas: -1, image: x } }", "/platforms/kubernetes/replicas"),
        ("app", "ingress: { Public: a.com }", "/ingress"),
        ("app", "ingress: { public: { tls: 1 } }", "/ingress/public/tls"),
        ("app", "autoscaling: { min: 0 }", "/autoscaling/min"),
        ("app", "spread: { zone: strict }", "/spread/zone"),
        ("app", "depends_on: [a_b]", "/depends_on/0"),
        ("app", "before: sync", "/before"),
        ("environment", "platforms: { kubernetes: { applier: flux } }", "/platforms/kubernetes/applier"),
        ("environment", "vars: { name: x }", "/vars"),
        ("environment", "delivery: { inline: [API_KEY] }", "/delivery/inline/0"),
        ("environment", "namespace: Sock", "/namespace"),
        ("sealwright", "name: a", ""),
        ("sealwright", "{ name: a, id: \"b\\nc\" }", "/id"),
        ("versions", "catalogue: ':1'", "/catalogue"),
    ];
    for (schema, content, place) in broken {
        assert_eq!(faults(schema, &yaml(content)), [place], "{schema}: {content}");
    }
}

#[test]
fn every_property_says_what_it_is() {
    for name in ["sealwright", "environment", "versions", "app", "exceptions", "platform", "rendered"] {
        let schema = read(name);
        let mut properties = Vec::new();
        collect(&schema, &mut properties);
        assert!(properties.len() > 3 || name == "versions");
        for (key, property) in properties {
            let target = property["$ref"].as_str().map_or(Value::Null, |reference| {
                let pointer = reference.strip_prefix('#').expect("a reference stays in its file");
                schema.pointer(pointer).unwrap_or_else(|| panic!("{name}: nothing at {reference}")).clone()
            });
            let said = property["description"].as_str().or(target["description"].as_str());
            assert!(said.is_some_and(|said| said.ends_with('.')), "{name}: {key}");
        }
    }
}

/// The places of all violations.
fn faults(schema: &str, content: &Value) -> Vec<String> {
    validator(schema).iter_errors(content).map(|error| error.instance_path().to_string()).collect()
}

fn validator(name: &str) -> Validator {
    jsonschema::draft202012::new(&read(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn read(name: &str) -> Value {
    let text = fs::read_to_string(root().join(format!("schemas/{name}.schema.json")));
    serde_json::from_str(&text.expect("the schema is there")).expect("the schema is JSON")
}

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).expect("the test's input is YAML")
}

fn collect<'a>(schema: &'a Value, properties: &mut Vec<(&'a str, &'a Value)>) {
    if let Some(listed) = schema.get("properties").and_then(Value::as_object) {
        properties.extend(listed.iter().map(|(key, property)| (key.as_str(), property)));
    }
    match schema {
        Value::Object(map) => map.values().for_each(|value| collect(value, properties)),
        Value::Array(items) => items.iter().for_each(|item| collect(item, properties)),
        _ => {}
    }
}

fn visit(folder: &Path, look: &mut dyn FnMut(&Path)) {
    for entry in fs::read_dir(folder).expect("a fixture's folder can be read") {
        let path = entry.expect("an entry of a fixture can be read").path();
        if path.is_dir() { visit(&path, look) } else { look(&path) }
    }
}
