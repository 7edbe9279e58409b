//! A reference that a template or a patch writes keeps to `allow:`, in whatever it is wrapped.

use crate::support::Repo;

const ACCOUNT: &str = "stores: { awssecrets: { region: eu-west-1, account: \"123456789012\" }, awsssm: { region: eu-west-1, account: \"123456789012\" } }\n";

fn app(platform: &str, environment: &str, app: &str) -> Repo {
    Repo::new()
        .file("sealwright.yaml", "name: shop\nid: \"0123456789ab\"\n")
        .file("environments/prod/environment.yaml", &format!("platform: {platform}\n{environment}"))
        .file("environments/prod/versions.yaml", "web: \"1\"\n")
        .file("apps/web/app.yaml", &format!("image: web\n{app}"))
}

fn fargate(allow: &str, secrets: &str) -> Repo {
    let settings = "platforms: { ecs: { executionRole: \"arn:aws:iam::123456789012:role/e\", cluster: c, subnets: [subnet-1a2b3c4d] } }\n";
    let task = "platforms: { ecs: { task: { cpu: 256, memory: 512 } } }\n";
    app("ecs", &format!("{ACCOUNT}{settings}allow: {{ web: [{allow}] }}\n"), &format!("{task}{secrets}"))
}

const KUBERNETES: &str = "namespace: shop\nreferences: { vault: { store: vault, mount: kv } }\nallow: { \"*\": [\"vault:kv/web\"] }\n";

#[test]
fn an_external_secret_in_a_list_is_held_to_the_scope() {
    let secret = |key: &str| {
        format!(
            "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {{ name: x, namespace: shop }}\nspec: {{ secretStoreRef: {{ name: vault, kind: SecretStore }}, target: {{ name: x }}, data: [{{ secretKey: a, remoteRef: {{ key: {key}, property: p }} }}] }}\n"
        )
    };
    let indented = |text: &str| text.lines().map(|line| format!("    {line}\n")).collect::<String>();
    let list = |kind: &str, key: &str| {
        format!("apiVersion: v1\nkind: {kind}\nitems:\n  -\n{}", indented(&secret(key)))
    };
    let nested =
        |key: &str| format!("apiVersion: v1\nkind: List\nitems:\n  -\n{}", indented(&list("List", key)));
    let path = "apps/web/manifests/kubernetes/x.yaml";
    let repo = app("kubernetes", KUBERNETES, "");
    for (mine, other) in [
        (secret("web"), secret("other")),
        (list("List", "web"), list("List", "other")),
        (list("ExternalSecretList", "web"), list("ExternalSecretList", "other")),
        (nested("web"), nested("other")),
    ] {
        repo.write(path, &mine);
        let run = repo.run(["check"]);
        assert!(!run.stdout.contains("out-of-scope"), "{run}");
        repo.write(path, &other);
        repo.run(["check"]).exits(1).prints("error[out-of-scope]").prints(&format!("--> {path}:"));
    }
    let store = "apiVersion: v1\nkind: List\nitems:\n  - { apiVersion: external-secrets.io/v1, kind: SecretStore, metadata: { name: vault }, spec: {} }\n";
    repo.write(path, store);
    repo.run(["check"]).exits(1).prints("makes a store object `vault`");
}

#[test]
fn a_name_without_an_arn_is_held_to_the_scope() {
    let repo = fargate("\"awsssm:/prod/web/*\", \"awssecrets:prod/web/**\"", "");
    let path = "apps/web/manifests/ecs/task-definition.yaml";
    for (key, mine, other) in [
        ("secrets: [{ name: A, valueFrom: § }]", "/prod/web/a", "/prod/other/a"),
        ("secrets: [{ name: A, valueFrom: § }]", "/prod/web/a", "other"),
        (
            "logConfiguration: { logDriver: splunk, secretOptions: [{ name: splunk-token, valueFrom: § }] }",
            "/prod/web/a",
            "/prod/other/a",
        ),
        ("repositoryCredentials: { credentialsParameter: § }", "prod/web/registry", "prod/other/registry"),
    ] {
        let text = |name: &str| format!("containerDefinitions: [{{ {} }}]\n", key.replace('§', name));
        repo.write(path, &text(mine));
        let run = repo.run(["check"]);
        assert!(!run.stdout.contains("out-of-scope"), "{key}\n{run}");
        repo.write(path, &text(other));
        repo.run(["check"]).exits(1).prints("error[out-of-scope]");
    }
    std::fs::remove_file(repo.path(path)).expect("it was written");
    let patch = |name: &str| {
        format!(
            "image: web\nplatforms: {{ ecs: {{ task: {{ cpu: 256, memory: 512 }}, patches: {{ task-definition: {{ containerDefinitions: [{{ name: web, secrets: [{{ name: A, valueFrom: {name} }}] }}] }} }} }} }}\n"
        )
    };
    repo.write("apps/web/app.yaml", &patch("/prod/other/a"));
    repo.run(["check"]).exits(1).prints("error[out-of-scope]");
    // What the pack writes itself for a value that is resolved is the app's own.
    Repo::copy_of("ecs").run(["check"]).succeeds();
}

#[test]
fn an_arn_beside_what_is_filled_in_later_is_held_to_the_scope() {
    let repo = app("kubernetes", &format!("namespace: shop\n{ACCOUNT}"), "");
    let path = "apps/web/manifests/kubernetes/p.yaml";
    for text in [
        "\"arn:aws:secretsmanager:eu-west-1:123456789012:secret:other {{ rollout }}\"",
        "\"{{ rollout }} arn:aws:secretsmanager:eu-west-1:123456789012:secret:other\"",
    ] {
        repo.write(
            path,
            &format!("apiVersion: example.com/v1\nkind: Policy\nmetadata: {{ name: p }}\nspec: [{text}]\n"),
        );
        repo.run(["check"]).exits(1).prints("error[out-of-scope]");
    }
    repo.write(path, "apiVersion: example.com/v1\nkind: Policy\nmetadata: { name: p }\nspec: { \"arn:aws:secretsmanager:eu-west-1:123456789012:secret:other\": read }\n");
    repo.run(["check"]).exits(1).prints("error[out-of-scope]");
}

/// What is filled into a pointer stays in its segment, and what a reference is made of in its part.
#[test]
fn no_part_of_a_pointer_becomes_another_part_of_a_reference() {
    for pointer in [
        "ref+awssecrets://prod/web?region=eu-west-1%3A999999999999%3Asecret%3Aother#/a",
        "ref+awssecrets://prod/web?version_stage=A%3AB#/a",
        "ref+awssecrets://prod/web?version_id=a%3Ab#/a",
        "ref+awssecrets://prod/web:other::#/a",
        "ref+awssecrets://prod/web#/a:b",
        "ref+awssecrets://prod/web%2F..%2Fother#/a",
        "ref+awsssm:///prod/web?region=eu-west-1%3A999999999999%3Aparameter",
        "ref+awsssm://arn:aws:ssm:eu-west-1:999999999999:parameter/other",
        "ref+awsssm:///prod/web%3A3",
    ] {
        let allow = "\"awssecrets:**?region=*&account=*\", \"awsssm:**?region=*&account=*\", \"awssecrets:**\", \"awsssm:**\"";
        let repo = fargate(allow, &format!("secrets: {{ A: \"{pointer}\" }}\n"));
        repo.run(["check"]).exits(1);
        repo.run(["preview", "prod"]).exits(2);
    }
    // A value of the infrastructure and one of the environment.
    for value in ["web/../other", "..", "web#/x", "web?region=us-east-1", "web:other::", "a\\nb", "web/x"] {
        let repo = fargate(
            "\"awssecrets:prod/*\"",
            "secrets: { A: \"ref+awssecrets://prod/{{ infra.name }}#/a\" }\n",
        );
        repo.write("environments/prod/outputs.json", &format!("{{\"name\": {{\"value\": \"{value}\"}}}}\n"));
        let run = repo.run(["preview", "prod"]);
        if run.code == 0 {
            // It is a name, with everything in it.
            assert!(
                !matches!(value, "web/../other" | ".." | "web:other::" | "a\\nb" | "web/x"),
                "{value}\n{run}"
            );
            assert!(run.stdout.contains(&format!("secret:prod/{value}:a::")), "{value}\n{run}");
        }
    }
}

#[test]
fn native_pointers_keep_to_the_scope_as_resolved_ones_do() {
    for (environment, pointer) in [
        (KUBERNETES, "ref+vault://kv/other#/a"),
        (KUBERNETES, "ref+vault://kv/web%2Fother#/a"),
        (KUBERNETES, "ref+vault://kv/web/other#/a"),
        (KUBERNETES, "ref+vault://other/web#/a"),
        (KUBERNETES, "ref+vault://kv/web?namespace=other#/a"),
        (KUBERNETES, "ref+vault://kv/web/..%2Fother#/a"),
        (KUBERNETES, "ref+k8s://other#/a"),
        ("namespace: shop\nallow: { web: [\"k8s:*\"] }\n", "ref+k8s://a%2Fb#/a"),
        ("namespace: shop\nallow: { web: [\"k8s:*\"] }\n", "ref+k8s://a/b#/a"),
        ("namespace: shop\nallow: { web: [\"k8s:**\"] }\n", "ref+k8s://a?namespace=other#/a"),
        ("namespace: shop\nallow: { web: [\"k8s:**\"] }\n", "ref+k8s://a?namespace=shop#/../b"),
    ] {
        let repo = app("kubernetes", environment, &format!("secrets: {{ A: \"{pointer}\" }}\n"));
        repo.run(["check"]).exits(1);
    }
}
