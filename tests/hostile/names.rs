//! Names of files, folders, keys and units.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;

use crate::bounded::{refused, run, short, small};
use crate::support::Repo;

/// A repo with one more folder in `apps` or `environments`.
fn with_folder(parent: &str, name: &[u8]) -> Option<Repo> {
    let repo = small();
    let folder = repo.path(parent).join(OsStr::from_bytes(name));
    // Some file systems don't store some names.
    fs::create_dir(&folder).ok()?;
    fs::write(folder.join("app.yaml"), "image: x\n").ok()?;
    fs::write(folder.join("environment.yaml"), "platform: kubernetes\n").ok()?;
    Some(repo)
}

#[test]
fn odd_names_of_folders() {
    let long = "x".repeat(255);
    let names: [&str; 16] = [
        "..x",
        "...",
        "CON",
        "nul",
        "-rf",
        "A",
        "Web",
        "a b",
        "a\nb",
        "a\u{1b}[2Jb",
        "a\u{202e}b",
        "a\\b",
        "é",
        "a.",
        "{{ env.name }}",
        &long,
    ];
    for parent in ["apps", "environments"] {
        for name in names {
            let Some(repo) = with_folder(parent, name.as_bytes()) else { continue };
            let checked = run(&repo.path(""), ["check"], "");
            if name == "nul" {
                continue; // a DNS label; no file of it is read on a system where it is a device
            }
            assert_eq!(checked.code, 1, "{parent}/{name:?}: {}", short(&checked));
            assert!(checked.stdout.contains("error[bad-name]"), "{parent}/{name:?}: {}", short(&checked));
            assert!(!checked.stdout.contains(['\u{1b}', '\u{202e}']), "{}", short(&checked));
            assert!(!checked.stdout.contains("a\nb"), "{}", short(&checked));
        }
    }
}

#[test]
fn names_that_are_not_utf_8() {
    for parent in ["apps", "environments"] {
        let Some(repo) = with_folder(parent, b"caf\xe9") else { continue };
        refused(&repo, &["error[unreadable-file]", parent, "UTF-8"]);
    }
}

#[test]
fn folders_of_git_are_never_seen() {
    for name in [".git", ".GIT", "git~1"] {
        let repo = with_folder("apps", name.as_bytes()).expect("a usual name");
        assert_eq!(run(&repo.path(""), ["check"], "").code, 0, "{name}");
    }
}

#[test]
fn an_environment_called_app() {
    let repo = small().file("environments/app/environment.yaml", "platform: kubernetes\n");
    refused(&repo, &["error[bad-name]", "`app` can't name an environment"]);
}

#[test]
fn units_that_are_no_names() {
    let repo = small();
    for name in
        ["../web", "/etc/passwd", ".git", "web/../../x", "CON\\x", "a\u{1b}[2J", "\u{202e}", "..", "-x"]
    {
        let text = format!("{}: \"1\"\n", serde_json::Value::from(name));
        repo.write("environments/prod/versions.yaml", &text);
        let checked = refused(&repo, &["error[", "versions.yaml:1:1"]);
        assert!(!checked.stdout.contains(['\u{1b}', '\u{202e}']), "{}", short(&checked));
    }
    for version in
        ["../x", "1\n2", "{{ env.name }}", "-x", "@sha256:00", "1@sha256:zz", "\u{1b}[2J", "a b", "é"]
    {
        let text = format!("web: {}\n", serde_json::Value::from(version));
        repo.write("environments/prod/versions.yaml", &text);
        let checked = refused(&repo, &["error[", "versions.yaml:1:6"]);
        assert!(!checked.stdout.contains('\u{1b}'), "{}", short(&checked));
    }
}

#[test]
fn arguments_that_are_no_units() {
    let repo = small();
    let nested = "{a,".repeat(2_000);
    let long = "x".repeat(60_000);
    for unit in
        ["../x", "/", "prod/", "prod/web/x", "[", "{a,{b", "\u{1b}[2J", "", "prod\nweb", &nested, &long]
    {
        let shown = run(&repo.path(""), ["preview", unit], "");
        assert_eq!(shown.code, 2, "{unit:.20}: {}", short(&shown));
        assert!(!shown.stderr.contains('\u{1b}'), "{}", short(&shown));
    }
    let stars = format!("{}x", "*a".repeat(10_000));
    let sets = format!("{}x", "{a,b,c}".repeat(5_000));
    for pattern in [stars, sets, "[a-z]*?".repeat(5_000)] {
        let shown = run(&repo.path(""), ["preview", &pattern], "");
        assert_eq!(shown.code, 2, "{}", short(&shown));
    }
}

#[test]
fn control_and_bidi_characters_are_shown_escaped() {
    let hidden = ['\u{1b}', '\u{9b}', '\u{202e}', '\u{2066}', '\u{200f}', '\u{feff}'];
    for character in hidden {
        let key = serde_json::Value::from(format!("a{character}b"));
        let escape = format!("\\u{{{:x}}}", u32::from(character));
        let raw = format!("image: nginx\n\"a{character}b\": 1\n");
        for text in [format!("image: nginx\n{key}: 1\n"), raw] {
            let checked = refused(&small().file("apps/web/app.yaml", &text), &["error["]);
            assert!(!checked.stdout.contains(character), "{}", short(&checked));
            let said = checked.stdout.contains(&escape) || checked.stdout.contains("nul-byte");
            assert!(said || text.contains("\\u"), "{escape}: {}", short(&checked));
        }
        let json = run(
            small().file("apps/web/app.yaml", &format!("image: nginx\n{key}: 1\n")).path("").as_path(),
            ["check", "--message-format", "json"],
            "",
        );
        assert!(!json.stdout.contains(character), "{}", short(&json));
    }
}
