//! `check --staged` with one changed app, beside `git status` in the same run: the work grows with the change, not
//! with the repo. To reach: at most three times `git status` with 1,000 apps in three environments.

mod support;

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use support::{control_repo, git, git_command, median, name, time, write};

/// How often each is run, in turns.
const ROUNDS: usize = 15;
/// What may at most be between them for the largest repo.
const AT_MOST: f64 = 3.0;

fn main() -> ExitCode {
    println!("{:>5}  {:>11}  {:>14}  {:>6}", "apps", "git status", "check --staged", "ratio");
    let mut last = 0.0;
    for apps in [10, 100, 1000] {
        let folder = tempfile::tempdir().expect("the system has a folder for temporary files");
        let root = folder.path();
        control_repo(root, apps);
        git(root, &["init", "--quiet"]);
        git(root, &["add", "--all"]);
        git(root, &["commit", "--quiet", "--message", "all"]);
        let app = format!("apps/{}/app.yaml", name(apps / 2));
        let text = std::fs::read_to_string(root.join(&app)).expect("the app was written");
        write(root, &app, &text.replace("cpu: 100m", "cpu: 200m"));
        git(root, &["add", "--all"]);
        let (status, check) = measure(root);
        last = check.as_secs_f64() / status.as_secs_f64();
        let ms = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1e3);
        println!("{apps:>5}  {:>11}  {:>14}  {last:>6.2}", ms(status), ms(check));
    }
    if last > AT_MOST {
        println!("more than {AT_MOST} times");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// The middle times of both.
fn measure(root: &Path) -> (Duration, Duration) {
    let check = || {
        let mut check = Command::new(env!("CARGO_BIN_EXE_sealwright"));
        check.current_dir(root).args(["check", "--staged"]);
        check
    };
    let status = || git_command(root, &["status", "--porcelain"]);
    // The first ones fill the caches.
    time(status());
    time(check());
    let (statuses, checks) = (0..ROUNDS).map(|_| (time(status()), time(check()))).unzip();
    (median(statuses), median(checks))
}
