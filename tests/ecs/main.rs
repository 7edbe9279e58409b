//! ECS on Fargate: what `fixtures/ecs` and `fixtures/sock-shop` render, to the byte, and what AWS makes of it.
//!
//! `UPDATE=1` in the environment writes what is rendered.

#[path = "../support/mod.rs"]
mod support;

mod applied;
mod lacks;
mod logs;
mod misuse;
mod own;
mod references;
mod rendered;
mod secrets;
mod starts;

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use support::{Repo, fixture};

/// Renders an environment of a repo into a folder.
fn render(repo: &Repo, environment: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("the system has a folder for temporary files");
    let out = folder.path().join("out");
    let mut command = repo.command(["render", environment, "--out-dir"]);
    command.arg(out).arg("--identity").arg(fixture("demo-identity.txt"));
    support::Run::of(&mut command, b"").succeeds();
    folder
}

/// A file of what was rendered.
fn read(folder: &TempDir, file: &str) -> Value {
    serde_json::from_str(&text(&folder.path().join("out").join(file))).expect("a file of ECS is JSON")
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("can't read {}: {error}", path.display()))
}

/// What every environment on Fargate needs.
const BASE: &str = "platform: ecs
platforms:
  ecs:
    subnets: [subnet-0a1b2c3d]
    executionRole: arn:aws:iam::123456789012:role/shop-execution
    schedulerRole: arn:aws:iam::123456789012:role/shop-scheduler
defaults: { platforms: { ecs: { task: { cpu: 256, memory: 512 } } } }
";

/// A repo with one app on Fargate, which says `app` besides its image; `environment` is added to what an
/// environment needs.
fn shop(environment: &str, app: &str) -> Repo {
    bare(&format!("extends: base\n{environment}"), app).file("environments/base/environment.yaml", BASE)
}

/// The same with an environment that says nothing else.
fn bare(environment: &str, app: &str) -> Repo {
    Repo::new()
        .file(
            "sealwright.yaml",
            "name: shop\nid: 5d0b7e92c41f\nrecipients:\n  prod: [age1e9tll4gshd4nmqe0htfa9zv63jt9wfg80gut02dez4mk20gp3pssxm2zrm]\n",
        )
        .file("environments/prod/environment.yaml", &format!("platform: ecs\n{environment}"))
        .file("environments/prod/versions.yaml", "web: 1\n")
        .file("apps/web/app.yaml", &format!("image: web\n{app}"))
}
