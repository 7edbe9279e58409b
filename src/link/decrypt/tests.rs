#![expect(clippy::disallowed_methods, reason = "the tests compare cleartext")]

use age::x25519::Identity;
use age_core::format::Stanza;
use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use proptest::{prop_assert, proptest};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::{DecryptError, Expected, decrypt};
use crate::config::ciphertext::forge::{ciphertext, file, place, raw_stanza, stanza};
use crate::config::ciphertext::{Ciphertext, envelope};
use crate::link::identity::{Identities, IdentitySources};

const HERE: Expected<'_> =
    Expected { repo: "7f3c9e1a52d0", file: "apps/catalogue/app.yaml", path: "/secrets/API_KEY" };

fn load(identities: &[&Identity]) -> Identities {
    let keys: Vec<String> =
        identities.iter().map(|identity| identity.to_string().expose_secret().to_owned()).collect();
    let sources =
        IdentitySources { sops_key: Some(Zeroizing::new(keys.join("\n"))), ..IdentitySources::default() };
    Identities::load(&sources).unwrap()
}

fn read(bytes: &[u8], identities: &Identities) -> Result<Vec<u8>, DecryptError> {
    let ciphertext = Ciphertext::parse(&envelope(bytes)).unwrap();
    decrypt(&ciphertext, &HERE, identities).map(|value| value.expose().to_vec())
}

/// What decryption says of a header that parsing would refuse already.
fn read_forged(stanzas: &[Stanza]) -> Result<Vec<u8>, DecryptError> {
    let identity = Identity::generate();
    let bytes = file(stanzas, &[identity.to_public()], b"x");
    let forged = ciphertext(place(), bytes);
    decrypt(&forged, &HERE, &load(&[&identity])).map(|value| value.expose().to_vec())
}

#[test]
fn values_of_every_kind_arrive() {
    let identity = Identity::generate();
    let identities = load(&[&identity]);
    let large = vec![b'x'; 1 << 20];
    for value in [&b""[..], b"hunter2", b"\0\xff\r\n\0", b"{{7*7}} ${X}\n---\n", &large] {
        let bytes = file(&[stanza(&place())], &[identity.to_public()], value);
        assert!(read(&bytes, &identities).unwrap() == value);
    }
    let bytes = file(&[stanza(&place())], &[identity.to_public()], &vec![b'x'; (1 << 20) + 1]);
    assert_eq!(read(&bytes, &identities), Err(DecryptError::TooLarge));
}

#[test]
fn any_of_ten_recipients_reads_it_with_any_of_its_identities() {
    let readers: Vec<Identity> = (0..10).map(|_| Identity::generate()).collect();
    let publics: Vec<_> = readers.iter().map(Identity::to_public).collect();
    let bytes = file(&[stanza(&place())], &publics, b"x");
    for reader in &readers {
        let identities = load(&[&Identity::generate(), reader, &Identity::generate()]);
        // The second time the one that worked is tried first.
        for _ in 0..2 {
            assert_eq!(read(&bytes, &identities).as_deref(), Ok(&b"x"[..]));
        }
        assert_eq!(identities.in_order().map(|(index, _)| index).collect::<Vec<_>>(), [1, 2, 0]);
    }
}

#[test]
fn without_an_identity_nothing_is_read() {
    let bytes = file(&[stanza(&place())], &[Identity::generate().to_public()], b"x");
    assert_eq!(read(&bytes, &load(&[&Identity::generate()])), Err(DecryptError::NoIdentity));
    assert_eq!(read(&bytes, &load(&[])), Err(DecryptError::NoIdentity));
}

#[test]
fn a_moved_value_is_refused() {
    let identity = Identity::generate();
    let bytes = file(&[stanza(&place())], &[identity.to_public()], b"x");
    let ciphertext = Ciphertext::parse(&envelope(&bytes)).unwrap();
    for expected in [
        Expected { repo: "other", ..HERE },
        Expected { file: "apps/catalogue/prod.yaml", ..HERE },
        Expected { path: "/secrets/OTHER", ..HERE },
    ] {
        let error = decrypt(&ciphertext, &expected, &load(&[&identity])).unwrap_err();
        assert_eq!(error, DecryptError::Moved { place: Box::new(place()) });
    }
}

#[test]
fn the_place_that_counts_is_the_authenticated_one() {
    let identity = Identity::generate();
    let mut elsewhere = place();
    elsewhere.path = "/secrets/OTHER_KEY".to_owned();
    let bytes = file(&[stanza(&elsewhere)], &[identity.to_public()], b"x");
    let claims_here = ciphertext(place(), bytes);
    let error = decrypt(&claims_here, &HERE, &load(&[&identity])).unwrap_err();
    assert_eq!(error, DecryptError::Moved { place: Box::new(elsewhere) });
}

#[test]
fn a_tampered_place_is_refused() {
    let identity = Identity::generate();
    let mut elsewhere = place();
    elsewhere.path = "/secrets/API_KEZ".to_owned();
    let mut bytes = file(&[stanza(&elsewhere)], &[identity.to_public()], b"x");
    let encode = |place: &crate::config::place::Place| {
        BASE64_STANDARD_NO_PAD.encode(place.encode().unwrap())[64..128].to_owned()
    };
    let (from, to) = (encode(&elsewhere), encode(&place()));
    assert_ne!(from, to);
    let at = bytes.windows(64).position(|window| window == from.as_bytes()).unwrap();
    bytes[at..at + 64].copy_from_slice(to.as_bytes());
    assert_eq!(*Ciphertext::parse(&envelope(&bytes)).unwrap().place(), place());
    assert_eq!(read(&bytes, &load(&[&identity])), Err(DecryptError::Corrupt));
}

#[test]
fn a_damaged_payload_is_refused() {
    let identity = Identity::generate();
    let identities = load(&[&identity]);
    let good = file(&[stanza(&place())], &[identity.to_public()], &[b'x'; 70_000]);
    let payload = good.len() - 70_000 - 48;
    for at in [payload, payload + 16, good.len() - 1] {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        assert_eq!(read(&bytes, &identities), Err(DecryptError::Corrupt), "{at}");
    }
    for length in [good.len() - 1, payload + 16 + 65_536 + 16, payload + 16] {
        assert_eq!(read(&good[..length], &identities), Err(DecryptError::Corrupt), "{length}");
    }
    let longer = [good.as_slice(), b"x"].concat();
    assert_eq!(read(&longer, &identities), Err(DecryptError::Corrupt));
}

#[test]
fn there_is_exactly_one_place() {
    let mut elsewhere = place();
    elsewhere.path = "/secrets/OTHER".to_owned();
    assert_eq!(read_forged(&[stanza(&place())]).as_deref(), Ok(&b"x"[..]));
    assert_eq!(read_forged(&[stanza(&place()), stanza(&elsewhere)]), Err(DecryptError::Corrupt));
    assert_eq!(read_forged(&[stanza(&place()), stanza(&place())]), Err(DecryptError::Corrupt));
    assert_eq!(read_forged(&[]), Err(DecryptError::Corrupt));
    let other_version = raw_stanza("sealwright-place", "v2", b"");
    assert_eq!(read_forged(&[other_version]), Err(DecryptError::Corrupt));
}

#[test]
fn a_malformed_recipient_stanza_is_no_panic() {
    let zeros = BASE64_STANDARD_NO_PAD.encode([0; 32]);
    for stanza_of_recipient in [
        raw_stanza("X25519", "x", b""),
        raw_stanza("X25519", &zeros, &[0; 32]),
        raw_stanza("X25519", &zeros, b""),
    ] {
        assert_eq!(read_forged(&[stanza(&place()), stanza_of_recipient]), Err(DecryptError::Corrupt));
    }
}

proptest! {
    #[test]
    fn no_mutation_is_accepted(at: usize, bit in 0u8..8) {
        let identity = Identity::generate();
        let mut bytes = file(&[stanza(&place())], &[identity.to_public()], b"x");
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        if let Ok(ciphertext) = Ciphertext::parse(&envelope(&bytes)) {
            prop_assert!(decrypt(&ciphertext, &HERE, &load(&[&identity])).is_err());
        }
    }
}
