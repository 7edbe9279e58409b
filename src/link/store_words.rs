//! The words for why a store doesn't give a secret.

use super::address::TRUSTED_VARIABLE;
use super::connected::TIMEOUT_VARIABLE;
use super::store_fault::{Connection, Stage, StoreFault, Trust};
use crate::config::backend::shortened;
use crate::source::diagnostic::Diagnostic;
use crate::source::nearest::nearest;

/// How many names of fields are shown.
const SHOWN: usize = 10;

impl StoreFault {
    /// The diagnostic that says so, without its places.
    pub fn found(&self, message: String) -> Diagnostic {
        let code = match self {
            StoreFault::NotAvailable => "store-not-available",
            StoreFault::NotSet { .. } | StoreFault::BadSetting { .. } => "store-settings",
            StoreFault::Untrusted { .. } => "untrusted-store",
            StoreFault::NoCredentials { .. }
            | StoreFault::Unauthenticated
            | StoreFault::LoginRefused { .. }
            | StoreFault::ClockSkew
            | StoreFault::Forbidden => "store-denied",
            StoreFault::NotFound | StoreFault::Deleted | StoreFault::Destroyed => "secret-not-found",
            StoreFault::NoField { .. } => "field-not-found",
            StoreFault::NotAMap { .. }
            | StoreFault::NotAValue
            | StoreFault::NullValue
            | StoreFault::NotJson
            | StoreFault::Unsupported { .. } => "wrong-kind-of-secret",
            StoreFault::TooLarge => "secret-too-large",
            StoreFault::Unreadable { .. } => "unreadable-file",
            StoreFault::BadFile { .. } | StoreFault::OtherKeys { .. } => "bad-sops-file",
            StoreFault::NoIdentity { .. } => "missing-identity",
            StoreFault::Damaged { .. } | StoreFault::BadMac => "decryption-failed",
            StoreFault::NotEncrypted { .. } => "plaintext-secret",
            StoreFault::Sealed
            | StoreFault::RateLimited
            | StoreFault::Unavailable { .. }
            | StoreFault::TimedOut(_)
            | StoreFault::NoConnection(_)
            | StoreFault::Tls(_) => "store-unreachable",
            StoreFault::NoRuntime | StoreFault::Redirected | StoreFault::BadAnswer { .. } => "store-failed",
        };
        self.helps().into_iter().fold(Diagnostic::error(code, message), Diagnostic::help)
    }

    /// What is said of a store, called `store`, none of whose items can be had.
    pub fn of_store(&self, store: &str) -> String {
        match self {
            StoreFault::NotAvailable => format!("this version links no {store} store"),
            StoreFault::BadSetting { name, why, .. } => format!("`{name}` is no good for {store}: {why}"),
            StoreFault::Untrusted { address, .. } => {
                format!("{address} receives no credentials, as only the control repo names it")
            }
            _ => format!("{store}: {}", self.cause()),
        }
    }

    /// What is said of an item, written as its path.
    pub fn of_item(&self, item: &str) -> String {
        match self {
            StoreFault::NotFound => format!("there is no {item}"),
            StoreFault::Deleted => format!("{item} is deleted"),
            StoreFault::Destroyed => format!("{item} is destroyed"),
            StoreFault::NoField { fields, names } => {
                let path = fields.join("/");
                match names {
                    Some(names) if names.is_empty() => format!("no field `{path}` at {item}; it has none"),
                    Some(names) => {
                        let mut shown: Vec<String> =
                            names.iter().map(|name| format!("`{}`", shortened(name))).collect();
                        shown.sort();
                        let more = shown.len().saturating_sub(SHOWN);
                        shown.truncate(SHOWN);
                        let and = if more > 0 { format!(" and {more} more") } else { String::new() };
                        format!("no field `{path}` at {item}; it has {}{and}", shown.join(", "))
                    }
                    None => format!("no field `{path}` at {item}"),
                }
            }
            StoreFault::NotAMap { fields } => match fields.as_slice() {
                [] => format!("{item} has no fields"),
                fields => format!("`{}` at {item} has no fields", fields.join("/")),
            },
            StoreFault::Damaged { fields } => {
                format!("`{}` at {item} is damaged, or was moved there", fields.join("/"))
            }
            StoreFault::NotEncrypted { fields } => {
                format!("`{}` at {item} isn't encrypted", fields.join("/"))
            }
            StoreFault::OtherKeys { kinds } if kinds.is_empty() => format!("{item} has no recipients"),
            StoreFault::OtherKeys { kinds } => {
                format!("{item} is encrypted for {}, not for age", kinds.join(", "))
            }
            _ => format!("{item}: {}", self.cause()),
        }
    }

    /// The next steps.
    fn helps(&self) -> Vec<String> {
        let one = |text: &str| vec![text.to_owned()];
        match self {
            StoreFault::NotAvailable => {
                one("`sealwright preview` shows the documents with the pointer in its place")
            }
            StoreFault::NotSet { help, .. } | StoreFault::NoCredentials { help } => one(help),
            StoreFault::Untrusted { address, variable, .. } => vec![format!(
                "if it is the right one, name it outside of the repo: {variable}={address}, or one of several in \
                 {TRUSTED_VARIABLE}"
            )],
            StoreFault::NoField { fields, names: Some(names) } => {
                let wanted = fields.last().map_or("", String::as_str);
                let meant = nearest(wanted, names.iter().map(String::as_str));
                meant.map(|name| format!("did you mean `{}`?", shortened(name))).into_iter().collect()
            }
            StoreFault::Forbidden => {
                one("the credentials that were used need permission to read it, if it is there")
            }
            StoreFault::NotAValue => one("a pointer's fields lead to one value, as in `#/database/password`"),
            StoreFault::TimedOut(Stage::Everything) => {
                vec![format!("{TIMEOUT_VARIABLE} says how many seconds fetching may take")]
            }
            StoreFault::Tls(Trust::UnknownIssuer) => one(
                "an authority of your own is named by the environment, as in VAULT_CACERT or AWS_CA_BUNDLE, not by the repo",
            ),
            StoreFault::OtherKeys { .. } => {
                one("give it an age recipient: `sops rotate --in-place --add-age age1… FILE`")
            }
            StoreFault::NoIdentity { looked } => vec![
                "name an identity file with `--identity FILE` or SEALWRIGHT_IDENTITY_FILE".to_owned(),
                format!("looked {looked}"),
            ],
            StoreFault::BadMac => one(
                "values were changed, added or removed without `sops`: restore the file, or look at what \
                 changed and write it anew with `sops edit --ignore-mac FILE`",
            ),
            StoreFault::NotEncrypted { .. } => one(
                "let `sops` encrypt it, see `unencrypted_suffix` and the like in .sops.yaml; what is no secret \
                 belongs under `config:`",
            ),
            StoreFault::Redirected => one("the address is that of the server itself, with the right scheme"),
            StoreFault::ClockSkew | StoreFault::Tls(Trust::Expired | Trust::NotYetValid) => {
                one("is the clock of this machine right?")
            }
            _ => Vec::new(),
        }
    }

    fn cause(&self) -> String {
        match self {
            StoreFault::NotAvailable => "this version doesn't link it".into(),
            StoreFault::NoRuntime => "the system refuses the resources to connect".into(),
            StoreFault::NotSet { what, .. } => format!("{what} isn't set"),
            StoreFault::BadSetting { name, why, .. } => format!("`{name}` is no good: {why}"),
            StoreFault::Untrusted { address, .. } => format!("{address} isn't trusted"),
            StoreFault::NoCredentials { .. } => "there are no credentials for it".into(),
            StoreFault::Unauthenticated => "it doesn't accept the credentials".into(),
            StoreFault::LoginRefused { method } => format!("it refuses the login by {method}"),
            StoreFault::ClockSkew => "its clock and that of this machine differ too much".into(),
            StoreFault::Forbidden => "reading it is forbidden".into(),
            StoreFault::NotFound => "there is no such item".into(),
            StoreFault::Deleted => "it is deleted".into(),
            StoreFault::Destroyed => "it is destroyed".into(),
            StoreFault::NoField { .. } => "there is no such field".into(),
            StoreFault::NotAMap { .. } => "it has no fields".into(),
            StoreFault::NotAValue => "a map or a list stands there, not a value".into(),
            StoreFault::NullValue => "null stands there, not a value".into(),
            StoreFault::NotJson => "it isn't JSON, so it has no fields".into(),
            StoreFault::TooLarge => "it is larger than 1 MiB".into(),
            StoreFault::Sealed => "it is sealed".into(),
            StoreFault::RateLimited => "it limits the rate of requests".into(),
            StoreFault::Unavailable { status } => format!("it can't serve at the moment (HTTP {status})"),
            StoreFault::TimedOut(Stage::Connect) => "connecting takes too long".into(),
            StoreFault::TimedOut(Stage::Answer) => "it takes too long to answer".into(),
            StoreFault::TimedOut(Stage::Everything) => "the time for fetching is over".into(),
            StoreFault::NoConnection(Connection::UnknownHost) => "its host's name isn't known".into(),
            StoreFault::NoConnection(Connection::Refused) => "the connection is refused".into(),
            StoreFault::NoConnection(Connection::Broken) => "the connection broke".into(),
            StoreFault::NoConnection(Connection::Other) => "it can't be connected to".into(),
            StoreFault::Tls(Trust::Expired) => "its certificate has expired".into(),
            StoreFault::Tls(Trust::NotYetValid) => "its certificate isn't valid yet".into(),
            StoreFault::Tls(Trust::WrongHost) => "its certificate is for another host".into(),
            StoreFault::Tls(Trust::UnknownIssuer) => "its certificate isn't from a trusted authority".into(),
            StoreFault::Tls(Trust::Revoked) => "its certificate is revoked".into(),
            StoreFault::Tls(Trust::Other) => "there is no secure connection to it".into(),
            StoreFault::Redirected => "it sends elsewhere, where credentials don't follow".into(),
            StoreFault::BadAnswer { status: Some(status) } => {
                format!("its answer makes no sense (HTTP {status})")
            }
            StoreFault::BadAnswer { status: None } => "its answer makes no sense".into(),
            StoreFault::Unreadable { why } => why.clone(),
            StoreFault::BadFile { why, line: Some(line) } => format!("{why} (line {line})"),
            StoreFault::BadFile { why, line: None } => (*why).into(),
            StoreFault::OtherKeys { .. } => "it has no age recipient".into(),
            StoreFault::NoIdentity { .. } => "no identity opens what is encrypted there".into(),
            StoreFault::Damaged { .. } => "a value is damaged, or was moved".into(),
            StoreFault::BadMac => "the MAC over its values doesn't match".into(),
            StoreFault::NotEncrypted { .. } => "it isn't encrypted".into(),
            StoreFault::Unsupported { what } => (*what).into(),
        }
    }
}
