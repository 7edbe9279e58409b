//! Names that are keys elsewhere: nothing is taken for what it is called.

use serde_json::{Map, Value};

use crate::support::python;
use crate::{CLEARTEXT, Output, shop};

/// Names of apps and of variables that are keys of Compose or of Kubernetes, some of which never hold a secret.
const NAMES: [&str; 9] =
    ["image", "name", "command", "args", "entrypoint", "labels", "environment", "services", "metadata"];

/// Of those, names whose service podman-compose takes from the last file alone, as it does with the key of a service.
const OF_LAST_FILE: [&str; 2] = ["command", "entrypoint"];

#[test]
fn an_app_and_its_secret_variables_may_be_called_anything() {
    read(&NAMES, &["docker"]);
    let others: Vec<&str> = NAMES.into_iter().filter(|name| !OF_LAST_FILE.contains(name)).collect();
    read(&others, &["docker", "podman"]);
}

fn read(names: &[&str], readers: &[&str]) {
    let mut repo = shop("");
    let mut versions = String::new();
    for name in names {
        versions.push_str(&format!("{name}: 1\n"));
        let app = format!("image: web\nconfig: {{ plain_{name}: a }}\n");
        repo = repo.file(&format!("apps/{name}/app.yaml"), &app);
    }
    let repo = repo.file("environments/prod/versions.yaml", &versions);
    let mut expected = Map::new();
    for app in names {
        let mut variables = Map::new();
        variables.insert(format!("plain_{app}"), "a".into());
        for variable in ["name", app] {
            let value = format!("{CLEARTEXT} {app} {variable}");
            if variables.insert(variable.into(), value.clone().into()).is_none() {
                repo.run_with(["secret", "set", &format!("prod/{app}"), variable], &value).succeeds();
            }
        }
        expected.insert((*app).into(), variables.into());
    }
    repo.run(["check"]).succeeds();
    let output = Output::of(&repo, "prod");
    assert!(!output.text("compose.yaml").contains("c4n4ry"));
    let folder = output.path("");
    let arguments = [&[folder.to_str().expect("a temporary path is UTF-8")], readers].concat();
    let expected = Value::from(expected).to_string();
    let services = format!("{} services", names.len());
    python("compose/whole.py", &arguments, &expected).succeeds().prints(&services);
    let other = python("compose/whole.py", &arguments, &expected.replace("image name", "image")).exits(1);
    for reader in readers {
        assert!(other.stdout.contains(&format!("{reader}: image: name has another")), "{other}");
    }
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
