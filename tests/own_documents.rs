//! Documents of one's own, sinks of own kinds, typed Secrets and patches: what `fixtures/own-documents`
//! renders, and templates that try to leave their place.

mod support;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_yaml::Value;

use support::{Repo, Run, fixture, python, sealwright};

/// The preview, in which no secret shows. `UPDATE=1` in the environment rewrites it.
#[test]
fn prod_is_what_is_expected() {
    let shown = run("preview", false).stdout;
    let path = expected();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &shown).expect("what is expected can be written");
    }
    assert_eq!(shown, fs::read_to_string(path).expect("what is expected is there"));
}

#[test]
fn what_is_linked_differs_from_the_preview_in_sinks_alone() {
    let preview = fs::read_to_string(expected()).expect("what is expected is there");
    let (shown, linked): (Vec<&str>, Vec<&str>) = (preview.lines().collect(), prod().lines().collect());
    assert_eq!(shown.len(), linked.len());
    let differ: Vec<&str> =
        linked.iter().zip(&shown).filter(|(a, b)| a != b).map(|(line, _)| line.trim()).collect();
    let keys: Vec<&str> = differ.iter().filter_map(|line| line.split(':').next()).collect();
    let secret = ["DB_PASSWORD", ".dockerconfigjson", ".dockerconfigjson", "tls.crt", "tls.key", "password"];
    assert_eq!(keys, [&secret[..], &["ssh-privatekey", "password", "key.pem"]].concat());
}

#[test]
fn typed_secrets_are_what_their_readers_take() {
    python("facts/typed_secrets.py", &[], prod())
        .succeeds()
        .prints(
            "registry kubernetes.io/dockerconfigjson registry.example.com bot-prod he said \"no\"\\ ü/é\n",
        )
        .prints("mirror kubernetes.io/dockerconfigjson mirror.example.com:5000 robot$mirror a:b{c}\n")
        .prints("web-tls kubernetes.io/tls a key that fits its certificate\n")
        .prints("upstream kubernetes.io/basic-auth web key-canary-7741\n")
        .prints("deploy-key kubernetes.io/ssh-auth openssh-key-v1\n");
}

#[test]
fn readers_of_yaml_1_1_and_1_2_agree() {
    python("facts/reread.py", &[], prod()).succeeds();
}

#[test]
fn a_secret_of_a_typed_one_is_no_variable_unless_it_says_so() {
    let keys = |documents: &[Value]| -> Vec<String> {
        let secret = find(documents, "Secret", "web");
        let data = secret["data"].as_mapping().expect("a Secret has data");
        data.keys().map(|key| key.as_str().expect("a key is text").to_owned()).collect()
    };
    let variables = |documents: &[Value]| -> Vec<String> {
        let container = &find(documents, "Deployment", "web")["spec"]["template"]["spec"]["containers"][0];
        let list = container["env"].as_sequence().expect("it has variables");
        list.iter().map(|one| one["name"].as_str().expect("a name is text").to_owned()).collect()
    };
    let documents = documents(prod());
    assert_eq!(
        (keys(&documents), variables(&documents)),
        (vec!["DB_PASSWORD".into()], vec!["DB_PASSWORD".into()])
    );

    let repo = Repo::copy_of("own-documents");
    let app = repo
        .read("apps/web/app.yaml")
        .replace("secrets: {}", "secrets: { API_KEY: { env: KEY }, DB_PASSWORD: { env: null } }");
    repo.write("apps/web/app.yaml", &app);
    let shown = repo.run(["preview", "prod/web"]).succeeds().stdout;
    let documents = self::documents(&shown);
    assert_eq!(keys(&documents), ["API_KEY"]);
    assert_eq!(variables(&documents), ["KEY"]);
}

#[test]
fn patches_change_what_they_name() {
    let documents = documents(prod());
    let deployment = find(&documents, "Deployment", "web");
    assert_eq!(deployment["metadata"]["annotations"]["example.com/owner"], "team-web");
    assert_eq!(deployment["metadata"]["labels"]["team"], "shop-prod");
    assert_eq!(deployment["spec"]["minReadySeconds"], Value::from(5));
    assert_eq!(deployment["spec"].get("replicas"), None, "null takes away");
    assert_eq!(deployment["spec"]["template"]["spec"]["priorityClassName"], "0700");
    let jobs = find(&documents, "Deployment", "jobs");
    assert_eq!(jobs["metadata"]["annotations"]["example.com/owner"], "team-jobs");
    assert_eq!(jobs["spec"]["replicas"], Value::from(1));
    let files = find(&documents, "ConfigMap", "web-files");
    assert_eq!(
        (&files["data"]["issue"], &files["data"]["motd"]),
        (&Value::from("welcome to prod"), &Value::from("welcome to prod"))
    );
    assert_eq!(files["metadata"]["annotations"]["example.com/weight"], "1.10");
    assert_eq!(find(&documents, "ConfigMap", "web")["metadata"].get("annotations"), None);
    let service = find(&documents, "Service", "web");
    assert_eq!(service["spec"]["internalTrafficPolicy"], "Local");
    assert_eq!(service["spec"]["ports"][0]["port"], Value::from(80));
    let labels = &service["metadata"]["labels"];
    assert_eq!((labels.get("team"), labels["squad"].as_str()), (None, Some("shop")));
}

#[test]
fn an_environment_has_the_documents_of_what_it_extends_unless_it_has_its_own() {
    let documents = documents(prod());
    let quota = find(&documents, "ResourceQuota", "quota");
    assert_eq!(
        (&quota["metadata"]["annotations"]["audit"], &quota["spec"]["hard"]["cpu"]),
        (&"full".into(), &"16".into())
    );
    assert_eq!(find(&documents, "LimitRange", "limits")["metadata"]["namespace"], "shop");
    // One unit alone doesn't make them.
    let one = Run::of(command("preview").arg("prod/web"), b"").succeeds().never_shows("ResourceQuota");
    assert!(one.stdout.contains("kind: NetworkPolicy"));
}

#[test]
fn a_document_of_the_repo_keeps_to_the_scope() {
    let repo = Repo::copy_of("own-documents");
    let path = "apps/jobs/manifests/kubernetes/external-secret.yml";
    let text = repo.read(path);
    for (from, to) in [
        ("\"/jobs\"", "\"/web\""),
        ("\"/jobs\"", "\"/jobs/../web\""),
        ("{{ env.name ~ \"/jobs\" }}", "kv/data/prod/web"),
        ("name: vault,", "name: other,"),
        ("secret:prod/jobs/", "secret:prod/web/"),
        ("secret:prod/jobs/mail-AbCdEf", "secret:*"),
        (":123456789012:", ":210987654321:"),
        (":eu-central-1:", ":*:"),
    ] {
        assert!(text.contains(from), "{from}");
        repo.write(path, &text.replace(from, to));
        let said = repo.run(["check"]).exits(1).prints("error[out-of-scope]");
        assert!(said.stdout.contains(&format!("--> {path}:")), "{from} {to}: {said}");
    }
    for to in ["kv/data/prod/jobs", "data/prod/jobs", "kv/prod/jobs"] {
        repo.write(path, &text.replace("{{ env.name ~ \"/jobs\" }}", to));
        repo.run(["check"]).succeeds();
    }
    repo.write(path, &text);
    repo.write(
        "apps/jobs/manifests/kubernetes/store.yaml",
        "apiVersion: external-secrets.io/v1\nkind: ClusterSecretStore\nmetadata: { name: vault }\nspec: {}\n",
    );
    repo.run(["check"]).exits(1).prints("makes a store object `vault`");
}

#[test]
fn arns_of_parameters_and_documents_of_environments_keep_to_the_scope_too() {
    let policy = |arn: &str| {
        format!(
            "apiVersion: example.com/v1\nkind: Policy\nmetadata: {{ name: p }}\nspec: [\"read {arn}, please\"]\n"
        )
    };
    let environment = |allow: &str| {
        format!(
            "platform: kubernetes\nstores: {{ awsssm: {{ region: eu-central-1, account: \"123456789012\" }} }}\nallow: {{ {allow} }}\n"
        )
    };
    let parameter = |rest: &str| format!("arn:aws:ssm:{rest}");
    let mine = parameter("eu-central-1:123456789012:parameter/prod/web/db");
    let others = [
        parameter("eu-central-1:123456789012:parameter/prod/api/db"),
        parameter("eu-west-1:123456789012:parameter/prod/web/db"),
        parameter("eu-central-1:210987654321:parameter/prod/web/db"),
        parameter("*:*:parameter/prod/web/db"),
        parameter("eu-central-1:123456789012:parameter/*"),
    ];
    let (app, own) =
        ("apps/web/manifests/kubernetes/p.yaml", "environments/prod/manifests/kubernetes/p.yaml");
    for (place, allow) in [
        (app, "web: [\"awsssm:/{{ env.name }}/{{ app.name }}/*\"]"),
        (own, "\"*\": [\"awsssm:/{{ env.name }}/web/*\"]"),
    ] {
        let repo = base().file("environments/prod/environment.yaml", &environment(allow));
        repo.write(place, &policy(&mine));
        repo.run(["check"]).succeeds();
        for arn in &others {
            repo.write(place, &policy(arn));
            repo.run(["check"]).exits(1).prints("error[out-of-scope]").prints(&format!("--> {place}:4:8"));
        }
    }
    // What one app may use, the documents of the environment itself may not.
    let repo = base()
        .file("environments/prod/environment.yaml", &environment("web: [\"awsssm:/prod/web/*\"]"))
        .file(own, &policy(&mine));
    repo.run(["check"]).exits(1).prints("`prod` may not use");
}

#[test]
fn templates_include_their_neighbours_and_the_library_alone() {
    let repo = base()
        .file("apps/api/app.yaml", "image: shop/api\n")
        .file(
            "apps/api/manifests/kubernetes/other.yaml",
            "apiVersion: example.com/v1
kind: Other
metadata: { name: other }\n",
        )
        .file("environments/prod/versions.yaml", "web: 1\napi: 1\n")
        .file(
            "outside.yaml",
            "apiVersion: example.com/v1
kind: Outside
",
        );
    for name in [
        "../../../../outside.yaml",
        "outside.yaml",
        "../../../api/manifests/kubernetes/other.yaml",
        "apps/api/manifests/kubernetes/other.yaml",
        "/etc/hostname",
        "./_part.yaml",
        "other.yaml",
        "deployment.yaml",
        "platform.yaml",
        "<kubernetes>/lib.yaml",
        "lib.yaml/../deployment.yaml",
        "a.yaml/../_part.yaml",
    ] {
        for text in [
            format!("{{% include \"{name}\" %}}\n"),
            format!("{{% import \"{name}\" as x %}}\n"),
            format!("{{% extends \"{name}\" %}}\n"),
            format!("{{% set name = \"{name}\" %}}\n{{% include name %}}\n"),
        ] {
            repo.write("apps/web/manifests/kubernetes/a.yaml", &text);
            let said = repo.run(["check"]).exits(1).prints("error[template-error]");
            assert!(said.stdout.contains("--> apps/web/manifests/kubernetes/a.yaml:"), "{said}");
            assert!(!said.stdout.contains("Outside"), "{said}");
        }
    }
    repo.write(
        "apps/web/manifests/kubernetes/_part.yaml",
        "apiVersion: example.com/v1
kind: Part
metadata: { name: part }\n",
    );
    repo.write("apps/web/manifests/kubernetes/a.yaml", "{% include \"_part.yaml\" %}\n");
    let shown = repo.run(["preview", "prod"]).succeeds().stdout;
    assert_eq!(shown.matches("kind: Part").count(), 1, "a partial makes no document itself");
}

#[test]
fn templates_that_never_end_or_print_without_end_are_stopped() {
    let repo = base();
    for (text, beside) in [
        ("{% include \"a.yaml\" %}\n", ""),
        ("{% include \"_b.yaml\" %}\n", "{% include \"a.yaml\" %}\n"),
        ("{% macro m(x) %}{{ m(x) }}{% endmacro %}\n{{ m(1) }}\n", ""),
        (
            "a:\n{% for a in \"aaaaaaaaaa\"|split(\"\") %}{% for b in \"aaaaaaaaaa\"|split(\"\") %}{% for c in \"aaaaaaaaaa\"|split(\"\") %}{% for d in \"aaaaaaaaaa\"|split(\"\") %}{% for e in \"aaaaaaaaaa\"|split(\"\") %}\n  - text that is printed a hundred thousand times\n{% endfor %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}\n",
            "",
        ),
    ] {
        repo.write("apps/web/manifests/kubernetes/a.yaml", text);
        repo.write("apps/web/manifests/kubernetes/_b.yaml", beside);
        repo.run(["check"]).exits(1).prints("error[template-error]").prints("apps/web/manifests/kubernetes/");
    }
}

#[test]
fn a_link_that_leaves_the_repo_is_no_folder_and_no_template() {
    let outside = tempfile::tempdir().expect("the system has a folder for temporary files");
    fs::create_dir(outside.path().join("kubernetes")).expect("a folder can be made");
    fs::write(
        outside.path().join("kubernetes/a.yaml"),
        "apiVersion: example.com/v1
kind: Outside
",
    )
    .expect("a file can be written");
    let repo = base();
    let places = [
        ("apps/web/manifests", outside.path().to_path_buf()),
        ("apps/web/manifests/kubernetes", outside.path().join("kubernetes")),
        ("apps/web/manifests/kubernetes/a.yaml", outside.path().join("kubernetes/a.yaml")),
        ("environments/prod/manifests", outside.path().to_path_buf()),
        ("environments/prod/manifests/kubernetes", outside.path().join("kubernetes")),
    ];
    for (place, target) in places {
        let link = repo.path(place);
        fs::create_dir_all(link.parent().expect("it lies in a folder")).expect("a folder can be made");
        symlink(target, &link).expect("a link can be made");
        repo.run(["check"]).exits(1).prints("error[unreadable-file]").prints(place).never_shows("Outside");
        fs::remove_file(&link).expect("a link can be removed");
    }
    // Within the repo a link is followed.
    repo.write(
        "shared/kubernetes/a.yaml",
        "apiVersion: example.com/v1
kind: Inside
metadata: { name: inside }\n",
    );
    fs::remove_dir_all(repo.path("apps/web/manifests")).expect("a folder can be removed");
    symlink("../../shared", repo.path("apps/web/manifests")).expect("a link can be made");
    repo.run(["preview", "prod"]).succeeds().prints("kind: Inside");
}

#[test]
fn a_name_that_a_terminal_would_obey_is_refused_and_shown_escaped() {
    let repo = base();
    for place in ["apps/web/manifests/kubernetes/a\u{1b}[2J.yaml", "apps/web/manifests/kube\u{202e}/a.yaml"] {
        repo.write(place, "kind: X\n");
        repo.run(["check"]).exits(1).prints("error[bad-name]").never_shows("\u{1b}").never_shows("\u{202e}");
        fs::remove_dir_all(repo.path("apps/web/manifests")).expect("a folder can be removed");
    }
}

#[test]
fn what_one_app_calls_a_secret_another_may_decide_by() {
    let repo = Repo::copy_of("own-documents")
        .file("apps/web/manifests/kubernetes/_x.yaml", "{% macro part(x) %}\na: {{ x }}\n{% endmacro %}\n{% set mine = secrets.DB_PASSWORD %}\n{{ part(mine) }}\n")
        .file(
            "apps/jobs/manifests/kubernetes/x.yaml",
            "{% macro part(x) %}\n{% if x %}\na: {{ x }}\n{% endif %}\n{% endmacro %}\n{% set mine = app.name %}\n{% if mine == \"jobs\" %}\napiVersion: example.com/v1\nkind: X\nmetadata: { name: x }\n{{ part(\"y\") }}\n{% endif %}\n",
        );
    repo.run(["check"]).succeeds();
}

#[test]
fn the_place_of_a_secret_is_found_in_a_patched_document() {
    let repo = Repo::copy_of("own-documents").file(
        "apps/web/manifests/kubernetes/other.yaml",
        "apiVersion: v1\nkind: Other\nmetadata: { name: other, labels: { a: b } }\nfirst: 1\nlist: [1, 2]\nspec:\n  a: b\n  token: {{ secrets.API_KEY }}\n",
    );
    let app = repo.read("apps/web/app.yaml").replace(
        "    patches:\n",
        "    patches:\n      Other: { first: null, apiVersion: null, spec: { a: null, b: c }, last: x }\n",
    );
    repo.write("apps/web/app.yaml", &app);
    repo.run(["check"])
        .exits(1)
        .prints("would stand at `spec.token` of a Other")
        .prints("--> apps/web/manifests/kubernetes/other.yaml:8:13");
}

#[test]
fn a_patch_makes_no_document_without_end() {
    let grow = |operation: &str, count: usize| {
        let list: String =
            (0..count).map(|i| format!("        - {}\n", operation.replace('N', &i.to_string()))).collect();
        format!("image: shop/web\nplatforms:\n  kubernetes:\n    patches:\n      Deployment:\n{list}")
    };
    for app in [
        // Each doubles the document.
        grow("{ op: copy, from: /spec, path: /spec/xN }", 40),
        // Each makes it three levels deeper.
        grow("{ op: copy, from: \"\", path: /spec/template/spec }", 60),
    ] {
        let repo = base().file("apps/web/app.yaml", &app);
        repo.run(["check"]).exits(1).prints("error[patch-failed]").prints("too large or too deep");
    }
}

/// A control repo in which all is well.
fn base() -> Repo {
    Repo::new()
        .file("sealwright.yaml", "name: shop\nid: 5d0b7e92c41f\n")
        .file("environments/prod/environment.yaml", "platform: kubernetes\nnamespace: shop\n")
        .file("environments/prod/versions.yaml", "web: 1.4.2\n")
        .file("apps/web/app.yaml", "image: shop/web\n")
}

fn expected() -> PathBuf {
    fixture("own-documents/expected/prod.yaml")
}

fn prod() -> &'static str {
    static PROD: OnceLock<String> = OnceLock::new();
    PROD.get_or_init(|| run("render", true).stdout)
}

fn command(name: &str) -> std::process::Command {
    let mut command = sealwright();
    command.arg(name).arg("--repo").arg(fixture("own-documents"));
    command
}

/// What a pipe behind a command reads.
fn run(name: &str, identity: bool) -> Run {
    let mut command = command(name);
    command.arg("prod");
    if identity {
        command.arg("--identity").arg(fixture("demo-identity.txt"));
    }
    Run::of(&mut command, b"").succeeds()
}

fn documents(rendered: &str) -> Vec<Value> {
    serde_yaml::Deserializer::from_str(rendered)
        .map(|document| Value::deserialize(document).expect("each document is YAML"))
        .collect()
}

#[track_caller]
fn find<'a>(documents: &'a [Value], kind: &str, name: &str) -> &'a Value {
    let mut found = documents.iter().filter(|one| one["kind"] == *kind && one["metadata"]["name"] == *name);
    found.next().unwrap_or_else(|| panic!("there is a {kind} {name}"))
}
