//! What calls `check --staged`: the hook of docs/hooks.md, and the real pre-commit.

use std::fs;
use std::process::Command;

use crate::scratch::{block, commit_all, committed, git, git_command, init, path, private_key, script};
use crate::support::{Repo, Run, python_tools, root};

#[test]
fn the_hook_of_the_manual_stops_a_commit() {
    let manual = fs::read_to_string(root().join("docs/hooks.md")).unwrap();
    let repo = committed();
    script(&repo.path(".git/hooks/pre-commit"), &block(&manual, "sh"));
    repo.write("key", &private_key(1));
    git(&repo.path(""), &["add", "key"]);
    let commit = || Run::of(&mut git_command(&repo.path(""), &["commit", "-m", "x"]), b"");
    commit().exits(1).complains("key:1:1");
    repo.write("key", "nothing\n");
    git(&repo.path(""), &["add", "key"]);
    commit().succeeds().complains("checked 0 units and 1 file of the index: nothing found");
}

#[test]
fn pre_commit_runs_the_hook_of_a_checkout() {
    let checkout = Repo::new();
    init(&checkout.path(""), &[]);
    fs::copy(root().join(".pre-commit-hooks.yaml"), checkout.path(".pre-commit-hooks.yaml")).unwrap();
    commit_all(&checkout.path(""), "hooks");
    let revision = git(&checkout.path(""), &["rev-parse", "HEAD"]);

    let manual = fs::read_to_string(root().join("docs/hooks.md")).unwrap();
    let config: String = block(&manual, "yaml")
        .replace("https://github.com/sealwright/sealwright", checkout.path("").to_str().unwrap())
        .replace("v0.1.0", &revision);
    assert!(config.contains(&revision) && config.contains(checkout.path("").to_str().unwrap()), "{config}");
    let repo = committed();
    repo.write(".pre-commit-config.yaml", &config);
    let pre_commit = |arguments: &[&str]| {
        let mut command = Command::new(python_tools());
        command.current_dir(repo.path("")).env_clear().env("PATH", path()).env("HOME", checkout.path("home"));
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").args(["-m", "pre_commit"]).args(arguments);
        Run::of(&mut command, b"")
    };
    fs::create_dir(checkout.path("home")).unwrap();
    pre_commit(&["validate-manifest", root().join(".pre-commit-hooks.yaml").to_str().unwrap()]).succeeds();
    pre_commit(&["install"]).succeeds();
    let commit = |arguments: &[&str]| {
        let mut git = git_command(&repo.path(""), &[&["commit", "-m", "x"], arguments].concat());
        git.env("HOME", checkout.path("home"));
        Run::of(&mut git, b"")
    };
    git(&repo.path(""), &["add", "--all"]);
    commit(&[]).succeeds().complains("sealwright check");

    // Staged, and taken away from the file again: pre-commit puts the staged state in its place.
    repo.write("key", &private_key(1));
    git(&repo.path(""), &["add", "key"]);
    repo.write("key", "nothing\n");
    commit(&[]).exits(1).complains("key:1:1").complains("Failed");
    assert_eq!(repo.read("key"), "nothing\n");
    git(&repo.path(""), &["reset", "--quiet", "--hard"]);

    // A commit that only removes files is checked too.
    git(&repo.path(""), &["rm", "--quiet", "-r", "apps/db"]);
    commit(&[]).exits(1).complains("unknown-app");
    git(&repo.path(""), &["reset", "--quiet", "--hard"]);
    repo.write("apps/db/app.yaml", "image: [\n");
    commit(&["-a"]).exits(1).complains("apps/db/app.yaml:1:");
}
