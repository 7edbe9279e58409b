//! A control repo of pointers into AWS, and what is needed to follow them.

use std::process::Command;

use serde_json::{Value, json};

use crate::proxy::Asked;
use crate::shop::{render_command, run};
use crate::support::{Moto, REGION, Repo, Run};

const ALLOW: &str = "allow:
  '*':
    - 'awssecrets:**'
    - 'awssecrets:**?region=*'
    - 'awssecrets:**?region=*&account=*'
    - 'awssecrets:**?role_arn=*'
    - 'awsssm:**'
    - 'awsssm:**?region=*'
    - 'awsssm:**?role_arn=*'
";

/// A repo with one app, `web`, that may use every pointer into AWS and has all of its secrets resolved.
/// `environment` is added to environment.yaml.
pub fn repo(environment: &str, secrets: &str) -> Repo {
    let secrets: String = secrets.lines().map(|line| format!("  {}\n", line.trim())).collect();
    Repo::new()
        .file("sealwright.yaml", "name: shop\nid: 5d0b7e92c41f\n")
        .file(
            "environments/prod/environment.yaml",
            &format!(
                "platform: kubernetes\nnamespace: shop\ndelivery: {{ inline: ['*/*'] }}\n{ALLOW}{environment}"
            ),
        )
        .file("environments/prod/versions.yaml", "web: 1.4.2\n")
        .file("apps/web/app.yaml", &format!("image: shop/web\nsecrets:\n{secrets}"))
}

/// `sealwright render prod` against an endpoint, with credentials and a region in the environment.
pub fn command(repo: &Repo, address: &str) -> Command {
    let mut command = render_command(repo);
    command
        .env("AWS_ENDPOINT_URL", address)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "c4n4ry-key")
        .env("AWS_REGION", REGION)
        .env("AWS_EC2_METADATA_DISABLED", "true");
    command
}

/// Renders.
#[track_caller]
pub fn render(repo: &Repo, address: &str) -> Run {
    let found = run(&mut command(repo, address));
    assert!(found.code == 0 || found.stdout.is_empty(), "{found}");
    found.never_shows("c4n4ry")
}

/// The operation that a request is for, `GetSecretValue`.
pub fn operation(asked: &Asked) -> String {
    let target = asked.text.lines().find_map(|line| line.strip_prefix("x-amz-target: "));
    target.and_then(|target| target.split('.').next_back()).unwrap_or(&asked.line).to_owned()
}

/// What is sent, as JSON.
pub fn body(asked: &Asked) -> Value {
    let (_, body) = asked.text.split_once("\r\n\r\n").expect("a head ends");
    serde_json::from_str(body).unwrap_or(Value::Null)
}

impl Moto {
    /// Makes a secret, and returns its ARN.
    #[track_caller]
    pub fn secret(&self, name: &str, text: &str) -> String {
        let made = self.call("secretsmanager.CreateSecret", json!({ "Name": name, "SecretString": text }));
        made["ARN"].as_str().expect("a secret has an ARN").to_owned()
    }

    /// Adds a version to a secret, and returns its id.
    #[track_caller]
    pub fn rotate(&self, name: &str, text: &str) -> String {
        let put =
            self.call("secretsmanager.PutSecretValue", json!({ "SecretId": name, "SecretString": text }));
        put["VersionId"].as_str().expect("a version has an id").to_owned()
    }

    /// Writes a parameter.
    #[track_caller]
    pub fn parameter(&self, name: &str, kind: &str, value: &str) {
        let body = json!({ "Name": name, "Type": kind, "Value": value, "Overwrite": true });
        self.call("AmazonSSM.PutParameter", body);
    }
}
