//! Cleartext.

use std::fmt;

use zeroize::Zeroizing;

/// The most bytes that a secret can have: 1 MiB.
pub const MAX_VALUE: usize = 1 << 20;

/// A secret in the clear: bytes that are wiped when it is dropped. It can't be printed, serialized, cloned or
/// compared, and only [`expose`](SecretValue::expose), which a lint bans outside of `link`, `emit`, `seal`
/// and `deliver`, reaches the inside.
pub struct SecretValue(Zeroizing<Vec<u8>>);

impl SecretValue {
    /// Takes the bytes over; the buffer itself is wiped later, so there is no copy.
    pub fn new(bytes: impl Into<Zeroizing<Vec<u8>>>) -> SecretValue {
        SecretValue(bytes.into())
    }

    /// The bytes.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretValue(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::SecretValue;

    #[test]
    fn debug_shows_nothing() {
        let value = SecretValue::new(b"hunter2".to_vec());
        assert_eq!(format!("{value:?} {:#?}", Some(&value)), "SecretValue(…) Some(\n    SecretValue(…),\n)");
    }
}
