//! Ciphertexts with any header, for tests of what must be refused.

use std::collections::HashSet;
use std::io::Write;

use age_core::format::{FileKey, Stanza};

use super::{Ciphertext, PLACE_TAG, PLACE_VERSION};
use crate::config::place::Place;

/// A recipient that writes these stanzas before the real ones.
struct Forger<'a> {
    stanzas: &'a [Stanza],
    recipients: &'a [age::x25519::Recipient],
}

impl age::Recipient for Forger<'_> {
    fn wrap_file_key(&self, key: &FileKey) -> Result<(Vec<Stanza>, HashSet<String>), age::EncryptError> {
        let mut stanzas: Vec<Stanza> = self.stanzas.iter().map(copy).collect();
        for recipient in self.recipients {
            stanzas.extend(recipient.wrap_file_key(key)?.0);
        }
        Ok((stanzas, HashSet::new()))
    }
}

/// An age file of `value` with these stanzas before those of the recipients, under a valid MAC.
pub fn file(stanzas: &[Stanza], recipients: &[age::x25519::Recipient], value: &[u8]) -> Vec<u8> {
    let forger = Forger { stanzas, recipients };
    let encryptor = age::Encryptor::with_recipients(std::iter::once(&forger as &dyn age::Recipient)).unwrap();
    let mut bytes = Vec::new();
    let mut writer = encryptor.wrap_output(&mut bytes).unwrap();
    writer.write_all(value).unwrap();
    writer.finish().unwrap();
    bytes
}

/// A stanza with a place.
pub fn stanza(place: &Place) -> Stanza {
    raw_stanza(PLACE_TAG, PLACE_VERSION, place.encode().unwrap().as_bytes())
}

/// Any stanza with one argument.
pub fn raw_stanza(tag: &str, arg: &str, body: &[u8]) -> Stanza {
    Stanza { tag: tag.to_owned(), args: vec![arg.to_owned()], body: body.to_vec() }
}

/// A ciphertext that claims a place, whatever its bytes say.
pub fn ciphertext(place: Place, bytes: Vec<u8>) -> Ciphertext {
    Ciphertext { place, bytes }
}

/// A place to forge with.
pub fn place() -> Place {
    Place {
        repo: "7f3c9e1a52d0".to_owned(),
        file: "apps/catalogue/app.yaml".to_owned(),
        path: "/secrets/API_KEY".to_owned(),
        recipients: [7; 16],
        rev: [9; 16],
    }
}

fn copy(stanza: &Stanza) -> Stanza {
    Stanza { tag: stanza.tag.clone(), args: stanza.args.clone(), body: stanza.body.clone() }
}
