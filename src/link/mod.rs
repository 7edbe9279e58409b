//! Sealed becomes linked: secrets are planned, fetched and decrypted, all or nothing.

pub mod decrypt;
pub mod fault;
pub mod identity;
pub mod linked;
pub mod linker;
pub mod secret_value;
