use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

use super::{Run, root};

/// Runs a script of `tests/` with the tools, `input` as its standard input.
#[track_caller]
pub fn python(script: &str, args: &[&str], input: &str) -> Run {
    let mut command = Command::new(python_tools());
    command
        .arg(root().join("tests").join(script))
        .args(args)
        .env("PYTHONUTF8", "1")
        .env("PYTHONDONTWRITEBYTECODE", "1");
    Run::of(&mut command, input.as_bytes())
}

/// The interpreter of a virtual environment that holds what `tests/tools/requirements.txt` pins.
///
/// It is made once for each state of that file, beneath `target/`. Tests in other threads and processes
/// wait meanwhile; it is made aside and renamed, so that one that was killed leaves nothing half-made.
pub fn python_tools() -> PathBuf {
    let requirements = root().join("tests/tools/requirements.txt");
    let pinned = fs::read(&requirements).expect("the requirements stand beside the tests");
    let hash: String = Sha256::digest(&pinned).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it lies in the target folder");
    let tools = target.join(format!("tools-{hash}"));

    let lock = File::create(target.join("tools.lock")).expect("the target folder can be written");
    lock.lock().expect("the target folder's file system has locks");
    if !tools.exists() {
        let aside = target.join("tools-unfinished");
        if aside.exists() {
            fs::remove_dir_all(&aside).expect("what a killed test left can be removed");
        }
        make(&aside, &requirements);
        fs::rename(&aside, &tools).expect("a folder can be renamed where it lies");
    }
    tools.join("bin/python")
}

fn make(folder: &Path, requirements: &Path) {
    step(
        Command::new("python3").args(["-m", "venv"]).arg(folder),
        "install Python 3.10 or newer with its venv module (python3-venv on Debian)",
    );
    step(
        Command::new(folder.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "-r"])
            .arg(requirements),
        "pip needs its package index once; point it to a reachable one, then run the tests again",
    );
}

fn step(command: &mut Command, help: &str) {
    let output = command.output().unwrap_or_else(|error| panic!("can't start {command:?}: {error}\n{help}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{said}\n{help}", output.status);
}
