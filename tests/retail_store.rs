//! The retail store, one description for three platforms: what `fixtures/retail-store` renders for each is what its
//! facts describe.

mod support;

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use support::{Repo, Run, fixture, python, sealwright};

/// The environments, and the platform of each.
const ENVIRONMENTS: [(&str, &str); 3] = [("cluster", "kubernetes"), ("fargate", "ecs"), ("local", "compose")];

#[test]
fn each_environment_is_what_the_facts_describe() {
    for (environment, platform) in ENVIRONMENTS {
        compare(platform, &out(&rendered(environment))).succeeds();
    }
}

#[test]
fn a_changed_rendering_is_not_what_the_facts_describe() {
    let changes = [
        ("cluster", "ui/deployment-ui.yaml", "store-sample-ui:1.6.2", "store-sample-ui:1.6.3", "ui image"),
        ("cluster", "ui/service-ui.yaml", "port: 80", "port: 8080", "ui service port"),
        (
            "cluster",
            "carts/deployment-carts.yaml",
            "/actuator/health/readiness",
            "/health",
            "carts readiness",
        ),
        ("cluster", "orders/deployment-orders.yaml", "medium: Memory", "medium: \"\"", "orders /tmp"),
        ("cluster", "catalog/configmap-catalog.yaml", "catalog-mysql:3306", "catalog-db:3306", "catalog env"),
        ("fargate", "ui/task-definition.json", "\"2048\"", "\"4096\"", "ui size"),
        ("fargate", "catalog/task-definition.json", ":host::", ":username::", "catalog secrets"),
        ("fargate", "carts/task-definition.json", "carts-service", "carts", "carts containers"),
        ("fargate", "orders/service.json", "\"port\": 80", "\"port\": 8080", "orders alias"),
        (
            "fargate",
            "ui/service.json",
            "\"containerPort\": 8080",
            "\"containerPort\": 80",
            "ui load balancer",
        ),
        ("local", "compose.yaml", "mariadb:10.9", "mariadb:11", "catalog-db image"),
        ("local", "compose.yaml", "8888:8080", "8889:8080", "ui ports"),
        ("local", "compose.yaml", "  cart:", "  carts:", "services"),
        ("local", "compose.yaml", "hostname: carts", "hostname: cart", "cart hostname"),
        ("local", "compose.yaml", "restart: always", "restart: \"no\"", "ui restart"),
        ("local", "compose.secrets.yaml", "MYSQL_ROOT_PASSWORD", "ROOT_PASSWORD", "catalog-db env"),
    ];
    for (environment, platform) in ENVIRONMENTS {
        let folder = rendered(environment);
        for (_, file, from, to, said) in changes.iter().filter(|change| change.0 == environment) {
            let path = out(&folder).join(file);
            let text = fs::read_to_string(&path).expect("it was rendered");
            assert!(text.contains(from), "{file} has {from:?}");
            fs::write(&path, text.replace(from, to)).expect("the folder is ours");
            compare(platform, &out(&folder)).exits(1).prints(said);
            fs::write(&path, text).expect("the folder is ours");
        }
    }
}

/// What differs between the environments stands in layers: an app has one file, and one more where a platform
/// alone doesn't tell the difference.
#[test]
fn no_app_is_described_twice() {
    let apps = fs::read_dir(fixture("retail-store/apps")).expect("it has apps");
    let files: Vec<String> = apps
        .flat_map(|app| fs::read_dir(app.expect("it can be read").path()).expect("an app is a folder"))
        .map(|file| file.expect("it can be read").file_name().to_string_lossy().into_owned())
        .filter(|file| file != "app.yaml")
        .collect();
    assert_eq!(files, ["local.yaml"; 2], "an encrypted value, and a limit");
}

/// In a cluster and on ECS every secret is a reference: nothing is resolved, nobody has to be asked.
#[test]
fn where_the_platform_reads_the_store_nothing_is_in_the_clear() {
    for environment in ["cluster", "fargate"] {
        let mut command = sealwright();
        command.args(["render", environment, "--repo"]).arg(fixture("retail-store"));
        let stream = Run::of(&mut command, b"").succeeds().stdout;
        // No identity and no credentials; and a file may have it.
        assert!(stream.contains(if environment == "cluster" { "kind: ExternalSecret" } else { "valueFrom" }));
        assert!(!stream.contains("kind: Secret\n") && !stream.contains("SecureString"), "{environment}");
    }
}

/// The same name is a secret on one platform and plain on another, and comes from another store.
#[test]
fn the_layers_say_what_is_a_secret_where() {
    let list = |environment: &str| {
        let mut command = sealwright();
        command.args(["secret", "list", environment, "-o", "json", "--repo"]).arg(fixture("retail-store"));
        Run::of(&mut command, b"").succeeds().stdout
    };
    let (cluster, fargate, local) = (list("cluster"), list("fargate"), list("local"));
    let user = "RETAIL_ORDERS_PERSISTENCE_USERNAME";
    let endpoint = "RETAIL_ORDERS_PERSISTENCE_ENDPOINT";
    assert!(cluster.contains(user) && fargate.contains(user) && !local.contains(user));
    assert!(!cluster.contains(endpoint) && fargate.contains(endpoint) && !local.contains(endpoint));
    assert!(cluster.contains("vault") && fargate.contains("awssecrets") && !local.contains("ref+"));
}

#[test]
fn every_environment_renders_twice_to_the_same_bytes() {
    for (environment, _) in ENVIRONMENTS {
        let (one, other) = (rendered(environment), rendered(environment));
        let diff = std::process::Command::new("diff").arg("-r").args([out(&one), out(&other)]).status();
        assert!(diff.expect("diff runs").success(), "{environment}");
    }
}

fn rendered(environment: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("the system has a folder for temporary files");
    let repo = Repo::copy_of("retail-store");
    let mut command = repo.command(["render", environment, "--out-dir"]);
    command.arg(out(&folder)).arg("--identity").arg(fixture("demo-identity.txt"));
    Run::of(&mut command, b"").succeeds();
    folder
}

fn out(folder: &TempDir) -> std::path::PathBuf {
    folder.path().join("out")
}

fn compare(platform: &str, folder: &Path) -> Run {
    let facts = fixture("facts/retail-store.json");
    let text = |path: &Path| path.to_str().expect("the path is UTF-8").to_owned();
    python("facts/retail.py", &[&text(&facts), platform, &text(folder)], "")
}
