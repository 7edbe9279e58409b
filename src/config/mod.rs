//! Documents → layers → checked configuration: what each unit is, where every value of it was written,
//! and which secrets it names.

pub mod age_file;
pub mod arn;
pub mod backend;
pub mod check;
pub mod ciphertext;
pub mod config_schema;
pub mod environment;
pub mod expression;
pub mod fault;
pub mod glob;
pub mod interpolate;
pub mod layered;
pub mod locator;
pub mod name;
pub mod place;
pub mod plain_filters;
pub mod pointer;
pub mod pointer_use;
pub mod quoting;
pub mod readers;
pub mod recipient;
pub mod repo;
pub mod rollout;
pub mod scope;
pub mod secret;
pub mod selection;
pub mod shared;
pub mod site;
pub mod stack;
pub mod stores;
pub mod tree;
pub mod unit_files;
pub mod unit_secrets;
pub mod version;

mod complete;
mod percent;
mod secret_words;
mod words;
