//! Shared secrets: declared once, received by the apps that name them.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_yaml::Value;

use super::shop::{ENVIRONMENT, find, render, repo, secret_text, set};
use super::support::Repo;

/// A repo in which `web` and `api` run in `prod` and `dev`, and each environment has a group of its own.
fn shared_repo() -> Repo {
    let repo = repo("secrets: { KEY: '{{ shared.KEY }}' }\n");
    let dev = repo.run(["secret", "keygen", "dev.txt"]).succeeds().stdout;
    let root = format!("{}  dev: [{}]\n", repo.read("sealwright.yaml"), dev.trim());
    repo.file("sealwright.yaml", &root)
        .file("environments/dev/environment.yaml", ENVIRONMENT)
        .file("environments/dev/versions.yaml", "web: 1.0\napi: 1.0\n")
        .file("environments/prod/versions.yaml", "web: 1.0\napi: 1.0\n")
        .file("apps/api/app.yaml", "image: api\n")
}

#[test]
fn a_shared_secret_reaches_the_apps_that_name_it_and_no_other() {
    let repo = shared_repo();
    set(&repo, &["--shared", "*", "KEY"], "for all").complains("for 2 recipients of dev, prod");
    repo.run(["check"]).succeeds();
    let documents = render(&repo, "prod");
    assert_eq!(secret_text(&documents, "web", "KEY"), "for all");
    assert_eq!(find(&documents, "Secret", "web")["data"].as_mapping().unwrap().len(), 1);
    assert!(!documents.iter().any(|one| one["kind"] == *"Secret" && one["metadata"]["name"] == *"api"));
    repo.run(["preview", "prod"]).succeeds().prints("<age sealwright.yaml #/shared/KEY>");

    // The environment's own value wins there, and each is for those who read it.
    set(&repo, &["--shared", "prod", "KEY"], "for prod").complains("for 1 recipient of prod");
    repo.run(["check"]).exits(1).prints("wrong-recipients").prints("sealwright secret set --shared '*' KEY");
    set(&repo, &["--shared", "*", "KEY"], "for dev").complains("for 1 recipient of dev");
    repo.run(["check"]).succeeds();
    assert_eq!(secret_text(&render(&repo, "prod"), "web", "KEY"), "for prod");
    let dev = repo.run(["render", "dev", "--identity", "dev.txt"]).succeeds().stdout;
    assert!(dev.contains(&BASE64_STANDARD.encode("for dev")));
}

#[test]
fn a_shared_secret_is_for_whom_it_says() {
    let repo = shared_repo();
    let root = repo.read("sealwright.yaml");
    repo.write("sealwright.yaml", &format!("{root}shared:\n  KEY:\n    for: [w*b]\n"));
    set(&repo, &["--shared", "*", "KEY"], "x");
    assert!(repo.read("sealwright.yaml").contains("for: [w*b]"));
    repo.run(["preview", "prod"]).succeeds().prints("<age sealwright.yaml #/shared/KEY/value>");

    repo.write("apps/api/app.yaml", "image: api\nsecrets: { MINE: 'x{{ shared.KEY }}' }\n");
    let run = repo.run(["check"]).exits(1);
    let run = run.prints("shared-not-for-app").prints("apps/api/app.yaml:2").prints("sealwright.yaml");
    run.prints("isn't for `api`").prints("add `api` to its `for:`");

    // An environment's own value keeps whom it is for.
    repo.write("apps/api/app.yaml", "image: api\n");
    set(&repo, &["--shared", "prod", "KEY"], "y");
    set(&repo, &["--shared", "*", "KEY"], "x");
    repo.write("apps/api/prod.yaml", "secrets: { MINE: '{{ shared.KEY }}' }\n");
    repo.run(["check", "prod"]).exits(1).prints("shared-not-for-app");
}

#[test]
fn shared_secrets_compose_and_extend() {
    let repo = shared_repo();
    repo.write("apps/web/app.yaml", "image: web\nsecrets: { DSN: 'x{{ shared.DSN }}y' }\nfiles: { f: { path: /f, content: '{{ shared.IN_FILE }}' } }\n");
    let root = repo.read("sealwright.yaml");
    repo.write(
        "sealwright.yaml",
        &format!(
            "{root}shared:\n  DSN: '{{{{ env.name }}}}:{{{{ shared.PW | urlencode }}}}@{{{{ env.host }}}}'\n"
        ),
    );
    repo.write(
        "environments/dev/environment.yaml",
        "extends: prod\ndelivery: { inline: ['*/*'] }\nrecipients: [dev]\n",
    );
    set(&repo, &["--shared", "prod", "PW"], "a b").complains("of dev, prod");
    set(&repo, &["--shared", "prod", "IN_FILE"], "in a file").complains("of dev, prod");
    repo.run(["check"]).succeeds();
    let documents = render(&repo, "dev");
    assert_eq!(secret_text(&documents, "web", "DSN"), "xdev:a%20b@dby");
    assert_eq!(secret_text(&documents, "web", "f"), "in a file");
    // The rollout token follows what is composed.
    let token = |documents: &[Value]| {
        find(documents, "Deployment", "web")["spec"]["template"]["metadata"]["annotations"]["sealwright/secrets"].clone()
    };
    let before = token(&documents);
    set(&repo, &["--shared", "prod", "PW"], "a b");
    assert_ne!(token(&render(&repo, "dev")), before);
}

#[test]
fn what_is_wrong_with_shared_secrets_is_said_at_its_place() {
    let cases = [
        ("KEYS: ref+vault://kv/x#/y", "did you mean `KEYS`?", "apps/web/app.yaml"),
        ("OTHER: ref+vault://kv/x#/y", "declared under `shared:` of", "apps/web/app.yaml"),
        ("KEY: hunter2", "plaintext-secret", "secret set --shared prod KEY"),
        ("KEY: 'x{{ secrets.KEY }}'", "can't name a secret of an app", "environments/prod/environment.yaml"),
        ("KEY: 'x{{ shared.KEY }}'", "secret-cycle", "environments/prod/environment.yaml"),
        (
            "KEY: '{{ shared.B }}{{ config.X }}'\n  B: ref+vault://kv/x#/y",
            "`config` is not defined",
            "environments/prod/environment.yaml",
        ),
        (
            "KEY: { for: [web] }",
            "doesn't say where its value comes from",
            "environments/prod/environment.yaml",
        ),
        (
            "KEY: { for: ['a/b'], value: ref+vault://kv/x#/y }",
            "bad-glob",
            "environments/prod/environment.yaml",
        ),
        ("KEY: ref+vault://other/x#/y", "out-of-scope", "environments/prod/environment.yaml"),
        ("KEY: [x]", "expected", "environments/prod/environment.yaml"),
        ("1: ref+vault://kv/x#/y", "not beginning with a digit", "environments/prod/environment.yaml"),
    ];
    for (entry, words, place) in cases {
        let repo = repo("config: { X: x }\nsecrets: { KEY: '{{ shared.KEY }}' }\n");
        let allow = "allow: { web: ['vault:kv/**'] }";
        repo.write(
            "environments/prod/environment.yaml",
            &format!("{ENVIRONMENT}{allow}\nshared:\n  {entry}\n"),
        );
        repo.run(["check"]).exits(1).prints(words).prints(place).never_shows("hunter2");
    }
}

#[test]
fn a_shared_secret_without_a_reader_is_an_error() {
    let repo = shared_repo();
    set(&repo, &["--shared", "prod", "KEY"], "x");
    repo.write("apps/web/app.yaml", "image: web\n");
    repo.run(["check"]).exits(1).prints("secret-without-reader").prints("{{ shared.KEY }}");
    repo.run_with(["secret", "set", "--shared", "prod", "OTHER"], "x")
        .exits(2)
        .complains("secret-without-reader")
        .complains("name it first");
    repo.run_with(["secret", "set", "--shared", "nowhere", "KEY"], "x")
        .exits(2)
        .complains("unknown-environment");
    repo.run_with(["secret", "set", "--shared", "prod/web", "KEY"], "x")
        .exits(2)
        .complains("with `--shared`");
    // A run over one unit doesn't know all readers, and says nothing about them.
    repo.run(["preview", "prod/web"]).succeeds();
}

#[test]
fn a_run_that_cant_know_all_readers_of_a_place_says_nothing_of_them() {
    let repo = shared_repo();
    repo.write("environments/prod/versions.yaml", "web: 1.0\n");
    repo.write("environments/dev/versions.yaml", "api: 1.0\n");
    repo.write("apps/api/app.yaml", "image: api\nsecrets: { KEY: '{{ shared.KEY }}' }\n");
    set(&repo, &["--shared", "*", "KEY"], "x").complains("of dev, prod");
    repo.run(["check"]).succeeds();
    // `prod` doesn't run `api`, by which `dev` reads it.
    assert_eq!(secret_text(&render(&repo, "prod"), "web", "KEY"), "x");
}

#[test]
fn shared_secrets_have_no_place_in_plain_text() {
    let repo = repo("config: { X: '{{ shared.KEY }}' }\n");
    repo.run(["check"]).exits(1).prints("secret-in-plain-text");
}
