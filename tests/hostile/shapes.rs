//! Documents that are good YAML and no good repo.

use std::fmt::Write as _;

use crate::bounded::{refused, run, short, small};

const APP: &str = "apps/web/app.yaml";
const ENVIRONMENT: &str = "environments/prod/environment.yaml";
const VERSIONS: &str = "environments/prod/versions.yaml";

#[test]
fn environments_that_extend_each_other() {
    let repo = small()
        .file(ENVIRONMENT, "extends: dev\n")
        .file("environments/dev/environment.yaml", "platform: kubernetes\nextends: prod\n");
    refused(&repo, &["error[extends-cycle]", "environment.yaml:"]);
    let repo = small().file(ENVIRONMENT, "platform: kubernetes\nextends: prod\n");
    refused(&repo, &["error[extends-cycle]", "environment.yaml:2:10"]);
    refused(
        &small().file(ENVIRONMENT, "extends: ../prod\nplatform: x\n"),
        &["error[", "environment.yaml:1:10"],
    );
}

#[test]
fn a_chain_of_two_thousand_environments() {
    let repo = small().file(ENVIRONMENT, "platform: kubernetes\nextends: e0\n");
    for i in 0..2_000 {
        repo.write(
            &format!("environments/e{i}/environment.yaml"),
            &format!("platform: kubernetes\nextends: e{}\n", i + 1),
        );
    }
    refused(&repo, &["error[", "environment.yaml:2:10"]);
}

#[test]
fn numbers_that_are_too_large() {
    for value in
        ["1e400", "-1", "99999999999999999999", "0x7fffffffffffffffffffff", ".inf", ".nan", "1.5", "1_000"]
    {
        refused(
            &small().file(APP, &format!("image: nginx\nreplicas: {value}\n")),
            &["error[", "app.yaml:2:11"],
        );
        refused(
            &small().file(APP, &format!("image: nginx\nports: {{http: {value}}}\n")),
            &["error[", "app.yaml:2:15"],
        );
    }
    let digits = "9".repeat(1_000_000);
    refused(&small().file(APP, &format!("image: nginx\nreplicas: {digits}\n")), &["error[", "app.yaml:2:11"]);
    refused(
        &small().file(APP, &format!("image: nginx\nports: {{http: 1e{digits}}}\n")),
        &["error[", "app.yaml:2:15"],
    );
}

#[test]
fn tens_of_thousands_of_wrong_entries() {
    let many = |key: &str, entry: &dyn Fn(usize) -> String| {
        let mut text = format!("image: nginx\n{key}:\n");
        (0..50_000).for_each(|i| writeln!(text, "  {}", entry(i)).unwrap());
        small().file(APP, &text)
    };
    // Each container starts from what is built in, so their number is bounded before anything is layered.
    refused(&many("sidecars", &|i| format!("s{i}: {{}}")), &["error[schema-violation]", "app.yaml:3:"]);
    refused(&many("init", &|i| format!("i{i}: {{}}")), &["error[schema-violation]", "app.yaml:3:"]);
    let many = |key: &str, entry: &dyn Fn(usize) -> String| {
        refused(&many(key, entry), &["error[", "app.yaml:", "not shown"]);
    };
    many("ports", &|i| format!("p{i}: 80"));
    many("volumes", &|i| format!("v{i}: {{}}"));
    many("secrets", &|i| format!("S{i}: plain"));
    many("config", &|i| format!("X{i}: [a]"));
    many("labels", &|i| format!("l{i}: {{a: b}}"));
    many("health", &|i| format!("h{i}: {{}}"));
}

#[test]
fn a_hundred_thousand_apps_that_do_not_exist() {
    let mut text = String::new();
    (0..100_000).for_each(|i| writeln!(text, "a{i}: \"1\"").unwrap());
    refused(&small().file(VERSIONS, &text), &["error[unknown-app]", "versions.yaml:1:1", "not shown"]);
}

#[test]
fn a_thousand_environments_with_a_large_app() {
    let mut app = "image: nginx\nconfig:\n".to_owned();
    (0..2_000).for_each(|i| writeln!(app, "  X{i}: \"{{{{ nope }}}}\"").unwrap());
    let repo = small().file(APP, &app);
    for i in 0..100 {
        repo.write(&format!("environments/e{i}/environment.yaml"), "platform: kubernetes\nnamespace: x\n");
        repo.write(&format!("environments/e{i}/versions.yaml"), "web: \"1\"\n");
    }
    refused(&repo, &["error[undefined-variable]", "app.yaml:3:", "not shown"]);
}

#[test]
fn globs_that_explode() {
    let stars = "*a".repeat(200_000);
    let braces = "{a,".repeat(5_000);
    let product = "{a,b,c,d}".repeat(20_000);
    let class = format!("[{}]", "a-z".repeat(200_000));
    let long = "x".repeat(1 << 20);
    for glob in [&stars, &braces, &product, &class, &long] {
        let text = format!("platform: kubernetes\ndelivery: {{inline: [\"{glob}/{glob}\"]}}\n");
        let repo = small().file(ENVIRONMENT, &text).file(APP, "image: nginx\nsecrets: {A: plain}\n");
        refused(&repo, &["error["]);
        let text = format!("platform: kubernetes\nallow:\n  \"{glob}\": [\"vault:kv/x\"]\n");
        let repo =
            small().file(ENVIRONMENT, &text).file(APP, "image: nginx\nsecrets: {A: ref+vault://kv/x#/y}\n");
        refused(&repo, &["error["]);
        let text = format!("platform: kubernetes\nallow: {{\"*\": [\"vault:kv/{glob}\"]}}\n");
        let repo = small()
            .file(ENVIRONMENT, &text)
            .file(APP, &format!("image: nginx\nsecrets: {{A: \"ref+vault://kv/{}#/y\"}}\n", "a".repeat(900)));
        refused(&repo, &["error["]);
    }
}

#[test]
fn many_patterns_for_many_pointers() {
    let mut environment = "platform: kubernetes\nallow:\n  \"*\":\n".to_owned();
    (0..2_000).for_each(|i| writeln!(environment, "    - vault:kv/**/x{i}/*").unwrap());
    let mut app = "image: nginx\nsecrets:\n".to_owned();
    (0..2_000).for_each(|i| writeln!(app, "  S{i}: ref+vault://kv/a/b/c/{i}#/y").unwrap());
    let repo = small().file(ENVIRONMENT, &environment).file(APP, &app);
    refused(&repo, &["error[out-of-scope]", "app.yaml:3:"]);
}

#[test]
fn characters_of_tokens() {
    for forged in ["\u{e5ec}00000000l00000000\u{e5ed}", "\u{e5ec}", "\u{e5ed}"] {
        for text in [
            format!("image: nginx\nconfig: {{X: \"a{forged}b\"}}\n"),
            format!("image: nginx\nconfig: {{\"X{forged}\": y}}\n"),
            format!("image: nginx\nlabels: {{\"X{forged}\": y}}\n"),
            format!("image: nginx\nlabels: {{x: \"{forged}\"}}\n"),
            format!("image: \"nginx{forged}\"\n"),
            format!("image: nginx\ncommand: [\"{forged}\"]\n"),
        ] {
            let checked = refused(&small().file(APP, &text), &["error["]);
            assert!(!checked.stdout.contains("not shown"), "{}", short(&checked));
        }
        refused(&small().file(VERSIONS, &format!("web: \"1{forged}\"\n")), &["error[", "versions.yaml:1:"]);
        refused(
            &small().file(ENVIRONMENT, &format!("platform: kubernetes\nnamespace: \"a{forged}\"\n")),
            &["error["],
        );
    }
    let made = "image: nginx\nconfig: {X: \"{{ '\\\\ue5ec' }}\"}\n";
    let shown = run(&small().file(APP, made).path(""), ["preview", "prod"], "");
    assert!(shown.code == 2 || shown.stdout.contains("ue5ec"), "{}", short(&shown));
}
