//! What Compose refuses, or what can't be meant, beyond its schema: the facts. Their words are in `words.rs`.

use crate::source::diagnostic::Severity;

/// What is wrong. It never holds a value that could be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words say what each is")]
pub enum Fact {
    /// A document that nothing reads.
    NoPart,
    /// A value that has to be of a form.
    Text {
        expected: &'static str,
    },
    /// A size or a number of processors that isn't one.
    Amount {
        expected: &'static str,
    },
    /// Two keys of which only one can be.
    Exclusive {
        one: &'static str,
        other: String,
    },
    /// None of some keys of which one must be.
    NoneOf {
        keys: &'static [&'static str],
    },
    /// A literal `$`.
    Dollar,
    /// A service, or something else that is declared, of which two units say something.
    OfTwo {
        noun: &'static str,
        name: String,
    },
    // services
    NoService {
        name: String,
        meant: Option<String>,
    },
    NoHealthCheck {
        name: String,
        off: bool,
    },
    NeverCompletes {
        name: String,
    },
    Circle {
        names: Vec<String>,
    },
    ContainerTwice {
        name: String,
    },
    ContainersOfOneName,
    /// Several containers, of which another service shares the network of the first alone.
    FirstAlone {
        name: String,
    },
    PortTaken {
        port: String,
    },
    PortOfSeveral,
    // what stands at the top
    NotDeclared {
        section: Section,
        name: String,
        meant: Option<String>,
    },
    // files
    Outside,
    NoSecretFile {
        meant: Option<String>,
    },
    // the override
    Shadowed {
        name: String,
    },
}

/// A part of the file in which things are declared that services use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is what its key says")]
pub enum Section {
    Volumes,
    Networks,
    Configs,
    Secrets,
}

impl Fact {
    /// How bad it is. What may be right because of something outside of the repo is a warning.
    pub fn severity(&self) -> Severity {
        match self {
            Fact::NoHealthCheck { off: false, .. } | Fact::Outside => Severity::Warning,
            _ => Severity::Error,
        }
    }
}

impl Section {
    /// All of them.
    pub const ALL: [Section; 4] = [Section::Volumes, Section::Networks, Section::Configs, Section::Secrets];

    /// Its key at the top, and in a service.
    pub fn key(self) -> &'static str {
        match self {
            Section::Volumes => "volumes",
            Section::Networks => "networks",
            Section::Configs => "configs",
            Section::Secrets => "secrets",
        }
    }

    /// One of it.
    pub fn noun(self) -> &'static str {
        match self {
            Section::Volumes => "volume",
            Section::Networks => "network",
            Section::Configs => "config",
            Section::Secrets => "secret",
        }
    }
}
