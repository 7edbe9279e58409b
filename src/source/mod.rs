//! The ground: files, spans, YAML in and out, schemas, diagnostics.

pub mod diagnostic;
pub mod escape;
pub mod files;
pub mod git;
pub mod json_pointer;
pub mod lines;
pub mod memory;
pub mod node;
pub mod replaced;
pub mod repo_path;
pub mod report;
pub mod report_json;
pub mod schema;
pub mod schema_cursor;
mod schema_finder;
#[cfg(test)]
mod schema_findings_test;
#[cfg(test)]
mod schema_test;
mod schema_tree;
mod schema_violation;
mod schema_words;
pub mod shown;
pub mod span;
pub mod work_tree;
pub mod world;
