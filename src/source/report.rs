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
mod tests {
    use super::{Styling, human};
    use crate::source::diagnostic::Diagnostic;
    use crate::source::files::Files;
    use crate::source::span::{FileId, Span};

    /// The span of `part` in a file, which contains it once.
    fn span(files: &Files, file: FileId, part: &str) -> Span {
        let text = &files.get(file).text;
        assert_eq!(text.matches(part).count(), 1, "{part:?}");
        let start = u32::try_from(text.find(part).unwrap()).unwrap();
        Span::new(file, start, start + u32::try_from(part.len()).unwrap())
    }

    #[track_caller]
    fn check(diagnostics: &[Diagnostic], files: &Files, expected: &str) {
        let shown = human(diagnostics, files, Styling::Plain);
        assert_eq!(shown, expected, "\n{shown}");
    }

    #[test]
    fn nothing_is_said_when_there_is_nothing() {
        check(&[], &Files::default(), "");
    }

    #[test]
    fn labels_help_and_summary() {
        let mut files = Files::default();
        let file = files.add("apps/cart/app.yaml", "imagee: cart\nports:\n  http: 80\n  admin: 80\n");
        check(
            &[
                Diagnostic::error("unknown-key", "unknown key `imagee`")
                    .at(span(&files, file, "imagee"), "")
                    .help("did you mean `image`?"),
                Diagnostic::warning("same-port", "two ports have the same number")
                    .at(span(&files, file, "admin"), "this one")
                    .at(span(&files, file, "http"), "and this one")
                    .help("first\nsecond")
                    .help("another"),
            ],
            &files,
            "\
error[unknown-key]: unknown key `imagee`
 --> apps/cart/app.yaml:1:1
  |
1 | imagee: cart
  | ^^^^^^
  |
  = help: did you mean `image`?

warning[same-port]: two ports have the same number
 --> apps/cart/app.yaml:4:3
  |
3 |   http: 80
  |   ---- and this one
4 |   admin: 80
  |   ^^^^^ this one
  |
  = help: first
          second
  = help: another

error: 1 error, 1 warning
",
        );
    }

    #[test]
    fn several_files_begin_with_the_one_it_is_about() {
        let mut files = Files::default();
        let base = files.add("apps/cart/app.yaml", "a: 1\nb: 2\nlog: info\n");
        let prod = files.add("apps/cart/prod.yaml", "log: debug\n");
        check(
            &[Diagnostic::warning("shadowed", "`log` is set twice")
                .at(span(&files, prod, "debug"), "this wins")
                .at(span(&files, base, "info"), "over this")],
            &files,
            "\
warning[shadowed]: `log` is set twice
 --> apps/cart/prod.yaml:1:6
  |
1 | log: debug
  |      ^^^^^ this wins
  |
 ::: apps/cart/app.yaml:3:6
  |
3 | log: info
  |      ---- over this

warning: 1 warning
",
        );
    }

    #[test]
    fn a_finding_without_a_place_stands_alone() {
        check(
            &[
                Diagnostic::error("no-repo", "no sealwright.yaml here or above")
                    .help("run `sealwright init`"),
                Diagnostic::error("other", "another"),
            ],
            &Files::default(),
            "\
error[no-repo]: no sealwright.yaml here or above
 |
 = help: run `sealwright init`

error[other]: another

error: 2 errors
",
        );
    }

    #[test]
    fn lines_between_are_shown_or_folded_with_the_right_numbers() {
        let mut files = Files::default();
        let text = "a: 1\nb: 2\nc: 3\nd: 4\ne: 5\nf: 6\ng: 7\n";
        let file = files.add("x.yaml", text);
        check(
            &[Diagnostic::error("x", "x")
                .at(span(&files, file, "a"), "")
                .at(span(&files, file, "c"), "")
                .at(span(&files, file, "g"), "")],
            &files,
            "\
error[x]: x
 --> x.yaml:1:1
  |
1 | a: 1
  | ^
2 | b: 2
3 | c: 3
  | -
...
7 | g: 7
  | -

error: 1 error
",
        );
    }

    #[test]
    fn masked_ranges_are_dots_and_marks_stay_under_them() {
        let mut files = Files::default();
        let file = files.add("a.yaml", "naïve: [hünter2, x]  # y\n");
        let secret = span(&files, file, "hünter2");
        files.mask(file, secret.range());
        check(
            &[Diagnostic::error("plaintext-secret", "plaintext")
                .at(secret, "here")
                .at(span(&files, file, "y"), "there")],
            &files,
            "\
error[plaintext-secret]: plaintext
 --> a.yaml:1:9
  |
1 | naïve: [•••••••, x]  # y
  |         ^^^^^^^ here   - there

error: 1 error
",
        );
    }

    #[test]
    fn terminal_controls_are_shown_and_columns_are_those_of_the_file() {
        let mut files = Files::default();
        let file = files.add("a\u{1b}]8;;x.yaml", "k\u{1b}[2Jey: \u{202e}value # \rend\r\n");
        check(
            &[Diagnostic::error("x", "bad\u{1b}[31m\nerror: forged")
                .at(span(&files, file, "value"), "la\u{9b}bel")
                .help("he\rlp")],
            &files,
            "\
error[x]: bad\\u{1b}[31m\\u{a}error: forged
 --> a\\u{1b}]8;;x.yaml:1:11
  |
1 | k\\u{1b}[2Jey: \\u{202e}value # \\u{d}end
  |                       ^^^^^ la\\u{9b}bel
  |
  = help: he\\u{d}lp

error: 1 error
",
        );
    }

    #[test]
    fn long_lines_are_cut() {
        let mut files = Files::default();
        let text = format!("{}  KEY: ENC[AGE,{}] # tail\n", "# ".repeat(100), "A".repeat(4000));
        let file = files.add("a.yaml", text.as_str());
        let value = span(&files, file, &text[207..text.len() - 8]);
        check(
            &[Diagnostic::error("x", "x").at(value, "moved").at(span(&files, file, "tail"), "")],
            &files,
            "\
error[x]: x
 --> a.yaml:1:208
  |
1 | … # # # # # # # #   KEY: ENC[AGE,AAAAAAAAAAAAAAAA…AAAAAAAAAAAAAAAAAAAAAAA] # tail
  |                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^   ----
  |                          |
  |                          moved

error: 1 error
",
        );
    }

    #[test]
    fn a_label_over_several_lines_marks_the_first() {
        let mut files = Files::default();
        let file = files.add("a.yaml", "key: |\r\n  one\r\n  two\r\n");
        check(
            &[Diagnostic::error("x", "x").at(Span::new(file, 5, 22), "this")],
            &files,
            "\
error[x]: x
 --> a.yaml:1:6
  |
1 | key: |
  |      ^ this

error: 1 error
",
        );
    }

    #[test]
    fn places_at_and_past_the_end_are_clamped() {
        let mut files = Files::default();
        let file = files.add("a.yaml", "é: 1\nb: 2\n");
        let empty = files.add("empty.yaml", "");
        check(
            &[
                Diagnostic::error("x", "end")
                    .at(Span::new(file, 11, 11), "end")
                    .at(Span::new(file, 6, 7), ""),
                Diagnostic::error("x", "past").at(Span::new(file, 900, 999), "past"),
                Diagnostic::error("x", "inside").at(Span::new(file, 1, 1), "inside"),
                Diagnostic::error("x", "backwards").at(Span::new(file, 3, 1), ""),
                Diagnostic::error("x", "empty").at(Span::new(empty, 0, 0), "empty"),
            ],
            &files,
            "\
error[x]: end
 --> a.yaml:3:1
  |
2 | b: 2
  | -
3 |  
  | ^ end

error[x]: past
 --> a.yaml:3:1
  |
3 |
  | ^ past

error[x]: inside
 --> a.yaml:1:1
  |
1 | é: 1
  | ^ inside

error[x]: backwards
 --> a.yaml:1:3
  |
1 | é: 1
  |   ^

error[x]: empty
 --> empty.yaml:1:1
  |
1 |
  | ^ empty

error: 5 errors
",
        );
    }

    #[test]
    fn colours_change_nothing_but_colours() {
        let mut files = Files::default();
        let file = files.add("a.yaml", "k\u{1b}ey: value\n");
        let found = [Diagnostic::error("x", "message").at(span(&files, file, "value"), "label").help("help")];
        let colored = human(&found, &files, Styling::Colored);
        assert!(colored.contains("\u{1b}["));
        assert_eq!(anstream::adapter::strip_str(&colored).to_string(), human(&found, &files, Styling::Plain));
    }
}
