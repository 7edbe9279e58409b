//! The fixture, to the byte, and held against the application's own docker-compose.yml.

use std::fs;

use serde_json::json;

use crate::Output;
use crate::support::{Repo, Run, fixture, python};

const FILES: [&str; 2] = ["compose.yaml", "compose.secrets.yaml"];

#[test]
fn the_shop_is_rendered_as_expected() {
    let output = Output::of(&Repo::copy_of("sock-shop"), "compose");
    let expected = fixture("sock-shop/expected/compose/compose.yaml");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&expected, output.text(FILES[0])).expect("the fixture can be written");
    }
    assert_eq!(output.text(FILES[0]), fs::read_to_string(expected).expect("the fixture is there"));
}

#[test]
fn two_runs_give_the_same_bytes() {
    let repo = Repo::copy_of("sock-shop");
    let (one, other) = (Output::of(&repo, "compose"), Output::of(&repo, "compose"));
    for file in FILES {
        assert_eq!(one.text(file), other.text(file));
    }
}

#[test]
fn the_shop_is_what_its_own_file_describes() {
    let output = Output::of(&Repo::copy_of("sock-shop"), "compose");
    let [compose, secrets] = FILES.map(|file| output.text(file));
    compare(&compose, &secrets).succeeds();
    let changes = [
        ("image: mongo:3.4", "image: mongo", "image"),
        ("MONGO_HOST", "MONGO", "environment"),
        ("- 80:80", "- 81:80", "ports"),
        ("target: /var/run\n", "target: /run\n", "memory"),
        ("- edge-router\n", "- edge\n", "command"),
        ("- DAC_OVERRIDE\n", "- KILL\n", "capabilities"),
    ];
    for (from, to, said) in changes {
        assert!(compose.contains(from), "the rendering has {from:?}");
        compare(&compose.replace(from, to), &secrets).exits(1).prints(said);
    }
    compare(&compose, &secrets.replace("MYSQL_ROOT_PASSWORD", "PASSWORD")).exits(1).prints("secrets");
}

#[test]
fn a_unit_alone_is_a_project_too() {
    let output = Output::of(&Repo::copy_of("sock-shop"), "compose/carts");
    let text = output.text("compose.yaml");
    assert!(
        text.contains("name: sock-shop\n") && text.contains("  carts:\n") && !text.contains("  orders:\n")
    );
    assert!(!output.path("compose.secrets.yaml").exists());
}

fn compare(compose: &str, secrets: &str) -> Run {
    let facts = fixture("facts/sock-shop.json");
    let given = json!({ "compose": compose, "secrets": secrets });
    python("compose/facts.py", &[facts.to_str().expect("the crate's path is UTF-8")], &given.to_string())
}
