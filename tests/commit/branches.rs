use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::scratch::{CONTROL, Scratch};
use crate::support::{Repo, Run, root, sealwright};

#[test]
fn work_tree_and_index_are_left_alone() {
    let scratch = Scratch::new();
    scratch.repo.write("staged.txt", "a\n");
    scratch.git(&["add", "staged.txt"]);
    scratch.repo.write("staged.txt", "b\n");
    scratch.repo.write("new.txt", "c\n");
    let status = scratch.git(&["status", "--porcelain", "-uall"]);
    let index = fs::read(scratch.repo.path(".git/index")).unwrap();
    let head = scratch.tip("HEAD");
    scratch.commit("env/prod").succeeds();
    assert_eq!(fs::read(scratch.repo.path(".git/index")).unwrap(), index);
    assert_eq!(scratch.git(&["status", "--porcelain", "-uall"]), status);
    assert_eq!(scratch.tip("HEAD"), head);
    assert_eq!(scratch.git(&["symbolic-ref", "HEAD"]), "refs/heads/main");
}

#[test]
fn it_runs_from_any_folder_and_whatever_the_environment_says() {
    let scratch = Scratch::new();
    let other = Repo::new();
    Run::of(Command::new("git").args(["init", "--quiet", "--bare"]).arg(other.path("bare")), b"").succeeds();
    let mut command = sealwright();
    command
        .current_dir(scratch.repo.path("control/apps/carts"))
        .args(["render", "prod", "--commit", "env/prod"]);
    let bare = other.path("bare");
    command.env("GIT_DIR", &bare).env("GIT_WORK_TREE", "/").env("GIT_INDEX_FILE", "/nowhere");
    command.env("GIT_OBJECT_DIRECTORY", bare.join("objects")).env("GIT_COMMON_DIR", &bare);
    command
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", "user.name")
        .env("GIT_CONFIG_VALUE_0", "evil");
    Run::of(&mut command, b"").succeeds();
    assert_eq!(scratch.git(&["show", "--no-patch", "--format=%an", "env/prod"]), "Pipeline");
    let mut refs = scratch.git_command(&["--git-dir", bare.to_str().unwrap(), "for-each-ref"]);
    assert_eq!(Run::of(&mut refs, b"").succeeds().stdout, "");
}

#[test]
fn who_commits_may_be_said_by_the_environment() {
    let scratch = Scratch::new();
    let mut command = scratch.render("prod", "env/prod");
    command.env("GIT_AUTHOR_NAME", "A").env("GIT_COMMITTER_EMAIL", "c@example.invalid");
    command.env("GIT_COMMITTER_DATE", "1700000000 +0100");
    Run::of(&mut command, b"").succeeds();
    let said = scratch.git(&["show", "--no-patch", "--format=%an %ae %ce %ct", "env/prod"]);
    assert_eq!(said, "A pipeline@example.invalid c@example.invalid 1700000000");
}

#[test]
fn a_detached_head_and_a_repo_without_a_commit_are_fine() {
    let scratch = Scratch::new();
    scratch.git(&["checkout", "--quiet", "--detach"]);
    scratch.commit("env/prod").succeeds();
    assert!(scratch.message("env/prod").contains("Source: "));
    scratch.git(&["checkout", "--quiet", "--orphan", "unborn"]);
    scratch.commit("unborn").exits(2).complains("`unborn` is checked out");
    scratch.commit("env/other").succeeds();
    assert!(!scratch.message("env/other").contains("Source: "));
}

#[test]
fn it_runs_in_a_linked_work_tree_also_of_a_bare_repository() {
    let scratch = Scratch::new();
    let place = tempfile::tempdir().unwrap();
    let linked = place.path().join("linked");
    scratch.git(&["worktree", "add", "--quiet", "-b", "feature", linked.to_str().unwrap()]);
    let mut command = scratch.render("prod", "env/prod");
    Run::of(command.current_dir(&linked), b"").succeeds();
    assert!(scratch.tip("env/prod").is_some());
    // What either of the two has checked out is taken.
    for branch in ["main", "feature"] {
        scratch.commit(branch).exits(2).complains("commit-refused").complains("is checked out");
        Run::of(scratch.render("prod", branch).current_dir(&linked), b"")
            .exits(2)
            .complains("is checked out");
    }

    let bare = place.path().join("bare.git");
    scratch.git(&["clone", "--quiet", "--bare", ".", bare.to_str().unwrap()]);
    let tree = place.path().join("tree");
    scratch.git(&[
        "--git-dir",
        bare.to_str().unwrap(),
        "worktree",
        "add",
        "--quiet",
        tree.to_str().unwrap(),
        "main",
    ]);
    let mut command = scratch.render("prod", "env/new");
    command.env("GIT_AUTHOR_NAME", "A").env("GIT_AUTHOR_EMAIL", "a@example.invalid");
    command.env("GIT_COMMITTER_NAME", "A").env("GIT_COMMITTER_EMAIL", "a@example.invalid");
    Run::of(command.current_dir(&tree), b"").succeeds();
    let mut tip = scratch.git_command(&["--git-dir", bare.to_str().unwrap(), "rev-parse", "env/new"]);
    Run::of(&mut tip, b"").succeeds();
}

#[test]
fn sha256_is_fine() {
    let scratch = Scratch::with(&["--object-format=sha256"]);
    scratch.commit("env/prod").succeeds();
    scratch.commit("env/prod").succeeds().complains("no commit");
    assert_eq!(scratch.tip("env/prod").unwrap().len(), 64);
    scratch.git(&["fsck", "--strict"]);
}

#[test]
fn many_files_are_fine_and_are_kept_once() {
    let scratch = Scratch::new();
    let mut versions = String::new();
    for app in 0..60 {
        versions.push_str(&format!("app-{app}: \"1\"\n"));
        let config = format!("image: shop/app\nports: {{ http: 80 }}\nconfig: {{ A: app-{app} }}\n");
        scratch.repo.write(&format!("control/apps/app-{app}/app.yaml"), &config);
    }
    scratch.repo.write("control/environments/prod/versions.yaml", &versions);
    scratch.commit("env/prod").succeeds();
    assert!(scratch.files("env/prod").len() > 200);
    let before = scratch.state();
    scratch.commit("env/prod").succeeds().complains("no commit");
    assert_eq!(scratch.state(), before);
    scratch.git(&["fsck", "--strict"]);
}

#[test]
fn a_folder_of_a_branch_is_replaced_and_the_rest_stays() {
    let scratch = Scratch::new();
    let at = |unit: &str, folder: &str| {
        let mut command = scratch.render(unit, "deploy");
        Run::of(command.args(["--commit-path", folder]), b"")
    };
    at("prod", "clusters/prod").succeeds();
    at("staging", "clusters/staging").succeeds();
    let files = scratch.files("deploy");
    assert!(files.contains(&"clusters/prod/RENDERED.json".to_string()), "{files:?}");
    assert!(files.contains(&"clusters/staging/carts/service-carts.yaml".to_string()), "{files:?}");
    let prod = scratch.tip("deploy:clusters/prod");
    scratch.repo.write("control/environments/staging/versions.yaml", "user: 0.4.7\n");
    at("staging", "clusters/staging").succeeds();
    assert_eq!(scratch.tip("deploy:clusters/prod"), prod);
    assert!(!scratch.files("deploy").contains(&"clusters/staging/carts/service-carts.yaml".to_string()));
    at("staging", "clusters/staging").succeeds().complains("no commit");
    assert_eq!(scratch.git(&["rev-list", "--count", "deploy"]), "3");

    // A folder beside files of others is fine, one of theirs isn't.
    scratch.git(&["branch", "mixed"]);
    let mut command = scratch.render("prod", "mixed");
    Run::of(command.args(["--commit-path", "out/prod"]), b"").succeeds();
    assert!(scratch.files("mixed").contains(&"control/sealwright.yaml".to_string()));
    let refused = |branch: &str, folder: &str, said: &str| {
        let before = scratch.state();
        let mut command = scratch.render("prod", branch);
        Run::of(command.args(["--commit-path", folder]), b"").exits(2).complains(said);
        assert_eq!(scratch.state(), before);
    };
    refused("mixed", CONTROL, "`control` of `mixed` holds documents, but no `RENDERED.json`");
    refused("mixed", "control/sealwright.yaml", "holds `control/sealwright.yaml`");
    refused("mixed", "control/sealwright.yaml/x", "holds `control/sealwright.yaml`");
    refused("mixed", "out", "no `RENDERED.json`");
    refused("mixed", "out/prod/below", "`out/prod/RENDERED.json` of `mixed` says");
    refused(
        "deploy",
        "clusters/staging",
        "holds `staging` of the repo `shop`, not `prod` of the repo `shop`",
    );
    for folder in ["../x", "/x", "x/../y", ".git/x", "x//y", "x/", ""] {
        refused("mixed", folder, "can't be a folder of a branch");
    }
    scratch.git(&["fsck", "--strict"]);
}

/// The example of `docs/rendered-manifests.md`: twice by a pipeline that starts from a fresh, shallow clone.
#[test]
fn the_pipeline_of_the_guide_renders_and_pushes() {
    let guide = fs::read_to_string(root().join("docs/rendered-manifests.md")).unwrap();
    let (_, rest) = guide.split_once("```yaml\n").unwrap();
    let workflow: serde_yaml::Value = serde_yaml::from_str(rest.split_once("```").unwrap().0).unwrap();
    let job = &workflow["jobs"]["render"];
    let variables: BTreeMap<String, String> = serde_yaml::from_value(job["env"].clone()).unwrap();
    let script = job["steps"][1]["run"].as_str().unwrap();

    let scratch = Scratch::new();
    let origin = tempfile::tempdir().unwrap();
    let url = format!("file://{}", origin.path().display());
    scratch.git(&["clone", "--quiet", "--bare", ".", origin.path().to_str().unwrap()]);
    scratch.git(&["remote", "add", "origin", &url]);
    let binary = PathBuf::from(env!("CARGO_BIN_EXE_sealwright"));
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let paths = [binary.parent().unwrap().to_path_buf()].into_iter().chain(std::env::split_paths(&paths));
    let paths = std::env::join_paths(paths).unwrap();
    let pipeline = || {
        let place = tempfile::tempdir().unwrap();
        let clone = place.path().join("clone");
        scratch.git(&["clone", "--quiet", "--depth=1", "--branch=main", &url, clone.to_str().unwrap()]);
        let mut bash = Command::new("bash");
        bash.args(["-euc", script]).current_dir(clone.join(CONTROL)).env_clear().envs(&variables);
        Run::of(bash.env("PATH", &paths).env("HOME", place.path()), b"").succeeds()
    };
    pipeline().complains("committed ");
    pipeline().complains("no commit");
    scratch.repo.write("control/environments/prod/versions.yaml", "carts: 0.4.9\nuser: 0.4.7\n");
    scratch.save("bump");
    scratch.git(&["push", "--quiet", "origin", "main"]);
    pipeline().complains("Render prod: carts 0.4.8 -> 0.4.9");
    scratch.git(&["fetch", "--quiet", "origin"]);
    assert_eq!(scratch.git(&["rev-list", "--count", "origin/env/prod"]), "2");
}

#[test]
fn hooks_are_not_run_and_nothing_is_signed() {
    let scratch = Scratch::new();
    for hook in ["reference-transaction", "pre-commit", "commit-msg", "post-commit", "post-update", "update"]
    {
        let path = scratch.repo.path(&format!(".git/hooks/{hook}"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "#!/bin/sh\n: > \"$(dirname \"$0\")/ran\"\nexit 1\n").unwrap();
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }
    scratch.git(&["config", "commit.gpgsign", "true"]);
    scratch.git(&["config", "gpg.program", "/nowhere"]);
    scratch.commit("env/prod").succeeds();
    assert!(!scratch.repo.path(".git/hooks/ran").exists());
    let commit = scratch.git(&["cat-file", "commit", "env/prod"]);
    assert!(!commit.contains("gpgsig"), "{commit}");
}

#[test]
fn a_run_that_is_killed_leaves_the_old_commit() {
    let scratch = Scratch::new();
    scratch.commit("env/prod").succeeds();
    let old = scratch.tip("env/prod");
    scratch.repo.write("control/environments/prod/versions.yaml", "carts: 0.4.9\nuser: 0.4.7\n");
    let tools = tempfile::tempdir().unwrap();
    for step in ["fast-import", "mktree", "commit-tree", "update-ref"] {
        let path = scratch
            .git_with(tools.path(), &format!("case \" $* \" in *' {step} '*) kill -9 $PPID; exit 1;; esac"));
        let mut command = scratch.render("prod", "env/prod");
        let status = command.env("PATH", path).output().unwrap().status;
        assert_eq!(status.code(), None, "{step}: {status}");
        assert_eq!(scratch.tip("env/prod"), old, "{step}");
    }
    scratch.commit("env/prod").succeeds().complains("carts 0.4.8 -> 0.4.9");
    assert_eq!(scratch.tip("env/prod~"), old);
}

#[test]
fn what_moved_the_branch_meanwhile_wins() {
    let scratch = Scratch::new();
    scratch.commit("env/prod").succeeds();
    scratch.repo.write("control/environments/prod/versions.yaml", "carts: 0.4.9\nuser: 0.4.7\n");
    let tools = tempfile::tempdir().unwrap();
    let meanwhile = |branch: &str| {
        let script = format!(
            "case \" $* \" in *' update-ref '*) \"$GIT\" -C {} update-ref refs/heads/{branch} main;; esac",
            scratch.repo.path("").display()
        );
        let path = scratch.git_with(tools.path(), &script);
        let mut command = scratch.render("prod", branch);
        let run = Run::of(command.env("PATH", path), b"").exits(3);
        run.complains(&format!("error[commit-failed]: `{branch}` was changed by something else meanwhile"));
        assert_eq!(scratch.tip(branch), scratch.tip("main"));
    };
    meanwhile("env/prod");
    // Also one that was new.
    meanwhile("env/new");
}
