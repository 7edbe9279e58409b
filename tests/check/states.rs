//! The states in which git hands an index over.

use std::fs;
use std::path::Path;

use crate::scratch::{
    check_staged, commit_all, committed, control_repo, git, git_command, init, private_key, script, stage,
};
use crate::support::{Repo, Run, sealwright};

const HOOK: &str = "#!/bin/sh\nexec sealwright check --staged\n";

fn install(git_dir: &Path) {
    script(&git_dir.join("hooks/pre-commit"), HOOK);
}

#[track_caller]
fn commit(folder: &Path, arguments: &[&str]) -> Run {
    Run::of(&mut git_command(folder, &[&["commit", "-m", "x"], arguments].concat()), b"")
}

#[test]
fn before_the_first_commit_everything_is_staged() {
    for format in ["sha1", "sha256"] {
        let repo = control_repo().file("empty", "").file("key", &private_key(1));
        init(&repo.path(""), &["--object-format", format]);
        stage(&repo);
        let run = check_staged(&repo.path(""), &[]).exits(1).prints("key:1:1");
        run.complains("checked 3 units and 11 files of the index");
    }
}

#[test]
fn an_index_without_a_change_is_fine() {
    check_staged(&committed().path(""), &[]).succeeds().complains("checked 0 units and 0 files of the index");
}

#[test]
fn a_commit_of_everything_hands_over_an_index_of_its_own() {
    let repo = committed();
    install(&repo.path(".git"));
    repo.write("apps/db/app.yaml", &format!("image: shop/db\n# {}\n", private_key(1).replace('\n', "\n# ")));
    // Nothing is staged; `commit -a` stages into a lock file.
    check_staged(&repo.path(""), &[]).succeeds();
    commit(&repo.path(""), &["-a"]).exits(1).complains("private-key");
    repo.write("apps/db/app.yaml", "image: shop/db2\n");
    commit(&repo.path("apps"), &["-a"])
        .succeeds()
        .complains("checked 1 unit and 1 file of the index: nothing found");
}

#[test]
fn a_commit_of_some_paths_hands_over_an_index_of_its_own() {
    let repo = committed();
    install(&repo.path(".git"));
    repo.write("a", &private_key(1));
    repo.write("apps/db/app.yaml", "image: shop/db2\n");
    stage(&repo);
    // What is staged beside stays out.
    commit(&repo.path(""), &["apps/db/app.yaml"])
        .succeeds()
        .complains("checked 1 unit and 1 file of the index");
    commit(&repo.path(""), &["a"]).exits(1).complains("private-key");
}

#[test]
fn a_worktree_has_its_own_index() {
    let repo = committed();
    install(&repo.path(".git"));
    let beside = tempfile::tempdir().unwrap();
    let tree = beside.path().join("tree");
    git(&repo.path(""), &["worktree", "add", "--quiet", "-b", "other", tree.to_str().unwrap()]);
    fs::write(tree.join("key"), private_key(1)).unwrap();
    git(&tree, &["add", "key"]);
    commit(&tree, &[]).exits(1).complains("key:1:1").complains("1 file of the index");
    check_staged(&tree, &[]).exits(1);
    check_staged(&repo.path(""), &[]).succeeds();
    // A worktree within the other: git hands over where it is, and the hook says so to nobody else.
    fs::write(tree.join("key"), "").unwrap();
    git(&tree, &["add", "key"]);
    commit(&tree, &[]).succeeds();
}

#[test]
fn a_submodule_has_its_own_index_and_is_an_empty_folder_to_the_outer_one() {
    let inner = committed();
    let outer = committed();
    git(&outer.path(""), &["submodule", "--quiet", "add", inner.path("").to_str().unwrap(), "sub"]);
    check_staged(&outer.path(""), &[]).succeeds().complains("checked 0 units and 1 file of the index");
    commit_all(&outer.path(""), "sub");
    install(&outer.path(".git/modules/sub"));
    outer.write("sub/key", &private_key(1));
    outer.write("sub/apps/db/app.yaml", "image: [\n");
    git(&outer.path("sub"), &["add", "key"]);
    commit(&outer.path("sub"), &[]).exits(1).complains("key:1:1").complains("checked 0 units and 1 file");
    check_staged(&outer.path(""), &[]).succeeds();
}

#[test]
fn variables_of_a_hook_are_obeyed_and_no_others() {
    let repo = committed();
    repo.write("key", &private_key(1));
    git(&repo.path(""), &["add", "key"]);
    fs::copy(repo.path(".git/index"), repo.path("other-index")).unwrap();
    git(&repo.path(""), &["reset", "--quiet"]);
    check_staged(&repo.path(""), &[]).succeeds();
    let index = repo.path("other-index");
    check_staged(&repo.path(""), &[("GIT_INDEX_FILE", index.to_str().unwrap())]).exits(1).prints("key:1:1");
    check_staged(&repo.path(""), &[("GIT_INDEX_FILE", "other-index")]).exits(1);
    let elsewhere = tempfile::tempdir().unwrap();
    let (dir, tree) = (repo.path(".git"), repo.path(""));
    let variables = [
        ("GIT_DIR", dir.to_str().unwrap()),
        ("GIT_WORK_TREE", tree.to_str().unwrap()),
        ("GIT_INDEX_FILE", index.to_str().unwrap()),
        ("GIT_PREFIX", "apps/"),
    ];
    check_staged(elsewhere.path(), &variables).exits(1).prints("key:1:1");
    // What would change git's answers, or run a program.
    let marker = elsewhere.path().join("ran");
    let program = elsewhere.path().join("program");
    script(&program, &format!("#!/bin/sh\ntouch {}\n", marker.display()));
    let program = program.to_str().unwrap();
    let hostile = [
        ("GIT_INDEX_FILE", index.to_str().unwrap()),
        ("GIT_EXTERNAL_DIFF", program),
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", "core.fsmonitor"),
        ("GIT_CONFIG_VALUE_0", program),
        ("GIT_OBJECT_DIRECTORY", "/nowhere"),
        ("GIT_LITERAL_PATHSPECS", "1"),
        ("GIT_NAMESPACE", "x"),
    ];
    check_staged(&repo.path(""), &hostile).exits(1).prints("key:1:1");
    assert!(!marker.exists());
}

#[test]
fn a_repository_names_no_program_to_run() {
    let repo = committed();
    let program = repo.path("program");
    script(&program, &format!("#!/bin/sh\ntouch {}\n", repo.path("ran").display()));
    for setting in [
        "core.fsmonitor",
        "diff.external",
        "diff.x.textconv",
        "diff.x.command",
        "filter.x.smudge",
        "filter.x.clean",
        "core.pager",
    ] {
        git(&repo.path(""), &["config", setting, program.to_str().unwrap()]);
    }
    repo.write(".git/info/attributes", "* diff=x filter=x\n");
    repo.write("apps/db/app.yaml", "image: shop/other\n");
    git(&repo.path(""), &["-c", "core.fsmonitor=false", "-c", "filter.x.clean=cat", "add", "apps"]);
    let _ = fs::remove_file(repo.path("ran"));
    check_staged(&repo.path(""), &[]).succeeds();
    repo.run(["check"]).succeeds();
    repo.run(["check", "--since", "HEAD"]).succeeds();
    assert!(!repo.path("ran").exists());
}

#[test]
fn a_file_that_is_only_meant_to_be_added_is_not_committed() {
    let repo = committed();
    repo.write("apps/new/app.yaml", "image: x\n");
    repo.write("empty", "");
    git(&repo.path(""), &["add", "--intent-to-add", "apps/new/app.yaml"]);
    git(&repo.path(""), &["add", "empty"]);
    repo.write("environments/prod/versions.yaml", "web: 1.4.2\ndb: 1.0.0\nnew: 1\n");
    git(&repo.path(""), &["add", "environments"]);
    // The next commit would have no such app.
    check_staged(&repo.path(""), &[]).exits(1).prints("unknown-app").prints("`new`");
    git(&repo.path(""), &["add", "apps"]);
    check_staged(&repo.path(""), &[]).succeeds();
}

#[test]
fn a_conflict_is_an_error() {
    let repo = committed();
    let folder = repo.path("");
    for (branch, image) in [("one", "shop/one"), ("two", "shop/two")] {
        git(&folder, &["checkout", "--quiet", "-b", branch, "main"]);
        repo.write("apps/db/app.yaml", &format!("image: {image}\n"));
        commit_all(&folder, branch);
    }
    Run::of(&mut git_command(&folder, &["merge", "one"]), b"").exits(1);
    check_staged(&folder, &[]).exits(1).prints("unmerged-file").prints("`apps/db/app.yaml`");
    repo.write("apps/db/app.yaml", "image: shop/both\n");
    stage(&repo);
    check_staged(&folder, &[]).succeeds();
}

#[test]
fn names_of_every_kind_are_read() {
    use std::os::unix::ffi::OsStrExt;
    let repo = committed();
    let names: [&[u8]; 6] =
        [b"with space", b"new\nline", b"tab\tand \"quotes\"", b"caf\xe9", b"-x", b"CON.env"];
    for name in names {
        let name = std::ffi::OsStr::from_bytes(name);
        fs::write(repo.path("").join(name), private_key(1)).unwrap();
    }
    stage(&repo);
    let run = check_staged(&repo.path(""), &[]).exits(1).prints("6 errors").prints("new\\u{a}line:1:1");
    run.never_shows("new\nline");
    repo.run(["check"]).exits(1).prints("6 errors");
}

#[test]
fn a_control_repo_may_be_a_folder_of_a_larger_repository() {
    let repo = Repo::new().file("other/key", &private_key(1));
    let inner = control_repo();
    init(&repo.path(""), &[]);
    let copied = Run::of(
        std::process::Command::new("cp").arg("-r").arg(inner.path(".")).arg(repo.path("deploy")),
        b"",
    );
    copied.succeeds();
    commit_all(&repo.path(""), "first");
    repo.write("deploy/apps/web/app.yaml", "image: shop/web\nimaeg: x\n");
    repo.write("other/key", &private_key(2));
    stage(&repo);
    check_staged(&repo.path("deploy/apps"), &[]).exits(1).prints("apps/web/app.yaml:2:1").prints("1 error");
    repo.run(["check", "--staged", "--repo", "deploy"])
        .exits(1)
        .prints("apps/web/app.yaml:2:1")
        .prints("1 error");
    check_staged(&repo.path(""), &[]).exits(1).prints("other/key:1:1").prints("1 error");
    let mut command = sealwright();
    command.current_dir("/").args(["check", "--staged", "--repo"]).arg(repo.path("deploy"));
    Run::of(&mut command, b"").exits(1).prints("apps/web/app.yaml:2:1");
}

#[test]
fn what_git_lacks_is_said() {
    let repo = control_repo();
    check_staged(&repo.path(""), &[])
        .exits(2)
        .complains("error[git-failed]: there is no git repository here");
    let mut command = repo.command(["check", "--staged"]);
    command.env("PATH", "/nowhere");
    Run::of(&mut command, b"").exits(2).complains("there is no git to ask");
    let repo = committed();
    repo.write("x", "y");
    stage(&repo);
    let id = git(&repo.path(""), &["hash-object", "x"]);
    fs::remove_file(repo.path(&format!(".git/objects/{}/{}", &id[..2], &id[2..]))).unwrap();
    check_staged(&repo.path(""), &[])
        .exits(1)
        .prints("error[not-scanned]: `x` isn't searched")
        .prints("git fsck");
    repo.write(".git/index", "damaged");
    check_staged(&repo.path(""), &[]).exits(2).complains("git's index is damaged");
    let mut bare = sealwright();
    bare.current_dir(repo.path(".git")).args(["check", "--staged"]);
    Run::of(&mut bare, b"").exits(2).complains("no work tree");
}
