//! What a run has to say: a code in words, a message, places in the source, and the next step.

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
