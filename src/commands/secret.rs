//! `sealwright secret set` and `sealwright secret keygen`.

use std::io::{self, IsTerminal, Read};
use std::path::PathBuf;

use zeroize::Zeroizing;

use super::{Outcome, Stream, Terminal, as_world, counted};
use crate::link::secret_value::{MAX_VALUE, SecretValue};
use crate::seal::key_file;
use crate::seal::set::{self, SetError, Target};
use crate::seal::{keygen as new_pair, write};
use crate::source::diagnostic::Diagnostic;

/// Encrypts a value and writes it into the repo.
pub(super) fn set(terminal: &Terminal, unit: &str, name: &str) -> Outcome {
    let Some(target) = Target::parse(unit) else {
        let found = Diagnostic::error("usage", "the first argument is no place for a secret");
        return terminal
            .refuse(found.help("write ENV/APP, or '*/APP' for a value that all environments share"));
    };
    // A name that is none could be the value, so it isn't repeated.
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    if name.is_empty() || !name.chars().all(is_name) {
        let found = Diagnostic::error("usage", "the second argument is no name of a secret");
        return terminal
            .refuse(found.help("a name has letters, digits, `_`, `-` and `.`, such as `API_KEY`"));
    }
    let (root, world) = match terminal.world() {
        Ok(world) => world,
        Err(outcome) => return outcome,
    };
    let value = match read_value(name) {
        Ok(value) => value,
        Err(found) => return terminal.refuse(*found),
    };
    let edit = match set::set(as_world(&world), &target, name, &value) {
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

/// The value, from a prompt that doesn't show it or from standard input.
fn read_value(name: &str) -> Result<SecretValue, Box<Diagnostic>> {
    let fail = |message: String| Box::new(Diagnostic::error("no-value", message));
    if io::stdin().is_terminal() {
        let ask = |prompt: String| {
            rpassword::prompt_password(prompt)
                .map(Zeroizing::new)
                .map_err(|error| fail(format!("the value can't be asked for: {}", error.kind())))
        };
        let value = ask(format!("value of {name}: "))?;
        if value.is_empty() {
            return Err(fail("the value is empty; nothing was changed".into()));
        }
        if *ask("once more: ".to_string())? != *value {
            return Err(fail("the two values differ; nothing was changed".into()));
        }
        return Ok(SecretValue::new(value.as_bytes().to_vec()));
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_VALUE + 2));
    io::stdin()
        .lock()
        .take(MAX_VALUE as u64 + 2)
        .read_to_end(&mut bytes)
        .map_err(|error| fail(format!("standard input can't be read: {}", error.kind())))?;
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    if bytes.is_empty() {
        let found = fail("standard input is empty; nothing was changed".into());
        return Err(Box::new(found.help("did the command before the pipe fail?")));
    }
    Ok(SecretValue::new(bytes))
}

fn standard_place() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let config = set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|home| home.join(".config")))?;
    Some(config.join("sealwright/identity.txt"))
}
