//! `render --commit`: what it makes of a branch, what it refuses, and what it leaves alone. All with real git.

#[path = "../support/mod.rs"]
mod support;

mod branches;
mod content;
mod refusals;
mod scratch;
