//! Why a store doesn't give an item: the facts, in our own words. What a store, a library or a server says never
//! passes through.

use crate::source::span::Span;

/// Why an item, or a whole store, can't be had.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum StoreFault {
    /// No store of this kind is in this build.
    NotAvailable,
    /// The system refuses what a runtime needs.
    NoRuntime,
    /// Something that the store needs isn't set.
    NotSet {
        /// What, in words: `the address`.
        what: &'static str,
        /// How to set it.
        help: &'static str,
    },
    /// Something that is set is no good.
    BadSetting {
        /// Its name: a variable, or a key of `stores:`.
        name: String,
        /// Where it is written, if that is in the repo.
        span: Option<Span>,
        /// What is wrong with it, without its value.
        why: &'static str,
    },
    /// An address that only the repo names.
    Untrusted {
        /// The address, in its one form.
        address: String,
        /// Where it is written.
        span: Span,
        /// The variable that names a trusted one.
        variable: &'static str,
    },
    /// There are no credentials.
    NoCredentials {
        /// Where they were looked for.
        help: &'static str,
    },
    /// The credentials aren't accepted.
    Unauthenticated,
    /// Logging in failed.
    LoginRefused {
        /// The way that was tried.
        method: &'static str,
    },
    /// The clock of this machine isn't the store's.
    ClockSkew,
    /// The credentials don't permit it.
    Forbidden,
    /// There is no such item, or no such version of it.
    NotFound,
    /// The version was deleted, and may be brought back.
    Deleted,
    /// The version was destroyed for good.
    Destroyed,
    /// There is no such field.
    NoField {
        /// The fields up to and with the first that isn't there.
        fields: Vec<String>,
        /// The names that are there, if they are no secret.
        names: Option<Vec<String>>,
    },
    /// A field of something that has none.
    NotAMap {
        /// The fields that lead to it; empty for the whole item.
        fields: Vec<String>,
    },
    /// A map or a list where a value should be.
    NotAValue,
    /// `null` where a value should be.
    NullValue,
    /// A field is asked of something that isn't JSON.
    NotJson,
    /// A value of more than 1 MiB, or an answer that is far larger.
    TooLarge,
    /// The store is sealed.
    Sealed,
    /// Too many requests.
    RateLimited,
    /// The store says that it can't serve at the moment.
    Unavailable {
        /// The HTTP status.
        status: u16,
    },
    /// No answer in time.
    TimedOut(Stage),
    /// No connection.
    NoConnection(Connection),
    /// No trust in the connection.
    Tls(Trust),
    /// The store sends elsewhere, where no credentials are sent.
    Redirected,
    /// An answer that isn't one of this kind of store.
    BadAnswer {
        /// The HTTP status, if it is telling.
        status: Option<u16>,
    },
    /// A file that the repo doesn't give.
    Unreadable {
        /// Why.
        why: String,
    },
    /// A file that isn't one of SOPS, or isn't whole.
    BadFile {
        /// What is wrong with it.
        why: &'static str,
        /// The line, from 1, if it is about one.
        line: Option<usize>,
    },
    /// A SOPS file without an age recipient.
    OtherKeys {
        /// What it takes instead.
        kinds: Vec<&'static str>,
    },
    /// No identity opens a SOPS file.
    NoIdentity {
        /// Where identities were looked for.
        looked: String,
    },
    /// An encrypted value that was changed, cut off or moved.
    Damaged {
        /// The fields that lead to it.
        fields: Vec<String>,
    },
    /// The MAC over the values of a SOPS file isn't theirs.
    BadMac,
    /// A value that stands in a SOPS file in the clear.
    NotEncrypted {
        /// The fields that lead to it.
        fields: Vec<String>,
    },
    /// What a pointer asks for doesn't exist in this kind of store.
    Unsupported {
        /// What, in words.
        what: &'static str,
    },
}

/// What took too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Connecting.
    Connect,
    /// One answer.
    Answer,
    /// All of it.
    Everything,
}

/// Why there is no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Connection {
    /// The host's name isn't known.
    UnknownHost,
    /// Nothing listens there.
    Refused,
    /// It broke.
    Broken,
    /// Something else.
    Other,
}

/// Why the server can't be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trust {
    /// The certificate has expired, or the clock is wrong.
    Expired,
    /// It isn't valid yet, or the clock is wrong.
    NotYetValid,
    /// It is for another host.
    WrongHost,
    /// It isn't signed by an authority that is trusted.
    UnknownIssuer,
    /// It was revoked.
    Revoked,
    /// Anything else.
    Other,
}

impl StoreFault {
    /// Whether every item of the store fails the same way, so that it is said once.
    pub fn is_of_store(&self) -> bool {
        !matches!(
            self,
            StoreFault::Forbidden
                | StoreFault::NotFound
                | StoreFault::Deleted
                | StoreFault::Destroyed
                | StoreFault::NoField { .. }
                | StoreFault::NotAMap { .. }
                | StoreFault::NotAValue
                | StoreFault::NullValue
                | StoreFault::NotJson
                | StoreFault::TooLarge
                | StoreFault::Unreadable { .. }
                | StoreFault::BadFile { .. }
                | StoreFault::OtherKeys { .. }
                | StoreFault::Damaged { .. }
                | StoreFault::BadMac
                | StoreFault::NotEncrypted { .. }
                | StoreFault::Unsupported { .. }
                | StoreFault::BadAnswer { .. }
        )
    }

    /// The place in the repo that is at fault, and what stands there, if the pointer isn't.
    pub fn place(&self) -> Option<(Span, &'static str)> {
        match self {
            StoreFault::Untrusted { span, .. } => Some((*span, "the address")),
            StoreFault::BadSetting { span, .. } => span.map(|span| (span, "")),
            _ => None,
        }
    }
}
