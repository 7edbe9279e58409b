use crate::scratch::Scratch;
use crate::support::{Repo, Run};

/// It is refused, and nothing at all is written.
#[track_caller]
fn refused(scratch: &Scratch, unit: &str, branch: &str, said: &str) -> Run {
    let before = scratch.state();
    let run = Run::of(&mut scratch.render(unit, branch), b"").exits(2).complains(said);
    assert_eq!(scratch.state(), before);
    run
}

#[test]
fn cleartext_is_refused_before_anything_is_linked_or_written() {
    let scratch = Scratch::new();
    scratch.add_inline();
    let run = refused(&scratch, "prod", "env/prod", "error[cleartext-refused]");
    let run = run.never_shows("missing-identity").never_shows("hunter2");
    run.complains("apps/carts/prod.yaml")
        .complains("`carts/API_KEY` would stand there in the clear")
        .complains("permitted here")
        .complains("delivery.inline");
    // Neither does git have to be there to say so.
    let mut command = scratch.render("prod", "env/prod");
    Run::of(command.env("PATH", "/nowhere"), b"").exits(2).complains("cleartext-refused");
    // What has none of it can be committed.
    Run::of(&mut scratch.render("prod/user", "env/user"), b"").succeeds();
}

#[test]
fn a_branch_that_is_checked_out_is_refused() {
    let scratch = Scratch::new();
    refused(&scratch, "prod", "main", "error[commit-refused]: `main` is checked out in `");
}

#[test]
fn a_branch_of_others_is_refused() {
    let scratch = Scratch::new();
    scratch.git(&["branch", "feature"]);
    refused(&scratch, "prod", "feature", "`feature` holds documents, but no `RENDERED.json`");

    // One with an empty tree is as good as new.
    let tree = scratch.git(&["mktree"]);
    let empty = scratch.git(&["commit-tree", &tree, "-m", "start"]);
    scratch.git(&["branch", "env/empty", &empty]);
    scratch.commit("env/empty").succeeds();
    assert_eq!(scratch.tip("env/empty~"), Some(empty));

    // A file that somebody put beside the output would be lost.
    scratch.commit("env/prod").succeeds();
    scratch.git(&["checkout", "--quiet", "env/prod"]);
    scratch.repo.write("README.md", "ours\n");
    scratch.save("by hand");
    scratch.git(&["checkout", "--quiet", "main"]);
    refused(&scratch, "prod", "env/prod", "`env/prod` holds `README.md`, which no earlier output left there");
}

#[test]
fn a_marker_that_another_tool_wrote_is_none() {
    let scratch = Scratch::new();
    let text = "{\"schema\": 1, \"tool\": {\"name\": \"other\", \"version\": \"1\"}}\n";
    scratch.git(&["checkout", "--quiet", "--orphan", "other"]);
    scratch.git(&["rm", "-r", "--quiet", "--cached", "."]);
    scratch.repo.write("RENDERED.json", text);
    scratch.git(&["add", "RENDERED.json"]);
    scratch.git(&["commit", "--quiet", "-m", "other"]);
    scratch.git(&["checkout", "--quiet", "--force", "main"]);
    refused(&scratch, "prod", "other", "no `RENDERED.json` of an earlier output");
}

#[test]
fn another_environment_and_a_part_of_one_are_refused() {
    let scratch = Scratch::new();
    scratch.commit("env/prod").succeeds();
    refused(
        &scratch,
        "staging",
        "env/prod",
        "holds `prod` of the repo `shop`, not `staging` of the repo `shop`",
    );
    refused(&scratch, "prod/carts", "env/prod", "`env/prod` holds all of `prod`");
    scratch.repo.write("control/sealwright.yaml", "name: shop\nid: another\n");
    refused(&scratch, "prod", "env/prod", "holds `prod` of the repo `shop`");
    scratch.repo.write("control/sealwright.yaml", "name: renamed\nid: 7f3c9e1a52d0\n");
    scratch.commit("env/prod").succeeds();
}

#[test]
fn what_is_no_name_of_a_branch_never_reaches_git_as_more() {
    let scratch = Scratch::new();
    scratch.commit("env/prod").succeeds();
    scratch.git(&["checkout", "--quiet", "-b", "feature"]);
    for name in [
        "--upload-pack=x",
        "-d",
        "../x",
        "@{-1}",
        "@",
        "HEAD",
        "a..b",
        "a b",
        "a~1",
        "a^",
        "a:b",
        "a?",
        "a*",
        "a[b",
        "a\\b",
        "a/",
        "/a",
        "a//b",
        "a.lock",
        ".a",
        "a.",
        "",
        "refs/heads/env/prod",
        "a\nb",
        "a\u{7f}",
    ] {
        refused(&scratch, "prod", name, "can't name a branch");
    }
    // Odd, but a name.
    scratch.commit("é'$(x)").succeeds();
}

#[test]
fn a_branch_that_stands_for_another_is_refused() {
    let scratch = Scratch::new();
    scratch.git(&["symbolic-ref", "refs/heads/alias", "refs/heads/main"]);
    refused(&scratch, "prod", "alias", "`alias` only stands for another branch");
}

#[test]
fn a_branch_that_only_the_remote_has_is_brought_first() {
    let scratch = Scratch::new();
    scratch.commit("env/prod").succeeds();
    let clone = tempfile::tempdir().unwrap();
    let clone = clone.path().join("clone");
    scratch.git(&["clone", "--quiet", ".", clone.to_str().unwrap()]);
    let run = |arguments: &[&str]| {
        let mut command = scratch.repo.command(["render", "prod", "--repo", "control"]);
        command.args(arguments).current_dir(&clone);
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "A").env(format!("GIT_{who}_EMAIL"), "a@example.invalid");
        }
        Run::of(&mut command, b"")
    };
    let said =
        run(&["--commit", "env/prod"]).exits(2).complains("no branch `env/prod` here, but `origin/env/prod`");
    said.complains("git branch --no-track env/prod origin/env/prod");
    scratch.git(&["-C", clone.to_str().unwrap(), "branch", "--no-track", "env/prod", "origin/env/prod"]);
    run(&["--commit", "env/prod"]).succeeds().complains("no commit");
}

#[test]
fn a_name_that_another_branch_is_in_the_way_of_fails_and_changes_nothing() {
    let scratch = Scratch::new();
    scratch.commit("env").succeeds();
    let refs = scratch.git(&["for-each-ref"]);
    scratch.commit("env/prod").exits(3).complains("git has no answer to `git update-ref`");
    assert_eq!(scratch.git(&["for-each-ref"]), refs);
}

#[test]
fn git_must_know_who_commits() {
    let scratch = Scratch::new();
    scratch.git(&["config", "--unset", "user.name"]);
    scratch.git(&["config", "--unset", "user.email"]);
    scratch.git(&["config", "user.useConfigOnly", "true"]);
    refused(&scratch, "prod", "env/prod", "git doesn't know who commits here").complains("user.email");
}

#[test]
fn without_a_repository_there_is_nothing_to_commit_to() {
    let repo = Repo::copy_of("sock-shop");
    repo.run(["render", "staging", "--commit", "x"]).exits(2).complains("lies in no git work tree");
}

#[test]
fn one_place_at_a_time() {
    let scratch = Scratch::new();
    let mut both = scratch.render("prod", "x");
    Run::of(both.args(["--out-dir", "out"]), b"").exits(2).complains("usage");
    let mut alone = scratch.repo.command(["render", "prod", "--repo", "control", "--commit-path", "x"]);
    Run::of(&mut alone, b"").exits(2).complains("usage");
}
