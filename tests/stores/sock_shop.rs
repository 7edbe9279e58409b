//! `fixtures/sock-shop` with its secrets in a server: the lines of the README.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::shop::run;
use crate::support::{Bao, ROOT, Run, fixture, sealwright};

/// Runs the binary on the fixture with the server in its environment.
fn on_fixture(arguments: &[&str], bao: &Bao) -> Run {
    let mut command = sealwright();
    command.args(arguments).arg("--repo").arg(fixture("sock-shop"));
    run(command.env("VAULT_ADDR", bao.address()).env("VAULT_TOKEN", ROOT))
}

/// The one rollout token.
#[track_caller]
fn token(run: &Run) -> String {
    let tokens: Vec<&str> =
        run.stdout.lines().filter_map(|line| line.trim().strip_prefix("sealwright/secrets: ")).collect();
    assert_eq!(tokens.len(), 1, "{run}");
    tokens[0].trim_matches('"').to_owned()
}

#[test]
fn an_environment_of_pointers_renders_what_the_encrypted_one_does() {
    let identity = fixture("demo-identity.txt");
    let bao = Bao::start();
    let identity = identity.to_str().expect("the path is UTF-8");
    let prod = on_fixture(&["render", "prod", "--identity", identity], &bao).succeeds();
    let line =
        prod.stdout.lines().find(|line| line.contains("MYSQL_ROOT_PASSWORD:")).expect("it has the secret");
    let encoded = line.split_once(": ").expect("a line has a value").1.trim_matches('"');
    let password = BASE64_STANDARD.decode(encoded).expect("a Secret holds base64");
    let password = String::from_utf8(password).expect("it is text");

    on_fixture(&["render", "cloud"], &bao)
        .exits(3)
        .complains("error[secret-not-found]: there is no secret/sock-shop/catalogue-db");
    on_fixture(&["secret", "verify", "cloud"], &bao).exits(3).prints("missing item");

    let field = format!("root-password={password}");
    assert!(bao.run(&["kv", "put", "secret/sock-shop/catalogue-db", &field]));
    on_fixture(&["secret", "verify", "cloud"], &bao).succeeds().prints("exists").prints("no value was read");
    let cloud = on_fixture(&["render", "cloud"], &bao).succeeds();
    assert_ne!(token(&cloud), token(&prod));
    assert_eq!(cloud.stdout.replace(&token(&cloud), "TOKEN"), prod.stdout.replace(&token(&prod), "TOKEN"));

    // A rotation in the store changes the value and the token, and nothing else.
    assert!(bao.run(&["kv", "put", "secret/sock-shop/catalogue-db", "root-password=rotated"]));
    let rotated = on_fixture(&["render", "cloud"], &bao).succeeds();
    assert_ne!(token(&rotated), token(&cloud));
    let expected = cloud
        .stdout
        .replace(&token(&cloud), &token(&rotated))
        .replace(encoded, &BASE64_STANDARD.encode("rotated"));
    assert_eq!(rotated.stdout, expected);
}
