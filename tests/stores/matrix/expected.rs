//! What is to come of each fault at each store.

use super::fault::Fault::{self, *};
use super::store::Store::{self, *};

/// What is to come of a fault.
pub enum Expected {
    /// The values arrive, after so many tries of a request.
    Works(usize),
    /// They don't, for a reason.
    Fails {
        /// The code of the diagnostic.
        code: &'static str,
        /// Words of it.
        said: &'static str,
        /// The most often that one request is made.
        tries: Tries,
        /// Whose places it names.
        named: Named,
    },
}

/// How often a request is made.
#[derive(Clone, Copy)]
pub enum Tries {
    Exactly(usize),
    /// From once to four times, as the time allows.
    Some,
}

/// Which pointers a diagnostic names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Named {
    All,
    /// That of [`OTHER`](super::store::OTHER) alone.
    Other,
    /// One of them, whichever came later.
    One,
}

/// What is to come of a fault at a store; `None` where the store knows no such thing.
pub fn expected(fault: Fault, store: Store) -> Option<Expected> {
    let works = |tries| Some(Expected::Works(tries));
    let named = |code, said, tries, named| Some(Expected::Fails { code, said, tries, named });
    let fails = |code, said, tries| named(code, said, Tries::Exactly(tries), Named::All);
    let unreachable = |said, tries| fails("store-unreachable", said, tries);
    let is_aws = matches!(store, Secrets | Parameters);
    match (fault, store) {
        (Nothing | NothingOverTls, _) => works(1),

        (UnknownHost, _) => unreachable("its host's name isn't known", 0),
        (Refused, _) => unreachable("the connection is refused", 0),
        (FullBacklog, _) => unreachable("connecting takes too long", 0),
        (Silence | SlowBody, _) => {
            named("store-unreachable", "it takes too long to answer", Tries::Some, Named::All)
        }
        (CutBody, _) => unreachable("the connection broke", 4),

        (ExpiredCertificate, _) => unreachable("its certificate has expired", 0),
        (CertificateOfAnotherHost, _) => unreachable("its certificate is for another host", 0),
        (SelfSignedCertificate, _) => unreachable("its certificate isn't from a trusted authority", 0),

        (Status400 | Status403 | Status404, Login) => {
            fails("store-denied", "it refuses the login by AppRole", 1)
        }
        (Status400, _) => fails("store-failed", "its answer makes no sense (HTTP 400)", 1),
        (Status403, _) => fails("store-denied", "reading it is forbidden", 1),
        (Status404, Vault | Mounts) => fails("secret-not-found", "there is no kv/web", 1),
        (Status404, _) => fails("store-failed", "its answer makes no sense (HTTP 404)", 1),

        (LimitedForASecond | LimitedOnce | Status500Once, _) => works(2),
        (LimitedForEver, _) => unreachable("it limits the rate of requests", 4),
        (Status500, _) => unreachable("it can't serve at the moment (HTTP 500)", 4),
        (OutOfService, _) if is_aws => unreachable("it can't serve at the moment (HTTP 503)", 4),
        (OutOfService, _) => unreachable("it is sealed", 1),

        // Logging in again gives another token, and whoever has but one has none after it.
        (ExpiredMidway, Login) => works(2),
        (ExpiredMidway, Mounts) => None,
        (ExpiredMidway, _) => {
            named("store-denied", "it doesn't accept the credentials", Tries::Exactly(1), Named::One)
        }

        (PartialBatch, Secrets) => works(1),
        (PartialBatch, Parameters) => {
            named("secret-not-found", "there is no /shop/other", Tries::Exactly(1), Named::Other)
        }
        (PartialBatch, _) => None,
        (MissingItem, Login | Mounts) => None,
        (MissingItem, Vault) => {
            named("secret-not-found", "there is no kv/other", Tries::Exactly(1), Named::Other)
        }
        (MissingItem, Secrets) => {
            named("secret-not-found", "there is no other", Tries::Exactly(1), Named::Other)
        }
        (MissingItem, Parameters) => {
            named("secret-not-found", "there is no /shop/other", Tries::Exactly(1), Named::Other)
        }
        (MissingField, Login | Mounts) => fails("store-failed", "its answer makes no sense", 1),
        (MissingField, Vault) => named(
            "field-not-found",
            "no field `token` at kv/other; it has `tokens`",
            Tries::Exactly(1),
            Named::Other,
        ),
        (MissingField, _) => named("field-not-found", "no field `token` at", Tries::Exactly(1), Named::Other),
        (TruncatedJson | WrongType | Html | GzipBomb, _) => {
            fails("store-failed", "its answer makes no sense", 1)
        }
        (EndlessBody, Login | Mounts) => fails("store-failed", "its answer makes no sense", 1),
        (EndlessBody, _) => fails("secret-too-large", "it is larger than 1 MiB", 1),
        (Redirect, _) => fails("store-failed", "it sends elsewhere, where credentials don't follow", 1),

        (ClockSkew, _) if is_aws => {
            fails("store-denied", "its clock and that of this machine differ too much", 4)
        }
        (PassingClockSkew, _) if is_aws => works(2),
        // Nothing that Vault is sent holds a time.
        (ClockSkew | PassingClockSkew, _) => None,
    }
}
