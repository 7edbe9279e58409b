//! A ciphertext back to its value, if this is the place where it belongs.

use std::cell::RefCell;
use std::io::Read;

use age_core::format::{FileKey, Stanza};
use zeroize::Zeroizing;

use super::identity::Identities;
use super::secret_value::{MAX_VALUE, SecretValue};
use crate::config::age_file::AgeFile;
use crate::config::ciphertext::{Ciphertext, CiphertextFault, place_of};
use crate::config::place::Place;

/// Where a ciphertext was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected<'a> {
    /// The `id` of this repo.
    pub repo: &'a str,
    /// The repo-relative path of the file, with `/`.
    pub file: &'a str,
    /// The RFC 6901 pointer to the scalar within the file.
    pub path: &'a str,
}

/// Why a ciphertext wasn't decrypted. age's own words never pass through.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecryptError {
    /// It is encrypted to others.
    #[error("no identity can decrypt this value")]
    NoIdentity,
    /// Header or payload were changed, or cut off.
    #[error("the ciphertext is damaged or was tampered with")]
    Corrupt,
    /// It belongs elsewhere.
    #[error("the ciphertext belongs to another place, `{}` in {}", place.path.escape_debug(), place.file.escape_debug())]
    Moved {
        /// Where it belongs, authenticated.
        place: Box<Place>,
    },
    /// The value is too large.
    #[error("the decrypted value is larger than 1 MiB")]
    TooLarge,
}

/// What turns ciphertexts into values: the identities of this machine, or in tests whatever makes two runs
/// differ in values alone.
pub trait Decrypt: Sync {
    /// The value of a ciphertext that was found at `expected`.
    fn decrypt(&self, ciphertext: &Ciphertext, expected: &Expected<'_>) -> Result<SecretValue, DecryptError>;

    /// The content of an age file that isn't one of the repo's ciphertexts, such as the key of a SOPS file. By
    /// default nobody can read one.
    fn open(&self, file: &[u8]) -> Result<SecretValue, DecryptError> {
        let _ = file;
        Err(DecryptError::NoIdentity)
    }

    /// Whether it can decrypt nothing at all.
    fn is_empty(&self) -> bool;

    /// Where identities were looked for, for people.
    fn describe(&self) -> String;
}

impl Decrypt for Identities {
    fn decrypt(&self, ciphertext: &Ciphertext, expected: &Expected<'_>) -> Result<SecretValue, DecryptError> {
        decrypt(ciphertext, expected, self)
    }

    fn open(&self, file: &[u8]) -> Result<SecretValue, DecryptError> {
        let (place, value) = unwrap(file, self)?;
        // One of the repo's ciphertexts belongs to its place and nowhere else.
        match place {
            Err(CiphertextFault::NoPlace) => Ok(value),
            _ => Err(DecryptError::Corrupt),
        }
    }

    fn is_empty(&self) -> bool {
        Identities::is_empty(self)
    }

    fn describe(&self) -> String {
        Identities::describe(self)
    }
}

/// Decrypts a value that was found at `expected`. The place that counts is the one under the header MAC that
/// was verified with the value's own key.
pub fn decrypt(
    ciphertext: &Ciphertext,
    expected: &Expected<'_>,
    identities: &Identities,
) -> Result<SecretValue, DecryptError> {
    let (place, value) = unwrap(ciphertext.bytes(), identities)?;
    let place = place.map_err(|_| DecryptError::Corrupt)?;
    if (place.repo.as_str(), place.file.as_str(), place.path.as_str())
        != (expected.repo, expected.file, expected.path)
    {
        return Err(DecryptError::Moved { place: Box::new(place) });
    }
    Ok(value)
}

/// The content of an age file, and the place in its header.
fn unwrap(
    bytes: &[u8],
    identities: &Identities,
) -> Result<(Result<Place, CiphertextFault>, SecretValue), DecryptError> {
    let decryptor = AgeFile::open(bytes).map_err(|_| DecryptError::Corrupt)?;
    let opener = Opener { identities, place: RefCell::new(Err(CiphertextFault::NoPlace)) };
    let reader = match decryptor.decrypt(std::iter::once(&opener as &dyn age::Identity)) {
        Ok(reader) => reader,
        Err(age::DecryptError::NoMatchingKeys) => return Err(DecryptError::NoIdentity),
        Err(_) => return Err(DecryptError::Corrupt),
    };
    // A value is shorter than its ciphertext, so the buffer never grows and leaves no copies behind.
    let mut value = Zeroizing::new(Vec::with_capacity(bytes.len()));
    let limit = MAX_VALUE as u64 + 1;
    reader.take(limit).read_to_end(&mut value).map_err(|_| DecryptError::Corrupt)?;
    if value.len() > MAX_VALUE {
        return Err(DecryptError::TooLarge);
    }
    Ok((opener.place.into_inner(), SecretValue::new(value)))
}

impl DecryptError {
    /// The next step, where there is one.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            DecryptError::NoIdentity => {
                Some("name an identity file with `--identity` or SEALWRIGHT_IDENTITY_FILE")
            }
            DecryptError::Corrupt => {
                Some("restore it from an earlier commit, or set the value anew with `sealwright secret set`")
            }
            DecryptError::Moved { .. } => Some(
                "move a value with `sealwright secret move`, or set it anew with `sealwright secret set`",
            ),
            DecryptError::TooLarge => None,
        }
    }
}

/// All identities as one that notes the place of the header it is shown.
struct Opener<'a> {
    identities: &'a Identities,
    place: RefCell<Result<Place, CiphertextFault>>,
}

impl age::Identity for Opener<'_> {
    fn unwrap_stanza(&self, _: &Stanza) -> Option<Result<FileKey, age::DecryptError>> {
        // age asks for whole headers only, and nothing is opened without its place.
        None
    }

    fn unwrap_stanzas(&self, stanzas: &[Stanza]) -> Option<Result<FileKey, age::DecryptError>> {
        *self.place.borrow_mut() = place_of(stanzas);
        self.identities.in_order().find_map(|(index, identity)| {
            let key = identity.unwrap_stanzas(stanzas)?;
            if key.is_ok() {
                self.identities.worked(index);
            }
            Some(key)
        })
    }
}

#[cfg(test)]
mod tests;
