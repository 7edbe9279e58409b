//! Pointers against real secret stores: what they fetch, with how many requests, and what is said when they can't.

#[path = "../support/mod.rs"]
mod support;

mod aws;
mod aws_counts;
mod aws_faults;
mod aws_login;
mod aws_parameters;
mod aws_secrets;
mod aws_tls;
mod aws_trust;
mod aws_verify;
mod counts;
mod faults;
mod login;
mod matrix;
mod proxy;
mod shop;
mod sock_shop;
mod sops;
mod sops_once;
mod together;
mod trust;
mod vault;
