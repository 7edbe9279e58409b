//! Symbolic links, pipes and folders where files should be, at every component of what is read.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::bounded::{refused_in_every_form, run, short, small};
use crate::support::Repo;

/// Every component of every path that a small repo reads.
const COMPONENTS: [&str; 8] = [
    "sealwright.yaml",
    "environments",
    "environments/prod",
    "environments/prod/environment.yaml",
    "environments/prod/versions.yaml",
    "apps",
    "apps/web",
    "apps/web/app.yaml",
];

/// A good repo in which a component is what `make` makes.
fn with(component: &str, make: impl FnOnce(&Path)) -> Repo {
    let repo = small();
    let path = repo.path(component);
    if path.is_dir() {
        fs::remove_dir_all(&path).unwrap();
    } else {
        fs::remove_file(&path).unwrap();
    }
    make(&path);
    repo
}

/// `check` doesn't succeed, shows nothing of what the link leads to, and says which path it is about.
#[track_caller]
fn never_read(repo: &Repo, component: &str) {
    for args in [["check", "--repo", "."], ["preview", "prod", "--repo"]].map(Vec::from) {
        let args: Vec<&str> = args.into_iter().chain(["."]).take(4).collect();
        let run = run(&repo.path(""), &args, "");
        assert_ne!(run.code, 0, "{component}: {}", short(&run));
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(said.contains("error["), "{component}: {}", short(&run));
        let first = component.split('/').next().unwrap();
        assert!(said.contains(first) || said.contains("prod"), "{component}: {}", short(&run));
        for leaked in ["root:", "canary", "PATH="] {
            assert!(!said.contains(leaked), "{component} leaks: {}", short(&run));
        }
    }
}

#[test]
fn links_to_the_outside() {
    let outside = outside();
    for component in COMPONENTS {
        let target = outside.path().join(component);
        assert!(target.exists(), "the link is a good one");
        never_read(&with(component, |path| symlink(&target, path).unwrap()), component);
    }
}

/// A repo that would do, elsewhere.
fn outside() -> TempDir {
    let folder = tempfile::tempdir().expect("the system has a folder for temporary files");
    let files = [
        ("sealwright.yaml", "name: canary\nid: canary\n"),
        ("environments/prod/environment.yaml", "platform: kubernetes\nnamespace: canary\n"),
        ("environments/prod/versions.yaml", "web: canary\n"),
        ("apps/web/app.yaml", "image: canary\n"),
    ];
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

#[test]
fn links_to_what_is_no_file_of_anybody() {
    for target in ["/dev/zero", "/etc/passwd", "/proc/self/environ"] {
        for component in COMPONENTS {
            never_read(&with(component, |path| symlink(target, path).unwrap()), component);
        }
    }
}

#[test]
fn links_in_a_circle_and_to_nowhere() {
    for component in COMPONENTS {
        let name = Path::new(component).file_name().unwrap().to_owned();
        never_read(&with(component, |path| symlink(&name, path).unwrap()), component);
        if component != "environments/prod/versions.yaml" {
            never_read(&with(component, |path| symlink("nowhere", path).unwrap()), component);
        }
    }
}

#[test]
fn pipes_that_nobody_writes_to() {
    for component in COMPONENTS {
        let pipe = |path: &Path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
        never_read(&with(component, pipe), component);
    }
}

#[test]
fn folders_for_files_and_files_for_folders() {
    // A file beside the environments is none of them.
    for component in COMPONENTS.into_iter().filter(|component| *component != "environments/prod") {
        let other = |path: &Path| {
            if component.ends_with(".yaml") {
                fs::create_dir(path).unwrap()
            } else {
                fs::write(path, "").unwrap()
            }
        };
        never_read(&with(component, other), component);
    }
}

#[test]
fn a_file_that_may_not_be_read_and_an_app_in_a_link_of_the_repo() {
    let repo = small().file("shared/web/app.yaml", "image: nginx\n");
    fs::remove_dir_all(repo.path("apps/web")).unwrap();
    symlink("../shared/web", repo.path("apps/web")).unwrap();
    let checked = run(&repo.path(""), ["check"], "");
    assert_eq!(checked.code, 0, "a link that stays in the repo is followed: {}", short(&checked));
}

#[test]
fn secret_set_writes_through_no_link() {
    let outside = outside();
    let canary = outside.path().join("apps/web/app.yaml");
    let repo = with("apps/web/app.yaml", |path| symlink(&canary, path).unwrap());
    repo.write("sealwright.yaml", "name: small\nid: 0a1b2c3d\nrecipients: {prod: [age1e9tll4gshd4nmqe0htfa9zv63jt9wfg80gut02dez4mk20gp3pssxm2zrm]}\n");
    let set = run(&repo.path(""), ["secret", "set", "*/web", "TOKEN"], "hunter2");
    assert_ne!(set.code, 0, "{}", short(&set));
    assert_eq!(fs::read_to_string(&canary).unwrap(), "image: canary\n");
    // The environment's file doesn't exist: it would be made through a link of the folder.
    let repo = with("apps/web", |path| symlink(outside.path().join("apps/web"), path).unwrap());
    run(&repo.path(""), ["secret", "set", "prod/web", "TOKEN"], "hunter2");
    assert!(!outside.path().join("apps/web/prod.yaml").exists());
}

#[test]
fn a_repo_that_is_refused_is_refused_in_every_command() {
    let repo = with("apps/web/app.yaml", |path| symlink("/dev/zero", path).unwrap());
    refused_in_every_form(&repo, &["error[unreadable-file]", "apps/web/app.yaml"]);
}
