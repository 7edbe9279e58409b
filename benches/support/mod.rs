//! What benches share: control repos of any size, and a stopwatch.

#![allow(dead_code)] // each bench uses its own part

pub mod helm;
pub mod measure;
pub mod phases;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The environments of a generated repo.
pub const ENVIRONMENTS: [&str; 3] = ["dev", "staging", "prod"];
/// How many variables each app has, and how many of them each environment overrides.
pub const KEYS: usize = 20;
const OVERRIDDEN: usize = 5;

/// Writes a control repo of `apps` apps, each running in three environments: 20 config keys an app of which an
/// environment overrides 5, a Deployment, a Service and a ConfigMap a unit. The same number makes the same bytes.
pub fn control_repo(root: &Path, apps: usize) {
    write(
        root,
        "sealwright.yaml",
        "name: bench\nid: 7f3c9e1a52d0\nvars: { registry: registry.example.com/shop }\n",
    );
    for (number, environment) in ENVIRONMENTS.iter().enumerate() {
        let settings = format!(
            "platform: kubernetes\nnamespace: {environment}\nvars: {{ domain: {environment}.example.com }}\n\
            overrides: {{ replicas: {} }}\n",
            number + 1
        );
        write(root, &format!("environments/{environment}/environment.yaml"), &settings);
        let versions: String = (0..apps).map(|app| format!("{}: 1.{app}.{number}\n", name(app))).collect();
        write(root, &format!("environments/{environment}/versions.yaml"), &versions);
    }
    for app in 0..apps {
        let folder = format!("apps/{}", name(app));
        write(root, &format!("{folder}/app.yaml"), &base(app));
        for environment in ENVIRONMENTS {
            write(root, &format!("{folder}/{environment}.yaml"), &overrides(app, environment));
        }
    }
}

/// The name of an app.
pub fn name(app: usize) -> String {
    format!("app-{app:04}")
}

fn base(app: usize) -> String {
    let mut text = format!(
        "image: \"{{{{ env.registry }}}}/{}\"\nports: {{ http: 8080 }}\nresources: {{ cpu: 100m, memory: 128Mi }}\n\
        health: {{ readiness: {{ http: /healthz, delay: 5, period: 10 }} }}\nconfig:\n",
        name(app)
    );
    for key in 0..KEYS {
        let (name, value) = value(app, key, "{{ env.domain }}");
        text.push_str(&format!("  {name}: {value}\n"));
    }
    text
}

/// A variable of an app and its value as YAML, in which `domain` stands for that of the environment.
pub fn value(app: usize, key: usize, domain: &str) -> (String, String) {
    match key % 4 {
        0 => (format!("SERVICE_{key}_URL"), format!("\"http://service-{key}.{domain}:8080/v{app}\"")),
        1 => (format!("FEATURE_{key}_ENABLED"), app.is_multiple_of(2).to_string()),
        2 => (format!("LIMIT_{key}"), (app * 10 + key).to_string()),
        _ => (format!("LABEL_{key}"), format!("value {key} of {}", name(app))),
    }
}

/// The variables that an environment overrides, and their values as YAML.
pub fn overridden(app: usize, environment: &str) -> impl Iterator<Item = (String, String)> {
    let keys = (0..KEYS).filter(|key| key % 4 == 3).take(OVERRIDDEN);
    keys.map(move |key| (format!("LABEL_{key}"), format!("value {key} of {} in {environment}", name(app))))
}

fn overrides(app: usize, environment: &str) -> String {
    let lines = overridden(app, environment).map(|(name, value)| format!("  {name}: {value}\n"));
    std::iter::once("config:\n".to_string()).chain(lines).collect()
}

/// Writes a file below a folder.
pub fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("a folder can be made");
    fs::write(path, text).expect("a file can be written");
}

/// Runs git in a folder, without the user's settings.
pub fn git(folder: &Path, arguments: &[&str]) {
    let status = git_command(folder, arguments).status().expect("there is git");
    assert!(status.success(), "git {arguments:?}: {status}");
}

/// git in a folder, without the user's settings.
pub fn git_command(folder: &Path, arguments: &[&str]) -> Command {
    let mut git = Command::new("git");
    git.current_dir(folder).env("GIT_CONFIG_GLOBAL", "/dev/null").stdout(Stdio::null());
    git.args(["-c", "user.name=bench", "-c", "user.email=bench@example.invalid"]).args(arguments);
    git
}

/// How long a command takes, which must succeed.
pub fn time(mut command: Command) -> Duration {
    let start = Instant::now();
    let output = command.output().expect("the command can be started");
    let time = start.elapsed();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    time
}

/// The middle one of some times.
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
