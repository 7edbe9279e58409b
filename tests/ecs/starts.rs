//! What runs once or by a schedule, and the tags of all.

use serde_json::{Value, json};

use crate::{read, render, shop};

const SECRETS: &str = "stores: { awssecrets: { region: eu-west-1, account: \"123456789012\" } }\n";

fn schedule(environment: &str, app: &str) -> Value {
    let app = format!("kind: cron\nschedule: {{ cron: \"0 3 * * *\" }}\n{app}");
    read(&render(&shop(environment, &app), "prod"), "web/schedule.json")
}

#[test]
fn a_schedule_finds_its_cluster_by_region_and_account_or_by_the_arn() {
    let arn = |what: &str| format!("arn:aws:ecs:eu-west-1:123456789012:{what}");
    let plain = schedule(SECRETS, "");
    assert_eq!(plain["Target"]["Arn"], arn("cluster/default"));
    assert_eq!(plain["Target"]["EcsParameters"]["TaskDefinitionArn"], arn("task-definition/shop-prod-web"));
    assert_eq!(plain.get("GroupName"), None);
    let parameters = "stores:\n  awssecrets: { region: us-east-1, account: \"000000000000\" }\n  \
        awsssm: { region: eu-west-1, account: \"123456789012\" }\nplatforms: { ecs: { cluster: a, scheduleGroup: g } }\n";
    let named = schedule(parameters, "");
    assert_eq!((&named["Target"]["Arn"], &named["GroupName"]), (&json!(arn("cluster/a")), &json!("g")));
    let whole = "arn:aws:ecs:us-east-1:123456789012:cluster/b";
    let elsewhere = schedule(&format!("{SECRETS}platforms: {{ ecs: {{ cluster: \"{whole}\" }} }}\n"), "");
    assert_eq!(elsewhere["Target"]["Arn"], whole);
}

#[test]
fn a_schedule_starts_as_many_tasks_as_are_said_where_it_is_said() {
    let parameters = |app: &str| schedule(SECRETS, app)["Target"]["EcsParameters"].clone();
    let plain = parameters("");
    assert_eq!((&plain["TaskCount"], &plain["LaunchType"]), (&json!(1), &json!("FARGATE")));
    assert_eq!(plain.get("CapacityProviderStrategy"), None);
    assert_eq!(parameters("job: { parallelism: 3 }\n")["TaskCount"], 3);
    let spot = "capacityProviders: [{ name: FARGATE_SPOT, weight: 3 }, { name: FARGATE, base: 1 }]";
    let expected = json!([{ "capacityProvider": "FARGATE_SPOT", "weight": 3 }, { "capacityProvider": "FARGATE", "base": 1 }]);
    let own = parameters(&format!("platforms: {{ ecs: {{ {spot} }} }}\n"));
    let all = schedule(&format!("{SECRETS}platforms: {{ ecs: {{ {spot} }} }}\n"), "");
    for strategy in [&own, &all["Target"]["EcsParameters"]] {
        assert_eq!(strategy["CapacityProviderStrategy"], expected);
        assert_eq!(strategy.get("LaunchType"), None);
    }
}

#[test]
fn a_deadline_is_within_the_bounds_of_eventbridge() {
    for (said, expected) in [(1, 60), (60, 60), (300, 300), (86_400, 86_400), (90_000, 86_400)] {
        let app = format!("kind: cron\nschedule: {{ cron: \"0 3 * * *\", deadline: {said} }}\n");
        let made = read(&render(&shop(SECRETS, &app), "prod"), "web/schedule.json");
        assert_eq!(made["Target"]["RetryPolicy"]["MaximumEventAgeInSeconds"], expected, "{said}");
    }
    assert_eq!(schedule(SECRETS, "")["Target"].get("RetryPolicy"), None);
}

#[test]
fn a_job_runs_one_task_unless_it_says_more() {
    for (job, count) in [("", 1), ("job: { parallelism: 3 }\n", 3)] {
        let made = read(&render(&shop("", &format!("kind: job\n{job}")), "prod"), "web/run-task.json");
        assert_eq!(made["count"], count);
    }
}

/// A tag is there once, as the nearest says it: the app's `tags`, its labels, the environment's tags, our own.
#[test]
fn a_tag_is_said_once() {
    let environment = "platforms: { ecs: { tags: { app: env, a: env, b: env, c: env } } }\n";
    let app = "labels: { managed-by: label, a: label, b: label }\nplatforms: { ecs: { tags: { environment: tag, a: tag } } }\n";
    let made = read(&render(&shop(environment, app), "prod"), "web/service.json");
    let tags = made["tags"].as_array().expect("it has tags").iter();
    let mut tags: Vec<String> = tags
        .map(|tag| format!("{}={}", tag["key"].as_str().unwrap_or("?"), tag["value"].as_str().unwrap_or("?")))
        .collect();
    tags.sort();
    assert_eq!(tags, ["a=tag", "app=env", "b=label", "c=env", "environment=tag", "managed-by=label"]);
}

#[test]
fn a_health_check_is_within_the_bounds_of_ecs() {
    for (probe, expected) in [
        ("command: [ok]", json!({ "command": ["CMD", "ok"] })),
        ("command: [ok], delay: 0", json!({ "command": ["CMD", "ok"] })),
        (
            "command: [ok], period: 1, timeout: 1, failures: 11, delay: 301",
            json!({ "command": ["CMD", "ok"], "interval": 5, "timeout": 2, "retries": 10, "startPeriod": 300 }),
        ),
        (
            "command: [ok], period: 301, timeout: 61, failures: 10, delay: 1",
            json!({ "command": ["CMD", "ok"], "interval": 300, "timeout": 60, "retries": 10, "startPeriod": 1 }),
        ),
        (
            "command: [ok], period: 30, timeout: 30, failures: 2, delay: 299",
            json!({ "command": ["CMD", "ok"], "interval": 30, "timeout": 30, "retries": 2, "startPeriod": 299 }),
        ),
    ] {
        assert_eq!(health(&format!("liveness: {{ {probe} }}")), expected, "{probe}");
    }
    // The time that `startup` gives, as Kubernetes counts where nothing is said, and the delay.
    for (startup, expected) in
        [("", 32), ("failures: 5", 52), ("period: 7", 23), ("failures: 2, period: 3", 8)]
    {
        let startup = format!(
            "{}{startup}",
            if startup.is_empty() { "tcp: true, port: 1" } else { "tcp: true, port: 1, " }
        );
        let made = health(&format!("liveness: {{ command: [ok], delay: 2 }}, startup: {{ {startup} }}"));
        assert_eq!(made["startPeriod"], expected, "{startup}");
    }
}

fn health(health: &str) -> Value {
    let folder = render(&shop("", &format!("health: {{ {health} }}\n")), "prod");
    read(&folder, "web/task-definition.json")["containerDefinitions"][0]["healthCheck"].clone()
}
