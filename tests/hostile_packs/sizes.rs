//! Repos that are large in one direction, on the platforms besides Kubernetes.

use std::fmt::Write;

use crate::bounded::{run, short};
use crate::support::Repo;

fn shop(environment: &str) -> Repo {
    Repo::new()
        .file("sealwright.yaml", "name: shop\nid: \"0123456789ab\"\n")
        .file("environments/prod/environment.yaml", environment)
        .file("environments/prod/versions.yaml", "web: \"1\"\n")
}

/// Runs `check` and `preview` within the bounds.
#[track_caller]
fn holds(repo: &Repo, code: i32) {
    let checked = run(&repo.path(""), ["check"], "");
    assert_eq!(checked.code, code, "{}", short(&checked));
    let preview = run(&repo.path(""), ["preview", "prod"], "");
    assert_eq!(preview.code, if code == 0 { 0 } else { 2 }, "{}", short(&preview));
}

fn all(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut text, n| {
        writeln!(text, "{}", line(n)).expect("a string takes every write");
        text
    })
}

#[test]
fn ten_thousand_references() {
    let ecs = "platform: ecs\nstores: { awssecrets: { region: eu-west-1, account: \"123456789012\" } }\nallow: { web: [\"awssecrets:**\"] }\nplatforms: { ecs: { executionRole: \"arn:aws:iam::123456789012:role/e\", cluster: c, subnets: [subnet-1a2b3c4d] } }\n";
    let secrets = all(10_000, |n| format!("  S{n}: \"ref+awssecrets://prod/s{n}#/a\""));
    let repo = shop(ecs).file(
        "apps/web/app.yaml",
        &format!(
            "image: web\nplatforms: {{ ecs: {{ task: {{ cpu: 256, memory: 512 }} }} }}\nsecrets:\n{secrets}"
        ),
    );
    let said = run(&repo.path(""), ["check"], "");
    assert!(said.code <= 1, "{}", short(&said));
    let kubernetes = "platform: kubernetes\nnamespace: shop\nreferences: { vault: { store: vault, mount: kv } }\nallow: { web: [\"vault:**\"] }\n";
    let secrets = all(10_000, |n| format!("  S{n}: \"ref+vault://kv/s{n}#/a\""));
    let repo = shop(kubernetes).file("apps/web/app.yaml", &format!("image: web\nsecrets:\n{secrets}"));
    let said = run(&repo.path(""), ["check"], "");
    assert!(said.code <= 1, "{}", short(&said));
}

#[test]
fn what_is_composed_of_what_is_composed() {
    let environment = "platform: kubernetes\nnamespace: shop\nreferences: { vault: { store: vault, mount: kv } }\nallow: { web: [\"vault:**\"] }\ndelivery: { inline: [\"*/*\"] }\n";
    for times in [1, 2] {
        let part = |n: usize| format!("{{{{ secrets.S{n} | urlencode }}}}").repeat(times);
        let secrets = all(200, |n| format!("  S{}: \"{}\"", n + 1, part(n)));
        let app = format!("image: web\nsecrets:\n  S0: \"ref+vault://kv/a#/a\"\n{secrets}");
        let repo = shop(environment).file("apps/web/app.yaml", &app);
        let said = run(&repo.path(""), ["check"], "");
        assert!(said.code <= 1, "{}", short(&said));
    }
}

#[test]
fn two_thousand_services_in_one_file() {
    let repo = shop("platform: compose\n");
    repo.write("environments/prod/versions.yaml", &all(2_000, |n| format!("a{n}: \"1\"")));
    for n in 0..2_000 {
        repo.write(&format!("apps/a{n}/app.yaml"), "image: web\nconfig: { A: b }\nports: { http: 80 }\n");
    }
    holds(&repo, 0);
    // Each of which contradicts all others.
    for n in 0..2_000 {
        let text = format!("name: x{n}\nservices: {{ same: {{ image: \"a:{n}\" }} }}\n");
        repo.write(&format!("apps/a{n}/manifests/compose/compose.yaml"), &text);
    }
    holds(&repo, 1);
}

#[test]
fn what_many_units_declare_alike() {
    let repo = shop("platform: compose\n");
    repo.write("environments/prod/versions.yaml", &all(500, |n| format!("a{n}: \"1\"")));
    let options = all(200, |n| format!("    o{n}: v"));
    for n in 0..500 {
        repo.write(&format!("apps/a{n}/app.yaml"), "image: web\n");
        let text = format!("volumes:\n  data:\n   driver_opts:\n{options}");
        repo.write(&format!("apps/a{n}/manifests/compose/compose.yaml"), &text);
    }
    holds(&repo, 0);
}
