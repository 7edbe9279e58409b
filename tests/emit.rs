//! What `render --out-dir` leaves on the disk, whatever happens to the run, and that the forms of the
//! output say the same.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use serde::Deserialize;
use serde_yaml::Value;

use sealwright::source::diagnostic::Diagnostics;
use sealwright::source::node::{Kind, Node};
use sealwright::source::span::FileId;
use sealwright::source::yaml::{Limits, parse};

use support::{Repo, Run, fixture, python, sealwright};

#[test]
fn a_folder_holds_the_documents_of_the_stream_each_in_its_file() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("new/out");
    prod(&out, &[]).succeeds().complains("wrote 51 files in 15 folders\n");

    let files = contents(&out);
    let key = |document: &Value| serde_yaml::to_string(document).unwrap();
    let mut written: Vec<String> = files
        .iter()
        .filter(|(name, _)| name.ends_with(".yaml"))
        .flat_map(|(_, text)| documents(text))
        .map(|document| key(&document))
        .collect();
    let stream = piped(&["render", "prod"]);
    let mut streamed: Vec<String> = documents(&stream).iter().map(key).collect();
    written.sort();
    streamed.sort();
    assert_eq!(written, streamed);

    for name in ["_environment/namespace-sock-shop.yaml", "carts/deployment-carts.yaml"] {
        assert!(files.contains_key(name), "{name} in {:?}", files.keys());
    }
    assert_eq!(files[".gitignore"], "*\n");
    assert!(files["RENDERED.json"].contains("\"carts\": \"0.4.8\""), "{}", files["RENDERED.json"]);
}

#[test]
fn only_the_owner_can_read_what_is_written() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("new/out");
    prod(&out, &[]).succeeds();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for folder in [&place.path().join("new"), &out, &out.join("carts")] {
        assert_eq!(mode(folder), 0o700, "{}", folder.display());
    }
    for file in contents(&out).keys() {
        assert_eq!(mode(&out.join(file)), 0o600, "{file}");
    }
}

#[test]
fn the_same_repo_gives_the_same_files_and_leaves_nothing_beside_them() {
    let place = tempfile::tempdir().unwrap();
    let (one, two) = (place.path().join("one"), place.path().join("two"));
    prod(&one, &[]).succeeds();
    prod(&two, &["--quiet"]).succeeds();
    assert_eq!(contents(&one), contents(&two));
    prod(&two, &[]).succeeds();
    assert_eq!(contents(&one), contents(&two));
    assert_eq!(names(place.path()), ["one", "two"]);
}

#[test]
fn quiet_says_nothing() {
    let place = tempfile::tempdir().unwrap();
    let run = prod(&place.path().join("out"), &["--quiet"]).succeeds();
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
}

#[test]
fn json_goes_to_json_files() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    prod(&out, &["-o", "json"]).succeeds();
    let text = &contents(&out)["carts/service-carts.json"];
    assert_eq!(text.lines().count(), 1);
    let service: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(service["kind"], "Service");
}

#[test]
fn what_is_no_longer_rendered_goes() {
    let repo = many(3, "1");
    repo.run(["render", "prod", "--out-dir", "out"]).succeeds();
    assert!(repo.path("out/app-2").exists());
    repo.write("environments/prod/versions.yaml", "app-0: 1\n");
    repo.run(["render", "prod", "--out-dir", "out"]).succeeds();
    assert!(!repo.path("out/app-2").exists());
    assert!(repo.path("out/app-0").exists());
}

#[test]
fn an_output_of_an_older_version_is_replaced() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    prod(&out, &[]).succeeds();
    fs::remove_file(out.join("RENDERED.json")).unwrap();
    let marker = "sealwright output 1\nThis folder is replaced as a whole by each run that writes to it.\n";
    fs::write(out.join(".sealwright"), marker).unwrap();
    prod(&out, &[]).succeeds();
    assert!(out.join("RENDERED.json").exists() && !out.join(".sealwright").exists());
}

/// `kubectl apply -R -f DIR` reads every JSON and YAML file, and so does Argo CD.
#[test]
fn every_file_of_a_folder_is_read_by_what_reads_objects() {
    let place = tempfile::tempdir().unwrap();
    prod(&place.path().join("out"), &[]).succeeds();
    for (name, text) in contents(&place.path().join("out")) {
        if name.ends_with(".json") || name.ends_with(".yaml") {
            let object: Value = serde_yaml::from_str(&text).unwrap();
            assert!(object["apiVersion"].is_string() && object["kind"].is_string(), "{name}");
            let items = object.get("items").map(|items| items.as_sequence().unwrap().len());
            assert_eq!(items, (name == "RENDERED.json").then_some(0), "{name}");
        }
    }
}

#[test]
fn all_forms_say_the_same_to_every_reader() {
    for environment in ["prod", "staging"] {
        let yaml = documents(&piped(&["render", environment]));
        let kyaml = piped(&["render", environment, "-o", "kyaml"]);
        assert_eq!(documents(&kyaml), yaml);
        python("facts/reread.py", &[], &kyaml).succeeds();
        let json = piped(&["render", environment, "-o", "json"]);
        let lines: Vec<Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines, yaml);

        let mut faults = Diagnostics::default();
        let ours = parse(FileId(0), &kyaml, &Limits::default(), &mut faults).unwrap();
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!(ours.len(), yaml.len());
        ours.iter().zip(&yaml).for_each(|(node, value)| same(node, value));
    }
}

#[test]
fn preview_has_every_form_too() {
    let yaml = documents(&piped(&["preview", "prod"]));
    assert_eq!(documents(&piped(&["preview", "prod", "-o", "kyaml"])), yaml);
    let json = piped(&["preview", "prod", "-o", "json"]);
    assert_eq!(json.lines().map(|l| serde_json::from_str::<Value>(l).unwrap()).collect::<Vec<_>>(), yaml);
}

#[test]
fn cleartext_is_refused_where_git_would_take_it_before_any_identity_is_needed() {
    let tree = tree();
    let out = tree.path("out");
    refused(&out, "cleartext-refused").complains("doesn't ignore").never_shows("missing-identity");
    assert!(!out.exists());

    // The environment of a hook doesn't change which work tree counts.
    let mut command = render("prod", &out);
    command.env("GIT_DIR", "/nowhere").env("GIT_WORK_TREE", "/").env("GIT_CEILING_DIRECTORIES", "/");
    Run::of(&mut command, b"").exits(2).complains("cleartext-refused");

    tree.write(".gitignore", "/ignored/\n");
    prod(&tree.path("ignored"), &[]).succeeds();
    prod(&tree.path("ignored"), &[]).succeeds();
    refused(&out, "cleartext-refused");
    // What has no secrets is made to be committed.
    Run::of(&mut render("staging", &out), b"").succeeds();
    assert!(!out.join(".gitignore").exists());
}

#[test]
fn a_tracked_file_below_an_ignored_folder_is_no_place_for_cleartext() {
    let tree = tree();
    tree.write(".gitignore", "/out/\n");
    Run::of(&mut render("staging", &tree.path("out")), b"").succeeds();
    git(&tree.path("."), &["add", "--force", "out/carts/service-carts.yaml"]);
    refused(&tree.path("out"), "cleartext-refused").complains("out/carts/service-carts.yaml");
}

#[test]
fn git_sees_no_cleartext_of_a_run_that_was_killed() {
    let tree = tree();
    tree.write(".gitignore", "/out/\n");
    prod(&tree.path("out"), &[]).succeeds();
    // Under the name that a run has while it writes, which no .gitignore of users names.
    fs::rename(tree.path("out"), tree.path(".out.0123456789abcdef.tmp")).unwrap();
    let mut status = Command::new("git");
    status.args(["status", "--porcelain", "-uall"]).current_dir(tree.path("."));
    let seen = Run::of(&mut status, b"").succeeds().stdout;
    assert_eq!(seen, "?? .gitignore\n");
}

#[test]
fn a_worktree_counts_as_a_work_tree() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join(".git"), "gitdir: /nowhere\n").unwrap();
    refused(&place.path().join("out"), "cleartext-refused");
}

#[test]
fn the_folders_that_the_repo_is_read_from_stay_as_they_are() {
    let repo = many(1, "1");
    for folder in ["apps/out", "environments", "environments/prod/out", "schemas/new/out", "platforms"] {
        repo.run(["render", "prod", "--out-dir", folder]).exits(2).complains("output-refused");
    }
    assert_eq!(names(&repo.path("apps")), ["app-0"]);
    repo.run(["render", "prod", "--out-dir", "out"]).succeeds();
}

#[test]
fn what_others_put_there_is_never_replaced() {
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name);
    fs::create_dir(at("out")).unwrap();
    fs::write(at("out/thesis.txt"), "years").unwrap();
    refused(&at("out"), "output-refused").complains("`thesis.txt`");
    assert_eq!(fs::read_to_string(at("out/thesis.txt")).unwrap(), "years");

    prod(&at("made"), &[]).succeeds();
    fs::write(at("made/carts/notes.txt"), "mine").unwrap();
    refused(&at("made"), "output-refused").complains("`carts/notes.txt`");
    fs::remove_file(at("made/carts/notes.txt")).unwrap();
    fs::remove_file(at("made/RENDERED.json")).unwrap();
    refused(&at("made"), "output-refused").complains("no `RENDERED.json`");

    fs::write(at("file"), "text").unwrap();
    refused(&at("file"), "is no folder");
    refused(&at("file/out"), "is no folder");
    assert_eq!(fs::read_to_string(at("file")).unwrap(), "text");
}

#[test]
fn nothing_is_written_through_a_symlink() {
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name);
    fs::create_dir_all(at("target/out")).unwrap();
    symlink(at("target/out"), at("direct")).unwrap();
    symlink(at("target"), at("parent")).unwrap();
    symlink(at("missing"), at("dangling")).unwrap();
    for path in ["direct", "direct/", "parent/out", "parent/new", "dangling", "dangling/out"] {
        refused(&at(path), "is a symlink");
    }
    assert_eq!(names(place.path()), ["dangling", "direct", "parent", "target"]);
    assert_eq!(names(&at("target/out")), [""; 0]);
}

#[test]
fn the_current_folder_is_not_replaced_under_its_user() {
    let place = tempfile::tempdir().unwrap();
    for path in [".", "../here"] {
        let here = place.path().join("here");
        fs::create_dir_all(&here).unwrap();
        let mut command = render("staging", Path::new(path));
        Run::of(command.current_dir(&here), b"").exits(2).complains("current folder");
    }
}

#[test]
fn a_failed_run_leaves_the_old_output() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    prod(&out, &[]).succeeds();
    let before = contents(&out);
    Run::of(&mut render("prod", &out), b"").exits(3).complains("missing-identity");
    assert_eq!(contents(&out), before);
    assert_eq!(names(place.path()), ["out"]);
    // Nor does one that fails make the folders above.
    Run::of(&mut render("prod", &place.path().join("new/out")), b"").exits(3);
    assert_eq!(names(place.path()), ["out"]);
}

#[test]
fn a_disk_that_is_full_leaves_the_old_output() {
    let repo = many(4, "1");
    repo.run(["render", "prod", "--out-dir", "out"]).succeeds();
    let before = contents(&repo.path("out"));
    let large = "x".repeat(5000);
    repo.write("apps/app-2/app.yaml", &format!("image: shop/app\nconfig: {{ A: {large} }}\n"));
    let limited = |setting: &str| {
        let mut command = Command::new("bash");
        let script = format!("{setting} ulimit -f 4; exec \"$0\" render prod --out-dir \"$1\"");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_sealwright")]);
        command.current_dir(repo.path(".")).stderr(Stdio::piped());
        command
    };
    // The limit as an error, which the program can tell.
    let failed = Run::of(limited("trap '' XFSZ;").arg("out"), b"").exits(3);
    failed.complains("error[output-failed]: `out` can't be written: file too large");
    assert_eq!(contents(&repo.path("out")), before);
    assert_eq!(siblings(&repo), 0);
    let failed = Run::of(limited("trap '' XFSZ;").arg("new/deep/out"), b"").exits(3);
    failed.complains("output-failed");
    assert!(!repo.path("new").exists());
    // The limit as the signal that it is by default.
    let killed = limited("").arg("out").output().unwrap();
    assert_eq!(killed.status.code(), None, "{killed:?}");
    assert_eq!(contents(&repo.path("out")), before);
    assert_eq!(siblings(&repo), 1);
    // The next run clears up.
    repo.run(["render", "prod", "--out-dir", "out"]).succeeds();
    assert_ne!(contents(&repo.path("out")), before);
    assert_eq!(siblings(&repo), 0);
}

#[test]
fn a_run_that_is_killed_leaves_the_old_output_or_the_new_one() {
    const APPS: usize = 40;
    let (old, new) = (many(APPS, "1"), many(APPS, "2"));
    let out = old.path("out");
    let [old_files, new_files] = [&old, &new].map(|repo| {
        repo.run(["render", "prod", "--out-dir", "out"]).succeeds();
        contents(&repo.path("out"))
    });
    assert_ne!(old_files, new_files);
    let mut seen = BTreeMap::from([("old", 0), ("new", 0), ("unfinished", 0)]);
    for round in 0..40 {
        let (repo, next) = if round % 2 == 0 { (&new, &new_files) } else { (&old, &old_files) };
        let before = contents(&out);
        let mut command = repo.command(["render", "prod", "--quiet", "--out-dir"]);
        let mut child = command.arg(&out).stderr(Stdio::null()).spawn().unwrap();
        // A point of the run told by what it has written so far, the last ones after the exchange.
        let folders = (round / 2) * APPS / 16;
        loop {
            let reached = progress(&old).is_some_and(|made| made >= folders);
            if reached || child.try_wait().unwrap().is_some() {
                break;
            }
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let after = contents(&out);
        assert!(after == before || after == *next, "round {round}: neither the old output nor the new one");
        *seen.get_mut(if after == before { "old" } else { "new" }).unwrap() += 1;
        *seen.get_mut("unfinished").unwrap() += siblings(&old);
        // What the kill left goes with the next run that ends.
        if round % 8 == 7 {
            old.run(["render", "prod", "--out-dir", "out"]).succeeds();
            assert_eq!(siblings(&old), 0);
            assert_eq!(contents(&out), old_files);
        }
    }
    assert!(seen.values().all(|count| *count > 0), "each end was reached: {seen:?}");
}

/// How many entries the folder has that a run is filling, if there is one.
fn progress(repo: &Repo) -> Option<usize> {
    let newest = fs::read_dir(repo.path(".")).ok()?.flatten().filter(|entry| is_sibling(&entry.file_name()));
    newest.filter_map(|entry| Some(fs::read_dir(entry.path()).ok()?.count())).max()
}

fn siblings(repo: &Repo) -> usize {
    fs::read_dir(repo.path("."))
        .unwrap()
        .filter(|entry| is_sibling(&entry.as_ref().unwrap().file_name()))
        .count()
}

fn is_sibling(name: &std::ffi::OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with(".out."))
}

/// A control repo of so many apps, none of which has a secret.
fn many(apps: usize, version: &str) -> Repo {
    let mut repo = Repo::new()
        .file("sealwright.yaml", "name: shop\nid: 7f3c9e1a52d0\n")
        .file("environments/prod/environment.yaml", "platform: kubernetes\nnamespace: shop\n");
    let mut versions = String::new();
    for app in 0..apps {
        versions.push_str(&format!("app-{app}: {version}\n"));
        repo = repo.file(
            &format!("apps/app-{app}/app.yaml"),
            "image: shop/app\nports: { http: 80 }\nconfig: { A: a }\n",
        );
    }
    repo.file("environments/prod/versions.yaml", &versions)
}

/// An empty git work tree.
fn tree() -> Repo {
    let tree = Repo::new();
    git(&tree.path("."), &["init", "--quiet"]);
    tree
}

fn git(folder: &Path, arguments: &[&str]) {
    Run::of(Command::new("git").current_dir(folder).args(arguments), b"").succeeds();
}

/// `render --out-dir` of Sock Shop, without an identity.
fn render(environment: &str, out: &Path) -> Command {
    let mut command = sealwright();
    command.args(["render", environment, "--repo"]).arg(fixture("sock-shop")).arg("--out-dir").arg(out);
    command
}

#[track_caller]
fn prod(out: &Path, arguments: &[&str]) -> Run {
    let mut command = render("prod", out);
    Run::of(command.arg("--identity").arg(fixture("demo-identity.txt")).args(arguments), b"")
}

#[track_caller]
fn refused(out: &Path, said: &str) -> Run {
    Run::of(&mut render("prod", out), b"").exits(2).complains(said)
}

#[track_caller]
fn piped(arguments: &[&str]) -> String {
    let mut command = sealwright();
    command.args(arguments).arg("--repo").arg(fixture("sock-shop"));
    if arguments[0] == "render" {
        command.arg("--identity").arg(fixture("demo-identity.txt"));
    }
    Run::of(&mut command, b"").succeeds().stdout
}

fn documents(text: &str) -> Vec<Value> {
    serde_yaml::Deserializer::from_str(text).map(|document| Value::deserialize(document).unwrap()).collect()
}

/// All files below a folder by their paths in it.
fn contents(folder: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for name in names(folder) {
        let path = folder.join(&name);
        if path.is_dir() {
            let below = contents(&path).into_iter();
            files.extend(below.map(|(file, text)| (format!("{name}/{file}"), text)));
        } else {
            files.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
    files
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// That our own reader reads what another one does.
#[track_caller]
fn same(node: &Node, value: &Value) {
    match (&node.kind, value) {
        (Kind::Map(map), Value::Mapping(entries)) => {
            assert_eq!(map.len(), entries.len());
            for (key, value) in entries {
                same(node.get(key.as_str().unwrap()).unwrap(), value);
            }
        }
        (Kind::List(items), Value::Sequence(values)) => {
            assert_eq!(items.len(), values.len());
            items.iter().zip(values).for_each(|(node, value)| same(node, value));
        }
        (Kind::Scalar(scalar), Value::String(text)) => assert_eq!(&*scalar.text, text),
        (Kind::Scalar(scalar), value) => {
            assert_eq!(serde_yaml::from_str::<Value>(&scalar.text).unwrap(), *value);
        }
        _ => panic!("{value:?} is read as {}", node.describe()),
    }
}
