//! Configuration → draft → sealed documents: packs, templates, leaf tokens, taint, validation. No
//! cleartext exists here.

pub mod absent;
pub mod artifact;
pub mod built_in;
pub mod decisions;
pub mod delivery;
pub mod draft;
pub mod engine;
pub mod fault;
pub mod lacks;
pub mod literals;
pub mod locate;
pub mod opaque;
pub mod outputs;
pub mod own_documents;
pub mod pack;
pub mod patch;
mod patch_operations;
mod patch_words;
pub mod reach;
pub mod received;
pub mod reference;
mod reference_words;
pub mod render;
#[cfg(test)]
mod sample;
pub mod sink;
pub mod taint;
pub mod token;
pub mod validate;
pub mod view;
