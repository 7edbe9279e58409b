//! The ground: files, spans, YAML in and out, schemas, diagnostics.

pub mod core_schema;
pub mod diagnostic;
pub mod edit;
pub mod fault;
pub mod files;
pub mod mask;
pub mod node;
pub mod span;
pub mod yaml;
pub mod yaml_writer;

mod addition;
mod composer;
mod extent;
