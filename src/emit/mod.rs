//! The emit phase: linked documents become bytes, and cleartext goes only where it may.

mod aside;
mod branch;
mod branch_fault;
mod changes;
mod fault;
mod folder;
mod format;
mod kyaml;
mod kyaml_tree;
mod layout;
mod linked;
mod made;
mod rendered;
mod stdout;

pub use branch::{Committed, OutBranch};
pub use branch_fault::BranchFault;
pub use fault::Fault;
pub use folder::{OutFolder, Written};
pub use format::{Format, WriteFailed, write};
pub use layout::{Layout, OutputText, Place};
pub use rendered::{ControlRepo, RENDERED_SCHEMA, Rendered};
pub use stdout::{permit_cleartext, print};
