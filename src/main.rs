//! Calls, prints, exits.

fn main() {}
