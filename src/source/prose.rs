//! A diagnostic as lines of text, for forms that show no source: nothing in them reaches a terminal's
//! controls, and each is one line.

use super::diagnostic::Diagnostic;
use super::escape::visible;
use super::files::Files;

/// The message with what stands beside its place, the other places, and the next steps.
pub fn lines(diagnostic: &Diagnostic, files: &Files) -> Vec<String> {
    let mut lines = Vec::new();
    let mut labels = diagnostic.labels.iter();
    match labels.next().map(|label| &label.text).filter(|text| !text.is_empty()) {
        Some(text) => lines.push(format!("{}: {text}", diagnostic.message)),
        None => lines.push(diagnostic.message.clone()),
    }
    for label in labels {
        let text = if label.text.is_empty() { "see also" } else { &label.text };
        lines.push(format!("{}: {text}", files.locate(label.span)));
    }
    lines.extend(diagnostic.help.iter().flat_map(|help| help.lines()).map(|help| format!("help: {help}")));
    lines.iter().map(|line| visible(line).into_owned()).collect()
}
