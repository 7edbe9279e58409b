//! The rules, one a file.

pub mod private_key;
