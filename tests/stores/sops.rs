//! SOPS files that the real `sops` writes.

use std::fs;

use crate::shop::{repo, token, values};
use crate::support::{DEMO_RECIPIENT, Repo, Run, fixture, sops};

const YAML: &str = r##"# a comment
text: "a: \"b\"\n---\n{{7*7}} é😀"
multi: |
  line one
  line two
number: 3306
rate: 1.50
negative: -5
exponent: 1e3
hex: 0x10
yes: true
nope: False
no: NO
empty: ""
nothing: null
date: 2001-01-01
open_unencrypted: plain
rate_unencrypted: 1.50
exponent_unencrypted: 1e21
when_unencrypted: 2001-01-01
flag_unencrypted: True
list:
  - x
  # within
  - 2
  - deep: { er: "y~z" }
  - [p, q]
"a/b:c": slash
base: &base { k: v }
again: *base
"##;

const JSON: &str = r#"{"text": "a\"\\\n\ud83d\ude00\u0001</x>", "number": 3306, "rate": 1.50, "large": 1e21,
"no": false, "nothing": null, "empty": "", "list": ["x", {"d": 1}], "rate_unencrypted": 1.50,
"large_unencrypted": 1e21, "list_unencrypted": [1, true, null, "s"], "": "no name"}"#;

const DOTENV: &str = "# comment\nPLAIN=x y\nQUOTED=\"quoted\"\nLINES=a\\nb\nEMPTY=\nSIGNS=a=b#c\n\
    OPEN_unencrypted=op\\nen\nNUMBER=1\n";

/// A repo whose app may use every file, and has these secrets.
fn shop(secrets: &str) -> Repo {
    let repo = repo("", secrets);
    let environment = repo.read("environments/prod/environment.yaml").replace("'vault:**',", "'sops:**',");
    repo.write("environments/prod/environment.yaml", &environment);
    repo
}

/// Writes a file and encrypts it where it lies.
#[track_caller]
fn encrypt(repo: &Repo, path: &str, text: &str) {
    encrypt_with(repo, path, text, &["--age", DEMO_RECIPIENT]);
}

#[track_caller]
fn encrypt_with(repo: &Repo, path: &str, text: &str, arguments: &[&str]) {
    repo.write(path, text);
    in_repo(repo, &[&["encrypt", "--in-place"], arguments, &[path]].concat());
    assert_ne!(repo.read(path), text);
}

#[track_caller]
fn in_repo(repo: &Repo, arguments: &[&str]) -> Run {
    sops(&repo.path(""), arguments).succeeds()
}

fn render(repo: &Repo) -> Run {
    let identity = fixture("demo-identity.txt");
    repo.run(["render", "prod", "--identity", identity.to_str().expect("the path is UTF-8")])
}

#[test]
fn values_of_yaml_arrive_byte_for_byte() {
    let repo = shop(
        "TEXT: ref+sops://secrets/prod.yaml#/text
        MULTI: ref+sops://secrets/prod.yaml#/multi
        NUMBER: ref+sops://secrets/prod.yaml#/number
        RATE: ref+sops://secrets/prod.yaml#/rate
        NEGATIVE: ref+sops://secrets/prod.yaml#/negative
        EXPONENT: ref+sops://secrets/prod.yaml#/exponent
        HEX: ref+sops://secrets/prod.yaml#/hex
        YES: ref+sops://secrets/prod.yaml#/yes
        NOPE: ref+sops://secrets/prod.yaml#/nope
        NO_: ref+sops://secrets/prod.yaml#/no
        EMPTY: ref+sops://secrets/prod.yaml#/empty
        DATE: ref+sops://secrets/prod.yaml#/date
        LISTED: ref+sops://secrets/prod.yaml#/list/0
        AFTER_COMMENT: ref+sops://secrets/prod.yaml#/list/1
        DEEPER: ref+sops://secrets/prod.yaml#/list/2/deep/er
        INNER: ref+sops://secrets/prod.yaml#/list/3/1
        SLASH: ref+sops://secrets/prod.yaml#/a%2Fb:c
        ALIAS: ref+sops://secrets/prod.yaml#/again/k
        DSN: \"db://{{ secrets.NUMBER }}@{{ secrets.SLASH | urlencode }}\"",
    );
    encrypt(&repo, "secrets/prod.yaml", YAML);
    let values = values(&render(&repo));
    for (name, value) in [
        ("TEXT", "a: \"b\"\n---\n{{7*7}} é\u{1f600}"),
        ("MULTI", "line one\nline two\n"),
        ("NUMBER", "3306"),
        ("RATE", "1.5"),
        ("NEGATIVE", "-5"),
        ("EXPONENT", "1000"),
        ("HEX", "16"),
        ("YES", "true"),
        ("NOPE", "false"),
        ("NO_", "NO"),
        ("EMPTY", ""),
        ("DATE", "2001-01-01T00:00:00Z"),
        ("LISTED", "x"),
        ("AFTER_COMMENT", "2"),
        ("DEEPER", "y~z"),
        ("INNER", "q"),
        ("SLASH", "slash"),
        ("ALIAS", "v"),
        ("DSN", "db://3306@slash"),
    ] {
        assert_eq!(values[name], value, "{name}");
    }
}

#[test]
fn values_of_json_and_dotenv_arrive_byte_for_byte() {
    let repo = shop(
        "TEXT: ref+sops://secrets/prod.json#/text
        NUMBER: ref+sops://secrets/prod.json#/number
        LARGE: ref+sops://secrets/prod.json#/large
        NO_: ref+sops://secrets/prod.json#/no
        DEEP: ref+sops://secrets/prod.json#/list/1/d
        E_PLAIN: ref+sops://secrets/prod.env#/PLAIN
        E_QUOTED: ref+sops://secrets/prod.env#/QUOTED
        E_LINES: ref+sops://secrets/prod.env#/LINES
        E_EMPTY: ref+sops://secrets/prod.env#/EMPTY
        E_SIGNS: ref+sops://secrets/prod.env#/SIGNS
        E_NUMBER: ref+sops://secrets/.env#/NUMBER",
    );
    encrypt(&repo, "secrets/prod.json", JSON);
    encrypt(&repo, "secrets/prod.env", DOTENV);
    encrypt(&repo, "secrets/.env", DOTENV);
    let values = values(&render(&repo));
    for (name, value) in [
        ("TEXT", "a\"\\\n\u{1f600}\u{1}</x>"),
        ("NUMBER", "3306"),
        ("LARGE", "1000000000000000000000"),
        ("NO_", "false"),
        ("DEEP", "1"),
        ("E_PLAIN", "x y"),
        ("E_QUOTED", "\"quoted\""),
        ("E_LINES", "a\nb"),
        ("E_EMPTY", ""),
        ("E_SIGNS", "a=b#c"),
        ("E_NUMBER", "1"),
    ] {
        assert_eq!(values[name], value, "{name}");
    }
}

#[test]
fn a_token_changes_with_the_value_that_is_used_alone() {
    let repo = shop("PW: ref+sops://s.yaml#/pw");
    encrypt(&repo, "s.yaml", "pw: first\nother: x\n");
    let (before, text) = (token(&render(&repo)), repo.read("s.yaml"));
    in_repo(&repo, &["set", "s.yaml", "[\"other\"]", "\"y\""]);
    assert_ne!(repo.read("s.yaml"), text);
    assert_eq!(token(&render(&repo)), before);

    in_repo(&repo, &["set", "s.yaml", "[\"pw\"]", "\"second\""]);
    let run = render(&repo);
    assert_eq!(values(&run)["PW"], "second");
    let second = token(&run);
    assert_ne!(second, before);

    in_repo(&repo, &["rotate", "--in-place", "s.yaml"]);
    let run = render(&repo);
    assert_eq!(values(&run)["PW"], "second");
    assert_ne!(token(&run), second, "every ciphertext is new");

    in_repo(&repo, &["set", "s.yaml", "[\"pw\"]", "\"\""]);
    let run = render(&repo);
    assert_eq!(values(&run)["PW"], "");
    assert_ne!(token(&run), second);
}

#[test]
fn any_of_several_recipients_reads() {
    let repo = shop("PW: ref+sops://s.yaml#/pw");
    let other = |name: &str| repo.run(["secret", "keygen", name]).succeeds().stdout.trim().to_owned();
    let (first, second, third) = (other("first.txt"), other("second.txt"), other("third.txt"));
    let recipients = format!("{first},{second},{DEMO_RECIPIENT}");
    encrypt_with(&repo, "s.yaml", "pw: value\n", &["--age", &recipients]);
    for identity in ["first.txt", "second.txt"] {
        assert_eq!(values(&repo.run(["render", "prod", "--identity", identity]))["PW"], "value");
    }
    assert_eq!(values(&render(&repo))["PW"], "value");
    repo.run(["render", "prod", "--identity", "third.txt"])
        .exits(3)
        .complains("error[missing-identity]: sops: no identity opens what is encrypted there")
        .complains("apps/web/app.yaml:3:7")
        .complains("third.txt (1 found)");
    repo.run(["render", "prod"]).exits(3).complains("missing-identity").complains("--identity FILE");
    assert!(third.starts_with("age1"));
}

#[test]
fn what_stands_in_the_clear_is_counted_and_is_no_secret() {
    let rules = |rule: &str| format!("creation_rules:\n  - age: {DEMO_RECIPIENT}\n    {rule}\n");
    for rule in [
        "unencrypted_suffix: _open",
        "encrypted_suffix: pw",
        "unencrypted_regex: ^(a|user|n_open|flag|nothing)",
        "encrypted_regex: ^pw$",
        "encrypted_regex: ^pw$\n    mac_only_encrypted: true",
        "mac_only_encrypted: true",
    ] {
        for path in ["s.yaml", "s.json", "s.env"] {
            let repo = shop(&format!("PW: ref+sops://{path}#/pw"));
            repo.write(".sops.yaml", &rules(rule));
            let text = match path {
                "s.yaml" => "a_open: [1, 2.50, x, {b_open: true}]\nuser_open: me\nn_open: ~\npw: value\n",
                "s.json" => "{\"a_open\": [1, 2.50, \"x\"], \"user_open\": \"me\", \"pw\": \"value\"}",
                _ => "a_open=1\nuser_open=me\npw=value\n",
            };
            encrypt_with(&repo, path, text, &[]);
            assert_eq!(values(&render(&repo))["PW"], "value", "{rule} {path}");
            if rule != "mac_only_encrypted: true" {
                repo.write(
                    "apps/web/prod.yaml",
                    &format!("secrets: {{ PW: 'ref+sops://{path}#/user_open' }}\n"),
                );
                let said = render(&repo).exits(3);
                assert_eq!(said.stdout, "");
                said.complains(&format!("error[plaintext-secret]: `user_open` at {path} isn't encrypted"));
            }
        }
    }
}

#[test]
fn what_was_changed_without_sops_is_refused_as_a_whole() {
    let repo = shop("PW: ref+sops://s.yaml#/pw");
    encrypt(
        &repo,
        "s.yaml",
        "pw: c4n4ry-one\nother: c4n4ry-two\nmap: { x: c4n4ry-three }\nuser_unencrypted: me\n",
    );
    let whole = repo.read("s.yaml");
    assert_eq!(values(&render(&repo))["PW"], "c4n4ry-one");
    let line = |name: &str| {
        let line = whole.lines().find(|line| line.trim_start().starts_with(&format!("{name}: ")));
        line.expect("it has the line").to_owned()
    };
    let value = |name: &str| line(name).split_once(": ").expect("a line has a value").1.to_owned();
    let (pw, other) = (line("pw"), line("other"));
    let mac = "error[decryption-failed]: s.yaml: the MAC over its values doesn't match";
    let pw_damaged = "error[decryption-failed]: `pw` at s.yaml is damaged, or was moved there";
    let other_damaged = "error[decryption-failed]: `other` at s.yaml is damaged, or was moved there";
    let bad = "error[bad-sops-file]: s.yaml: ";
    let cases = [
        ("removed", whole.replace(&format!("{other}\n"), ""), mac),
        ("removed within", whole.replace(&line("x"), "    y: \"\""), mac),
        ("in another order", whole.replace(&pw, "@").replace(&other, &pw).replace('@', &other), mac),
        ("in the clear", whole.replace(&other, "other: c4n4ry-changed"), mac),
        ("added", format!("more: x\n{whole}"), mac),
        ("changed in the clear", whole.replace("user_unencrypted: me", "user_unencrypted: you"), mac),
        ("another time", whole.replace("lastmodified: \"2", "lastmodified: \"3"), mac),
        (
            "counted otherwise",
            whole.replace("    lastmodified", "    mac_only_encrypted: true\n    lastmodified"),
            mac,
        ),
        ("MAC of a value", whole.replace(&value("mac"), &value("pw")), mac),
        ("MAC in the clear", whole.replace(&value("mac"), "ABCDEF"), mac),
        ("moved", whole.replace(&value("pw"), &value("other")), pw_damaged),
        ("swapped", whole.replace(&other, &format!("other: {}", value("pw"))), other_damaged),
        ("cut", whole.replace(&value("pw"), &value("pw")[..60]), pw_damaged),
        ("bit", whole.replace(&value("pw"), &flipped(&value("pw"))), pw_damaged),
        ("type", whole.replace(&pw, &pw.replace("type:str", "type:int")), pw_damaged),
        ("unknown type", whole.replace(&pw, &pw.replace("type:str", "type:x")), pw_damaged),
        ("comment", whole.replace(&pw, &pw.replace("type:str", "type:comment")), pw_damaged),
        ("no MAC", whole.replace(&format!("{}\n", line("mac")), ""), &format!("{bad}it has no MAC")),
        (
            "no time",
            whole.replace(&format!("{}\n", line("lastmodified")), ""),
            &format!("{bad}it has no `lastmodified`"),
        ),
        (
            "no SOPS",
            whole.split("sops:").next().unwrap().to_owned(),
            &format!("{bad}it isn't encrypted with sops"),
        ),
        ("twice", format!("{whole}{pw}\n"), &format!("{bad}a name stands twice in one mapping (line ")),
        (
            "sops twice",
            format!("{whole}sops: {{ mac: x }}\n"),
            &format!("{bad}a name stands twice in one mapping (line "),
        ),
        (
            "key",
            whole.replace("YWdlLWVuY3J5cHRpb24", "YWdlLWVuY3J5cHRpb25"),
            &format!("{bad}what holds its key for a recipient is damaged"),
        ),
        ("documents", format!("{whole}---\nb: 1\n"), &format!("{bad}it has several YAML documents")),
    ];
    for (name, text, words) in cases {
        assert_ne!(text, whole, "{name} changes something");
        repo.write("s.yaml", &text);
        let said = render(&repo).exits(3);
        assert!(said.stderr.contains(words), "{name}: {said}");
        assert_eq!(said.stdout, "", "{name}");
        said.never_shows("c4n4ry").complains("apps/web/app.yaml:3:7");
    }
    // A version says nothing, and neither do names that nobody knows.
    repo.write("s.yaml", &whole.replace("    version: 3.", "    future: [x]\n    version: 99."));
    assert_eq!(values(&render(&repo))["PW"], "c4n4ry-one");
}

/// A scalar with one character of its data changed.
fn flipped(scalar: &str) -> String {
    let (begin, data) = scalar.split_once("data:").expect("it has data");
    let other = if data.starts_with('A') { 'B' } else { 'A' };
    format!("{begin}data:{other}{}", &data[1..])
}

#[test]
fn all_that_is_wrong_is_said_together_and_names_are_shown() {
    let repo = shop(
        "GOOD: ref+sops://s.yaml#/db/password
        FIELD: ref+sops://s.yaml#/db/pasword
        MAP: ref+sops://s.yaml#/db
        NOTHING: ref+sops://s.yaml#/nothing
        BELOW: ref+sops://s.yaml#/db/user/0
        GONE: ref+sops://secrets/gone.yaml#/x
        FOLDER: ref+sops://apps#/x
        BINARY: ref+sops://s.bin#/x
        LINK: ref+sops://out.yaml#/x
        GIT: ref+sops://.git/x.yaml#/x",
    );
    encrypt(&repo, "s.yaml", "db: { password: c4n4ry-one, user: u }\nnothing: null\n");
    let outside = tempfile::tempdir().expect("the system has a folder for temporary files");
    fs::copy(repo.path("s.yaml"), outside.path().join("out.yaml")).expect("a file can be copied");
    std::os::unix::fs::symlink(outside.path().join("out.yaml"), repo.path("out.yaml"))
        .expect("a link is made");
    let said = render(&repo).exits(3);
    assert_eq!(said.stdout, "");
    let said = said
        .complains("error[field-not-found]: no field `db/pasword` at s.yaml; it has `password`, `user`")
        .complains("did you mean `password`?")
        .complains("error[wrong-kind-of-secret]: s.yaml: a map or a list stands there")
        .complains("error[wrong-kind-of-secret]: s.yaml: null stands there")
        .complains("error[wrong-kind-of-secret]: `db/user` at s.yaml has no fields")
        .complains("error[secret-not-found]: there is no secrets/gone.yaml")
        .complains("error[bad-sops-file]: s.bin: its name ends with none of")
        .complains("error[unreadable-file]: out.yaml: a symbolic link leads outside the repo")
        .complains("error[unreadable-file]: .git/x.yaml: a path can't lead into `.git`")
        .complains("error: 9 errors")
        .never_shows("c4n4ry");
    assert!(!said.stderr.contains("GOOD"), "{said}");

    repo.write("apps/web/app.yaml", "image: x\nsecrets: { A: 'ref+sops://a/%2E%2E/%2E%2E/s.yaml#/x' }\n");
    render(&repo).exits(2).complains("error[bad-pointer]");
}

#[test]
fn other_keys_than_age_are_named() {
    let repo = shop("PW: ref+sops://s.yaml#/pw\nTWO: ref+sops://two.yaml#/pw");
    encrypt(&repo, "s.yaml", "pw: value\n");
    let text = repo.read("s.yaml");
    let (begin, rest) = text.split_once("    age:\n").expect("it has recipients");
    let end = &rest[rest.find("    lastmodified").expect("it has a time")..];
    let keys = "    kms:\n        - arn: arn:aws:kms:eu-west-1:1:key/x\n          enc: x\n    pgp:\n        - fp: X\n          enc: y\n";
    repo.write("s.yaml", &format!("{begin}{keys}    age: []\n{end}"));
    let rule = format!(
        "creation_rules:\n  - key_groups:\n      - age: [{DEMO_RECIPIENT}]\n      - age: [{DEMO_RECIPIENT}]\n"
    );
    repo.write(".sops.yaml", &rule);
    encrypt_with(&repo, "two.yaml", "pw: value\n", &[]);
    render(&repo)
        .exits(3)
        .complains("error[bad-sops-file]: s.yaml is encrypted for AWS KMS, PGP, not for age")
        .complains("sops rotate --in-place --add-age")
        .complains("error[bad-sops-file]: two.yaml: its key is divided among groups of keys");
}

#[test]
fn hostile_files_end_soon_and_say_why() {
    let repo = shop("PW: ref+sops://s.json#/pw");
    encrypt(&repo, "s.json", "{\"pw\": \"value\"}");
    let whole = repo.read("s.json");
    let recipient = &whole[whole.find("\t\t\t{").unwrap()..whole.find("\t\t],").unwrap()];
    for (name, text, words) in [
        ("huge", " ".repeat(11 << 20), "larger than 10 MiB"),
        ("deep", "[".repeat(1 << 20), "nested too deep"),
        (
            "nested",
            whole.replacen("\"pw\"", &format!("\"x\": {}{}, \"pw\"", "[".repeat(500), "]".repeat(500)), 1),
            "nested too deep",
        ),
        (
            "recipients",
            whole.replacen(
                recipient,
                &format!("{}{recipient}", format!("{},", recipient.trim_end()).repeat(300)),
                1,
            ),
            "more than 256 recipients",
        ),
        ("duplicate", whole.replacen("\"pw\"", "\"pw\": \"\", \"pw\"", 1), "a name stands twice"),
        ("cut", whole[..whole.len() / 2].to_owned(), "it isn't JSON"),
        ("text", "hunter2".to_owned(), "it isn't JSON"),
        ("list", "[]".to_owned(), "it isn't a mapping"),
        ("sops is text", "{\"sops\": \"x\"}".to_owned(), "s.json has no recipients"),
    ] {
        repo.write("s.json", &text);
        let said = render(&repo).exits(3);
        assert!(said.stderr.contains(words), "{name}: {said}");
        said.never_shows("hunter2");
    }
}
