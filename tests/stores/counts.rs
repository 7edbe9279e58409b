//! How many requests a run costs.

use std::fmt::Write;

use serde_json::json;

use crate::proxy::Proxy;
use crate::shop::{render_command, repo, run, values};
use crate::support::{Bao, ROOT};

#[test]
fn a_thousand_pointers_to_two_hundred_paths_cost_two_hundred_reads_and_one_login() {
    let bao = Bao::start();
    bao.call("POST", "sys/auth/approle", json!({"type": "approle"}));
    bao.policy("all", "path \"secret/data/*\" { capabilities = [\"read\"] }");
    bao.call("POST", "auth/approle/role/deploy", json!({"token_policies": ["all"]}));
    let role = bao.call("GET", "auth/approle/role/deploy/role-id", json!({}));
    let secret = bao.call("POST", "auth/approle/role/deploy/secret-id", json!({}));
    let mut secrets = String::new();
    for path in 0..200 {
        bao.put(
            &format!("many/p{path}"),
            json!({"f0": format!("{path}-0"), "f1": "x", "f2": "x", "f3": "x", "f4": "x"}),
        );
        for field in 0..5 {
            writeln!(secrets, "S{path}_{field}: ref+vault://secret/many/p{path}#/f{field}").unwrap();
        }
    }
    let repo = repo("", &secrets);
    let proxy = Proxy::to(bao.socket);
    let mut command = render_command(&repo);
    command
        .env("VAULT_ADDR", proxy.address())
        .env("VAULT_ROLE_ID", role["data"]["role_id"].as_str().unwrap())
        .env("VAULT_SECRET_ID", secret["data"]["secret_id"].as_str().unwrap());
    assert_eq!(values(&run(&mut command))["S199_0"], "199-0");
    assert_eq!(proxy.count("GET /v1/secret/data/many/"), 200);
    assert_eq!(proxy.count("POST /v1/auth/approle/login"), 1);
    assert_eq!(proxy.count("GET /v1/sys/internal/ui/mounts/"), 1);
    assert_eq!(proxy.asked().len(), 202);
    assert!(proxy.most_in_flight() <= 16, "{}", proxy.most_in_flight());
    assert!(proxy.most_in_flight() > 1, "one after the other");
}

#[test]
fn a_pointer_of_three_hundred_units_costs_one_read() {
    let bao = Bao::start();
    bao.put("shared", json!({"token": "one for all"}));
    let repo = repo("shared: { TOKEN: 'ref+vault://secret/shared#/token' }\n", "TOKEN: '{{ shared.TOKEN }}'");
    let mut versions = String::new();
    for number in 0..300 {
        writeln!(versions, "app{number}: 1.0.0").unwrap();
        repo.write(
            &format!("apps/app{number}/app.yaml"),
            "image: shop/app\nsecrets: { TOKEN: '{{ shared.TOKEN }}', OWN: 'ref+vault://secret/shared#/token' }\n",
        );
    }
    repo.write("environments/prod/versions.yaml", &versions);
    let proxy = Proxy::to(bao.socket);
    let mut command = render_command(&repo);
    let found = run(command.env("VAULT_ADDR", proxy.address()).env("VAULT_TOKEN", ROOT)).succeeds();
    assert_eq!(found.stdout.matches("kind: Secret").count(), 300);
    let lines: Vec<String> = proxy.asked().into_iter().map(|asked| asked.line).collect();
    assert_eq!(lines, ["GET /v1/sys/internal/ui/mounts/secret/shared", "GET /v1/secret/data/shared"]);
}

#[test]
fn each_mount_is_asked_for_once() {
    let bao = Bao::start();
    let mut secrets = String::new();
    for mount in ["a", "team/a", "team/b", "team/c/d"] {
        bao.call("POST", &format!("sys/mounts/{mount}"), json!({"type": "kv", "options": {"version": "1"}}));
        for path in ["x", "y/z"] {
            bao.call("POST", &format!("{mount}/{path}"), json!({"v": format!("{mount}/{path}")}));
            let name = format!("{mount}_{path}").replace('/', "_");
            writeln!(secrets, "{name}: ref+vault://{mount}/{path}#/v").unwrap();
        }
    }
    let repo = repo("", &secrets);
    let proxy = Proxy::to(bao.socket);
    let mut command = render_command(&repo);
    let found = run(command.env("VAULT_ADDR", proxy.address()).env("VAULT_TOKEN", ROOT)).succeeds();
    assert_eq!(values(&found)["team_c_d_y_z"], "team/c/d/y/z");
    assert_eq!(proxy.count("GET /v1/sys/internal/ui/mounts/"), 4);
    assert_eq!(proxy.asked().len(), 4 + 8);
}

#[test]
fn without_a_pointer_in_the_clear_no_store_is_asked() {
    let proxy = Proxy::answering(|_| Vec::new());
    let repo = repo("", "TOKEN: ref+vault://secret/web#/token");
    for command in [["preview", "prod"], ["check", "prod"]] {
        let mut command = repo.command(command);
        run(command.env("VAULT_ADDR", proxy.address()).env("VAULT_TOKEN", ROOT)).succeeds();
    }
    assert_eq!(proxy.asked().len(), 0);
}
