//! Small repos that hide a secret, or try to hang, crash or fool `check`. In each, what is planted is found,
//! and nothing else; no format shows a value; nothing panics or takes long; no program of the repo runs.

#[allow(dead_code)] // what is about compiling belongs to the other hostile set
#[path = "../hostile/bounded.rs"]
mod bounded;
mod case;
mod encodings;
mod exceptions;
mod fakes;
mod formats;
mod git;
mod sizes;
#[path = "../support/mod.rs"]
mod support;
mod syntax;
mod system;
