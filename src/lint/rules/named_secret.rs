#![doc = include_str!("../../commands/codes/named-secret.md")]

/// The rule's code. What it finds, [`text`](crate::lint::text) and [`tree`](crate::lint::tree) read.
pub const CODE: &str = "named-secret";
