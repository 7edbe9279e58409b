//! `sealwright platform eject`: a built-in pack becomes one of the repo's own.

use crate::commands::{Outcome, Terminal, counted};
use crate::config::packs::PLATFORMS;
use crate::manifest::built_in;
use crate::seal::write::{self, WriteError};
use crate::source::diagnostic::Diagnostic;
use crate::source::repo_path::RepoPath;

/// Writes the files of a built-in pack into the repo, whole or not at all.
pub(in crate::commands) fn eject(terminal: &Terminal, name: &str) -> Outcome {
    let Some(files) = built_in::files(name) else {
        let known: Vec<String> = built_in::platforms().map(ToString::to_string).collect();
        return super::unknown(terminal, name, &known);
    };
    let (root, _) = match terminal.world() {
        Ok(world) => world,
        Err(outcome) => return outcome,
    };
    let path = RepoPath::new(&format!("{PLATFORMS}/{name}")).expect("a platform's name is a valid path");
    match write::add_folder(&root, &path, files) {
        Ok(()) => {
            let count = counted(files.len(), "file");
            terminal.note(&format!(
                "wrote {count} to {path}: it wins over the built-in {name} pack from now on\n\
                 to go back, remove the folder; `sealwright platform show {name}` says what differs"
            ));
            Outcome::Done
        }
        Err(error @ WriteError::Exists(_)) => {
            let found = Diagnostic::error("usage", error.to_string());
            terminal.refuse(found.help(format!(
                "`sealwright platform show {name}` says how it differs from the built-in pack"
            )))
        }
        Err(error) => {
            terminal.report_one(Diagnostic::error("output-failed", error.to_string()));
            Outcome::Failed
        }
    }
}
