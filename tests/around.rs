//! What stands around the pods: `fixtures/around`, and the order in which units are applied.
//!
//! The renderings stand beside the fixture; `UPDATE=1` in the environment writes them.

mod support;

use std::fs;

use serde::Deserialize;
use serde_yaml::Value;

use support::{Repo, Run, fixture, python, sealwright};

const ENVIRONMENTS: [&str; 2] = ["prod", "staging"];

#[test]
fn every_environment_renders_as_expected() {
    for environment in ENVIRONMENTS {
        let path = fixture("around/expected").join(format!("{environment}.yaml"));
        let rendered = render(environment);
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, &rendered).expect("a rendering can be written");
        }
        assert_eq!(rendered, fs::read_to_string(&path).expect("the rendering is there"), "{environment}");
    }
}

#[test]
fn the_newest_kubernetes_schemas_accept_every_document() {
    for environment in ENVIRONMENTS {
        python("facts/validate.py", &[], &render(environment)).succeeds();
    }
}

#[test]
fn a_unit_alone_has_the_documents_that_it_has_among_all() {
    let all = render("prod");
    for app in ["shop", "cart", "reports"] {
        let alone = render(&format!("prod/{app}"));
        assert!(!alone.is_empty() && all.contains(alone.trim_end()), "{app}: {alone}");
    }
}

#[test]
fn units_come_in_the_order_of_their_waves() {
    let rendered = documents(&render("prod"));
    let mut apps: Vec<&str> = rendered.iter().filter_map(app_of).collect();
    apps.dedup();
    assert_eq!(apps, ["migrate", "queue", "ledger", "seed", "cart", "shop", "reports"]);
    let waves = apps.iter().map(|app| wave(&rendered, app, "argocd.argoproj.io/sync-wave"));
    let expected = [None, Some("-1"), None, Some("1"), Some("2"), Some("3"), Some("10")];
    assert_eq!(waves.collect::<Vec<_>>(), expected);
}

#[test]
fn a_wave_is_neutral_unless_argo_cd_applies_it() {
    let rendered = render("staging");
    assert!(!rendered.contains("argoproj"), "{rendered}");
    let rendered = documents(&rendered);
    assert_eq!(wave(&rendered, "shop", "sealwright/wave"), Some("3"));
    assert_eq!(wave(&rendered, "ledger", "sealwright/wave"), None);
}

#[test]
fn every_document_of_a_unit_is_in_its_wave() {
    let rendered = documents(&render("prod"));
    let of_shop = rendered.iter().filter(|document| app_of(document) == Some("shop"));
    let waves: Vec<_> =
        of_shop.map(|d| d["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"].as_str()).collect();
    assert!(waves.len() >= 7 && waves.iter().all(|wave| *wave == Some("3")), "{waves:?}");
}

#[test]
fn a_job_before_the_rollout_comes_before_every_wave() {
    for (applier, annotations) in [
        (
            "platforms: { kubernetes: { applier: argocd } }\n",
            &[
                ("argocd.argoproj.io/hook", "PreSync"),
                ("argocd.argoproj.io/hook-delete-policy", "BeforeHookCreation"),
            ][..],
        ),
        ("", &[("sealwright/before", "rollout")][..]),
    ] {
        let repo = small(applier)
            .file("environments/dev/versions.yaml", "early: 1\nweb: 1\nmigrate: 1\n")
            .file("apps/early/app.yaml", "image: early\nwave: -7\n")
            .file("apps/web/app.yaml", "image: web\ndepends_on: [migrate]\n")
            .file("apps/migrate/app.yaml", "image: migrate\nkind: job\nbefore: rollout\n");
        let rendered = documents(&repo.run(["preview", "dev"]).succeeds().stdout);
        let mut apps: Vec<&str> = rendered.iter().filter_map(app_of).collect();
        apps.dedup();
        assert_eq!(apps, ["migrate", "early", "web"]);
        let account = find(&rendered, "ServiceAccount", "migrate");
        for (key, value) in annotations {
            assert_eq!(account["metadata"]["annotations"][*key].as_str(), Some(*value), "{key}");
        }
        // What waits for it is in the first wave all the same.
        assert!(find(&rendered, "ServiceAccount", "web")["metadata"].get("annotations").is_none());
    }
}

#[test]
fn jobs_before_the_rollout_have_waves_of_their_own() {
    let repo = small("")
        .file("environments/dev/versions.yaml", "second: 1\nfirst: 1\n")
        .file("apps/first/app.yaml", "image: first\nkind: job\nbefore: rollout\n")
        .file("apps/second/app.yaml", "image: second\nkind: job\nbefore: rollout\ndepends_on: [first]\n");
    let rendered = documents(&repo.run(["preview", "dev"]).succeeds().stdout);
    assert_eq!(app_of(&rendered[0]), Some("first"));
    let annotations = &find(&rendered, "ServiceAccount", "second")["metadata"]["annotations"];
    assert_eq!(annotations["sealwright/wave"].as_str(), Some("1"));
    assert_eq!(annotations["sealwright/before"].as_str(), Some("rollout"));
}

#[test]
fn a_long_chain_has_as_many_waves_as_links() {
    const APPS: usize = 3000;
    let mut repo = small("");
    let versions: String = (0..APPS).map(|n| format!("app-{n}: 1\n")).collect();
    repo = repo.file("environments/dev/versions.yaml", &versions);
    for n in 0..APPS {
        let next = if n + 1 < APPS { format!("depends_on: [app-{}]\n", n + 1) } else { String::new() };
        repo = repo.file(&format!("apps/app-{n}/app.yaml"), &format!("image: x\n{next}"));
    }
    let rendered = documents(&repo.run(["preview", "dev/app-0"]).succeeds().stdout);
    assert_eq!(wave(&rendered, "app-0", "sealwright/wave"), Some((APPS - 1).to_string().as_str()));
}

#[test]
fn what_is_scaled_and_kept_follows_the_kind() {
    let repo = small("").file("environments/dev/versions.yaml", "db: 1\n").file(
        "apps/db/app.yaml",
        "image: db\nkind: stateful\nresources: { cpu: 1 }\nautoscaling: { max: 2, cpu: 50 }\n",
    );
    let rendered = documents(&repo.run(["preview", "dev"]).succeeds().stdout);
    let target = &find(&rendered, "HorizontalPodAutoscaler", "db")["spec"]["scaleTargetRef"];
    assert_eq!(target["kind"].as_str(), Some("StatefulSet"));
}

#[test]
fn a_number_of_instances_below_autoscaling_gives_way() {
    let app = "image: web\nreplicas: 3\nresources: { cpu: 100m }\n";
    let repo = small("")
        .file("environments/dev/versions.yaml", "web: 1\n")
        .file("apps/web/app.yaml", app)
        .file("apps/web/dev.yaml", "autoscaling: { max: 5, cpu: 70 }\n");
    let rendered = documents(&repo.run(["preview", "dev"]).succeeds().stdout);
    assert!(find(&rendered, "Deployment", "web")["spec"].get("replicas").is_none());
    assert_eq!(find(&rendered, "HorizontalPodAutoscaler", "web")["spec"]["minReplicas"], Value::from(1));
    // Without it they are what the app says.
    repo.write("apps/web/dev.yaml", "autoscaling: null\n");
    let rendered = documents(&repo.run(["preview", "dev"]).succeeds().stdout);
    assert_eq!(find(&rendered, "Deployment", "web")["spec"]["replicas"], Value::from(3));
}

#[test]
fn defaults_for_services_say_nothing_about_jobs() {
    let root = "name: small\nid: 0a0a0a0a0a0a\ndefaults: { disruption: { unavailable: 1 } }\n";
    let repo = small("")
        .file("sealwright.yaml", root)
        .file("environments/dev/versions.yaml", "web: 1\ntidy: 1\n")
        .file("apps/web/app.yaml", "image: web\n")
        .file("apps/tidy/app.yaml", "image: tidy\nkind: job\n");
    let rendered = documents(&repo.run(["preview", "dev"]).succeeds().stdout);
    let budgets: Vec<_> =
        rendered.iter().filter(|d| d["kind"] == "PodDisruptionBudget").filter_map(app_of).collect();
    assert_eq!(budgets, ["web"]);
}

#[test]
fn a_job_is_another_one_when_what_it_runs_changes() {
    let app = "image: migrate\nkind: job\nbefore: rollout\nsecrets: { A: \"ref+vault://kv/a#/b\" }\n";
    let name = |environment: &str, version: &str, more: &str| {
        let repo = small(&format!(
            "allow: {{ '*': ['vault:kv/*'] }}\ndelivery: {{ inline: ['*/*'] }}\n{environment}"
        ))
        .file("environments/dev/versions.yaml", &format!("migrate: {version}\n"))
        .file("apps/migrate/app.yaml", &format!("{app}{more}"));
        let rendered = documents(&repo.run(["preview", "dev"]).succeeds().stdout);
        let job = rendered.iter().find(|document| document["kind"] == "Job").expect("there is a Job");
        job["metadata"]["name"].as_str().expect("it has a name").to_owned()
    };
    let first = name("", "1.0", "");
    assert!(first.strip_prefix("migrate-").is_some_and(|hash| hash.len() == 8), "{first}");
    assert_eq!(first, name("", "1.0", ""));
    let others = [
        ("2.0", ""),
        ("1.0", "config: { A_B: x }\n"),
        ("1.0", "args: [up]\n"),
        ("1.0", "labels: { a: b }\n"),
    ];
    for (version, more) in others {
        assert_ne!(first, name("", version, more), "{version} {more}");
    }
    // When it runs isn't what it runs.
    assert_eq!(first, name("", "1.0", "wave: 3\n"));
    // Argo CD deletes a hook of the same name and runs the new one.
    assert_eq!(name("platforms: { kubernetes: { applier: argocd } }\n", "1.0", ""), "migrate");
}

/// A control repo with an environment and nothing in it.
fn small(environment: &str) -> Repo {
    Repo::new()
        .file("sealwright.yaml", "name: small\nid: 0a0a0a0a0a0a\n")
        .file("environments/dev/environment.yaml", &format!("platform: kubernetes\n{environment}"))
}

/// What a pipe behind `sealwright render` reads.
fn render(unit: &str) -> String {
    let mut command = sealwright();
    command.args(["render", unit, "--repo"]).arg(fixture("around"));
    Run::of(&mut command, b"").succeeds().stdout
}

fn documents(rendered: &str) -> Vec<Value> {
    serde_yaml::Deserializer::from_str(rendered)
        .map(|document| Value::deserialize(document).expect("each document is YAML"))
        .collect()
}

fn find<'a>(documents: &'a [Value], kind: &str, name: &str) -> &'a Value {
    let mut found = documents.iter().filter(|one| one["kind"] == *kind && one["metadata"]["name"] == *name);
    found.next().unwrap_or_else(|| panic!("there is a {kind} {name}"))
}

fn app_of(document: &Value) -> Option<&str> {
    document["metadata"]["labels"]["app.kubernetes.io/name"].as_str()
}

fn wave<'a>(documents: &'a [Value], app: &str, annotation: &str) -> Option<&'a str> {
    let mut of_app = documents.iter().filter(|document| app_of(document) == Some(app));
    let workload = of_app.rfind(|document| document["spec"].get("template").is_some());
    let workload = workload.unwrap_or_else(|| panic!("{app} runs something"));
    workload["metadata"].get("annotations")?.get(annotation)?.as_str()
}
