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
            Diagnostic::error("no-repo", "no sealwright.yaml here or above").help("run `sealwright init`"),
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
            Diagnostic::error("x", "end").at(Span::new(file, 11, 11), "end").at(Span::new(file, 6, 7), ""),
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
