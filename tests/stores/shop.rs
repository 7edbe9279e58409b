//! A control repo of pointers, and its values once they are linked.

use std::collections::BTreeMap;
use std::process::Command;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_yaml::Value;

use crate::support::{Bao, ROOT, Repo, Run};

/// A repo with one app, `web`, that may use every pointer and has all of its secrets resolved. `environment` is
/// added to environment.yaml.
pub fn repo(environment: &str, secrets: &str) -> Repo {
    Repo::new()
        .file("sealwright.yaml", "name: shop\nid: 5d0b7e92c41f\n")
        .file(
            "environments/prod/environment.yaml",
            &format!(
                "platform: kubernetes\nnamespace: shop\ndelivery: {{ inline: ['*/*'] }}\n\
                 allow: {{ '*': ['vault:**', 'vault:**?namespace=**'] }}\n{environment}"
            ),
        )
        .file("environments/prod/versions.yaml", "web: 1.4.2\n")
        .file("apps/web/app.yaml", &format!("image: shop/web\nsecrets:\n{}", indented(secrets)))
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {}\n", line.trim())).collect()
}

/// `sealwright render prod` with the server and its root token in the environment.
pub fn render(repo: &Repo, bao: &Bao) -> Run {
    run(render_command(repo).env("VAULT_ADDR", bao.address()).env("VAULT_TOKEN", ROOT))
}

/// `sealwright render prod` without any.
pub fn render_command(repo: &Repo) -> Command {
    repo.command(["render", "prod"])
}

/// Runs a command.
#[track_caller]
pub fn run(command: &mut Command) -> Run {
    Run::of(command, b"")
}

/// The secrets of `web`, decoded.
#[track_caller]
pub fn values(run: &Run) -> BTreeMap<String, String> {
    assert_eq!(run.code, 0, "{run}");
    let data = find(&run.stdout, "Secret")["data"].clone();
    let decoded = |value: &Value| {
        let bytes = BASE64_STANDARD.decode(value.as_str().expect("a value is text")).expect("it is base64");
        String::from_utf8(bytes).expect("it is text")
    };
    let data = data.as_mapping().expect("a Secret has data");
    data.iter().map(|(name, value)| (name.as_str().unwrap().to_owned(), decoded(value))).collect()
}

/// The rollout token of `web`.
#[track_caller]
pub fn token(run: &Run) -> String {
    let deployment = find(&run.stdout, "Deployment");
    let annotations = &deployment["spec"]["template"]["metadata"]["annotations"];
    annotations["sealwright/secrets"].as_str().expect("it has a token").to_owned()
}

fn find(output: &str, kind: &str) -> Value {
    let documents = serde_yaml::Deserializer::from_str(output);
    let mut documents = documents.map(|document| Value::deserialize(document).expect("it is YAML"));
    documents.find(|document| document["kind"] == *kind).unwrap_or_else(|| panic!("no {kind}\n{output}"))
}
