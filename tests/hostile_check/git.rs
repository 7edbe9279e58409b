//! Repositories of git that want a program run, or a file overlooked.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::bounded::short;
use crate::case::{Case, places};
use crate::support::{Run, sealwright};

const SECRET: &str = "password: ⟦hunter2-Qx81⟧\n";

/// A repository with a committed file, a secret that is staged, and a program that leaves a trace.
fn staged() -> Case {
    let case = Case::new().file("a.yaml", "a: 1\n");
    git(&case, &["init", "--quiet"]);
    git(&case, &["add", "."]);
    git(&case, &["commit", "--quiet", "-m", "one"]);
    let case = case.file("b.yaml", SECRET);
    git(&case, &["add", "b.yaml"]);
    let program = case.repo.path(".git/program");
    fs::write(&program, format!("#!/bin/sh\ntouch '{}'\ncat\n", case.repo.path(".git/ran").display()))
        .unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    case
}

#[track_caller]
fn git(case: &Case, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.current_dir(case.repo.path("")).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    git.args(["-c", "user.name=t", "-c", "user.email=t@example.invalid"]).args(arguments);
    Run::of(&mut git, b"").succeeds();
}

/// Every way of `check` finds the secret, shows nothing of it, and runs nothing.
#[track_caller]
fn finds_it(case: &Case, variables: &[(&str, &str)]) {
    for way in [&["check", "--staged"][..], &["check", "."]] {
        let mut command = sealwright();
        command.current_dir(case.repo.path("")).args(way).args(["--message-format", "json"]);
        let run = Run::of(command.envs(variables.iter().copied()), b"");
        assert_eq!(run.code, 1, "{way:?} {}", short(&run));
        assert_eq!(places(&run), ["b.yaml:1"], "{way:?} {}", short(&run));
        case.is_quiet(&run);
    }
    assert!(!case.repo.path(".git/ran").exists(), "a program of the repo was run");
}

#[test]
fn settings_that_name_programs() {
    let case = staged();
    let program = case.repo.path(".git/program");
    let program = program.to_str().unwrap();
    for setting in [
        "core.fsmonitor",
        "core.pager",
        "core.editor",
        "core.sshCommand",
        "core.gitProxy",
        "core.askPass",
        "diff.external",
        "diff.x.textconv",
        "diff.x.command",
        "filter.x.clean",
        "filter.x.smudge",
        "filter.x.process",
        "merge.x.driver",
        "gpg.program",
        "credential.helper",
        "uploadpack.packObjectsHook",
        "alias.ls-files",
        "alias.diff-index",
        "pager.ls-files",
    ] {
        git(&case, &["config", setting, program]);
    }
    git(&case, &["config", "filter.x.required", "true"]);
    case.repo.write(".git/info/attributes", "* diff=x filter=x merge=x\n");
    finds_it(&case, &[]);
}

#[test]
fn hooks_of_the_repo() {
    let case = staged();
    let program = case.repo.path(".git/program");
    for hook in
        ["pre-commit", "post-index-change", "post-checkout", "reference-transaction", "fsmonitor-watchman"]
    {
        fs::copy(&program, case.repo.path(&format!(".git/hooks/{hook}"))).unwrap();
    }
    git(&case, &["config", "core.hooksPath", case.repo.path(".git/hooks").to_str().unwrap()]);
    finds_it(&case, &[]);
}

#[test]
fn settings_from_an_included_file() {
    let case = staged();
    let program = case.repo.path(".git/program");
    case.repo.write(".gitconfig-evil", &format!("[core]\n\tfsmonitor = {}\n", program.display()));
    git(&case, &["config", "include.path", "../.gitconfig-evil"]);
    finds_it(&case, &[]);
}

#[test]
fn variables_of_the_environment() {
    let case = staged();
    let program = case.repo.path(".git/program");
    let program = program.to_str().unwrap();
    finds_it(
        &case,
        &[
            ("GIT_EXTERNAL_DIFF", program),
            ("GIT_PAGER", program),
            ("GIT_SSH", program),
            ("GIT_ASKPASS", program),
            ("GIT_EDITOR", program),
            ("PAGER", program),
        ],
    );
    finds_it(
        &case,
        &[("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "core.fsmonitor"), ("GIT_CONFIG_VALUE_0", program)],
    );
    finds_it(
        &case,
        &[
            ("GIT_CONFIG_PARAMETERS", "'core.fsmonitor=/bin/false'"),
            ("GIT_ALTERNATE_OBJECT_DIRECTORIES", "/nowhere"),
            ("GIT_TRACE", "1"),
            ("GIT_CEILING_DIRECTORIES", "/"),
            ("GIT_EXEC_PATH", "/nowhere"),
        ],
    );
}

#[test]
fn attributes_that_call_a_file_binary() {
    let case =
        staged().file(".gitattributes", "*.yaml binary -diff -text export-ignore linguist-generated\n");
    finds_it(&case, &[]);
}

#[test]
fn files_that_git_is_told_to_overlook() {
    let case = staged();
    git(&case, &["update-index", "--assume-unchanged", "b.yaml"]);
    finds_it(&case, &[]);
    git(&case, &["update-index", "--no-assume-unchanged", "--skip-worktree", "b.yaml"]);
    finds_it(&case, &[]);
    case.repo.write(".git/info/exclude", "*\n");
    case.repo.write(".gitignore", "*\n");
    finds_it(&case, &[]);
}

#[test]
fn another_object_in_place_of_one() {
    let case = staged();
    fs::write(case.repo.path("clean"), "password: ref+vault://kv/x#/y\n").unwrap();
    git(&case, &["hash-object", "-w", "clean"]);
    let id = |spec: &str| {
        let mut git = Command::new("git");
        Run::of(git.current_dir(case.repo.path("")).args(["hash-object", spec]), b"").stdout.trim().to_owned()
    };
    git(&case, &["replace", &id("b.yaml"), &id("clean")]);
    finds_it(&case, &[]);
}

#[test]
fn only_part_of_the_repo_is_checked_out() {
    let case = staged();
    git(&case, &["commit", "--quiet", "-m", "two"]);
    let case = case.file("deep/c.yaml", "zPassword: ⟦zR5wq8Bn3Mk⟧\n");
    git(&case, &["add", "."]);
    git(&case, &["sparse-checkout", "set", "nothing"]);
    let run = case.repo.run(["check", "--staged", "--message-format", "json"]);
    assert_eq!((run.code, places(&run)), (1, vec!["deep/c.yaml:1".to_owned()]), "{}", short(&run));
    case.is_quiet(&run);
}

#[test]
fn a_bare_repository_in_the_work_tree() {
    let case = staged();
    let program = case.repo.path(".git/program");
    case.repo.write("bare/HEAD", "ref: refs/heads/main\n");
    case.repo.write("bare/config", &format!("[core]\n\tbare = true\n\tfsmonitor = {}\n", program.display()));
    fs::create_dir_all(case.repo.path("bare/objects")).unwrap();
    fs::create_dir_all(case.repo.path("bare/refs")).unwrap();
    finds_it(&case, &[]);
    let run = case.repo.run(["check", "bare"]);
    assert!(run.code <= 2, "{}", short(&run));
    assert!(!case.repo.path(".git/ran").exists());
}

#[test]
fn only_meant_to_be_added_and_unmerged() {
    let case = staged();
    case.repo.write("later.yaml", "a: 2\n");
    git(&case, &["add", "--intent-to-add", "later.yaml"]);
    finds_it(&case, &[]);
}

#[test]
fn a_git_folder_that_is_none() {
    for text in ["gitdir: /nowhere\n", "gitdir: .git\n", "", "gitdir: ../../../../../etc\n"] {
        let case = Case::new().file("b.yaml", SECRET);
        case.repo.write(".git", text);
        let run = case.repo.run(["check", ".", "--message-format", "json"]);
        assert_eq!(run.code, 1, "{}", short(&run));
        assert!(places(&run).contains(&"b.yaml:1".to_owned()), "{}", short(&run));
        case.is_quiet(&run);
    }
}

#[test]
fn an_index_that_is_none() {
    for bytes in [&b""[..], b"DIRC\0\0\0\x02\xff\xff\xff\xff", b"DIRC\0\0\0\x63\0\0\0\0", &[0xff; 4096]] {
        let case = staged();
        fs::write(case.repo.path(".git/index"), bytes).unwrap();
        let run = case.repo.run(["check", "--staged"]);
        assert!(run.code == 2 || run.code == 1, "{}", short(&run));
        case.is_quiet(&run);
    }
}
