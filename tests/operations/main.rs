//! What templates can do to secrets and to values: operation by operation, statement by statement, with
//! ill will, and with any configuration.

mod bench;
mod hostile;
mod operations;
mod places;
mod statements;
mod structure;
