//! Names that are keys elsewhere: nothing is taken for what it is called.

use crate::support::python;
use crate::{CLEARTEXT, Output, shop};

/// Names of apps and of variables that are keys of Compose or of Kubernetes, some of which never hold a secret.
const NAMES: [&str; 9] =
    ["image", "name", "command", "args", "entrypoint", "labels", "environment", "services", "metadata"];

#[test]
fn an_app_and_its_secret_variables_may_be_called_anything() {
    let mut repo = shop("");
    let mut versions = String::new();
    for name in NAMES {
        versions.push_str(&format!("{name}: 1\n"));
        repo = repo
            .file(&format!("apps/{name}/app.yaml"), &format!("image: web\nconfig: {{ plain_{name}: a }}\n"));
    }
    let repo = repo.file("environments/prod/versions.yaml", &versions);
    for app in NAMES {
        for variable in ["name", "image", app] {
            let unit = format!("prod/{app}");
            repo.run_with(["secret", "set", &unit, variable], &format!("{CLEARTEXT} {app} {variable}"))
                .succeeds();
        }
    }
    repo.run(["check"]).succeeds();
    let output = Output::of(&repo, "prod");
    assert!(!output.text("compose.yaml").contains("c4n4ry"));
    let mut expected = serde_json::Map::new();
    for app in NAMES {
        let value = |variable: &str| format!("{CLEARTEXT} {app} {variable}");
        let mut variables = serde_json::Map::new();
        variables.insert(format!("plain_{app}"), "a".into());
        for variable in ["name", "image", app] {
            variables.insert(variable.into(), value(variable).into());
        }
        expected.insert(app.into(), variables.into());
    }
    let folder = output.path("");
    let folder = folder.to_str().expect("a temporary path is UTF-8");
    let expected = serde_json::Value::from(expected).to_string();
    python("compose/whole.py", &[folder], &expected).succeeds().prints("9 services");
    python("compose/whole.py", &[folder], &expected.replace("name\":\"c4n4ry", "name\":\"c"))
        .exits(1)
        .prints("docker: image: name")
        .prints("podman: image: name");
}

/// A secret file is a text by its own name.
#[test]
fn a_secret_file_may_be_called_anything() {
    let files: Vec<String> = ["name", "image", "text", "mode", "data", "labels"]
        .iter()
        .map(|name| format!("{name}: {{ path: /run/{name}, content: \"{name} {{{{ secrets.KEY }}}}\" }}"))
        .collect();
    let repo = shop(&format!("files: {{ {} }}\n", files.join(", ")));
    repo.run_with(["secret", "set", "prod/web", "KEY"], CLEARTEXT).succeeds();
    let output = Output::of(&repo, "prod");
    for name in ["name", "image", "text", "mode", "data", "labels"] {
        assert_eq!(output.text(&format!("_secrets/web.{name}")), format!("{name} {CLEARTEXT}"));
    }
}
