//! The plaintext rules: what stands in a file in the clear and must not, one rule a file.
//!
//! A rule sees a file's text and, where it parses, its tree; it never decides by anything outside the
//! file, so a scan needs no repo, no network and no credentials.
//!
//! [`scan`] looks at a text once, for a few hundred literals ([`needles`]); where one stands, the rule that
//! asked for it looks closer ([`raw`], [`text`]). Only when that comes to something, a file that can be one is
//! read as a tree ([`tree`]), which knows keys, values, and what a document is about.

mod apart;
pub mod encoded;
pub mod exceptions;
pub mod exceptions_edit;
mod exceptions_fault;
pub mod finding;
pub mod key;
pub mod literal;
pub mod needles;
pub mod pair;
pub mod placeholder;
pub mod raw;
pub mod region;
pub mod rules;
pub mod scan;
pub mod syntax;
pub mod text;
pub mod tree;
pub mod ways;

mod words;
