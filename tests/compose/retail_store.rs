//! The retail store on one host, as both implementations read it. What it is to be is compared in
//! `tests/retail_store.rs`.

use std::fs;

use serde_json::{Value, json};

use crate::Output;
use crate::support::{Repo, Run, python};

/// The shared password, which Compose, YAML and shells could each take for something else.
const PASSWORD: &str = "l0cal$db#pw \"1\"";

#[test]
fn both_implementations_read_what_is_written_and_the_password_as_it_is() {
    let output = Output::of(&Repo::copy_of("retail-store"), "local");
    whole(&output, &expected(PASSWORD)).succeeds().prints("11 services");
    // Whoever reads it sees another value, and what Compose makes of a `$` that stands once.
    whole(&output, &expected("l0cal")).exits(1).prints("docker: catalog:").prints("podman: orders-db:");
    let path = output.path("compose.secrets.yaml");
    let text = output.text("compose.secrets.yaml");
    assert!(text.contains("$$db"), "{text}");
    fs::write(path, text.replace("$$db", "$db")).expect("the folder is ours");
    whole(&output, &expected(PASSWORD)).exits(1).prints("docker: catalog:").prints("podman: catalog:");
}

#[test]
fn both_implementations_read_the_sock_shop() {
    let output = Output::of(&Repo::copy_of("sock-shop"), "compose");
    whole(&output, &json!({ "carts": { "JAVA_OPTS": "-Xms64m" } }))
        .exits(1)
        .prints("docker: carts: JAVA_OPTS");
    whole(&output, &json!({})).succeeds().prints("15 services");
}

fn expected(password: &str) -> Value {
    json!({
        "catalog": { "RETAIL_CATALOG_PERSISTENCE_PASSWORD": password },
        "catalog-db": { "MYSQL_PASSWORD": password, "MYSQL_ROOT_PASSWORD": password },
        "orders": {
            "RETAIL_ORDERS_PERSISTENCE_PASSWORD": password,
            "RETAIL_ORDERS_MESSAGING_RABBITMQ_PASSWORD": password,
        },
        "orders-db": { "POSTGRES_PASSWORD": password },
        "rabbitmq": { "RABBITMQ_DEFAULT_PASS": password },
    })
}

fn whole(output: &Output, expected: &Value) -> Run {
    let folder = output.path("");
    python("compose/whole.py", &[folder.to_str().expect("a temporary path is UTF-8")], &expected.to_string())
}
