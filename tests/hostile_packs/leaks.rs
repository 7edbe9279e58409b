//! No piece of a value stands outside of the files made for it, whatever is run and however it fails.

use std::fs;

use crate::cases::{CASES, Out, demo, is_sink, resealed};
use crate::support::{Canaries, Repo, Run};

/// Values that no template, shell, YAML reader or Compose may read as more than text.
const VALUES: [&str; 3] = [
    "hV7#pX\"q$HOME:2m&Z'4 k\u{c4}9\n<tR${w8}zQ$$vLm6",
    "Wq3{{7*7}}yT8|---\nkind: Pod:rB5%2FnE1\\uK0`id`",
    "s9Gd!eN4@jR7#cV2^bX8*zP5~fL1+hM6=tK3",
];
const FORMS: [&str; 5] = ["human", "json", "sarif", "github", "azure"];

fn canaries() -> Canaries {
    Canaries::new(VALUES)
}

#[track_caller]
fn is_silent(canaries: &Canaries, what: &str, run: &Run) {
    canaries.assert_absent(&format!("standard output of {what}"), run.stdout.as_bytes());
    canaries.assert_absent(&format!("standard error of {what}"), run.stderr.as_bytes());
}

#[test]
fn a_value_stands_in_the_files_made_for_it_alone() {
    let canaries = canaries();
    for (name, environment) in CASES {
        let repo = resealed(name, &VALUES.map(str::as_bytes));
        let out = Out::new();
        // Twice: over nothing, and over an earlier output whose rights were widened.
        for _ in 0..2 {
            let run = out.render(&repo, environment, &demo(), "human").succeeds();
            is_silent(&canaries, &format!("render of {name}"), &run);
            let mut found = 0;
            for (file, text) in out.files() {
                match is_sink(&file) {
                    true => found += canaries.leaks(&text).len(),
                    false => canaries.assert_absent(&format!("{file} of {name}"), &text),
                }
            }
            assert!(found > 0, "{name} has values in its sinks");
            assert!(out.files().iter().any(|(file, _)| file == "RENDERED.json"));
            out.is_private();
            let wide = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            fs::set_permissions(out.path(), wide).expect("it is ours");
        }
        // As a stream each file has its name before it.
        let mut command = repo.command(["render", environment, "--identity"]);
        let stream = Run::of(command.arg(demo()), b"").succeeds();
        canaries.assert_absent(&format!("the stream of {name}"), outside(&stream.stdout).as_bytes());
    }
}

/// A stream without the documents that are made for values.
fn outside(stream: &str) -> String {
    let mut kept = String::new();
    for document in stream.split("\n---\n") {
        // The name of a document stands before its `---`.
        let is_made_for_it =
            document.contains("\nkind: Secret\n") || document.starts_with("apiVersion: v1\nkind: Secret");
        if !is_made_for_it {
            kept.push_str(document);
        }
        kept.push_str("\n---\n");
    }
    let mut is_named = false;
    kept.lines()
        .filter(|line| {
            if let Some(name) = line.strip_prefix("# ") {
                is_named = is_sink(name) || name == "_secrets/";
            }
            !is_named
        })
        .fold(String::new(), |all, line| all + line + "\n")
}

#[test]
fn what_needs_no_identity_shows_nothing() {
    let canaries = canaries();
    for (name, environment) in CASES {
        let repo = resealed(name, &VALUES.map(str::as_bytes));
        for (nth, form) in FORMS.into_iter().enumerate() {
            for arguments in [
                &["check"][..],
                &["preview", environment],
                &["preview", environment, "-o", "json"],
                &["list"],
                &["secret", "list"],
                &["secret", "list", "-o", "json"],
                &["render", environment],
            ] {
                // Data is the same in every form of diagnostics.
                if nth > 1 && !matches!(arguments[0], "check" | "render") {
                    continue;
                }
                let run = repo.run([arguments, &["--message-format", form]].concat());
                is_silent(&canaries, &format!("{arguments:?} of {name}"), &run);
                assert_eq!(run.code, if arguments[0] == "render" { 3 } else { 0 }, "{arguments:?}\n{run}");
            }
        }
    }
}

#[test]
fn runs_that_fail_show_nothing_and_keep_the_old_output() {
    let canaries = canaries();
    for (name, environment) in CASES {
        let repo = resealed(name, &VALUES.map(str::as_bytes));
        let out = Out::new();
        out.render(&repo, environment, &demo(), "human").succeeds();
        let before = out.files();
        let keys = tempfile::tempdir().expect("the system has a folder for temporary files");
        let other = keys.path().join("other.txt");
        repo.run(["secret", "keygen", &other.display().to_string()]).succeeds();
        for form in FORMS {
            let run = out.render(&repo, environment, &other, form).exits(3);
            is_silent(&canaries, &format!("another identity of {name}"), &run);
        }
        // A value that no sink of text carries.
        for bytes in [b"\xff\xfe".as_slice(), b"\0", b"\xc3"] {
            let broken = [bytes, VALUES[2].as_bytes()].concat();
            let repo = resealed(name, &[&broken]);
            for form in ["human", "sarif"] {
                let fresh = Out::new();
                let run = fresh.render(&repo, environment, &demo(), form);
                is_silent(&canaries, &format!("bytes in {name}"), &run);
                assert!(matches!(run.code, 0 | 3), "{run}");
                if run.code == 0 {
                    for (file, text) in fresh.files().iter().filter(|(file, _)| !is_sink(file)) {
                        canaries.assert_absent(file, text);
                    }
                } else {
                    assert!(!fresh.path().exists(), "a failed run writes nothing");
                }
            }
        }
        assert_eq!(out.files(), before, "{name}: the old output is as it was");
        out.is_private();
    }
}

#[test]
fn a_value_of_nearly_a_mebibyte_is_carried_or_refused() {
    let large = VALUES[2].repeat((1 << 20) / VALUES[2].len());
    let canaries = canaries();
    for (name, environment) in CASES {
        let repo = resealed(name, &[large.as_bytes()]);
        let out = Out::new();
        let run = out.render(&repo, environment, &demo(), "json");
        is_silent(&canaries, &format!("a large value in {name}"), &run);
        assert!(matches!(run.code, 0 | 2 | 3), "{}", run.code);
        if run.code == 0 {
            for (file, text) in out.files().iter().filter(|(file, _)| !is_sink(file)) {
                canaries.assert_absent(file, text);
            }
        }
    }
}

/// A document of the repo, a label, a command and a key hold no value, on no platform.
#[test]
fn no_own_template_takes_a_value_out_of_its_sink() {
    for (name, environment, file, template) in [
        ("compose", "prod", "compose", "services: { web: { command: [\"{{ secrets.KEY }}\"] } }\n"),
        ("compose", "prod", "compose", "services: { web: { labels: { a: \"{{ secrets.KEY }}\" } } }\n"),
        ("compose", "prod", "compose", "services: { web: { environment: { A: \"{{ secrets.KEY }}\" } } }\n"),
        ("compose", "prod", "compose", "services: { \"{{ secrets.KEY }}\": { image: a } }\n"),
        (
            "compose",
            "prod",
            "compose.secrets",
            "services: { web: { labels: { a: \"{{ secrets.KEY }}\" } } }\n",
        ),
        (
            "ecs",
            "prod",
            "task-definition",
            "containerDefinitions: [{ name: web, environment: [{ name: A, value: \"{{ secrets.TOKEN }}\" }] }]\n",
        ),
        ("ecs", "prod", "secrets", "- { Name: \"{{ secrets.TOKEN }}\", Value: x }\n"),
        ("ecs", "prod", "secrets", "- { Name: /a, Value: x, Description: \"{{ secrets.TOKEN }}\" }\n"),
    ] {
        let repo = Repo::copy_of(name);
        repo.write(&format!("apps/web/manifests/{name}/{file}.yaml"), template);
        for arguments in [&["check"][..], &["preview", environment]] {
            let run = repo.run(arguments);
            assert!(matches!(run.code, 1 | 2), "{template}\n{run}");
        }
    }
}
