//! The value of a secret as a person or a program gives it: at a prompt that doesn't show it, or on
//! standard input; never as an argument.

use std::io::{self, IsTerminal, Read};

use zeroize::Zeroizing;

use crate::link::secret_value::{MAX_VALUE, SecretValue};

/// Why there is no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// Nothing was typed.
    #[error("the value is empty; nothing was changed")]
    Empty,
    /// Nothing came through the pipe.
    #[error("standard input is empty; nothing was changed")]
    EmptyPipe,
    /// What was typed twice wasn't the same.
    #[error("the two values differ; nothing was changed")]
    Differ,
    /// The terminal or the pipe failed.
    #[error("the value can't be read: {0}")]
    Io(io::ErrorKind),
}

/// Asks for a value twice on a terminal, or reads it from standard input, without one final line break.
pub fn read(name: &str) -> Result<SecretValue, InputError> {
    if io::stdin().is_terminal() { ask(name) } else { take(io::stdin().lock()) }
}

fn ask(name: &str) -> Result<SecretValue, InputError> {
    let prompt = |text: String| {
        rpassword::prompt_password(text).map(Zeroizing::new).map_err(|error| InputError::Io(error.kind()))
    };
    let value = prompt(format!("value of {name}: "))?;
    if value.is_empty() {
        return Err(InputError::Empty);
    }
    if *prompt("once more: ".to_string())? != *value {
        return Err(InputError::Differ);
    }
    Ok(SecretValue::new(value.as_bytes().to_vec()))
}

fn take(input: impl Read) -> Result<SecretValue, InputError> {
    // The exact room from the start: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_VALUE + 2));
    input.take(MAX_VALUE as u64 + 2).read_to_end(&mut bytes).map_err(|error| InputError::Io(error.kind()))?;
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    if bytes.is_empty() { Err(InputError::EmptyPipe) } else { Ok(SecretValue::new(bytes)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(input: &[u8]) -> Result<Vec<u8>, InputError> {
        #[expect(clippy::disallowed_methods, reason = "the test compares what was read")]
        take(input).map(|value| value.expose().to_vec())
    }

    #[test]
    fn one_final_line_break_is_dropped() {
        assert_eq!(taken(b"a\n"), Ok(b"a".to_vec()));
        assert_eq!(taken(b"a\n\n"), Ok(b"a\n".to_vec()));
        assert_eq!(taken(b"a"), Ok(b"a".to_vec()));
        assert_eq!(taken(b" \xff\0 "), Ok(b" \xff\0 ".to_vec()));
    }

    #[test]
    fn nothing_is_no_value() {
        assert_eq!(taken(b""), Err(InputError::EmptyPipe));
        assert_eq!(taken(b"\n"), Err(InputError::EmptyPipe));
    }
}
