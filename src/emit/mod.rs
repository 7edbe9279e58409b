//! The emit phase: linked documents become bytes, and cleartext goes only where it may.

mod aside;
mod fault;
mod folder;
mod format;
mod kyaml;
mod kyaml_tree;
mod layout;
mod linked;
mod made;
mod stdout;

pub use fault::Fault;
pub use folder::{OutFolder, Written};
pub use format::{Format, WriteFailed, write};
pub use layout::{Layout, OutputText, Place};
pub use stdout::{permit_cleartext, print};
