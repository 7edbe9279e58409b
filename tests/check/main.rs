//! `sealwright check` with real git: the index of a hook, the commits of a branch, files of no control repo,
//! and what calls it: hooks, pre-commit, CI.

#[path = "../support/mod.rs"]
mod support;

mod ci;
mod files;
mod hooks;
mod plain;
mod scratch;
mod since;
mod staged;
mod states;
