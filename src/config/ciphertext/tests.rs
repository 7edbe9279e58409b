use age::x25519::Identity;
use proptest::{prop_assert, proptest};

use super::forge::{file, place, raw_stanza, stanza};
use super::{Ciphertext, CiphertextFault, MAX_TEXT, PLACE_TAG, envelope, is_ciphertext};
use crate::config::place::PlaceFault;

fn recipients(count: usize) -> Vec<age::x25519::Recipient> {
    (0..count).map(|_| Identity::generate().to_public()).collect()
}

fn refuse(bytes: &[u8]) -> CiphertextFault {
    Ciphertext::parse(&envelope(bytes)).unwrap_err()
}

#[test]
fn the_place_is_read_without_a_key() {
    let text = envelope(&file(&[stanza(&place())], &recipients(10), b"hunter2"));
    let ciphertext = Ciphertext::parse(&text).unwrap();
    assert!(is_ciphertext(&text));
    assert_eq!(*ciphertext.place(), place());
    assert_eq!(ciphertext.rev_text(), "CQkJCQkJCQkJCQkJCQkJCQ");
    assert_eq!(envelope(ciphertext.bytes()), text);
}

#[test]
fn the_place_may_stand_anywhere_in_the_header() {
    let other = raw_stanza("other", "x", b"");
    let text = envelope(&file(&[other, stanza(&place())], &recipients(1), b""));
    assert_eq!(*Ciphertext::parse(&text).unwrap().place(), place());
}

#[test]
fn headers_that_are_refused() {
    let place = place();
    let body = place.encode().unwrap();
    let with = |stanzas: &[_]| refuse(&file(stanzas, &recipients(1), b"x"));
    assert_eq!(with(&[]), CiphertextFault::NoPlace);
    assert_eq!(with(&[raw_stanza("Sealwright-place", "v1", body.as_bytes())]), CiphertextFault::NoPlace);
    assert_eq!(with(&[stanza(&place), stanza(&place)]), CiphertextFault::ManyPlaces);
    assert_eq!(with(&[stanza(&place), raw_stanza(PLACE_TAG, "v2", b"")]), CiphertextFault::ManyPlaces);
    assert_eq!(with(&[raw_stanza(PLACE_TAG, "v2", body.as_bytes())]), CiphertextFault::PlaceVersion);
    let mut two_args = stanza(&place);
    two_args.args.push("v1".to_owned());
    assert_eq!(with(&[two_args]), CiphertextFault::PlaceVersion);
    let mut no_args = stanza(&place);
    no_args.args.clear();
    assert_eq!(with(&[no_args]), CiphertextFault::PlaceVersion);
    assert_eq!(with(&[raw_stanza(PLACE_TAG, "v1", b"repo x\n")]), CiphertextFault::Place(PlaceFault::Lines));
}

#[test]
fn a_passphrase_is_refused() {
    let mut recipient = age::scrypt::Recipient::new("correct horse".to_owned().into());
    recipient.set_work_factor(2);
    assert_eq!(refuse(&age::encrypt(&recipient, b"x").unwrap()), CiphertextFault::Passphrase);
}

#[test]
fn envelopes_that_are_refused() {
    let good = envelope(&file(&[stanza(&place())], &recipients(1), b"x"));
    let inner = &good[8..good.len() - 1];
    for text in [
        format!(" {good}"),
        format!("{good}\n"),
        format!("ENC[age,{inner}]"),
        format!("ENC[AGE,{inner}"),
        String::new(),
    ] {
        assert_eq!(Ciphertext::parse(&text), Err(CiphertextFault::Envelope), "{text}");
    }
    for inner in [
        format!(" {inner}"),
        format!("{}\n{}", &inner[..64], &inner[64..]),
        format!("{inner}="),
        inner[..inner.len() - 1].to_owned(),
        inner.replacen('Y', "-", 1),
    ] {
        let text = format!("ENC[AGE,{inner}]");
        assert_eq!(Ciphertext::parse(&text), Err(CiphertextFault::Base64), "{text}");
    }
}

#[test]
fn other_files_are_refused() {
    assert_eq!(refuse(b""), CiphertextFault::NotAge);
    assert_eq!(refuse(b"-----BEGIN AGE ENCRYPTED FILE-----\n"), CiphertextFault::NotAge);
    assert_eq!(refuse(b"age-encryption.org/v2\n-> x\n\n--- \n"), CiphertextFault::AgeVersion);
    let good = file(&[stanza(&place())], &recipients(1), b"x");
    let header = good.windows(4).position(|window| window == b"\n---").unwrap();
    assert_eq!(refuse(&good[..header]), CiphertextFault::NotAge);
    assert_eq!(refuse(&good[..header + 60]), CiphertextFault::NotAge);
}

#[test]
fn what_is_too_large_is_refused_before_it_is_parsed() {
    let text = format!("ENC[AGE,{}]", "A".repeat(MAX_TEXT));
    assert_eq!(Ciphertext::parse(&text), Err(CiphertextFault::TooLarge));
    assert_eq!(refuse(&file(&[stanza(&place())], &recipients(400), b"x")), CiphertextFault::HeaderTooLarge);
    let many_lines = format!("age-encryption.org/v1\n{}--- \n", "-> a\n\n".repeat(6000));
    assert_eq!(refuse(many_lines.as_bytes()), CiphertextFault::HeaderTooLarge);
    let many_lines = format!("age-encryption.org/v1\n{}--- {}\n", "-> a\n\n".repeat(5000), "\n".repeat(99));
    assert_eq!(refuse(many_lines.as_bytes()), CiphertextFault::NotAge);
    let endless = format!("age-encryption.org/v1\n-> {}", "a".repeat(1 << 20));
    assert_eq!(refuse(endless.as_bytes()), CiphertextFault::HeaderTooLarge);
}

#[test]
fn no_message_shows_any_of_it() {
    let text = "ENC[AGE,aHVudGVyMg==hunter2]";
    let fault = Ciphertext::parse(text).unwrap_err();
    assert!(!format!("{fault} {fault:?}").contains("hunter2"));
    let text = envelope(&file(&[stanza(&place())], &recipients(1), b"x"));
    assert!(!format!("{:?}", Ciphertext::parse(&text).unwrap()).contains("bytes"));
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*", bytes: Vec<u8>) {
        prop_assert!(Ciphertext::parse(&text).is_err());
        prop_assert!(Ciphertext::parse(&envelope(&bytes)).is_err());
        let bytes = [b"age-encryption.org/v1\n-> ", bytes.as_slice()].concat();
        prop_assert!(Ciphertext::parse(&envelope(&bytes)).is_err());
    }

    #[test]
    fn no_mutation_panics(at in 0usize..700, with: Vec<u8>, cut in 0usize..40, text_at in 0usize..900) {
        let mut bytes = file(&[stanza(&place())], &recipients(2), b"x");
        let mut text = envelope(&bytes);
        let at = at.min(bytes.len());
        bytes.splice(at..(at + cut).min(bytes.len()), with);
        if let Ok(ciphertext) = Ciphertext::parse(&envelope(&bytes)) {
            // Only what isn't the place's can have changed and still be read.
            prop_assert!(ciphertext.place().encode().is_ok());
        }
        text.truncate(text_at.min(text.len()));
        let _ = Ciphertext::parse(&text);
        let _ = Ciphertext::parse(&format!("{text}]"));
    }
}
