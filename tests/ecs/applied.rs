//! What a server that plays AWS makes of the files, applied with boto3 in the order that docs/ecs.md says.

use serde_json::{Value, json};

use crate::render;
use crate::support::{Moto, Repo, python};

#[test]
fn aws_takes_every_unit_and_every_container_is_given_its_secrets() {
    let moto = Moto::start();
    let address = moto.address();
    let made = python("ecs/deploy.py", &["prepare", &address], "").succeeds().stdout;
    let made: Value = serde_json::from_str(&made).expect("it prints JSON");
    let subnets = made["subnets"].as_array().expect("they are listed").clone();
    let subnets: Vec<&str> = subnets.iter().filter_map(Value::as_str).collect();
    let made = |key: &str| made[key].as_str().expect("it is a text").to_owned();
    let repo = Repo::copy_of("ecs");
    for (file, pairs) in [
        (
            "environments/prod/environment.yaml",
            vec![("sg-0a1b2c3d", made("group")), ("subnet-0a1b2c3d, subnet-4e5f6a7b", subnets.join(", "))],
        ),
        (
            "apps/web/app.yaml",
            vec![
                (
                    "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop/0a1b2c3d4e5f6a7b",
                    made("target"),
                ),
                // With the six characters that AWS appends to a name.
                ("ref+awssecrets://shop/whole", format!("ref+awssecrets://{}", made("whole"))),
            ],
        ),
    ] {
        let whole = pairs.iter().fold(repo.read(file), |text, (from, to)| {
            assert!(text.contains(from), "{file} has {from}");
            text.replace(from, to)
        });
        repo.write(file, &whole);
    }
    let folder = render(&repo, "prod");
    let out = folder.path().join("out");
    let given = python("ecs/deploy.py", &["apply", &address, &out.to_string_lossy()], "").succeeds().stdout;
    let given: Value =
        serde_json::from_str(given.lines().next().unwrap_or_default()).expect("it prints JSON");
    assert_eq!(
        given["web"],
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
