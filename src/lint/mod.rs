//! The plaintext rules: what stands in a file in the clear and must not, one rule a file.
//!
//! A rule sees a file's text and, where it parses, its tree; it never decides by anything outside the
//! file, so a scan needs no repo, no network and no credentials.

pub mod exceptions;
pub mod exceptions_edit;
mod exceptions_fault;
pub mod finding;
pub mod rules;
pub mod scan;
