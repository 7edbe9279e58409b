//! Who can read a ciphertext: age recipients and sets of them.

use std::fmt;

use age::ssh::ParseRecipientKeyError;
use sha2::{Digest, Sha256};

/// A public key that values are encrypted to, in canonical form: `age1…`, the public half of an X25519
/// identity of age, or `ssh-ed25519 BASE64` or `ssh-rsa BASE64`, without a comment. Ordered by its text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Recipient(String);

/// Why a text is no recipient. It is never quoted, because it may be a secret in the wrong place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecipientFault {
    /// The secret half of a pair of keys.
    #[error("this is the secret half of an age key, an identity, and doesn't belong in a repo")]
    Identity,
    /// A key of ssh of a kind that nothing can be encrypted to.
    #[error("of ssh keys, only `ssh-ed25519` and `ssh-rsa` can be recipients")]
    SshKind,
    /// A key of ssh that can't be read, or with more than a comment behind it.
    #[error("this isn't an ssh public key: the type, the key in base64, and perhaps a comment")]
    MalformedSsh,
    /// An RSA key that is too short to protect anything, or longer than anybody can use.
    #[error("an RSA key has from 2048 to 4096 bits")]
    RsaSize,
    /// A recipient that a plugin of age makes.
    #[error("recipients of age plugins can't be used")]
    Plugin,
    /// A kind of age recipient other than X25519.
    #[error("only X25519 recipients of age can be used")]
    OtherKind,
    /// A key for which every encryption would be readable by anyone.
    #[error("this recipient is a degenerate key that protects nothing")]
    Degenerate,
    /// None of these.
    #[error("this isn't an age recipient")]
    Malformed,
}

/// Recipients, sorted, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecipientSet(Vec<Recipient>);

impl Recipient {
    /// The recipient that a text is.
    pub fn parse(text: &str) -> Result<Recipient, RecipientFault> {
        if text.starts_with("ssh-ed25519 ") || text.starts_with("ssh-rsa ") {
            return parse_ssh(text);
        }
        match text.parse::<age::x25519::Recipient>() {
            Ok(key) => {
                let canonical = key.to_string();
                match is_degenerate(&canonical) {
                    true => Err(RecipientFault::Degenerate),
                    false => Ok(Recipient(canonical)),
                }
            }
            Err(_) => Err(classify(text)),
        }
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key as age takes it.
    pub fn to_age(&self) -> Box<dyn age::Recipient + Send> {
        const PARSED: &str = "a recipient is made of a text that age has parsed";
        if self.0.starts_with("ssh-") {
            Box::new(self.0.parse::<age::ssh::Recipient>().expect(PARSED))
        } else {
            Box::new(self.0.parse::<age::x25519::Recipient>().expect(PARSED))
        }
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl RecipientFault {
    /// The next step, where there is one.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            RecipientFault::Identity => Some(
                "put its public half here, `age1…`, and make a new pair of keys if the file has left this machine",
            ),
            RecipientFault::SshKind
            | RecipientFault::RsaSize
            | RecipientFault::Plugin
            | RecipientFault::OtherKind => Some("make a pair of keys with `sealwright secret keygen`"),
            RecipientFault::Degenerate => Some("remove it: no honest tool makes such a key"),
            RecipientFault::MalformedSsh => Some("take the whole line of the `.pub` file"),
            RecipientFault::Malformed => Some(
                "a recipient is the public half of a key: `age1…`, `ssh-ed25519 …` or `ssh-rsa …`; `sealwright secret keygen` makes a pair",
            ),
        }
    }
}

impl RecipientSet {
    /// First 16 bytes of SHA-256 over the sorted recipients with LF between them.
    pub fn hash(&self) -> [u8; 16] {
        let lines: Vec<&str> = self.0.iter().map(Recipient::as_str).collect();
        let digest = Sha256::digest(lines.join("\n"));
        let mut hash = [0; 16];
        hash.copy_from_slice(&digest[..16]);
        hash
    }

    /// The recipients in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Recipient> {
        self.0.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nobody could read the value.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Recipient> for RecipientSet {
    fn from_iter<I: IntoIterator<Item = Recipient>>(recipients: I) -> Self {
        let mut list: Vec<Recipient> = recipients.into_iter().collect();
        list.sort();
        list.dedup();
        RecipientSet(list)
    }
}

impl<'a> IntoIterator for &'a RecipientSet {
    type Item = &'a Recipient;
    type IntoIter = std::slice::Iter<'a, Recipient>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// What age passes over is refused: the whole of the key is read, and behind it stands a comment only.
fn parse_ssh(text: &str) -> Result<Recipient, RecipientFault> {
    let mut words = text.split_ascii_whitespace();
    let canonical = format!("{} {}", words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let key = canonical.parse::<age::ssh::Recipient>().map_err(|error| match error {
        ParseRecipientKeyError::RsaModulusTooLarge | ParseRecipientKeyError::RsaModulusTooSmall => {
            RecipientFault::RsaSize
        }
        _ => RecipientFault::MalformedSsh,
    })?;
    if key.to_string() != canonical || text.contains(char::is_control) {
        return Err(RecipientFault::MalformedSsh);
    }
    match &key {
        age::ssh::Recipient::SshEd25519(_, point) if point.is_small_order() => {
            Err(RecipientFault::Degenerate)
        }
        _ => Ok(Recipient(canonical)),
    }
}

fn classify(text: &str) -> RecipientFault {
    let text = text.trim_start().to_ascii_lowercase();
    let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| text.starts_with(prefix));
    if begins(&["age-secret-key-", "age-plugin-", "-----begin"]) {
        return RecipientFault::Identity;
    }
    if begins(&["ssh-", "sk-ssh-", "sk-ecdsa-", "ecdsa-sha2-"]) {
        return RecipientFault::SshKind;
    }
    // Bech32 has no `1` behind the last one, which ends the prefix; a plugin's name is part of the prefix.
    match text.strip_prefix("age1").and_then(|rest| rest.rsplit_once('1')) {
        Some(("pq" | "tag" | "tagpq", _)) => RecipientFault::OtherKind,
        Some((name, _)) if !name.is_empty() => RecipientFault::Plugin,
        _ => RecipientFault::Malformed,
    }
}

/// The points of low order on Curve25519, u coordinates, little endian. With one of them as a key the shared
/// secret is zero whoever computes it; age takes that for a broken generator and panics.
const LOW_ORDER: [[u8; 32]; 7] = [
    filled(0, &[], 0),
    filled(0, &[1], 0),
    [
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda,
        0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
    ],
    [
        0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04,
        0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57,
    ],
    filled(0xff, &[0xec], 0x7f),
    filled(0xff, &[0xed], 0x7f),
    filled(0xff, &[0xee], 0x7f),
];

const fn filled(middle: u8, first: &[u8], last: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    if let [byte] = first {
        bytes[0] = *byte;
    }
    bytes[31] = last;
    bytes
}

/// Whether a canonical recipient is a point of low order.
fn is_degenerate(canonical: &str) -> bool {
    const ALPHABET: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    let data = canonical.strip_prefix("age1").unwrap_or_default();
    let mut key = [0u8; 32];
    let values = data.chars().filter_map(|c| ALPHABET.find(c));
    let bits = values.flat_map(|value| (0..5).rev().map(move |bit| (value >> bit) & 1));
    // 52 characters carry the key and 4 spare bits; 6 more are the checksum, which age has verified.
    for (index, bit) in bits.take(256).enumerate() {
        key[index / 8] |= (bit as u8) << (7 - index % 8);
    }
    // The top bit doesn't count.
    key[31] &= 0x7f;
    LOW_ORDER.contains(&key)
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};

    use super::{Recipient, RecipientFault, RecipientSet};

    const ED25519: &str = include_str!("../../fixtures/ssh/ed25519.pub");
    const RSA: &str = include_str!("../../fixtures/ssh/rsa.pub");
    const A: &str = "age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pa";

    #[test]
    fn a_recipient_is_canonical() {
        assert_eq!(Recipient::parse(A).unwrap().as_str(), A);
        assert_eq!(Recipient::parse(&A.to_uppercase()).unwrap().as_str(), A);
    }

    #[test]
    fn other_kinds_are_named() {
        for (text, fault) in [
            (
                "AGE-SECRET-KEY-1GQ9778VQXMMJVE8SK7J6VT8UJ4HDQAJUVSFCWCM02D8GEWQ72PVQ2Y5J33",
                RecipientFault::Identity,
            ),
            ("age-secret-key-1xyz", RecipientFault::Identity),
            ("AGE-PLUGIN-YUBIKEY-1XYZ", RecipientFault::Identity),
            ("-----BEGIN OPENSSH PRIVATE KEY-----", RecipientFault::Identity),
            ("ssh-dss AAAA comment", RecipientFault::SshKind),
            (include_str!("../../fixtures/ssh/ecdsa.pub"), RecipientFault::SshKind),
            ("sk-ssh-ed25519@openssh.com AAAA", RecipientFault::SshKind),
            (
                "age1yubikey1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqrjljxx",
                RecipientFault::Plugin,
            ),
            (
                "age1pq1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqsugwwr",
                RecipientFault::OtherKind,
            ),
            (
                "age1tag1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqcpqz94",
                RecipientFault::OtherKind,
            ),
            ("age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pb", RecipientFault::Malformed),
            ("age1", RecipientFault::Malformed),
            ("", RecipientFault::Malformed),
            (" age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pa", RecipientFault::Malformed),
        ] {
            assert_eq!(Recipient::parse(text), Err(fault), "{text}");
        }
    }

    #[test]
    fn an_ssh_key_is_its_type_and_its_key() {
        for line in [ED25519, RSA] {
            let words: Vec<&str> = line.split_whitespace().collect();
            let bare = format!("{} {}", words[0], words[1]);
            for text in [line.trim_end(), &bare, &format!("{bare} another comment")] {
                assert_eq!(Recipient::parse(text).unwrap().as_str(), bare);
            }
            for bad in [
                format!("{bare}!"),
                format!("{bare}A"),
                bare[..bare.len() - 4].to_string(),
                format!("{bare} a\nssh-rsa"),
                words[0].to_string() + " ",
            ] {
                assert_eq!(Recipient::parse(&bad), Err(RecipientFault::MalformedSsh), "{bad}");
            }
        }
        let short = ssh("ssh-rsa", &[&[1, 0, 1], &[0x7f; 128]]);
        assert_eq!(Recipient::parse(&short), Err(RecipientFault::RsaSize));
        let long = ssh("ssh-rsa", &[&[1, 0, 1], &[0x7f; 1025]]);
        assert_eq!(Recipient::parse(&long), Err(RecipientFault::RsaSize));
    }

    #[test]
    fn degenerate_ssh_keys_are_refused() {
        let (mut one, mut minus_one) = ([0; 32], [0xff; 32]);
        one[0] = 1;
        (minus_one[0], minus_one[31]) = (0xec, 0x7f);
        for point in [one, minus_one, [0; 32]] {
            let text = ssh("ssh-ed25519", &[&point]);
            assert_eq!(Recipient::parse(&text), Err(RecipientFault::Degenerate), "{text}");
        }
    }

    fn ssh(kind: &str, fields: &[&[u8]]) -> String {
        let fields = std::iter::once(kind.as_bytes()).chain(fields.iter().copied());
        let blob: Vec<u8> =
            fields.flat_map(|f| [&u32::try_from(f.len()).unwrap().to_be_bytes()[..], f].concat()).collect();
        format!("{kind} {}", BASE64_STANDARD.encode(blob))
    }

    #[test]
    fn degenerate_keys_are_refused() {
        for text in [
            "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z",
            "age1qyqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqj7vrya",
            "age1ur4h5lpmgxu2u9jku0a0r87ydtdqnr0tnsetrlvxvgz3vh6fhqqqzyt4v9",
            "age1ur4h5lpmgxu2u9jku0a0r87ydtdqnr0tnsetrlvxvgz3vh6fhzqqxqejhu",
            "age1t7wft09r2zxzfvwsk92eeql0tvzyghxytqwgapkcyf8dm5ylz9ts6wm9s8",
            "age1anlllllllllllllllllllllllllllllllllllllllllllllllals4n2t7m",
            "age1ahlllllllllllllllllllllllllllllllllllllllllllllllalsn46ayy",
            "age1amlllllllllllllllllllllllllllllllllllllllllllllllalselrwrv",
        ] {
            assert_eq!(Recipient::parse(text), Err(RecipientFault::Degenerate), "{text}");
        }
    }

    #[test]
    fn the_hash_is_of_the_set() {
        let b = age::x25519::Identity::generate().to_public().to_string();
        let set = |texts: &[&str]| -> RecipientSet {
            texts.iter().map(|text| Recipient::parse(text).unwrap()).collect()
        };
        assert_eq!(set(&[A, &b]).hash(), set(&[&b, A, &b]).hash());
        assert_ne!(set(&[A, &b]).hash(), set(&[A]).hash());
        assert_eq!(set(&[A, &b, A]).len(), 2);
        // printf %s "$A" | sha256sum | cut -c-32 | xxd -r -p | base64
        assert_eq!(BASE64_URL_SAFE_NO_PAD.encode(set(&[A]).hash()), "5mmuheMYVoJpR7ZdZpJmgQ");
        assert_eq!(
            set(&[A, ED25519.trim_end()]).hash(),
            set(&[ED25519.split(" a test").next().unwrap(), A]).hash()
        );
    }
}
