//! Reviewed exceptions: `exceptions.yaml`, and `check --write-exceptions`.

mod support;

use std::process::Command;

use support::{Repo, Run};

const VALUE: &str = "Xo9vQe71Lk";
const APP: &str = "image: shop/web\nconfig:\n  LOG_LEVEL: info\n  DB_PASSWORD: Xo9vQe71Lk\n";

/// A control repo with a password in its app.
fn shop() -> Repo {
    Repo::new()
        .file("sealwright.yaml", "name: shop\nid: 5d0b7e92c41f\n")
        .file("environments/prod/environment.yaml", "platform: kubernetes\nnamespace: shop\n")
        .file("environments/prod/versions.yaml", "web: 1.4.2\n")
        .file("apps/web/app.yaml", APP)
}

fn write(repo: &Repo) -> Run {
    repo.run(["check", "--write-exceptions", "--reason", "public: a demo", "--owner", "team-web"])
}

fn git(repo: &Repo, arguments: &[&str]) {
    let mut git = Command::new("git");
    let settings = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "commit.gpgsign=false"];
    let run = git.args(settings).args(arguments).current_dir(repo.path("")).output().expect("git starts");
    assert!(run.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&run.stderr));
}

#[test]
fn a_written_exception_covers_the_value_and_nothing_else() {
    let repo = shop();
    repo.run(["check"]).exits(1).prints("named-secret");
    write(&repo).succeeds().complains("1 exception added").never_shows(VALUE);
    let text = repo.read("exceptions.yaml");
    for line in [
        "- rule: named-secret",
        "  file: apps/web/app.yaml",
        "  path: /config/DB_PASSWORD",
        "  owner: team-web",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}: {text}");
    }
    assert!(!text.contains(VALUE), "{text}");
    repo.run(["check"]).succeeds();

    repo.write("apps/web/app.yaml", &APP.replace(VALUE, "pE4wUz58Rm"));
    let changed = repo.run(["check"]).exits(1);
    changed.prints("named-secret").prints("stale-exception").prints("another value stands there now");
    write(&repo).succeeds().complains("0 exceptions added, 1 renewed");
    assert_eq!(repo.read("exceptions.yaml").matches("- rule:").count(), 1);

    repo.write("apps/web/app.yaml", &format!("{APP}  OTHER_PASSWORD: {VALUE}\n"));
    repo.run(["check"]).exits(1).prints("`OTHER_PASSWORD`");
}

#[test]
fn the_file_keeps_what_is_there() {
    let repo = shop();
    write(&repo).succeeds();
    let before = format!("# ours\n{}\n# the end\n", repo.read("exceptions.yaml"));
    repo.write("exceptions.yaml", &before);
    repo.write("notes.txt", "API_TOKEN=Zr5Wq8Bn3Mk\n");
    write(&repo).succeeds();
    let after = repo.read("exceptions.yaml");
    let (head, tail) = before.split_at(before.find("\n# the end").expect("it is there"));
    assert!(after.starts_with(head) && after.ends_with(tail), "{after}");
    assert!(after.contains("  file: notes.txt\n"), "{after}");
    repo.run(["check"]).succeeds();
}

#[test]
fn an_exception_ends() {
    let repo = shop();
    write(&repo).succeeds();
    let text = repo.read("exceptions.yaml");
    let day = text.split("expires: ").nth(1).and_then(|rest| rest.lines().next()).expect("it has a day");
    repo.write("exceptions.yaml", &text.replace(day, "2020-02-29"));
    repo.run(["check"]).exits(1).prints("named-secret").prints("error[expired-exception]");
    repo.run(["preview", "prod"]).succeeds().complains("warning[expired-exception]");
    // Nothing in the environment turns the clock back.
    let mut old = repo.command(["check"]);
    Run::of(old.env("SOURCE_DATE_EPOCH", "1577836800"), b"").exits(1);
    write(&repo).succeeds().complains("1 renewed");
    repo.run(["check"]).succeeds();
}

#[test]
fn an_exception_for_nothing_is_an_error() {
    let repo = shop();
    write(&repo).succeeds();
    repo.write("apps/web/app.yaml", "image: shop/web\n");
    repo.run(["check"]).exits(1).prints("stale-exception").prints("remove it");
    repo.run(["preview", "prod"]).succeeds();
    let gone = repo.read("exceptions.yaml").replace("apps/web/app.yaml", "apps/gone/app.yaml");
    repo.write("exceptions.yaml", &gone);
    repo.run(["check"]).exits(1).prints("stale-exception");
}

#[test]
fn reasons_owners_and_days_are_asked_for() {
    let repo = shop();
    repo.run(["check", "--write-exceptions"]).exits(2).complains("--reason");
    repo.run(["check", "--reason", "x"]).exits(2).complains("--write-exceptions");
    repo.run(["check", "--fix", "--write-exceptions", "--reason", "x"]).exits(2);
    repo.run(["check", "--write-exceptions", "--reason", " "])
        .exits(2)
        .complains("an exception has a reason");
    repo.run(["check", "--write-exceptions", "--reason", "x"]).exits(2).complains("--owner NAME");
    let with_day = |day: &str| {
        repo.run(["check", "--write-exceptions", "--reason", "x", "--owner", "o", "--expires", day])
    };
    with_day("2020-01-01").exits(2).complains("still to come");
    with_day("2999-02-30").exits(2);
    assert!(!repo.path("exceptions.yaml").exists());
    git(&repo, &["init", "-q"]);
    git(&repo, &["config", "user.name", "Ann"]);
    repo.run(["check", "--write-exceptions", "--reason", "x"]).succeeds();
    assert!(repo.read("exceptions.yaml").contains("  owner: Ann\n"));
    with_day("2999-12-31").succeeds().complains("no plaintext finding needs an exception");
}

#[test]
fn what_is_staged_is_held_against_the_staged_exceptions() {
    let repo = shop();
    git(&repo, &["init", "-q"]);
    git(&repo, &["add", "."]);
    repo.run(["check", "--staged"]).exits(1).prints("named-secret");
    let run = repo.run(["check", "--staged", "--write-exceptions", "--reason", "x", "--owner", "o"]).exits(1);
    run.complains("git add exceptions.yaml");
    git(&repo, &["add", "exceptions.yaml"]);
    repo.run(["check", "--staged"]).succeeds();
    git(&repo, &["commit", "-q", "-m", "one"]);
    // A file that isn't part of the change is neither scanned nor stale.
    repo.write("notes.txt", "nothing\n");
    git(&repo, &["add", "notes.txt"]);
    repo.run(["check", "--staged"]).succeeds();
    git(&repo, &["rm", "-q", "--cached", "-r", "apps"]);
    repo.run(["check", "--staged"]).exits(1).prints("stale-exception");
}

#[test]
fn a_folder_that_is_no_control_repo_has_exceptions_too() {
    let repo = Repo::new().file("scripts/run.sh", "export API_TOKEN=Zr5Wq8Bn3Mk\n");
    let run = |arguments: &[&str]| {
        let common = ["check", "scripts"];
        repo.run(common.iter().chain(arguments))
    };
    run(&[]).exits(1).prints("scripts/run.sh:1");
    run(&["--write-exceptions", "--reason", "x", "--owner", "o"]).succeeds();
    assert!(repo.read("scripts/exceptions.yaml").contains("  file: run.sh\n"));
    run(&[]).succeeds();
    repo.write("scripts/run.sh", "true\n");
    run(&[]).exits(1).prints("stale-exception");
}
