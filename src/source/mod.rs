//! The ground: files, spans, YAML in and out, schemas, diagnostics.

pub mod addition;
pub mod core_schema;
pub mod diagnostic;
pub mod edit;
pub mod edit_list;
pub mod edit_removal;
pub mod escape;
pub mod fault;
pub mod files;
pub mod gather;
pub mod git;
pub mod index_world;
pub mod json_pointer;
pub mod lines;
pub mod mask;
pub mod memory;
pub mod nearest;
pub mod node;
pub mod replaced;
pub mod repo_path;
pub mod report;
pub mod report_azure;
pub mod report_github;
pub mod report_json;
pub mod report_sarif;
pub mod revision;
pub mod schema;
pub mod schema_about;
pub mod schema_circle;
pub mod schema_cost;
pub mod schema_cursor;
pub mod schema_place;
pub mod shown;
pub mod span;
pub mod text;
pub mod walk;
pub mod work_tree;
pub mod world;
pub mod yaml;
pub mod yaml_writer;

mod composer;
mod extent;
mod outline;
mod prose;
mod schema_finder;
mod schema_tree;
mod schema_violation;
mod schema_words;

#[cfg(test)]
mod mask_test;
#[cfg(test)]
mod schema_findings_test;
#[cfg(test)]
mod schema_test;
