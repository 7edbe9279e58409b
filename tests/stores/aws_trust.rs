//! Credentials go to AWS, or to endpoints that are named outside of the repo; without them, that is said.

use std::fs;

use crate::aws::{command, repo};
use crate::proxy::{Proxy, json as answer};
use crate::shop::{render_command, run, values};
use crate::support::Moto;

const SECRETS: &str = "WEB: ref+awssecrets://web\nPARAMETER: ref+awsssm:///web";

#[test]
fn an_endpoint_that_only_the_repo_names_receives_nothing() {
    let theirs = Proxy::answering(|_| Vec::new());
    let address = theirs.address();
    let ours = Proxy::answering(|_| Vec::new());
    for endpoint in [
        address.clone(),
        "https://theirs.eu-west-1.amazonaws.com".to_owned(),
        "https://secretsmanager.eu-west-1.amazonaws.com.theirs.example".to_owned(),
    ] {
        let repo = repo(
            &format!(
                "stores: {{ awssecrets: {{ endpoint: '{endpoint}' }}, awsssm: {{ endpoint: '{endpoint}' }} }}\n"
            ),
            SECRETS,
        );
        run(&mut command(&repo, &ours.address()))
            .exits(3)
            .complains(&format!(
                "error[untrusted-store]: {endpoint} receives no credentials, as only the control repo names it"
            ))
            .complains("AWS_ENDPOINT_URL_SECRETS_MANAGER=")
            .complains("AWS_ENDPOINT_URL_SSM=")
            .complains("environments/prod/environment.yaml:13:")
            .never_shows("c4n4ry");
    }
    assert_eq!(theirs.asked().len() + ours.asked().len(), 0);
}

#[test]
fn an_endpoint_that_both_name_is_used() {
    let moto = Moto::start();
    moto.secret("web", "a secret");
    moto.parameter("/web", "SecureString", "a parameter");
    let address = moto.address();
    let repo = repo(
        &format!(
            "stores: {{ awssecrets: {{ endpoint: '{address}' }}, awsssm: {{ endpoint: '{address}/' }} }}\n"
        ),
        SECRETS,
    );
    let mut command = command(&repo, &address);
    command.env_remove("AWS_ENDPOINT_URL").env("SEALWRIGHT_TRUSTED_STORES", &address);
    let found = values(&run(&mut command));
    assert_eq!((found["WEB"].as_str(), found["PARAMETER"].as_str()), ("a secret", "a parameter"));
}

#[test]
fn a_region_can_t_lead_to_another_host() {
    let ours = Proxy::answering(|_| Vec::new());
    for region in ["x.theirs.example%2F", "eu-west-1.theirs.example"] {
        let repo = repo("", &format!("WEB: 'ref+awssecrets://web?region={region}'"));
        run(&mut command(&repo, &ours.address()))
            .exits(2)
            .complains("error[bad-pointer]: a region is letters, digits and hyphens");
    }
    let upper = repo("", "WEB: 'ref+awssecrets://web?region=EU'");
    run(&mut command(&upper, &ours.address()))
        .exits(3)
        .complains("error[wrong-kind-of-secret]")
        .complains("a region is lowercase letters");
    let repo = repo("stores: { awssecrets: { region: theirs.example } }\n", "WEB: ref+awssecrets://web");
    run(&mut command(&repo, &ours.address()))
        .exits(3)
        .complains("error[store-settings]: `stores.awssecrets.region` is no good");
    assert_eq!(ours.asked().len(), 0);
}

#[test]
fn credentials_come_from_a_profile_or_a_web_identity() {
    let moto = Moto::start();
    moto.secret("web", "a secret");
    moto.parameter("/web", "SecureString", "a parameter");
    let repo = repo("", SECRETS);
    let bare = || {
        let mut command = command(&repo, &moto.address());
        command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY").env_remove("AWS_REGION");
        command
    };
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join(".aws")).unwrap();
    fs::write(
        home.path().join(".aws/credentials"),
        "[ci]\naws_access_key_id = test\naws_secret_access_key = c4n4ry-key\n",
    )
    .unwrap();
    fs::write(home.path().join(".aws/config"), "[profile ci]\nregion = eu-west-1\n").unwrap();
    let found = values(&run(bare().env("HOME", home.path()).env("AWS_PROFILE", "ci")));
    assert_eq!(found["WEB"], "a secret");
    run(bare().env("HOME", home.path()).env("AWS_PROFILE", "none").env("AWS_REGION", "eu-west-1"))
        .exits(3)
        .complains("error[store-settings]: `AWS_PROFILE` is no good for awssecrets")
        .complains("there is no such profile")
        .never_shows("c4n4ry");

    let jwt = home.path().join("jwt");
    fs::write(&jwt, "c4n4ry.token.x").unwrap();
    let mut command = bare();
    command
        .env("AWS_WEB_IDENTITY_TOKEN_FILE", &jwt)
        .env("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/ci")
        .env("AWS_REGION", "eu-west-1");
    assert_eq!(values(&run(&mut command))["PARAMETER"], "a parameter");
}

#[test]
fn what_is_missing_is_named() {
    let ours = Proxy::answering(|_| Vec::new());
    let repo = repo("", SECRETS);
    let mut no_credentials = command(&repo, &ours.address());
    run(no_credentials.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY"))
        .exits(3)
        .complains("error[store-denied]: awssecrets at http://")
        .complains("there are no credentials for it")
        .complains("AWS_WEB_IDENTITY_TOKEN_FILE")
        .complains("error: 2 errors");
    run(command(&repo, &ours.address()).env_remove("AWS_REGION"))
        .exits(3)
        .complains("error[store-settings]: awssecrets at http://")
        .complains("the region isn't set")
        .complains("AWS_REGION");
    run(command(&repo, &ours.address()).env("LOG_SENSITIVE_BODIES", "TRUE"))
        .exits(3)
        .complains("error[store-settings]: `LOG_SENSITIVE_BODIES` is no good");
    run(command(&repo, &ours.address()).env("AWS_CA_BUNDLE", "/nowhere"))
        .exits(3)
        .complains("error[store-settings]: `AWS_CA_BUNDLE` is no good");
    assert_eq!(ours.asked().len(), 0);
    // Nothing at all in the environment, and the store isn't asked for what doesn't need it.
    let mut command = render_command(&repo);
    command.env("AWS_EC2_METADATA_DISABLED", "true");
    run(&mut command).exits(3).complains("the region isn't set");
}

#[test]
fn a_role_that_is_refused_is_said_once() {
    let proxy = Proxy::answering(|asked| match asked.text.contains("Action=AssumeRole") {
        true => crate::proxy::answer(
            "403 Forbidden",
            "Content-Type: text/xml\r\n",
            "<ErrorResponse><Error><Code>AccessDenied</Code><Message>c4n4ry</Message></Error></ErrorResponse>",
        ),
        false => answer("500 Internal Server Error", &serde_json::Value::Null),
    });
    let role = "arn:aws:iam::111122223333:role/deploy";
    let repo =
        repo("", &format!("A: ref+awssecrets://a?role_arn={role}\nB: ref+awssecrets://b?role_arn={role}"));
    run(&mut command(&repo, &proxy.address()))
        .exits(3)
        .complains("error[store-denied]: awssecrets at http://")
        .complains("it refuses the login by AssumeRole")
        .complains("error: 1 error")
        .never_shows("c4n4ry");
    assert_eq!(proxy.asked().len(), 1);
}
