//! What integration tests share: the built binary in an environment of its own, fixtures, small control
//! repos, and tools in Python that judge output independently.

#![allow(dead_code, unused_imports)] // each test file uses its own part

mod bao;
mod broken;
mod canary;
mod cases;
mod moto;
mod no_stores;
mod pastes;
mod repo;
mod run;
mod sinks;
mod sops;
mod tools;
mod values;

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

pub use bao::{Bao, ROOT, free_socket, http};
pub use broken::Breaker;
pub use canary::Canaries;
pub use cases::{Cases, said};
pub use moto::{ACCOUNT, Moto, REGION};
pub use no_stores::NoStores;
pub use pastes::PASTES;
pub use repo::Repo;
pub use run::Run;
pub use sinks::cut_sinks;
pub use sops::{DEMO_RECIPIENT, sops};
pub use tools::{python, python_tools};
pub use values::text;

thread_local! {
    /// Home folders that [`sealwright`] has handed out; removed when the test's thread ends.
    static HOMES: RefCell<Vec<TempDir>> = const { RefCell::new(Vec::new()) };
}

/// The built binary with nothing in its environment but `PATH` and `HOME`, a fresh empty folder.
pub fn sealwright() -> Command {
    let home = tempfile::tempdir().expect("the system has a folder for temporary files");
    let mut command = Command::new(env!("CARGO_BIN_EXE_sealwright"));
    command.env_clear().env("HOME", home.path());
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    HOMES.with_borrow_mut(|homes| homes.push(home));
    command
}

/// The path of something in `fixtures/`.
pub fn fixture(name: &str) -> PathBuf {
    root().join("fixtures").join(name)
}

/// The root of the crate.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
