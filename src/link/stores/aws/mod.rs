//! Amazon Web Services: Secrets Manager, and the parameters of Systems Manager.
//!
//! Credentials come from AWS's own chain (environment, profile, web identity, container, instance), are had once
//! for each region and role of a run, and go to AWS or to an endpoint that is named outside of the repo.

#[cfg(feature = "ssm")]
pub mod parameters;
pub mod secrets;

mod access;
mod credentials;
mod endpoint;
mod failure;
mod http;
mod target;
