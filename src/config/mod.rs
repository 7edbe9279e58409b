//! Documents become a config: layers, origins, units, secret names, scope.

pub mod age_file;
pub mod arn;
pub mod backend;
pub mod ciphertext;
pub mod locator;
pub mod percent;
pub mod place;
pub mod pointer;
pub mod recipient;
pub mod scope;
