//! An `exceptions.yaml` that wants to let everything through.

use crate::bounded::{run, short};
use crate::case::Case;

const SECRET: &str = "password: ⟦hunter2-Qx81⟧\n";

fn entry(rule: &str, file: &str, value: &str, expires: &str) -> String {
    format!(
        "- rule: {rule}\n  file: \"{file}\"\n  path: /password\n  value: {value}\n  reason: r\n  owner: o\n  expires: {expires}\n"
    )
}

/// The secret is found, whatever else is said, and the exceptions are complained about.
#[track_caller]
fn excepts_nothing(exceptions: &str) {
    let case = Case::new().file("a.yaml", SECRET);
    case.repo.write("exceptions.yaml", exceptions);
    for format in ["human", "json"] {
        let run = run(&case.repo.path(""), ["check", ".", "--message-format", format], "");
        assert_eq!(run.code, 1, "{}", short(&run));
        assert!(run.stdout.contains("named-secret"), "{}", short(&run));
        assert!(run.stdout.contains("exceptions.yaml"), "{}", short(&run));
        case.is_quiet(&run);
    }
}

#[test]
fn wildcards() {
    for file in ["*", "**", "**/*.yaml", "a.*", "", ".", "./a.yaml", "/a.yaml", "b/../a.yaml"] {
        excepts_nothing(&entry("named-secret", file, "0000000000000000", "2999-01-01"));
    }
    excepts_nothing(&entry("\"*\"", "a.yaml", "0000000000000000", "2999-01-01"));
}

#[test]
fn values_that_fit_everything() {
    for value in ["\"*\"", "\"\"", "[]", "\"................\"", "e3b0c44298fc1c14"] {
        excepts_nothing(&entry("named-secret", "a.yaml", value, "2999-01-01"));
    }
}

#[test]
fn days_that_never_come() {
    for day in ["never", "9999-99-99", "2999-02-30", "99999-01-01", "\"\"", "2020-01-01"] {
        excepts_nothing(&entry("named-secret", "a.yaml", "0000000000000000", day));
    }
}

#[test]
fn rules_of_tomorrow_and_of_nobody() {
    for rule in ["rule-of-tomorrow", "plaintext", "all", "\"named-secret \"", "NAMED-SECRET"] {
        excepts_nothing(&entry(rule, "a.yaml", "0000000000000000", "2999-01-01"));
    }
    excepts_nothing("- all: true\n");
    excepts_nothing("disabled: [named-secret]\n");
    excepts_nothing("- &a { rule: named-secret }\n- <<: *a\n");
}

#[test]
fn a_file_that_is_no_list() {
    for text in ["[", "\0\0\0\0", "a: b: c\n", "- - - -\n", "!!python/object:os.system ls\n"] {
        excepts_nothing(text);
    }
}

#[test]
fn many_and_equal_entries() {
    let one = entry("named-secret", "a.yaml", "0000000000000000", "2999-01-01");
    excepts_nothing(&one.repeat(2));
    let case = Case::new().file("a.yaml", SECRET);
    let many: String = (0..20_000)
        .map(|n| entry("named-secret", &format!("f{n}"), "0000000000000000", "2999-01-01"))
        .collect();
    case.repo.write("exceptions.yaml", &many);
    let run = run(&case.repo.path(""), ["check", ".", "--message-format", "json"], "");
    assert_eq!(run.code, 1, "{}", short(&run));
    assert!(run.stdout.contains("named-secret"), "{}", short(&run));
}

#[test]
fn exceptions_that_are_not_a_file_of_the_repo() {
    let case = Case::new().file("a.yaml", SECRET);
    let other =
        Case::new().file("x.yaml", &entry("named-secret", "a.yaml", "0000000000000000", "2999-01-01"));
    std::os::unix::fs::symlink(other.repo.path("x.yaml"), case.repo.path("exceptions.yaml")).unwrap();
    let run = run(&case.repo.path(""), ["check", "."], "");
    assert_eq!(run.code, 1, "{}", short(&run));
    assert!(run.stdout.contains("named-secret"), "{}", short(&run));
    case.is_quiet(&run);
}
