//! What can be wrong with a control repo: the facts. Their words are in `words.rs` and `secret_words.rs`.

use std::sync::Arc;

use super::ciphertext::CiphertextFault;
use super::config_schema::SchemaFault;
use super::expression::ExpressionFault;
use super::name::UnitName;
use super::platform_words::platform_words;
use super::pointer::PointerFault;
use super::recipient::RecipientFault;
use super::scope::PatternFault;
use super::secret_words::{permission_words, secret_file_words, secret_words};
use super::typed_secrets::TypedFault;
use super::words::{expression_words, file_words, name_words, workload_words};
use crate::source::diagnostic::Diagnostic;
use crate::source::repo_path::PathFault;
use crate::source::span::Span;
use crate::source::world::ReadError;

/// A fact about a control repo that keeps it from compiling. None of them holds a value that could be
/// a secret.
#[derive(Debug)]
#[expect(missing_docs, reason = "the words say what each is")]
pub enum Fault {
    // files
    MissingFile {
        path: String,
        repo: String,
    },
    Unreadable {
        path: String,
        error: ReadError,
    },
    BadFileName {
        path: String,
        fault: PathFault,
    },
    TemplateNotUtf8 {
        path: String,
    },
    UnreadFile {
        path: String,
        why: &'static str,
    },
    SeveralDocuments {
        second: Span,
    },
    NotAMapping {
        span: Span,
        found: &'static str,
    },
    // names
    BadName {
        what: &'static str,
        path: String,
    },
    ReservedEnvironment,
    UnknownEnvironment {
        name: String,
        span: Option<Span>,
        known: Vec<String>,
    },
    ExtendsCycle {
        circle: Vec<(String, Span)>,
    },
    MissingPlatform {
        environment: String,
        span: Span,
    },
    UnknownPlatform {
        name: String,
        span: Span,
        known: Vec<String>,
    },
    FileWithoutEnvironment {
        path: String,
        known: Vec<String>,
    },
    UnknownApp {
        name: String,
        span: Span,
        known: Vec<String>,
    },
    BadVersion {
        span: Span,
    },
    NotInEnvironment {
        unit: UnitName,
    },
    NothingSelected {
        pattern: String,
        units: Vec<String>,
        environments: Vec<String>,
    },
    // interpolation
    UnclosedExpression {
        span: Span,
    },
    BadExpression {
        span: Span,
        fault: ExpressionFault,
    },
    UndefinedName {
        name: String,
        span: Span,
        known: Vec<String>,
    },
    UnknownRoot {
        root: String,
        span: Span,
        known: &'static [&'static str],
    },
    WholeRoot {
        root: String,
        span: Span,
    },
    Cycle {
        root: &'static str,
        circle: Vec<(Arc<str>, Span)>,
        span: Span,
    },
    SensitiveOutput {
        name: String,
        span: Span,
    },
    UnusableOutput {
        name: String,
        span: Span,
        output: Span,
        sensitive: bool,
    },
    SecretInPlainText {
        name: String,
        span: Span,
    },
    // workload
    MissingImage {
        what: String,
        span: Span,
    },
    ImageHasVersion {
        image: Span,
        version: Span,
    },
    PortWithoutNumber {
        span: Span,
    },
    NodePortWithoutService {
        span: Span,
        hidden: Span,
    },
    PortTaken {
        span: Span,
        other: Span,
        name: String,
    },
    ProbeKind {
        span: Span,
        /// What the latest layer says first.
        found: Vec<(&'static str, Span)>,
    },
    ProbePort {
        span: Span,
        known: Vec<String>,
    },
    UnknownPort {
        span: Span,
        name: String,
        known: Vec<String>,
    },
    VolumeWithoutPath {
        span: Span,
        name: String,
    },
    UnknownVolume {
        span: Span,
        name: String,
        known: Vec<String>,
    },
    VariableSetTwice {
        span: Span,
        other: Span,
        name: String,
    },
    // the app's own schema of its config
    BadConfigSchema {
        span: Span,
        fault: SchemaFault,
    },
    // packs of the repo
    BadPackSchema {
        span: Span,
        fault: SchemaFault,
    },
    SecretInConfig {
        span: Span,
        name: String,
        schema: Span,
        app: String,
    },
    SecretInPlatform {
        span: Span,
        key: String,
        platform: String,
    },
    // secrets
    PlaintextSecret {
        span: Span,
        name: String,
        /// What `sealwright secret set` takes for the place.
        target: String,
    },
    SecretWithoutValue {
        span: Span,
        name: String,
    },
    BrokenComposition {
        span: Span,
        name: String,
    },
    SecretExpression {
        span: Span,
        name: String,
    },
    SecretCycle {
        span: Span,
        other: Span,
        name: String,
        nested: bool,
    },
    BadPointer {
        span: Span,
        fault: PointerFault,
    },
    BadCiphertext {
        span: Span,
        name: String,
        target: String,
        fault: CiphertextFault,
    },
    MovedCiphertext {
        span: Span,
        name: String,
        here: Place,
        sealed: Place,
    },
    WrongRecipients {
        span: Span,
        name: String,
        environments: Vec<String>,
        count: usize,
        target: String,
    },
    WithoutRecipients {
        span: Span,
        name: String,
        environments: Vec<String>,
    },
    WithoutReader {
        span: Span,
        name: String,
        shared: bool,
    },
    /// A shared secret that names one of an app.
    SharedNamesSecret {
        span: Span,
    },
    SharedNotFor {
        span: Span,
        name: String,
        app: String,
        declared: Span,
    },
    // files
    File {
        span: Span,
        name: String,
        fault: FileFault,
    },
    BadRecipient {
        span: Span,
        fault: RecipientFault,
    },
    UnknownGroup {
        group: String,
        span: Span,
        known: Vec<String>,
    },
    // what one platform alone knows
    BadOperation {
        span: Span,
        name: String,
        lacks: &'static str,
    },
    TypedSecret {
        span: Span,
        name: String,
        fault: TypedFault,
    },
    // permissions
    BadInlineRule {
        span: Span,
    },
    BadGlob {
        span: Span,
        glob: String,
    },
    BadPattern {
        span: Span,
        fault: PatternFault,
    },
    OutOfScope {
        span: Span,
        locator: String,
        unit: UnitName,
        patterns: Vec<Span>,
        document: Span,
        suggestion: String,
    },
}

/// What can be wrong with a file that a unit declares, or a secret that it delivers as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words say what each is")]
pub enum FileFault {
    HoldsSource,
    NoPath,
    NoContent,
    BadPath,
    BadMode,
    ModeWithoutFile,
    NameTaken { other: Span },
    PathTaken { other: Span },
}

/// The repo's id, the file, and the RFC 6901 pointer of a value.
pub type Place = (String, String, String);

impl From<Fault> for Diagnostic {
    fn from(fault: Fault) -> Diagnostic {
        match fault {
            Fault::MissingFile { .. }
            | Fault::Unreadable { .. }
            | Fault::BadFileName { .. }
            | Fault::TemplateNotUtf8 { .. }
            | Fault::UnreadFile { .. }
            | Fault::SeveralDocuments { .. }
            | Fault::NotAMapping { .. }
            | Fault::BadConfigSchema { .. }
            | Fault::BadPackSchema { .. } => file_words(fault),
            Fault::BadName { .. }
            | Fault::ReservedEnvironment
            | Fault::UnknownEnvironment { .. }
            | Fault::ExtendsCycle { .. }
            | Fault::MissingPlatform { .. }
            | Fault::FileWithoutEnvironment { .. }
            | Fault::UnknownApp { .. }
            | Fault::BadVersion { .. }
            | Fault::NotInEnvironment { .. }
            | Fault::NothingSelected { .. } => name_words(fault),
            Fault::UnclosedExpression { .. }
            | Fault::BadExpression { .. }
            | Fault::UndefinedName { .. }
            | Fault::UnknownRoot { .. }
            | Fault::WholeRoot { .. }
            | Fault::Cycle { .. }
            | Fault::SensitiveOutput { .. }
            | Fault::UnusableOutput { .. }
            | Fault::SecretInPlainText { .. } => expression_words(fault),
            Fault::MissingImage { .. }
            | Fault::ImageHasVersion { .. }
            | Fault::PortWithoutNumber { .. }
            | Fault::NodePortWithoutService { .. }
            | Fault::PortTaken { .. }
            | Fault::ProbeKind { .. }
            | Fault::ProbePort { .. }
            | Fault::UnknownPort { .. }
            | Fault::VolumeWithoutPath { .. }
            | Fault::UnknownVolume { .. }
            | Fault::VariableSetTwice { .. } => workload_words(fault),
            Fault::File { .. } => secret_file_words(fault),
            Fault::UnknownPlatform { .. } | Fault::BadOperation { .. } | Fault::TypedSecret { .. } => {
                platform_words(fault)
            }
            Fault::BadInlineRule { .. }
            | Fault::BadGlob { .. }
            | Fault::BadPattern { .. }
            | Fault::OutOfScope { .. } => permission_words(fault),
            _ => secret_words(fault),
        }
    }
}
