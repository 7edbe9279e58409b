//! Diagnostics as annotations of a GitHub Actions run: workflow commands, one a line.
//!
//! The form is that of <https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions>:
//! `::error file=…,line=…,endLine=…,col=…,endColumn=…,title=…::message`, in which a value escapes `%`, line
//! breaks, `:` and `,`, and the message `%` and line breaks.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::diagnostic::{Diagnostic, Severity};
use super::escape::visible;
use super::files::Files;
use super::lines::Lines;
use super::prose;

/// The diagnostics, one command a line. `prefix` leads from the checked-out repository to the files: it is
/// empty, or ends with `/`.
pub fn annotations(diagnostics: &[Diagnostic], files: &Files, prefix: &str) -> String {
    let mut opened = BTreeMap::new();
    let mut out = String::new();
    for diagnostic in diagnostics {
        out.push_str(match diagnostic.severity {
            Severity::Error => "::error ",
            Severity::Warning => "::warning ",
        });
        if let Some(span) = diagnostic.span().filter(|span| !files.get(span.file).is_built_in()) {
            let source = files.get(span.file);
            let lines = opened.entry(span.file).or_insert_with(|| Lines::of(&source.text));
            let start = lines.line_column(span.start as usize);
            let end = lines.line_column(span.end as usize);
            let file = property(&format!("{prefix}{}", source.path));
            write!(out, "file={file},line={},endLine={},col={}", start.line, end.line, start.column)
                .expect("writing to a string can't fail");
            // Columns count on one line alone.
            if start.line == end.line {
                write!(out, ",endColumn={}", end.column).expect("writing to a string can't fail");
            }
            out.push(',');
        }
        let message = data(&prose::lines(diagnostic, files).join("\n"));
        writeln!(out, "title={}::{message}", property(diagnostic.code))
            .expect("writing to a string can't fail");
    }
    out
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(&visible(text)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::annotations;
    use crate::source::diagnostic::Diagnostic;
    use crate::source::files::Files;
    use crate::source::span::Span;

    #[test]
    fn a_finding_is_one_command() {
        let mut files = Files::default();
        let app = files.add("apps/a,b/app.yaml", "é: hunter2\nk: |\n  x\n");
        let found = [
            Diagnostic::error("plaintext-secret", "100% plain\ntext").at(Span::new(app, 4, 11), "here"),
            Diagnostic::warning("x", "over lines")
                .at(Span::new(app, 15, 20), "")
                .at(Span::new(app, 0, 1), "first")
                .help("do: this"),
            Diagnostic::error("usage", "nowhere ::error::\u{1b}[2J"),
        ];
        assert_eq!(
            annotations(&found, &files, "deploy/"),
            "::error file=deploy/apps/a%2Cb/app.yaml,line=1,endLine=1,col=4,endColumn=11,title=plaintext-secret\
             ::100%25 plain\\u{a}text: here\n\
             ::warning file=deploy/apps/a%2Cb/app.yaml,line=2,endLine=3,col=4,title=x\
             ::over lines%0Aapps/a,b/app.yaml:1:1: first%0Ahelp: do: this\n\
             ::error title=usage::nowhere ::error::\\u{1b}[2J\n"
        );
    }
}
