//! Every way to log in, against the real auth methods.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::proxy::{Proxy, json as answer};
use crate::shop::{render_command, repo, run, values};
use crate::support::{Bao, ROOT, Repo};

const POLICY: &str = "path \"secret/data/*\" { capabilities = [\"read\"] }";

/// A server with a secret at `secret/web`, a policy `read`, and an auth method.
fn server(method: &str) -> Bao {
    let bao = Bao::start();
    bao.put("web", json!({"token": "value"}));
    bao.policy("read", POLICY);
    bao.call("POST", &format!("sys/auth/{method}"), json!({"type": method}));
    bao
}

fn shop(auth: &str) -> Repo {
    repo(&format!("stores: {{ vault: {{ auth: {auth} }} }}\n"), "TOKEN: ref+vault://secret/web#/token")
}

#[test]
fn by_token_of_the_environment_or_of_an_earlier_login() {
    let bao = server("approle");
    let repo = shop("{ method: token }");
    let command = || {
        let mut command = render_command(&repo);
        command.env("VAULT_ADDR", bao.address());
        command
    };
    assert_eq!(values(&run(command().env("BAO_TOKEN", ROOT).env("VAULT_TOKEN", "bad")))["TOKEN"], "value");
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join(".vault-token"), format!("{ROOT}\n")).unwrap();
    assert_eq!(values(&run(command().env("HOME", home.path())))["TOKEN"], "value");
    run(&mut command())
        .exits(3)
        .complains("error[store-denied]: vault: there are no credentials for it")
        .complains("VAULT_ROLE_ID");
    run(command().env("VAULT_TOKEN", "c4n4ry"))
        .exits(3)
        .complains("it doesn't accept the credentials")
        .never_shows("c4n4ry");
    let token = bao.call("POST", "auth/token/create", json!({"policies": ["default"]}));
    run(command().env("VAULT_TOKEN", token["auth"]["client_token"].as_str().unwrap()))
        .exits(3)
        .complains("secret/web: reading it is forbidden");
}

#[test]
fn by_app_role_from_variables_or_files() {
    let bao = server("approle");
    bao.call("POST", "auth/approle/role/deploy", json!({"token_policies": ["read"]}));
    let role = bao.call("GET", "auth/approle/role/deploy/role-id", json!({}));
    let secret = bao.call("POST", "auth/approle/role/deploy/secret-id", json!({}));
    let (role, secret) = (&role["data"]["role_id"], &secret["data"]["secret_id"]);
    let (role, secret) = (role.as_str().unwrap(), secret.as_str().unwrap());
    let file = bao.folder.path().join("secret-id");
    fs::write(&file, format!("{secret}\n")).unwrap();

    let repo = shop("{ method: approle }");
    let command = || {
        let mut command = render_command(&repo);
        command.env("VAULT_ADDR", bao.address()).env("VAULT_ROLE_ID", role);
        command
    };
    assert_eq!(values(&run(command().env("VAULT_SECRET_ID", secret)))["TOKEN"], "value");
    assert_eq!(values(&run(command().env("BAO_SECRET_ID_FILE", &file)))["TOKEN"], "value");
    run(command().env("VAULT_SECRET_ID", "c4n4ry"))
        .exits(3)
        .complains("it refuses the login by AppRole")
        .never_shows("c4n4ry");
}

#[test]
fn a_token_that_expires_midway_is_fetched_again() {
    let bao = server("approle");
    bao.call("POST", "auth/approle/role/deploy", json!({"token_policies": ["read"], "token_num_uses": 9}));
    let role = bao.call("GET", "auth/approle/role/deploy/role-id", json!({}));
    let secret = bao.call("POST", "auth/approle/role/deploy/secret-id", json!({}));
    let secrets: String = (0..12).map(|n| format!("S{n}: ref+vault://secret/p{n}#/v\n")).collect();
    (0..12).for_each(|n| bao.put(&format!("p{n}"), json!({"v": n})));
    let proxy = Proxy::to(bao.socket);
    let repo = repo("", &secrets);
    let mut command = render_command(&repo);
    command
        .env("VAULT_ADDR", proxy.address())
        .env("VAULT_ROLE_ID", role["data"]["role_id"].as_str().unwrap())
        .env("VAULT_SECRET_ID", secret["data"]["secret_id"].as_str().unwrap());
    assert_eq!(values(&run(&mut command))["S11"], "11");
    assert_eq!(proxy.count("POST /v1/auth/approle/login"), 2);
}

#[test]
fn by_a_jwt_of_a_ci_system() {
    let bao = server("jwt");
    let key = Key::generate(&bao);
    bao.call("POST", "auth/jwt/config", json!({"jwt_validation_pubkeys": [key.public()]}));
    bao.call(
        "POST",
        "auth/jwt/role/deploy",
        json!({"role_type": "jwt", "user_claim": "sub", "bound_audiences": ["vault"], "token_policies": ["read"]}),
    );
    let jwt = key.sign(&json!({"sub": "repo:shop", "aud": "vault", "nbf": 1, "exp": 4_000_000_000_u64}));
    let repo = shop("{ method: jwt, role: deploy, audience: vault }");
    let command = || {
        let mut command = render_command(&repo);
        command.env("VAULT_ADDR", bao.address());
        command
    };
    let file = bao.folder.path().join("jwt");
    fs::write(&file, &jwt).unwrap();
    assert_eq!(values(&run(command().env("SEALWRIGHT_VAULT_JWT", &jwt)))["TOKEN"], "value");
    assert_eq!(values(&run(command().env("SEALWRIGHT_VAULT_JWT_FILE", &file)))["TOKEN"], "value");
    assert_eq!(values(&run(command().env("VAULT_ID_TOKEN", &jwt)))["TOKEN"], "value");

    let (for_github, for_azure) = (jwt.clone(), jwt.clone());
    let github = Proxy::answering(move |_| answer("200 OK", &json!({"count": 1, "value": for_github})));
    let mut with_github = command();
    with_github
        .env("ACTIONS_ID_TOKEN_REQUEST_URL", format!("{}/idtoken?api-version=2.0", github.address()))
        .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "asks-github");
    assert_eq!(values(&run(&mut with_github))["TOKEN"], "value");
    let asked = github.asked().remove(0);
    assert_eq!(asked.line, "GET /idtoken?api-version=2.0&audience=vault");
    assert!(asked.text.to_lowercase().contains("authorization: bearer asks-github"), "{}", asked.text);

    let azure = Proxy::answering(move |_| answer("200 OK", &json!({"oidcToken": for_azure})));
    let mut with_azure = command();
    with_azure
        .env("SYSTEM_OIDCREQUESTURI", format!("{}/oidctoken", azure.address()))
        .env("SYSTEM_ACCESSTOKEN", "asks");
    assert_eq!(values(&run(&mut with_azure))["TOKEN"], "value");
    assert_eq!(azure.asked()[0].line, "POST /oidctoken?api-version=7.1");

    let stale = key.sign(&json!({"sub": "repo:shop", "aud": "vault", "nbf": 1, "exp": 1_000_000_000}));
    run(command().env("SEALWRIGHT_VAULT_JWT", &stale))
        .exits(3)
        .complains("it refuses the login by JWT")
        .never_shows(&stale[..20]);
}

#[test]
fn by_the_service_account_of_a_pod() {
    let bao = server("kubernetes");
    let key = Key::generate(&bao);
    let cluster = Proxy::answering(|asked| {
        let is_review = asked.line == "POST /apis/authentication.k8s.io/v1/tokenreviews";
        let status = json!({
            "authenticated": is_review, "audiences": ["https://kubernetes.default.svc"],
            "user": {"username": "system:serviceaccount:shop:web", "uid": "1", "groups": ["system:serviceaccounts"]},
        });
        let review =
            json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "status": status});
        answer("201 Created", &review)
    });
    bao.call(
        "POST",
        "auth/kubernetes/config",
        json!({
            "kubernetes_host": cluster.address(), "disable_local_ca_jwt": true, "kubernetes_ca_cert": key.certificate(),
        }),
    );
    bao.call(
        "POST",
        "auth/kubernetes/role/deploy",
        json!({"bound_service_account_names": ["web"], "bound_service_account_namespaces": ["shop"], "token_policies": ["read"]}),
    );
    let account = json!({"namespace": "shop", "serviceaccount": {"name": "web", "uid": "1"}});
    let jwt = key.sign(&json!({
        "iss": "https://kubernetes.default.svc", "sub": "system:serviceaccount:shop:web",
        "aud": ["https://kubernetes.default.svc"], "nbf": 1, "exp": 4_000_000_000_u64, "kubernetes.io": account,
    }));
    let file = bao.folder.path().join("jwt");
    fs::write(&file, &jwt).unwrap();
    let repo = shop("{ method: kubernetes, role: deploy }");
    let mut command = render_command(&repo);
    command.env("VAULT_ADDR", bao.address()).env("SEALWRIGHT_VAULT_JWT_FILE", &file);
    assert_eq!(values(&run(&mut command))["TOKEN"], "value");
    assert_eq!(cluster.count("POST /apis/authentication.k8s.io/v1/tokenreviews"), 1);
}

#[test]
fn a_role_is_needed_and_a_mount_is_a_path() {
    let said = |auth: &str| {
        let repo = shop(auth);
        let mut command = render_command(&repo);
        run(command.env("VAULT_ADDR", "http://127.0.0.1:9").env("SEALWRIGHT_VAULT_JWT", "x")).exits(3).stderr
    };
    let text = said("{ method: jwt }");
    assert!(text.contains("error[store-settings]: vault: the role to log in as isn't set"), "{text}");
    let text = said("{ method: jwt, role: r, mount: ../x }");
    assert!(text.contains("error[store-settings]: `stores.vault.auth.mount` is no good for vault"), "{text}");
    assert!(text.contains("environments/prod/environment.yaml:5"), "{text}");
}

/// A key pair that `openssl` makes and signs with.
struct Key(std::path::PathBuf);

impl Key {
    fn generate(bao: &Bao) -> Key {
        let path = bao.folder.path().join("key.pem");
        let arguments =
            ["genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out"];
        openssl(&[&arguments[..], &[path.to_str().unwrap()]].concat(), b"");
        Key(path)
    }

    fn public(&self) -> String {
        String::from_utf8(openssl(&["pkey", "-pubout", "-in", self.0.to_str().unwrap()], b"")).unwrap()
    }

    fn certificate(&self) -> String {
        let arguments = ["req", "-x509", "-subj", "/CN=authority", "-key", self.0.to_str().unwrap()];
        String::from_utf8(openssl(&arguments, b"")).unwrap()
    }

    fn sign(&self, claims: &Value) -> String {
        let part = |part: &Value| BASE64_URL_SAFE_NO_PAD.encode(part.to_string());
        let text = format!("{}.{}", part(&json!({"alg": "RS256", "typ": "JWT"})), part(claims));
        let signature = openssl(&["dgst", "-sha256", "-sign", self.0.to_str().unwrap()], text.as_bytes());
        format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }
}

fn openssl(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("openssl is installed");
    child.stdin.take().expect("it is piped").write_all(input).expect("openssl reads");
    let output = child.wait_with_output().expect("openssl ends");
    assert!(output.status.success(), "openssl {arguments:?}");
    output.stdout
}
