//! The files: to the byte, by AWS's own models, by the facts.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Repo, fixture, python};
use crate::{read, render, shop, text};

#[test]
fn every_field_is_rendered_as_expected() {
    golden("ecs", "prod", "ecs/expected");
}

#[test]
fn sock_shop_is_rendered_as_expected() {
    golden("sock-shop", "ecs", "sock-shop/expected/ecs");
}

#[test]
fn sock_shop_is_what_the_facts_describe() {
    let folder = render(&Repo::copy_of("sock-shop"), "ecs");
    let out = folder.path().join("out");
    let facts = fixture("facts/sock-shop.json");
    let compare = || {
        python(
            "ecs/facts.py",
            &[facts.to_str().expect("it is UTF-8"), out.to_str().expect("it is UTF-8")],
            "",
        )
    };
    compare().succeeds();
    let changes = [
        ("carts", "weaveworksdemos/carts:0.4.8", "carts:0.4.9", "carts image"),
        ("front-end", "8079", "8080", "front-end ports"),
        ("user", "user-db:27017", "user-db:1", "user environment"),
        ("catalogue", "\"startPeriod\": 300", "\"startPeriod\": 3", "catalogue grace"),
        ("rabbitmq", "\"FOWNER\",", "", "rabbitmq capabilities"),
    ];
    for (app, from, to, said) in changes {
        let path = out.join(app).join("task-definition.json");
        let whole = text(&path);
        assert!(whole.contains(from), "{app} has {from}");
        fs::write(&path, whole.replace(from, to)).expect("a file can be changed");
        compare().exits(1).prints(said);
        fs::write(&path, whole).expect("a file can be changed");
    }
}

#[test]
fn aws_s_own_models_take_every_file_and_fargate_every_size() {
    for (repo, environment) in [("ecs", "prod"), ("sock-shop", "ecs"), ("retail-store", "fargate")] {
        let folder = render(&Repo::copy_of(repo), environment);
        python("ecs/validate.py", &[&folder.path().to_string_lossy()], "").succeeds();
    }
    let folder = render(&Repo::copy_of("ecs"), "prod");
    let path = folder.path().join("out/night/task-definition.json");
    let whole = text(&path);
    for (from, to, said) in
        [("\"512\"", "\"700\"", "not compatible"), ("\"family\"", "\"famliy\"", "Unknown parameter")]
    {
        fs::write(&path, whole.replace(from, to)).expect("a file can be changed");
        python("ecs/validate.py", &[&folder.path().to_string_lossy()], "").exits(1).prints(said);
    }
}

#[test]
fn what_is_said_nowhere_stands_nowhere() {
    let folder = render(&shop("platforms: { ecs: { executionRole: null } }\n", ""), "prod");
    let task = read(&folder, "web/task-definition.json");
    for key in ["executionRoleArn", "taskRoleArn", "volumes", "ephemeralStorage"] {
        assert_eq!(task.get(key), None, "{key}");
    }
    let container = &task["containerDefinitions"][0];
    for key in [
        "cpu",
        "memory",
        "environment",
        "secrets",
        "healthCheck",
        "dependsOn",
        "logConfiguration",
        "dockerLabels",
    ] {
        assert_eq!(container.get(key), None, "{key}");
    }
    let service = read(&folder, "web/service.json");
    assert_eq!(service["desiredCount"], 1);
    assert_eq!(service.get("serviceConnectConfiguration"), None);
}

#[test]
fn a_share_of_cpu_and_memory_is_in_units_of_ecs() {
    for (resources, expected) in [
        ("{ cpu: 2, memory: 1Gi, limits: { memory: 2Gi } }", (Some(2048), Some(2048), Some(1024))),
        ("{ cpu: 250m, memory: 100M }", (Some(256), Some(95), None)),
        ("{ cpu: 1.5, limits: { memory: 1Gi } }", (Some(1536), Some(1024), None)),
    ] {
        let app = format!(
            "resources: {resources}\nplatforms: {{ ecs: {{ task: {{ cpu: 4096, memory: 8192 }} }} }}\n"
        );
        let task = read(&render(&shop("", &app), "prod"), "web/task-definition.json");
        let amount = |key: &str| task["containerDefinitions"][0].get(key).and_then(Value::as_i64);
        assert_eq!((amount("cpu"), amount("memory"), amount("memoryReservation")), expected, "{resources}");
    }
}

#[test]
fn an_app_says_itself_what_a_container_waits_for() {
    let app = "sidecars: { db: { image: \"db:1\", health: { liveness: { command: [ready] } } }, log: { image: \"log:1\" } }\n\
        init: { wait: { command: [wait] } }\n\
        platforms: { ecs: { containers: { web: { dependsOn: { db: HEALTHY, wait: SUCCESS } } } } }\n";
    let task = read(&render(&shop("", app), "prod"), "web/task-definition.json");
    let waits = |index: usize| task["containerDefinitions"][index]["dependsOn"].clone();
    let on =
        |name: &str, condition: &str| serde_json::json!({ "containerName": name, "condition": condition });
    assert_eq!(waits(0), serde_json::json!([on("db", "HEALTHY"), on("wait", "SUCCESS")]));
    assert_eq!(waits(1), serde_json::json!([on("wait", "SUCCESS")]));
}

#[test]
fn a_volume_is_the_file_system_that_is_said() {
    let access = |point: &str, iam: &str| {
        let app = format!(
            "volumes: {{ data: {{ path: /data, persistent: true, size: 1Gi }} }}\n\
             platforms: {{ ecs: {{ efs: {{ data: {{ fileSystem: fs-0a1b2c3d{point}{iam} }} }} }} }}\n"
        );
        let task = read(&render(&shop("", &app), "prod"), "web/task-definition.json");
        task["volumes"][0]["efsVolumeConfiguration"].clone()
    };
    let with = |extra: Value| {
        let mut all = serde_json::json!({ "fileSystemId": "fs-0a1b2c3d", "transitEncryption": "ENABLED" });
        let fields = extra.as_object().expect("it is a mapping").clone();
        all.as_object_mut().expect("it is a mapping").extend(fields);
        all
    };
    assert_eq!(access("", ""), with(serde_json::json!({})));
    assert_eq!(access(", root: /a", ""), with(serde_json::json!({ "rootDirectory": "/a" })));
    assert_eq!(
        access("", ", iam: true"),
        with(serde_json::json!({ "authorizationConfig": { "iam": "ENABLED" } }))
    );
    let point = serde_json::json!({ "authorizationConfig": { "accessPointId": "fsap-0a1b2c3d4e5f6a7b8" } });
    assert_eq!(access(", accessPoint: fsap-0a1b2c3d4e5f6a7b8", ""), with(point));
}

#[test]
fn the_app_s_own_container_has_the_annotations() {
    let app = "annotations: { a: b }\nsidecars: { s: { image: \"s:1\" } }\n";
    let task = read(&render(&shop("", app), "prod"), "web/task-definition.json");
    assert_eq!(task["containerDefinitions"][0]["dockerLabels"], serde_json::json!({ "a": "b" }));
    assert_eq!(task["containerDefinitions"][1].get("dockerLabels"), None);
}

/// As Kubernetes counts: a share of instances that may be too many is rounded up, of those that may be missing down.
#[test]
fn an_update_is_a_share_of_the_instances() {
    for (update, replicas, expected) in [
        ("{ surge: 1, unavailable: 1 }", 3, (Some(134), Some(66))),
        ("{ surge: 25%, unavailable: 25% }", 1, (Some(200), Some(100))),
        ("{ surge: 25%, unavailable: 25% }", 8, (Some(125), Some(75))),
        ("{ unavailable: 9 }", 3, (None, Some(0))),
        ("{ surge: 2 }", 0, (Some(300), None)),
        ("recreate", 3, (Some(100), Some(0))),
        ("rolling", 3, (None, None)),
    ] {
        let folder = render(&shop("", &format!("replicas: {replicas}\nupdate: {update}\n")), "prod");
        let deployment = read(&folder, "web/service.json")["deploymentConfiguration"].clone();
        let percent = |key: &str| deployment.get(key).and_then(Value::as_i64);
        assert_eq!(
            (percent("maximumPercent"), percent("minimumHealthyPercent")),
            expected,
            "{update} of {replicas}"
        );
    }
}

#[test]
fn the_first_probe_that_a_command_can_ask_is_asked() {
    for (app, expected) in [
        ("health: { liveness: { tcp: true }, readiness: { command: [ready] } }", Some("CMD ready")),
        ("health: { liveness: { http: /live } }", None),
        (
            "probeWith: curl\nhealth: { liveness: { http: /live } }",
            Some("CMD curl -fsS -o /dev/null http://127.0.0.1:8080/live"),
        ),
        (
            "probeWith: wget\nhealth: { startup: { http: /up, port: 9 } }",
            Some("CMD wget -q -O /dev/null http://127.0.0.1:9/up"),
        ),
        ("health: { readiness: { grpc: true } }", None),
    ] {
        let folder = render(&shop("", &format!("ports: {{ http: 8080 }}\n{app}\n")), "prod");
        let task = read(&folder, "web/task-definition.json");
        let words = task["containerDefinitions"][0]["healthCheck"]["command"]
            .as_array()
            .map(|words| words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "));
        assert_eq!(words.as_deref(), expected, "{app}");
    }
}

/// What an app drops and adds again is of the runtime's own set, of which the others are dropped.
#[test]
fn what_an_app_keeps_of_all_capabilities_it_keeps() {
    let drop = |capabilities: &str| {
        let folder = render(&shop("", &format!("security: {{ capabilities: {capabilities} }}\n")), "prod");
        let task = read(&folder, "web/task-definition.json");
        task["containerDefinitions"][0]["linuxParameters"]["capabilities"].clone()
    };
    assert_eq!(drop("{ drop: [ALL] }")["drop"], serde_json::json!(["ALL"]));
    let kept = drop("{ drop: [ALL], add: [CHOWN, SYS_PTRACE] }");
    let dropped = kept["drop"].as_array().expect("they are listed");
    assert!(dropped.len() == 13 && !dropped.contains(&"CHOWN".into()) && !dropped.contains(&"ALL".into()));
    assert_eq!(kept["add"], serde_json::json!(["SYS_PTRACE"]));
    assert_eq!(drop("{ drop: [net_raw] }"), serde_json::json!({ "drop": ["NET_RAW"] }));
    assert_eq!(drop("null"), Value::Null);
}

/// Compares all files but those with cleartext.
fn golden(repo: &str, environment: &str, expected: &str) {
    let folder = render(&Repo::copy_of(repo), environment);
    let expected = fixture(expected);
    let out = folder.path().join("out");
    let rendered = files(&out);
    if std::env::var_os("UPDATE").is_some() {
        let _ = fs::remove_dir_all(&expected);
        for file in &rendered {
            let target = expected.join(file);
            fs::create_dir_all(target.parent().expect("it lies in a folder")).expect("a folder can be made");
            fs::copy(out.join(file), target).expect("what is expected can be written");
        }
    }
    assert_eq!(files(&expected), rendered);
    for file in rendered {
        assert!(text(&expected.join(&file)) == text(&out.join(&file)), "{} differs", file.display());
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for unit in fs::read_dir(folder).expect("the folder is there") {
        let unit = unit.expect("an entry can be read").path();
        if !unit.is_dir() {
            continue;
        }
        for file in fs::read_dir(&unit).expect("the folder is there") {
            let path = file.expect("an entry can be read").path();
            if !path.ends_with("secrets.json") {
                found.push(path.strip_prefix(folder).expect("it lies in the folder").to_path_buf());
            }
        }
    }
    found.sort();
    found
}
