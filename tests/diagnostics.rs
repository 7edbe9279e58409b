//! What people read when something is wrong: a file of `fixtures/diagnostics/` for each case.
//!
//! A case has commands (`$ …`, in a small control repo that is the same for all), files that are added
//! or replaced (`-- PATH --`), and after `-- expected --` the output of the last command, its exit code
//! above. `UPDATE=1` in the environment writes the output into the case.

mod support;

use std::fs;
use std::path::PathBuf;

use support::{Repo, Run, fixture};

/// What a secret holds in all cases. No output has it.
const VALUE: &str = "hunter2-canary";
/// The line above the output.
const EXPECTED: &str = "-- expected --\n";

#[test]
fn every_case_reads_as_expected() {
    let mut failed = Vec::new();
    let mut seen = 0;
    for path in cases() {
        let case = fs::read_to_string(&path).expect("a case can be read");
        let (input, expected) = case.split_once(EXPECTED).unwrap_or((&case, ""));
        let actual = run(input);
        assert!(!actual.contains(VALUE) && !actual.contains("canary"), "{}: {actual}", path.display());
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, format!("{input}{EXPECTED}{actual}")).expect("a case can be written");
        } else if actual != expected {
            failed.push(format!("{}\n--- expected\n{expected}\n--- actual\n{actual}", path.display()));
        }
        seen += 1;
    }
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
    assert!(seen > 50, "only {seen} cases");
}

/// Every failure of every case is one JSON object a line that keeps to the schema, and says the same.
#[test]
fn every_case_keeps_to_the_schema_in_json() {
    let schema = serde_json::from_str(&Repo::new().run(["schema", "diagnostics"]).succeeds().stdout);
    let validator = jsonschema::draft202012::new(&schema.expect("the schema is JSON")).expect("it compiles");
    let mut fixes = 0;
    for path in cases() {
        let case = fs::read_to_string(&path).expect("a case can be read");
        let (input, expected) = case.split_once(EXPECTED).expect("a case has an output");
        let (repo, last) = prepare(input);
        let said = execute(&repo, &format!("{last} --message-format json"));
        let lines = format!("{}{}", said.stdout, said.stderr);
        let mut codes = 0;
        for line in lines.lines() {
            let object = serde_json::from_str(line).unwrap_or_else(|e| panic!("{line}: {e}"));
            let faults: Vec<String> = validator.iter_errors(&object).map(|e| e.to_string()).collect();
            assert!(faults.is_empty(), "{}: {line}: {faults:?}", path.display());
            let code = object["code"].as_str().expect("a code is text");
            let title = format!("{}[{code}]", object["severity"].as_str().expect("it has a severity"));
            assert!(expected.contains(&title), "{}: {title}", path.display());
            codes += 1;
            if let Some(fix) = object.get("fix") {
                apply(&repo, fix);
                fixes += 1;
            }
        }
        let titles =
            expected.lines().filter(|line| line.starts_with("error[") || line.starts_with("warning["));
        assert_eq!(codes, titles.count(), "{}", path.display());
    }
    assert!(fixes >= 5, "only {fixes} fixes");
}

#[test]
fn a_fix_puts_it_right() {
    for name in ["unknown-key", "undefined-variable", "unknown-app", "unknown-platform"] {
        let case = fs::read_to_string(fixture("diagnostics").join(format!("{name}.txt")));
        let case = case.expect("the case is there");
        let (repo, _) = prepare(case.split_once(EXPECTED).expect("a case has an output").0);
        let said = execute(&repo, "sealwright check --message-format json").exits(1);
        for line in said.stdout.lines() {
            let object: serde_json::Value = serde_json::from_str(line).expect("a line is JSON");
            apply(&repo, &object["fix"]);
        }
        execute(&repo, "sealwright check").succeeds();
    }
}

/// Does what a fix says.
#[track_caller]
fn apply(repo: &Repo, fix: &serde_json::Value) {
    let file = fix["file"].as_str().unwrap_or_else(|| panic!("no fix: {fix}"));
    let offset = |key: &str| usize::try_from(fix[key].as_u64().expect("an offset")).expect("a small offset");
    let mut text = repo.read(file);
    text.replace_range(
        offset("byte_start")..offset("byte_end"),
        fix["replacement"].as_str().expect("a replacement"),
    );
    repo.write(file, &text);
}

fn cases() -> Vec<PathBuf> {
    let entries = fs::read_dir(fixture("diagnostics")).expect("the cases are there");
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry can be read").path()).collect();
    cases.sort();
    cases
}

fn run(input: &str) -> String {
    let (repo, last) = prepare(input);
    let said = execute(&repo, &last);
    masked(&format!("exit code {}\n{}{}", said.code, said.stdout, said.stderr), &repo)
}

/// The repo of a case with all commands run but the last, which is returned.
fn prepare(input: &str) -> (Repo, String) {
    let mut repo = base();
    let (head, files) =
        input.split_once("-- ").map_or((input, String::new()), |(head, files)| (head, format!("-- {files}")));
    for part in files.split("\n-- ") {
        let Some((path, text)) = part.trim_start_matches("-- ").split_once(" --\n") else { continue };
        let text = text.replace("\\e", "\u{1b}").replace("\\rlo", "\u{202e}");
        repo = repo.file(path, &format!("{}\n", text.trim_end_matches('\n')));
    }
    let mut commands: Vec<&str> = head.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
    let last = commands.pop().expect("a case has a command");
    for command in commands {
        execute(&repo, command).succeeds();
    }
    (repo, last.to_string())
}

/// Runs a command; `sealwright secret set …` reads the value, `mv` and `rm` are those of a shell.
#[track_caller]
fn execute(repo: &Repo, command: &str) -> Run {
    let words: Vec<&str> = command.split_whitespace().map(|word| word.trim_matches('\'')).collect();
    match words.as_slice() {
        ["sealwright", arguments @ ..] => {
            let input = if arguments.starts_with(&["secret", "set"]) { VALUE } else { "" };
            let mut command = repo.command(arguments);
            command.env("HOME", "/nobody");
            Run::of(&mut command, input.as_bytes())
        }
        ["mv", from, to] => {
            repo.write(to, &repo.read(from));
            fs::remove_file(repo.path(from)).expect("a file can be removed");
            done()
        }
        ["rm", path] => {
            fs::remove_file(repo.path(path)).expect("a file can be removed");
            done()
        }
        _ => panic!("unknown command {command:?}"),
    }
}

fn done() -> Run {
    Run { code: 0, stdout: String::new(), stderr: String::new() }
}

/// The output without what differs from run to run: the folder, and what is random in a ciphertext.
fn masked(text: &str, repo: &Repo) -> String {
    let text = text.replace(&repo.path("").display().to_string(), "REPO/");
    let folder = repo.path("").display().to_string();
    let text = text.replace(folder.trim_end_matches('/'), "REPO");
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("ENC[AGE,") {
        let base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
        out.push_str(before);
        out.push_str("ENC[AGE,");
        // A long line is cut in the middle.
        rest = after.trim_start_matches(base64).trim_start_matches('…').trim_start_matches(base64);
        out.push('~');
    }
    out + rest
}

/// A control repo in which all is well.
fn base() -> Repo {
    Repo::new()
        .file(
            "sealwright.yaml",
            "name: shop\nid: 5d0b7e92c41f\nrecipients:\n  prod: [age1e9tll4gshd4nmqe0htfa9zv63jt9wfg80gut02dez4mk20gp3pssxm2zrm]\n",
        )
        .file(
            "environments/prod/environment.yaml",
            "platform: kubernetes\nnamespace: shop\nvars: { db_host: db }\ndelivery: { inline: [web/API_KEY] }\n",
        )
        .file("environments/prod/versions.yaml", "web: 1.4.2\n")
        .file("environments/staging/environment.yaml", "platform: kubernetes\nvars: { db_host: db }\n")
        .file("environments/staging/versions.yaml", "")
        .file("apps/web/app.yaml", "image: shop/web\nports: { http: 8080 }\nconfig: { LOG_LEVEL: info }\n")
}
