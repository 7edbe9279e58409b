//! The source files that were read, by [`FileId`], with what must not be shown of them.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::span::{FileId, Span};

/// One file: its path as people see it, its text, and the byte ranges that no diagnostic may show.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Repo-relative path with `/`, or a name in angle brackets for what is built in.
    pub path: String,
    /// The whole text.
    pub text: Arc<str>,
    /// Ranges whose characters are replaced by `•` wherever the text is shown.
    pub masks: Vec<Range<usize>>,
}

impl SourceFile {
    /// Whether it comes with the program, and is no file of the repo.
    pub fn is_built_in(&self) -> bool {
        self.path.starts_with('<')
    }
}

/// A line and a column, both from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineColumn {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

/// All files that a run has read. Only grows, so a span stays valid.
#[derive(Clone, Debug, Default)]
pub struct Files {
    list: Vec<SourceFile>,
}

impl Files {
    /// Adds a file and returns the id under which spans name it.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        let id = FileId(u32::try_from(self.list.len()).expect("fewer than 2^32 files are read"));
        self.list.push(SourceFile { path: path.into(), text: text.into(), masks: Vec::new() });
        id
    }

    /// The file behind an id.
    pub fn get(&self, id: FileId) -> &SourceFile {
        &self.list[id.0 as usize]
    }

    /// Hides `range` of a file from every diagnostic.
    pub fn mask(&mut self, id: FileId, range: Range<usize>) {
        self.list[id.0 as usize].masks.push(range);
    }

    /// Hides spans from every diagnostic, in each file of the same path and text: a run may have read one
    /// twice.
    pub fn conceal(&mut self, spans: impl Iterator<Item = Span>) {
        let mut spans = spans.peekable();
        if spans.peek().is_none() {
            return;
        }
        let mut by_path: HashMap<String, Vec<usize>> = HashMap::new();
        for (number, file) in self.list.iter().enumerate() {
            by_path.entry(file.path.clone()).or_default().push(number);
        }
        for span in spans {
            let source = self.get(span.file);
            let (same_path, text) = (&by_path[&source.path], Arc::clone(&source.text));
            for number in same_path {
                let file = &mut self.list[*number];
                if file.text == text {
                    file.masks.push(span.range());
                }
            }
        }
    }

    /// The source text of a span, unmasked: for parsing, never for showing.
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.file).text.get(span.range()).unwrap_or("")
    }

    /// Where a span begins.
    pub fn line_column(&self, span: Span) -> LineColumn {
        let text = &self.get(span.file).text;
        let mut start = (span.start as usize).min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let before = &text[..start];
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        LineColumn {
            line: before.bytes().filter(|b| *b == b'\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    /// `path:line:column` of a span.
    pub fn locate(&self, span: Span) -> String {
        let at = self.line_column(span);
        format!("{}:{}:{}", self.get(span.file).path, at.line, at.column)
    }
}
