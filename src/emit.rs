//! The emit phase: linked documents become bytes, and cleartext goes only where it may.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use zeroize::Zeroizing;

use crate::link::linked::Linked;
use crate::source::yaml_writer::{Quoted, serialize_number, write_documents};

/// The form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A stream of YAML documents.
    Yaml,
    /// One JSON document a line.
    Json,
}

/// Why cleartext may not go to standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A terminal scrolls back and is recorded.
    #[error("standard output is a terminal, and the output has secrets in the clear")]
    Terminal,
    /// A redirected file has the permissions of the day.
    #[error("standard output is a file, and the output has secrets in the clear")]
    File,
}

/// The documents as text. The buffer is wiped when it is dropped.
pub fn write<T: Serialize>(documents: &[T], format: Format) -> Result<Zeroizing<String>, WriteFailed> {
    let mut text = Zeroizing::new(String::with_capacity(documents.len() * 1024));
    match format {
        Format::Yaml => write_documents(documents, &mut text).map_err(|_| WriteFailed)?,
        Format::Json => {
            for document in documents {
                let line = Zeroizing::new(serde_json::to_string(document).map_err(|_| WriteFailed)?);
                text.push_str(&line);
                text.push('\n');
            }
        }
    }
    Ok(text)
}

/// A document that can't be written; the writer's own words could quote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a document can't be written in this form")]
pub struct WriteFailed;

/// Whether cleartext may go to standard output: to a pipe or a device, never to a terminal or into a
/// file that a shell made.
pub fn permit_cleartext() -> Result<(), Refusal> {
    let stdout = io::stdout();
    if stdout.is_terminal() {
        return Err(Refusal::Terminal);
    }
    let is_file = stdout
        .as_fd()
        .try_clone_to_owned()
        .and_then(|fd| File::from(fd).metadata())
        .is_ok_and(|metadata| metadata.is_file());
    if is_file { Err(Refusal::File) } else { Ok(()) }
}

/// Writes text to standard output. A reader that has gone away is the end, not an error.
pub fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

impl Serialize for Linked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Linked::Null => serializer.serialize_unit(),
            Linked::Bool(value) => serializer.serialize_bool(*value),
            Linked::Number(text) => serialize_number(text, serializer),
            Linked::Text(text) => serializer.serialize_str(text),
            // The style never depends on the value.
            Linked::Secret(text) => Quoted(text).serialize(serializer),
            Linked::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(item))?;
                list.end()
            }
            Linked::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                entries.iter().try_for_each(|(key, value)| map.serialize_entry(&**key, value))?;
                map.end()
            }
        }
    }
}
