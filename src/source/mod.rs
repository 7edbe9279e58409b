//! The ground: files, spans, YAML in and out, schemas, diagnostics.

pub mod diagnostic;
pub mod files;
pub mod json_pointer;
pub mod node;
pub mod span;
