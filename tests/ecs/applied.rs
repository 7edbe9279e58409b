//! What a server that plays AWS makes of the files, applied with boto3 in the order that docs/ecs.md says.

use serde_json::{Value, json};

use crate::render;
use crate::support::{Moto, Repo, python};

#[test]
fn aws_takes_every_unit_and_every_container_is_given_its_secrets() {
    let aws = Aws::start(
        "eu-west-1",
        json!({
            "cluster": "shop",
            "secrets": { "shop/db": "{\"password\": \"of the store\"}", "shop/whole": "the whole" },
            "parameters": { "/shop/p": "value of /shop/p", "/shop/r": "value of /shop/r" },
        }),
    );
    let repo = Repo::copy_of("ecs");
    aws.name_in(&repo, "environments/prod/environment.yaml");
    let app = "apps/web/app.yaml";
    replace(
        &repo,
        app,
        "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop/0a1b2c3d4e5f6a7b",
        &aws.made["target"],
    );
    // With the six characters that AWS appends to a name.
    replace(&repo, app, "awssecrets://shop/whole", &with_arn(&aws.made["secrets"]["shop/whole"]));
    assert_eq!(
        aws.given(&repo, "prod")["web"],
        json!({
            "main": {
                "PASSWORD": "of the store",
                "STAGED": "of the store",
                "WHOLE": "the whole",
                "PARAMETER": "value of /shop/p",
                "TOKEN": "a \"$token\"",
                "URL": "https://x:a%20%22%24token%22@hook.example",
            },
            "proxy": { "FROM_STORE": "value of /shop/r", "FROM_REPO": "of a \"$token\"" },
            "wait": { "PASSWORD": "of the store" },
            "migrate": {},
        })
    );
}

/// The ids come from outputs of what made the cluster, as `infra.NAME`.
#[test]
fn aws_takes_the_retail_store() {
    let aws = Aws::start(
        "eu-central-1",
        json!({
            "cluster": "retail-store",
            "secrets": {
                "fargate/catalog-db": "{\"host\": \"c.example\", \"username\": \"cat\", \"password\": \"a$b\"}",
                "fargate/orders-db": "{\"host\": \"o.example\", \"username\": \"ord\", \"password\": \"c'd\"}",
                "fargate/mq": "{\"host\": \"amqps://m\", \"username\": \"mq\", \"password\": \"e\\\"f\"}",
            },
        }),
    );
    let repo = Repo::copy_of("retail-store");
    let file = "environments/fargate/outputs.json";
    let mut outputs: Value = serde_json::from_str(&repo.read(file)).expect("outputs are JSON");
    for (name, id) in [
        ("subnet_a", &aws.made["subnets"][0]),
        ("subnet_b", &aws.made["subnets"][1]),
        ("security_group", &aws.made["group"]),
        ("ui_target_group", &aws.made["target"]),
    ] {
        outputs[name]["value"] = id.clone();
    }
    repo.write(file, &outputs.to_string());
    assert_eq!(
        aws.given(&repo, "fargate"),
        json!({
            "ui": { "ui-service": {} },
            "carts": { "carts-service": {} },
            "checkout": { "checkout-service": {} },
            "catalog": {
                "catalog-service": {
                    "RETAIL_CATALOG_PERSISTENCE_ENDPOINT": "c.example",
                    "RETAIL_CATALOG_PERSISTENCE_USER": "cat",
                    "RETAIL_CATALOG_PERSISTENCE_PASSWORD": "a$b",
                },
            },
            "orders": {
                "orders-service": {
                    "RETAIL_ORDERS_PERSISTENCE_ENDPOINT": "o.example",
                    "RETAIL_ORDERS_PERSISTENCE_USERNAME": "ord",
                    "RETAIL_ORDERS_PERSISTENCE_PASSWORD": "c'd",
                    "RETAIL_ORDERS_MESSAGING_RABBITMQ_ADDRESSES": "amqps://m",
                    "RETAIL_ORDERS_MESSAGING_RABBITMQ_USERNAME": "mq",
                    "RETAIL_ORDERS_MESSAGING_RABBITMQ_PASSWORD": "e\"f",
                },
            },
        })
    );
}

#[test]
fn aws_takes_sock_shop() {
    let aws = Aws::start(
        "eu-west-1",
        json!({
            "cluster": "sock-shop",
            "secrets": { "sock-shop/catalogue-db": "{\"root-password\": \"fake_password\"}" },
        }),
    );
    let repo = Repo::copy_of("sock-shop");
    aws.name_in(&repo, "environments/ecs/environment.yaml");
    let given = aws.given(&repo, "ecs");
    let units = given.as_object().expect("it has units");
    assert_eq!(units.len(), 14);
    let with_secrets: Vec<(&str, &Value)> = units
        .iter()
        .flat_map(|(_, unit)| unit.as_object().expect("it has containers"))
        .filter(|(_, secrets)| **secrets != json!({}))
        .map(|(container, secrets)| (container.as_str(), secrets))
        .collect();
    assert_eq!(with_secrets, [("catalogue-db", &json!({ "MYSQL_ROOT_PASSWORD": "fake_password" }))]);
}

/// A server in which everything lies that an environment names.
struct Aws {
    server: Moto,
    region: &'static str,
    /// The ids: `subnets`, `group`, `target`, `secrets` by name.
    made: Value,
}

impl Aws {
    fn start(region: &'static str, wanted: Value) -> Aws {
        let server = Moto::start();
        let made = python("ecs/deploy.py", &["prepare", &server.address(), region], &wanted.to_string());
        let made = serde_json::from_str(&made.succeeds().stdout).expect("it prints JSON");
        Aws { server, region, made }
    }

    /// Puts the ids of the network in place of those that our fixtures have.
    fn name_in(&self, repo: &Repo, file: &str) {
        replace(repo, file, "sg-0a1b2c3d", &self.made["group"]);
        replace(repo, file, "subnet-0a1b2c3d", &self.made["subnets"][0]);
        replace(repo, file, "subnet-4e5f6a7b", &self.made["subnets"][1]);
    }

    /// Applies an environment; what each container of each unit is given.
    fn given(&self, repo: &Repo, environment: &str) -> Value {
        let folder = render(repo, environment);
        let out = folder.path().join("out");
        let address = self.server.address();
        let args = ["apply", &address, self.region, &out.to_string_lossy()];
        let given = python("ecs/deploy.py", &args, "").succeeds().stdout;
        serde_json::from_str(given.lines().next().unwrap_or_default()).expect("it prints JSON")
    }
}

fn with_arn(arn: &Value) -> Value {
    format!("awssecrets://{}", arn.as_str().expect("an ARN is a text")).into()
}

fn replace(repo: &Repo, file: &str, from: &str, to: &Value) {
    let text = repo.read(file);
    assert!(text.contains(from), "{file} has {from}");
    repo.write(file, &text.replace(from, to.as_str().expect("an id is a text")));
}
