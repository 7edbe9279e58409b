//! What a platform dereferences itself: the rows of `references:` of its pack, held against a pointer.

use super::fault::Fault;
use crate::config::backend::Backend;
use crate::config::check::Config;
use crate::config::environment::Environment;
use crate::config::locator::Locator;
use crate::config::references::StoreReference;
use crate::config::secret::{Encoding, Secret, SecretPart, SecretSource};
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
    /// The parameters of a pointer that they have a place for.
    pub params: Vec<String>,
    /// The characters that neither a path nor a field may have.
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
    /// The pointer leads deeper than a reference can, which has so many fields at most.
    Fields(usize),
    /// A character of the path or of a field ends it in a reference.
    Character(char),
    /// A parameter has no place in a reference.
    Param(String),
    /// The region or the account isn't known.
    Unlocated(Backend),
    /// The platform composes nothing, or not with this encoding.
    Composed(Option<Encoding>),
    /// A secret that it is composed of doesn't fit.
    Part(String, Box<Misfit>),
}

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
        let (Some(backend), Some(fields)) = (backend, fields) else {
            out.push(Fault::BadReferenceRow { span: node.place() });
            return None;
        };
        Some(ReferenceRow {
            backend,
            mapped: is_true("mapped"),
            fields,
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
        let texts = name.iter().chain(&locator.fields);
        if let Some(bad) = texts.flat_map(|text| text.chars()).find(|c| self.without.contains(c)) {
            return Err(Misfit::Character(bad));
        }
        let place = place(locator, environment);
        // Elsewhere than at home a name alone isn't found.
        let is_located = self.located || !self.mapped && locator.params.contains_key("region");
        if is_located && (place.region.is_none() || place.account.is_none()) {
            return Err(Misfit::Unlocated(self.backend));
        }
        if !self.mapped {
            return Ok(());
        }
        let store = store(locator, environment).ok_or(Misfit::Unmapped(self.backend))?;
        match locator.segments.starts_with(&store.mount) && locator.segments.len() > store.mount.len() {
            true => Ok(()),
            false => Err(Misfit::OutsideMount(self.backend, store.mount.clone())),
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

/// Whether a platform with these rows, which composes with these encodings, can dereference a secret itself.
pub fn fits(
    secret: &Secret,
    config: &Config,
    rows: &[ReferenceRow],
    composes: Option<&[Encoding]>,
) -> Result<(), Misfit> {
    match &secret.source {
        SecretSource::Ciphertext { .. } => Err(Misfit::Encrypted),
        SecretSource::Pointer(locator) => {
            let row = rows.iter().find(|row| row.backend == locator.backend);
            row.ok_or(Misfit::Backend(locator.backend))?.fits(locator, &config.environment)
        }
        SecretSource::Composite(parts) => {
            let known = composes.ok_or(Misfit::Composed(None))?;
            for part in parts {
                let SecretPart::Secret(id, encodings) = part else { continue };
                if let Some(encoding) = encodings.iter().find(|encoding| !known.contains(encoding)) {
                    return Err(Misfit::Composed(Some(*encoding)));
                }
                let inner = config.secrets.get(*id);
                fits(inner, config, rows, composes)
                    .map_err(|misfit| Misfit::Part(inner.name.to_string(), Box::new(misfit)))?;
            }
            Ok(())
        }
    }
}
