//! What `check --staged` looks at.

use std::fs;

use crate::scratch::{check_staged, commit_all, committed, control_repo, git, init, private_key, stage};
use crate::support::Repo;

#[test]
fn the_index_is_read_and_not_the_work_tree() {
    let repo = committed();
    repo.write("deploy.sh", &private_key(1));
    stage(&repo);
    repo.write("deploy.sh", "#!/bin/sh\n");
    let run = check_staged(&repo.path(""), &[]).exits(1).prints("private-key").prints("deploy.sh:1:1");
    run.complains("checked 0 units and 1 file of the index");

    repo.write("deploy.sh", "#!/bin/sh\n");
    stage(&repo);
    repo.write("deploy.sh", &private_key(1));
    repo.write("apps/web/app.yaml", "image: [\n");
    repo.write("untracked", &private_key(2));
    check_staged(&repo.path(""), &[])
        .succeeds()
        .complains("checked 0 units and 1 file of the index: nothing found");
}

#[test]
fn a_file_is_checked_as_far_as_it_is_staged() {
    let repo = committed();
    repo.write("notes", "one\ntwo\nthree\n");
    commit_all(&repo.path(""), "notes");
    repo.write("notes", &format!("one\n{}two\nthree\n", private_key(1)));
    let id = git(&repo.path(""), &["hash-object", "-w", "notes"]);
    repo.write("notes", &format!("one\n{}two\nthree\n{}", private_key(1), private_key(2)));
    git(&repo.path(""), &["update-index", "--cacheinfo", &format!("100644,{id},notes")]);
    let run = check_staged(&repo.path(""), &[]).exits(1).prints("notes:2:1").prints("1 error");
    assert!(!run.stdout.contains("notes:20"), "{run}");
}

/// The definition of a kind of one's own.
const WIDGET: &str = "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: widgets.example.com }
spec:
  group: example.com
  scope: Namespaced
  names: { kind: Widget, plural: widgets }
  versions: [{ name: v1, served: true, storage: true, schema: { openAPIV3Schema: { type: object } } }]
";

#[test]
fn what_a_change_reaches_is_compiled_and_nothing_else() {
    let cases = [
        ("apps/web/app.yaml", "image: shop/other\n", 2),
        ("apps/web/prod.yaml", "replicas: 3\n", 1),
        ("apps/db/app.yaml", "image: shop/other\n", 1),
        ("environments/base/environment.yaml", "platform: kubernetes\nvars: { a: b }\n", 2),
        ("environments/prod/environment.yaml", "extends: base\nnamespace: other\n", 2),
        ("environments/prod/versions.yaml", "web: 1.4.3\ndb: 1.0.0\n", 1),
        ("environments/dev/versions.yaml", "web: 1.5.0\ndb: 1.0.0\n", 2),
        ("sealwright.yaml", "name: shop\nid: 5d0b7e92c41f\nvars: { a: b }\n", 3),
        ("schemas/crd.yaml", WIDGET, 3),
        ("README.md", "hello\n", 0),
    ];
    for (path, text, units) in cases {
        let repo = committed();
        repo.write(path, text);
        stage(&repo);
        let units = if units == 1 { "1 unit".to_string() } else { format!("{units} units") };
        check_staged(&repo.path(""), &[])
            .succeeds()
            .complains(&format!("checked {units} and 1 file of the index"));
    }
}

#[test]
fn an_error_elsewhere_does_not_stop_a_commit() {
    let repo =
        control_repo().file("apps/db/app.yaml", "image: shop/db\nimaeg: x\n").file("old", &private_key(1));
    init(&repo.path(""), &[]);
    commit_all(&repo.path(""), "first");
    repo.write("apps/web/app.yaml", "image: shop/other\n");
    stage(&repo);
    check_staged(&repo.path(""), &[]).succeeds();
    repo.write("apps/web/app.yaml", "image: shop/other\nimaeg: x\n");
    stage(&repo);
    let run = check_staged(&repo.path(""), &[]).exits(1).prints("apps/web/app.yaml:2:1").prints("1 error");
    run.complains("checked 2 units and 1 file of the index");
}

#[test]
fn a_removed_file_is_missed_by_what_reads_it() {
    let repo = committed();
    git(&repo.path(""), &["rm", "--quiet", "-r", "apps/db"]);
    check_staged(&repo.path(""), &[])
        .exits(1)
        .prints("unknown-app")
        .prints("environments/prod/versions.yaml:2:1");
    // Whatever stands on disk.
    repo.write("apps/db/app.yaml", "image: shop/db\n");
    check_staged(&repo.path(""), &[]).exits(1).prints("unknown-app");
}

#[test]
fn a_renamed_app_is_missed_under_its_old_name_and_checked_under_the_new_one() {
    let repo = committed();
    git(&repo.path(""), &["mv", "apps/db", "apps/store"]);
    check_staged(&repo.path(""), &[]).exits(1).prints("unknown-app").prints("`store`");
    repo.write("environments/prod/versions.yaml", "web: 1.4.2\nstore: 1.0.0\n");
    stage(&repo);
    check_staged(&repo.path(""), &[]).succeeds();
    git(&repo.path(""), &["mv", "apps/web/prod.yaml", "apps/web/porod.yaml"]);
    check_staged(&repo.path(""), &[]).exits(1).prints("unknown-environment").prints("did you mean `prod`");
}

#[test]
fn a_change_of_mode_is_a_change() {
    let repo = committed();
    repo.write("key", &private_key(1));
    commit_all(&repo.path(""), "key");
    git(&repo.path(""), &["update-index", "--chmod=+x", "key"]);
    check_staged(&repo.path(""), &[]).exits(1).prints("key:1:1").complains("1 file of the index");
}

#[test]
fn a_new_app_that_runs_nowhere_is_held_against_its_schema() {
    let repo = committed();
    repo.write("apps/new/app.yaml", "image: x\nimaeg: y\n");
    stage(&repo);
    check_staged(&repo.path(""), &[]).exits(1).prints("unknown-key").prints("apps/new/app.yaml:2:1");
}

#[test]
fn a_link_changes_with_what_it_leads_to() {
    let repo = committed();
    repo.write("common/base.yaml", "image: shop/db\n");
    fs::remove_file(repo.path("apps/db/app.yaml")).unwrap();
    std::os::unix::fs::symlink("../../shared/base.yaml", repo.path("apps/db/app.yaml")).unwrap();
    std::os::unix::fs::symlink("common", repo.path("shared")).unwrap();
    stage(&repo);
    check_staged(&repo.path(""), &[]).succeeds().complains("checked 1 unit and");
    commit_all(&repo.path(""), "linked");
    repo.write("common/base.yaml", "image: shop/db\nimaeg: x\n");
    stage(&repo);
    check_staged(&repo.path(""), &[]).exits(1).prints("unknown-key").prints("apps/db/app.yaml:2:1");
}

#[test]
fn a_link_that_leads_out_of_the_index_is_refused() {
    for target in ["/etc/passwd", "../../../outside.yaml", "app.yaml"] {
        let repo = committed();
        fs::remove_file(repo.path("apps/db/app.yaml")).unwrap();
        std::os::unix::fs::symlink(target, repo.path("apps/db/app.yaml")).unwrap();
        stage(&repo);
        let run = check_staged(&repo.path(""), &[]).exits(1).prints("unreadable-file");
        run.prints("a symbolic link leads outside the repo or in a circle");
    }
}

#[test]
fn other_exceptions_let_every_file_be_searched() {
    let repo = committed();
    repo.write("old", &private_key(1));
    commit_all(&repo.path(""), "old");
    repo.write("new", "x\n");
    stage(&repo);
    check_staged(&repo.path(""), &[]).succeeds();
    repo.write("exceptions.yaml", "[]\n");
    stage(&repo);
    check_staged(&repo.path(""), &[])
        .prints("old:1:1")
        .complains("checked 3 units and 12 files of the index");
}

#[test]
fn targets_limit_what_is_checked() {
    let repo = committed();
    repo.write("a/key", &private_key(1));
    repo.write("b/key", &private_key(2));
    repo.write("apps/web/app.yaml", "image: shop/other\n");
    stage(&repo);
    let run = |targets: &[&str]| repo.run([&["check", "--staged"], targets].concat());
    run(&["a"]).exits(1).prints("a/key:1:1").prints("1 error");
    run(&["apps"]).succeeds().complains("2 units and 1 file");
    run(&["dev", "apps"]).succeeds().complains("1 unit and 1 file");
    run(&["nowhere"]).exits(2).complains("unknown-unit");
}

#[test]
fn without_a_control_repo_the_staged_files_are_searched() {
    let repo = Repo::new().file("a", &private_key(1)).file("b", "apps: [\n");
    init(&repo.path(""), &[]);
    stage(&repo);
    let run = check_staged(&repo.path(""), &[]).exits(1).prints("a:1:1");
    run.complains("checked 2 files of the index");
    repo.run(["check", "--staged", "prod"]).exits(2).complains("no-control-repo");
}

#[test]
fn what_marks_the_control_repo_is_the_staged_file() {
    let repo = committed();
    // Gone from the disk, but not from the next commit.
    fs::remove_file(repo.path("sealwright.yaml")).unwrap();
    repo.write("apps/web/app.yaml", "image: shop/other\nimaeg: x\n");
    git(&repo.path(""), &["add", "apps"]);
    check_staged(&repo.path("apps/web"), &[]).exits(1).prints("unknown-key");
}
