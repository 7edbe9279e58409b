//! Rows of text: aligned columns, a table of Markdown, or JSON.

use std::iter::once;

use serde::Serialize;

use crate::source::escape::{push_json, visible};

/// Columns that are as wide as their widest text, under a head. The last one is never padded.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let rows = cells(head, rows, |text| text);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let padded = row.iter().zip(&widths).map(|(text, width)| format!("{text:width$}"));
        format!("{}\n", padded.collect::<Vec<_>>().join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

/// The same for a pull request or a wiki.
pub(super) fn markdown(head: &[&str], rows: &[Vec<String>]) -> String {
    let escaped = |text: String| {
        let special = |c: char| matches!(c, '|' | '\\' | '`' | '*' | '_' | '<' | '[');
        text.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain(once(c))).collect()
    };
    let mut lines: Vec<String> =
        cells(head, rows, escaped).iter().map(|row| format!("| {} |\n", row.join(" | "))).collect();
    lines.insert(1, format!("|{}\n", " --- |".repeat(head.len())));
    lines.concat()
}

/// The same for programs: a JSON array.
pub(super) fn json<T: Serialize>(rows: &[T]) -> String {
    json_of(&rows)
}

/// One value for programs.
pub(super) fn json_of<T: Serialize>(value: &T) -> String {
    let json = serde_json::to_string_pretty(value).expect("rows of text are JSON");
    let mut text = String::with_capacity(json.len() + 1);
    push_json(&mut text, &json);
    text.push('\n');
    text
}

fn cells(head: &[&str], rows: &[Vec<String>], form: impl Fn(String) -> String) -> Vec<Vec<String>> {
    let head = head.iter().map(ToString::to_string).collect();
    let shown = |row: &Vec<String>| row.iter().map(|text| form(visible(text).into_owned())).collect();
    once(head).chain(rows.iter().map(shown)).collect()
}

#[cfg(test)]
mod tests {
    use super::{markdown, table};

    #[test]
    fn columns_are_aligned_and_nothing_is_hidden() {
        let rows = [vec!["a".to_owned(), "é|_\u{1b}".to_owned()], vec!["long".to_owned(), String::new()]];
        assert_eq!(table(&["X", "Y"], &rows), "X     Y\na     é|_\\u{1b}\nlong\n");
        assert_eq!(
            markdown(&["X", "Y"], &rows),
            "| X | Y |\n| --- | --- |\n| a | é\\|\\_\\\\u{1b} |\n| long |  |\n"
        );
    }
}
