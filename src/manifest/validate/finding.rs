//! What is wrong with documents of the output: the facts. Their words are in `words.rs`.

use std::borrow::Cow;

use super::compose::fact::Fact as ComposeFact;
use super::ecs::fact::EcsFact;
use super::grammar::Grammar;
use super::spot::Spot;
use crate::source::diagnostic::Severity;

/// A fact about a value of a document. It never holds a value that could be a secret.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Which of the documents.
    pub document: usize,
    /// The positions that lead to the value from the root of the document.
    pub steps: Vec<usize>,
    /// What is wrong.
    pub fact: Fact,
    /// Another value that has to do with it.
    pub other: Option<(usize, Vec<usize>)>,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words say what each is")]
pub enum Fact {
    // what a schema says
    UnknownKey {
        key: String,
        meant: Option<String>,
        known: Vec<String>,
    },
    MissingKey {
        key: String,
    },
    Type {
        expected: Cow<'static, str>,
        found: &'static str,
    },
    /// A key that none of the patterns takes, of which this is the first.
    KeyForm {
        key: String,
        pattern: String,
    },
    /// Breaks a rule of the schema that is no type.
    Form {
        expected: String,
    },
    // kinds
    NotAnObject,
    UnknownKind {
        kind: String,
        api_version: String,
        meant: Option<String>,
        severity: Severity,
    },
    // what the platform asks beyond its schema
    Option {
        options: Vec<String>,
        meant: Option<String>,
    },
    Range {
        least: i64,
        most: i64,
    },
    Grammar {
        grammar: Grammar,
    },
    LabelKey {
        key: String,
    },
    LabelValue {
        key: String,
    },
    DataKey {
        key: String,
    },
    MissingName,
    ObjectName {
        kind: String,
        grammar: Grammar,
    },
    RequestOverLimit {
        resource: String,
    },
    MinimumOverMaximum,
    RestartPolicy {
        kind: String,
    },
    UnnamedPort,
    // names that occur twice
    Twice {
        what: Twice,
        name: String,
    },
    // what refers to something
    Selector {
        kind: String,
        key: String,
    },
    SelectsNothing {
        kind: String,
    },
    NoSuchPart {
        what: Part,
        name: String,
        meant: Option<String>,
    },
    NoSuchKey {
        kind: String,
        object: String,
        key: String,
        meant: Option<String>,
    },
    NoSuchObject {
        kind: String,
        name: String,
        meant: Option<String>,
    },
    PortOfNoPod {
        port: String,
    },
    // what Compose asks
    Compose(ComposeFact),
    // what only ECS asks
    Ecs(EcsFact),
}

/// What must have a name of its own among its like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words say what each is")]
pub enum Twice {
    Container,
    Variable,
    Volume,
    MountPath,
    PortName,
    PortNumber,
}

/// What a pod or a Service names of itself or of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words say what each is")]
pub enum Part {
    Volume,
    ContainerPort,
    ServicePort,
}

impl Finding {
    /// A fact about a value.
    pub fn at(spot: &Spot<'_>, fact: Fact) -> Finding {
        Finding { document: spot.document, steps: spot.steps(), fact, other: None }
    }

    /// The same with another value that has to do with it.
    pub fn with(mut self, other: &Spot<'_>) -> Finding {
        self.other = Some((other.document, other.steps()));
        self
    }

    /// Whether a schema says so, as any validator of schemas would find.
    pub fn is_of_schema(&self) -> bool {
        matches!(
            self.fact,
            Fact::UnknownKey { .. }
                | Fact::MissingKey { .. }
                | Fact::Type { .. }
                | Fact::KeyForm { .. }
                | Fact::Form { .. }
        )
    }

    /// How bad it is. What the platform refuses, or what can never run, is an error; what may be right
    /// because of something outside of the repo is a warning.
    pub fn severity(&self) -> Severity {
        match &self.fact {
            Fact::UnknownKind { severity, .. } => *severity,
            Fact::Compose(fact) => fact.severity(),
            Fact::Ecs(fact) => fact.severity(),
            Fact::SelectsNothing { .. }
            | Fact::NoSuchObject { .. }
            | Fact::Twice { what: Twice::Variable | Twice::PortNumber, .. } => Severity::Warning,
            _ => Severity::Error,
        }
    }
}
