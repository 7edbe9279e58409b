//! Runs of the binary under bounds of time and memory.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Repo, Run, root, sealwright};

/// After how many seconds a run is stopped. What must hold of a release build is [`SECONDS`]; a debug build
/// on a busy machine takes many times as long.
const STOPPED_AFTER: u32 = if cfg!(debug_assertions) { 60 } else { 20 };
/// How many seconds a run of a release build may take: `cargo test --release --test hostile`.
const SECONDS: f64 = 2.0;
/// How many MiB of memory a run may take.
const MIB: u64 = 256;
/// How many bytes a run may say. A hostile repo doesn't flood a log either.
const SAID: usize = 512 << 10;

/// Runs the binary in `folder` and holds it to the bounds: no panic, no signal, not too long, not too large.
#[track_caller]
pub fn run<A: AsRef<OsStr>>(folder: &Path, args: impl IntoIterator<Item = A>, input: &str) -> Run {
    let args: Vec<_> = args.into_iter().map(|arg| arg.as_ref().to_owned()).collect();
    let report = tempfile::NamedTempFile::new().expect("the system has a folder for temporary files");
    let plain = sealwright();
    let mut command = Command::new("python3");
    command.env_clear().current_dir(folder);
    command.envs(plain.get_envs().filter_map(|(key, value)| Some((key, value?))));
    command.arg(root().join("tests/hostile/measure.py")).arg(report.path());
    command.arg(STOPPED_AFTER.to_string()).arg(binary()).args(&args);
    let run = Run::of(&mut command, input.as_bytes());

    let line = fs::read_to_string(report.path()).expect("the report was written");
    let words: Vec<&str> = line.split_whitespace().collect();
    let [seconds, kib, stopped] = words.as_slice() else { panic!("no report: {line:?}\n{run}") };
    let (seconds, mib) = (seconds.parse::<f64>().unwrap(), kib.parse::<u64>().unwrap() / 1024);
    println!("{seconds:6.2} s {mib:4} MiB  {args:?}");
    assert_eq!(*stopped, "0", "{args:?} ran for more than {STOPPED_AFTER} s");
    assert!(run.code < 100, "a panic or a signal: {}", short(&run));
    assert!(!run.stderr.contains("a bug in sealwright"), "{}", short(&run));
    assert!(mib <= MIB, "{mib} MiB");
    assert!(cfg!(debug_assertions) || seconds <= SECONDS, "{seconds} s");
    // What is for machines, and lists, grow with the repo.
    let is_for_people =
        args.first().is_some_and(|arg| arg == "check") && args.iter().all(|arg| arg != "json");
    let said = run.stdout.len().max(run.stderr.len());
    assert!(!is_for_people || said <= SAID, "{said} bytes are said: {}", short(&run));
    run
}

/// `check` refuses the repo and says `said`, usually `error[code]` and the place; `preview` keeps to the
/// bounds too.
#[track_caller]
pub fn refused(repo: &Repo, said: &[&str]) -> Run {
    let folder = repo.path("");
    let checked = run(&folder, ["check"], "");
    assert_eq!(checked.code, 1, "exit code\n{}", short(&checked));
    for said in said {
        assert!(checked.stdout.contains(said), "`check` doesn't say {said:?}\n{}", short(&checked));
    }
    run(&folder, ["preview", "prod"], "").exits_quietly(2);
    checked
}

/// The same with `list` and with diagnostics for machines.
#[track_caller]
pub fn refused_in_every_form(repo: &Repo, said: &[&str]) {
    refused(repo, said);
    run(&repo.path(""), ["check", "--message-format", "json"], "").exits_quietly(1);
    run(&repo.path(""), ["list"], "");
    run(&repo.path(""), ["render", "prod"], "").exits_quietly(2);
}

/// What a huge output doesn't drown.
pub trait Quietly {
    /// It ended with `code`.
    fn exits_quietly(self, code: i32) -> Self;
}

impl Quietly for Run {
    #[track_caller]
    fn exits_quietly(self, code: i32) -> Run {
        assert_eq!(self.code, code, "exit code\n{}", short(&self));
        self
    }
}

/// The beginning of what a run said.
pub fn short(run: &Run) -> String {
    let cut = |text: &str| text.chars().take(3_000).collect::<String>();
    format!("code {}\n--- stdout\n{}\n--- stderr\n{}", run.code, cut(&run.stdout), cut(&run.stderr))
}

/// A good control repo: one app in `prod`. A case changes what it is about.
pub fn small() -> Repo {
    Repo::new()
        .file("sealwright.yaml", "name: small\nid: 0a1b2c3d\n")
        .file("environments/prod/environment.yaml", "platform: kubernetes\nnamespace: small\n")
        .file("environments/prod/versions.yaml", "web: \"1\"\n")
        .file("apps/web/app.yaml", "image: nginx\n")
}

/// The binary under test, or another build of it.
fn binary() -> PathBuf {
    std::env::var_os("SEALWRIGHT_UNDER_TEST")
        .map_or_else(|| env!("CARGO_BIN_EXE_sealwright").into(), PathBuf::from)
}
