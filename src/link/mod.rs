//! Sealed becomes linked: secrets are planned, fetched and decrypted, all or nothing.

pub mod decrypt;
pub mod identity;
pub mod secret_value;
