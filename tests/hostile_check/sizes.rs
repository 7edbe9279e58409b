//! Repos that are large in one direction.

use std::fs;

use crate::bounded::{run, short};
use crate::case::{Case, finds, places};
use crate::support::Run;

const SECRET: &str = "password: ⟦hunter2-Qx81⟧\n";

#[track_caller]
fn finds_one(case: &Case) -> Run {
    let run = run(&case.repo.path(""), ["check", ".", "--message-format", "json"], "");
    assert_eq!(run.code, 1, "{}", short(&run));
    case.is_quiet(&run);
    assert_eq!(places(&run).len(), 1, "{}", short(&run));
    run
}

#[test]
fn many_files() {
    let case = Case::new().file("z/z.yaml", SECRET);
    for folder in 0..100 {
        fs::create_dir(case.repo.path(&format!("d{folder}"))).unwrap();
        for file in 0..300 {
            fs::write(case.repo.path(&format!("d{folder}/f{file}.yaml")), "a: 1\n").unwrap();
        }
    }
    finds_one(&case);
}

#[test]
fn one_line_of_many_megabytes() {
    let filler = "a1B/".repeat(2 << 20);
    finds_one(&Case::new().file("a.yaml", &format!("x: {filler}\n{SECRET}")));
    let filler = "x y ".repeat(2 << 20);
    finds_one(
        &Case::new().file("a.json", &format!("{{\"x\": \"{filler}\", \"password\": \"⟦hunter2-Qx81⟧\"}}\n")),
    );
}

#[test]
fn a_file_above_the_limit_is_named() {
    let case = Case::new();
    fs::write(case.repo.path("a.yaml"), "x".repeat(11 << 20)).unwrap();
    let run = run(&case.repo.path(""), ["check", "."], "");
    assert!(run.stdout.contains("`a.yaml` isn't searched"), "{}", short(&run));
}

#[test]
fn a_million_keys() {
    let keys: String = (0..1_000_000).map(|n| format!("{n}: 1\n")).collect();
    finds_one(&Case::new().file("a.yaml", &format!("{keys}{SECRET}")));
}

#[test]
fn deep_nesting() {
    for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", "")] {
        let text = format!("{SECRET}x: {}1{}\n", open.repeat(100_000), close.repeat(100_000));
        finds_one(&Case::new().file("a.yaml", &text));
    }
    finds_one(
        &Case::new()
            .file("a.json", &format!("{{\"password\": \"⟦hunter2-Qx81⟧\",\n\"x\": {}", "[".repeat(100_000))),
    );
}

#[test]
fn a_bomb_of_aliases() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let inner = vec![format!("*a{}", level - 1); 9].join(", ");
        text += &format!("a{level}: &a{level} [{inner}]\n");
    }
    finds_one(&Case::new().file("a.yaml", &format!("{text}{SECRET}")));
}

#[test]
fn what_makes_a_pattern_go_back() {
    for piece in [
        "a=",
        "${",
        "eyJ",
        "://a:",
        "password=\"",
        "\\u0070",
        "ghp_a",
        "{{ \"",
        "-----BEGIN ",
        "kind: Secret\n",
        "name: DB_PASSWORD\n",
        "&a: *a\n",
        "Ag",
        "ENC[",
        "!!x ",
    ] {
        let text = piece.repeat((1 << 20) / piece.len());
        for path in ["a.yaml", "a.env", "a.js"] {
            let case = Case::new();
            case.repo.write(path, &text);
            let run = run(&case.repo.path(""), ["check", ".", "--message-format", "azure"], "");
            assert!(run.code <= 1, "{piece} {path}: {}", short(&run));
        }
    }
}

#[test]
fn ten_thousand_findings() {
    let case = Case::new();
    let lines: String = (0..20_000).map(|n| format!("K{n}_PASSWORD: hunter2-{n}\n")).collect();
    case.repo.write("a.yaml", &lines);
    for format in ["sarif", "github", "json"] {
        let run = case.repo.run(["check", ".", "--message-format", format]);
        assert_eq!(run.code, 1, "{}", short(&run));
        assert!(!run.stdout.contains("hunter2-"), "{}", short(&run));
    }
}

#[test]
fn archives_are_not_opened() {
    // A zip file of a text, stored: no text itself.
    let mut bytes = b"PK\x03\x04\x14\0\0\0\0\0".to_vec();
    bytes.extend([0; 20_000]);
    let case = Case::new();
    fs::write(case.repo.path("a.zip"), bytes).unwrap();
    case.check();
}

#[test]
fn long_paths() {
    let long = vec!["d".repeat(200); 15].join("/");
    finds(&format!("{long}/a.yaml"), SECRET);
}
