//! Sealwright compiles a GitOps control repo into the manifests that a platform applies.

pub mod source;
