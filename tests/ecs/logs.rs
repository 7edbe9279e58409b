//! Where containers log to, and what a driver of logs is told that is secret.

use serde_json::json;

use crate::{read, render, shop};

const ENVIRONMENT: &str = "stores: { awssecrets: { region: eu-west-1, account: \"123456789012\" } }\n\
    allow: { web: [\"awssecrets:prod/**\"] }\n";
const SPLUNK: &str = "secrets: { SPLUNK: { value: \"ref+awssecrets://prod/splunk#/token\", env: null } }\n";

/// What the app's `platforms.ecs` says of logs.
fn logs(text: &str) -> String {
    format!("sidecars: {{ s: {{ image: \"s:1\" }} }}\nplatforms: {{ ecs: {{ logs: {text} }} }}\n")
}

#[test]
fn a_driver_is_given_its_token_by_reference() {
    let said = logs(
        "{ driver: splunk, options: { splunk-url: \"https://s\" }, secretOptions: { splunk-token: SPLUNK } }",
    );
    let repo = shop(ENVIRONMENT, &format!("{SPLUNK}{said}"));
    repo.run(["check"]).succeeds().complains("nothing found");
    let folder = render(&repo, "prod");
    let task = read(&folder, "web/task-definition.json");
    let token = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/splunk:token::";
    for container in task["containerDefinitions"].as_array().expect("it has containers") {
        assert_eq!(
            container["logConfiguration"],
            json!({
                "logDriver": "splunk",
                "options": { "splunk-url": "https://s" },
                "secretOptions": [{ "name": "splunk-token", "valueFrom": token }],
            })
        );
        // The app itself never sees it.
        assert_eq!(container.get("secrets"), None);
    }
    assert!(!folder.path().join("out/web/secrets.json").exists());
}

/// What the environment says for all apps, each adds to; an encrypted token is a parameter like any other secret.
#[test]
fn an_encrypted_token_becomes_a_parameter() {
    let environment = "delivery: { inline: [web/*] }\ndefaults: { platforms: { ecs: { logs: { driver: splunk, \
        options: { splunk-url: \"https://s\" }, secretOptions: { splunk-token: SPLUNK } } } } }\n";
    let repo = shop(environment, "");
    repo.run_with(["secret", "set", "prod/web", "TOKEN"], "canary-9c1e").succeeds();
    let own = repo.read("apps/web/prod.yaml");
    let composed = "  SPLUNK: { value: \"t {{ secrets.TOKEN }}\", env: null }\n";
    repo.write("apps/web/prod.yaml", &format!("{own}{composed}"));
    let folder = render(&repo, "prod");
    let task = read(&folder, "web/task-definition.json");
    let container = &task["containerDefinitions"][0];
    assert_eq!(container["logConfiguration"]["secretOptions"][0]["valueFrom"], "/shop/prod/web/SPLUNK");
    assert_eq!(container["secrets"], json!([{ "name": "TOKEN", "valueFrom": "/shop/prod/web/TOKEN" }]));
    assert_eq!(read(&folder, "web/secrets.json")[1]["Value"], "t canary-9c1e");
}

#[test]
fn a_token_is_a_secret_of_the_app() {
    let said = |secret: &str, options: &str| {
        shop(
            &format!("{ENVIRONMENT}delivery: {{ inline: [web/*] }}\n"),
            &format!("{secret}{}", logs(options)),
        )
        .run(["check"])
    };
    said(SPLUNK, "{ driver: splunk, options: { splunk-url: a }, secretOptions: { splunk-token: SPLUNC } }")
        .exits(1)
        .prints("error[unknown-secret]")
        .prints("did you mean `SPLUNK`?")
        .prints("--> apps/web/app.yaml:4:");
    said("", "{ driver: splunk, options: { splunk-url: a } }")
        .exits(1)
        .prints("the log driver `splunk` needs the option `splunk-token`");
}

#[test]
fn a_driver_has_its_own_options_and_no_others() {
    for (said, expected) in [
        (
            "{ driver: awslogs, group: g, region: eu-west-1 }",
            json!({ "logDriver": "awslogs", "options": {
                "awslogs-group": "g", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "web" } }),
        ),
        (
            "{ region: eu-west-1, prefix: p }",
            json!({ "logDriver": "awslogs", "options": {
                "awslogs-group": "/ecs/shop-prod-web", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "p" } }),
        ),
        (
            "{ driver: splunk, group: g, options: { splunk-url: u, splunk-token: \"none\" } }",
            json!({ "logDriver": "splunk", "options": { "splunk-url": "u", "splunk-token": "none" } }),
        ),
    ] {
        let folder = render(&shop("", &logs(said)), "prod");
        let task = read(&folder, "web/task-definition.json");
        assert_eq!(task["containerDefinitions"][0]["logConfiguration"], expected, "{said}");
    }
}
