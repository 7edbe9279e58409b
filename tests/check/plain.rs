//! `check PATH…` outside of a control repo: plaintext findings alone.

use std::fs;

use crate::scratch::{committed, git, init, private_key};
use crate::support::Repo;

#[test]
fn files_and_folders_are_searched_anywhere() {
    let repo = Repo::new()
        .file("a/.env", &format!("A=b\n{}", private_key(1)))
        .file("a/deep/down/key", &private_key(2))
        .file("b", &private_key(3))
        .file("apps/web/app.yaml", "image: [\n");
    repo.run(["check", "a"]).exits(1).prints("a/.env:2:1").prints("a/deep/down/key:1:1").prints("2 errors");
    repo.run(["check", "b"]).exits(1).prints("--> b:1:1").prints("1 error");
    repo.run(["check", "."]).exits(1).prints("--> a/.env:2:1").prints("3 errors");
    repo.run(["check", "a", "a/.env", "./a"]).exits(1).prints("2 errors");
    repo.run(["check", "apps"]).succeeds().complains("checked 1 file: nothing found");
    let absolute = repo.path("b");
    repo.run(["check", absolute.to_str().unwrap()]).exits(1).prints("b:1:1");
    repo.run(["lint", "b"]).exits(1);
}

#[test]
fn without_a_path_there_has_to_be_a_control_repo() {
    let repo = Repo::new().file("a", "x\n");
    repo.run(["check"]).exits(2).complains("no-control-repo");
    repo.run(["check", "a", "prod"])
        .exits(2)
        .complains("no-control-repo")
        .complains("`prod` is no file here");
}

#[test]
fn git_says_which_files_of_a_folder_there_are() {
    let repo = Repo::new()
        .file(".gitignore", "out/\n*.key\n")
        .file("out/a", &private_key(1))
        .file("b.key", &private_key(2))
        .file("forced.key", &private_key(3))
        .file("new", &private_key(4));
    init(&repo.path(""), &[]);
    git(&repo.path(""), &["add", "--force", "forced.key", ".gitignore"]);
    let run = repo.run(["check", "."]).exits(1).prints("forced.key:1:1").prints("new:1:1").prints("2 errors");
    run.never_shows("b.key");
    // What is named is searched, whatever git says.
    repo.run(["check", "b.key"]).exits(1).prints("b.key:1:1");
    repo.run(["check", "out"]).exits(1).prints("out/a:1:1");
    fs::remove_dir_all(repo.path(".git")).unwrap();
    repo.run(["check", "."]).exits(1).prints("new:1:1").prints("1 error");
}

#[test]
fn in_a_control_repo_a_path_limits_what_is_searched() {
    let repo = committed();
    repo.write("a/key", &private_key(1));
    repo.write("b/key", &private_key(2));
    repo.run(["check", "a"]).exits(1).prints("a/key:1:1").prints("1 error");
    repo.run(["check", "apps"]).succeeds();
    repo.run(["check", "prod"]).succeeds();
    repo.run(["check"]).exits(1).prints("2 errors");
    let other = Repo::new().file("key", &private_key(3));
    let outside = other.path("key");
    repo.run(["check", outside.to_str().unwrap()]).exits(2).complains("lies outside of the control repo");
}

#[test]
fn a_link_that_is_named_is_followed_and_one_in_a_folder_is_not() {
    let repo = Repo::new().file("target/key", &private_key(1)).file("folder/x", "");
    std::os::unix::fs::symlink("../target/key", repo.path("folder/link")).unwrap();
    std::os::unix::fs::symlink("../target", repo.path("folder/linked")).unwrap();
    repo.run(["check", "folder"]).succeeds().complains("checked 1 file");
    repo.run(["check", "folder/link"]).exits(1).prints("folder/link:1:1");
    repo.run(["check", "folder/linked"]).exits(1).prints("folder/linked/key:1:1");
    std::os::unix::fs::symlink("nowhere", repo.path("dangling")).unwrap();
    repo.run(["check", "dangling"]).exits(2).complains("leads nowhere");
}
