//! Encrypting secrets: the one room besides `link`, `emit` and `deliver` that may hold cleartext.

pub mod fix;
pub mod fix_fault;
pub mod ground;
pub mod input;
pub mod key_file;
pub mod set;
pub mod write;

use std::collections::HashSet;
use std::io::Write;

use age_core::format::{FileKey, Stanza};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use crate::config::ciphertext::{Ciphertext, CiphertextFault, PLACE_TAG, PLACE_VERSION, envelope};
use crate::config::place::{Place, PlaceFault};
use crate::config::recipient::{Recipient, RecipientSet};
use crate::link::secret_value::{MAX_VALUE, SecretValue};

/// Why a value couldn't be encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Nobody could read it.
    #[error("a value without recipients can't be encrypted")]
    NoRecipients,
    /// The place names other recipients than those it is encrypted to.
    #[error("the place names other recipients than the value is encrypted to")]
    OtherRecipients,
    /// The value is too large.
    #[error("the value is larger than 1 MiB")]
    TooLarge,
    /// More recipients, or a longer place, than a header has room for.
    #[error("too many recipients for one value")]
    TooManyRecipients,
    /// The place can't be written.
    #[error(transparent)]
    Place(PlaceFault),
    /// The system gives no random bytes.
    #[error("the system's random generator failed")]
    Random,
    /// age failed, which no known input makes it do.
    #[error("encryption failed")]
    Encryption,
}

/// Encrypts a value for a place: the scalar to write there, `ENC[AGE,…]`.
pub fn encrypt(value: &SecretValue, place: &Place, recipients: &RecipientSet) -> Result<String, SealError> {
    #[expect(clippy::disallowed_methods, reason = "this is where cleartext becomes ciphertext")]
    let cleartext = value.expose();
    if recipients.is_empty() {
        return Err(SealError::NoRecipients);
    }
    if place.recipients != recipients.hash() {
        return Err(SealError::OtherRecipients);
    }
    if cleartext.len() > MAX_VALUE {
        return Err(SealError::TooLarge);
    }
    let bound = Bound {
        place: place.encode().map_err(SealError::Place)?,
        recipients: recipients.iter().map(Recipient::to_age).collect(),
    };
    let bytes = encrypt_to(cleartext, &bound)?;
    // What is written must be readable: the reader's limits are the writer's too.
    let text = envelope(&bytes);
    match Ciphertext::parse(&text) {
        Ok(_) => Ok(text),
        Err(CiphertextFault::HeaderTooLarge) => Err(SealError::TooManyRecipients),
        Err(_) => Err(SealError::Encryption),
    }
}

/// A fresh `rev`, for a value that is new or has changed.
pub fn new_rev() -> Result<[u8; 16], SealError> {
    let mut rev = [0; 16];
    getrandom::fill(&mut rev).map_err(|_| SealError::Random)?;
    Ok(rev)
}

/// A new pair of keys: the text of an identity file as all age tools read it, and its recipient.
pub fn keygen() -> (SecretValue, Recipient) {
    let identity = age::x25519::Identity::generate();
    let public = identity.to_public().to_string();
    let recipient = Recipient::parse(&public).expect("age makes recipients that it parses");
    let secret = identity.to_string();
    #[expect(clippy::disallowed_methods, reason = "the key goes into the file that is made for it")]
    let secret = secret.expose_secret();
    let head = format!("# public key: {public}\n");
    // The exact size from the start: a buffer that grows leaves copies behind.
    let mut text = Zeroizing::new(Vec::with_capacity(head.len() + secret.len() + 1));
    text.extend_from_slice(head.as_bytes());
    text.extend_from_slice(secret.as_bytes());
    text.push(b'\n');
    (SecretValue::new(text), recipient)
}

fn encrypt_to(cleartext: &[u8], recipient: &dyn age::Recipient) -> Result<Vec<u8>, SealError> {
    let encryptor = age::Encryptor::with_recipients(std::iter::once(recipient));
    let mut bytes = Vec::new();
    let mut writer = encryptor
        .map_err(|_| SealError::Encryption)?
        .wrap_output(&mut bytes)
        .map_err(|_| SealError::Encryption)?;
    writer.write_all(cleartext).map_err(|_| SealError::Encryption)?;
    writer.finish().map_err(|_| SealError::Encryption)?;
    Ok(bytes)
}

/// All recipients of a value as one that writes the place first, so that age's header MAC binds them.
struct Bound {
    place: String,
    recipients: Vec<Box<dyn age::Recipient + Send>>,
}

impl age::Recipient for Bound {
    fn wrap_file_key(&self, key: &FileKey) -> Result<(Vec<Stanza>, HashSet<String>), age::EncryptError> {
        let mut stanzas = vec![Stanza {
            tag: PLACE_TAG.to_owned(),
            args: vec![PLACE_VERSION.to_owned()],
            body: self.place.clone().into_bytes(),
        }];
        let mut common: Option<HashSet<String>> = None;
        for recipient in &self.recipients {
            let (wrapped, labels) = recipient.wrap_file_key(key)?;
            // age compares the labels of the recipients that it is given; these are behind one.
            let expected = common.get_or_insert_with(|| labels.clone());
            if *expected != labels {
                return Err(age::EncryptError::IncompatibleRecipients {
                    l_labels: expected.clone(),
                    r_labels: labels,
                });
            }
            stanzas.extend(wrapped);
        }
        Ok((stanzas, common.unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests;
