//! Nothing in the clear is committed, on no platform, and no identity is asked for to say so.

use std::process::Command;

use crate::cases::CASES;
use crate::support::{Repo, Run};

fn git(repo: &Repo, arguments: &[&str]) -> Run {
    let mut git = Command::new("git");
    git.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", repo.path(""));
    git.args(["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"]);
    Run::of(git.arg("-C").arg(repo.path("")).args(arguments), b"")
}

#[test]
fn what_is_resolved_is_refused_on_every_platform() {
    for (name, environment) in CASES {
        let repo = Repo::copy_of(name);
        git(&repo, &["init", "--quiet"]).succeeds();
        git(&repo, &["add", "-A"]).succeeds();
        git(&repo, &["commit", "--quiet", "-m", "x"]).succeeds();
        let before = git(&repo, &["count-objects"]).stdout;
        for form in ["human", "json", "sarif"] {
            let run = repo.run(["render", environment, "--commit", "out", "--message-format", form]).exits(2);
            let said = [run.stdout.as_str(), &run.stderr].concat();
            assert!(
                said.contains("cleartext-refused") && !said.contains("missing-identity"),
                "{name}\n{said}"
            );
        }
        assert_eq!(git(&repo, &["count-objects"]).stdout, before, "{name}");
        assert_eq!(git(&repo, &["branch", "--list", "out"]).stdout, "", "{name}");
    }
}

/// A configuration that arrives with the files of a repository runs nothing.
#[test]
fn a_repository_that_names_programs_runs_none() {
    let repo = Repo::copy_of("native");
    git(&repo, &["init", "--quiet"]).succeeds();
    git(&repo, &["add", "-A"]).succeeds();
    git(&repo, &["commit", "--quiet", "-m", "x"]).succeeds();
    let trap =
        repo.path("../").canonicalize().expect("it is there").join(format!("trap-{}", std::process::id()));
    let set = format!("sh -c 'touch {}; cat'", trap.display());
    for key in [
        "core.fsmonitor",
        "core.sshCommand",
        "core.editor",
        "core.pager",
        "core.askPass",
        "core.alternateRefsCommand",
        "gpg.program",
        "credential.helper",
        "diff.external",
        "filter.x.clean",
        "filter.x.smudge",
        "filter.x.process",
        "uploadpack.packObjectsHook",
        "trailer.x.command",
        "remote.origin.uploadpack",
    ] {
        git(&repo, &["config", key, &set]).succeeds();
    }
    for (key, value) in [
        ("commit.gpgSign", "true"),
        ("filter.x.required", "true"),
        ("remote.origin.url", "ext::sh -c touch% /nowhere"),
        ("remote.origin.promisor", "true"),
        ("user.name", "a"),
        ("user.email", "a@example.com"),
    ] {
        git(&repo, &["config", key, value]).succeeds();
    }
    repo.write(".git/info/attributes", "* filter=x diff=x\n");
    for hook in ["reference-transaction", "pre-commit", "post-commit", "commit-msg", "post-index-change"] {
        let path = format!(".git/hooks/{hook}");
        repo.write(&path, &format!("#!/bin/sh\ntouch {}\n", trap.display()));
        let runs = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(repo.path(&path), runs).expect("it is ours");
    }
    repo.run(["render", "prod", "--commit", "out"]).succeeds();
    assert!(!trap.exists(), "a program of the repository ran");
    assert!(git(&repo, &["cat-file", "-e", "out:RENDERED.json"]).code == 0);
}
