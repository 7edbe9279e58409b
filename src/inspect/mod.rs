//! What reads a compiled repo and changes nothing.

pub mod preview;
