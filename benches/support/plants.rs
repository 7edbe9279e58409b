//! What is hidden in a generated tree: fifty secrets, and what only looks like one. The value of a plant
//! stands between `⟦` and `⟧`. All of them are made up.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::seed::{ALNUM, BASE64, BECH32, DIGITS, HEX, LOWER, Seed, UPPER};

/// One of them.
pub struct Plant {
    pub path: String,
    pub text: String,
    /// The lines that hold it, from 1.
    pub lines: (usize, usize),
    pub is_secret: bool,
}

/// All of them.
pub fn plants(seed: &mut Seed) -> Vec<Plant> {
    let secrets =
        [keys(seed), blocks(seed), passwords(seed), strings(seed), data(seed), pairs(seed)].concat();
    let others = others(seed);
    assert_eq!((secrets.len(), others.len()), (50, 34), "as the table says");
    let all =
        secrets.into_iter().map(|text| (text, true)).chain(others.into_iter().map(|text| (text, false)));
    all.enumerate().map(|(number, (text, is_secret))| plant(number, &text, is_secret)).collect()
}

fn plant(number: usize, marked: &str, is_secret: bool) -> Plant {
    let (before, rest) = marked.split_once('⟦').expect("a plant is marked");
    let (value, after) = rest.split_once('⟧').expect("and its end is");
    let first = before.matches('\n').count() + 1;
    Plant {
        path: format!("clusters/prod/team-{number:02}/{}.yaml", if is_secret { "app" } else { "site" }),
        text: format!("{before}{value}{after}"),
        lines: (first, first + value.matches('\n').count()),
        is_secret,
    }
}

/// A ConfigMap with one more entry.
fn config_map(entry: &str) -> String {
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: shop\ndata:\n  LOG_LEVEL: info\n  {entry}\n  REGION: eu-central-1\n"
    )
}

/// A Secret with these fields.
fn secret(fields: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: app\n  namespace: shop\ntype: Opaque\n{fields}\n"
    )
}

/// The end of a Deployment, with this in its container.
fn container(field: &str, items: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: app\nspec:\n  template:\n    spec:\n      containers:\n        - name: app\n          image: registry.example.com/shop/app:1.4.2\n          {field}:\n{items}\n"
    )
}

/// Helm values around some.
fn values(inner: &str) -> String {
    format!("replicaCount: 2\nimage:\n  repository: shop/app\n  tag: \"1.4.2\"\n{inner}\nresources: {{}}\n")
}

fn base64(text: &str) -> String {
    BASE64_STANDARD.encode(text)
}

/// The checksum that GitHub's and npm's tokens end with.
fn checked(prefix: &str, seed: &mut Seed) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let body = seed.text(ALNUM, 30);
    let mut rest = crc32fast::hash(body.as_bytes()) as usize;
    let mut check = [b'0'; 6];
    for digit in check.iter_mut().rev() {
        *digit = DIGITS[rest % 62];
        rest /= 62;
    }
    format!("{prefix}{body}{}", String::from_utf8_lossy(&check))
}

/// Fifteen keys of providers.
fn keys(seed: &mut Seed) -> Vec<String> {
    let forms = [
        ("GH_AUTH", checked("ghp_", seed)),
        ("GH_FINE", format!("github_pat_{}_{}", seed.text(ALNUM, 22), seed.text(ALNUM, 59))),
        ("REGISTRY_AUTH", checked("npm_", seed)),
        ("CI_JOB", format!("glpat-{}", seed.text(ALNUM, 20))),
        ("AWS_ACCESS_KEY_ID", format!("AKIA{}", seed.text(UPPER, 16))),
        ("AWS_SECRET_ACCESS_KEY", seed.text(BASE64, 40)),
        (
            "CHAT",
            format!("xoxb-{}-{}-{}", seed.text(DIGITS, 12), seed.text(DIGITS, 13), seed.text(ALNUM, 24)),
        ),
        ("PAYMENTS", format!("sk_live_{}", seed.text(ALNUM, 24))),
        ("MAPS", format!("AIza{}", seed.text(ALNUM, 35))),
        ("MAIL", format!("SG.{}.{}", seed.text(ALNUM, 22), seed.text(ALNUM, 43))),
        ("ASSISTANT", format!("sk-proj-{}T3BlbkFJ{}", seed.text(ALNUM, 74), seed.text(ALNUM, 74))),
        ("VAULT", format!("hvs.{}", seed.text(ALNUM, 90))),
        ("DROPLETS", format!("dop_v1_{}", seed.text(HEX, 64))),
        ("IDENTITY", format!("AGE-SECRET-KEY-1{}", seed.text(BECH32, 58))),
        (
            "STORAGE",
            format!("DefaultEndpointsProtocol=https;AccountName=shop;AccountKey={}==", seed.text(BASE64, 86)),
        ),
    ];
    forms.map(|(key, value)| config_map(&format!("{key}: \"⟦{value}⟧\""))).to_vec()
}

/// Five private keys, three JSON Web Tokens, a user of htpasswd, a header.
fn blocks(seed: &mut Seed) -> Vec<String> {
    let pem = |label: &str, first: &str, count: usize, indent: &str, seed: &mut Seed| {
        let lines = seed.lines(first, count, indent);
        format!("-----BEGIN {label}-----\n{lines}\n{indent}-----END {label}-----")
    };
    let key = ["PRIVATE", "KEY"].join(" ");
    let mut jwt = || {
        let body = base64(&format!("{{\"sub\":\"{}\",\"iat\":1700000000}}", seed.uuid()));
        let head = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
        format!("{head}.{}.{}", body.trim_end_matches('='), seed.text(ALNUM, 43))
    };
    let tokens = [jwt(), jwt(), jwt()];
    vec![
        config_map(&format!(
            "server.pem: |\n    ⟦{}⟧",
            pem(&format!("RSA {key}"), "MIIEpAIBAAKCAQEA", 24, "    ", seed)
        )),
        config_map(&format!("ec.pem: |\n    ⟦{}⟧", pem(&format!("EC {key}"), "MHcCAQEEI", 3, "    ", seed))),
        values(&format!(
            "gitSync:\n  deploy: |\n    ⟦{}⟧",
            pem(&format!("OPENSSH {key}"), "b3BlbnNzaC1rZXktdjEAAAAA", 6, "    ", seed)
        )),
        config_map(&format!("bundle: ⟦{}⟧", base64(&pem(&key, "MIIEvgIBADANBgkq", 20, "", seed)))),
        config_map(&format!(
            "account.json: '{{\"type\": \"service_account\", \"blob\": \"⟦{}⟧\"}}'",
            pem(&key, "MIIEvgIBADANBgkq", 20, "", seed).replace('\n', "\\n")
        )),
        config_map(&format!("SESSION: ⟦{}⟧", tokens[0])),
        container("env", &format!("            - {{ name: UPSTREAM_AUTH, value: \"⟦{}⟧\" }}", tokens[1])),
        config_map(&format!("headers: \"Authorization: Bearer ⟦{}⟧\"", tokens[2])),
        config_map(&format!("users: \"admin:⟦$apr1${}${}⟧\"", seed.text(ALNUM, 8), seed.text(ALNUM, 22))),
        config_map(&format!(
            "upstream.conf: \"proxy_set_header Authorization \\\"Basic ⟦{}⟧\\\";\"",
            base64(&format!("shop:{}", seed.password()))
        )),
    ]
}

/// Eight plain passwords, weak ones too.
fn passwords(seed: &mut Seed) -> Vec<String> {
    vec![
        values(&format!("postgresql:\n  auth:\n    postgresPassword: ⟦{}⟧", seed.password())),
        values("grafana:\n  adminUser: admin\n  adminPassword: ⟦prom-operator⟧"),
        values(&format!("auth:\n  rootPassword: \"⟦{}⟧\"", seed.password())),
        values("redis:\n  password: ⟦changeme⟧"),
        config_map(&format!("DB_PASSWORD: ⟦{}⟧", seed.password())),
        config_map(&format!("redis.conf: |\n    maxmemory 100mb\n    requirepass=⟦{}⟧", seed.password())),
        config_map(&format!(
            "application.yaml: |\n    spring:\n      datasource:\n        username: app\n        password: ⟦{}⟧",
            seed.password()
        )),
        format!(
            "services:\n  db:\n    image: postgres:17\n    environment:\n      POSTGRES_USER: app\n      POSTGRES_PASSWORD: ⟦{}⟧\n",
            seed.password()
        ),
    ]
}

/// Six connection strings.
fn strings(seed: &mut Seed) -> Vec<String> {
    let urls = [
        format!("DATABASE_URL: postgres://app:⟦{}⟧@db.shop.svc:5432/app", seed.password()),
        format!("DSN: \"app:⟦{}⟧@tcp(db.shop.svc:3306)/app\"", seed.password()),
        format!("MONGO: mongodb+srv://app:⟦{}⟧@cluster0.example.net/app", seed.password()),
        format!("BROKER: \"amqp://app:⟦{}⟧@mq.shop.svc:5672//\"", seed.password()),
        format!("CACHE: redis://:⟦{}⟧@redis.shop.svc:6379/0", seed.password()),
        format!("JDBC: \"jdbc:postgresql://db.shop.svc/app?user=app&password=⟦{}⟧\"", seed.password()),
    ];
    urls.map(|entry| config_map(&entry)).to_vec()
}

/// Five values of Secrets.
fn data(seed: &mut Seed) -> Vec<String> {
    let auth = base64(&format!("shop:{}", seed.password()));
    let registry = base64(&format!("{{\"auths\":{{\"registry.example.com\":{{\"auth\":\"{auth}\"}}}}}}"));
    vec![
        secret(&format!("data:\n  password: ⟦{}⟧", base64(&seed.password()))),
        secret(&format!("data:\n  pin: ⟦{}⟧", base64(&seed.text(DIGITS, 6)))),
        secret(&format!("data:\n  .dockerconfigjson: ⟦{registry}⟧")),
        secret(&format!("stringData:\n  license: ⟦{}⟧", seed.text(LOWER, 20))),
        secret(&format!("data:\n  blob: ⟦{}⟧", base64(&seed.text(ALNUM, 48)))),
    ]
}

/// Six of which the name stands apart from the value.
fn pairs(seed: &mut Seed) -> Vec<String> {
    vec![
        container(
            "env",
            &format!("            - name: DB_PASSWORD\n              value: ⟦{}⟧", seed.password()),
        ),
        container(
            "env",
            &format!("            - value: \"⟦{}⟧\"\n              name: API_TOKEN", seed.text(ALNUM, 24)),
        ),
        container("env", &format!("            - {{ name: SMTP_PASSWORD, value: '⟦{}⟧' }}", seed.password())),
        container(
            "args",
            &format!("            - --listen=:8080\n            - --admin-password=⟦{}⟧", seed.password()),
        ),
        container("args", &format!("            - --password\n            - ⟦{}⟧", seed.password())),
        format!(
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nsecretGenerator:\n  - name: app\n    literals:\n      - ⟦PIN={}⟧\n",
            seed.text(DIGITS, 6)
        ),
    ]
}

/// Thirty-four that only look like one.
fn others(seed: &mut Seed) -> Vec<String> {
    let certificate = format!(
        "-----BEGIN CERTIFICATE-----\n{}\n    -----END CERTIFICATE-----",
        seed.lines("MIIDdzCCAl+gAwIB", 18, "    ")
    );
    let public = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n    -----END PUBLIC KEY-----",
        seed.lines("MIIBIjANBgkqhkiG", 5, "    ")
    );
    let mut sealed = || seed.text(BASE64, 600);
    let sealed_secret = |key: &str, value: String| {
        format!(
            "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: app\nspec:\n  encryptedData:\n    {key}: ⟦Ag{value}⟧\n"
        )
    };
    let sealed = [sealed_secret("password", sealed()), sealed_secret("apiToken", sealed())];
    let sops = |key: &str, seed: &mut Seed| {
        format!(
            "{key}: ⟦ENC[AES256_GCM,data:{},iv:{}=,tag:{}==,type:str]⟧\nsops:\n  version: 3.9.0\n",
            seed.text(BASE64, 24),
            seed.text(BASE64, 43),
            seed.text(BASE64, 22)
        )
    };
    let mut all = sealed.to_vec();
    all.extend([
        values(&format!("digest: ⟦sha256:{}⟧", seed.text(HEX, 64))),
        container("env", &format!("            - name: IMAGE\n              value: ⟦shop/app@sha256:{}⟧", seed.text(HEX, 64))),
        format!("apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    targetRevision: ⟦{}⟧\n", seed.text(HEX, 40)),
        config_map(&format!("GIT_COMMIT: ⟦{}⟧", seed.text(HEX, 40))),
        config_map(&format!("TENANT_ID: ⟦{}⟧", seed.uuid())),
        config_map(&format!("CLIENT_ID: ⟦{}⟧", seed.uuid())),
        "secrets:\n  DB_PASSWORD: ⟦ref+vault://kv/shop/db#/password⟧\n".to_owned(),
        "auth:\n  password: ⟦ref+awssecrets://shop/db?region=eu-central-1#/password⟧\n".to_owned(),
        format!("auth:\n  password: ⟦ENC[AGE,YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSA{}]⟧\n", seed.text(BASE64, 200)),
        sops("password", seed),
        sops("apiToken", seed),
        config_map("DB_PASSWORD: ⟦${DB_PASSWORD}⟧"),
        config_map("DATABASE_URL: ⟦postgres://app:${DB_PASSWORD}@db.shop.svc/app⟧"),
        config_map("API_TOKEN: ⟦$(API_TOKEN)⟧"),
        "env:\n  - name: DB_PASSWORD\n    value: ⟦{{ .Values.db.password | quote }}⟧\n".to_owned(),
        values("auth:\n  password: ⟦'{{ secrets.DB_PASSWORD }}'⟧"),
        values("auth:\n  token: ⟦<path:secret/data/shop#token>⟧"),
        config_map(&format!("jwt.pub: |\n    ⟦{public}⟧")),
        config_map(&format!("AUTHORIZED: ⟦ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{} shop@example.com⟧", seed.text(BASE64, 43))),
        config_map(&format!("ca.crt: |\n    ⟦{certificate}⟧")),
        values("auth:\n  existingSecret: ⟦shop-database-credentials⟧"),
        container("env", "            - name: DB_PASSWORD\n              valueFrom:\n                secretKeyRef:\n                  name: ⟦shop-db⟧\n                  key: password"),
        values("ingress:\n  tls:\n    - secretName: ⟦wildcard-example-com-tls⟧"),
        "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nspec:\n  data:\n    - secretKey: ⟦password⟧\n      remoteRef:\n        key: shop/db\n        property: password\n".to_owned(),
        config_map("TOKEN_EXPIRY: ⟦\"3600\"⟧"),
        values("keycloak:\n  passwordPolicy: ⟦length(12) and digits(2) and notUsername⟧"),
        values("auth:\n  password: ⟦\"\"⟧"),
        values("auth:\n  passwordFile: ⟦/run/secrets/db-password⟧"),
        values("auth:\n  password: ⟦op://shop/database/password⟧"),
        values("auth:\n  secret: ⟦arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/db-AbCdEf⟧"),
        config_map(&format!("INTEGRITY: ⟦sha512-{}==⟧", seed.text(BASE64, 86))),
        format!("metadata:\n  annotations:\n    checksum/secret: ⟦{}⟧\n", seed.text(HEX, 64)),
    ]);
    all
}
