//! The forms in which documents are written.

use serde::Serialize;
use zeroize::Zeroizing;

use super::kyaml::write_kyaml;
use crate::source::yaml_writer::write_documents;

/// The form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A stream of YAML documents.
    Yaml,
    /// One JSON document a line.
    Json,
    /// A stream of documents in KYAML, the dialect of YAML that Kubernetes' KEP-5295 defines.
    Kyaml,
}

impl Format {
    /// How the name of a file in this form ends. KYAML is YAML, and tools that read a folder look for that.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Yaml | Format::Kyaml => "yaml",
            Format::Json => "json",
        }
    }
}

/// A document that can't be written; the writer's own words could quote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a document can't be written in this form")]
pub struct WriteFailed;

/// A document as JSON of many lines, which ends with a line break. The buffer is wiped when it is dropped.
pub fn write_pretty<T: Serialize>(document: &T) -> Result<Zeroizing<String>, WriteFailed> {
    let mut text = Zeroizing::new(serde_json::to_string_pretty(document).map_err(|_| WriteFailed)?);
    text.push('\n');
    Ok(text)
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
        Format::Kyaml => documents.iter().try_for_each(|document| write_kyaml(document, &mut text))?,
    }
    Ok(text)
}
