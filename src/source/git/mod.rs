//! What is asked of the `git` program: fixed arguments, a scrubbed environment, no network.
//!
//! A value that comes from outside (a revision, a path) never stands where git could read it as an option,
//! and what git says of an error is never passed on: it may quote a URL with a password in it.

pub mod branch;
pub mod changes;
pub mod commits;
pub mod entries;
pub mod fault;
pub mod listing;
pub mod objects;
pub mod repository;
pub mod tree;
pub mod unchanged;
pub mod writer;

mod ignored;
mod user;

use std::path::Path;
use std::process::{Command, Stdio};

pub use ignored::{Ignored, ignored, not_ignored};
pub use user::user;

/// git in a folder, without what a hook or a user may have set for other invocations.
fn command(folder: &Path) -> Command {
    let mut git = bare_command();
    git.arg("-C").arg(folder);
    add_settings(&mut git);
    git
}

/// git with an environment of its own and no arguments.
fn bare_command() -> Command {
    let mut git = Command::new("git");
    git.env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    for name in ["PATH", "HOME", "XDG_CONFIG_HOME", "SYSTEMROOT"] {
        if let Some(value) = std::env::var_os(name) {
            git.env(name, value);
        }
    }
    git.env("LC_ALL", "C").env("GIT_OPTIONAL_LOCKS", "0");
    // An object that isn't here isn't fetched, and none stands for another.
    git.env("GIT_NO_LAZY_FETCH", "1").env("GIT_NO_REPLACE_OBJECTS", "1").env("GIT_TERMINAL_PROMPT", "0");
    git
}

/// A repository that arrived as files must not name programs to run, nor does what we write run hooks.
fn add_settings(git: &mut Command) {
    const SETTINGS: [&str; 3] =
        ["core.fsmonitor=false", "core.hooksPath=/dev/null", "safe.bareRepository=explicit"];
    git.args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
}
