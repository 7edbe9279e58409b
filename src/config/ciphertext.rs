//! An encrypted value as it stands in the repo, `ENC[AGE,<base64>]`, and the place in its header.
//!
//! It is an ordinary age file of the bare value with one more stanza, `-> sealwright-place v1`. Everything
//! here works without a key: it reads what the header says, and only decryption proves it.

use std::cell::RefCell;
use std::fmt;

use age_core::format::{FileKey, Stanza};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::age_file::AgeFile;
use super::place::{Place, PlaceFault};

/// The tag of the stanza that carries the place.
pub const PLACE_TAG: &str = "sealwright-place";

/// The version of the place's form, the stanza's one argument.
pub const PLACE_VERSION: &str = "v1";

/// The longest scalar that is read as a ciphertext, in bytes: a value of 1 MiB with its envelope, and some.
pub const MAX_TEXT: usize = 3 << 19;

/// A ciphertext whose header could be read.
#[derive(Clone, PartialEq, Eq)]
pub struct Ciphertext {
    place: Place,
    bytes: Vec<u8>,
}

/// Why a scalar is no ciphertext of ours. Nothing of it is ever quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CiphertextFault {
    /// Not `ENC[AGE,…]`.
    #[error("a ciphertext is written `ENC[AGE,…]`, without anything around it")]
    Envelope,
    /// Not padded standard base64.
    #[error("the text between `ENC[AGE,` and `]` isn't padded standard base64")]
    Base64,
    /// Longer than [`MAX_TEXT`].
    #[error("the ciphertext is longer than 1.5 MiB")]
    TooLarge,
    /// The header of the age file is longer than anything that `seal` writes.
    #[error("the header of the ciphertext is too long")]
    HeaderTooLarge,
    /// Not an age file, or a damaged one.
    #[error("the ciphertext isn't a valid age file")]
    NotAge,
    /// An age file of a version that isn't known.
    #[error("the ciphertext is an age file of an unknown version")]
    AgeVersion,
    /// Encrypted to a passphrase.
    #[error("the ciphertext is encrypted to a passphrase")]
    Passphrase,
    /// An age file that another tool made.
    #[error("the ciphertext doesn't say where it belongs")]
    NoPlace,
    /// More than one place.
    #[error("the ciphertext says more than once where it belongs")]
    ManyPlaces,
    /// A place in a form that isn't known.
    #[error("the ciphertext says where it belongs in a form of an unknown version")]
    PlaceVersion,
    /// A place that can't be read.
    #[error(transparent)]
    Place(PlaceFault),
}

/// Whether a scalar means to be a ciphertext. One that does and doesn't parse is an error, never text.
pub fn is_ciphertext(text: &str) -> bool {
    text.starts_with("ENC[AGE,")
}

impl Ciphertext {
    /// Reads a scalar's content.
    pub fn parse(text: &str) -> Result<Ciphertext, CiphertextFault> {
        if text.len() > MAX_TEXT {
            return Err(CiphertextFault::TooLarge);
        }
        let inner = text.strip_prefix("ENC[AGE,").and_then(|rest| rest.strip_suffix(']'));
        let inner = inner.ok_or(CiphertextFault::Envelope)?;
        let bytes = BASE64_STANDARD.decode(inner).map_err(|_| CiphertextFault::Base64)?;
        let place = read_place(&bytes)?;
        Ok(Ciphertext { place, bytes })
    }

    /// Where the header says that the value belongs. Not authenticated.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The age file.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The `rev` as base64url without padding: what a rollout token is made of.
    pub fn rev_text(&self) -> String {
        self.place.rev_text()
    }
}

impl fmt::Debug for Ciphertext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ciphertext").field("place", &self.place).finish_non_exhaustive()
    }
}

impl CiphertextFault {
    /// The next step, where there is one.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            CiphertextFault::Passphrase => Some("passphrases can't be asked for in a pipeline"),
            CiphertextFault::NoPlace => Some("encrypt the value with `sealwright secret set`"),
            CiphertextFault::PlaceVersion => Some("a newer version of Sealwright may know it"),
            CiphertextFault::TooLarge => None,
            _ => {
                Some("restore it from an earlier commit, or set the value anew with `sealwright secret set`")
            }
        }
    }
}

/// An age file as it stands in the repo.
pub fn envelope(bytes: &[u8]) -> String {
    format!("ENC[AGE,{}]", BASE64_STANDARD.encode(bytes))
}

/// The place that the stanzas of a header name. There must be exactly one.
pub fn place_of(stanzas: &[Stanza]) -> Result<Place, CiphertextFault> {
    let mut places = stanzas.iter().filter(|stanza| stanza.tag == PLACE_TAG);
    let stanza = places.next().ok_or(CiphertextFault::NoPlace)?;
    if places.next().is_some() {
        return Err(CiphertextFault::ManyPlaces);
    }
    if stanza.args != [PLACE_VERSION] {
        return Err(CiphertextFault::PlaceVersion);
    }
    Place::parse(&stanza.body).map_err(CiphertextFault::Place)
}

fn read_place(bytes: &[u8]) -> Result<Place, CiphertextFault> {
    let decryptor = AgeFile::open(bytes)?;
    if decryptor.is_scrypt() {
        return Err(CiphertextFault::Passphrase);
    }
    let reader = HeaderReader(RefCell::new(Err(CiphertextFault::NotAge)));
    // It has no key, so this always fails; the stanzas have passed by.
    let _ = decryptor.decrypt(std::iter::once(&reader as &dyn age::Identity));
    reader.0.into_inner()
}

/// An identity that opens nothing and remembers the place.
struct HeaderReader(RefCell<Result<Place, CiphertextFault>>);

impl age::Identity for HeaderReader {
    fn unwrap_stanza(&self, _: &Stanza) -> Option<Result<FileKey, age::DecryptError>> {
        None
    }

    fn unwrap_stanzas(&self, stanzas: &[Stanza]) -> Option<Result<FileKey, age::DecryptError>> {
        *self.0.borrow_mut() = place_of(stanzas);
        None
    }
}

#[cfg(test)]
pub mod forge;

#[cfg(test)]
mod tests;
