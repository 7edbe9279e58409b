//! The encrypted scalars of SOPS files, `ENC[AES256_GCM,data:…,iv:…,tag:…,type:…]`.

use aes_gcm::aead::consts::U32;
use aes_gcm::aead::generic_array::GenericArray;
use aes_gcm::aead::{AeadInPlace, KeyInit};
use aes_gcm::aes::Aes256;
use aes_gcm::{AesGcm, Tag};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use zeroize::Zeroizing;

use crate::link::secret_value::SecretValue;

const BEGIN: &str = "ENC[AES256_GCM,";
const NONCE: usize = 32;
const TAG: usize = 16;

/// The cipher of one file: AES-256 in GCM with nonces of 32 bytes, and a value's path as additional data.
pub struct Cipher(AesGcm<Aes256, U32>);

/// An encrypted scalar, taken apart.
pub struct Sealed<'t> {
    data: &'t str,
    nonce: &'t str,
    tag: &'t str,
    /// The type of the value: `str`, `int`, `comment` and so on.
    pub kind: &'t str,
}

/// Whether a scalar means to be encrypted.
pub fn is_sealed(text: &str) -> bool {
    text.starts_with(BEGIN)
}

impl<'t> Sealed<'t> {
    /// Takes a scalar apart; `None` if it isn't whole.
    pub fn parse(text: &'t str) -> Option<Sealed<'t>> {
        let mut parts = text.strip_prefix(BEGIN)?.strip_suffix(']')?.split(',');
        let mut part = |name: &str| parts.next()?.strip_prefix(name);
        let sealed =
            Sealed { data: part("data:")?, nonce: part("iv:")?, tag: part("tag:")?, kind: part("type:")? };
        parts.next().is_none().then_some(sealed)
    }
}

impl Cipher {
    /// The cipher with a file's key; `None` if that has another length.
    pub fn new(key: &SecretValue) -> Option<Cipher> {
        #[expect(clippy::disallowed_methods, reason = "linking decrypts with the key of a file")]
        AesGcm::new_from_slice(key.expose()).ok().map(Cipher)
    }

    /// The cleartext of a scalar that stands at `path`, each name followed by a colon. `None` if it was changed
    /// or stands elsewhere.
    pub fn open(&self, sealed: &Sealed<'_>, path: &str) -> Option<Zeroizing<Vec<u8>>> {
        let decode = |text: &str| BASE64_STANDARD.decode(text).ok();
        let (nonce, tag) = (decode(sealed.nonce)?, decode(sealed.tag)?);
        if nonce.len() != NONCE || tag.len() != TAG {
            return None;
        }
        let mut bytes = Zeroizing::new(decode(sealed.data)?);
        let nonce = GenericArray::from_slice(&nonce);
        let opened =
            self.0.decrypt_in_place_detached(nonce, path.as_bytes(), &mut bytes, Tag::from_slice(&tag));
        opened.is_ok().then_some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::{Cipher, Sealed};
    use crate::link::secret_value::SecretValue;

    #[test]
    fn what_isn_t_whole_is_refused() {
        let whole = "ENC[AES256_GCM,data:YQ==,iv:YQ==,tag:YQ==,type:str]";
        assert!(Sealed::parse(whole).is_some());
        for end in 0..whole.len() {
            assert!(Sealed::parse(&whole[..end]).is_none(), "{end}");
        }
        for bad in [
            "ENC[AES256_GCM,iv:YQ==,data:YQ==,tag:YQ==,type:str]",
            "ENC[AES256_GCM,data:YQ==,iv:YQ==,tag:YQ==,type:str,more:x]",
            "ENC[AES256_GCM,data:YQ==,iv:YQ==,tag:YQ==,type:str] ",
            "ENC[AES128_GCM,data:YQ==,iv:YQ==,tag:YQ==,type:str]",
        ] {
            assert!(Sealed::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn odd_lengths_open_nothing() {
        let key = |length| Cipher::new(&SecretValue::new(vec![7; length]));
        assert!(key(0).is_none() && key(31).is_none() && key(33).is_none());
        let cipher = key(32).expect("it has the right length");
        for text in [
            "ENC[AES256_GCM,data:,iv:,tag:,type:str]",
            "ENC[AES256_GCM,data:YQ==,iv:YQ==,tag:YQ==,type:str]",
            "ENC[AES256_GCM,data:*,iv:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=,tag:AAAAAAAAAAAAAAAAAAAAAA==,type:str]",
            "ENC[AES256_GCM,data:YQ==,iv:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=,tag:AAAAAAAAAAAAAAAAAAAAAA==,type:str]",
        ] {
            assert!(cipher.open(&Sealed::parse(text).expect("it is whole"), "a:").is_none(), "{text}");
        }
    }
}
