//! The ground: files, spans, YAML in and out, schemas, diagnostics.

pub mod diagnostic;
pub mod escape;
pub mod files;
pub mod lines;
pub mod memory;
pub mod node;
pub mod replaced;
pub mod repo_path;
pub mod report;
pub mod report_json;
pub mod shown;
pub mod span;
pub mod work_tree;
pub mod world;
