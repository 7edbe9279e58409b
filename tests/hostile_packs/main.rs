//! What the platforms besides Kubernetes, packs of the repo and native references open to an attacker: values stay
//! in the files made for them, no scope is widened, nobody changes what is another's, and nothing grows without end.

#[allow(dead_code)] // what is about `check` alone belongs to the other hostile sets
#[path = "../hostile/bounded.rs"]
mod bounded;
mod cases;
mod committed;
mod interference;
mod leaks;
mod outputs;
mod owners;
mod probes;
mod schemas;
mod scope;
mod sizes;
#[path = "../support/mod.rs"]
mod support;
