//! The Parameter Store of Systems Manager.

use serde_json::json;

use crate::aws::{body, operation, render, repo};
use crate::proxy::{Proxy, json as answer};
use crate::shop::{token, values};
use crate::support::{ACCOUNT, Moto, cut_sinks};

#[test]
fn every_form_of_a_pointer_leads_to_its_value() {
    let moto = Moto::start();
    moto.parameter("/prod/web/password", "SecureString", "first");
    moto.parameter("/prod/web/password", "SecureString", "second");
    moto.call(
        "AmazonSSM.LabelParameterVersion",
        json!({"Name": "/prod/web/password", "ParameterVersion": 1, "Labels": ["stable"]}),
    );
    moto.parameter("plain", "String", "in the clear");
    moto.parameter("list", "StringList", "a,b,c");
    moto.parameter("json", "SecureString", r#"{"port": 3306, "hosts": ["x", "y"]}"#);
    let body = json!({"Name": "plain", "Type": "String", "Value": "over there"});
    moto.call_as("test", "us-east-1", "AmazonSSM.PutParameter", body);
    let role = "arn:aws:iam::111122223333:role/deploy";
    let key = moto.assume(role);
    let body = json!({"Name": "plain", "Type": "String", "Value": "of the other account"});
    moto.call_as(&key, "eu-west-1", "AmazonSSM.PutParameter", body);
    let repo = repo(
        "",
        &format!(
            "PASSWORD: ref+awsssm:///prod/web/password
            FIRST: ref+awsssm:///prod/web/password?version=1
            SECOND: ref+awsssm:///prod/web/password?version=2
            STABLE: ref+awsssm:///prod/web/password?label=stable
            PLAIN: ref+awsssm://plain
            LIST: ref+awsssm://list
            PORT: ref+awsssm://json#/port
            HOST: ref+awsssm://json#/hosts/1
            REGION: ref+awsssm://plain?region=us-east-1
            ROLE: ref+awsssm://plain?role_arn={role}"
        ),
    );
    let values = values(&render(&repo, &moto.address()));
    for (name, value) in [
        ("PASSWORD", "second"),
        ("FIRST", "first"),
        ("SECOND", "second"),
        ("STABLE", "first"),
        ("PLAIN", "in the clear"),
        ("LIST", "a,b,c"),
        ("PORT", "3306"),
        ("HOST", "y"),
        ("REGION", "over there"),
        ("ROLE", "of the other account"),
    ] {
        assert_eq!(values[name], value, "{name}");
    }
}

#[test]
fn all_failures_are_said_together() {
    let moto = Moto::start();
    moto.parameter("/web", "SecureString", "c4n4ry-value");
    let repo = repo(
        "",
        "MISSING: ref+awsssm:///nope
        BARE: ref+awsssm://web
        VERSION: ref+awsssm:///web?version=9
        LABEL: ref+awsssm:///web?label=none
        FIELD: ref+awsssm:///web#/x",
    );
    let found = render(&repo, &moto.address()).exits(3);
    for said in [
        "error[secret-not-found]: there is no /nope",
        "error[secret-not-found]: there is no web\n",
        "error[secret-not-found]: there is no /web?version=9",
        "error[secret-not-found]: there is no /web?label=none",
        "error[wrong-kind-of-secret]: /web: it isn't JSON, so it has no fields",
        "apps/web/app.yaml:3:12",
        "5 errors",
    ] {
        assert!(found.stderr.contains(said), "{said}\n{found}");
    }
}

#[test]
fn a_batch_that_is_refused_for_one_name_is_asked_for_one_by_one() {
    let proxy = Proxy::answering(|asked| {
        let names = body(asked)["Names"].as_array().cloned().unwrap_or_default();
        if names.contains(&json!("denied")) {
            let error = json!({"__type": "AccessDeniedException", "message": "c4n4ry"});
            return answer("400 Bad Request", &error);
        }
        let parameters: Vec<_> = names
            .iter()
            .map(|name| {
                let name = name.as_str().expect("a name is text");
                let arn = format!("arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/{name}");
                json!({"Name": name, "Type": "String", "Value": "v", "Version": 1, "ARN": arn})
            })
            .collect();
        answer("200 OK", &json!({ "Parameters": parameters, "InvalidParameters": [] }))
    });
    let repo = repo("", "A: ref+awsssm://a\nD: ref+awsssm://denied\nB: ref+awsssm://b");
    render(&repo, &proxy.address())
        .exits(3)
        .complains("error[store-denied]: denied: reading it is forbidden")
        .complains("error: 1 error");
    let operations: Vec<String> = proxy.asked().iter().map(operation).collect();
    assert_eq!(operations, ["GetParameters"; 4]);
}

#[test]
fn a_name_stands_in_a_batch_once_whatever_its_versions() {
    let moto = Moto::start();
    moto.parameter("web", "String", "first");
    moto.parameter("web", "String", "second");
    let proxy = Proxy::to(moto.socket);
    let repo = repo("", "A: ref+awsssm://web\nB: ref+awsssm://web?version=1\nC: ref+awsssm://web?version=2");
    assert_eq!(values(&render(&repo, &proxy.address()))["B"], "first");
    let mut batches: Vec<String> =
        proxy.asked().iter().map(|asked| body(asked)["Names"].to_string()).collect();
    batches.sort();
    assert_eq!(batches, ["[\"web\"]", "[\"web:1\"]", "[\"web:2\"]"]);
}

#[test]
fn a_new_version_changes_the_value_and_the_rollout_token_alone() {
    let moto = Moto::start();
    moto.parameter("web", "SecureString", "before");
    let repo = repo("", "PASSWORD: ref+awsssm://web");
    let before = render(&repo, &moto.address()).succeeds();
    moto.parameter("web", "SecureString", "after");
    let after = render(&repo, &moto.address()).succeeds();
    assert_eq!(values(&after)["PASSWORD"], "after");
    assert_ne!(token(&after), token(&before));
    let cut = |text: &str, token: &str| cut_sinks(text).replace(token, "TOKEN");
    assert_eq!(cut(&after.stdout, &token(&after)), cut(&before.stdout, &token(&before)));
}
