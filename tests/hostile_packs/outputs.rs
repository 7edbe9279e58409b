//! Files of an output are called as no other part of it is, and a pack is written to the repo alone.

use std::fs;
use std::os::unix::fs::symlink;

use crate::support::Repo;

fn pack(rows: &str) -> Repo {
    Repo::new()
        .file("sealwright.yaml", "name: shop\nid: \"0123456789ab\"\n")
        .file("environments/prod/environment.yaml", "platform: own\n")
        .file("environments/prod/versions.yaml", "web: \"1\"\n")
        .file("apps/web/app.yaml", "image: web\n")
        .file(
            "platforms/own/platform.yaml",
            &format!("documents:\n  - {{ template: unit.yaml, kind: unit, {rows} }}\n"),
        )
        .file("platforms/own/unit.yaml", "a: { text: b }\n")
}

#[test]
fn no_file_of_a_pack_is_what_an_output_says_of_itself() {
    for rows in [
        "file: rendered.json, gather: true",
        "file: RENDERED.json, gather: true",
        "file: rendered.json",
        "texts: _environment",
        "texts: _a/b",
        "texts: __",
        "file: .gitignore, gather: true",
        "file: a/b.yaml",
        "file: '..'",
    ] {
        let run = pack(rows).run(["check"]);
        match rows {
            "texts: __" => run.succeeds(),
            _ => run.exits(1),
        };
    }
}

#[test]
fn names_of_texts_stay_in_their_folder_and_apart() {
    let repo = pack("texts: _x");
    repo.write(
        "platforms/own/unit.yaml",
        "\"../../a\": { text: b }\n\".git\": { text: c }\nCON: { text: d }\n\"a/b\": { text: e }\n",
    );
    let out = tempfile::tempdir().expect("the system has a folder for temporary files");
    let target = out.path().join("out").display().to_string();
    repo.run(["render", "prod", "--out-dir", &target]).succeeds();
    let mut names: Vec<String> = fs::read_dir(out.path().join("out/_x"))
        .expect("it was made")
        .map(|entry| entry.expect("it can be read").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["CON", "_2e._2f.._2fa", "_2egit", "a_2fb"]);
    assert_eq!(fs::read_dir(out.path()).expect("it is there").count(), 1, "nothing beside the output");
    for two in ["A: { text: a }\na: { text: b }\n", "\"a/b\": { text: a }\na_2fb: { text: b }\n"] {
        repo.write("platforms/own/unit.yaml", two);
        repo.run(["render", "prod", "--out-dir", &target]).exits(2).complains("output-clash");
    }
    for mode in ["2048", "-1", "511.5", "\"0777\"", "4095"] {
        repo.write("platforms/own/unit.yaml", &format!("a: {{ text: b, mode: {mode} }}\n"));
        let run = repo.run(["render", "prod", "--out-dir", &target]);
        assert_ne!(run.code, 0, "{mode}");
    }
}

#[test]
fn eject_writes_through_no_link() {
    let outside = tempfile::tempdir().expect("the system has a folder for temporary files");
    for link in ["platforms", "platforms/ecs"] {
        let repo = Repo::new().file("sealwright.yaml", "name: shop\nid: \"0123456789ab\"\n");
        if link.contains('/') {
            fs::create_dir(repo.path("platforms")).expect("it can be made");
        }
        symlink(outside.path(), repo.path(link)).expect("a link can be made");
        let run = repo.run(["platform", "eject", "ecs"]);
        assert_ne!(run.code, 0, "{run}");
        assert_eq!(fs::read_dir(outside.path()).expect("it is there").count(), 0, "{link}");
    }
    let repo = Repo::new().file("sealwright.yaml", "name: shop\nid: \"0123456789ab\"\n");
    symlink(outside.path().join("none"), repo.path("platforms")).expect("a link can be made");
    assert_ne!(repo.run(["platform", "eject", "ecs"]).code, 0);
    assert!(!outside.path().join("none").exists());
}
