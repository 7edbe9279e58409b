//! Documents become a config: layers, origins, units, secret names, scope.

pub mod arn;
pub mod backend;
pub mod locator;
pub mod percent;
pub mod pointer;
pub mod scope;
