//! `sealwright platform list`, `show` and `eject`.

mod support;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use serde_json::{Value, json};

use sealwright::manifest::built_in;

use support::{Repo, root};

/// Over every built-in pack, and every environment of every fixture that is rendered with it.
#[test]
fn an_ejected_pack_renders_the_same_bytes() {
    let mut compared = Vec::new();
    for fixture in fixtures() {
        let repo = Repo::copy_of(&fixture);
        for platform in built_in::platforms() {
            let environments = environments(&repo, platform);
            // Some fixtures hold what a platform refuses.
            let preview = || -> Vec<(i32, String)> {
                let of = |environment: &String| repo.run(["preview", environment]);
                environments.iter().map(of).map(|run| (run.code, run.stdout)).collect()
            };
            let before = (preview(), findings(&repo));
            repo.run(["platform", "eject", platform]).succeeds();
            assert_eq!(row(&repo, platform)["pack"], "ejected", "{fixture}");
            assert_eq!((preview(), findings(&repo)), before, "{fixture} {platform}");
            compared.extend(
                environments
                    .iter()
                    .zip(&before.0)
                    .filter(|(_, (code, _))| *code == 0)
                    .map(|(environment, _)| format!("{platform} {fixture} {environment}")),
            );
        }
    }
    for platform in built_in::platforms() {
        assert!(
            compared.iter().any(|one| one.starts_with(&format!("{platform} "))),
            "{platform}: {compared:?}"
        );
    }
    for one in [
        "kubernetes native prod",
        "ecs retail-store fargate",
        "compose sock-shop compose",
        "ecs sock-shop ecs",
    ] {
        assert!(compared.iter().any(|known| known == one), "{one}: {compared:?}");
    }
}

/// An ejected pack is a file of the repo like any other once somebody has changed it, and has no secret in it.
#[test]
fn an_ejected_pack_that_was_edited_is_scanned_and_nothing_is_found_in_it() {
    let repo = Repo::copy_of("native");
    for platform in built_in::platforms() {
        repo.run(["platform", "eject", platform]).succeeds();
        let files = built_in::files(platform).expect("the pack is built in");
        for (name, text) in files {
            repo.write(&format!("platforms/{platform}/{name}"), &format!("{text}\n# mine\n"));
        }
    }
    repo.run(["check"]).succeeds().complains("nothing found");
    let typed = repo.read("platforms/kubernetes/typed-secret.yaml");
    let planted = typed.replace("password = secrets[typed.password]", "password = \"c4n4ry-9x\"");
    assert_ne!(planted, typed);
    repo.write("platforms/kubernetes/typed-secret.yaml", &planted);
    repo.run(["check"]).exits(1).prints("error[named-secret]").never_shows("c4n4ry-9x");
}

#[test]
fn eject_writes_the_files_of_the_pack_and_says_what_follows() {
    let repo = Repo::copy_of("sock-shop");
    repo.run(["platform", "eject", "kubernetes"])
        .succeeds()
        .complains("files to platforms/kubernetes: it wins over the built-in kubernetes pack")
        .complains("to go back, remove the folder");
    let files = built_in::files("kubernetes").expect("the pack is built in");
    for (name, text) in files {
        assert_eq!(repo.read(&format!("platforms/kubernetes/{name}")), *text);
        let mode = fs::metadata(repo.path(&format!("platforms/kubernetes/{name}"))).expect("it is there");
        assert_eq!(mode.permissions().mode() & 0o111, 0);
    }
    let count = fs::read_dir(repo.path("platforms/kubernetes")).expect("the folder is there").count();
    assert_eq!(count, files.len());
    // Nothing is left beside it.
    let names = fs::read_dir(repo.path("")).expect("the repo is there");
    let hidden =
        names.filter(|name| name.as_ref().is_ok_and(|e| e.file_name().to_string_lossy().starts_with('.')));
    assert_eq!(hidden.count(), 0);
}

#[test]
fn eject_never_writes_over_what_is_there() {
    let repo = Repo::copy_of("sock-shop").file("platforms/kubernetes/notes.md", "mine\n");
    repo.run(["platform", "eject", "kubernetes"]).exits(2).complains("`platforms/kubernetes` exists already");
    assert_eq!(fs::read_dir(repo.path("platforms/kubernetes")).expect("it is there").count(), 1);
    let outside = tempfile::tempdir().expect("the system has a folder for temporary files");
    fs::remove_dir_all(repo.path("platforms")).expect("a folder can be removed");
    symlink(outside.path(), repo.path("platforms")).expect("a link can be made");
    repo.run(["platform", "eject", "kubernetes"]).exits(3).complains("nothing is written through one");
    assert_eq!(fs::read_dir(outside.path()).expect("it is there").count(), 0);
    repo.run(["platform", "eject", "kubernets"]).exits(2).complains("did you mean `kubernetes`?");
    Repo::new().run(["platform", "eject", "kubernetes"]).exits(2).complains("error[no-control-repo]");
}

#[test]
fn show_says_how_an_ejected_pack_differs() {
    let repo = Repo::copy_of("sock-shop");
    repo.run(["platform", "show", "kubernetes"]).succeeds().prints("kubernetes: a built-in pack\n");
    repo.run(["platform", "eject", "kubernetes"]).succeeds();
    repo.run(["platform", "show", "kubernetes"])
        .succeeds()
        .prints("platforms/kubernetes of the repo, which wins over the built-in pack")
        .prints("its files are those of the built-in pack");
    let deployment = repo.read("platforms/kubernetes/deployment.yaml");
    repo.write("platforms/kubernetes/deployment.yaml", &deployment.replace("spec:", "spec: # mine"));
    let platform = repo.read("platforms/kubernetes/platform.yaml");
    repo.write(
        "platforms/kubernetes/platform.yaml",
        &platform
            .replace("  - template: ingress.yaml\n    when: workload.ingress\n", "  - template: more.yaml\n"),
    );
    repo.write("platforms/kubernetes/more.yaml", "kind: More\n");
    fs::remove_file(repo.path("platforms/kubernetes/ingress.yaml")).expect("a file can be removed");
    let shown = repo.run(["platform", "show", "kubernetes", "-o", "json"]).succeeds().stdout;
    let shown: Value = serde_json::from_str(&shown).expect("it is JSON");
    let differences = json!([
        "deployment.yaml differs",
        "more.yaml is new",
        "platform.yaml differs",
        "ingress.yaml is gone"
    ]);
    assert_eq!(shown["differences"], differences);
    repo.run(["platform", "show", "kubernetes"])
        .succeeds()
        .prints("deployment.yaml differs, more.yaml is new");
}

#[test]
fn list_says_whose_each_pack_is_and_who_uses_it() {
    let repo = Repo::copy_of("nomad");
    let nomad = json!({
        "platform": "nomad", "pack": "own", "makes": ["variables.json", "job.json"],
        "environments": ["prod", "staging"]
    });
    assert_eq!(row(&repo, "nomad"), nomad);
    let kubernetes = row(&repo, "kubernetes");
    assert_eq!((&kubernetes["pack"], &kubernetes["environments"]), (&json!("built-in"), &json!([])));
    assert!(kubernetes["makes"].as_array().is_some_and(|kinds| kinds.contains(&json!("Deployment"))));
    repo.run(["platform", "list"])
        .succeeds()
        .prints("PLATFORM")
        .prints("own       prod, staging  variables.json, job.json");
    repo.run(["platform", "list", "-o", "markdown"]).succeeds().prints("| PLATFORM | PACK |");
    // Outside of a repo there are the built-in ones.
    Repo::new().run(["platform", "list"]).succeeds().prints("kubernetes").never_shows("nomad");
    // A pack that is broken is said to be.
    repo.write("platforms/nomad/platform.yaml", "documents: []\n");
    repo.run(["platform", "list"]).exits(2).complains("--> platforms/nomad/platform.yaml:1:12");
}

#[test]
fn show_says_what_may_be_said_to_a_pack() {
    let repo = Repo::copy_of("nomad");
    repo.run(["platform", "show", "nomad"])
        .succeeds()
        .prints("nomad: a pack of the repo, platforms/nomad\nused by prod, staging\n")
        .prints("variables.yaml  variables.json  unit  delivered\n")
        .prints("Variable  Items.*")
        .prints("vault    fields: 1; without: \"\\")
        .prints("kind: stateful")
        .prints("datacenters  Where jobs may run, such as `[fra1, fra2]`")
        .prints("canaries");
    let shown = repo.run(["platform", "show", "nomad", "-o", "json"]).succeeds().stdout;
    let shown: Value = serde_json::from_str(&shown).expect("it is JSON");
    assert_eq!(shown["documents"][1]["schema"], "job.schema.json");
    assert_eq!(shown["sinks"], json!([{"kind": "Variable", "path": ["Items", "*"]}]));
    assert_eq!(shown["references"][0]["backend"], "vault");
    assert_eq!(shown["settings"][0]["name"], "datacenters");
    repo.run(["platform", "show", "nomad", "-o", "markdown"])
        .succeeds()
        .prints("## Sinks")
        .prints("| Variable |");
    repo.run(["platform", "show", "noma"]).exits(2).complains("did you mean `nomad`?");
    repo.run(["explain", "platforms.nomad.constraints.NAME.operator"])
        .succeeds()
        .prints("How it is compared");
    repo.run(["explain", "platforms.nomad.canarie"])
        .exits(2)
        .complains("did you mean `platforms.nomad.canaries`?");
    repo.run(["schema", "platform"]).succeeds().prints("sealwright:platform");
}

/// What a check says, without its places.
fn findings(repo: &Repo) -> (i32, Vec<String>) {
    let checked = repo.run(["check", "--message-format", "json"]);
    let objects = checked.stdout.lines().map(|line| serde_json::from_str(line).expect("a line is JSON"));
    let mut said: Vec<String> =
        objects.map(|object: Value| format!("{} {}", object["code"], object["message"])).collect();
    said.sort();
    (checked.code, said)
}

/// The control repos in `fixtures/`.
fn fixtures() -> Vec<String> {
    let entries = fs::read_dir(root().join("fixtures")).expect("the fixtures are there");
    let names = entries.map(|entry| entry.expect("an entry can be read").path());
    let mut names: Vec<String> = names
        .filter(|path| path.join("sealwright.yaml").exists())
        .map(|path| path.file_name().expect("it has a name").to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn row(repo: &Repo, platform: &str) -> Value {
    let list = repo.run(["platform", "list", "-o", "json"]).succeeds().stdout;
    let rows: Vec<Value> = serde_json::from_str(&list).expect("it is JSON");
    rows.into_iter().find(|row| row["platform"] == platform).expect("the platform is listed")
}

/// The environments of a platform that run something.
fn environments(repo: &Repo, platform: &str) -> Vec<String> {
    let list = repo.run(["list", "-o", "json"]).succeeds().stdout;
    let rows: Vec<Value> = serde_json::from_str(&list).expect("it is JSON");
    let of = rows.iter().filter(|row| row["platform"] == platform);
    let mut names: Vec<String> =
        of.filter_map(|row| row["environment"].as_str().map(str::to_owned)).collect();
    names.dedup();
    names
}
