//! A folder with planted secrets, and what must come out of it.

use std::fs;

use serde_json::Value;

use crate::bounded::{self, short};
use crate::support::{Repo, Run};

/// A repo that hides something.
pub struct Case {
    pub repo: Repo,
    /// Where something is to be found: `path:line`.
    expected: Vec<String>,
    /// What nothing may show.
    values: Vec<String>,
}

/// A file with its secrets between `⟦` and `⟧`, alone in a folder that is no control repo.
#[track_caller]
pub fn finds(path: &str, marked: &str) {
    Case::new().file(path, marked).check();
}

impl Case {
    /// An empty folder.
    pub fn new() -> Case {
        Case { repo: Repo::new(), expected: Vec::new(), values: Vec::new() }
    }

    /// A good control repo of one app.
    pub fn control_repo() -> Case {
        Case { repo: bounded::small(), ..Case::new() }
    }

    /// Adds a file whose secrets stand between `⟦` and `⟧`.
    pub fn file(mut self, path: &str, marked: &str) -> Case {
        let text = self.plant(path, marked);
        self.repo.write(path, &text);
        self
    }

    /// The same in other bytes.
    pub fn encoded(mut self, path: &str, marked: &str, encode: impl Fn(&str) -> Vec<u8>) -> Case {
        let text = self.plant(path, marked);
        fs::write(self.repo.path(path), encode(&text)).expect("a file can be written");
        self
    }

    /// Something else that nothing may show: what a value reads as.
    pub fn hides(mut self, value: &str) -> Case {
        self.values.push(value.to_owned());
        self
    }

    fn plant(&mut self, path: &str, marked: &str) -> String {
        let mut text = String::new();
        for (index, part) in marked.split('⟦').enumerate() {
            let Some((value, rest)) = part.split_once('⟧').filter(|_| index > 0) else {
                text += part;
                continue;
            };
            let breaks = |text: &str| text.matches('\n').count();
            self.expected.push(format!("{path}:{}", breaks(&text) + 1));
            self.values.extend(value.lines().map(|line| line.trim().to_owned()));
            text += value;
            text += rest;
        }
        text
    }

    /// `check .` finds exactly what is planted, in every format, and shows none of it.
    #[track_caller]
    pub fn check(&self) {
        let folder = if self.repo.path("sealwright.yaml").exists() { None } else { Some(".") };
        let code = i32::from(!self.expected.is_empty());
        let arguments =
            |format: &'static str| ["check"].into_iter().chain(folder).chain(["--message-format", format]);
        let bounded = bounded::run(&self.repo.path(""), ["check"].into_iter().chain(folder), "");
        self.is_right(&bounded, code);
        for format in ["json", "sarif", "github", "azure"] {
            let run = self.repo.run(arguments(format));
            self.is_right(&run, code);
            if format == "json" {
                let mut expected = self.expected.clone();
                expected.sort();
                assert_eq!(places(&run), expected, "{}", short(&run));
            }
        }
    }

    #[track_caller]
    fn is_right(&self, run: &Run, code: i32) {
        assert_eq!(run.code, code, "{}", short(run));
        self.is_quiet(run);
    }

    /// A run shows none of the values, and didn't fail by a bug.
    #[track_caller]
    pub fn is_quiet(&self, run: &Run) {
        assert!(run.code < 100 && !run.stderr.contains("a bug in sealwright"), "{}", short(run));
        for value in self.values.iter().filter(|value| value.len() > 3) {
            let shown = run.stdout.contains(value) || run.stderr.contains(value);
            assert!(!shown, "{value:?} is shown: {}", short(run));
        }
    }
}

/// Where the errors of a run with `--message-format json` stand, in order.
pub fn places(run: &Run) -> Vec<String> {
    let findings =
        run.stdout.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line is JSON"));
    let errors = findings.filter(|finding| finding["severity"] == "error");
    let mut places: Vec<String> = errors
        .map(|finding| match finding["spans"].get(0) {
            Some(at) => format!("{}:{}", at["file"].as_str().unwrap_or_default(), at["line"]),
            None => finding["code"].to_string(),
        })
        .collect();
    places.sort();
    places
}
