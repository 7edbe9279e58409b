//! KV secrets of versions 1 and 2.

use serde_json::json;

use crate::shop::{render, render_command, repo, run, token, values};
use crate::support::{Bao, ROOT, cut_sinks};

#[test]
fn values_arrive_as_the_server_writes_them() {
    let bao = Bao::start();
    bao.call("POST", "sys/mounts/old", json!({"type": "kv", "options": {"version": "1"}}));
    bao.put(
        "types",
        json!({
            "text": "a: \"b\"\n---\n{{7*7}} é\u{1F600}", "yes": true, "number": 3306, "empty": "",
            "map": {"a/b": ["x", {"y~z": "deep"}], "%": "percent"},
        }),
    );
    // Version 1 keeps the source of a number, version 2 makes it a float.
    let number: serde_json::Value =
        serde_json::from_str("{\"rate\": 1.50, \"id\": 12345678901234567}").unwrap();
    bao.call("POST", "old/deep/er", number);
    let repo = repo(
        "",
        "TEXT: ref+vault://secret/types#/text
        YES: ref+vault://secret/types#/yes
        NUMBER: ref+vault://secret/types#/number
        EMPTY: ref+vault://secret/types#/empty
        LISTED: ref+vault://secret/types#/map/a%2Fb/0
        DEEP: ref+vault://secret/types#/map/a%2Fb/1/y~z
        PERCENT: ref+vault://secret/types#/map/%25
        ID: ref+vault://old/deep/er#/id
        DSN: \"db://{{ secrets.NUMBER }}@{{ secrets.LISTED | urlencode }}\"",
    );
    let values = values(&render(&repo, &bao));
    for (name, value) in [
        ("TEXT", "a: \"b\"\n---\n{{7*7}} é\u{1F600}"),
        ("YES", "true"),
        ("NUMBER", "3306"),
        ("EMPTY", ""),
        ("LISTED", "x"),
        ("DEEP", "deep"),
        ("PERCENT", "percent"),
        ("ID", "12345678901234567"),
        ("DSN", "db://3306@x"),
    ] {
        assert_eq!(values[name], value, "{name}");
    }
}

#[test]
fn a_path_may_be_written_as_in_the_api_and_name_a_version() {
    let bao = Bao::start();
    bao.put("prod/web", json!({"password": "first"}));
    bao.put("prod/web", json!({"password": "second"}));
    bao.put("data/web", json!({"password": "in a folder"}));
    bao.call("POST", "sys/mounts/team/kv", json!({"type": "kv", "options": {"version": "2"}}));
    bao.call("POST", "team/kv/data/a%20b%25", json!({"data": {"password": "deeper"}}));
    let repo = repo(
        "",
        "PLAIN: ref+vault://secret/prod/web#/password
        API: ref+vault://secret/data/prod/web#/password
        FIRST: ref+vault://secret/prod/web?version=1#/password
        API_FIRST: ref+vault://secret/data/prod/web?version=1#/password
        FOLDER: ref+vault://secret/data/data/web#/password
        DEEPER: ref+vault://team/kv/a%20b%25#/password",
    );
    let values = values(&render(&repo, &bao));
    let expected = [
        ("PLAIN", "second"),
        ("API", "second"),
        ("FIRST", "first"),
        ("API_FIRST", "first"),
        ("FOLDER", "in a folder"),
        ("DEEPER", "deeper"),
    ];
    for (name, value) in expected {
        assert_eq!(values[name], value, "{name}");
    }
}

#[test]
fn namespaces_come_from_the_pointer_the_settings_or_the_environment() {
    let bao = Bao::start();
    for namespace in ["team", "other"] {
        bao.call("POST", &format!("sys/namespaces/{namespace}"), json!({}));
        let kv = json!({"type": "kv", "options": {"version": "2"}});
        bao.call("POST", &format!("{namespace}::sys/mounts/kv"), kv);
        bao.call("POST", &format!("{namespace}::kv/data/x"), json!({"data": {"of": namespace}}));
    }
    bao.put("x", json!({"of": "root"}));
    let auth = "stores: { vault: { namespace: team, auth: { namespace: root } } }\n";
    let repo = repo(auth, "A: ref+vault://kv/x#/of\nB: ref+vault://kv/x?namespace=other#/of");
    let found = values(&render(&repo, &bao));
    assert_eq!((found["A"].as_str(), found["B"].as_str()), ("team", "other"));

    let text = repo.read("environments/prod/environment.yaml").replace(auth, "");
    repo.write("environments/prod/environment.yaml", &text);
    let mut command = render_command(&repo);
    command.env("VAULT_ADDR", bao.address()).env("VAULT_TOKEN", ROOT).env("VAULT_NAMESPACE", "other");
    let found = values(&run(&mut command));
    assert_eq!((found["A"].as_str(), found["B"].as_str()), ("other", "other"));
}

#[test]
fn all_failures_are_said_together_and_nothing_is_written() {
    let bao = Bao::start();
    bao.call("POST", "sys/mounts/old", json!({"type": "kv", "options": {"version": "1"}}));
    bao.call("POST", "old/x", json!({"password": "c4n4ry-value-one"}));
    bao.call("POST", "sys/mounts/db", json!({"type": "transit"}));
    bao.put(
        "prod/web",
        json!({"password": "c4n4ry-value-two", "user": "u", "map": {"a": 1}, "nothing": null}),
    );
    for path in ["deleted", "destroyed"] {
        bao.put(path, json!({"password": "c4n4ry-value-three"}));
    }
    bao.call("DELETE", "secret/data/deleted", json!({}));
    bao.call("POST", "secret/destroy/destroyed", json!({"versions": [1]}));
    let repo = repo(
        "",
        "GOOD: ref+vault://secret/prod/web#/user
        FIELD: ref+vault://secret/prod/web#/pasword
        BELOW: ref+vault://secret/prod/web#/password/0
        WHOLE: ref+vault://secret/prod/web#/map
        NOTHING: ref+vault://secret/prod/web#/nothing
        MISSING: ref+vault://secret/nope#/x
        LATER: ref+vault://secret/prod/web?version=9#/user
        DELETED: ref+vault://secret/deleted#/password
        DESTROYED: ref+vault://secret/destroyed#/password
        VERSION: ref+vault://old/x?version=1#/password
        MOUNT: ref+vault://old#/password
        ENGINE: ref+vault://db/x#/y
        NOWHERE: ref+vault://nowhere/x#/y",
    );
    let found = render(&repo, &bao).exits(3);
    assert_eq!(found.stdout, "");
    for said in [
        "error[field-not-found]: no field `pasword` at secret/prod/web; it has `map`, `nothing`, `password`, `user`",
        "did you mean `password`?",
        "apps/web/app.yaml:4:10",
        "error[wrong-kind-of-secret]: `password` at secret/prod/web has no fields",
        "error[wrong-kind-of-secret]: secret/prod/web: a map or a list stands there, not a value",
        "error[wrong-kind-of-secret]: secret/prod/web: null stands there, not a value",
        "error[secret-not-found]: there is no secret/nope",
        "error[secret-not-found]: there is no secret/prod/web?version=9",
        "error[secret-not-found]: secret/deleted is deleted",
        "error[secret-not-found]: secret/destroyed is destroyed",
        "error[wrong-kind-of-secret]: old/x?version=1: its engine, KV version 1, keeps no versions",
        "error[wrong-kind-of-secret]: old: the path ends with the mount and names no secret",
        "error[wrong-kind-of-secret]: db/x: its engine isn't KV",
        "error[store-denied]: nowhere/x: reading it is forbidden",
        "`FIELD` of `prod/web` needs it",
        &format!("vault at {} was asked", bao.address()),
        "12 errors",
    ] {
        assert!(found.stderr.contains(said), "{said}\n{found}");
    }
    found.never_shows("c4n4ry").never_shows("GOOD");
}

#[test]
fn a_rotation_changes_the_value_and_the_rollout_token_alone() {
    let bao = Bao::start();
    bao.put("web", json!({"password": "before"}));
    bao.call("POST", "sys/mounts/old", json!({"type": "kv", "options": {"version": "1"}}));
    bao.call("POST", "old/x", json!({"password": "before"}));
    let repo = repo("", "PASSWORD: ref+vault://secret/web#/password\nOLD: ref+vault://old/x#/password");
    let before = render(&repo, &bao).succeeds();
    assert_eq!(before.stdout, render(&repo, &bao).stdout, "the same versions make the same bytes");

    // An engine without versions shows no rotation.
    bao.call("POST", "old/x", json!({"password": "after"}));
    let of_old = render(&repo, &bao).succeeds();
    assert_eq!(values(&of_old)["OLD"], "after");
    assert_eq!(cut_sinks(&of_old.stdout), cut_sinks(&before.stdout));

    bao.put("web", json!({"password": "after"}));
    let after = render(&repo, &bao).succeeds();
    assert_eq!(values(&after)["PASSWORD"], "after");
    assert_ne!(token(&after), token(&before));
    let cut = |text: &str, token: &str| cut_sinks(text).replace(token, "TOKEN");
    assert_eq!(cut(&after.stdout, &token(&after)), cut(&before.stdout, &token(&before)));
}

#[test]
fn tls_is_verified_with_the_authority_that_the_environment_names() {
    let bao = Bao::start_tls();
    assert!(bao.run(&["kv", "put", "-mount=secret", "web", "password=over TLS"]));
    let repo = repo("", "PASSWORD: ref+vault://secret/web#/password");
    let command = || {
        let mut command = render_command(&repo);
        command.env("VAULT_ADDR", bao.address()).env("VAULT_TOKEN", ROOT);
        command
    };
    assert_eq!(values(&run(command().env("VAULT_CACERT", bao.authority())))["PASSWORD"], "over TLS");
    run(command().env("VAULT_SKIP_VERIFY", "true"))
        .exits(3)
        .complains("error[store-unreachable]")
        .complains("its certificate isn't from a trusted authority")
        .complains("VAULT_CACERT");
    run(command().env("VAULT_CACERT", repo.path("apps/web/app.yaml"))).exits(3).complains(
        "error[store-settings]: `VAULT_CACERT` is no good for vault: it holds no certificates in PEM",
    );
}
