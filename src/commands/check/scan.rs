//! Many files held against the plaintext rules, in parallel.

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use super::{Checked, words};
use crate::config::affected::Part;
use crate::config::repo::Document;
use crate::lint::finding::Finding;
use crate::lint::scan::{Options, Source, decode, scan};
use crate::manifest::built_in;
use crate::source::files::Files;
use crate::source::mask;
use crate::source::span::{FileId, Span};
use crate::source::world::ReadError;

/// A file to scan: its path in the repo, and where it is read.
#[derive(Clone, Debug)]
pub(super) struct Candidate<T> {
    pub path: String,
    pub at: T,
}

/// Stands for a file that isn't registered: most have no finding, and aren't kept.
const UNREGISTERED: FileId = FileId(u32::MAX);

/// What scanning one file came to.
enum Scanned {
    Nothing,
    /// A document of the repo, which is registered.
    Document(Vec<Finding>),
    Text(String, Vec<Finding>),
    Unread(ReadError),
}

/// Scans files, each once: `documents` of the run as the trees that they were parsed to, all others as what
/// `read` gives, which is `None` for one that holds no text. Gives back how many were scanned.
pub(super) fn files<T: Sync>(
    documents: &HashMap<String, Document>,
    candidates: &[Candidate<T>],
    read: impl Fn(&T) -> Result<Option<Vec<u8>>, ReadError> + Sync,
    options: &Options,
    checked: &mut Checked,
) -> usize {
    let files = &checked.files;
    let scanned: Vec<Scanned> = candidates
        .par_iter()
        .map(|candidate| match documents.get(&candidate.path) {
            Some(document) => Scanned::Document(of_document(document, files, options)),
            None => match read(&candidate.at) {
                Ok(Some(bytes)) => match of_text(&candidate.path, &bytes, options) {
                    Some((text, findings)) if !findings.is_empty() => Scanned::Text(text, findings),
                    _ => Scanned::Nothing,
                },
                Ok(None) | Err(ReadError::NotFound | ReadError::NotAFile) => Scanned::Nothing,
                Err(error) => Scanned::Unread(error),
            },
        })
        .collect();
    checked.scanned.extend(candidates.iter().map(|candidate| candidate.path.clone()));
    for (candidate, scanned) in candidates.iter().zip(scanned) {
        match scanned {
            Scanned::Nothing => {}
            Scanned::Document(findings) => checked.in_the_clear.extend(findings),
            Scanned::Text(text, findings) => {
                add(checked, &candidate.path, text, findings);
            }
            Scanned::Unread(error) => checked.found.push(words::not_scanned(&candidate.path, error)),
        }
    }
    candidates.len()
}

/// Registers a text with its findings, masked.
pub(super) fn add(checked: &mut Checked, path: &str, text: String, findings: Vec<Finding>) -> FileId {
    let masks = mask::of_text(&text);
    let file = checked.files.add(path, Arc::<str>::from(text));
    masks.into_iter().for_each(|range| checked.files.mask(file, range));
    let here = |finding: Finding| Finding { span: Span { file, ..finding.span }, ..finding };
    checked.in_the_clear.extend(findings.into_iter().map(here));
    file
}

/// The text of a file, and what stands in it in the clear, in a file that isn't registered. `None` when it
/// is no text.
pub(super) fn of_text(path: &str, bytes: &[u8], options: &Options) -> Option<(String, Vec<Finding>)> {
    let text = decode(bytes)?.into_owned();
    // What everybody has holds nobody's secret.
    if built_in::is_ejected(path, bytes) {
        return Some((text, Vec::new()));
    }
    let contract = Part::of(path).contract();
    let source = Source { file: UNREGISTERED, path, text: &text, documents: None, contract };
    let findings = scan(&source, options);
    Some((text, findings))
}

fn of_document(document: &Document, files: &Files, options: &Options) -> Vec<Finding> {
    let source = Source {
        file: document.file,
        path: &document.path,
        text: &files.get(document.file).text,
        documents: Some(std::slice::from_ref(&document.node)),
        contract: Part::of(&document.path).contract(),
    };
    scan(&source, options)
}
