//! Values arrive as values: whatever they look like, they are strings of the output and nothing else.

mod support;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_yaml::Value;

use support::{Repo, fixture};

const EVIL: &str = "x\n  hostNetwork: true";
const PASSWORD: &str = "{{7*7}}: '\"\n---\n${X} #";

#[test]
fn a_plain_value_makes_no_structure() {
    let documents = render(&repo());
    let deployment = find(&documents, "Deployment");
    let pod = &deployment["spec"]["template"]["spec"];
    assert_eq!(find(&documents, "ConfigMap")["data"]["EVIL"], EVIL);
    assert_eq!(pod["containers"][0]["args"][0], EVIL);
    assert_eq!(deployment["metadata"]["annotations"]["note"], EVIL);
    assert!(pod.get("hostNetwork").is_none());
}

#[test]
fn an_interpolated_label_is_a_string() {
    let deployment = find(&render(&repo()), "Deployment");
    let labels = &deployment["spec"]["template"]["metadata"]["labels"];
    assert_eq!(labels["one"], Value::String("1".into()));
    assert_eq!(deployment["metadata"]["annotations"]["braces"], "{{ 1 }}");
}

#[test]
fn scalars_keep_their_text() {
    let data = find(&render(&repo()), "ConfigMap")["data"].clone();
    for (name, text) in [
        ("VERSION", "1.10"),
        ("OCTAL", "0123"),
        ("COUNTRY", "NO"),
        ("SHA", "81e5080"),
        ("EXP", "1e3"),
        ("ON", "on"),
    ] {
        assert_eq!(data[name], Value::String(text.into()), "{name}");
    }
}

#[test]
fn a_password_that_looks_like_code_arrives_intact() {
    let secret = find(&render(&repo()), "Secret");
    let data = secret["data"]["PASSWORD"].as_str().unwrap();
    assert_eq!(BASE64_STANDARD.decode(data).unwrap(), PASSWORD.as_bytes());
}

#[test]
fn a_secret_is_set_for_its_readers_and_read_from_there() {
    let repo = repo();
    let app = repo.read("apps/app/prod.yaml");
    assert!(app.starts_with("secrets:\n  PASSWORD: ENC[AGE,"), "{app}");
    repo.run(["check"]).succeeds();
    repo.run(["preview", "prod"]).succeeds().prints("<age apps/app/prod.yaml #/secrets/PASSWORD>");
}

#[test]
fn one_value_for_all_environments_stands_in_app_yaml() {
    let repo = repo();
    repo.run_with(["secret", "set", "*/app", "OTHER"], "for everybody").succeeds();
    assert!(repo.read("apps/app/app.yaml").contains("\nsecrets:\n  OTHER: ENC[AGE,"));
    repo.run(["check"]).exits(1).prints("inline-not-permitted").prints("app/OTHER");
}

#[test]
fn pointers_show_in_preview_and_say_what_their_store_needs() {
    let repo = repo();
    repo.write("apps/app/prod.yaml", "secrets: { DB: \"ref+vault://kv/{{ env.name }}/app#/pass%2Fword\" }\n");
    repo.run(["check"]).exits(1).prints("out-of-scope").prints("\"vault:kv/prod/app\"");
    let environment = repo.read("environments/prod/environment.yaml");
    let permitted = format!("{environment}allow: {{ \"*\": [\"vault:kv/{{{{ env.name }}}}/*\"] }}\n");
    repo.write("environments/prod/environment.yaml", &permitted);
    repo.run(["check"]).succeeds();
    repo.run(["preview", "prod"]).succeeds().prints("<vault kv/prod/app #/pass%2Fword>");
    repo.run(["render", "prod"])
        .exits(3)
        .complains("store-settings")
        .complains("VAULT_ADDR")
        .complains("apps/app/prod.yaml:1:16");
}

fn repo() -> Repo {
    let identity = std::fs::read_to_string(fixture("demo-identity.txt")).unwrap();
    let recipient = identity.split_whitespace().find(|word| word.starts_with("age1")).unwrap();
    let repo = Repo::new()
        .file("sealwright.yaml", &format!("name: values\nid: 1e3\nrecipients: {{ prod: [{recipient}] }}\n"))
        .file(
            "environments/prod/environment.yaml",
            "platform: kubernetes\ndelivery: { inline: [app/PASSWORD, app/DB] }\n",
        )
        .file("environments/prod/versions.yaml", "app: null\n")
        .file(
            "apps/app/app.yaml",
            r#"image: busybox
args: ["x\n  hostNetwork: true"]
labels: { one: "{{ 1 }}" }
annotations: { note: "x\n  hostNetwork: true", braces: "{{ '{{' }} 1 }}" }
config:
  EVIL: "x\n  hostNetwork: true"
  VERSION: 1.10
  OCTAL: 0123
  COUNTRY: NO
  SHA: 81e5080
  EXP: 1e3
  ON: on
"#,
        );
    repo.run_with(["secret", "set", "prod/app", "PASSWORD"], &format!("{PASSWORD}\n")).succeeds();
    repo
}

fn render(repo: &Repo) -> Vec<Value> {
    let identity = fixture("demo-identity.txt");
    let run = repo.run(["render", "prod", "--identity", identity.to_str().unwrap()]).succeeds();
    serde_yaml::Deserializer::from_str(&run.stdout).map(|d| Value::deserialize(d).unwrap()).collect()
}

fn find(documents: &[Value], kind: &str) -> Value {
    documents.iter().find(|document| document["kind"] == kind).expect("the kind is rendered").clone()
}
