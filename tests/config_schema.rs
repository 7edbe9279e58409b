//! An app's own schema of its config: what it asks for holds for the values that count, in every unit.

mod support;

use std::fmt::Write as _;

use support::Repo;

const CANARY: &str = "hunter2-canary";

fn repo(schema: &str, config: &str) -> Repo {
    Repo::new()
        .file("sealwright.yaml", "name: shop\nid: 5d0b7e92c41f\n")
        .file(
            "environments/prod/environment.yaml",
            "platform: kubernetes\nvars: { port: 8080, word: info }\nallow: { \"*\": [\"vault:kv/**\"] }\ndelivery: { inline: [\"*/*\"] }\n",
        )
        .file("environments/prod/versions.yaml", "web: 1.4.2\n")
        .file("environments/staging/environment.yaml", "platform: kubernetes\nextends: prod\n")
        .file("environments/staging/versions.yaml", "web: 1.5.0\n")
        .file("apps/web/app.yaml", &format!("image: shop/web\n{config}\n"))
        .file("apps/web/config.schema.json", schema)
}

fn property(schema: &str) -> String {
    format!(r#"{{"properties": {{"A": {schema}}}}}"#)
}

#[test]
fn a_text_is_judged_by_what_it_means() {
    for (schema, good, bad) in [
        (
            r#"{"type": "integer"}"#,
            &["8080", "\"8080\"", "-1", "0123", "'{{ env.port }}'"][..],
            &["1.5", "x", "''", "true"][..],
        ),
        (r#"{"type": "number", "maximum": 60}"#, &["1.50", "\"60\"", "1e1"], &["61", "soon", "1:30"]),
        (r#"{"type": "boolean"}"#, &["true", "\"false\""], &["yes", "1", "NO"]),
        (r#"{"type": "string", "pattern": "^[0-9.]+$"}"#, &["1.10", "\"1\"", "8080"], &["x", "true"]),
        (r#"{"enum": ["info", "debug"]}"#, &["info", "'{{ env.word }}'"], &["loud", "8080"]),
        (r#"{"enum": [80, "auto"]}"#, &["80", "\"80\"", "auto"], &["81"]),
        (r#"{"type": ["integer", "string"], "minimum": 10}"#, &["10", "x"], &["9"]),
        (r#"{"type": "string", "format": "ipv4"}"#, &["10.0.0.1"], &["10.0.0"]),
        (r#"{"minLength": 3}"#, &["abc", "100"], &["ab", "10"]),
        ("{}", &["x", "1", "true"], &[]),
        ("true", &["x"], &[]),
    ] {
        for value in good {
            repo(&property(schema), &format!("config: {{ A: {value} }}")).run(["check"]).succeeds();
        }
        for value in bad {
            repo(&property(schema), &format!("config: {{ A: {value} }}"))
                .run(["check"])
                .exits(1)
                .prints("error[schema-violation]")
                .prints("apps/web/app.yaml:2:14");
        }
    }
}

#[test]
fn no_value_is_repeated() {
    for schema in [
        r#"{"type": "integer"}"#,
        r#"{"enum": ["x"]}"#,
        r#"{"pattern": "^x$"}"#,
        r#"{"format": "email", "type": "string"}"#,
        r#"{"maxLength": 3}"#,
        r#"{"const": "x"}"#,
        r#"{"not": {"type": "string"}}"#,
        r#"{"x-secret": true}"#,
        r#"{"writeOnly": true, "type": "string"}"#,
        r#"{"type": "string", "format": "password"}"#,
        "false",
    ] {
        let repo = repo(&property(schema), &format!("config: {{ A: \"x{CANARY}x{{{{ env.word }}}}\" }}"));
        for format in ["human", "json"] {
            let said = repo.run(["check", "--message-format", format]).exits(1);
            let shows_message =
                said.stdout.lines().filter(|line| line.contains("error") || line.contains("help"));
            for line in shows_message {
                assert!(!line.contains(CANARY), "{schema}: {line}");
            }
        }
    }
}

#[test]
fn a_secret_of_the_schema_is_masked_in_every_layer() {
    let schema = property(r#"{"x-secret": true}"#);
    let layers = [
        (
            "sealwright.yaml",
            format!("name: shop\nid: 5d0b7e92c41f\ndefaults: {{ config: {{ A: {CANARY} }} }}\n"),
        ),
        ("apps/web/prod.yaml", format!("config:\n  A: |\n    {CANARY}\n    {CANARY}\n")),
        ("apps/web/prod.yaml", format!("platforms: {{ kubernetes: {{ config: {{ A: '{CANARY}' }} }} }}\n")),
        (
            "environments/staging/environment.yaml",
            format!("platform: kubernetes\nextends: prod\noverrides: {{ config: {{ A: {CANARY} }} }}\n"),
        ),
    ];
    for (path, text) in layers {
        let repo = repo(&schema, "").file(path, &text);
        repo.run(["check"]).exits(1).prints("error[plaintext-secret]").prints(path).never_shows(CANARY);
        repo.run(["check", "--message-format", "json"]).exits(1).never_shows(CANARY);
    }
    // By a pattern, and for what is nobody's secret elsewhere.
    let schema = r#"{"patternProperties": {"_DSN$": {"writeOnly": true}}}"#;
    repo(schema, &format!("config: {{ MY_DSN: {CANARY} }}")).run(["check"]).exits(1).never_shows(CANARY);
}

#[test]
fn what_is_required_may_be_a_secret_and_its_value_is_not_judged() {
    let schema = r#"{"required": ["A", "B"], "additionalProperties": false,
                     "properties": {"A": {"type": "integer", "x-secret": true}, "B": {"enum": ["x"]}, "API_KEY": {}}}"#;
    let pointer = "ref+vault://kv/web#/a";
    repo(schema, &format!("config: {{ B: x }}\nsecrets: {{ A: \"{pointer}\" }}")).run(["check"]).succeeds();
    repo(schema, &format!("config: {{ B: x }}\nsecrets: {{ OTHER: {{ value: \"{pointer}\", env: A }} }}"))
        .run(["check"])
        .succeeds();
    repo(schema, "config: { B: x }").run(["check"]).exits(1).prints("missing key `A`");
    repo(schema, &format!("config: {{ B: x }}\nsecrets: {{ A: \"{pointer}\", APIKEY: \"{pointer}\" }}"))
        .run(["check"])
        .exits(1)
        .prints("unknown key `APIKEY`")
        .prints("did you mean `API_KEY`?");
}

/// Both units have the same value from the same place.
#[test]
fn a_finding_of_several_units_is_said_once() {
    let said = repo(&property(r#"{"type": "integer"}"#), "config: { A: x }").run(["check"]).exits(1);
    assert_eq!(said.stdout.matches("error[schema-violation]").count(), 1, "{said}");
}

#[test]
fn a_hostile_schema_is_refused() {
    let mut doubling = String::from(r##"{"$ref": "#/$defs/d0", "$defs": {"##);
    for i in 0..60 {
        let next = i + 1;
        write!(
            doubling,
            r##""d{i}": {{"anyOf": [{{"$ref": "#/$defs/d{next}"}}, {{"$ref": "#/$defs/d{next}"}}]}},"##
        )
        .expect("writing to a string can't fail");
    }
    doubling.push_str(r#""d60": {"type": "integer"}}}"#);
    let mut chain = String::from(r##"{"$ref": "#/$defs/d0", "$defs": {"##);
    for i in 0..20_000 {
        write!(chain, r##""d{i}": {{"$ref": "#/$defs/d{}"}},"##, i + 1)
            .expect("writing to a string can't fail");
    }
    chain.push_str(r#""d20000": {}}}"#);
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let large = format!("{{\"title\": \"{}\"}}", "x".repeat(1 << 20));
    for (schema, reason) in [
        (doubling.as_str(), "repeat too much"),
        (&chain, "nest too deeply"),
        (&deep, "not valid JSON"),
        (&large, "larger than 1 MiB"),
        (r#"{"$ref": "file:///dev/zero"}"#, "leads out of the document"),
        (r#"{"$ref": "http://127.0.0.1/x"}"#, "leads out of the document"),
        (r#"{"$ref": "../../sealwright.yaml"}"#, "leads out of the document"),
        (r##"{"$ref": "#/$defs/x"}"##, "leads nowhere"),
        (r#"{"properties": {"A": {"pattern": "(a+)+\\1"}}}"#, "regular expression"),
        (r#"{"type": 3}"#, "not a valid JSON Schema"),
        ("[]", "not a valid JSON Schema"),
        ("", "not valid JSON"),
    ] {
        repo(schema, "config: { A: x }")
            .run(["check"])
            .exits(1)
            .prints("error[bad-config-schema]")
            .prints("apps/web/config.schema.json")
            .prints(reason);
    }
    // A circle is fine: a config has no depth.
    repo(
        r##"{"properties": {"A": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"items": {"$ref": "#/$defs/a"}}}}"##,
        "config: { A: x }",
    )
    .run(["check"])
    .succeeds();
    repo(r##"{"$ref": "#"}"##, "config: { A: x }").run(["check"]);
}

#[cfg(unix)]
#[test]
fn a_link_is_not_followed() {
    let repo = repo("{}", "config: { A: x }");
    std::fs::remove_file(repo.path("apps/web/config.schema.json")).expect("it was there");
    std::os::unix::fs::symlink("/dev/zero", repo.path("apps/web/config.schema.json"))
        .expect("a link can be made");
    repo.run(["check"]).exits(1).prints("error[unreadable-file]");
}
