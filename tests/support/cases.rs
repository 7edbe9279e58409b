//! Cases in which rules of a platform find something: files of a folder of `fixtures/`. Behind `# expected` in
//! each stands what is found, one line a finding, its help behind it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use sealwright::manifest::draft::Document;
use sealwright::manifest::validate::finding::Finding;
use sealwright::manifest::validate::place::unplaced;
use sealwright::source::diagnostic::Severity;

use super::fixture;

/// The line above what is found.
const EXPECTED: &str = "# expected\n";

/// The cases of a folder, each with its text.
pub struct Cases(Vec<(PathBuf, String)>);

impl Cases {
    pub fn of(folder: &str) -> Cases {
        let entries = fs::read_dir(fixture(folder)).expect("the cases are there");
        let mut paths: Vec<PathBuf> =
            entries.map(|entry| entry.expect("an entry can be read").path()).collect();
        paths.sort();
        assert!(paths.len() > 8, "only {} cases", paths.len());
        let read = |path: PathBuf| {
            let text = fs::read_to_string(&path).expect("a case can be read");
            (path, text)
        };
        Cases(paths.into_iter().map(read).collect())
    }

    /// Holds what is found against what is expected. `UPDATE=1` in the environment writes that into the case.
    pub fn are_as_expected(&self, findings: impl Fn(&str) -> Vec<String>) {
        let mut failed = Vec::new();
        for (path, case) in &self.0 {
            let (input, expected) = case.split_once(EXPECTED).unwrap_or((case, ""));
            let actual: String = findings(input).iter().map(|line| format!("# {line}\n")).collect();
            if std::env::var_os("UPDATE").is_some() {
                fs::write(path, format!("{input}{EXPECTED}{actual}")).expect("a case can be written");
            } else if actual != expected {
                failed.push(format!("{}\n--- expected\n{expected}\n--- actual\n{actual}", path.display()));
            }
        }
        assert!(failed.is_empty(), "{}", failed.join("\n\n"));
    }

    /// Holds that no finding has any of the words.
    pub fn never_say(&self, words: &[&str], findings: impl Fn(&str) -> Vec<String>) {
        for (path, line) in self.lines(findings) {
            assert!(words.iter().all(|words| !line.contains(words)), "{}: {line}", path.display());
        }
    }

    /// Holds that the codes of all findings are these, which are sorted.
    pub fn show_codes(&self, all: &[&str], findings: impl Fn(&str) -> Vec<String>) {
        let code =
            |(_, line): (&Path, String)| line.split(['[', ']']).nth(1).expect("a line has a code").to_owned();
        let codes: BTreeSet<String> = self.lines(findings).map(code).collect();
        assert_eq!(codes.iter().map(String::as_str).collect::<Vec<_>>(), all);
    }

    fn lines(&self, findings: impl Fn(&str) -> Vec<String>) -> impl Iterator<Item = (&Path, String)> {
        self.0
            .iter()
            .flat_map(move |(path, case)| findings(case).into_iter().map(move |line| (path.as_path(), line)))
    }
}

/// What is said of findings, one line each.
pub fn said(documents: &[&Document], findings: &[Finding]) -> Vec<String> {
    let line = |finding| {
        let said = unplaced(documents, finding);
        let severity = if said.severity == Severity::Error { "error" } else { "warning" };
        let help: String = said.help.iter().map(|help| format!(" ({help})")).collect();
        format!("{severity}[{}]: {}{help}", said.code, said.message)
    };
    findings.iter().map(line).collect()
}
