//! The kinds of workload: what `fixtures/kinds` renders is what stands beside it, to the byte, and what
//! Kubernetes takes.
//!
//! `UPDATE=1` in the environment writes what is rendered.

mod support;

use std::fs;

use serde::Deserialize;
use serde_yaml::Value;

use support::{Repo, Run, fixture, python, sealwright};

#[test]
fn every_kind_is_rendered_as_expected() {
    let path = fixture("kinds/expected/prod.yaml");
    let rendered = preview();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &rendered).expect("what is expected can be written");
    }
    let expected = fs::read_to_string(&path).expect("what is expected is there");
    assert!(expected == rendered, "{}", first_difference(&expected, &rendered));
}

#[test]
fn kubernetes_takes_every_kind() {
    python("facts/validate.py", &[], &preview()).succeeds();
}

#[test]
fn the_fixture_has_an_app_of_every_kind() {
    let kinds: Vec<String> = documents(&preview()).iter().map(|one| text(&one["kind"])).collect();
    for kind in ["Deployment", "StatefulSet", "Job", "CronJob", "PersistentVolumeClaim", "Service"] {
        assert!(kinds.iter().any(|known| known == kind), "{kind}");
    }
}

/// A Job can't be changed and runs once: what is the same has the same name, what isn't another one.
#[test]
fn a_changed_job_is_another_one() {
    let repo = Repo::copy_of("kinds");
    let name = |repo: &Repo| {
        let rendered = repo.run(["preview", "prod/migrate"]).succeeds().stdout;
        let documents = documents(&rendered);
        let job = documents.iter().find(|one| one["kind"] == "Job").expect("there is a Job");
        text(&job["metadata"]["name"])
    };
    let first = name(&repo);
    assert_eq!(first, name(&repo));
    let app = repo.read("apps/migrate/app.yaml");
    repo.write("apps/migrate/app.yaml", &app.replace("[up]", "[up, --all]"));
    let second = name(&repo);
    assert_ne!(first, second);
    repo.write(
        "environments/prod/versions.yaml",
        &repo.read("environments/prod/versions.yaml").replace("1.4.2", "1.4.3"),
    );
    assert_ne!(second, name(&repo));
}

/// What an app needs for itself, no other container of it gets; what `defaults` turn off, all do.
#[test]
fn every_container_starts_from_the_protections_of_the_defaults() {
    let app = "image: shop/web\nsecurity: { nonRoot: null, user: 0 }\nsidecars: { proxy: { image: 'p:1' } }\n\
        init: { first: { security: { capabilities: { drop: null, add: [CHOWN] } } } }\n";
    let repo = |root: &str| {
        Repo::new()
            .file("sealwright.yaml", &format!("name: a\nid: '0123456789ab'\n{root}"))
            .file("environments/prod/environment.yaml", "platform: kubernetes\n")
            .file("environments/prod/versions.yaml", "web: 1\n")
            .file("apps/web/app.yaml", app)
    };
    let pod = |repo: &Repo| {
        let rendered = repo.run(["preview", "prod"]).succeeds().stdout;
        let documents = documents(&rendered);
        documents.iter().find(|one| one["kind"] == "Deployment").expect("it is there")["spec"]["template"]["spec"]
            .clone()
    };
    let strict = pod(&repo(""));
    let security = |pod: &Value, list: &str, index: usize| pod[list][index]["securityContext"].clone();
    let common = "allowPrivilegeEscalation: false, seccompProfile: { type: RuntimeDefault }";
    assert_eq!(
        security(&strict, "containers", 0),
        yaml(&format!("{{ runAsUser: 0, capabilities: {{ drop: [ALL] }}, {common} }}"))
    );
    assert_eq!(
        security(&strict, "containers", 1),
        yaml(&format!("{{ runAsNonRoot: true, capabilities: {{ drop: [ALL] }}, {common} }}"))
    );
    assert_eq!(
        security(&strict, "initContainers", 0),
        yaml(&format!("{{ runAsNonRoot: true, capabilities: {{ add: [CHOWN] }}, {common} }}"))
    );
    assert_eq!(strict["automountServiceAccountToken"], Value::from(false));

    let off = "defaults: { security: { nonRoot: null, escalation: null, capabilities: null, seccomp: Unconfined } }\n";
    let loose = pod(&repo(off));
    assert_eq!(security(&loose, "containers", 1), yaml("{ seccompProfile: { type: Unconfined } }"));
}

#[test]
fn a_container_that_is_removed_and_comes_back_is_protected_too() {
    let repo = Repo::new()
        .file("sealwright.yaml", "name: a\nid: '0123456789ab'\n")
        .file(
            "environments/prod/environment.yaml",
            "platform: kubernetes\noverrides: { sidecars: { proxy: null } }\n",
        )
        .file("environments/prod/versions.yaml", "web: 1\n")
        .file("apps/web/app.yaml", "image: shop/web\nsidecars: { proxy: { image: 'p:1' } }\n")
        .file("apps/web/prod.yaml", "sidecars: { proxy: { image: 'p:2', security: { user: 7 } } }\n");
    let rendered = repo.run(["preview", "prod"]).succeeds().stdout;
    let documents = documents(&rendered);
    let pod =
        &documents.iter().find(|one| one["kind"] == "Deployment").expect("it is there")["spec"]["template"];
    let proxy = &pod["spec"]["containers"][1];
    assert_eq!(proxy["image"], "p:2");
    assert_eq!(proxy["securityContext"]["runAsNonRoot"], Value::from(true));
    assert_eq!(proxy["securityContext"]["runAsUser"], Value::from(7));
}

/// Nobody knows the user of an image; by the group of its volumes it reads its files all the same.
#[test]
fn a_user_that_is_not_root_reads_secret_files() {
    let app = "image: shop/web\nsecrets: { KEY: 'ref+vault://kv/web#/key' }\n\
        files: { conf: { path: /etc/conf, content: \"{{ secrets.KEY }}\" } }\n";
    let group = |security: &str| {
        let repo = Repo::new()
            .file("sealwright.yaml", "name: a\nid: '0123456789ab'\n")
            .file(
                "environments/prod/environment.yaml",
                "platform: kubernetes\nallow: { web: ['vault:kv/web'] }\ndelivery: { inline: ['web/*'] }\n",
            )
            .file("environments/prod/versions.yaml", "web: 1\n")
            .file("apps/web/app.yaml", &format!("{app}{security}"));
        let rendered = repo.run(["preview", "prod"]).succeeds().stdout;
        let documents = documents(&rendered);
        let found = documents.iter().find(|one| one["kind"] == "Deployment").expect("it is there");
        found["spec"]["template"]["spec"]["securityContext"]["fsGroup"].clone()
    };
    assert_eq!(group(""), Value::from(65532));
    assert_eq!(group("security: { user: 10001 }\n"), Value::from(10001));
    assert_eq!(group("security: { user: 10001, group: 10002 }\n"), Value::from(10002));
    assert_eq!(group("security: { user: 10001, fsGroup: 0 }\n"), Value::from(0));
    assert_eq!(group("security: { nonRoot: null }\n"), Value::Null);
}

fn preview() -> String {
    let mut command = sealwright();
    command.args(["preview", "prod", "--repo"]).arg(fixture("kinds"));
    Run::of(&mut command, b"").succeeds().stdout
}

fn first_difference(expected: &str, found: &str) -> String {
    let pairs = expected.lines().zip(found.lines()).enumerate();
    let mut different = pairs.filter(|(_, (one, other))| one != other);
    match different.next() {
        Some((index, (one, other))) => format!("line {}: expected {one:?}, found {other:?}", index + 1),
        None => "one of them is longer".to_string(),
    }
}

fn documents(rendered: &str) -> Vec<Value> {
    serde_yaml::Deserializer::from_str(rendered)
        .map(|document| Value::deserialize(document).expect("each document is YAML"))
        .collect()
}

fn text(value: &Value) -> String {
    value.as_str().expect("it is a string").to_owned()
}

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).expect("the test's YAML is valid")
}
