//! The ground: files, spans, YAML in and out, schemas, diagnostics.

pub mod diagnostic;
pub mod escape;
pub mod files;
pub mod memory;
pub mod node;
pub mod repo_path;
pub mod span;
pub mod work_tree;
pub mod world;
