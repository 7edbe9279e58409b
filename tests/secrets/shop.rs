//! A small control repo and what is read of its rendering.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_yaml::Value;

use super::support::{Repo, Run};

/// A value that breaks what isn't made for it: quotes, line breaks, signs of templates, shells and URLs.
pub const AWKWARD: &str = "p'a\"s$s% {{7*7}}\n\\w: #ö😀";

pub const ENVIRONMENT: &str = "platform: kubernetes\nvars: { host: db }\ndelivery: { inline: ['*/*'] }\n";

/// A repo with one environment, `prod`, one app, `web`, and a new key pair in `key.txt`, which no commit takes.
pub fn repo(app: &str) -> Repo {
    let repo = Repo::new();
    let key = repo.run(["secret", "keygen", "key.txt"]).succeeds().stdout;
    repo.file(".gitignore", "*.txt\n")
        .file("sealwright.yaml", &format!("name: shop\nid: 1f\nrecipients:\n  prod: [{}]\n", key.trim()))
        .file("environments/prod/environment.yaml", ENVIRONMENT)
        .file("environments/prod/versions.yaml", "web: 1.0\n")
        .file("apps/web/app.yaml", &format!("image: web\n{app}"))
}

#[track_caller]
pub fn set(repo: &Repo, args: &[&str], value: &str) -> Run {
    repo.run_with(["secret", "set"].iter().chain(args), &format!("{value}\n")).succeeds()
}

/// The documents that a pipe behind `render` reads.
#[track_caller]
pub fn render(repo: &Repo, unit: &str) -> Vec<Value> {
    let rendered = repo.run(["render", unit, "--identity", "key.txt"]).succeeds().stdout;
    serde_yaml::Deserializer::from_str(&rendered)
        .map(|document| Value::deserialize(document).expect("each document is YAML"))
        .collect()
}

#[track_caller]
pub fn find<'a>(documents: &'a [Value], kind: &str, name: &str) -> &'a Value {
    let mut found = documents.iter().filter(|one| one["kind"] == *kind && one["metadata"]["name"] == *name);
    found.next().unwrap_or_else(|| panic!("there is a {kind} {name}"))
}

/// A key of the Secret of an app, decoded.
#[track_caller]
pub fn secret(documents: &[Value], app: &str, key: &str) -> Vec<u8> {
    let data = find(documents, "Secret", app)["data"][key].as_str();
    BASE64_STANDARD.decode(data.unwrap_or_else(|| panic!("the Secret has {key}"))).expect("data is base64")
}

#[track_caller]
pub fn secret_text(documents: &[Value], app: &str, key: &str) -> String {
    String::from_utf8(secret(documents, app, key)).expect("this value is text")
}

pub fn container(documents: &[Value]) -> &Value {
    &find(documents, "Deployment", "web")["spec"]["template"]["spec"]["containers"][0]
}
