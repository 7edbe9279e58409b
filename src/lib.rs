//! Sealwright compiles a GitOps control repo into the manifests that a platform applies.

pub mod config;
pub mod link;
pub mod seal;
pub mod source;
