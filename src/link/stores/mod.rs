//! The secret stores, one file or folder each; a new one is a line here and in
//! [`STORES`](super::store::STORES).

pub mod sops;
#[cfg(feature = "vault")]
pub mod vault;
