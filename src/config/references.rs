//! What of `references:` says which store object of the platform reads from which backend.

use super::backend::Backend;
use super::layered::Layered;

/// A store object of the platform, such as a ClusterSecretStore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreReference {
    /// What it reads from.
    pub backend: Backend,
    /// Its name.
    pub store: String,
    /// Its kind; any, if none is said.
    pub kind: Option<String>,
    /// The segments that its paths are relative to.
    pub mount: Vec<String>,
}

/// The entries of `references:` that name a store object.
pub fn read(settings: &Layered) -> Vec<StoreReference> {
    let entries = settings.get("references").into_iter().flat_map(Layered::entries);
    entries
        .filter_map(|(name, entry)| {
            let text = |key| entry.get(key).and_then(Layered::as_scalar).map(|s| s.text.to_string());
            let mount = text("mount").unwrap_or_default();
            Some(StoreReference {
                backend: Backend::parse(name).ok()?,
                store: text("store")?,
                kind: text("kind"),
                mount: mount.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect(),
            })
        })
        .collect()
}
