//! The secret stores, one file or folder each; a new one is a line here and in
//! [`STORES`](super::store::STORES).

#[cfg(feature = "aws")]
pub mod aws;
pub mod sops;
#[cfg(feature = "vault")]
pub mod vault;

#[cfg(any(feature = "aws", feature = "vault"))]
mod cause;
