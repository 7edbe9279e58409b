use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Repo, Run};

/// A control repo without secrets, in a folder of a git work tree on `main`, with everything committed.
pub struct Scratch {
    pub repo: Repo,
}

/// The control repo's folder in the work tree.
pub const CONTROL: &str = "control";

impl Scratch {
    pub fn new() -> Scratch {
        Scratch::with(&[])
    }

    /// One made with these options of `git init`.
    pub fn with(options: &[&str]) -> Scratch {
        let repo = Repo::new()
            .file("control/sealwright.yaml", "name: shop\nid: 7f3c9e1a52d0\n")
            .file("control/environments/prod/environment.yaml", "platform: kubernetes\nnamespace: shop\n")
            .file("control/environments/prod/versions.yaml", "carts: 0.4.8\nuser: 0.4.7\n")
            .file("control/environments/staging/environment.yaml", "platform: kubernetes\nnamespace: stage\n")
            .file("control/environments/staging/versions.yaml", "carts: 0.4.9\n")
            .file("control/apps/carts/app.yaml", "image: shop/carts\nports: { http: 80 }\nconfig: { A: a }\n")
            .file("control/apps/user/app.yaml", "image: shop/user\nports: { http: 80 }\n");
        let scratch = Scratch { repo };
        scratch.git(&[&["init", "--quiet", "-b", "main"], options].concat());
        scratch.git(&["config", "user.name", "Pipeline"]);
        scratch.git(&["config", "user.email", "pipeline@example.invalid"]);
        scratch.save("first");
        scratch
    }

    /// Adds an app with an encrypted value that `delivery.inline` permits.
    pub fn add_inline(&self) {
        self.repo.write(
            "control/sealwright.yaml",
            concat!(
                "name: shop\nid: 7f3c9e1a52d0\n",
                "recipients: { prod: [age1e9tll4gshd4nmqe0htfa9zv63jt9wfg80gut02dez4mk20gp3pssxm2zrm] }\n",
            ),
        );
        self.repo.write(
            "control/environments/prod/environment.yaml",
            "platform: kubernetes\nnamespace: shop\ndelivery: { inline: [carts/API_KEY] }\n",
        );
        let mut set = self.repo.command(["secret", "set", "prod/carts", "API_KEY", "--repo", CONTROL]);
        Run::of(&mut set, b"hunter2-canary").succeeds();
    }

    /// `render UNIT --commit BRANCH`, ready for more.
    pub fn render(&self, unit: &str, branch: &str) -> Command {
        let branch = format!("--commit={branch}");
        self.repo.command(["render", unit, &branch, "--repo", CONTROL])
    }

    #[track_caller]
    pub fn commit(&self, branch: &str) -> Run {
        Run::of(&mut self.render("prod", branch), b"")
    }

    /// Runs git in the work tree, which must succeed.
    #[track_caller]
    pub fn git(&self, arguments: &[&str]) -> String {
        Run::of(&mut self.git_command(arguments), b"").succeeds().stdout.trim_end().to_string()
    }

    pub fn git_command(&self, arguments: &[&str]) -> Command {
        let mut git = Command::new("git");
        git.current_dir(self.repo.path(""))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1");
        git.args(["-c", "advice.detachedHead=false"]).args(arguments);
        git
    }

    /// Commits everything in the work tree.
    pub fn save(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "-m", message]);
    }

    /// The commit that a revision means; `None` for none.
    pub fn tip(&self, revision: &str) -> Option<String> {
        let run = Run::of(&mut self.git_command(&["rev-parse", "--verify", "--quiet", revision]), b"");
        (run.code == 0).then(|| run.stdout.trim().to_string())
    }

    /// The files of a revision.
    pub fn files(&self, revision: &str) -> Vec<String> {
        let list = self.git(&["ls-tree", "-r", "--name-only", revision]);
        list.lines().map(str::to_string).collect()
    }

    pub fn message(&self, revision: &str) -> String {
        self.git(&["show", "--no-patch", "--format=%B", revision])
    }

    /// All objects and references, to see that nothing was written.
    pub fn state(&self) -> String {
        format!("{}\n{}", self.git(&["count-objects", "-v"]), self.git(&["for-each-ref"]))
    }

    /// A folder with a `git` that runs `script` before what it is asked for, which `$*` says; `$GIT` is the real
    /// one. Returns the `PATH` with it.
    pub fn git_with(&self, folder: &Path, script: &str) -> std::ffi::OsString {
        let paths = std::env::var_os("PATH").unwrap_or_default();
        let real: PathBuf = std::env::split_paths(&paths)
            .map(|path| path.join("git"))
            .find(|git| git.is_file())
            .expect("git is installed");
        let path = folder.join("git");
        let text = format!("#!/bin/sh\nGIT={}\n{script}\nexec \"$GIT\" \"$@\"\n", real.display());
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        std::env::join_paths([folder.to_path_buf()].into_iter().chain(std::env::split_paths(&paths))).unwrap()
    }
}
