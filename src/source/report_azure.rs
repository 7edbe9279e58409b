//! Diagnostics as issues of an Azure Pipelines run: logging commands, one a line.
//!
//! The form is that of
//! <https://learn.microsoft.com/en-us/azure/devops/pipelines/scripts/logging-commands>:
//! `##vso[task.logissue type=error;sourcepath=…;linenumber=…;columnnumber=…;code=…]message`, in which a value
//! escapes `%`, line breaks, `;` and `]`, and the message `%` and line breaks.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::diagnostic::{Diagnostic, Severity};
use super::escape::visible;
use super::files::Files;
use super::lines::Lines;
use super::prose;

/// The diagnostics, one command a line. `prefix` leads from the checked-out repository to the files: it is
/// empty, or ends with `/`.
pub fn issues(diagnostics: &[Diagnostic], files: &Files, prefix: &str) -> String {
    let mut opened = BTreeMap::new();
    let mut out = String::new();
    for diagnostic in diagnostics {
        let severity = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(out, "##vso[task.logissue type={severity};").expect("writing to a string can't fail");
        if let Some(span) = diagnostic.span().filter(|span| !files.get(span.file).is_built_in()) {
            let source = files.get(span.file);
            let lines = opened.entry(span.file).or_insert_with(|| Lines::of(&source.text));
            let at = lines.line_column(span.start as usize);
            let file = property(&format!("{prefix}{}", source.path));
            write!(out, "sourcepath={file};linenumber={};columnnumber={};", at.line, at.column)
                .expect("writing to a string can't fail");
        }
        let message = data(&prose::lines(diagnostic, files).join("\n"));
        writeln!(out, "code={}]{message}", property(diagnostic.code))
            .expect("writing to a string can't fail");
    }
    out
}

/// The agent reads `%25` as it stands; `%AZP25` is its own way to write a `%`.
fn data(text: &str) -> String {
    text.replace('%', "%AZP25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(&visible(text)).replace(';', "%3B").replace(']', "%5D")
}

#[cfg(test)]
mod tests {
    use super::issues;
    use crate::source::diagnostic::Diagnostic;
    use crate::source::files::Files;
    use crate::source::span::Span;

    #[test]
    fn a_finding_is_one_command() {
        let mut files = Files::default();
        let app = files.add("apps/a;b]/app.yaml", "é: hunter2\n");
        let found = [
            Diagnostic::error("plaintext-secret", "100% plain").at(Span::new(app, 4, 11), "").help("next"),
            Diagnostic::warning("usage", "nowhere\u{1b}\n##vso[task.setvariable variable=x]y"),
        ];
        assert_eq!(
            issues(&found, &files, ""),
            "##vso[task.logissue type=error;sourcepath=apps/a%3Bb%5D/app.yaml;linenumber=1;columnnumber=4;\
             code=plaintext-secret]100%AZP25 plain%0Ahelp: next\n\
             ##vso[task.logissue type=warning;code=usage]nowhere\\u{1b}\\u{a}##vso[task.setvariable variable=x]y\n"
        );
    }
}
