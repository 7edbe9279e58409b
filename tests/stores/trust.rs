//! Credentials go to hosts that are named outside of the repo.

use serde_json::json;

use crate::proxy::{Proxy, answer};
use crate::shop::{render_command, repo, run, values};
use crate::support::{Bao, ROOT};

const SECRETS: &str = "TOKEN: ref+vault://secret/web#/token";

#[test]
fn an_address_that_only_the_repo_names_receives_nothing() {
    let theirs = Proxy::answering(|_| Vec::new());
    let address = theirs.address();
    let repo = repo(&format!("stores: {{ vault: {{ address: '{address}' }} }}\n"), SECRETS);
    let port = theirs.socket.port();
    for named in [
        None,
        Some("https://vault.example.com".to_owned()),
        Some(address.replace("http:", "https:")),
        Some(format!("{address}/below")),
        Some(format!("http://localhost:{port}")),
    ] {
        let mut command = render_command(&repo);
        command.env("VAULT_TOKEN", "c4n4ry-token");
        if let Some(named) = &named {
            command
                .env("VAULT_ADDR", named)
                .env("SEALWRIGHT_TRUSTED_STORES", format!("https://a.example,{named}"));
        }
        run(&mut command)
            .exits(3)
            .complains(&format!(
                "error[untrusted-store]: {address} receives no credentials, as only the control repo names it"
            ))
            .complains("VAULT_ADDR")
            .complains("environments/prod/environment.yaml:5:29")
            .complains("apps/web/app.yaml:3:10")
            .never_shows("c4n4ry");
    }
    assert_eq!(theirs.asked().len(), 0);
}

#[test]
fn an_address_that_both_name_is_used() {
    let bao = Bao::start();
    bao.put("web", json!({"token": "t"}));
    let address = bao.address();
    let repo = repo(
        &format!(
            "stores: {{ vault: {{ address: '{}/' }} }}\n",
            address.to_uppercase().replace("HTTP", "http")
        ),
        SECRETS,
    );
    for (name, value) in [
        ("VAULT_ADDR", address.clone()),
        ("BAO_ADDR", address.clone()),
        ("SEALWRIGHT_TRUSTED_STORES", format!("https://a.example, {address}/")),
    ] {
        let mut command = render_command(&repo);
        assert_eq!(values(&run(command.env(name, value).env("BAO_TOKEN", ROOT)))["TOKEN"], "t", "{name}");
    }
}

#[test]
fn a_redirect_isn_t_followed() {
    let theirs = Proxy::answering(|_| Vec::new());
    let target = theirs.address();
    let ours = Proxy::answering(move |_| {
        answer("307 Temporary Redirect", &format!("Location: {target}/v1/c4n4ry\r\n"), "c4n4ry-body")
    });
    let repo = repo("", SECRETS);
    let mut command = render_command(&repo);
    run(command.env("VAULT_ADDR", ours.address()).env("VAULT_TOKEN", "c4n4ry-token"))
        .exits(3)
        .complains("error[store-failed]")
        .complains("it sends elsewhere, where credentials don't follow")
        .never_shows("c4n4ry");
    assert_eq!((ours.asked().len(), theirs.asked().len()), (1, 0));
}

#[test]
fn an_authority_in_the_repo_is_refused() {
    let repo = repo("stores: { vault: { ca: ca.pem } }\n", SECRETS);
    run(&mut render_command(&repo)).exits(2).complains("error[unknown-key]").complains("`ca`");
}

#[test]
fn an_address_is_plain() {
    for bad in [
        "vault.example.com",
        "ftp://a",
        "http://u:p@a",
        "https://a/?x",
        "https://a\\b",
        "https://",
        "http://a:0",
    ] {
        let repo = repo("", SECRETS);
        let mut command = render_command(&repo);
        run(command.env("VAULT_ADDR", bad).env("VAULT_TOKEN", "x"))
            .exits(3)
            .complains("error[store-settings]: `VAULT_ADDR` is no good for vault: it is an address");
    }
    run(&mut render_command(&repo("", SECRETS)))
        .exits(3)
        .complains("error[store-settings]: vault: the address isn't set")
        .complains("set VAULT_ADDR");
}
