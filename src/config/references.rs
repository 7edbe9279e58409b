//! What of `references:` says which store object of the platform reads from which backend.

use super::backend::Backend;
use super::layered::Layered;
use super::locator::has_leading_slash;
use crate::source::span::Span;

/// A store object of the platform, such as a ClusterSecretStore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreReference {
    /// What it reads from.
    pub backend: Backend,
    /// Its name.
    pub store: String,
    /// Where that is said.
    pub span: Span,
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
            let backend = Backend::parse(name).ok()?;
            let mount = segments(backend, &text("mount").unwrap_or_default());
            let span = entry.get("store")?.origin.span;
            Some(StoreReference { backend, store: text("store")?, span, kind: text("kind"), mount })
        })
        .collect()
}

/// The segments of a mount, as a pointer's are: the name of a parameter can begin with a slash.
fn segments(backend: Backend, mount: &str) -> Vec<String> {
    let parts: Vec<&str> = mount.split('/').filter(|part| !part.is_empty()).collect();
    let rooted =
        !parts.is_empty() && has_leading_slash(backend, 0, parts.len() + 1) && mount.starts_with('/');
    rooted.then_some("").into_iter().chain(parts).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::segments;
    use crate::config::backend::Backend;

    #[test]
    fn a_mount_has_the_segments_that_pointers_below_it_begin_with() {
        assert_eq!(segments(Backend::Vault, "/kv/team/"), ["kv", "team"]);
        assert_eq!(segments(Backend::AwsSsm, "/prod"), ["", "prod"]);
        assert_eq!(segments(Backend::AwsSsm, "prod/"), ["prod"]);
        assert!(segments(Backend::AwsSsm, "/").is_empty() && segments(Backend::Vault, "").is_empty());
    }
}
