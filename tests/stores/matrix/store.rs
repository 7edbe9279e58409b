//! The stores, each with pointers into it, and what a healthy server of it answers.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::canaries::{ISSUED, KEY, ROLE_ID, SECRET_ID, SESSION, TOKEN, VALUE};
use crate::aws;
use crate::proxy::Asked;
use crate::shop;
use crate::support::{ACCOUNT, REGION, Repo};

/// The name of the item that alone goes missing.
pub const OTHER: &str = "other";

/// A store, or a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// Reading from Vault.
    Vault,
    /// Asking it for its mounts.
    Mounts,
    /// Logging in to it.
    Login,
    /// Secrets Manager.
    Secrets,
    /// Parameter Store.
    Parameters,
}

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Login,
    Mount,
    Read,
    Other,
}

impl Store {
    /// A repo whose secrets stand in lines 3 and 4 of the app's file, [`OTHER`] in the second of them, and perhaps
    /// in more.
    pub fn repo(self) -> Repo {
        match self {
            Store::Vault | Store::Mounts | Store::Login => {
                shop::repo("", "WEB: ref+vault://kv/web#/token\nOTHER: ref+vault://kv/other#/token")
            }
            Store::Secrets => aws::repo(
                "",
                "WEB: ref+awssecrets://web#/token
                OTHER: ref+awssecrets://other#/token
                OLD: ref+awssecrets://web?version_stage=AWSPREVIOUS#/token",
            ),
            Store::Parameters => aws::repo(
                "",
                "WEB: ref+awsssm:///shop/web#/token
                OTHER: ref+awsssm:///shop/other#/token
                OLD: ref+awsssm:///shop/web?version=1#/token",
            ),
        }
    }

    /// How many secrets that repo has.
    pub fn pointers(self) -> usize {
        if self.is_vault() { 2 } else { 3 }
    }

    /// Gives a command what leads to the store, and the authority it trusts.
    pub fn lead(self, command: &mut Command, address: &str, authority: &Path) {
        match self {
            Store::Vault | Store::Mounts => command.env("VAULT_TOKEN", TOKEN),
            Store::Login => command.env("VAULT_ROLE_ID", ROLE_ID).env("VAULT_SECRET_ID", SECRET_ID),
            Store::Secrets | Store::Parameters => command
                .env("AWS_ACCESS_KEY_ID", "test")
                .env("AWS_SECRET_ACCESS_KEY", KEY)
                .env("AWS_SESSION_TOKEN", SESSION)
                .env("AWS_REGION", REGION)
                .env("AWS_EC2_METADATA_DISABLED", "true"),
        };
        let [address_variable, authority_variable] = match self.is_vault() {
            true => ["VAULT_ADDR", "VAULT_CACERT"],
            false => ["AWS_ENDPOINT_URL", "AWS_CA_BUNDLE"],
        };
        command.env(address_variable, address).env(authority_variable, authority);
    }

    /// What a request is for.
    pub fn purpose(self, asked: &Asked) -> Purpose {
        match self.is_vault() {
            true if asked.line.ends_with("/auth/approle/login") => Purpose::Login,
            true if asked.line.contains(" /v1/sys/internal/ui/mounts/") => Purpose::Mount,
            true if !asked.line.contains(" /v1/kv/data/") => Purpose::Other,
            _ => Purpose::Read,
        }
    }

    /// The purpose of the requests that a fault befalls.
    pub fn afflicted(self) -> Purpose {
        match self {
            Store::Login => Purpose::Login,
            Store::Mounts => Purpose::Mount,
            _ => Purpose::Read,
        }
    }

    /// A healthy answer, with what stands for a secret's content. `logins` is how many there were before.
    pub fn answer(self, asked: &Asked, logins: usize, content: &dyn Fn(&str) -> Value) -> Value {
        if self.is_vault() { vault(asked, logins, content) } else { of_aws(asked, content) }
    }

    /// Whether it is Vault.
    pub fn is_vault(self) -> bool {
        matches!(self, Store::Vault | Store::Mounts | Store::Login)
    }
}

/// What stands in each secret of a healthy store.
pub fn content(_: &str) -> Value {
    json!({ "token": VALUE })
}

fn vault(asked: &Asked, logins: usize, content: &dyn Fn(&str) -> Value) -> Value {
    let (_, path) = asked.line.split_once(" /v1/").expect("a request has a path");
    match path.strip_prefix("kv/data/") {
        Some(name) => {
            json!({"data": {"data": content(name), "metadata": {"version": 1, "destroyed": false}}})
        }
        None if path == "auth/approle/login" => {
            json!({"auth": {"client_token": ISSUED[logins.min(1)]}})
        }
        None if path == "auth/token/lookup-self" => json!({"data": {}}),
        None => json!({"data": {"path": "kv/", "type": "kv", "options": {"version": "2"}}}),
    }
}

fn of_aws(asked: &Asked, content: &dyn Fn(&str) -> Value) -> Value {
    let body = aws::body(asked);
    let names = |key: &str| -> Vec<String> {
        let names = body[key].as_array().expect("a batch has names").iter();
        names.map(|name| name.as_str().expect("a name is text").to_owned()).collect()
    };
    let secret = |name: &str| {
        let arn = format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-AbCdEf");
        json!({"ARN": arn, "Name": name, "VersionId": "v1", "SecretString": content(name).to_string()})
    };
    let parameter = |name: &str| {
        let (name, version) = name.split_once(':').unwrap_or((name, "2"));
        let arn = format!("arn:aws:ssm:{REGION}:{ACCOUNT}:parameter{name}");
        let version: u32 = version.parse().expect("a version is a number");
        json!({"ARN": arn, "Name": name, "Type": "SecureString", "Version": version,
            "Value": content(name.trim_start_matches("/shop/")).to_string()})
    };
    match aws::operation(asked).as_str() {
        "BatchGetSecretValue" => {
            let values: Vec<Value> = names("SecretIdList").iter().map(|name| secret(name)).collect();
            json!({"SecretValues": values, "Errors": []})
        }
        "GetSecretValue" => secret(body["SecretId"].as_str().expect("a secret has a name")),
        "GetParameters" => {
            let values: Vec<Value> = names("Names").iter().map(|name| parameter(name)).collect();
            json!({"Parameters": values, "InvalidParameters": []})
        }
        other => panic!("no store is asked for {other}"),
    }
}
