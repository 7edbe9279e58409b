//! Scratch repositories.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use crate::support::{Repo, Run, sealwright};

/// A private key by its looks, another one for each number.
pub fn private_key(number: u8) -> String {
    let label = ["RSA", "PRIVATE", "KEY"].join(" ");
    let body: String = (0..12)
        .flat_map(|line| BASE64_STANDARD.encode(Sha256::digest([number, line])).into_bytes())
        .map(char::from)
        .filter(|c| *c != '=')
        .collect();
    let lines: Vec<&str> =
        body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// A control repo of two apps in two environments; `prod` extends `base`.
pub fn control_repo() -> Repo {
    Repo::new()
        .file("sealwright.yaml", "name: shop\nid: 5d0b7e92c41f\n")
        .file("environments/base/environment.yaml", "platform: kubernetes\n")
        .file("environments/prod/environment.yaml", "extends: base\nnamespace: shop\n")
        .file("environments/prod/versions.yaml", "web: 1.4.2\ndb: 1.0.0\n")
        .file("environments/dev/environment.yaml", "platform: kubernetes\n")
        .file("environments/dev/versions.yaml", "web: 1.5.0\n")
        .file("apps/web/app.yaml", "image: shop/web\nports: { http: 8080 }\n")
        .file("apps/web/prod.yaml", "replicas: 2\n")
        .file("apps/db/app.yaml", "image: shop/db\n")
}

/// The same in git, with everything committed.
pub fn committed() -> Repo {
    let repo = control_repo();
    init(&repo.path(""), &[]);
    commit_all(&repo.path(""), "first");
    repo
}

/// Makes a git repository.
pub fn init(folder: &Path, options: &[&str]) {
    git(folder, &[&["init", "--quiet", "-b", "main"], options].concat());
}

/// Stages everything.
pub fn stage(repo: &Repo) {
    git(&repo.path(""), &["add", "--all"]);
}

/// Commits everything, without a hook.
pub fn commit_all(folder: &Path, message: &str) {
    git(folder, &["add", "--all"]);
    git(folder, &["commit", "--quiet", "--no-verify", "--allow-empty", "-m", message]);
}

/// Runs git, which must succeed.
#[track_caller]
pub fn git(folder: &Path, arguments: &[&str]) -> String {
    Run::of(&mut git_command(folder, arguments), b"").succeeds().stdout.trim().to_string()
}

/// git with an identity of its own, the built binary on its `PATH`, and nothing of the user's settings.
pub fn git_command(folder: &Path, arguments: &[&str]) -> Command {
    let mut git = Command::new("git");
    git.current_dir(folder).env_clear().env("PATH", path()).env("HOME", folder);
    git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    git.args(["-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "protocol.file.allow=always"]);
    git.args(arguments);
    git
}

/// `PATH` with the built binary before everything else.
pub fn path() -> OsString {
    let binary = PathBuf::from(env!("CARGO_BIN_EXE_sealwright"));
    let folder = binary.parent().expect("a file lies in a folder").to_path_buf();
    let others = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths([folder].into_iter().chain(std::env::split_paths(&others)))
        .expect("no colon in a folder")
}

/// Runs `check --staged` in a folder, with these variables.
#[track_caller]
pub fn check_staged(folder: &Path, variables: &[(&str, &str)]) -> Run {
    let mut command = sealwright();
    command.current_dir(folder).args(["check", "--staged"]).envs(variables.iter().copied());
    Run::of(&mut command, b"")
}

/// Writes a script that can be run.
pub fn script(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("a folder can be made");
    fs::write(path, text).expect("a script can be written");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a mode can be set");
}

/// The first fenced block of a document that is marked as `language`.
pub fn block(document: &str, language: &str) -> String {
    let (_, rest) = document.split_once(&format!("```{language}\n")).expect("the document has such a block");
    rest.split_once("```").expect("the block ends").0.to_string()
}
