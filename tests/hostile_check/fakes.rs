//! Secrets that dress up as something harmless.

use crate::bounded::{run, short};
use crate::case::{Case, finds};

#[test]
fn a_ciphertext_that_is_none() {
    for value in [
        "ENC[hunter2-Qx81]",
        "ENC[AGE,hunter2-Qx81]",
        "ENC[AES256_GCM,hunter2-Qx81]",
        "ENC(hunter2)",
        "{cipher}hunter2-Qx81",
        "enc:hunter2-Qx81",
        "$ANSIBLE_VAULT;hunter2-Qx81",
        "AQICAHhunter2",
        "CfDJ8hunter2",
        "secure:hunter2-Qx81",
    ] {
        finds("a.yaml", &format!("password: '⟦{value}⟧'\n"));
    }
    Case::control_repo()
        .file("apps/web/app.yaml", "image: nginx\nsecrets:\n  A: ⟦ENC[AGE,hunter2-Qx81]⟧\n")
        .check();
}

#[test]
fn a_pointer_that_is_none() {
    for value in ["ref+hunter2-Qx81", "sha256:hunter2-Qx81", "ssh-hunter2-Qx81", "age1hunter2-Qx81"] {
        finds("a.yaml", &format!("password: '⟦{value}⟧'\n"));
    }
    finds("a.yaml", "dsn: 'ref+postgres://app:⟦hunter2-Qx81⟧@db/x'\n");
    let case = Case::control_repo().hides("hunter2-Qx81");
    let case = case.file("apps/web/app.yaml", "image: nginx\nsecrets:\n  A: ⟦ref+hunter2-Qx81⟧\n");
    case.check();
}

#[test]
fn an_expression_of_a_literal() {
    finds("a.yaml", "password: '{{ \"⟦hunter2-Qx81⟧\" }}'\n");
    finds("a.yaml", "password: {{ '⟦hunter2-Qx81⟧' | b64enc }}\n");
    finds("a.yaml", "password: '{{ .Values.x | default \"⟦hunter2-Qx81⟧\" }}'\n");
    finds("a.env", "DB_PASSWORD=${DB_PASSWORD:-⟦hunter2-Qx81⟧}\n");
    finds("a.sh", "DB_PASSWORD=$(echo ⟦hunter2-Qx81⟧)\n");
}

#[test]
fn the_same_in_a_control_repo() {
    let marked = "image: nginx\nconfig:\n  DB_PASSWORD: '{{ \"⟦hunter2-Qx81⟧\" }}'\n";
    let case = Case::control_repo().file("apps/web/app.yaml", marked);
    let run = run(&case.repo.path(""), ["check", "--message-format", "json"], "");
    assert_eq!(run.code, 1, "{}", short(&run));
    case.is_quiet(&run);
}

#[test]
fn a_sealed_secret_that_is_not_sealed() {
    finds(
        "a.yaml",
        "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nspec:\n  template:\n    stringData:\n      password: ⟦hunter2-Qx81⟧\n",
    );
    finds("a.yaml", "apiVersion: v1\nkind: Secret\nsops: {}\nstringData:\n  pin: ⟦83910-472-11⟧\n");
    finds("a.yaml", "encryptedData:\n  password: ⟦hunter2-Qx81⟧\n");
}

#[test]
fn an_external_secret_with_a_literal() {
    finds(
        "a.yaml",
        "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nspec:\n  target:\n    template:\n      data:\n        password: ⟦hunter2-Qx81⟧\n  data:\n  - secretKey: password\n    remoteRef: {key: a}\n",
    );
}

#[test]
fn a_placeholder_with_a_secret_in_it() {
    finds("a.yaml", "password: '⟦xxxx-Zk93mQx7LpT2vRb8⟧'\n");
    finds("a.yaml", "password: '⟦__Zk93mQx7LpT2vRb8__⟧'\n");
}

#[test]
fn a_forged_token() {
    let token = "\u{e5ec}0123456789abcdef\u{e5ed}";
    let case =
        Case::control_repo().file("apps/web/app.yaml", &format!("image: nginx\nconfig:\n  A: \"{token}\"\n"));
    let run = run(&case.repo.path(""), ["check"], "");
    assert_eq!(run.code, 1, "{}", short(&run));
    assert!(run.stdout.contains("apps/web/app.yaml:3:"), "{}", short(&run));
}
