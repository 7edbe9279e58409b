//! Secrets that ECS dereferences itself: `valueFrom`, and what it has no place for.

use serde_json::Value;

use crate::{read, render, shop};

const STORES: &str = "stores:\n  awssecrets: { region: eu-west-1, account: \"123456789012\" }\n  \
    awsssm: { region: eu-west-1, account: \"123456789012\" }\n";

#[test]
fn a_pointer_becomes_what_ecs_dereferences() {
    let manager = "arn:aws:secretsmanager:eu-west-1:123456789012:secret";
    let parameter = "arn:aws:ssm:eu-west-1:123456789012:parameter";
    for (pointer, expected) in [
        ("ref+awssecrets://prod/db", format!("{manager}:prod/db")),
        ("ref+awssecrets://prod/db#/password", format!("{manager}:prod/db:password::")),
        ("ref+awssecrets://prod/db?version_stage=AWSPREVIOUS", format!("{manager}:prod/db::AWSPREVIOUS:")),
        (
            "ref+awssecrets://prod/db?version_id=9d4cb84b#/password",
            format!("{manager}:prod/db:password::9d4cb84b"),
        ),
        ("ref+awssecrets://prod/db-AbCdEf#/password", format!("{manager}:prod/db-AbCdEf:password::")),
        (
            "ref+awssecrets://prod/db?region=us-east-1",
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db".to_owned(),
        ),
        (
            "ref+awssecrets://arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf#/a",
            format!("{manager}:prod/db-AbCdEf:a::"),
        ),
        (
            "ref+awssecrets://prod/db?region=cn-north-1",
            "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:prod/db".to_owned(),
        ),
        (
            "ref+awssecrets://prod/db?region=us-gov-west-1",
            "arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:prod/db".to_owned(),
        ),
        ("ref+awsssm:///prod/db", format!("{parameter}/prod/db")),
        ("ref+awsssm://prod", format!("{parameter}/prod")),
        (
            "ref+awsssm:///prod/db?region=us-east-1",
            "arn:aws:ssm:us-east-1:123456789012:parameter/prod/db".to_owned(),
        ),
    ] {
        let allow = "allow:\n  web: [\"awssecrets:prod/**\", \"awssecrets:prod/**?region=*\", \"awsssm:/prod/**\", \
            \"awsssm:prod\", \"awsssm:/prod/**?region=*\"]\n";
        assert_eq!(value_from(&format!("{STORES}{allow}"), pointer), expected, "{pointer}");
    }
}

#[test]
fn a_parameter_is_found_by_its_name_at_home() {
    assert_eq!(value_from("allow: { web: [\"awsssm:/prod/**\"] }\n", "ref+awsssm:///prod/db"), "/prod/db");
}

#[test]
fn a_stage_and_a_version_exclude_each_other() {
    let secret =
        "secrets: { A: \"ref+awssecrets://prod/db?version_stage=AWSCURRENT&version_id=9d4cb84b\" }\n";
    shop(&format!("{STORES}allow: {{ web: [\"awssecrets:prod/**\"] }}\n"), secret)
        .run(["check"])
        .exits(1)
        .prints("a stage and a version exclude each other")
        .prints("--> apps/web/app.yaml:2:");
}

#[test]
fn what_ecs_has_no_place_for_wants_a_permission() {
    let allow =
        "allow: { web: [\"awssecrets:**\", \"awsssm:/**\", \"awsssm:/**?region=*\", \"vault:**\"] }\n";
    for (stores, pointer) in [
        (STORES, "ref+awssecrets://prod/db#/a/b"),
        (STORES, "ref+awssecrets://prod/db#/a:b"),
        (STORES, "ref+awssecrets://prod/db:x#/a"),
        (STORES, "ref+awsssm:///prod/db#/a"),
        (STORES, "ref+awsssm:///prod/db?version=3"),
        (STORES, "ref+vault://kv/prod/db#/a"),
        ("", "ref+awssecrets://prod/db"),
        ("", "ref+awsssm:///prod/db?region=us-east-1"),
    ] {
        let app = format!("secrets:\n  PASSWORD: \"{pointer}\"\n");
        let run = shop(&format!("{stores}{allow}"), &app).run(["preview", "prod"]).exits(2);
        run.complains("error[inline-not-permitted]").complains("apps/web/app.yaml:3");
    }
}

/// A reference that a template writes itself is held to `allow:` like any other, whatever stands behind the name.
#[test]
fn a_literal_reference_is_held_to_the_scope() {
    let task = |arn: &str| {
        format!("containerDefinitions:\n  - secrets:\n      - {{ name: A, valueFrom: \"{arn}\" }}\n")
    };
    let repo = shop(&format!("{STORES}allow: {{ web: [\"awssecrets:prod/web\"] }}\n"), "");
    for (arn, is_fine) in [
        ("arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/web:password:AWSCURRENT:9d4cb84b", true),
        ("arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/web-AbCdEf:password::", true),
        ("arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/other:password::", false),
        ("arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/web:password::", false),
        ("arn:aws:secretsmanager:eu-west-1:999999999999:secret:prod/web", false),
        ("arn:aws:ssm:eu-west-1:123456789012:parameter/prod/web", false),
    ] {
        repo.write("apps/web/manifests/ecs/task.yaml", &task(arn));
        let run = repo.run(["preview", "prod"]);
        match is_fine {
            true => run.succeeds(),
            false => run.exits(2).complains("error[out-of-scope]"),
        };
    }
}

/// The `valueFrom` of the one secret of an app.
fn value_from(environment: &str, pointer: &str) -> String {
    let folder = render(&shop(environment, &format!("secrets:\n  PASSWORD: \"{pointer}\"\n")), "prod");
    let task = read(&folder, "web/task-definition.json");
    let value = &task["containerDefinitions"][0]["secrets"][0]["valueFrom"];
    value.as_str().map_or_else(|| panic!("{value}"), str::to_owned)
}

/// Nothing is fetched, so nothing has to be reached.
#[test]
fn no_store_is_asked_for_what_ecs_dereferences() {
    let folder = render(
        &shop(
            &format!("{STORES}allow: {{ web: [\"awssecrets:prod/db\"] }}\n"),
            "secrets: { A: \"ref+awssecrets://prod/db\" }\n",
        ),
        "prod",
    );
    assert!(!folder.path().join("out/web/secrets.json").exists());
    let task: Value = read(&folder, "web/task-definition.json");
    assert_eq!(task["containerDefinitions"][0].get("dockerLabels"), None);
}
