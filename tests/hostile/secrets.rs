//! Pointers, ciphertexts and composed secrets.

use std::fmt::Write as _;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::bounded::{refused, run, short, small};
use crate::support::Repo;

fn app(secrets: &str) -> Repo {
    small().file("apps/web/app.yaml", &format!("image: nginx\nsecrets:\n{secrets}"))
}

#[track_caller]
fn value_is_refused(value: &str, code: &str) {
    let value = serde_json::Value::from(value);
    refused(&app(&format!("  S: {value}\n")), &[&format!("error[{code}]"), "app.yaml:3:"]);
}

#[test]
fn secrets_composed_in_a_circle() {
    refused(&app("  A: \"{{ secrets.A }}\"\n"), &["error[secret-cycle]", "app.yaml:3:"]);
    let three = "  A: \"{{ secrets.B }}\"\n  B: \"{{ secrets.C }}\"\n  C: \"x{{ secrets.A }}\"\n";
    refused(&app(three), &["error[secret-cycle]", "app.yaml:"]);
}

#[test]
fn secrets_composed_in_a_long_chain() {
    let mut text = String::new();
    (0..100_000).for_each(|i| writeln!(text, "  S{i}: \"{{{{ secrets.S{} }}}}\"", i + 1).unwrap());
    text.push_str("  S100000: ref+vault://kv/x#/y\n");
    refused(&app(&text), &["error[secret-cycle]", "app.yaml:"]);
}

#[test]
fn secrets_that_double() {
    let mut text = "  S0: ref+vault://kv/x#/y\n".to_owned();
    for i in 1..30 {
        writeln!(text, "  S{i}: \"{{{{ secrets.S{0} }}}}{{{{ secrets.S{0} }}}}\"", i - 1).unwrap();
    }
    let repo = app(&text).file(
        "environments/prod/environment.yaml",
        "platform: kubernetes\ndelivery: {inline: [\"web/*\"]}\nallow: {\"*\": [\"vault:kv/*\"]}\n",
    );
    refused(&repo, &["error[secret-cycle]", "app.yaml:"]);
}

#[test]
fn a_million_secrets_in_one() {
    value_is_refused(&"{{secrets.S}}".repeat(500_000), "bad-expression");
    value_is_refused(&format!("{{{{ secrets.S{} }}}}", " | b64encode".repeat(100_000)), "bad-expression");
}

#[test]
fn ciphertexts_that_are_damaged() {
    for text in [
        "ENC[AGE,]",
        "ENC[AGE,",
        "ENC[AGE,YWdl]",
        "ENC[AGE,YWdlLWVuY3J5cHRpb24ub3JnL3Yx]",
        "ENC[AGE,YWdlLWVuY3J5cHRpb24ub3JnL3YxCg==]x",
        "ENC[AGE,!!!]",
        "ENC[AGE,YWdlLWVuY3J5cHRpb24ub3JnL3YxC]",
    ] {
        value_is_refused(text, "bad-ciphertext");
    }
    value_is_refused(&format!("ENC[AGE,{}]", "A".repeat(9_000_000)), "bad-ciphertext");
}

#[test]
fn headers_of_ciphertexts_that_take_long() {
    let stanza = "-> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc\nEmECAEcKN+n/Vs9SbWiV+Hu0r+E8R77DdWYyd83nw7U\n";
    let header = |stanzas: &str| {
        format!("age-encryption.org/v1\n{stanzas}--- Vn+54jqiiUCE+WZcEVY3f1sqHjlu/z1LCQ/T7Xm7qI0\n")
    };
    for (stanzas, code) in [
        (stanza.repeat(10_000), "bad-ciphertext"),
        (format!("-> long\n{}\n", "A".repeat(1 << 20)), "bad-ciphertext"),
        (format!("-> long\n{}", format!("{}\n", "A".repeat(64)).repeat(16_000)), "bad-ciphertext"),
        (
            "-> scrypt bBjlhJVYZeE4aqUdmtRHfw 30\nZV/AhotwSGqaPCU43cepl4WYUouAa17a3xpu4G2yi5k\n".into(),
            "bad-ciphertext",
        ),
        (format!("-> x {}\n\n", "a ".repeat(10_000)), "bad-ciphertext"),
        ("-> sealwright-place v1\n\n".repeat(2), "bad-ciphertext"),
        (stanza.into(), "bad-ciphertext"),
    ] {
        let text = format!("{}{}", header(&stanzas), "x".repeat(32));
        value_is_refused(&format!("ENC[AGE,{}]", BASE64_STANDARD.encode(text)), code);
    }
}

#[test]
fn pointers_that_lead_out_of_their_place() {
    for path in [
        "kv/../other",
        "kv/%2e%2e/other",
        "kv/..%2fother",
        "kv/%00",
        "kv/a%",
        "kv/%ff",
        "kv//x",
        "kv/a b",
        "/kv/x",
        "kv/{{ env.name",
        "kv/\u{1b}[2J",
        "kv/\u{202e}",
        "kv/é",
    ] {
        value_is_refused(&format!("ref+vault://{path}#/y"), "bad-pointer");
    }
    for text in [
        "ref+exec://ls#/x",
        "ref+file:///etc/passwd",
        "ref+env://PATH",
        "ref+http://x#/y",
        "ref+",
        "ref+vault:",
        "ref+vault://",
    ] {
        value_is_refused(text, "bad-pointer");
    }
}

#[test]
fn pointers_of_a_mebibyte() {
    let environment = "platform: kubernetes\nallow: {\"*\": [\"vault:kv/**\"]}\n";
    for text in [
        format!("ref+vault://kv/{}#/y", "a".repeat(1 << 20)),
        format!("ref+vault://kv/{}x#/y", "a/".repeat(1 << 19)),
        format!("ref+vault://kv/x#{}", "/a".repeat(1 << 19)),
        format!("ref+vault://kv/x?{}#/y", "version=1&".repeat(1 << 16)),
        format!("ref+vault://kv/{}#/y", "{{env.name}}".repeat(1 << 16)),
        format!("ref+vault://kv/{}#/y", "%41".repeat(1 << 18)),
    ] {
        let repo = app(&format!("  S: \"{text}\"\n")).file("environments/prod/environment.yaml", environment);
        let checked = run(&repo.path(""), ["check"], "");
        assert!(checked.code <= 1, "{}", short(&checked));
        run(&repo.path(""), ["preview", "prod"], "");
    }
}

#[test]
fn secret_set_is_bounded_too() {
    let good = small().file(
        "sealwright.yaml",
        "name: small\nid: 0a1b2c3d\nrecipients: {prod: [age1e9tll4gshd4nmqe0htfa9zv63jt9wfg80gut02dez4mk20gp3pssxm2zrm]}\n",
    );
    assert_eq!(run(&good.path(""), ["secret", "set", "prod/web", "TOKEN"], "hunter2").code, 0);
    let large = run(&good.path(""), ["secret", "set", "prod/web", "TOKEN"], &"x".repeat(3 << 20));
    assert_eq!(large.code, 2, "{}", short(&large));
    for (unit, name) in [
        ("prod/../web", "A"),
        ("/web", "A"),
        ("prod/web", "../A"),
        ("prod/web", "a\nb"),
        ("prod/web", ""),
        ("prod/CON", "A"),
        ("app/web", "A"),
    ] {
        let set = run(&good.path(""), ["secret", "set", unit, name], "hunter2");
        assert_eq!(set.code, 2, "{unit} {name:?}: {}", short(&set));
        assert!(!set.stderr.contains("hunter2"));
    }
    for text in [
        "[".repeat(100_000),
        format!("image: nginx\nsecrets: {}", "x".repeat(9 << 20)),
        "secrets: &a [*a]\n".into(),
    ] {
        let repo = good.read("sealwright.yaml");
        let repo = small().file("sealwright.yaml", &repo).file("apps/web/app.yaml", &text);
        let set = run(&repo.path(""), ["secret", "set", "*/web", "TOKEN"], "hunter2");
        assert_eq!(set.code, 2, "{}", short(&set));
        assert_eq!(repo.read("apps/web/app.yaml"), text, "a refusal leaves the file as it was");
    }
}
