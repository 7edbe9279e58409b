//! What can be wrong with an exception: the facts, and their words.

use time::Date;

use super::exceptions::Target;
use crate::source::diagnostic::Diagnostic;
use crate::source::repo_path::PathFault;
use crate::source::span::Span;

/// A fact about exceptions.yaml.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Covers nothing, although its file was scanned.
    Stale {
        /// The entry.
        span: Span,
        /// What it is about.
        target: Target,
        /// What stands there instead.
        instead: Instead,
    },
    /// Its last day has gone by.
    Expired {
        /// The day, where it is written.
        span: Span,
        /// The day.
        day: Date,
        /// What it is about.
        target: Target,
    },
    /// Covers what another one covers.
    Duplicate {
        /// The second entry.
        span: Span,
        /// The first.
        first: Span,
    },
    /// Its file is no path in the repo.
    BadFile {
        /// Where it is written.
        span: Span,
        /// Why.
        fault: PathFault,
    },
    /// Its value is a number, but not of 16 digits.
    NoFingerprint {
        /// Where it is written.
        span: Span,
    },
    /// The calendar doesn't have the day.
    NoSuchDay {
        /// Where it is written.
        span: Span,
    },
}

/// What is found in place of the value that an exception is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instead {
    /// Nothing like it.
    Nothing,
    /// Another value at the same place.
    OtherValue,
    /// The same value, by another rule.
    OtherRule(&'static str),
    /// The same value, at another place of the file.
    OtherPath(Option<String>),
}

impl From<Fault> for Diagnostic {
    fn from(fault: Fault) -> Diagnostic {
        match fault {
            Fault::Stale { span, target, instead } => stale(span, &target, instead),
            Fault::Expired { span, day, target } => Diagnostic::error(
                "expired-exception",
                format!("this exception has ended: {day} was its last day"),
            )
            .at(span, format!("`{}` finds the value in `{}` again", target.rule, target.file))
            .help("take the value out of the file, and the exception with it")
            .help("or review it once more and write another day; `sealwright check --write-exceptions --reason TEXT` does so"),
            Fault::Duplicate { span, first } => {
                Diagnostic::error("duplicate-exception", "this exception is there already")
                    .at(span, "the same rule, file, path and value")
                    .at(first, "as here")
                    .help("remove one of them")
            }
            Fault::BadFile { span, fault } => {
                Diagnostic::error("bad-exception", fault.to_string())
                    .at(span, "")
                    .help("write the path from the root of the repo, such as `apps/carts/app.yaml`")
            }
            Fault::NoFingerprint { span } => {
                Diagnostic::error("bad-exception", "the value isn't 16 hexadecimal digits")
                    .at(span, "")
                    .help("`sealwright check --write-exceptions --reason …` writes them")
            }
            Fault::NoSuchDay { span } => {
                Diagnostic::error("bad-exception", "the calendar has no such day").at(span, "")
            }
        }
    }
}

fn stale(span: Span, target: &Target, instead: Instead) -> Diagnostic {
    let Target { rule, file, .. } = target;
    let found = Diagnostic::error("stale-exception", "this exception covers nothing")
        .at(span, format!("`{rule}` doesn't find the value in `{file}`"));
    match instead {
        Instead::Nothing => found.help("remove it: the value, or the file, is gone"),
        Instead::OtherValue => found.help(
            "another value stands there now: take it out of the file, or review it; `sealwright check --write-exceptions --reason TEXT` then renews the exception",
        ),
        Instead::OtherRule(rule) => found.help(format!("`{rule}` finds it now: did you mean that rule?")),
        Instead::OtherPath(Some(path)) => found.help(format!("it stands at `{path}` now: write that path, if it may stand there")),
        Instead::OtherPath(None) => {
            found.help("it is found in the text of the file now: remove `path`, if it may stand there")
        }
    }
}
