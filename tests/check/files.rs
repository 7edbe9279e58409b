//! Which files are searched, and what of them.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use crate::scratch::{check_staged, committed, control_repo, git, private_key, stage};
use crate::support::Run;

#[test]
fn a_file_over_the_limit_is_named_and_one_below_it_is_searched() {
    let repo = committed();
    let line = "x: y\n".repeat(1 << 20);
    repo.write("below", &format!("{line}{}", private_key(1)));
    repo.write("over", &format!("{line}{line}{line}"));
    stage(&repo);
    for run in [repo.run(["check"]), check_staged(&repo.path(""), &[])] {
        let run = run.exits(1).prints("below:1048577:1").prints("1 error");
        run.prints("warning[not-scanned]: `over` isn't searched for secrets: larger than 10 MiB");
    }
    fs::remove_file(repo.path("below")).unwrap();
    repo.run(["check"]).succeeds().prints("1 warning");
}

#[test]
fn what_is_no_text_is_left_out_but_a_stray_byte_hides_nothing() {
    let repo = committed();
    let key = private_key(1);
    let binary: Vec<u8> =
        (0..4096u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).chain(key.bytes()).collect();
    fs::write(repo.path("picture"), &binary).unwrap();
    stage(&repo);
    repo.run(["check"]).succeeds();
    check_staged(&repo.path(""), &[]).succeeds();
    let utf16: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain(key.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    fs::write(repo.path("utf16"), utf16).unwrap();
    fs::write(repo.path("latin1"), [b"caf\xe9\n", key.as_bytes()].concat()).unwrap();
    fs::write(repo.path("nul"), [b"\0\n", key.as_bytes()].concat()).unwrap();
    stage(&repo);
    for run in [repo.run(["check"]), check_staged(&repo.path(""), &[])] {
        run.exits(1).prints("utf16:1:1").prints("latin1:2:1").prints("nul:2:1").prints("3 errors");
    }
}

#[test]
fn links_and_what_is_no_file_are_not_followed() {
    let repo = committed();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("key"), private_key(1)).unwrap();
    symlink(outside.path().join("key"), repo.path("link")).unwrap();
    symlink(outside.path(), repo.path("folder")).unwrap();
    symlink("circle", repo.path("circle")).unwrap();
    assert!(Command::new("mkfifo").arg(repo.path("pipe")).status().unwrap().success());
    repo.run(["check"]).succeeds();
    stage(&repo);
    check_staged(&repo.path(""), &[]).succeeds();
    repo.run(["check"]).succeeds();
}

#[test]
fn a_file_that_can_not_be_read_is_named() {
    let repo = committed();
    repo.write("locked", "x");
    fs::set_permissions(repo.path("locked"), fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(repo.path("locked")).is_ok() {
        return; // who may read everything can't test this
    }
    repo.run(["check"]).succeeds().prints("warning[not-scanned]: `locked`");
}

#[test]
fn ignored_files_are_left_out_with_git_and_without() {
    let repo = committed();
    repo.write(".gitignore", "out/\n");
    repo.write("out/key", &private_key(1));
    repo.run(["check"]).succeeds();
    git(&repo.path(""), &["add", "--force", "out/key"]);
    repo.run(["check"]).exits(1).prints("out/key:1:1");
    let mut command = repo.command(["check"]);
    command.env("PATH", "/nowhere");
    Run::of(&mut command, b"").succeeds().prints("warning[git-failed]");
    fs::remove_dir_all(repo.path(".git")).unwrap();
    repo.run(["check"]).succeeds();
    repo.write(".env", &private_key(2));
    repo.run(["check"]).exits(1).prints(".env:1:1");
}

#[test]
fn a_repo_within_an_ignored_folder_is_searched() {
    let outer = committed();
    outer.write(".gitignore", "scratch/\n");
    let inner = control_repo().file("key", &private_key(1));
    Run::of(Command::new("cp").arg("-r").arg(inner.path(".")).arg(outer.path("scratch")), b"").succeeds();
    outer.run(["check", "--repo", "scratch"]).exits(1).prints("key:1:1");
}

#[test]
fn a_document_of_the_repo_is_searched_once() {
    let repo = committed();
    let comment = private_key(1).trim_end().replace('\n', "\n# ");
    repo.write("apps/web/app.yaml", &format!("image: shop/web\n# {comment}\n"));
    stage(&repo);
    for run in [repo.run(["check"]), repo.run(["check", "dev/web"]), check_staged(&repo.path(""), &[])] {
        run.exits(1).prints("apps/web/app.yaml:2:").prints("1 error");
    }
    repo.run(["check", "prod/db"]).succeeds();
}

#[test]
fn the_same_comes_out_again() {
    let repo = committed();
    for name in 0..40 {
        repo.write(&format!("keys/{name}"), &private_key(name));
    }
    stage(&repo);
    for arguments in [&["check"][..], &["check", "--staged"], &["check", "--message-format", "json"]] {
        let (first, second) = (repo.run(arguments), repo.run(arguments));
        assert_eq!((first.code, first.stdout), (1, second.stdout));
    }
}

#[test]
fn nothing_shows_what_was_found() {
    let repo = committed();
    let key = private_key(1);
    repo.write("key", &key);
    repo.write("one-line.json", &format!("{{\"a\": 1, \"key\": \"{}\"}}\n", key.replace('\n', "\\n")));
    stage(&repo);
    for arguments in [&["check"][..], &["check", "--staged"], &["check", "--message-format", "json"]] {
        let mut run = repo.run(arguments).exits(1);
        for line in key.lines().filter(|line| !line.starts_with('-') && line.len() > 16) {
            run = run.never_shows(&line[..16]);
        }
    }
}
