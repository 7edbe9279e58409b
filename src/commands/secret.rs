//! The commands of `sealwright secret`; `set` and `keygen` are here.

pub(super) mod list;
pub(super) mod verify;

use std::path::PathBuf;

use super::{Outcome, Stream, Terminal, counted};
use crate::seal::input::{self, InputError};
use crate::seal::key_file;
use crate::seal::set::{self, SetError, Target};
use crate::seal::{keygen as new_pair, write};
use crate::source::diagnostic::Diagnostic;

/// Encrypts a value and writes it into the repo.
pub(super) fn set(terminal: &Terminal, unit: &str, name: &str, shared: bool) -> Outcome {
    let target = if shared { Target::parse_shared(unit) } else { Target::parse(unit) };
    let Some(target) = target else {
        let found = Diagnostic::error("usage", "the first argument is no place for a secret");
        return terminal.refuse(found.help(if shared {
            "with `--shared`, write ENV, or '*' for a value that all environments share"
        } else {
            "write ENV/APP, or '*/APP' for a value that all environments share"
        }));
    };
    let (root, world) = match terminal.world() {
        Ok(world) => world,
        Err(outcome) => return outcome,
    };
    let value = match input::read(name) {
        Ok(value) => value,
        Err(error) => {
            let found = Diagnostic::error("no-value", error.to_string());
            return terminal.refuse(match error {
                InputError::EmptyPipe => found.help("did the command before the pipe fail?"),
                _ => found,
            });
        }
    };
    let edit = match set::set(&world, &target, name, &value) {
        Ok(edit) => edit,
        Err(SetError::Repo(found, files)) => {
            terminal.report(found, &files, Stream::Error);
            return Outcome::Refused;
        }
        Err(SetError::Seal(error)) => {
            return terminal.refuse(Diagnostic::error("encryption-failed", error.to_string()));
        }
    };
    if let Err(error) = write::replace(&root, &edit.path, &edit.text) {
        terminal.report_one(Diagnostic::error("output-failed", error.to_string()));
        return Outcome::Failed;
    }
    terminal.note(&format!(
        "encrypted `{name}` in {} for {} of {}",
        edit.path,
        counted(edit.recipients, "recipient"),
        edit.environments.join(", ")
    ));
    Outcome::Done
}

/// Makes a key pair.
pub(super) fn keygen(terminal: &Terminal, file: Option<PathBuf>) -> Outcome {
    let Some(path) = file.or_else(standard_place) else {
        return terminal.refuse(Diagnostic::error("usage", "there is no home folder: name the new file"));
    };
    let (identity, recipient) = new_pair();
    if let Err(error) = key_file::write(&path, &identity) {
        let found = Diagnostic::error("output-failed", error.to_string());
        return terminal.refuse(found.help("name another file: `sealwright secret keygen FILE`"));
    }
    terminal.note(&format!(
        "wrote the identity to {}; keep it where only its readers can see it",
        path.display()
    ));
    terminal.print(&format!("{}\n", recipient.as_str()))
}

fn standard_place() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let config = set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|home| home.join(".config")))?;
    Some(config.join("sealwright/identity.txt"))
}
