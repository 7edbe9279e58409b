//! `check --since REV`: what a branch adds, its history included.

use crate::scratch::{commit_all, committed, git, git_command, private_key, stage};
use crate::support::{Repo, Run};

/// The branch `main` with a key, and another branch.
fn branched() -> Repo {
    let repo = committed();
    repo.write("old", &private_key(0));
    commit_all(&repo.path(""), "a key of old");
    git(&repo.path(""), &["checkout", "--quiet", "-b", "work"]);
    repo
}

#[test]
fn a_key_that_a_later_commit_took_away_is_found_in_its_commit() {
    let repo = branched();
    repo.write("deploy.sh", &format!("#!/bin/sh\n{}", private_key(1)));
    commit_all(&repo.path(""), "oops");
    let commit = git(&repo.path(""), &["rev-parse", "HEAD"]);
    repo.write("deploy.sh", "#!/bin/sh\n");
    commit_all(&repo.path(""), "nobody saw that");
    let run = repo.run(["check", "--since", "main"]).exits(1).prints("deploy.sh:2:1").prints("1 error");
    run.prints(&format!("added by commit {}, and gone since", &commit[..10]))
        .complains("checked 0 units, 1 file and 2 commits");
    repo.run(["check"]).exits(1).prints("old:1:1").prints("1 error");
    repo.run(["check", "--since", &commit]).succeeds().complains("1 commit: nothing found");
}

#[test]
fn a_key_that_is_still_there_is_found_where_it_is_now() {
    let repo = branched();
    repo.write("deploy.sh", &private_key(1));
    commit_all(&repo.path(""), "key");
    repo.write("deploy.sh", &format!("#!/bin/sh\nset -e\n{}", private_key(1)));
    commit_all(&repo.path(""), "moved down");
    git(&repo.path(""), &["mv", "deploy.sh", "run.sh"]);
    commit_all(&repo.path(""), "moved away");
    let run = repo.run(["check", "--since", "main"]).exits(1).prints("run.sh:3:1").prints("1 error");
    run.never_shows("gone since");
}

#[test]
fn what_was_there_before_the_branch_is_not_its_fault() {
    let repo = branched();
    repo.write("old", &format!("{}# more\n", private_key(0)));
    commit_all(&repo.path(""), "touched");
    git(&repo.path(""), &["mv", "old", "older"]);
    commit_all(&repo.path(""), "renamed");
    repo.run(["check", "--since", "main"]).succeeds().complains("2 commits: nothing found");
    repo.write("older", &format!("{}{}", private_key(0), private_key(1)));
    commit_all(&repo.path(""), "another one");
    repo.run(["check", "--since", "main"]).exits(1).prints("1 error");
}

#[test]
fn what_a_merge_brings_is_not_its_fault_but_what_it_adds_is() {
    let repo = branched();
    let folder = repo.path("");
    repo.write("a", "x\n");
    commit_all(&folder, "a");
    git(&folder, &["checkout", "--quiet", "main"]);
    repo.write("theirs", &private_key(1));
    commit_all(&folder, "theirs");
    git(&folder, &["checkout", "--quiet", "work"]);
    git(&folder, &["merge", "--quiet", "--no-edit", "main"]);
    repo.run(["check", "--since", "main"]).succeeds().complains("checked 0 units, 1 file and 2 commits");
    git(&folder, &["checkout", "--quiet", "-b", "evil", "HEAD~1"]);
    Run::of(&mut git_command(&folder, &["merge", "--no-commit", "main"]), b"").succeeds();
    repo.write("a", &private_key(2));
    commit_all(&folder, "merged, and more");
    repo.run(["check", "--since", "main"]).exits(1).prints("a:1:1").prints("1 error");
}

#[test]
fn the_last_commit_is_compiled_as_far_as_the_branch_reaches() {
    let repo = branched();
    repo.write("apps/web/app.yaml", "image: shop/web\nimaeg: x\n");
    commit_all(&repo.path(""), "broken");
    // The work tree and the index have no say.
    repo.write("apps/web/app.yaml", "image: shop/web\n");
    stage(&repo);
    let run = repo.run(["check", "--since", "main"]).exits(1).prints("apps/web/app.yaml:2:1");
    run.complains("checked 2 units, 1 file and 1 commit");
    commit_all(&repo.path(""), "mended");
    repo.run(["check", "--since", "main"]).succeeds().complains("checked 2 units, 1 file and 2 commits");
    repo.run(["check", "--since", "main", "dev"])
        .succeeds()
        .complains("checked 1 unit, 1 file and 2 commits");
    repo.run(["check", "--since", "main", "apps/db"]).succeeds().complains("0 files and 2 commits");
}

#[test]
fn a_revision_is_a_commit_and_nothing_else() {
    let repo = branched();
    for revision in ["nowhere", "main..HEAD", "^main", ":/first", "main:old", "--all", "--output=x", ""] {
        let argument = format!("--since={revision}");
        let run = repo.run(["check", &argument]);
        assert_eq!(run.code, 2, "{revision}: {run}");
        assert!(run.stderr.contains("unknown-revision") || run.stderr.contains("usage"), "{run}");
    }
    for revision in ["main", "HEAD", "main^{tree}^{commit}", "HEAD~0", "@"] {
        let code = i32::from(revision.contains("tree")) * 2;
        repo.run(["check", "--since", revision]).exits(code);
    }
}

#[test]
fn a_history_that_is_not_here_is_an_error() {
    let repo = branched();
    repo.write("a", "x");
    commit_all(&repo.path(""), "a");
    let shallow = Repo::new();
    let url = format!("file://{}", repo.path("").display());
    git(&shallow.path(""), &["clone", "--quiet", "--depth", "1", "--no-single-branch", &url, "."]);
    let run = shallow.run(["check", "--since", "origin/main"]).exits(2).complains("unknown-revision");
    run.complains("fetch the whole history");
    git(&repo.path(""), &["checkout", "--quiet", "--orphan", "apart"]);
    commit_all(&repo.path(""), "apart");
    repo.run(["check", "--since", "main"]).exits(2).complains("have no commit in common");
}
