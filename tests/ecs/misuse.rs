//! What somebody is told who forgets something, or says what AWS hasn't: the places and the next steps.

use crate::bare;
use crate::support::{Repo, Run};

const NETWORK: &str = "platforms: { ecs: { subnets: [subnet-1] } }\n";
const SIZE: &str = "defaults: { platforms: { ecs: { task: { cpu: 256, memory: 512 } } } }\n";
const REGION: &str = "stores: { awssecrets: { region: eu-west-1, account: \"123456789012\" } }\n";
const ALLOW: &str = "allow: { web: [\"awssecrets:prod/**\"] }\n";
const SECRET: &str = "secrets: { A: \"ref+awssecrets://prod/db\" }\n";

fn check(environment: &[&str], app: &str) -> Run {
    bare(&environment.concat(), app).run(["check"])
}

/// Whether the texts follow each other.
#[track_caller]
fn in_order(run: &Run, texts: &[&str]) {
    let mut rest = run.stdout.as_str();
    for text in texts {
        let (_, after) = rest.split_once(text).unwrap_or_else(|| panic!("no {text:?} there\n{run}"));
        rest = after;
    }
}

#[test]
fn an_environment_without_subnets_is_told_where_to_say_them() {
    check(&[SIZE], "")
        .exits(1)
        .prints("of service.json: a task with a network of its own needs a subnet")
        .prints("`platforms: { ecs: { subnets: [subnet-…] } }` in environment.yaml");
    check(&[SIZE], "kind: job\n").exits(1).prints("of run-task.json: a task with a network");
    check(&[SIZE, REGION], "kind: cron\nschedule: \"0 3 * * *\"\n")
        .exits(1)
        .prints("of schedule.json: a task with");
}

#[test]
fn secrets_need_a_role_that_reads_them() {
    check(&[NETWORK, SIZE, REGION, ALLOW], SECRET)
        .exits(1)
        .prints("a task with secrets needs `executionRoleArn`")
        .prints("`platforms: { ecs: { executionRole: arn:… } }` in environment.yaml");
    check(&[NETWORK, SIZE], "").succeeds();
}

/// Saying where the store is comes before a permission that it then needs no more.
#[test]
fn a_secret_without_region_or_account_is_told_to_say_them_first() {
    for store in ["", "stores: { awssecrets: { region: eu-west-1 } }\n"] {
        let run = check(&[NETWORK, SIZE, ALLOW, store], SECRET).exits(1);
        in_order(
            &run,
            &[
                "error[inline-not-permitted]",
                "--> apps/web/app.yaml:2:15",
                "help: a reference of ecs has region and account in it: say them",
                "help: if it should: add `delivery: { inline: [web/A] }`",
            ],
        );
    }
    // What no configuration makes a reference of is permitted or not.
    let run = check(&[NETWORK, SIZE, REGION, ALLOW], "secrets: { A: \"ref+awssecrets://prod/db#/a/b\" }\n")
        .exits(1);
    in_order(&run, &["help: if it should: add", "help: a reference of ecs has one field at most"]);
}

#[test]
fn a_schedule_is_told_what_its_environment_has_to_say() {
    let run = check(&[NETWORK, SIZE], "kind: cron\nschedule: \"*/5 * * * *\"\n").exits(1);
    run.prints("`Target.EcsParameters` of schedule.json: a schedule needs `TaskDefinitionArn`")
        .prints("`Target` of schedule.json: a schedule needs `Arn`")
        .prints("region and account stand: say them in environment.yaml, as in `stores: { awsssm:")
        .prints("a schedule needs `RoleArn`")
        .prints("`platforms: { ecs: { schedulerRole: arn:… } }` in environment.yaml")
        .never_shows("missing key");
}

#[test]
fn a_schedule_that_aws_cant_say_is_refused_at_its_line() {
    for cron in ["0 3 1 * 1", "0 3 1-7 * MON"] {
        check(&[NETWORK, SIZE], &format!("kind: cron\nschedule: \"{cron}\"\n"))
            .exits(1)
            .prints("error[not-on-platform]: `prod/web` says a `schedule.cron` that ecs hasn't")
            .prints("--> apps/web/app.yaml:3:11")
            .prints("either days of the month or days of the week");
    }
}

#[test]
fn a_strategy_that_places_nothing_is_refused() {
    let said = |providers: &str| {
        check(&[NETWORK, SIZE], &format!("platforms: {{ ecs: {{ capacityProviders: [{providers}] }} }}\n"))
    };
    said("{ name: FARGATE_SPOT, weight: 3 }, { name: FARGATE, weight: 1, base: 1 }").succeeds();
    said("{ name: FARGATE_SPOT }").succeeds();
    said("{ name: FARGATE, weight: 1, base: 1 }, { name: FARGATE_SPOT, base: 2 }")
        .exits(1)
        .prints("only one capacity provider has a base")
        .prints("--> apps/web/app.yaml:2:88");
    for none in
        ["{ name: FARGATE, weight: 0 }, { name: FARGATE_SPOT }", "{ name: FARGATE }, { name: FARGATE_SPOT }"]
    {
        said(none).exits(1).prints("no capacity provider has a weight").prints("say a `weight` above 0");
    }
    said("{ name: FARGAT_SPOT }")
        .exits(1)
        .prints("did you mean `FARGATE_SPOT`?")
        .prints("--> apps/web/app.yaml:2:49");
    said("{ name: my-instances, weight: 1 }").exits(1).prints("expected `FARGATE` or `FARGATE_SPOT`");
    said("FARGATE").exits(1).prints("expected a mapping, found a string");
    said("{ name: FARGATE, wieght: 1 }").exits(1).prints("did you mean `weight`?");
    check(
        &[NETWORK, SIZE, REGION],
        "kind: cron\nschedule: \"0 3 * * *\"\nplatforms: { ecs: { capacityProviders: [{ name: FARGATE }, { name: FARGATE_SPOT }] } }\n",
    )
    .exits(1)
    .prints("`Target.EcsParameters.CapacityProviderStrategy` of schedule.json: no capacity provider has a weight");
}

#[test]
fn a_wrong_size_is_told_the_right_ones() {
    let said = |task: &str, app: &str| {
        check(&[NETWORK], &format!("platforms: {{ ecs: {{ task: {task} }} }}\n{app}")).exits(1)
    };
    said("{ cpu: 512, memory: 8192 }", "")
        .prints("expected 1024, 2048, 3072 or 4096")
        .prints("app.yaml:2:47");
    said("{ cpu: 300, memory: 512 }", "").prints("expected 256, 512, 1024, 2048, 4096, 8192, 16384 or 32768");
    said("{ cpu: 500m, memory: 1Gi }", "")
        .prints("an amount such as `256m` is a container's share")
        .prints("an amount such as `512Mi` is a container's");
    said("{ cpu: 256, memory: 512 }", "resources: { cpu: 500m, memory: 600Mi }\n")
        .prints("the containers ask for 512 of `cpu`, and the task has 256")
        .prints("the smallest size that holds the containers is `task: { cpu: 512, memory: 1024 }`");
    said("{ cpu: 256 }", "").prints("this one has no memory");
    check(&[NETWORK], "").exits(1).prints("this one has neither").prints("in app.yaml or in `defaults`");
}

/// One family or one service of two apps would be two revisions of each other.
#[test]
fn two_apps_of_one_name_are_refused() {
    let repo = |web: &str, api: &str| -> Run {
        let repo: Repo = bare(&[NETWORK, SIZE].concat(), web)
            .file("environments/prod/versions.yaml", "web: 1\napi: 1\n")
            .file("apps/api/app.yaml", &format!("image: api\n{api}"));
        repo.run(["check"])
    };
    let family = "platforms: { ecs: { family: shop } }\n";
    repo(family, family)
        .exits(1)
        .prints("error[same-object]")
        .prints("the task definition `shop` is made twice")
        .prints("apps/web/app.yaml:2:29")
        .prints("apps/api/app.yaml:2:29");
    let service = "platforms: { ecs: { serviceName: shop } }\n";
    repo(service, service).exits(1).prints("error[same-object]").prints("`shop` is made twice");
    repo("name: shop\n", "name: shop\n")
        .exits(1)
        .prints("the task definition `shop-prod-shop` is made twice")
        .prints("the service `shop` is made twice")
        .prints("apps/web/app.yaml:2:7")
        .prints("apps/api/app.yaml:2:7");
    repo("", "").succeeds();
}
