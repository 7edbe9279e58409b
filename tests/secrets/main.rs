//! Secrets of every form, end to end: composed, encoded, as files, shared, for groups and for ssh keys.

#[path = "../support/mod.rs"]
mod support;

mod shared;
mod shop;

use std::fs;
use std::process::Command;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_yaml::Value;

use shop::{AWKWARD, ENVIRONMENT, container, find, render, repo, secret, secret_text, set};
use support::{Run, fixture, python};

#[test]
fn secrets_compose_with_each_other_and_with_plain_names() {
    let repo = repo(
        "config: { PORT: 3306, USER: '{{ app.name }}' }\nsecrets:\n  \
        DSN: \"{{ config.USER }}:{{ secrets.PW | urlencode }}@tcp({{ env.host }}:{{ config.PORT }})/{{ env.name }}\"\n  \
        OUTER: \"<{{ secrets.DSN | tojson }}|{{ secrets.PW | b64encode | urlencode }}>\"\n",
    );
    set(&repo, &["prod/web", "PW"], AWKWARD);
    let documents = render(&repo, "prod");
    let encoded = "p%27a%22s%24s%25%20%7B%7B7%2A7%7D%7D%0A%5Cw%3A%20%23%C3%B6%F0%9F%98%80";
    let dsn = format!("web:{encoded}@tcp(db:3306)/prod");
    assert_eq!(secret_text(&documents, "web", "PW"), AWKWARD);
    assert_eq!(secret_text(&documents, "web", "DSN"), dsn);
    let base64 = BASE64_STANDARD.encode(AWKWARD).replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    assert_eq!(secret_text(&documents, "web", "OUTER"), format!("<\"{dsn}\"|{base64}>"));

    repo.run(["preview", "prod"])
        .succeeds()
        .prints("web:<age apps/web/prod.yaml #/secrets/PW | urlencode>@tcp(db:3306)/prod")
        .prints("<age apps/web/prod.yaml #/secrets/PW | b64encode | urlencode>")
        .never_shows("p'a");
}

#[test]
fn a_shell_and_json_read_the_same_value() {
    let repo = repo(
        "secrets:\n  SHELL: \"{{ secrets.PW | shellquote }}\"\n  JSON: \"{{ secrets.PW | tojson }}\"\n  \
        DOTENV: \"PW={{ secrets.PW | dotenv }}\"\nconfig:\n  PLAIN: \"{{ \\\"it's\\\" | shellquote }} {{ 'a$b' | dotenv }}\"\n",
    );
    set(&repo, &["prod/web", "PW"], AWKWARD);
    let documents = render(&repo, "prod");
    let script = format!("printf %s {}", secret_text(&documents, "web", "SHELL"));
    let output = Command::new("sh").args(["-c", &script]).output().expect("there is a shell");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), AWKWARD);
    let json = secret_text(&documents, "web", "JSON");
    assert_eq!(serde_json::from_str::<String>(&json).unwrap(), AWKWARD);
    assert_eq!(secret_text(&documents, "web", "DOTENV"), "PW=\"p'a\\\"s\\$s% {{7*7}}\\n\\\\w: #ö😀\"");
    assert_eq!(find(&documents, "ConfigMap", "web")["data"]["PLAIN"], *r#"'it'\''s' "a\$b""#);
}

#[test]
fn bytes_that_are_no_text_arrive_unless_their_encoding_needs_text() {
    let binary = repo("secrets: { URL: 'x={{ secrets.RAW | urlencode }}' }\n");
    let mut command = binary.command(["secret", "set", "prod/web", "RAW"]);
    Run::of(&mut command, b"\xff\xfe\n").succeeds();
    let documents = render(&binary, "prod");
    assert_eq!(secret(&documents, "web", "RAW"), b"\xff\xfe");
    assert_eq!(secret_text(&documents, "web", "URL"), "x=%FF%FE");
    for filter in ["tojson", "shellquote", "dotenv"] {
        let repo = repo(&format!("secrets: {{ BAD: '{{{{ secrets.RAW | {filter} }}}}' }}\n"));
        Run::of(&mut repo.command(["secret", "set", "prod/web", "RAW"]), b"\xff\0x").succeeds();
        repo.run(["render", "prod", "--identity", "key.txt"])
            .exits(3)
            .complains("secret-not-representable")
            .complains("`RAW`");
    }
}

#[test]
fn what_a_composition_cant_do_is_said_at_its_place() {
    let cases = [
        ("A: \"{{ secrets.A }}\"", "secret-cycle", "composed of itself"),
        ("A: \"{{ secrets.B }}\"\n  B: \"x{{ secrets.A }}\"", "secret-cycle", "composed of itself"),
        ("A: \"{{ secrets.PWD }}\"", "undefined-variable", "did you mean `PW`?"),
        ("A: \"{{ secrets.PW | upper }}\"", "secret-operation", "shellquote"),
        ("A: \"{{ secrets.PW ~ 'x' }}\"", "secret-operation", ""),
        ("A: \"{{ secrets.PW\"", "bad-expression", ""),
        ("A: \"{{ secrets }}\"", "secret-operation", ""),
        ("A: \"x{{ env.host }}\"", "plaintext-secret", ""),
        ("A: \"{{ secrets.PW }}{{ env.nope }}\"", "undefined-variable", "`env.nope`"),
    ];
    for (entry, code, words) in cases {
        let repo = repo(&format!("secrets:\n  {entry}\n"));
        repo.write("apps/web/prod.yaml", "secrets: { PW: ref+vault://kv/web#/pw }\n");
        repo.write(
            "environments/prod/environment.yaml",
            &format!("{ENVIRONMENT}allow: {{ web: ['vault:kv/**'] }}\n"),
        );
        repo.run(["check"]).exits(1).prints(code).prints(words).prints("apps/web/app.yaml");
    }
}

#[test]
fn a_composition_needs_permissions_of_its_own() {
    let repo = repo("secrets: { DSN: 'x{{ secrets.PW }}' }\n");
    set(&repo, &["prod/web", "PW"], "hunter2");
    let inline = |rules: &str| format!("platform: kubernetes\ndelivery: {{ inline: [{rules}] }}\n");
    repo.write("environments/prod/environment.yaml", &inline("web/PW"));
    repo.run(["check"]).exits(1).prints("inline-not-permitted").prints("add `web/DSN` to this list");
    repo.write("environments/prod/environment.yaml", &inline("web/DSN, web/PW"));
    repo.run(["check"]).succeeds();
    // What it is composed of is held to `allow:`.
    repo.write("apps/web/prod.yaml", "secrets: { PW: ref+vault://kv/web#/pw }\n");
    repo.run(["check"]).exits(1).prints("out-of-scope");
}

#[test]
fn a_secret_is_delivered_as_a_file_as_a_variable_or_as_both() {
    let repo = repo(
        "security: { user: 10001 }\nsecrets:\n  FILE: { file: /run/secrets/db }\n  \
        BOTH: { file: '/etc/{{ app.name }}/both', env: BOTH_VARIABLE, mode: 0440 }\n  PLAIN: \"{{ secrets.FILE }}\"\n",
    );
    set(&repo, &["*/web", "FILE"], AWKWARD);
    set(&repo, &["*/web", "BOTH"], "both");
    let documents = render(&repo, "prod");
    assert_eq!(secret_text(&documents, "web", "FILE"), AWKWARD);
    let container = container(&documents);
    let variables: Vec<_> =
        container["env"].as_sequence().unwrap().iter().map(|v| v["name"].as_str()).collect();
    assert_eq!(variables, [Some("BOTH_VARIABLE"), Some("PLAIN")]);
    let mounts = yaml(
        "- {name: sealwright-secrets, mountPath: /run/secrets/db, subPath: FILE, readOnly: true}\n\
         - {name: sealwright-secrets, mountPath: /etc/web/both, subPath: BOTH, readOnly: true}",
    );
    assert_eq!(container["volumeMounts"], mounts);
    let pod = &find(&documents, "Deployment", "web")["spec"]["template"]["spec"];
    let volumes = yaml(
        "- name: sealwright-secrets\n  secret:\n    secretName: web\n    \
         items: [{key: FILE, path: FILE, mode: 256}, {key: BOTH, path: BOTH, mode: 288}]",
    );
    assert_eq!(pod["volumes"], volumes);
    assert_eq!(pod["securityContext"], yaml("fsGroup: 10001"));
}

#[test]
fn a_file_that_names_a_secret_is_one_and_others_are_configuration() {
    let repo = repo(
        "volumes: { tmp: /tmp }\nsidecars: { proxy: { image: 'proxy:1' } }\nfiles:\n  db.conf: { path: /etc/db.conf, content: \"password = {{ secrets.PW | tojson }}\\n\" }\n  \
        app.conf: { path: /etc/app.conf, content: \"host = {{ env.host }}\\n\", mode: '0644' }\n",
    );
    set(&repo, &["prod/web", "PW"], "a\"b");
    let rendered = repo.run(["render", "prod", "--identity", "key.txt"]).succeeds().stdout;
    python("facts/validate.py", &[], &rendered).succeeds();
    let documents = render(&repo, "prod");
    assert_eq!(secret_text(&documents, "web", "db.conf"), "password = \"a\\\"b\"\n");
    let plain = find(&documents, "ConfigMap", "web-files");
    assert_eq!(plain["data"], yaml("{app.conf: \"host = db\\n\"}"));
    let pod = &find(&documents, "Deployment", "web")["spec"]["template"];
    let volumes = yaml(
        "- {name: sealwright-secrets, secret: {secretName: web, items: [{key: db.conf, path: db.conf, mode: 256}]}}\n\
         - {name: sealwright-files, configMap: {name: web-files, items: [{key: app.conf, path: app.conf, mode: 420}]}}\n\
         - {name: tmp, emptyDir: {}}",
    );
    assert_eq!(pod["spec"]["volumes"], volumes);
    let names: Vec<_> =
        container(&documents)["env"].as_sequence().unwrap().iter().map(|v| v["name"].as_str()).collect();
    assert_eq!(names, [Some("PW")]);
    repo.run(["preview", "prod"])
        .succeeds()
        .prints("password = <age apps/web/prod.yaml #/secrets/PW | tojson>");

    // Pods read a file when they start, so they are replaced when one changes.
    let checksum = |documents: &[Value]| {
        find(documents, "Deployment", "web")["spec"]["template"]["metadata"]["annotations"]["sealwright/config"].clone()
    };
    let before = checksum(&documents);
    repo.write("apps/web/app.yaml", &repo.read("apps/web/app.yaml").replace("host =", "server ="));
    assert_ne!(checksum(&render(&repo, "prod")), before);
}

#[test]
fn a_file_with_a_secret_needs_the_permission_under_its_own_name() {
    let repo = repo("files: { db.conf: { path: /etc/db.conf, content: 'p={{ secrets.PW }}' } }\n");
    set(&repo, &["prod/web", "PW"], "x");
    let environment = "platform: kubernetes\ndelivery: { inline: [web/PW] }\n";
    repo.write("environments/prod/environment.yaml", environment);
    repo.run(["check"]).exits(1).prints("inline-not-permitted").prints("web/db.conf");
}

#[test]
fn what_is_wrong_with_files_is_said_at_its_place() {
    let secret = "secrets: { PW: { value: ref+vault://kv/web#/pw, ";
    let cases = [
        ("files: { a: { path: /a, content: 'x ENC[AGE,YWdl]' } }\n".to_string(), "secret-in-file"),
        ("files: { a: { path: /a, content: 'ref+vault://kv/x#/y' } }\n".to_string(), "secret-in-file"),
        ("files: { a: { content: x } }\n".to_string(), "add `path: /PATH`"),
        ("files: { a: { content: '{{ secrets.PW }}' } }\n".to_string(), "add `path: /PATH`"),
        ("files: { a: { path: /a } }\n".to_string(), "has no content"),
        ("files: { a: { path: etc/a, content: x } }\n".to_string(), "bad-path"),
        ("files: { a: { path: /a/../b, content: '{{ secrets.PW }}' } }\n".to_string(), "bad-path"),
        ("files: { a: { path: /a, content: x, mode: 0999 } }\n".to_string(), "bad-mode"),
        ("files: { PW: { path: /a, content: x } }\n".to_string(), "name-taken"),
        ("files: { PW: { path: /a, content: '{{ secrets.PW }}' } }\n".to_string(), "name-taken"),
        ("files: { a: { path: /a, content: x }, b: { path: /a, content: y } }\n".to_string(), "path-taken"),
        (
            "volumes: { tmp: /tmp }\nfiles: { a: { path: /tmp, content: '{{ secrets.PW }}' } }\n".to_string(),
            "path-taken",
        ),
        ("files: { a: { path: '{{ secrets.PW }}', content: x } }\n".to_string(), "secret-in-plain-text"),
        ("files: { a: { path: /a, content: '{{ env.nope }}' } }\n".to_string(), "`env.nope`"),
        ("files: { a: /etc/a }\n".to_string(), "expected a mapping"),
        ("files: { ..a: { path: /a, content: x } }\n".to_string(), "not beginning with `.`"),
        (format!("{secret} mode: '0400' }} }}\n"), "bad-mode"),
        (format!("{secret} file: run/x }} }}\n"), "bad-path"),
        (format!("{secret} file: /x, mode: rw }} }}\n"), "bad-mode"),
    ];
    for (app, words) in cases {
        let app = if app.contains("secrets: {") { app } else { format!("{app}{secret}env: PW }} }}\n") };
        let repo = repo(&app);
        repo.write(
            "environments/prod/environment.yaml",
            &format!("{ENVIRONMENT}allow: {{ web: ['vault:kv/**'] }}\n"),
        );
        repo.run(["check"]).exits(1).prints(words).prints("apps/web/app.yaml:");
    }
}

#[test]
fn compositions_without_end_are_refused() {
    let double = |n: usize| format!("  A{n}: '{{{{ secrets.A{} }}}}{{{{ secrets.A{} }}}}'\n", n - 1, n - 1);
    let bomb: String = (1..30).map(double).collect();
    let filters = " | b64encode".repeat(40);
    for (app, code, exit) in [
        (format!("secrets:\n{bomb}"), "secret-cycle", 2),
        (format!("secrets:\n  B: '{{{{ secrets.A0{filters} }}}}'\n"), "secret-too-large", 3),
    ] {
        let repo = repo(&app);
        let value = "x".repeat(1 << 10);
        // The value can be set while the rest isn't right.
        set(&repo, &["prod/web", "A0"], &value);
        repo.run(["render", "prod", "--identity", "key.txt"]).exits(exit).complains(code);
    }
}

#[test]
fn an_environment_takes_several_groups_and_any_member_reads() {
    let repo = repo("secrets: {}\n");
    let key = |name: &str| repo.run(["secret", "keygen", name]).succeeds().stdout.trim().to_string();
    let (ops, ci, late) = (key("ops.txt"), key("ci.txt"), key("late.txt"));
    let root = |ops_members: &str| {
        format!("name: shop\nid: 1f\nrecipients:\n  ops: [{ops_members}]\n  ci: [{ci}, {ops}]\n")
    };
    repo.write("sealwright.yaml", &root(&ops));
    repo.write("environments/prod/environment.yaml", &format!("{ENVIRONMENT}recipients: [ops, ci, ops]\n"));
    set(&repo, &["prod/web", "PW"], "x").complains("for 2 recipients of prod");
    for reader in ["ops.txt", "ci.txt"] {
        repo.run(["render", "prod", "--identity", reader]).succeeds().prints(&BASE64_STANDARD.encode("x"));
    }
    repo.run(["render", "prod", "--identity", "late.txt"]).exits(3).complains("missing-identity");

    // The order of groups and members says nothing; a new member is one to whom it isn't encrypted.
    repo.write("environments/prod/environment.yaml", &format!("{ENVIRONMENT}recipients: [ci, ops]\n"));
    repo.run(["check"]).succeeds();
    repo.write("sealwright.yaml", &root(&format!("{late}, {ops}")));
    repo.run(["check"])
        .exits(1)
        .prints("wrong-recipients")
        .prints("by 3 recipients")
        .prints("sealwright secret set prod/web PW");
    repo.write("sealwright.yaml", &root(&ops));
    repo.write("environments/prod/environment.yaml", &format!("{ENVIRONMENT}recipients: [ops]\n"));
    repo.run(["check"]).exits(1).prints("wrong-recipients").prints("by 1 recipient");
    repo.write("environments/prod/environment.yaml", &format!("{ENVIRONMENT}recipients: [opps]\n"));
    repo.run(["check"]).exits(1).prints("unknown-group").prints("did you mean `ops`?");
}

#[test]
fn ssh_keys_read_what_is_encrypted_to_them() {
    let repo = repo("secrets: {}\n");
    let public = |name: &str| {
        fs::read_to_string(fixture(&format!("ssh/{name}.pub"))).expect("the key is there").trim().to_string()
    };
    let own = repo.read("sealwright.yaml");
    let root = |comment: &str| {
        let ed25519 = public("ed25519").replace("a test key of Sealwright, known to everybody", comment);
        format!("{own}  ssh:\n    - {ed25519}\n    - {}\n", public("rsa"))
    };
    repo.write("sealwright.yaml", &root("one comment"));
    repo.write("environments/prod/environment.yaml", &format!("{ENVIRONMENT}recipients: [prod, ssh]\n"));
    set(&repo, &["prod/web", "PW"], AWKWARD).complains("for 3 recipients of prod");
    for identity in [repo.path("key.txt"), fixture("ssh/ed25519"), fixture("ssh/rsa")] {
        repo.run(["render", "prod", "--identity", identity.to_str().expect("the path is UTF-8")])
            .succeeds()
            .prints(&BASE64_STANDARD.encode(AWKWARD));
    }
    repo.write("sealwright.yaml", &root("another one"));
    repo.run(["check"]).succeeds();

    let render =
        |name: &str| repo.run(["render", "prod", "--identity", fixture(name).to_str().unwrap()]).exits(3);
    render("ssh/passphrase").complains("protected by a passphrase").complains("secret keygen");
    render("ssh/ecdsa").complains("only ed25519 and RSA");
    render("demo-identity.txt").complains("missing-identity");
    for (recipient, words) in [
        ("ecdsa-sha2-nistp256 AAAA", "a recipient"),
        ("ssh-ed25519 AAAA", "isn't an ssh public key"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----", "a recipient"),
        ("age1yubikey1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqrjljxx", "plugins"),
    ] {
        repo.write("sealwright.yaml", &format!("{own}  ssh: ['{recipient}']\n"));
        repo.run(["check"]).exits(1).prints(words);
    }
}

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).expect("the test's YAML is valid")
}
