//! Documents → layers → checked configuration: what each unit is, where every value of it was written,
//! and which secrets it names.

pub mod check;
pub mod environment;
pub mod expression;
pub mod fault;
pub mod interpolate;
pub mod layered;
pub mod name;
pub mod plain_filters;
pub mod readers;
pub mod repo;
pub mod secret;
pub mod selection;
pub mod site;
pub mod stack;
pub mod tree;
pub mod unit_secrets;
pub mod version;

mod complete;
