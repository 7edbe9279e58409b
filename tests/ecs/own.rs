//! What a repo adds to the files of ECS: patches of them, and files of its own.

use serde_json::{Value, json};

use crate::support::Repo;
use crate::{read, render, shop, text};

const STORES: &str = "stores: { awssecrets: { region: eu-west-1, account: \"123456789012\" } }\n\
    allow: { web: [\"awssecrets:prod/**\"] }\n";
const SECRET: &str = "secrets: { A: \"ref+awssecrets://prod/db\" }\n";

fn patched(patches: &str) -> Repo {
    shop(STORES, &format!("{SECRET}platforms: {{ ecs: {{ patches: {{ {patches} }} }} }}\n"))
}

#[test]
fn a_patch_names_what_the_file_is() {
    for (patches, file, pointer, expected) in [
        (
            "service: { availabilityZoneRebalancing: ENABLED }",
            "service",
            "/availabilityZoneRebalancing",
            "ENABLED",
        ),
        (
            "service: { launchType: null, schedulingStrategy: REPLICA }",
            "service",
            "/schedulingStrategy",
            "REPLICA",
        ),
        (
            "service: [{ op: replace, path: /launchType, value: EXTERNAL }]",
            "service",
            "/launchType",
            "EXTERNAL",
        ),
        (
            "task-definition: [{ op: add, path: /pidMode, value: task }]",
            "task-definition",
            "/pidMode",
            "task",
        ),
        (
            "task-definition: { runtimePlatform: { cpuArchitecture: ARM64 } }",
            "task-definition",
            "/runtimePlatform/cpuArchitecture",
            "ARM64",
        ),
        (
            "task-definition: [{ op: add, path: /containerDefinitions/0/workingDirectory, value: /srv }]",
            "task-definition",
            "/containerDefinitions/0/workingDirectory",
            "/srv",
        ),
    ] {
        let folder = render(&patched(patches), "prod");
        let file = read(&folder, &format!("web/{file}.json"));
        assert_eq!(file.pointer(pointer), Some(&json!(expected)), "{patches}");
    }
    let folder = render(&patched("service: { launchType: null }"), "prod");
    assert_eq!(read(&folder, "web/service.json").get("launchType"), None);
}

#[test]
fn a_patch_that_is_wrong_is_told_what_there_is() {
    for (patches, code, said) in [
        ("servce: { a: b }", "patch-without-target", "did you mean `service`?"),
        ("TaskDefinition: { a: b }", "patch-without-target", "`task-definition`"),
        ("service.json: { a: b }", "schema-violation", "expected a kind"),
        ("schedule: { State: DISABLED }", "patch-without-target", "kind `service`, `task-definition`"),
        (
            "service: [{ op: replace, path: /desiredCuont, value: 2 }]",
            "patch-failed",
            "did you mean `desiredCount`?",
        ),
        ("service: { launchTipe: FARGATE }", "bad-manifest", "`launchTipe` of service.json: unknown key"),
    ] {
        let run = patched(patches).run(["check"]).exits(1);
        run.prints(&format!("error[{code}]")).prints(said).prints("--> apps/web/app.yaml:3:");
    }
}

/// An encrypted secret stands in `secrets.json` alone, and no patch reaches it there.
#[test]
fn a_patch_leaves_secrets_where_they_are() {
    for patch in [
        "secrets: [{ op: remove, path: /0/Value }]",
        "secrets: [{ op: replace, path: /0/Value, value: x }]",
        "secrets: [{ op: move, from: /0/Value, path: /0/Description }]",
        "secrets: [{ op: copy, from: /0/Value, path: /0/Description }]",
        "secrets: [{ op: remove, path: /0 }]",
        "secrets: { a: b }",
    ] {
        let repo = sealed(&format!("platforms: {{ ecs: {{ patches: {{ {patch} }} }} }}\n"));
        repo.run(["check"]).exits(1).prints("error[patch-of-secret]").never_shows("canary-77aa");
    }
    let repo = sealed(
        "platforms: { ecs: { patches: { secrets: [{ op: add, path: /0/Description, value: of web }] } } }\n",
    );
    let parameters = read(&render(&repo, "prod"), "web/secrets.json");
    assert_eq!(
        (&parameters[0]["Value"], &parameters[0]["Description"]),
        (&json!("canary-77aa"), &json!("of web"))
    );
}

/// A template is called as the file that it becomes.
#[test]
fn a_document_called_as_a_file_of_the_pack_is_that_file() {
    let repo = shop("", "").file("apps/web/app.yaml", "kind: manifests\n").file(
        "apps/web/manifests/ecs/task-definition.yaml",
        "family: {{ app.name }}\nnetworkMode: awsvpc\nrequiresCompatibilities: [FARGATE]\ncpu: '256'\nmemory: '512'\n\
         containerDefinitions: [{ name: a, image: \"b:{{ app.version }}\" }]\n",
    );
    let folder = render(&repo, "prod");
    let task = read(&folder, "web/task-definition.json");
    assert_eq!((&task["family"], &task["containerDefinitions"][0]["image"]), (&json!("web"), &json!("b:1")));
    assert!(!folder.path().join("out/web/service.json").exists());
    // It is held against the same rules, and patched by the same name.
    let file = "apps/web/manifests/ecs/task-definition.yaml";
    let right = repo.read(file);
    repo.write(file, &right.replace("'512'", "'700'"));
    repo.run(["check"])
        .exits(1)
        .prints("error[bad-task-size]")
        .prints("of task-definition.json")
        .prints(file);
    repo.write(file, &right);
    repo.write(
        "apps/web/app.yaml",
        "kind: manifests\nplatforms: { ecs: { patches: { task-definition: { pidMode: task } } } }\n",
    );
    assert_eq!(read(&render(&repo, "prod"), "web/task-definition.json")["pidMode"], "task");
}

#[test]
fn what_the_pack_makes_isnt_made_again() {
    let file = "apps/web/manifests/ecs/service.yaml";
    let repo = shop("", "").file(file, "serviceName: b\ntaskDefinition: shop-prod-web\n");
    repo.run(["check"])
        .exits(1)
        .prints("error[output-clash]: `service.json` of `prod/web`: the pack makes the file already")
        .prints(&format!("--> {file}:1:1"))
        .prints("`platforms.ecs.patches`");
    let file = "apps/web/manifests/ecs/dashboard.yaml";
    let repo = shop("", "").file(file, "a: 1\n---\na: 2\n");
    repo.run(["check"]).exits(1).prints("`dashboard.json` of `prod/web`: it is made twice").prints(file);
}

/// Any other file is what its template is called, and a template of the pack that it was meant to be is named.
#[test]
fn another_document_is_a_file_of_its_own_name() {
    let repo = shop("", "")
        .file(
            "apps/web/manifests/ecs/dashboard.yaml",
            "DashboardName: {{ app.name }}\nDashboardBody: \"{}\"\n",
        )
        .file("apps/web/manifests/ecs/alarms.yml", "- AlarmName: a\n- AlarmName: b\n")
        .file("environments/prod/manifests/ecs/cluster.yaml", "clusterName: {{ env.name }}\n")
        .file("environments/prod/manifests/ecs/run-task.yaml", "taskDefinition: seed\n");
    repo.run(["check"]).succeeds().complains("nothing found");
    let folder = render(&repo, "prod");
    let file = |name: &str| -> Value { read(&folder, name) };
    assert_eq!(file("web/dashboard.json"), json!({ "DashboardName": "web", "DashboardBody": "{}" }));
    assert_eq!(file("web/alarms.json"), json!([{ "AlarmName": "a" }, { "AlarmName": "b" }]));
    assert_eq!(file("_environment/cluster.json"), json!({ "clusterName": "prod" }));
    assert_eq!(file("_environment/run-task.json"), json!({ "taskDefinition": "seed" }));
    assert!(text(&folder.path().join("out/web/dashboard.json")).starts_with("{\n"));
    // A folder that was rendered once is ours the next time.
    let out = folder.path().join("out");
    let mut again = repo.command(["render", "prod", "--out-dir"]);
    again.arg(&out);
    crate::support::Run::of(&mut again, b"").succeeds();

    repo.write("apps/web/manifests/ecs/servise.yaml", "serviceName: a\n");
    repo.run(["check"]).prints("warning[unknown-kind]").prints("did you mean `service`?");
}

#[test]
fn a_document_of_ones_own_takes_a_secret_where_the_pack_does() {
    let repo = sealed("");
    let file = "apps/web/manifests/ecs/dashboard.yaml";
    repo.write(file, "- Name: x\n  Value: {{ secrets.TOKEN }}\n");
    repo.run(["check"]).exits(1).prints("error[secret-outside-sink]").prints(file);
    let repo = Repo::new()
        .file("sealwright.yaml", &repo.read("sealwright.yaml"))
        .file("environments/prod/environment.yaml", "platform: ecs\ndelivery: { inline: [web/*] }\n")
        .file("environments/prod/versions.yaml", "web: 1\n")
        .file("apps/web/app.yaml", "kind: manifests\n")
        .file(
            "apps/web/manifests/ecs/secrets.yaml",
            "- Name: x\n  Type: SecureString\n  Value: {{ secrets.TOKEN }}\n",
        );
    repo.run_with(["secret", "set", "prod/web", "TOKEN"], "canary-77aa").succeeds();
    assert_eq!(read(&render(&repo, "prod"), "web/secrets.json")[0]["Value"], "canary-77aa");
}

/// One app with an encrypted secret.
fn sealed(app: &str) -> Repo {
    let repo = shop("delivery: { inline: [web/*] }\n", app);
    repo.run_with(["secret", "set", "prod/web", "TOKEN"], "canary-77aa").succeeds();
    repo
}
