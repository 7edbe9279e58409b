//! Diagnostics for people, in rustc's look.

use std::collections::BTreeMap;
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use super::diagnostic::{Diagnostic, Label, Severity};
use super::escape::visible;
use super::files::{Files, LineColumn};
use super::lines::Lines;
use super::shown::{Masks, cut_line, masked_line};
use super::span::FileId;

/// Stands for the path and place of a file until the snippet is drawn. Never part of a text that was
/// made visible.
const ORIGIN: char = '\u{ffff}';

/// How many diagnostics are drawn; people mend the first ones first.
const DRAWN: usize = 100;

/// Whether colours are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Styling {
    /// Text alone.
    Plain,
    /// With ANSI escapes.
    Colored,
}

/// The diagnostics with their source lines, a blank line between, and at the end how many there were.
/// Empty when there are none.
///
/// Masked ranges of the files are dots, nothing in the text reaches a terminal's controls, and long
/// lines are cut. A label over several lines marks the first.
pub fn human(diagnostics: &[Diagnostic], files: &Files, style: Styling) -> String {
    let renderer = match style {
        Styling::Plain => Renderer::plain(),
        Styling::Colored => Renderer::styled(),
    };
    let mut sources = Sources { files, opened: BTreeMap::new() };
    let mut out = String::new();
    for diagnostic in diagnostics.iter().take(DRAWN) {
        out.push_str(&draw(diagnostic, &mut sources, &renderer));
        out.push_str("\n\n");
    }
    if diagnostics.len() > DRAWN {
        let text =
            format!("{} more are not shown, but in `--message-format json`", diagnostics.len() - DRAWN);
        out.push_str(&renderer.render(&[Group::with_title(Level::NOTE.primary_title(text))]));
        out.push_str("\n\n");
    }
    if let Some((level, text)) = summary(diagnostics) {
        out.push_str(&renderer.render(&[Group::with_title(level.primary_title(text))]));
        out.push('\n');
    }
    out
}

fn draw(diagnostic: &Diagnostic, sources: &mut Sources<'_>, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(visible(&diagnostic.message)).id(diagnostic.code));
    let mut origins = Vec::new();
    for file in named_files(diagnostic) {
        let (snippet, at) = sources.snippet(file, diagnostic, origins.len());
        let path = visible(&sources.files.get(file).path);
        origins.push(format!("{path}:{}:{}", at.line, at.column));
        group = group.element(snippet);
    }
    for help in &diagnostic.help {
        let lines: Vec<_> = help.lines().map(visible).collect();
        group = group.element(Level::HELP.message(lines.join("\n")));
    }
    name_origins(&renderer.render(&[group]), &origins)
}

/// The files of a diagnostic, the one of its first label first.
fn named_files(diagnostic: &Diagnostic) -> Vec<FileId> {
    let mut files = Vec::new();
    for label in &diagnostic.labels {
        if !files.contains(&label.span.file) {
            files.push(label.span.file);
        }
    }
    files
}

/// Puts the real places where the renderer wrote those of the text it was given, in which columns
/// differ once something was escaped or cut.
fn name_origins(drawn: &str, origins: &[String]) -> String {
    let mut out = String::with_capacity(drawn.len());
    let mut parts = drawn.split(ORIGIN);
    out.extend(parts.next());
    for (part, origin) in parts.zip(origins) {
        out.push_str(origin);
        out.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':'));
    }
    out
}

/// The files that diagnostics have named so far, each prepared once.
struct Sources<'a> {
    files: &'a Files,
    opened: BTreeMap<FileId, (Lines<'a>, Masks)>,
}

impl Sources<'_> {
    /// The lines of `file` that `diagnostic` names, and the place that stands above them.
    fn snippet<'d>(
        &mut self,
        file: FileId,
        diagnostic: &'d Diagnostic,
        number: usize,
    ) -> (Snippet<'d, Annotation<'d>>, LineColumn) {
        let source = self.files.get(file);
        let (lines, masks) =
            self.opened.entry(file).or_insert_with(|| (Lines::of(&source.text), Masks::of(source)));
        let mut marks: BTreeMap<usize, Vec<Mark<'d>>> = BTreeMap::new();
        let mut first = None;
        for (index, label) in diagnostic.labels.iter().enumerate() {
            if label.span.file == file {
                let start = label.span.start as usize;
                first.get_or_insert(start);
                let mark = Mark::new(label, index == 0, lines.range(lines.number(start)));
                marks.entry(lines.number(start)).or_default().push(mark);
            }
        }
        let top = marks.keys().next().copied().unwrap_or_default();
        let bottom = marks.keys().next_back().copied().unwrap_or_default();
        let mut text = String::new();
        let mut annotations = Vec::new();
        for line in top..=bottom {
            if line > top {
                text.push('\n');
            }
            let here = marks.get(&line).map_or(&[][..], Vec::as_slice);
            // The renderer shows a single line between two; more are folded, so that only their
            // number counts.
            let between = || line > top && marks.contains_key(&(line - 1)) && marks.contains_key(&(line + 1));
            if here.is_empty() && !between() {
                continue;
            }
            let spans: Vec<_> = here.iter().map(|mark| mark.range.clone()).collect();
            let shown = masked_line(&source.text, masks, lines.range(line), &spans);
            let spans: Vec<_> = spans.into_iter().map(|span| shown.map(span)).collect();
            let cut = cut_line(shown.text(), &spans);
            for (mark, span) in here.iter().zip(spans) {
                annotations.push(mark.annotation(cut.map(span), text.len()));
            }
            text.push_str(cut.text());
        }
        // The renderer forgets an empty last line, which is where the end of a file lies.
        if text.ends_with('\n') {
            text.push(' ');
        }
        let at = lines.line_column(first.unwrap_or_default());
        let snippet = Snippet::source(text).line_start(top + 1).path(format!("{ORIGIN}{number}"));
        (snippet.annotations(annotations), at)
    }
}

/// A label on its line.
struct Mark<'a> {
    /// Bytes from the line's beginning.
    range: Range<usize>,
    text: &'a str,
    kind: AnnotationKind,
}

impl<'a> Mark<'a> {
    fn new(label: &'a Label, primary: bool, line: Range<usize>) -> Self {
        let within = |offset: u32| (offset as usize).clamp(line.start, line.end) - line.start;
        Mark {
            range: within(label.span.start)..within(label.span.end),
            text: &label.text,
            kind: if primary { AnnotationKind::Primary } else { AnnotationKind::Context },
        }
    }

    fn annotation(&self, range: Range<usize>, line_start: usize) -> Annotation<'a> {
        let span = range.start + line_start..range.end + line_start;
        let text = Some(self.text).filter(|text| !text.is_empty());
        self.kind.span(span).label(text.map(visible))
    }
}

/// What stands at the end: how many of each.
fn summary(diagnostics: &[Diagnostic]) -> Option<(Level<'static>, String)> {
    let count = |severity| diagnostics.iter().filter(|d| d.severity == severity).count();
    let say = |count: usize, noun: &str| match count {
        0 => None,
        1 => Some(format!("1 {noun}")),
        _ => Some(format!("{count} {noun}s")),
    };
    let errors = say(count(Severity::Error), "error");
    let warnings = say(count(Severity::Warning), "warning");
    let level = if errors.is_some() { Level::ERROR } else { Level::WARNING };
    let text: Vec<String> = errors.into_iter().chain(warnings).collect();
    (!text.is_empty()).then(|| (level, text.join(", ")))
}

#[cfg(test)]
mod tests;
