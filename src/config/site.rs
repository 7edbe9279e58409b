//! The places of a repo at which secrets are declared, each parsed once whatever the number of units
//! that read it.
//!
//! Whether a scalar is a pointer or a ciphertext is decided here, by its source text, before anything
//! is interpolated.

use std::collections::HashMap;
use std::sync::Arc;

use super::ciphertext::{Ciphertext, is_ciphertext};
use super::environment::glob;
use super::expression::{Segment, references, split, within_budget};
use super::fault::Fault;
use super::interpolate::inner;
use super::pointer::{Pointer, is_pointer};
use super::repo::{Document, Repo};
use super::secret_words::set_target;
use super::stack::{SecretPlace, layers_of};
use crate::source::diagnostic::Diagnostics;
use crate::source::json_pointer::pointer_path;
use crate::source::node::{Node, Scalar};
use crate::source::span::Span;

/// A declared secret in a file.
#[derive(Clone, Debug)]
pub struct Site {
    /// The declared name.
    pub name: Arc<str>,
    /// The scalar.
    pub span: Span,
    /// What it is.
    pub kind: SiteKind,
    /// Whether it is declared under `shared:`.
    pub shared: bool,
}

/// What the source text of a secret is.
#[derive(Clone, Debug)]
pub enum SiteKind {
    /// A pointer into a store.
    Pointer(Arc<Pointer>),
    /// An encrypted value, at the place that it says.
    Ciphertext(Arc<Ciphertext>),
    /// Text around other secrets.
    Composite(Arc<str>),
    /// None of these; reported.
    Refused,
}

/// All sites of the documents that were read.
pub type Sites = HashMap<SecretPlace, Site>;

/// Reads all sites and refuses what isn't a pointer, a ciphertext or a composition.
pub fn read_all(repo: &Repo, out: &mut Diagnostics) -> Sites {
    let mut sites = Sites::new();
    for document in std::iter::once(&repo.root).chain(repo.environments.values().map(|e| &e.environment)) {
        read_entries(repo, document, "", &document.node, "shared", &mut sites, out);
        check_apps(document, out);
    }
    let mut read = |document: &Document, roots: &[&str]| {
        for (pointer, layer) in layers_of(document, roots) {
            read_entries(repo, document, &pointer, layer, "secrets", &mut sites, out);
        }
    };
    read(&repo.root, &["/defaults"]);
    for environment in repo.environments.values() {
        read(&environment.environment, &["/defaults", "/overrides"]);
    }
    for app in repo.apps.values() {
        read(&app.app, &[""]);
        app.environments.values().for_each(|document| read(document, &[""]));
    }
    sites
}

/// Reads the entries of `secrets` or `shared` of a mapping.
fn read_entries(
    repo: &Repo,
    document: &Document,
    above: &str,
    mapping: &Node,
    key: &str,
    sites: &mut Sites,
    out: &mut Diagnostics,
) {
    for (name, entry) in mapping.get(key).and_then(Node::as_map).into_iter().flatten() {
        let (node, keys) = match entry.value.get("value") {
            Some(value) => (value, vec![key, &**name, "value"]),
            None => (&entry.value, vec![key, &**name]),
        };
        // What isn't a scalar, the schema has refused.
        let Some(scalar) = node.as_scalar().filter(|_| !node.is_null()) else { continue };
        let place = SecretPlace { file: document.file, pointer: format!("{above}{}", pointer_path(&keys)) };
        let kind = match classify(repo, document, &place.pointer, scalar, node.place(), name) {
            Ok(kind) => kind,
            Err(fault) => {
                out.push(*fault);
                SiteKind::Refused
            }
        };
        let site = Site { name: name.clone(), span: node.place(), kind, shared: key == "shared" };
        sites.insert(place, site);
    }
}

/// The globs of `for:` can be read.
fn check_apps(document: &Document, out: &mut Diagnostics) {
    for (_, entry) in document.get("shared").and_then(Node::as_map).into_iter().flatten() {
        for item in entry.value.get("for").and_then(Node::as_list).unwrap_or_default() {
            if let Some(text) = item.as_text().filter(|text| glob(text).is_none()) {
                out.push(Fault::BadGlob { span: item.place(), glob: text.to_string() });
            }
        }
    }
}

fn classify(
    repo: &Repo,
    document: &Document,
    pointer: &str,
    scalar: &Scalar,
    span: Span,
    name: &Arc<str>,
) -> Result<SiteKind, Box<Fault>> {
    let text = &*scalar.text;
    if is_pointer(text) {
        return Pointer::parse(text)
            .map(|pointer| SiteKind::Pointer(Arc::new(pointer)))
            .map_err(|fault| Box::new(Fault::BadPointer { span: inner(&repo.files, span), fault }));
    }
    if is_ciphertext(text) {
        let ciphertext = Ciphertext::parse(text).map_err(|fault| {
            Box::new(Fault::BadCiphertext {
                span,
                name: name.to_string(),
                target: set_target(&document.path, pointer),
                fault,
            })
        })?;
        let place = ciphertext.place();
        let id = repo.root.get("id").and_then(Node::as_text).map_or("", |id| id);
        if place.repo != id || place.file != document.path || place.path != pointer {
            return Err(Box::new(Fault::MovedCiphertext {
                span,
                name: name.to_string(),
                here: (id.to_string(), document.path.clone(), pointer.to_string()),
                sealed: (place.repo.clone(), place.file.clone(), place.path.clone()),
            }));
        }
        return Ok(SiteKind::Ciphertext(Arc::new(ciphertext)));
    }
    match composition(text) {
        Composition::Names => Ok(SiteKind::Composite(scalar.text.clone())),
        Composition::Broken => Err(Box::new(Fault::BrokenComposition { span, name: name.to_string() })),
        Composition::None => Err(Box::new(Fault::PlaintextSecret {
            span,
            name: name.to_string(),
            target: set_target(&document.path, pointer),
        })),
    }
}

/// Whether the source text of a secret is neither a pointer nor a ciphertext nor composed of other secrets.
pub fn is_plaintext(text: &str) -> bool {
    !is_pointer(text) && !is_ciphertext(text) && matches!(composition(text), Composition::None)
}

enum Composition {
    /// It names another secret.
    Names,
    /// It names none: plaintext.
    None,
    /// Its expressions can't be read. Their text could be a part of a secret, so nobody repeats it.
    Broken,
}

fn composition(text: &str) -> Composition {
    let Ok(segments) = split(text) else { return Composition::Broken };
    if segments.len() > 1 && within_budget(text, &segments).is_err() {
        return Composition::Broken;
    }
    let mut found = Composition::None;
    for segment in segments {
        if let Segment::Expression { source, .. } = segment {
            match references(source) {
                Ok(used) if used.iter().any(|r| matches!(r.root.as_str(), "secrets" | "shared")) => {
                    found = Composition::Names;
                }
                Ok(_) => {}
                Err(_) => return Composition::Broken,
            }
        }
    }
    found
}
