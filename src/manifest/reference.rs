//! What a platform dereferences itself: the rows of `references:` of its pack, held against a pointer.

use std::collections::HashMap;

use super::fault::Fault;
use crate::config::backend::Backend;
use crate::config::check::Config;
use crate::config::environment::Environment;
use crate::config::locator::Locator;
use crate::config::references::StoreReference;
use crate::config::secret::{Encoding, SecretId, SecretPart, SecretSource};
use crate::source::diagnostic::Diagnostics;
use crate::source::node::Node;

/// What the platform's own references can say of the secrets of one backend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceRow {
    /// The backend.
    pub backend: Backend,
    /// Whether an object of the platform reads the store, which `references:` of the environment names.
    pub mapped: bool,
    /// How many fields deep into a secret they lead, at most.
    pub fields: usize,
    /// How many segments the path below the mount has, at most; any number, if none is said.
    pub segments: Option<usize>,
    /// Whether nothing is composed with it.
    pub alone: bool,
    /// The parameters of a pointer that they have a place for.
    pub params: Vec<String>,
    /// The characters that neither a path nor a field nor a parameter may have.
    pub without: Vec<char>,
    /// Whether the region and the account of the secret must be known.
    pub located: bool,
}

/// Why the platform can't dereference a secret itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// It is encrypted in the repo.
    Encrypted,
    /// The platform doesn't know the backend.
    Backend(Backend),
    /// No entry of `references:` says which object reads the backend.
    Unmapped(Backend),
    /// The path doesn't lie below the mount that `references:` says.
    OutsideMount(Backend, Vec<String>),
    /// The path below the mount has more segments than a reference can, which has so many at most.
    Segments(Backend, usize),
    /// The pointer leads deeper than a reference can, which has so many fields at most.
    Fields(usize),
    /// A character of the path, of a field or of a parameter ends it in a reference.
    Character(char),
    /// A parameter has no place in a reference.
    Param(String),
    /// The region or the account isn't known.
    Unlocated(Backend),
    /// The platform composes nothing, or not with this encoding.
    Composed(Option<Encoding>),
    /// What is composed with it is composed further, and so on for too long.
    Nested,
    /// Nothing is composed with secrets of this backend.
    Alone(Backend),
    /// A secret that it is composed of doesn't fit.
    Part(String, Box<Misfit>),
    /// Something that has to be made of the value names it: a typed Secret, or documents of the repo alone.
    Placed,
}

/// How deeply compositions may be nested in each other for a platform to compose them itself.
pub const MAX_NESTED: usize = 8;

impl ReferenceRow {
    /// The row that a mapping describes. `None` when it is none, and why is in `out`.
    pub fn read(node: &Node, out: &mut Diagnostics) -> Option<ReferenceRow> {
        let text = |key: &str| node.get(key).and_then(Node::as_text);
        let texts = |key: &str| -> Vec<String> {
            let items = node.get(key).and_then(Node::as_list).unwrap_or_default();
            items.iter().filter_map(|item| item.as_text().map(|text| text.to_string())).collect()
        };
        let is_true = |key: &str| text(key).is_some_and(|text| &**text == "true");
        let backend = text("backend").and_then(|name| Backend::parse(name).ok());
        let fields = text("fields").map_or(Some(0), |text| text.parse().ok());
        let segments = text("segments").map(|text| text.parse().ok());
        let (Some(backend), Some(fields), true) = (backend, fields, segments != Some(None)) else {
            out.push(Fault::BadReferenceRow { span: node.place() });
            return None;
        };
        Some(ReferenceRow {
            backend,
            mapped: is_true("mapped"),
            fields,
            segments: segments.flatten(),
            alone: is_true("alone"),
            params: texts("params"),
            without: text("without").map(|text| text.chars().collect()).unwrap_or_default(),
            located: is_true("located"),
        })
    }

    /// Whether it can say what a pointer says.
    fn fits(&self, locator: &Locator, environment: &Environment) -> Result<(), Misfit> {
        if locator.fields.len() > self.fields {
            return Err(Misfit::Fields(self.fields));
        }
        if let Some(param) = locator.params.keys().find(|param| !self.params.contains(param)) {
            return Err(Misfit::Param(param.clone()));
        }
        // The colons of an ARN are its own.
        let name = locator.arn().map_or_else(|| locator.segments.clone(), |arn| arn.name);
        let texts = name.iter().chain(&locator.fields).chain(locator.params.values());
        if let Some(bad) = texts.flat_map(|text| text.chars()).find(|c| self.without.contains(c)) {
            return Err(Misfit::Character(bad));
        }
        let place = place(locator, environment);
        // Elsewhere than at home a name alone isn't found.
        let is_located = self.located || !self.mapped && locator.params.contains_key("region");
        if is_located && (place.region.is_none() || place.account.is_none()) {
            return Err(Misfit::Unlocated(self.backend));
        }
        let mut mount: &[String] = &[];
        if self.mapped {
            mount = &store(locator, environment).ok_or(Misfit::Unmapped(self.backend))?.mount;
            if !(locator.segments.starts_with(mount) && locator.segments.len() > mount.len()) {
                return Err(Misfit::OutsideMount(self.backend, mount.to_vec()));
            }
        }
        match self.segments {
            Some(most) if locator.segments.len() - mount.len() > most => {
                Err(Misfit::Segments(self.backend, most))
            }
            _ => Ok(()),
        }
    }
}

/// Where a secret of AWS lies.
pub struct AwsPlace {
    /// The region.
    pub region: Option<String>,
    /// The account.
    pub account: Option<String>,
}

/// Where the secret of a pointer lies, as far as the pointer or the environment says it.
pub fn place(locator: &Locator, environment: &Environment) -> AwsPlace {
    let home = environment.home(locator.backend);
    let arn = locator.arn();
    let param = locator.params.get("region").cloned();
    AwsPlace {
        region: arn.as_ref().map(|arn| arn.region.clone()).or(param).or_else(|| home.region.clone()),
        account: arn.map(|arn| arn.account).or_else(|| home.account.clone()),
    }
}

/// The object of the platform that reads the store of a pointer.
pub fn store<'e>(locator: &Locator, environment: &'e Environment) -> Option<&'e StoreReference> {
    environment.references.iter().find(|reference| reference.backend == locator.backend)
}

/// What a platform dereferences of the secrets of a unit, each looked at once.
pub struct Fitting<'a> {
    config: &'a Config,
    rows: &'a [ReferenceRow],
    /// With which encodings the platform composes, if it does.
    composes: Option<&'a [Encoding]>,
    /// How deeply each is composed, or why it doesn't fit.
    known: HashMap<SecretId, Result<usize, Misfit>>,
}

impl<'a> Fitting<'a> {
    /// Nothing was looked at yet.
    pub fn new(config: &'a Config, rows: &'a [ReferenceRow], composes: Option<&'a [Encoding]>) -> Self {
        Fitting { config, rows, composes, known: HashMap::new() }
    }

    /// Whether the platform can dereference a secret itself.
    pub fn fits(&mut self, id: SecretId) -> Result<(), Misfit> {
        self.height(id, 0).map(|_| ())
    }

    /// How deeply a secret is composed; `depth` is how many are composed of it on the way here.
    fn height(&mut self, id: SecretId, depth: usize) -> Result<usize, Misfit> {
        let height = match self.known.get(&id) {
            Some(known) => known.clone(),
            None if depth > MAX_NESTED => Err(Misfit::Nested),
            None => {
                let found = self.find(id, depth);
                // Seen from elsewhere it may be less deep.
                if !found.as_ref().is_err_and(Misfit::is_nested) {
                    self.known.insert(id, found.clone());
                }
                found
            }
        }?;
        if depth + height > MAX_NESTED { Err(Misfit::Nested) } else { Ok(height) }
    }

    fn stands_alone(&self, backend: Backend) -> bool {
        self.rows.iter().any(|row| row.backend == backend && row.alone)
    }

    fn find(&mut self, id: SecretId, depth: usize) -> Result<usize, Misfit> {
        let config = self.config;
        match &config.secrets.get(id).source {
            SecretSource::Ciphertext { .. } => Err(Misfit::Encrypted),
            SecretSource::Pointer(locator) => {
                let row = self.rows.iter().find(|row| row.backend == locator.backend);
                let row = row.ok_or(Misfit::Backend(locator.backend))?;
                row.fits(locator, &config.environment).map(|()| 0)
            }
            SecretSource::Composite(parts) => {
                let known = self.composes.ok_or(Misfit::Composed(None))?;
                let mut height = 0;
                for part in parts {
                    let SecretPart::Secret(id, encodings) = part else { continue };
                    if let Some(encoding) = encodings.iter().find(|encoding| !known.contains(encoding)) {
                        return Err(Misfit::Composed(Some(*encoding)));
                    }
                    let inner = config.secrets.get(*id);
                    let below = match &inner.source {
                        SecretSource::Pointer(locator) if self.stands_alone(locator.backend) => {
                            Err(Misfit::Alone(locator.backend))
                        }
                        _ => self.height(*id, depth + 1),
                    };
                    let part = |misfit| Misfit::Part(inner.name.to_string(), Box::new(misfit));
                    height = height.max(below.map_err(part)? + 1);
                }
                Ok(height)
            }
        }
    }
}

impl Misfit {
    /// Whether it fits as soon as the environment says where the store is, or what reads it.
    pub fn is_unsaid(&self) -> bool {
        match self {
            Misfit::Unlocated(_) | Misfit::Unmapped(_) => true,
            Misfit::Part(_, misfit) => misfit.is_unsaid(),
            _ => false,
        }
    }

    fn is_nested(&self) -> bool {
        match self {
            Misfit::Nested => true,
            Misfit::Part(_, misfit) => misfit.is_nested(),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests;
