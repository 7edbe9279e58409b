//! Schemas of packs that would take without end are refused, and so is what takes long in them.

use serde_json::{Value, json};

use crate::bounded::{run, short};
use crate::support::Repo;

fn pack(schemas: &[(&str, &Value)], unit: &str, app: &str) -> Repo {
    let row = match schemas.iter().any(|(name, _)| *name == "u.schema.json") {
        true => ", schema: u.schema.json",
        false => "",
    };
    let repo = Repo::new()
        .file("sealwright.yaml", "name: shop\nid: \"0123456789ab\"\n")
        .file("environments/prod/environment.yaml", "platform: own\n")
        .file("environments/prod/versions.yaml", "web: \"1\"\n")
        .file("apps/web/app.yaml", &format!("image: web\n{app}"))
        .file(
            "platforms/own/platform.yaml",
            &format!("documents:\n  - {{ template: unit.yaml, kind: Unit, file: unit.json{row} }}\n"),
        )
        .file("platforms/own/unit.yaml", unit);
    for (name, schema) in schemas {
        repo.write(&format!("platforms/own/{name}"), &schema.to_string());
    }
    repo
}

fn nested(depth: usize) -> String {
    format!("{}x{}", "{ \"n\": ".repeat(depth), " }".repeat(depth))
}

/// A tree of which each node may be of one of two forms that ask the same of what lies below.
fn doubling() -> Value {
    let node = json!({"$ref": "#/$defs/node"});
    let form = json!({"type": "object", "properties": {"n": node}, "required": ["n"]});
    json!({
        "type": "object", "properties": {"t": node},
        "$defs": {"node": {"anyOf": [{"type": "integer"}, form, form]}},
    })
}

#[test]
fn a_schema_that_doubles_with_every_level_is_refused() {
    let schema = doubling();
    let deep = nested(60);
    for (name, unit, app) in [
        ("app.schema.json", "x: 1\n".to_string(), format!("platforms: {{ own: {{ t: {deep} }} }}\n")),
        ("u.schema.json", format!("t: {deep}\n"), String::new()),
    ] {
        let repo = pack(&[(name, &schema)], &unit, &app);
        let said = run(&repo.path(""), ["check"], "");
        assert_eq!(said.code, 1, "{}", short(&said));
        assert!(said.stdout.contains(&format!("platforms/own/{name}")), "{}", short(&said));
    }
}

#[test]
fn a_schema_of_a_tree_is_fine() {
    let node = json!({"$ref": "#/$defs/node"});
    let schema = json!({
        "type": "object", "properties": {"t": node},
        "$defs": {"node": {"anyOf": [
            {"type": "string"}, {"type": "array", "items": node}, {"type": "object", "additionalProperties": node},
        ]}},
    });
    let deep = nested(60);
    let repo = pack(&[("u.schema.json", &schema)], &format!("t: {deep}\n"), "");
    let said = run(&repo.path(""), ["check"], "");
    assert_eq!(said.code, 0, "{}", short(&said));
}

#[test]
fn patterns_and_lists_of_forms_are_bounded() {
    let forms: Vec<Value> =
        (0..900).map(|n| json!({"type": "object", "required": [format!("k{n}")]})).collect();
    let wide = json!({"type": "object", "properties": {"t": {"type": "array", "items": {"anyOf": forms}}}});
    let items = vec!["{ a: 1 }"; 2_000].join(", ");
    let repo = pack(&[("u.schema.json", &wide)], &format!("t: [{items}]\n"), "");
    let said = run(&repo.path(""), ["check"], "");
    assert_eq!(said.code, 1, "{}", short(&said));
    for pattern in ["((a{100}){100}){100}", "(a+)+$", "(?=a)", "\\p{L}{1000}", "a{0,100000}"] {
        let schema = json!({"type": "object", "properties": {"t": {"type": "string", "pattern": pattern}}});
        let text = "a".repeat(100_000);
        let repo = pack(&[("u.schema.json", &schema)], &format!("t: {text}!\n"), "");
        let said = run(&repo.path(""), ["check"], "");
        assert!(said.code <= 1, "{pattern}: {}", short(&said));
    }
}
