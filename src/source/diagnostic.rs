//! What a run has to say: a code in words, a message, places in the source, and the next step.

use super::files::Files;
use super::span::Span;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The run fails.
    Error,
    /// The run goes on.
    Warning,
}

/// A place in the source with what to say about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What stands beside the marks; may be empty.
    pub text: String,
}

/// A change that would put a finding right: a name for the one that was probably meant.
///
/// It is offered only where the source has the old name letter by letter, once; see
/// [`span`](Self::span).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The place in which the old name stands, with whatever is around it.
    pub within: Span,
    /// The old name.
    pub old: String,
    /// The new one.
    pub new: String,
}

impl Fix {
    /// Exactly what to replace; `None` when the source has the old name in another form or more than
    /// once, or through an alias, so that no one place is the right one.
    pub fn span(&self, files: &Files) -> Option<Span> {
        let text = files.slice(self.within);
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '*' | '&');
        let mut places = text.match_indices(&self.old).filter(|(at, old)| {
            let before = text[..*at].chars().next_back();
            let after = text[at + old.len()..].chars().next();
            !before.is_some_and(is_name) && !after.is_some_and(is_name)
        });
        let (at, old) = places.next().filter(|(_, old)| !old.is_empty())?;
        if places.next().is_some() {
            return None;
        }
        let offset = |n: usize| u32::try_from(n).ok().and_then(|n| self.within.start.checked_add(n));
        Some(Span::new(self.within.file, offset(at)?, offset(at + old.len())?))
    }
}

/// One finding. Its texts are lowercase, without a final period, and never quote a value that could be
/// a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// A code in words, such as `plaintext-secret`; `sealwright explain` knows it.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// Where; the first is the place that the finding is about. Empty when there is none.
    pub labels: Vec<Label>,
    /// The next steps.
    pub help: Vec<String>,
    /// A change that a program could make; people read it as help.
    pub fix: Option<Box<Fix>>,
}

impl Diagnostic {
    /// An error.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Diagnostic {
            code,
            severity: Severity::Error,
            message: message.into(),
            labels: Vec::new(),
            help: Vec::new(),
            fix: None,
        }
    }

    /// A warning.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, message) }
    }

    /// Adds a place; the first one added is where the finding stands.
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Adds a next step.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Adds the change that puts it right: in its first place, `new` for `old`.
    pub fn replacing(mut self, old: impl Into<String>, new: impl Into<String>) -> Self {
        self.fix = self.span().map(|within| Box::new(Fix { within, old: old.into(), new: new.into() }));
        self
    }

    /// Where the finding stands.
    pub fn span(&self) -> Option<Span> {
        self.labels.first().map(|label| label.span)
    }
}

/// The most findings that are kept. A text can be wrong in a million places; nobody reads so many, and each
/// costs memory.
const KEPT: usize = 1_000;

/// Findings of one phase, collected. The first thousand are kept, all others counted.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    errors: usize,
    left_out: usize,
}

impl Diagnostics {
    /// Adds a finding.
    pub fn push(&mut self, diagnostic: impl Into<Diagnostic>) {
        let diagnostic = diagnostic.into();
        self.errors += usize::from(diagnostic.severity == Severity::Error);
        if self.list.len() < KEPT {
            self.list.push(diagnostic);
        } else {
            self.left_out += 1;
        }
    }

    /// Adds all findings of another collection.
    pub fn extend(&mut self, other: Diagnostics) {
        self.errors += other.errors;
        let room = KEPT - self.list.len();
        self.left_out += other.left_out + other.list.len().saturating_sub(room);
        self.list.extend(other.list.into_iter().take(room));
    }

    /// Whether one of them is an error.
    pub fn has_errors(&self) -> bool {
        self.error_count() > 0
    }

    /// How many of them are errors.
    pub fn error_count(&self) -> usize {
        self.errors
    }

    /// Whether another finding would only be counted, so that there is no use in preparing it well.
    pub fn is_full(&self) -> bool {
        self.list.len() >= KEPT
    }

    /// Where the findings of a code stand.
    pub fn spans_of<'a>(&'a self, code: &'a str) -> impl Iterator<Item = Span> + 'a {
        self.list.iter().filter(move |found| found.code == code).filter_map(Diagnostic::span)
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The findings in the order of the source, each once; behind them how many were left out, if any were.
    pub fn sorted(mut self) -> Vec<Diagnostic> {
        self.list.sort_by(|a, b| {
            let key = |d: &Diagnostic| (d.span().is_none(), d.span(), d.severity, d.code);
            key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
        });
        self.list.dedup();
        if self.left_out > 0 {
            self.left_out += self.list.len().saturating_sub(KEPT - 1);
            self.list.truncate(KEPT - 1);
            let message = format!("there is more: {} findings are left out", self.left_out);
            self.list.push(Diagnostic {
                severity: if self.errors > 0 { Severity::Error } else { Severity::Warning },
                ..Diagnostic::error("more-findings", message).help("run again once some are mended")
            });
        }
        self.list
    }
}

#[cfg(test)]
mod tests {
    use super::Diagnostic;
    use crate::source::files::Files;
    use crate::source::span::Span;

    /// What a fix of `old` in `text` would replace.
    fn replaced(text: &str, old: &str) -> Option<(u32, u32)> {
        let mut files = Files::default();
        let file = files.add("a.yaml", format!("-{text}-"));
        let end = u32::try_from(text.len()).unwrap() + 1;
        let found = Diagnostic::error("x", "x").at(Span::new(file, 1, end), "").replacing(old, "new");
        found.fix.unwrap().span(&files).map(|span| (span.start - 1, span.end - 1))
    }

    #[test]
    fn a_fix_replaces_the_name_alone() {
        assert_eq!(replaced("imagee", "imagee"), Some((0, 6)));
        assert_eq!(replaced("\"imagee\"", "imagee"), Some((1, 7)));
        assert_eq!(replaced("{{ env.host | upper }}", "host"), Some((7, 11)));
        assert_eq!(replaced("é: host", "host"), Some((4, 8)));
    }

    #[test]
    fn there_is_no_fix_where_the_place_is_in_doubt() {
        for (text, old) in [
            ("*imagee", "imagee"),
            ("imagees", "imagee"),
            ("host ~ host", "host"),
            ("\"im\\x61gee\"", "imagee"),
            ("x", ""),
        ] {
            assert_eq!(replaced(text, old), None, "{text}");
        }
    }
}
