//! What can be wrong with documents of ECS beyond what any schema says: the facts. Their words are in `words.rs`.

use super::size::Size;
use crate::source::diagnostic::Severity;

/// A fact about a value of a document. It never holds a value that could be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words say what each is")]
pub enum EcsFact {
    // the size of a task
    NoTaskSize {
        cpu: bool,
        memory: bool,
        smallest: Option<Size>,
    },
    NotASize {
        key: &'static str,
    },
    NoSuchCpu {
        cpu: i64,
        smallest: Option<Size>,
    },
    NoSuchMemory {
        cpu: i64,
        memory: i64,
        smallest: Option<Size>,
    },
    WindowsCpu,
    /// The containers ask for more than the task has; `limits` says that only their limits together do.
    OverTask {
        resource: &'static str,
        asked: i64,
        has: i64,
        limits: bool,
        smallest: Option<Size>,
    },
    // what Fargate and its network need and don't take
    Needs {
        key: &'static str,
        value: &'static str,
    },
    NeedsRole {
        reason: Role,
    },
    NotTaken {
        key: String,
        by: Taker,
    },
    /// Fargate sets it by itself.
    UlimitOfFargate,
    Exclusive {
        key: &'static str,
        other: &'static str,
    },
    // containers
    NoEssential,
    Circle {
        names: Vec<String>,
    },
    NoHealthCheck {
        container: String,
    },
    NeverEnds {
        container: String,
    },
    HealthCommand,
    HostPort,
    /// `plain` says that the other is a variable.
    SecretTwice {
        name: String,
        plain: bool,
    },
    Twice {
        what: Named,
        name: String,
    },
    // volumes
    UnusedVolume {
        name: String,
    },
    NoTransitEncryption,
    RootOfAccessPoint,
    // logs
    MissingLogOption {
        driver: String,
        key: &'static str,
    },
    NoLogRouter,
    // what refers to something
    NoSuch {
        what: Part,
        name: String,
        meant: Option<String>,
    },
    NoSuchPort {
        container: String,
        port: i64,
    },
    OtherFamily {
        family: String,
    },
    OtherService {
        service: String,
    },
    ValueFrom(ValueFrom),
    /// The end of a name that may be the suffix of its ARN, or not.
    MaybeSuffix {
        end: String,
    },
    // services
    NoSubnet,
    TwoBases,
    NoWeight,
    TooMany {
        what: &'static str,
        most: usize,
    },
    NothingChecked,
    NothingMoves,
    BreakerOfOther,
    // scaling
    NotOfEcs {
        key: &'static str,
        value: &'static str,
    },
    // schedules
    /// What a schedule has of its environment.
    ScheduleNeeds {
        key: &'static str,
    },
    NotJson,
    // parameters
    NotSecure,
    PlainParameter,
    SameObject {
        kind: &'static str,
        name: String,
    },
}

/// What needs the role with which ECS starts a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words say what each is")]
pub enum Role {
    Secrets,
    Logs,
    Image,
}

/// What doesn't take a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words say what each is")]
pub enum Taker {
    Fargate,
    Awsvpc,
}

/// What a part of a task, or what starts it, names of the task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words say what each is")]
pub enum Part {
    Container,
    Volume,
    PortName,
}

/// What must have a name of its own among its like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words say what each is")]
pub enum Named {
    Container,
    Volume,
    Port,
    PortName,
    Policy,
    Tag,
}

/// Why a `valueFrom` leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words say what each is")]
pub enum ValueFrom {
    /// A name of Secrets Manager, with or without a key.
    NotAnArn,
    OtherService,
    Arn,
    Parts,
    KeyWithColon,
    NestedKey,
    StageAndVersion,
    Parameter,
}

impl EcsFact {
    /// How bad it is. What may be right because of something outside of the repo, or is only of no use, is a
    /// warning.
    pub fn severity(&self) -> Severity {
        match self {
            EcsFact::OverTask { limits: true, .. }
            | EcsFact::UlimitOfFargate
            | EcsFact::UnusedVolume { .. }
            | EcsFact::OtherFamily { .. }
            | EcsFact::OtherService { .. }
            | EcsFact::MaybeSuffix { .. }
            | EcsFact::NothingChecked
            | EcsFact::ValueFrom(ValueFrom::NestedKey) => Severity::Warning,
            _ => Severity::Error,
        }
    }
}
