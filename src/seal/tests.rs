#![expect(clippy::disallowed_methods, reason = "the tests compare cleartext")]

use std::ffi::OsString;
use std::path::Path;

use age::x25519::Identity;
use secrecy::ExposeSecret;

use super::{SealError, encrypt, keygen, new_rev};
use crate::config::ciphertext::{Ciphertext, is_ciphertext};
use crate::config::place::{Place, PlaceFault};
use crate::config::recipient::{Recipient, RecipientSet};
use crate::link::decrypt::{Expected, decrypt};
use crate::link::identity::{Identities, IdentitySources};
use crate::link::secret_value::SecretValue;

fn recipients(identities: &[Identity]) -> RecipientSet {
    identities.iter().map(|i| Recipient::parse(&i.to_public().to_string()).unwrap()).collect()
}

fn place(recipients: &RecipientSet) -> Place {
    Place {
        repo: "7f3c9e1a52d0".to_owned(),
        file: "apps/catalogue/app.yaml".to_owned(),
        path: "/secrets/API_KEY".to_owned(),
        recipients: recipients.hash(),
        rev: new_rev().unwrap(),
    }
}

fn seal(value: &[u8], recipients: &RecipientSet) -> Result<String, SealError> {
    encrypt(&SecretValue::new(value.to_vec()), &place(recipients), recipients)
}

#[test]
fn every_recipient_can_read_the_value() {
    let identities: Vec<Identity> = (0..3).map(|_| Identity::generate()).collect();
    let text = seal(b"pa\"ss\n\0word", &recipients(&identities)).unwrap();
    let bytes = Ciphertext::parse(&text).unwrap().bytes().to_vec();
    for identity in &identities {
        // The stock reader of age, which knows nothing of places.
        assert_eq!(age::decrypt(identity, &bytes).unwrap(), b"pa\"ss\n\0word");
    }
    assert!(age::decrypt(&Identity::generate(), &bytes).is_err());
}

#[test]
fn ssh_keys_and_age_keys_read_one_value() {
    let own = Identity::generate();
    let ssh = [include_str!("../../fixtures/ssh/ed25519.pub"), include_str!("../../fixtures/ssh/rsa.pub")];
    let public = own.to_public().to_string();
    let texts = ssh.iter().map(|line| line.trim_end()).chain([public.as_str()]);
    let set: RecipientSet = texts.map(|text| Recipient::parse(text).unwrap()).collect();
    let text = seal(b"hunter2", &set).unwrap();
    let ciphertext = Ciphertext::parse(&text).unwrap();
    let expected =
        Expected { repo: "7f3c9e1a52d0", file: "apps/catalogue/app.yaml", path: "/secrets/API_KEY" };
    for name in ["ed25519", "rsa"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ssh").join(name);
        let sources = IdentitySources { explicit: vec![path], ..IdentitySources::default() };
        let identities = Identities::load(&sources).unwrap();
        assert_eq!(decrypt(&ciphertext, &expected, &identities).unwrap().expose(), b"hunter2", "{name}");
    }
    assert_eq!(age::decrypt(&own, ciphertext.bytes()).unwrap(), b"hunter2");
}

#[test]
fn the_place_is_the_first_stanza_and_nothing_is_in_the_clear() {
    let recipients = recipients(&[Identity::generate()]);
    let text = seal(b"a canary that sings", &recipients).unwrap();
    assert!(is_ciphertext(&text));
    let ciphertext = Ciphertext::parse(&text).unwrap();
    assert_eq!(ciphertext.place().recipients, recipients.hash());
    let bytes = ciphertext.bytes();
    assert!(bytes.starts_with(b"age-encryption.org/v1\n-> sealwright-place v1\n"));
    assert!(!bytes.windows(8).any(|window| window == b"a canary"));
}

#[test]
fn what_cant_be_sealed() {
    let own = recipients(&[Identity::generate()]);
    let value = || SecretValue::new(b"x".to_vec());
    assert_eq!(seal(b"x", &RecipientSet::default()), Err(SealError::NoRecipients));
    let others = place(&recipients(&[Identity::generate()]));
    assert_eq!(encrypt(&value(), &others, &own), Err(SealError::OtherRecipients));
    let mut forged = place(&own);
    forged.file = "a\nrev x".to_owned();
    assert_eq!(encrypt(&value(), &forged, &own), Err(SealError::Place(PlaceFault::Value)));
    assert_eq!(seal(&vec![0; (1 << 20) + 1], &own), Err(SealError::TooLarge));
    assert!(seal(&vec![0; 1 << 20], &own).is_ok());
    let crowd: Vec<Identity> = (0..400).map(|_| Identity::generate()).collect();
    assert_eq!(seal(b"x", &recipients(&crowd)), Err(SealError::TooManyRecipients));
    assert!(seal(b"x", &recipients(&crowd[..250])).is_ok());
}

#[test]
fn revs_differ() {
    assert_ne!(new_rev().unwrap(), new_rev().unwrap());
}

#[test]
fn a_new_key_is_an_identity_file() {
    let (secret, recipient) = keygen();
    let text = std::str::from_utf8(secret.expose()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], format!("# public key: {recipient}"));
    assert!(lines[1].starts_with("AGE-SECRET-KEY-1"));
    assert!(text.ends_with('\n') && lines.len() == 2);
    let file = age::IdentityFile::from_buffer(text.as_bytes()).unwrap();
    assert_eq!(file.to_recipients().unwrap().len(), 1);
    let identity: Identity = lines[1].parse().unwrap();
    assert_eq!(identity.to_public().to_string(), recipient.as_str());
}

#[test]
fn a_sealed_value_is_linked_where_it_belongs() {
    let identity = Identity::generate();
    let recipients = recipients(std::slice::from_ref(&identity));
    let text = seal(b"hunter2", &recipients).unwrap();
    let key = OsString::from(identity.to_string().expose_secret());
    let sources =
        IdentitySources::from_variables(Vec::new(), |name| (name == "SOPS_AGE_KEY").then(|| key.clone()));
    let identities = Identities::load(&sources).unwrap();
    let expected =
        Expected { repo: "7f3c9e1a52d0", file: "apps/catalogue/app.yaml", path: "/secrets/API_KEY" };
    let value = decrypt(&Ciphertext::parse(&text).unwrap(), &expected, &identities).unwrap();
    assert_eq!(value.expose(), b"hunter2");
}
