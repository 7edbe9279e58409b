use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::scratch::Scratch;
use crate::support::Run;

#[test]
fn a_branch_gets_the_files_of_out_dir() {
    let scratch = Scratch::new();
    scratch.commit("env/prod").succeeds().complains("committed ").complains("to `env/prod`: Render prod: ");
    let out = tempfile::tempdir().unwrap();
    let out = out.path().join("out");
    let mut folder = scratch.repo.command(["render", "prod", "--repo", "control", "--out-dir"]);
    Run::of(folder.arg(&out), b"").succeeds();
    let mut expected = BTreeMap::new();
    contents(&out, "", &mut expected);
    let files = scratch.files("env/prod");
    assert_eq!(files, expected.keys().cloned().collect::<Vec<_>>());
    assert!(
        files.contains(&"RENDERED.json".to_string()) && files.contains(&"carts/deployment-carts.yaml".into())
    );
    for (file, text) in &expected {
        let run = Run::of(&mut scratch.git_command(&["cat-file", "blob", &format!("env/prod:{file}")]), b"");
        assert_eq!(run.succeeds().stdout, *text, "{file}");
    }
    let modes = scratch.git(&["ls-tree", "-r", "--format=%(objectmode)", "env/prod"]);
    assert!(modes.lines().all(|mode| mode == "100644"), "{modes}");
    // An orphan: nothing of the source is in its history.
    assert_eq!(scratch.git(&["rev-list", "--count", "env/prod"]), "1");
    scratch.git(&["fsck", "--strict"]);
}

/// Git keeps of a mode whether a file can be run, and whoever checks the branch out mounts it.
#[test]
fn a_script_can_be_run() {
    let scratch = Scratch::new();
    scratch.repo.write("control/environments/local/environment.yaml", "platform: compose\n");
    scratch.repo.write("control/environments/local/versions.yaml", "carts: 0.4.8\n");
    scratch.repo.write(
        "control/apps/carts/local.yaml",
        "files:\n  start.sh: { path: /start.sh, mode: \"0755\", content: \"exec carts\" }\n  motd: { path: /motd, content: hi }\n",
    );
    scratch.save("a script");
    Run::of(&mut scratch.render("local", "env/local"), b"").succeeds();
    let modes = scratch.git(&["ls-tree", "-r", "--format=%(objectmode) %(path)", "env/local"]);
    let expected = [
        "100644 RENDERED.json",
        "100644 _files/carts.motd",
        "100755 _files/carts.start.sh",
        "100644 compose.yaml",
    ];
    assert_eq!(modes.lines().collect::<Vec<_>>(), expected);
    // It is read back as ours: nothing changed, so nothing is committed.
    let tip = scratch.tip("env/local");
    Run::of(&mut scratch.render("local", "env/local"), b"").succeeds();
    assert_eq!(scratch.tip("env/local"), tip);
}

#[test]
fn the_message_says_what_is_there_and_what_it_was_made_of() {
    let scratch = Scratch::new();
    scratch.commit("env/prod").succeeds();
    let head = scratch.tip("HEAD").unwrap();
    let message = scratch.message("env/prod");
    assert_eq!(
        message,
        format!(
            "Render prod: carts, user, _environment\n\ncarts: added at 0.4.8\nuser: added at 0.4.7\n_environment: added\n\nSource: {head}"
        )
    );
    assert_eq!(
        scratch.git(&["show", "--no-patch", "--format=%an <%ae> %cn", "env/prod"]),
        "Pipeline <pipeline@example.invalid> Pipeline"
    );
}

#[test]
fn without_a_change_there_is_no_commit() {
    let scratch = Scratch::new();
    scratch.commit("env/prod").succeeds();
    let before = scratch.state();
    // Another commit of the source that changes no document changes nothing.
    scratch.repo.write("README.md", "more\n");
    scratch.save("more");
    let tip = scratch.tip("env/prod");
    let run = scratch.commit("env/prod").succeeds();
    run.complains("nothing changed on `env/prod`: no commit");
    assert_eq!(scratch.tip("env/prod"), tip);
    assert_ne!(before, "");
}

#[test]
fn the_same_repo_gives_the_same_tree_on_any_branch() {
    let scratch = Scratch::new();
    scratch.commit("one").succeeds();
    scratch.repo.write("README.md", "more\n");
    scratch.save("more");
    scratch.commit("two").succeeds();
    assert_ne!(scratch.tip("one"), scratch.tip("two"));
    assert_eq!(scratch.tip("one^{tree}"), scratch.tip("two^{tree}"));
}

#[test]
fn a_new_version_changes_what_has_it_alone() {
    let scratch = Scratch::new();
    scratch.commit("env/prod").succeeds();
    scratch.repo.write("control/environments/prod/versions.yaml", "carts: 0.4.9\nuser: 0.4.7\n");
    scratch.save("bump");
    scratch.commit("env/prod").succeeds().complains("Render prod: carts 0.4.8 -> 0.4.9");
    let head = scratch.tip("HEAD").unwrap();
    let message = scratch.message("env/prod");
    assert_eq!(
        message,
        format!("Render prod: carts 0.4.8 -> 0.4.9\n\ncarts: 0.4.8 -> 0.4.9\n\nSource: {head}")
    );
    let changed = scratch.git(&["diff", "--name-only", "env/prod~", "env/prod"]);
    assert!(changed.lines().all(|file| file == "RENDERED.json" || file.starts_with("carts/")), "{changed}");
    let said = scratch.git(&["diff", "--unified=0", "env/prod~", "env/prod", "--", "RENDERED.json"]);
    assert!(said.contains("\n-    \"carts\": \"0.4.8\",\n+    \"carts\": \"0.4.9\","), "{said}");
    assert_eq!(scratch.git(&["rev-list", "--count", "env/prod"]), "2");
}

#[test]
fn config_and_what_goes_are_told_too() {
    let scratch = Scratch::new();
    scratch.commit("env/prod").succeeds();
    scratch
        .repo
        .write("control/apps/carts/app.yaml", "image: shop/carts\nports: { http: 80 }\nconfig: { A: b }\n");
    scratch.repo.write("control/environments/prod/versions.yaml", "carts: 0.4.8\n");
    scratch.save("less");
    scratch.commit("env/prod").succeeds();
    let message = scratch.message("env/prod");
    assert!(
        message
            .starts_with("Render prod: carts, user\n\ncarts: changed at 0.4.8\nuser: removed at 0.4.7\n\n"),
        "{message}"
    );
    assert!(!scratch.files("env/prod").iter().any(|file| file.starts_with("user/")));
}

#[test]
fn what_was_not_committed_is_not_passed_off_as_a_commit() {
    let source = |scratch: &Scratch, branch: &str| {
        scratch.commit(branch).succeeds();
        let message = scratch.message(branch);
        let (_, source) = message.split_once("Source: ").unwrap();
        source.split_once(' ').map(|(_, more)| more.to_string()).unwrap_or_default()
    };
    let scratch = Scratch::new();
    let dirty = "and changes that weren't committed";
    // What lies around the control repo, or is ignored, is none of it.
    scratch.repo.write("README.md", "more\n");
    scratch.repo.write("control/.gitignore", "*.log\n");
    scratch.git(&["add", "control/.gitignore"]);
    scratch.git(&["commit", "--quiet", "-m", "ignore"]);
    scratch.repo.write("control/debug.log", "x\n");
    std::os::unix::fs::symlink("app.yaml", scratch.repo.path("control/apps/carts/link")).unwrap();
    scratch.git(&["add", "control/apps"]);
    scratch.git(&["commit", "--quiet", "-m", "link"]);
    assert_eq!(source(&scratch, "a"), "");
    scratch.repo.write("control/environments/prod/versions.yaml", "carts: 0.4.9\nuser: 0.4.7\n");
    assert_eq!(source(&scratch, "b"), dirty);
    // Neither does adding it to the index alone make it one.
    scratch.git(&["add", "--all"]);
    assert_eq!(source(&scratch, "c"), dirty);
    scratch.git(&["commit", "--quiet", "-m", "bump"]);
    assert_eq!(source(&scratch, "d"), "");
    scratch.repo.write("control/apps/carts/prod.yaml", "replicas: 2\n");
    assert_eq!(source(&scratch, "e"), dirty);
    fs::remove_file(scratch.repo.path("control/apps/carts/prod.yaml")).unwrap();
    fs::remove_file(scratch.repo.path("control/apps/carts/link")).unwrap();
    std::os::unix::fs::symlink("../user/app.yaml", scratch.repo.path("control/apps/carts/link")).unwrap();
    assert_eq!(source(&scratch, "f"), dirty);
}

#[test]
fn the_output_says_what_it_is_and_keeps_to_its_schema() {
    let scratch = Scratch::new();
    let schema = scratch.repo.run(["schema", "rendered"]).succeeds().stdout;
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    scratch.repo.write("control/environments/prod/versions.yaml", "user:\ncarts: 1.10\n");
    let said = |unit: &str, branch: &str| -> Value {
        Run::of(&mut scratch.render(unit, branch), b"").succeeds();
        let said = serde_json::from_str(&scratch.git(&["show", &format!("{branch}:RENDERED.json")])).unwrap();
        let faults: Vec<String> = validator.iter_errors(&said).map(|error| error.to_string()).collect();
        assert!(faults.is_empty(), "{faults:?}: {said}");
        said
    };
    let version = env!("CARGO_PKG_VERSION");
    let whole = serde_json::json!({
        "schema": 1,
        "tool": { "name": "sealwright", "version": version },
        "repo": { "name": "shop", "id": "7f3c9e1a52d0" },
        "environment": "prod",
        "platform": "kubernetes",
        "complete": true,
        "units": { "carts": "1.10", "user": null },
        "files": [],
        "apiVersion": "v1", "kind": "List", "items": [],
    });
    assert_eq!(said("prod", "whole").to_string(), whole.to_string());
    let part = said("prod/carts", "part");
    assert_eq!(
        (&part["complete"], &part["units"]),
        (&Value::Bool(false), &serde_json::json!({ "carts": "1.10" }))
    );
    let mut wrong = whole;
    wrong["items"] = serde_json::json!([{}]);
    assert!(!validator.is_valid(&wrong));
}

fn contents(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            contents(&entry.path(), &format!("{name}/"), files);
        } else {
            files.insert(name, fs::read_to_string(entry.path()).unwrap());
        }
    }
}
