//! Packs of the repo: which one counts, and what a pull request can do with one.

mod support;

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use serde_json::Value;

use sealwright::config::selection::Selection;
use sealwright::pipeline;
use sealwright::source::diagnostic::Diagnostics;
use sealwright::source::memory::Memory;

use support::{Repo, Run};

/// What the secret of all tests holds. No output has it.
const VALUE: &str = "hunter2-canary";

const PLATFORM: &str = "documents:
  - { template: unit.yaml, kind: Unit, file: unit.json }
sinks:
  - { kind: Unit, path: env.* }
";
const UNIT: &str = "name: {{ app.name }}
image: {{ workload.image }}
config: {{ workload.config|structure }}
env:
  {% for name, secret in secrets|items if name in delivered %}
  {{ name }}: {{ secret }}
  {% endfor %}
";

#[test]
fn a_pack_of_the_repo_is_the_platform_of_its_name() {
    let repo = base();
    repo.run(["check"]).succeeds();
    repo.run(["preview", "prod"])
        .succeeds()
        .prints("# web/unit.json\n")
        .prints("image: shop/web:1.4.2\n")
        .prints("API_KEY: \"<age apps/web/app.yaml #/secrets/API_KEY>\"\n");
    let identity = support::fixture("demo-identity.txt");
    let out = tempfile::tempdir().expect("the system has a folder for temporary files");
    let mut render = repo.command(["render", "prod", "--identity"]);
    render.arg(identity).arg("--out-dir").arg(out.path().join("out"));
    Run::of(&mut render, b"").succeeds();
    let text = fs::read_to_string(out.path().join("out/web/unit.json"));
    let text = text.expect("the file that the pack names is there");
    let unit: Value = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!(unit["env"]["API_KEY"], VALUE);
    assert_eq!(unit["config"]["LOG_LEVEL"], "info");
}

#[test]
fn a_pack_of_the_repo_wins_over_a_built_in_one() {
    let repo = base();
    repo.write("environments/prod/environment.yaml", &environment("kubernetes"));
    repo.run(["preview", "prod"]).succeeds().prints("kind: Deployment").never_shows("unit.json");
    repo.write("platforms/kubernetes/platform.yaml", PLATFORM);
    repo.write("platforms/kubernetes/unit.yaml", UNIT);
    repo.run(["preview", "prod"]).succeeds().prints("# web/unit.json").never_shows("Deployment");
}

#[test]
fn a_pack_is_read_from_whatever_world_the_repo_is() {
    // The index.
    let repo = base();
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.current_dir(repo.path("")).env("GIT_CONFIG_GLOBAL", "/dev/null").args(arguments);
        Run::of(&mut git, b"").succeeds();
    };
    git(&["init", "--quiet"]);
    repo.write("platforms/box/unit.yaml", "{{ wrong }}\n");
    git(&["add", "."]);
    repo.write("platforms/box/unit.yaml", UNIT);
    repo.run(["check"]).succeeds();
    repo.run(["check", "--staged"]).exits(1).prints("--> platforms/box/unit.yaml:1:");
    // Memory.
    let world = Memory::new()
        .with("sealwright.yaml", "name: shop\nid: 5d0b7e92c41f\n")
        .with("environments/prod/environment.yaml", "platform: box\n")
        .with("environments/prod/versions.yaml", "web: 1.4.2\n")
        .with("apps/web/app.yaml", "image: shop/web\n")
        .with("platforms/box/platform.yaml", PLATFORM)
        .with("platforms/box/unit.yaml", UNIT);
    let mut out = Diagnostics::default();
    let selection = Selection::everything();
    let mut layers = pipeline::read(&world, &selection, &mut out).expect("the repo is read");
    assert!(pipeline::compile(&mut layers, &selection, &mut out).is_some());
    assert!(out.is_empty());
}

#[test]
fn only_the_packs_that_a_selection_is_for_are_read() {
    let repo = base()
        .file("platforms/broken/platform.yaml", "documents: 7\n")
        .file("environments/lab/environment.yaml", "extends: other\ndelivery: { inline: [web/API_KEY] }\n")
        .file("environments/other/environment.yaml", "platform: broken\n")
        .file("environments/lab/versions.yaml", "web: 1.4.2\n");
    repo.run(["preview", "prod"]).succeeds();
    repo.run(["preview", "lab"]).exits(2).complains("platforms/broken/platform.yaml:1:12");
    repo.run(["check"]).exits(1).prints("platforms/broken/platform.yaml:1:12");
    // One that no environment uses is compiled by a check of everything all the same.
    repo.write("environments/other/environment.yaml", "platform: box\n");
    repo.write("platforms/broken/platform.yaml", "documents: [{ template: x.yaml }]\n");
    repo.write("platforms/broken/x.yaml", "{% if %}\n");
    repo.run(["preview", "lab"]).succeeds();
    repo.run(["check"]).exits(1).prints("platforms/broken/x.yaml:1:");
}

#[test]
fn documents_of_ones_own_may_be_for_a_platform_of_ones_own() {
    let repo = base().file(
        "apps/web/manifests/box/more.yaml",
        "{% from \"lib.yaml\" import named %}\nkind: More\nmetadata: { name: {{ named(app) }} }\n",
    );
    repo.write("platforms/box/lib.yaml", "{% macro named(app) %}{{ app.name ~ \"-more\" }}{% endmacro %}\n");
    repo.run(["check"]).succeeds();
    repo.run(["preview", "prod"]).succeeds().prints("name: web-more");
}

#[test]
fn no_place_that_many_read_becomes_a_sink() {
    let repo = base();
    for (kind, path) in [
        ("ConfigMap", "data.*"),
        ("List", "items.*"),
        ("Unit", "name"),
        ("Unit", "Name"),
        ("Unit", "image"),
        ("Unit", "tasks[*].Config.image"),
        ("Unit", "args[*]"),
        ("Unit", "spec.command[*]"),
        ("Unit", "spec.entryPoint[*]"),
        ("Unit", "metadata.annotations.*"),
        ("Unit", "Job.Meta.*"),
        ("Unit", "labels.*"),
        ("Unit", "*"),
        // The name of a Secret is no permission.
        ("Secret", "spec.image"),
        ("Secret", "metadata.name"),
    ] {
        let platform = format!("{PLATFORM}  - {{ kind: {kind}, path: \"{path}\" }}\n");
        repo.write("platforms/box/platform.yaml", &platform);
        refused(&repo, "forbidden-sink", "--> platforms/box/platform.yaml:5:", &format!("{kind} {path}"));
    }
}

#[test]
fn what_a_row_calls_a_document_makes_no_sink_of_it() {
    let repo = base();
    for (row, path, text) in [
        // The document says what it is.
        ("Secret", "data.*", "kind: ConfigMap\ndata: { x: {{ secrets.API_KEY }} }\n"),
        ("Unit", "data.*", "kind: ConfigMap\ndata: { x: {{ secrets.API_KEY }} }\n"),
        // A star stands for no key that can't be one.
        ("Secret", "spec.*", "spec: { image: {{ secrets.API_KEY }} }\n"),
        ("Unit", "task.*", "task: { Image: {{ secrets.API_KEY }} }\n"),
        ("Unit", "task.*", "task: { Name: {{ secrets.API_KEY }} }\n"),
        ("Unit", "task.*", "task: { command: {{ secrets.API_KEY }} }\n"),
        // Nor is a secret a key, or hidden below a sink.
        ("Unit", "env.*", "env: { a: { b: {{ secrets.API_KEY }} } }\n"),
        ("Unit", "env.*", "env: { {{ secrets.API_KEY }}: x }\n"),
    ] {
        let platform = format!(
            "documents: [{{ template: unit.yaml, kind: {row} }}]\nsinks: [{{ kind: {row}, path: {path} }}]\n"
        );
        repo.write("platforms/box/platform.yaml", &platform);
        repo.write("platforms/box/unit.yaml", text);
        refused(&repo, "secret-outside-sink", "--> platforms/box/unit.yaml:", text);
    }
}

#[test]
fn no_template_of_a_pack_decides_by_a_secret() {
    let repo = base();
    let in_if = |test: &str| format!("{{% if {test} %}}\nx: 1\n{{% endif %}}\n");
    for (text, when) in [
        (in_if("secrets.API_KEY == \"a\""), ""),
        (in_if("secrets.API_KEY"), ""),
        (in_if("secrets.API_KEY|length > 3"), ""),
        (in_if("\"a\" in secrets.API_KEY"), ""),
        (in_if("(secrets.API_KEY|b64encode) == \"a\""), ""),
        ("{% for c in secrets.API_KEY %}\nx: 1\n{% endfor %}\n".into(), ""),
        ("x: {{ secrets.API_KEY[0] }}\n".into(), ""),
        ("x: {{ secrets.API_KEY|upper }}\n".into(), ""),
        ("x: {{ secrets|checksum }}\n".into(), ""),
        ("x: 1\n".into(), "secrets.API_KEY == 'a'"),
        ("x: 1\n".into(), "secrets.API_KEY"),
        // Through another template.
        ("{% set mine = secrets.API_KEY %}\n{% include \"part.yaml\" %}\n".into(), ""),
    ] {
        let when = if when.is_empty() { String::new() } else { format!(", when: \"{when}\"") };
        let platform = format!(
            "documents: [{{ template: unit.yaml, kind: Unit{when} }}, {{ template: part.yaml, when: \"false\" }}]\n"
        );
        repo.write("platforms/box/platform.yaml", &platform);
        repo.write("platforms/box/part.yaml", "{% if mine == \"a\" %}\nx: 1\n{% endif %}\n");
        repo.write("platforms/box/unit.yaml", &text);
        let said = repo.run(["check"]).exits(1).never_shows(VALUE);
        let is_said =
            said.stdout.contains("error[secret-operation]") || said.stdout.contains("error[template-error]");
        assert!(is_said && said.stdout.contains("--> platforms/box/"), "{text} {when}: {said}");
    }
}

#[test]
fn a_pack_reaches_no_file_but_its_own() {
    let repo = base()
        .file("outside.yaml", "kind: Outside\n")
        .file("apps/web/manifests/box/own.yaml", "kind: Own\nmetadata: { name: own }\n");
    for name in [
        "/etc/passwd",
        "../../outside.yaml",
        "outside.yaml",
        "../../sealwright.yaml",
        "platform.yaml",
        "apps/web/manifests/box/own.yaml",
        "<kubernetes>/lib.yaml",
        "deployment.yaml",
    ] {
        for text in [
            format!("{{% include \"{name}\" %}}\n"),
            format!("{{% import \"{name}\" as x %}}\n"),
            format!("{{% set name = \"{name}\" %}}\n{{% include name %}}\n"),
        ] {
            repo.write("platforms/box/unit.yaml", &text);
            refused(&repo, "template-error", "--> platforms/box/unit.yaml:", &text);
        }
    }
}

#[test]
fn a_pack_names_no_file_outside_of_the_output() {
    let repo = base();
    for row in [
        "file: ../unit.json",
        "file: /unit.json",
        "file: a/b.json",
        "file: .git",
        "file: .sealwright.json",
        "file: unit",
        "texts: secrets",
        "texts: _../x",
        "gather: true",
    ] {
        let platform = format!("documents: [{{ template: unit.yaml, kind: Unit, {row} }}]\n");
        repo.write("platforms/box/platform.yaml", &platform);
        refused(&repo, "bad-pack", "--> platforms/box/platform.yaml:1:", row);
    }
    let platform = "documents: [{ template: unit.yaml, kind: ../Unit }]\n";
    repo.write("platforms/box/platform.yaml", platform);
    refused(&repo, "schema-violation", "--> platforms/box/platform.yaml:1:", "a kind");
}

#[test]
fn a_template_that_never_ends_is_stopped() {
    let repo = base();
    for text in [
        "{% include \"unit.yaml\" %}\n",
        "{% macro m(x) %}{{ m(x) }}{% endmacro %}\n{{ m(1) }}\n",
        "{% for a in \"aaaaaaaaaa\"|split(\"\") %}{% for b in \"aaaaaaaaaa\"|split(\"\") %}{% for c in \"aaaaaaaaaa\"|split(\"\") %}{% for d in \"aaaaaaaaaa\"|split(\"\") %}{% for e in \"aaaaaaaaaa\"|split(\"\") %}\n- text\n{% endfor %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}\n",
    ] {
        repo.write("platforms/box/unit.yaml", text);
        refused(&repo, "template-error", "--> platforms/box/unit.yaml:", text);
    }
}

#[test]
fn a_pack_permits_nothing() {
    let repo = base();
    // What may be put into the output says the environment alone.
    repo.write("environments/prod/environment.yaml", "platform: box\n");
    refused(&repo, "inline-not-permitted", "--> apps/web/app.yaml:", "a sink");
    // So it is with what may be read, whoever reads it.
    let app = "image: shop/web\nsecrets: { API_KEY: \"ref+vault://kv/prod/db#/password\" }\n";
    repo.write("apps/web/app.yaml", app);
    repo.write(
        "platforms/box/platform.yaml",
        &format!("{PLATFORM}references: [{{ backend: vault, fields: 1 }}]\n"),
    );
    refused(&repo, "out-of-scope", "--> apps/web/app.yaml:2:", "a reference");
    let arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db-AbCdEf";
    repo.write("apps/web/app.yaml", "image: shop/web\n");
    repo.write("platforms/box/unit.yaml", &format!("from: {arn}\n"));
    refused(&repo, "out-of-scope", "--> platforms/box/unit.yaml:1:", "an ARN");
    // A schema changes the meaning of no field that all platforms have.
    repo.write("platforms/box/unit.yaml", UNIT);
    repo.write(
        "platforms/box/app.schema.json",
        "{ \"properties\": { \"secrets\": { \"type\": \"string\" } } }\n",
    );
    refused(&repo, "bad-pack", "--> platforms/box/app.schema.json:1:", "a field of every app");
}

#[test]
fn a_schema_of_a_pack_reads_no_file_and_ends() {
    let repo = base();
    let doubled = |n: usize| {
        let definitions: Vec<String> = (0..n)
            .map(|i| format!("\"d{i}\": {{ \"allOf\": [{{ \"$ref\": \"#/$defs/d{0}\" }}, {{ \"$ref\": \"#/$defs/d{0}\" }}] }}", i + 1))
            .collect();
        format!("{{ \"$ref\": \"#/$defs/d0\", \"$defs\": {{ {}, \"d{n}\": {{}} }} }}", definitions.join(", "))
    };
    for file in ["app.schema.json", "environment.schema.json", "unit.schema.json"] {
        for schema in [
            "{ \"$ref\": \"file:///etc/passwd\" }".to_string(),
            "{ \"$ref\": \"https://example.com/x.json\" }".into(),
            "{ \"$ref\": \"../../app.schema.json\" }".into(),
            "{ \"properties\": { \"x\": { \"pattern\": \"(a+)+(?=b)\" } } }".into(),
            "not JSON".into(),
            doubled(40),
        ] {
            repo.write(&format!("platforms/box/{file}"), &schema);
            refused(&repo, "bad-pack", &format!("--> platforms/box/{file}:1:"), &schema);
        }
        fs::remove_file(repo.path(&format!("platforms/box/{file}"))).expect("a file can be removed");
    }
    // One that asks itself of the same value has no end.
    repo.write(
        "platforms/box/platform.yaml",
        "documents: [{ template: unit.yaml, kind: Unit, schema: unit.schema.json }]\n",
    );
    repo.write("platforms/box/unit.schema.json", "{ \"anyOf\": [{ \"$ref\": \"#\" }] }\n");
    refused(&repo, "bad-pack", "--> platforms/box/unit.schema.json:1:", "a circle");
}

#[test]
fn values_make_no_structure_in_a_document_of_a_pack() {
    let repo = base();
    let app = repo.read("apps/web/app.yaml");
    let config =
        "config: { LOG_LEVEL: \"a\\n  hostNetwork: true\\n---\\nkind: X\", B: \"{{ '{{' }} 7*7 }}\" }";
    repo.write("apps/web/app.yaml", &app.replace("config: { LOG_LEVEL: info }", config));
    let shown = repo.run(["preview", "prod", "-o", "json"]).succeeds().stdout;
    let unit: Value = serde_json::from_str(&shown).expect("it is one document");
    assert_eq!(unit["config"]["LOG_LEVEL"], "a\n  hostNetwork: true\n---\nkind: X");
    assert_eq!(unit["config"]["B"], "{{ 7*7 }}");
    assert_eq!(unit.as_object().expect("it is a mapping").len(), 4);
}

#[test]
fn plaintext_in_a_pack_is_found() {
    let repo = base();
    repo.write("platforms/box/unit.yaml", "env:\n  DB_PASSWORD: hunter2-in-a-template\n");
    repo.run(["check"])
        .exits(1)
        .prints("error[named-secret]")
        .prints("--> platforms/box/unit.yaml:2:")
        .never_shows("hunter2");
}

#[test]
fn a_link_that_leaves_the_repo_is_no_pack() {
    let outside = tempfile::tempdir().expect("the system has a folder for temporary files");
    fs::write(outside.path().join("platform.yaml"), "kind: Outside\n").expect("a file can be written");
    let repo = base();
    for (place, target) in [
        ("platforms/box/more.yaml", outside.path().join("platform.yaml")),
        ("platforms/box/app.schema.json", outside.path().join("platform.yaml")),
        ("platforms/other", outside.path().to_path_buf()),
    ] {
        symlink(target, repo.path(place)).expect("a link can be made");
        repo.run(["check"]).exits(1).prints("error[unreadable-file]").prints(place).never_shows("Outside");
        fs::remove_file(repo.path(place)).expect("a link can be removed");
    }
    // Within the repo a link is followed.
    fs::rename(repo.path("platforms/box"), repo.path("box")).expect("a folder can be moved");
    symlink("../box", repo.path("platforms/box")).expect("a link can be made");
    repo.run(["check"]).succeeds();
}

#[test]
fn a_pack_that_is_too_large_or_no_text_is_refused() {
    let repo = base();
    let large = "#".repeat(10 * 1024 * 1024 + 1);
    for name in ["platform.yaml", "unit.yaml", "app.schema.json"] {
        let path = format!("platforms/box/{name}");
        let before = fs::read_to_string(repo.path(&path)).ok();
        repo.write(&path, &large);
        repo.run(["check"]).exits(1).prints("error[unreadable-file]").prints(&path).prints("10 MiB");
        fs::write(repo.path(&path), [0xff, 0xfe, b'x']).expect("a file can be written");
        repo.run(["check"]).exits(1).prints("error[not-utf8]").prints(&path);
        match before {
            Some(text) => repo.write(&path, &text),
            None => fs::remove_file(repo.path(&path)).expect("a file can be removed"),
        }
    }
    repo.run(["check"]).succeeds();
}

#[test]
fn what_a_terminal_would_obey_is_shown_escaped() {
    let repo = base();
    repo.write("platforms/b\u{1b}[2J/platform.yaml", PLATFORM);
    repo.run(["check"]).exits(1).prints("error[bad-name]").never_shows("\u{1b}");
    fs::remove_dir_all(repo.path("platforms/b\u{1b}[2J")).expect("a folder can be removed");
    let schema = "{ \"properties\": { \"size\": { \"description\": \"\\u001b[2J, such as `1`.\", \"pattern\": \"^x$\", \"x-message\": \"\\u001b[2J\" } } }\n";
    repo.write("platforms/box/app.schema.json", schema);
    repo.write("apps/web/app.yaml", "image: shop/web\nplatforms: { box: { size: y } }\n");
    repo.run(["check"]).exits(1).prints("--> apps/web/app.yaml:2:").never_shows("\u{1b}");
    repo.write("apps/web/app.yaml", "image: shop/web\n");
    repo.run(["platform", "show", "box"]).succeeds().prints("size").never_shows("\u{1b}");
    repo.run(["explain", "platforms.box.size"]).succeeds().never_shows("\u{1b}");
}

/// No panic, whatever a description holds: every scalar and every mapping of it in turn is something else.
#[test]
fn whatever_a_description_says_is_said_to_be_wrong_or_holds() {
    let whole = fs::read_to_string(support::fixture("nomad/platforms/nomad/platform.yaml"));
    let whole: serde_yaml::Value =
        serde_yaml::from_str(&whole.expect("the fixture is there")).expect("it is YAML");
    let places = places(&whole, &mut Vec::new());
    assert!(places.len() > 50, "only {}", places.len());
    for place in places {
        for other in ["null", "7", "true", "[]", "{}", "[{}]", "{ a: { b: [] } }", "\"\\0\"", "\"\u{202e}\""]
        {
            let mut changed = whole.clone();
            let at = place.iter().fold(&mut changed, |value, step| match step.as_u64() {
                Some(index) => &mut value[usize::try_from(index).expect("a small index")],
                None => &mut value[step],
            });
            *at = serde_yaml::from_str(other).expect("the test's input is YAML");
            let text = serde_yaml::to_string(&changed).expect("it can be written");
            let world = Memory::new()
                .with("sealwright.yaml", "name: shop\nid: 5d0b7e92c41f\n")
                .with("environments/prod/environment.yaml", "platform: box\n")
                .with("environments/prod/versions.yaml", "web: 1.4.2\n")
                .with("apps/web/app.yaml", "image: shop/web\n")
                .with("platforms/box/platform.yaml", text)
                .with("platforms/box/job.yaml", UNIT)
                .with("platforms/box/job.schema.json", "{}")
                .with("platforms/box/variables.yaml", "{}\n");
            let mut out = Diagnostics::default();
            let selection = Selection::everything();
            match pipeline::read(&world, &selection, &mut out) {
                Ok(mut layers) => {
                    let compiled = pipeline::compile(&mut layers, &selection, &mut out);
                    assert_eq!(compiled.is_none(), out.has_errors(), "{place:?} {other}");
                }
                Err(_) => assert!(out.has_errors(), "{place:?} {other}"),
            }
        }
    }
}

/// The way to every value of a document but the root.
fn places(value: &serde_yaml::Value, way: &mut Vec<serde_yaml::Value>) -> Vec<Vec<serde_yaml::Value>> {
    let below: Vec<(serde_yaml::Value, &serde_yaml::Value)> = match value {
        serde_yaml::Value::Mapping(map) => map.iter().map(|(key, value)| (key.clone(), value)).collect(),
        serde_yaml::Value::Sequence(items) => {
            items.iter().enumerate().map(|(index, value)| (index.into(), value)).collect()
        }
        _ => Vec::new(),
    };
    let mut found = Vec::new();
    for (step, value) in below {
        way.push(step);
        found.push(way.clone());
        found.extend(places(value, way));
        way.pop();
    }
    found
}

/// The check fails with that code at that place, and neither shows the secret nor makes anything.
#[track_caller]
fn refused(repo: &Repo, code: &str, place: &str, case: &str) {
    let said = repo.run(["check"]).exits(1).never_shows(VALUE).never_shows("root:");
    assert!(said.stdout.contains(&format!("error[{code}]")), "{case}: {said}");
    assert!(said.stdout.contains(place), "{case}: {said}");
    repo.run(["preview", "prod"]).exits(2).never_shows(VALUE).never_shows("root:");
}

fn environment(platform: &str) -> String {
    format!("platform: {platform}\ndelivery: {{ inline: [web/API_KEY] }}\n")
}

/// A repo with a pack of its own, in which all is well.
fn base() -> Repo {
    let repo = Repo::new()
        .file(
            "sealwright.yaml",
            "name: shop\nid: 5d0b7e92c41f\nrecipients:\n  prod: [age1e9tll4gshd4nmqe0htfa9zv63jt9wfg80gut02dez4mk20gp3pssxm2zrm]\n",
        )
        .file("environments/prod/environment.yaml", &environment("box"))
        .file("environments/prod/versions.yaml", "web: 1.4.2\n")
        .file("apps/web/app.yaml", "image: shop/web\nconfig: { LOG_LEVEL: info }\n")
        .file("platforms/box/platform.yaml", PLATFORM)
        .file("platforms/box/unit.yaml", UNIT);
    repo.run_with(["secret", "set", "*/web", "API_KEY"], VALUE).succeeds();
    repo
}
