//! Where AWS's credentials come from when they don't lie in the environment, and what happens when they expire.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use crate::aws::{command, operation, repo};
use crate::proxy::{Asked, Proxy, answer, json as answer_json};
use crate::shop::{run, values};
use crate::support::{ACCOUNT, Repo};

fn without_keys(repo: &Repo, address: &str) -> Command {
    let mut command = command(repo, address);
    command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
    command
}

fn credentials(key: &str) -> serde_json::Value {
    json!({
        "Code": "Success", "Type": "AWS-HMAC", "LastUpdated": "2026-01-01T00:00:00Z", "AccessKeyId": key,
        "SecretAccessKey": "c4n4ry-key", "Token": "c4n4ry-token", "Expiration": "2099-01-01T00:00:00Z",
    })
}

fn is_as(asked: &Asked, key: &str) -> bool {
    asked.text.contains(&format!("Credential={key}/"))
}

fn secret() -> Vec<u8> {
    let arn = format!("arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:web-AbCdEf");
    answer_json("200 OK", &json!({"ARN": arn, "Name": "web", "VersionId": "v1", "SecretString": "value"}))
}

#[test]
fn from_the_container() {
    let proxy = Proxy::answering(|asked| match asked.line.as_str() {
        "GET /container" => answer_json("200 OK", &credentials("one")),
        _ => secret(),
    });
    let repo = repo("", "WEB: ref+awssecrets://web");
    let mut command = without_keys(&repo, &proxy.address());
    command.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{}/container", proxy.address()));
    assert_eq!(values(&run(&mut command))["WEB"], "value");
    assert!(is_as(&proxy.asked()[1], "one"));
}

#[test]
fn from_the_instance_which_knows_its_region_too() {
    let proxy = Proxy::answering(|asked| match asked.line.as_str() {
        "PUT /latest/api/token" => {
            answer("200 OK", "x-aws-ec2-metadata-token-ttl-seconds: 21600\r\n", "c4n4ry-session")
        }
        "GET /latest/meta-data/placement/region" => answer("200 OK", "", "eu-north-1"),
        line if line.ends_with("/security-credentials/") => answer("200 OK", "", "deploy"),
        line if line.ends_with("/security-credentials/deploy") => {
            answer_json("200 OK", &credentials("instance"))
        }
        _ => secret(),
    });
    let repo = repo("", "WEB: ref+awssecrets://web");
    let mut command = without_keys(&repo, &proxy.address());
    command
        .env_remove("AWS_REGION")
        .env_remove("AWS_EC2_METADATA_DISABLED")
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", proxy.address());
    assert_eq!(values(&run(&mut command))["WEB"], "value");
    let asked = proxy.asked();
    let read = asked.last().expect("it is asked");
    assert!(is_as(read, "instance"));
    assert!(read.text.contains("/eu-north-1/secretsmanager/"), "{}", read.text);
}

#[test]
fn credentials_that_expire_midway_are_fetched_again() {
    let times = AtomicUsize::new(0);
    let proxy = Proxy::answering(move |asked| {
        if asked.line == "GET /container" {
            let first = times.fetch_add(1, Ordering::SeqCst) == 0;
            return answer_json("200 OK", &credentials(if first { "one" } else { "two" }));
        }
        match is_as(asked, "one") {
            true => answer_json("400 Bad Request", &json!({"__type": "ExpiredTokenException"})),
            false => secret(),
        }
    });
    let repo = repo("", "WEB: ref+awssecrets://web");
    let mut command = without_keys(&repo, &proxy.address());
    command.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{}/container", proxy.address()));
    assert_eq!(values(&run(&mut command))["WEB"], "value");
    assert_eq!(proxy.count("GET /container"), 2);
    assert_eq!(proxy.asked().len(), 4);
}

#[test]
fn credentials_that_are_refused_aren_t_fetched_for_ever() {
    let proxy = Proxy::answering(|asked| match asked.line.as_str() {
        "GET /container" => answer_json("200 OK", &credentials("one")),
        _ => answer_json("400 Bad Request", &json!({"__type": "ExpiredTokenException"})),
    });
    let secrets: String = (0..50).map(|n| format!("S{n}: ref+awssecrets://p{n}\n")).collect();
    let repo = repo("", &secrets);
    let mut command = without_keys(&repo, &proxy.address());
    command.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{}/container", proxy.address()));
    run(&mut command)
        .exits(3)
        .complains("it doesn't accept the credentials")
        .complains("error: 1 error")
        .never_shows("c4n4ry");
    assert_eq!(proxy.count("GET /container"), 2);
    let reads = proxy.asked().iter().filter(|asked| operation(asked) == "BatchGetSecretValue").count();
    assert_eq!(reads, 3);
}
