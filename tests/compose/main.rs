//! Compose: what `fixtures/sock-shop` renders, what real implementations read in it, and what is refused.
//!
//! `UPDATE=1` in the environment writes what is rendered.

#[path = "../support/mod.rs"]
mod support;

mod again;
mod files;
mod golden;
mod lacks;
mod names;
mod retail_store;
mod sock_shop;
mod values;

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use support::{Repo, Run, fixture};

/// What a secret holds. Nothing else has it.
const CLEARTEXT: &str = "c4n4ry $HOME";

/// What was rendered into a folder.
struct Output(TempDir);

impl Output {
    /// Renders an environment or a unit of a repo.
    #[track_caller]
    fn of(repo: &Repo, unit: &str) -> Output {
        let folder = tempfile::tempdir().expect("the system has a folder for temporary files");
        let mut command = repo.command(["render", unit, "--out-dir"]);
        command.arg(folder.path().join("out")).arg("--identity").arg(fixture("demo-identity.txt"));
        Run::of(&mut command, b"").succeeds();
        Output(folder)
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join("out").join(file)
    }

    #[track_caller]
    fn text(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap_or_else(|error| panic!("can't read {file}: {error}"))
    }
}

/// A repo with the app `web` on Compose, which says `app` besides its image.
fn shop(app: &str) -> Repo {
    Repo::new()
        .file(
            "sealwright.yaml",
            "name: shop\nid: 5d0b7e92c41f\nrecipients:\n  prod: [age1e9tll4gshd4nmqe0htfa9zv63jt9wfg80gut02dez4mk20gp3pssxm2zrm]\n",
        )
        .file("environments/prod/environment.yaml", "platform: compose\ndelivery: { inline: ['*/*'] }\n")
        .file("environments/prod/versions.yaml", "web: 1\n")
        .file("apps/web/app.yaml", &format!("image: web\n{app}"))
}
