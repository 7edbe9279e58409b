//! Secrets that are resolved: parameters, applied first, and nothing else.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use crate::support::Repo;
use crate::{read, render, shop, text};

const CANARY: &str = "canary-5f1d \"quoted\" $HOME";
const ENVIRONMENT: &str = "delivery: { inline: [web/*] }\n";

#[test]
fn a_value_stands_in_its_parameter_and_nowhere_else() {
    let repo = sealed("");
    let folder = render(&repo, "prod");
    let parameters = read(&folder, "web/secrets.json");
    assert_eq!(
        parameters,
        json!([
            { "Name": "/shop/prod/web/TOKEN", "Type": "SecureString", "Value": CANARY, "Overwrite": true },
            { "Name": "/shop/prod/web/URL", "Type": "SecureString", "Value": format!("x://{CANARY}"), "Overwrite": true },
        ])
    );
    let path = folder.path().join("out/web/secrets.json");
    let mode = fs::metadata(&path).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    for file in ["task-definition.json", "service.json"] {
        assert!(!text(&folder.path().join("out/web").join(file)).contains("canary-5f1d"), "{file}");
    }
    let task = read(&folder, "web/task-definition.json");
    assert_eq!(
        task["containerDefinitions"][0]["secrets"],
        json!([
            { "name": "TOKEN", "valueFrom": "/shop/prod/web/TOKEN" },
            { "name": "URL", "valueFrom": "/shop/prod/web/URL" },
        ])
    );
}

/// A parameter that changes restarts nothing: another revision of the task definition does, which says nothing of
/// what changed to the app.
#[test]
fn a_rotation_makes_another_revision() {
    let repo = sealed("");
    let first = read(&render(&repo, "prod"), "web/task-definition.json");
    let again = read(&render(&repo, "prod"), "web/task-definition.json");
    assert_eq!(first, again);
    repo.run_with(["secret", "set", "prod/web", "TOKEN"], "another").succeeds();
    let second = read(&render(&repo, "prod"), "web/task-definition.json");
    let label = |task: &Value| {
        task["containerDefinitions"][0]["dockerLabels"]["sealwright.secrets"].as_str().map(str::to_owned)
    };
    assert!(label(&first).is_some() && label(&first) != label(&second));
    let without = |mut task: Value| {
        task["containerDefinitions"][0]["dockerLabels"] = Value::Null;
        task
    };
    assert_eq!(without(first), without(second));
}

/// No template, no patch and no document of the repo puts a value elsewhere.
#[test]
fn a_task_definition_takes_no_value() {
    let repo = sealed("");
    let print = |text: &str| {
        repo.write("apps/web/manifests/ecs/task.yaml", text);
        repo.run(["render", "prod", "--identity", &crate::fixture("demo-identity.txt").to_string_lossy()])
    };
    print(
        "containerDefinitions:\n  - environment:\n      - { name: TOKEN, value: \"{{ secrets.TOKEN }}\" }\n",
    )
    .exits(2)
    .complains("error[secret-outside-sink]")
    .never_shows("canary-5f1d");
}

#[test]
fn the_environment_says_where_parameters_lie_and_who_can_read_them() {
    let repo = sealed("");
    let environment = repo.read("environments/prod/environment.yaml");
    let settings = "platforms: { ecs: { parameters: { prefix: /a/b, key: alias/c, tier: Advanced } } }\n";
    repo.write("environments/prod/environment.yaml", &format!("{environment}{settings}"));
    let folder = render(&repo, "prod");
    let first = read(&folder, "web/secrets.json")[0].clone();
    assert_eq!(
        (&first["Name"], &first["KeyId"], &first["Tier"]),
        (&json!("/a/b/web/TOKEN"), &json!("alias/c"), &json!("Advanced"))
    );
    let task = read(&folder, "web/task-definition.json");
    assert_eq!(task["containerDefinitions"][0]["secrets"][0]["valueFrom"], "/a/b/web/TOKEN");
}

/// A container beside the app's own may be the only one that receives a secret.
#[test]
fn what_a_sidecar_alone_receives_is_delivered_too() {
    let repo = sealed("sidecars: { s: { image: \"s:1\", secrets: { S: ALONE } } }\n");
    let own = repo.read("apps/web/prod.yaml");
    repo.write(
        "apps/web/prod.yaml",
        &format!("{own}  ALONE: {{ value: \"{{{{ secrets.TOKEN }}}}!\", env: null }}\n"),
    );
    let folder = render(&repo, "prod");
    let parameters = read(&folder, "web/secrets.json");
    assert_eq!(
        (&parameters[2]["Name"], &parameters[2]["Value"]),
        (&json!("/shop/prod/web/ALONE"), &json!(format!("{CANARY}!")))
    );
    let task = read(&folder, "web/task-definition.json");
    assert_eq!(task["containerDefinitions"][1]["secrets"][0]["valueFrom"], "/shop/prod/web/ALONE");
}

/// One app with an encrypted and a composed secret.
fn sealed(app: &str) -> Repo {
    let repo = shop(ENVIRONMENT, app);
    repo.run_with(["secret", "set", "prod/web", "TOKEN"], CANARY).succeeds();
    let own = repo.read("apps/web/prod.yaml");
    repo.write("apps/web/prod.yaml", &format!("{own}  URL: \"x://{{{{ secrets.TOKEN }}}}\"\n"));
    repo
}
