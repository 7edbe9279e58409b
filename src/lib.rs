//! Sealwright compiles a GitOps control repo into the manifests that a platform applies, and refuses
//! any plaintext secret.
//!
//! Secrets are linked, not templated. A run is a chain of phases, and what each returns proves its
//! work, so that the next can't be called without it:
//!
//! 1. **parse**: [`source`] reads files through a [`World`](source::world::World) into trees in which
//!    every node knows where it stands ([`Node`](source::node::Node)); the
//!    [`Repo`](config::repo::Repo) holds them, each parsed once and held against its schema.
//! 2. **layer**: a unit's layers become one tree in which every leaf has an
//!    [`Origin`](config::layered::Origin) and knows what it shadows ([`Stack`](config::stack::Stack)).
//! 3. **check**: a [`Config`](config::check::Config) is typed by contract, interpolated and complete;
//!    secrets exist in it as [`SecretId`](config::secret::SecretId) alone.
//! 4. **decide**: a secret that the platform can dereference itself becomes a reference, any other needs a
//!    permission to be resolved ([`manifest::delivery`]); what the platform has not, an app can't ask for
//!    ([`manifest::lacks`]).
//! 5. **render**: a [`Pack`](manifest::pack::Pack), built in or a folder of the repo, runs its templates over the
//!    unit's [`View`](manifest::view::View). Every printed string is a token, put back after the output was
//!    parsed again, so a value never makes structure; strings are lists of
//!    [`Piece`](manifest::draft::Piece)s. The repo's own templates run as the pack's do, and
//!    [patches](manifest::patch) change what they made.
//! 6. **taint**: a secret piece stands in a place made for it, or there is no
//!    [`Sealed`](manifest::taint::Sealed); only [`seal`](manifest::taint::seal) makes one.
//! 7. **validate**: what must hold of all documents together, by the schemas and rules of the platform
//!    ([`manifest::validate`]).
//! 8. **link**: every value that is needed is planned, then fetched once, then placed, all or nothing
//!    ([`link::linker`]). Here cleartext comes to exist, and nowhere before.
//! 9. **emit**: canonical YAML or JSON, documents that are one file gathered into it ([`source::gather`]), to where
//!    cleartext may go: a pipe, a folder, or without any a branch ([`OutBranch`](emit::OutBranch)).
//!
//! The rooms stand on each other, [`source`] at the ground, then [`config`], [`lint`], [`manifest`],
//! [`link`], [`emit`]; [`inspect`] reads what `manifest` made, [`seal`] encrypts. A room imports from below
//! alone; [`pipeline`] knows the order, and `tests/storeys.rs` holds all of this.

#![forbid(unsafe_code)]

pub mod args;
pub mod commands;
pub mod config;
pub mod emit;
pub mod hardening;
pub mod inspect;
pub mod link;
pub mod lint;
pub mod manifest;
pub mod pipeline;
pub mod seal;
pub mod source;
