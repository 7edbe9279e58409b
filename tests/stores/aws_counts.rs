//! How many requests AWS gets.

use std::fmt::Write;

use crate::aws::{body, operation, render, repo};
use crate::proxy::Proxy;
use crate::shop::values;
use crate::support::Moto;

#[test]
fn a_thousand_secrets_cost_fifty_batches() {
    let moto = Moto::start();
    let mut secrets = String::new();
    for number in 0..1000 {
        moto.secret(&format!("many/{number}"), &format!("{{\"a\": {number}, \"b\": \"x\"}}"));
        writeln!(secrets, "S{number}_A: ref+awssecrets://many/{number}#/a").unwrap();
        writeln!(secrets, "S{number}_B: ref+awssecrets://many/{number}#/b").unwrap();
    }
    let proxy = Proxy::to(moto.socket);
    let found = values(&render(&repo("", &secrets), &proxy.address()));
    assert_eq!((found["S0_A"].as_str(), found["S999_A"].as_str()), ("0", "999"));
    let asked = proxy.asked();
    assert!(asked.iter().all(|asked| operation(asked) == "BatchGetSecretValue"), "{:?}", asked[0]);
    assert_eq!(asked.len(), 50);
    let sizes: Vec<usize> =
        asked.iter().map(|asked| body(asked)["SecretIdList"].as_array().map_or(0, Vec::len)).collect();
    assert_eq!(sizes, [20; 50]);
    // With 16 in flight, four rounds; one after the other would be fifty.
    assert!((2..=16).contains(&proxy.most_in_flight()), "{}", proxy.most_in_flight());
}

#[test]
fn parameters_come_by_ten() {
    let moto = Moto::start();
    let mut secrets = String::new();
    for number in 0..95 {
        moto.parameter(&format!("/many/{number}"), "SecureString", &number.to_string());
        writeln!(secrets, "S{number}: ref+awsssm:///many/{number}").unwrap();
    }
    let proxy = Proxy::to(moto.socket);
    let found = values(&render(&repo("", &secrets), &proxy.address()));
    assert_eq!((found["S0"].as_str(), found["S94"].as_str()), ("0", "94"));
    assert_eq!(proxy.asked().len(), 10);
}

#[test]
fn a_pointer_of_three_hundred_units_costs_one_read() {
    let moto = Moto::start();
    moto.secret("shared", r#"{"token": "one for all", "more": "x"}"#);
    let repo = repo("", "TOKEN: ref+awssecrets://shared#/token");
    let mut versions = String::new();
    for number in 0..300 {
        writeln!(versions, "app{number}: 1.0.0").unwrap();
        repo.write(
            &format!("apps/app{number}/app.yaml"),
            "image: shop/app\nsecrets: { TOKEN: 'ref+awssecrets://shared#/token', MORE: 'ref+awssecrets://shared#/more' }\n",
        );
    }
    repo.write("environments/prod/versions.yaml", &versions);
    let proxy = Proxy::to(moto.socket);
    let found = render(&repo, &proxy.address()).succeeds();
    assert_eq!(found.stdout.matches("kind: Secret").count(), 300);
    let operations: Vec<String> = proxy.asked().iter().map(operation).collect();
    assert_eq!(operations, ["GetSecretValue"]);
}
