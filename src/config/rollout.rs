//! Rollout tokens: what changes when a secret changes, made of versions and revisions, never of values.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::locator::Locator;
use super::secret::{Secret, SecretPart, SecretSource, Secrets};

/// Bytes of the digest that a token keeps.
const LENGTH: usize = 16;

/// The token of all secrets of a unit. `version` gives the version of a store's item; `None` when one
/// isn't known.
pub fn token(secrets: &Secrets, version: &dyn Fn(&Locator) -> Option<String>) -> Option<String> {
    let mut digest = Sha256::new();
    for (_, secret) in secrets.iter() {
        digest.update(format!("{} {}\n", secret.name, revision(secret, secrets, version)?));
    }
    Some(BASE64_URL_SAFE_NO_PAD.encode(&digest.finalize()[..LENGTH]))
}

fn revision(
    secret: &Secret,
    secrets: &Secrets,
    version: &dyn Fn(&Locator) -> Option<String>,
) -> Option<String> {
    match &secret.source {
        SecretSource::Ciphertext { ciphertext, .. } => Some(ciphertext.rev_text()),
        SecretSource::Pointer(locator) => version(locator),
        SecretSource::Composite(parts) => parts
            .iter()
            .map(|part| match part {
                SecretPart::Text(text) => Some(format!("{}:{text}", text.len())),
                SecretPart::Secret(id, encodings) => {
                    let inner = revision(secrets.get(*id), secrets, version)?;
                    Some(encodings.iter().fold(inner, |text, e| format!("{}({text})", e.filter())))
                }
            })
            .collect(),
    }
}
