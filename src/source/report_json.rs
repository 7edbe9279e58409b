//! Diagnostics for machines: one JSON object a line.
//!
//! ```json
//! {"schema":1,"code":"unknown-key","severity":"error","message":"unknown key `imagee`",
//!  "spans":[{"file":"apps/cart/app.yaml","line":1,"column":1,"end_line":1,"end_column":7,
//!            "byte_start":0,"byte_end":6,"label":"","primary":true}],
//!  "help":["did you mean `image`?"],
//!  "fix":{"file":"apps/cart/app.yaml","byte_start":0,"byte_end":6,"replacement":"image"}}
//! ```
//!
//! (Each on one line.) `schemas/diagnostics.schema.json`, which `sealwright schema diagnostics` prints, says
//! the same; every command keeps to it, in every failure, wrong arguments included. `schema` grows when a field changes its meaning or goes; a new field may come at any
//! time. `severity` is `error` or `warning`. `spans` is empty for a finding without a place, else exactly
//! its first entry is `primary`. Lines and columns count from 1, columns in characters; the end is the
//! place just behind the last character. Bytes count from 0 in the file as it is on disk. `fix`, where there
//! is one, is a change that would put it right: those bytes of that file, replaced. No source text is ever
//! part of it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::diagnostic::{Diagnostic, Severity};
use super::escape::push_json;
use super::files::Files;
use super::lines::Lines;

/// The version of the shape.
const SCHEMA: u32 = 1;

/// The diagnostics, one JSON object a line. In strings, what a terminal would obey is escaped as JSON
/// does it, so a log of it is safe to look at and reads back as it was.
pub fn json_lines(diagnostics: &[Diagnostic], files: &Files) -> String {
    let mut opened = BTreeMap::new();
    let mut out = String::new();
    for diagnostic in diagnostics {
        let mut spans = Vec::new();
        for (index, label) in diagnostic.labels.iter().enumerate() {
            let source = files.get(label.span.file);
            let lines = opened.entry(label.span.file).or_insert_with(|| Lines::of(&source.text));
            let start = lines.line_column(label.span.start as usize);
            let end = lines.line_column(label.span.end as usize);
            spans.push(Place {
                file: &source.path,
                line: start.line,
                column: start.column,
                end_line: end.line,
                end_column: end.column,
                byte_start: label.span.start,
                byte_end: label.span.end,
                label: &label.text,
                primary: index == 0,
            });
        }
        let finding = Finding {
            schema: SCHEMA,
            code: diagnostic.code,
            severity: match diagnostic.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            message: &diagnostic.message,
            spans,
            help: &diagnostic.help,
            fix: diagnostic.fix.as_ref().and_then(|fix| {
                let span = fix.span(files)?;
                let file = &files.get(span.file).path;
                Some(Change { file, byte_start: span.start, byte_end: span.end, replacement: &fix.new })
            }),
        };
        let line = serde_json::to_string(&finding).expect("text and numbers are always JSON");
        push_json(&mut out, &line);
        out.push('\n');
    }
    out
}

#[derive(Serialize)]
struct Finding<'a> {
    schema: u32,
    code: &'a str,
    severity: &'a str,
    message: &'a str,
    spans: Vec<Place<'a>>,
    help: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<Change<'a>>,
}

#[derive(Serialize)]
struct Change<'a> {
    file: &'a str,
    byte_start: u32,
    byte_end: u32,
    replacement: &'a str,
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    byte_start: u32,
    byte_end: u32,
    label: &'a str,
    primary: bool,
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::json_lines;
    use crate::source::diagnostic::Diagnostic;
    use crate::source::escape::is_hidden;
    use crate::source::files::Files;
    use crate::source::span::Span;

    #[test]
    fn one_object_a_line_without_source_text() {
        let mut files = Files::default();
        let app = files.add("apps/cart/app.yaml", "é: hunter2\nports:\n  http: 80\n");
        let root = files.add("sealwright.yaml", "name: shop\n");
        let found = [
            Diagnostic::error("plaintext-secret", "plaintext in `é`")
                .at(Span::new(app, 4, 11), "")
                .at(Span::new(root, 0, 11), "see \"name\"")
                .help("encrypt it"),
            Diagnostic::warning("no-place", "nowhere"),
        ];
        assert_eq!(
            json_lines(&found, &files),
            concat!(
                r#"{"schema":1,"code":"plaintext-secret","severity":"error","message":"plaintext in `é`","spans":["#,
                r#"{"file":"apps/cart/app.yaml","line":1,"column":4,"end_line":1,"end_column":11,"#,
                r#""byte_start":4,"byte_end":11,"label":"","primary":true},"#,
                r#"{"file":"sealwright.yaml","line":1,"column":1,"end_line":2,"end_column":1,"#,
                r#""byte_start":0,"byte_end":11,"label":"see \"name\"","primary":false}],"help":["encrypt it"]}"#,
                "\n",
                r#"{"schema":1,"code":"no-place","severity":"warning","message":"nowhere","spans":[],"help":[]}"#,
                "\n"
            )
        );
        assert_eq!(json_lines(&[], &files), "");
    }

    #[test]
    fn terminal_controls_are_escaped_and_read_back() {
        let mut files = Files::default();
        let file = files.add("a\u{1b}\u{202e}.yaml", "");
        let message = "x\u{7f}\u{9b}\u{2028}\n\u{feff}é";
        let out = json_lines(&[Diagnostic::error("x", message).at(Span::new(file, 0, 0), "")], &files);
        assert!(out.trim_end().chars().all(|c| !is_hidden(c)), "{out}");
        let back: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(back["message"], message);
        assert_eq!(back["spans"][0]["file"], "a\u{1b}\u{202e}.yaml");
    }

    #[test]
    fn places_past_the_end_are_those_of_the_end() {
        let mut files = Files::default();
        let file = files.add("a.yaml", "a\nb");
        let out = json_lines(&[Diagnostic::error("x", "x").at(Span::new(file, 90, 99), "")], &files);
        let back: Value = serde_json::from_str(&out).unwrap();
        assert_eq!((&back["spans"][0]["line"], &back["spans"][0]["column"]), (&2.into(), &2.into()));
    }
}
