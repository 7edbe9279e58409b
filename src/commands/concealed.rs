//! Source files as diagnostics may show them: without what a plaintext rule finds in them.

use std::collections::BTreeSet;

use crate::config::affected::Part;
use crate::lint::scan::{Options, Source, scan};
use crate::source::diagnostic::Diagnostic;
use crate::source::files::Files;
use crate::source::span::FileId;

/// The files with every value masked that stands in the clear in one that a diagnostic shows, whatever that
/// diagnostic is about, and whether or not the command has looked for such values.
pub(super) fn concealed(diagnostics: &[Diagnostic], files: &Files) -> Files {
    let shown: BTreeSet<FileId> =
        diagnostics.iter().flat_map(|found| &found.labels).map(|label| label.span.file).collect();
    let mut concealed = files.clone();
    for file in shown.into_iter().filter(|file| !files.get(*file).is_built_in()) {
        let (path, text) = (&files.get(file).path, &files.get(file).text);
        let source = Source { file, path, text, documents: None, contract: Part::of(path).contract() };
        for finding in scan(&source, &Options::default()) {
            concealed.mask(file, finding.span.range());
        }
    }
    concealed
}
