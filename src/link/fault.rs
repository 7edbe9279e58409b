//! Why a secret can't be linked: the facts, and below them their words. What a failed link may reveal
//! is a closed list; a value, its length and its content aren't on it.

use super::decrypt::DecryptError;
use super::identity::IdentityError;
use super::plan::User;
use super::store_fault::StoreFault;
use super::stores::sops;
use crate::config::name::UnitName;
use crate::source::diagnostic::Diagnostic;
use crate::source::span::Span;

/// How many secrets one diagnostic shows.
const SHOWN: usize = 4;

/// A fact about a secret that can't be had.
#[derive(Debug)]
#[expect(missing_docs, reason = "the words below say what each is")]
pub enum Fault {
    Identity(IdentityError),
    NoIdentity { secrets: Vec<(Span, String)>, looked: String },
    NotDecrypted { span: Span, name: String, unit: UnitName, error: DecryptError, looked: String },
    Store { store: String, fault: Box<StoreFault>, places: Vec<(Span, String)> },
    Item { store: String, item: String, fault: Box<StoreFault>, users: Vec<User> },
    NotRepresentable { span: Span, name: String },
    TooLarge { span: Span, name: String },
}

impl From<Fault> for Diagnostic {
    fn from(fault: Fault) -> Diagnostic {
        match fault {
            Fault::Identity(error) => {
                Diagnostic::error("bad-identity", error.to_string()).help(error.fact.help())
            }
            Fault::NoIdentity { secrets, looked } => {
                let count = secrets.len();
                let found = Diagnostic::error(
                    "missing-identity",
                    format!(
                        "{count} encrypted value{} can't be read without an identity",
                        if count == 1 { "" } else { "s" }
                    ),
                );
                secrets
                    .iter()
                    .take(SHOWN)
                    .fold(found, |d, (span, name)| d.at(*span, format!("`{name}` is encrypted")))
                    .help("name an identity file with `--identity FILE` or SEALWRIGHT_IDENTITY_FILE")
                    .help(format!("looked {looked}"))
                    .help("`sealwright preview` shows the same documents without one")
            }
            Fault::NotDecrypted { span, name, unit, error, looked } => {
                let code = match error {
                    DecryptError::NoIdentity => "missing-identity",
                    DecryptError::Moved { .. } => "moved-ciphertext",
                    DecryptError::Corrupt | DecryptError::TooLarge => "decryption-failed",
                };
                let found = Diagnostic::error(code, format!("`{name}` of `{unit}`: {error}")).at(span, "");
                let found = error.help().into_iter().fold(found, Diagnostic::help);
                if code == "missing-identity" { found.help(format!("looked {looked}")) } else { found }
            }
            Fault::Store { store, fault, places } => {
                let label = |(span, item): &(Span, String)| (*span, format!("{item} is needed"));
                let found = found_at(fault.found(fault.of_store(&store)), places.iter().map(label));
                fault.place().into_iter().fold(found, |found, (span, text)| found.at(span, text))
            }
            Fault::Item { store, item, fault, users } => {
                let label = |user: &User| (user.span, format!("`{}` of `{}` needs it", user.name, user.unit));
                let found = found_at(fault.found(fault.of_item(&item)), users.iter().map(label));
                // A file of the repo says where it is by its path.
                if store == sops::NAME { found } else { found.help(format!("{store} was asked")) }
            }
            Fault::NotRepresentable { span, name } => Diagnostic::error(
                "secret-not-representable",
                format!("`{name}` has bytes that its place can't carry"),
            )
            .at(span, "")
            .help("text carries neither NUL nor invalid UTF-8; base64 carries every byte"),
            Fault::TooLarge { span, name } => {
                Diagnostic::error("secret-too-large", format!("`{name}` is larger than 1 MiB")).at(span, "")
            }
        }
    }
}

/// A diagnostic at the first few of many places.
fn found_at(found: Diagnostic, places: impl ExactSizeIterator<Item = (Span, String)>) -> Diagnostic {
    let more = places.len().saturating_sub(SHOWN);
    let found = places.take(SHOWN).fold(found, |found, (span, text)| found.at(span, text));
    match more {
        0 => found,
        1 => found.help("1 more pointer needs it"),
        _ => found.help(format!("{more} more pointers need it")),
    }
}
