//! Sealed becomes linked: secrets are planned, fetched and decrypted, all or nothing.

pub mod address;
pub mod calls;
pub mod connected;
pub mod content;
pub mod decrypt;
pub mod fault;
pub mod identity;
pub mod linked;
pub mod linker;
pub mod plan;
pub mod secret_value;
pub mod store;
pub mod store_fault;
pub mod stores;
pub mod tree;
pub mod values;
pub mod verified;

mod failures;
mod placer;
mod store_words;
