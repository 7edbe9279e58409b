//! Secrets Manager.

use serde_json::json;

use crate::aws::{body, operation, render, repo};
use crate::proxy::{Proxy, json as answer};
use crate::shop::{token, values};
use crate::support::{ACCOUNT, Moto, cut_sinks};

#[test]
fn every_form_of_a_pointer_leads_to_its_value() {
    let moto = Moto::start();
    let arn = moto.secret(
        "prod/web",
        r#"{"password": "p: \"q\"\n---", "port": 3306, "rate": 1.50, "id": 12345678901234567890,
            "yes": true, "map": {"a/b": ["x", {"y~z": "deep"}], "%": "percent"}}"#,
    );
    let partial = arn[..arn.len() - 7].to_owned();
    moto.secret("prod/plain", "not JSON: {");
    moto.secret("rotated", r#"{"password": "first"}"#);
    let second = moto.rotate("rotated", r#"{"password": "second"}"#);
    let elsewhere = moto.call_as(
        "test",
        "us-east-1",
        "secretsmanager.CreateSecret",
        json!({"Name": "elsewhere", "SecretString": "over there"}),
    );
    let elsewhere = elsewhere["ARN"].as_str().unwrap();
    let repo = repo(
        "",
        &format!(
            "PASSWORD: ref+awssecrets://prod/web#/password
            PORT: ref+awssecrets://prod/web#/port
            RATE: ref+awssecrets://prod/web#/rate
            ID: ref+awssecrets://prod/web#/id
            YES: ref+awssecrets://prod/web#/yes
            LISTED: ref+awssecrets://prod/web#/map/a%2Fb/0
            DEEP: ref+awssecrets://prod/web#/map/a%2Fb/1/y~z
            PERCENT: ref+awssecrets://prod/web#/map/%25
            ARN: ref+awssecrets://{arn}#/port
            PARTIAL: ref+awssecrets://{partial}#/port
            PLAIN: ref+awssecrets://prod/plain
            NOW: ref+awssecrets://rotated#/password
            CURRENT: ref+awssecrets://rotated?version_stage=AWSCURRENT#/password
            PREVIOUS: ref+awssecrets://rotated?version_stage=AWSPREVIOUS#/password
            EXACT: ref+awssecrets://rotated?version_id={second}#/password
            REGION: ref+awssecrets://elsewhere?region=us-east-1
            REGION_OF_ARN: ref+awssecrets://{elsewhere}"
        ),
    );
    let values = values(&render(&repo, &moto.address()));
    for (name, value) in [
        ("PASSWORD", "p: \"q\"\n---"),
        ("PORT", "3306"),
        ("RATE", "1.50"),
        ("ID", "12345678901234567890"),
        ("YES", "true"),
        ("LISTED", "x"),
        ("DEEP", "deep"),
        ("PERCENT", "percent"),
        ("ARN", "3306"),
        ("PARTIAL", "3306"),
        ("PLAIN", "not JSON: {"),
        ("NOW", "second"),
        ("CURRENT", "second"),
        ("PREVIOUS", "first"),
        ("EXACT", "second"),
        ("REGION", "over there"),
        ("REGION_OF_ARN", "over there"),
    ] {
        assert_eq!(values[name], value, "{name}");
    }
}

#[test]
fn bytes_arrive_as_they_are() {
    let moto = Moto::start();
    moto.call("secretsmanager.CreateSecret", json!({"Name": "binary", "SecretBinary": "AQID/v8="}));
    let repo = repo("", "RAW: ref+awssecrets://binary");
    render(&repo, &moto.address()).succeeds().prints("RAW: \"AQID/v8=\"");
}

#[test]
fn a_role_is_assumed_once_and_reads_its_own_account() {
    let moto = Moto::start();
    let role = "arn:aws:iam::111122223333:role/deploy";
    let key = moto.assume(role);
    for name in ["theirs", "more"] {
        let body = json!({ "Name": name, "SecretString": format!("{name} of the other account") });
        moto.call_as(&key, "eu-west-1", "secretsmanager.CreateSecret", body);
    }
    moto.secret("ours", "of this account");
    let proxy = Proxy::to(moto.socket);
    let repo_with_role = repo(
        &format!("stores: {{ awssecrets: {{ account: '{ACCOUNT}' }} }}\n"),
        &format!(
            "THEIRS: ref+awssecrets://theirs?role_arn={role}
            MORE: ref+awssecrets://more?role_arn={role}
            OURS: ref+awssecrets://ours"
        ),
    );
    let found = values(&render(&repo_with_role, &proxy.address()));
    assert_eq!(found["THEIRS"], "theirs of the other account");
    assert_eq!(found["MORE"], "more of the other account");
    assert_eq!(found["OURS"], "of this account");
    let logins = proxy.asked().iter().filter(|asked| asked.text.contains("Action=AssumeRole")).count();
    assert_eq!(logins, 1);

    // The same role by the environment's settings, which may say whose account that is.
    let settings = format!("stores: {{ awssecrets: {{ role_arn: '{role}', account: '111122223333' }} }}\n");
    let found = values(&render(&repo(&settings, "THEIRS: ref+awssecrets://theirs"), &moto.address()));
    assert_eq!(found["THEIRS"], "theirs of the other account");
}

#[test]
fn what_belongs_to_another_account_than_the_settings_say_is_refused() {
    let moto = Moto::start();
    moto.secret("web", "c4n4ry-value");
    moto.secret("more", "c4n4ry-value");
    let repo = repo(
        "stores: { awssecrets: { account: '999999999999' } }\n",
        "WEB: ref+awssecrets://web\nMORE: ref+awssecrets://more",
    );
    render(&repo, &moto.address())
        .exits(3)
        .complains("error[store-settings]: `stores.awssecrets.account` is no good for awssecrets")
        .complains("the credentials are those of another account")
        .complains("error: 1 error");
}

#[test]
fn an_arn_without_its_suffix_doesn_t_pass_for_another_secret() {
    let moto = Moto::start();
    let arn = moto.secret("prod/web-secret", "c4n4ry-value");
    let partial = &arn[..arn.len() - 7];
    let repo = repo("", &format!("A: ref+awssecrets://{partial}"));
    // Read alone, that is the secret `prod/web` with the suffix `secret`.
    repo.write(
        "environments/prod/environment.yaml",
        &repo.read("environments/prod/environment.yaml").replace(
            "    - 'awssecrets:**?region=*&account=*'\n",
            "    - 'awssecrets:prod/web?region=*&account=*'\n",
        ),
    );
    render(&repo, &moto.address())
        .exits(3)
        .complains("error[wrong-kind-of-secret]")
        .complains("its ARN lacks the suffix of six characters");
}

#[test]
fn all_failures_are_said_together_and_no_name_within_a_value_is() {
    let moto = Moto::start();
    moto.secret("web", r#"{"c4n4ry-name": "c4n4ry-value-one", "map": {"a": 1}, "nothing": null}"#);
    moto.secret("plain", "c4n4ry-value-two");
    moto.call("secretsmanager.CreateSecret", json!({ "Name": "empty" }));
    moto.secret("gone", "c4n4ry-value-three");
    moto.call("secretsmanager.DeleteSecret", json!({ "SecretId": "gone" }));
    let repo = repo(
        "",
        "FIELD: ref+awssecrets://web#/pasword
        BELOW: ref+awssecrets://web#/c4n4ry-name/0
        WHOLE: ref+awssecrets://web#/map
        NOTHING: ref+awssecrets://web#/nothing
        NOT_JSON: ref+awssecrets://plain#/password
        MISSING: ref+awssecrets://nope
        EMPTY: ref+awssecrets://empty
        GONE: ref+awssecrets://gone
        STAGE: ref+awssecrets://web?version_stage=NONE#/map
        VERSION: ref+awssecrets://web?version_id=00000000-0000-0000-0000-000000000000#/map"
            .replace("c4n4ry-name", "name")
            .as_str(),
    );
    let found = render(&repo, &moto.address()).exits(3);
    for said in [
        "error[field-not-found]: no field `pasword` at web\n",
        "error[field-not-found]: no field `name` at web\n",
        "error[wrong-kind-of-secret]: web: a map or a list stands there, not a value",
        "error[wrong-kind-of-secret]: web: null stands there, not a value",
        "error[wrong-kind-of-secret]: plain: it isn't JSON, so it has no fields",
        "error[secret-not-found]: there is no nope",
        "error[secret-not-found]: there is no empty",
        "error[secret-not-found]: gone is deleted",
        "error[secret-not-found]: there is no web?version_stage=NONE",
        "error[secret-not-found]: there is no web?version_id=00000000",
        "apps/web/app.yaml:3:10",
        &format!("awssecrets at {} was asked", moto.address()),
        "10 errors",
    ] {
        assert!(found.stderr.contains(said), "{said}\n{found}");
    }
}

#[test]
fn without_permission_for_batches_each_secret_is_read_alone() {
    let proxy = Proxy::answering(|asked| match operation(asked).as_str() {
        "BatchGetSecretValue" => {
            answer("400 Bad Request", &json!({"__type": "AccessDeniedException", "Message": "c4n4ry"}))
        }
        _ => single(&body(asked)["SecretId"]),
    });
    let repo = repo("", "A: ref+awssecrets://a\nB: ref+awssecrets://b\nC: ref+awssecrets://c");
    let found = values(&render(&repo, &proxy.address()));
    assert_eq!((found["A"].as_str(), found["C"].as_str()), ("value of a", "value of c"));
    let operations: Vec<String> = proxy.asked().iter().map(operation).collect();
    assert_eq!(operations[0], "BatchGetSecretValue");
    assert_eq!(operations[1..], ["GetSecretValue"; 3]);
}

#[test]
fn one_item_that_fails_a_whole_batch_fails_alone() {
    let proxy =
        Proxy::answering(|asked| match (operation(asked).as_str(), body(asked)["SecretId"].as_str()) {
            ("BatchGetSecretValue", _) => answer(
                "400 Bad Request",
                &json!({"__type": "InvalidParameterException", "Message": "c4n4ry"}),
            ),
            (_, Some("b")) => answer(
                "400 Bad Request",
                &json!({"__type": "ResourceNotFoundException", "Message": "c4n4ry"}),
            ),
            _ => single(&body(asked)["SecretId"]),
        });
    let repo = repo("", "A: ref+awssecrets://a\nB: ref+awssecrets://b\nC: ref+awssecrets://c");
    render(&repo, &proxy.address()).exits(3).complains("there is no b").complains("error: 1 error");
}

#[test]
fn a_partial_batch_is_completed() {
    let proxy = Proxy::answering(|asked| match operation(asked).as_str() {
        "BatchGetSecretValue" => answer(
            "200 OK",
            &json!({
                "SecretValues": [entry("a")],
                "Errors": [
                    {"SecretId": "b", "ErrorCode": "AccessDeniedException", "Message": "c4n4ry"},
                    {"SecretId": "c", "ErrorCode": "InternalServiceError", "Message": "c4n4ry"},
                ],
            }),
        ),
        _ => single(&body(asked)["SecretId"]),
    });
    let repo = repo(
        "",
        "A: ref+awssecrets://a\nB: ref+awssecrets://b\nC: ref+awssecrets://c\nD: ref+awssecrets://d",
    );
    render(&repo, &proxy.address())
        .exits(3)
        .complains("error[store-denied]: b: reading it is forbidden")
        .complains("error: 1 error");
    let mut singles: Vec<String> = proxy
        .asked()
        .iter()
        .filter_map(|asked| body(asked)["SecretId"].as_str().map(str::to_owned))
        .collect();
    singles.sort();
    assert_eq!(singles, ["c", "d"]);
}

#[test]
fn another_secret_than_the_one_that_was_asked_for_is_refused() {
    let proxy = Proxy::answering(|_| answer("200 OK", &entry("other")));
    render(&repo("", "A: ref+awssecrets://a"), &proxy.address())
        .exits(3)
        .complains("error[store-failed]: a: its answer makes no sense");
}

#[test]
fn a_rotation_changes_the_value_and_the_rollout_token_alone() {
    let moto = Moto::start();
    moto.secret("web", "before");
    let repo = repo("", "PASSWORD: ref+awssecrets://web");
    let before = render(&repo, &moto.address()).succeeds();
    assert_eq!(before.stdout, render(&repo, &moto.address()).stdout, "the same versions make the same bytes");
    moto.rotate("web", "after");
    let after = render(&repo, &moto.address()).succeeds();
    assert_eq!(values(&after)["PASSWORD"], "after");
    assert_ne!(token(&after), token(&before));
    let cut = |text: &str, token: &str| cut_sinks(text).replace(token, "TOKEN");
    assert_eq!(cut(&after.stdout, &token(&after)), cut(&before.stdout, &token(&before)));
}

fn entry(name: &str) -> serde_json::Value {
    json!({
        "ARN": format!("arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:{name}-AbCdEf"),
        "Name": name,
        "VersionId": "00000000-0000-0000-0000-000000000001",
        "SecretString": format!("value of {name}"),
    })
}

fn single(id: &serde_json::Value) -> Vec<u8> {
    answer("200 OK", &entry(id.as_str().expect("an id is text")))
}
