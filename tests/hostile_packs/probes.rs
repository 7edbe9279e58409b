//! A question that is asked by a command asks the container itself, and no shell reads it.

use serde_json::{Value, json};

use crate::support::Repo;

fn asked(platform: &str, path: &str) -> Value {
    let settings = "platforms: { ecs: { executionRole: \"arn:aws:iam::123456789012:role/e\", cluster: c, subnets: [subnet-1a2b3c4d], logs: { region: eu-west-1 } } }\n";
    let app = json!({
        "image": "web", "probeWith": "curl", "ports": {"http": 80},
        "health": {"readiness": {"http": path, "port": "http"}},
        "platforms": {"ecs": {"task": {"cpu": 256, "memory": 512}}},
    });
    let repo = Repo::new()
        .file("sealwright.yaml", "name: shop\nid: \"0123456789ab\"\n")
        .file("environments/prod/environment.yaml", &format!("platform: {platform}\n{settings}"))
        .file("environments/prod/versions.yaml", "web: \"1\"\n")
        .file("apps/web/app.yaml", &app.to_string());
    let shown = repo.run(["preview", "prod", "-o", "json"]).succeeds().stdout;
    let documents = shown.lines().map(|line| serde_json::from_str::<Value>(line).expect("each line is JSON"));
    let mut questions = documents.filter_map(|document| {
        let test = document.pointer("/services/web/healthcheck/test");
        test.or_else(|| document.pointer("/containerDefinitions/0/healthCheck/command")).cloned()
    });
    questions.next_back().unwrap_or_else(|| panic!("nothing is asked\n{shown}"))
}

#[test]
fn a_path_is_a_path_and_one_argument() {
    for path in [
        "/health",
        "@evil.example/x",
        ".evil.example",
        "/$(id)`id`;id|id&&id>x",
        "/a b\"c'd",
        "-o/etc/passwd",
        "80@evil.example",
    ] {
        for platform in ["ecs", "compose"] {
            let asked = asked(platform, path);
            let words: Vec<&str> =
                asked.as_array().expect("it is a list").iter().filter_map(Value::as_str).collect();
            assert_eq!(words[..5], ["CMD", "curl", "-fsS", "-o", "/dev/null"], "{words:?}");
            let url = words[5].replace("$$", "$");
            assert_eq!(words.len(), 6);
            assert!(url.starts_with("http://127.0.0.1:80/"), "{url}");
            assert!(url.ends_with(path), "{url}");
        }
    }
}
