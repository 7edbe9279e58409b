//! Which file of an output folder a document goes into.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::fault::Fault;
use super::format::Format;
use crate::manifest::taint::Sealed;

/// The folder of the environment's own documents; no app can have this name.
const ENVIRONMENT: &str = "_environment";

/// Where a document goes: `FOLDER/FILE`, each a single harmless name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The app, or `_environment`.
    pub folder: String,
    /// `KIND-NAME.yaml`; `KIND-NAME@NAMESPACE.yaml` where namespaces alone tell objects apart.
    pub file: String,
}

/// What a document is called by.
struct Called {
    folder: String,
    kind: String,
    namespace: String,
    name: String,
}

/// The places of all documents, in their order, each place once.
pub fn places(sealed: &[Sealed], format: Format) -> Result<Vec<Place>, Fault> {
    let called: Vec<Called> = sealed
        .iter()
        .flat_map(|group| {
            let folder = group.unit().map_or(ENVIRONMENT.to_string(), |unit| escape(&unit.unit.app));
            group.documents().iter().map(move |document| {
                let (kind, namespace, name) = document.body.identity();
                Called { folder: folder.clone(), kind, namespace, name }
            })
        })
        .collect();
    name_files(&called, format.extension())
}

fn name_files(called: &[Called], extension: &str) -> Result<Vec<Place>, Fault> {
    let mut wanted: HashMap<Place, usize> = HashMap::new();
    for one in called {
        *wanted.entry(one.place(false, extension)).or_default() += 1;
    }
    let mut taken: HashMap<Place, &Called> = HashMap::new();
    let mut places = Vec::with_capacity(called.len());
    for one in called {
        let short = one.place(false, extension);
        let place = if wanted[&short] > 1 { one.place(true, extension) } else { short };
        if let Some(other) = taken.insert(place.clone(), one) {
            let file = format!("{}/{}", place.folder, place.file);
            return Err(Fault::Clash { file, first: other.words(), second: one.words() });
        }
        places.push(place);
    }
    Ok(places)
}

impl Called {
    fn place(&self, with_namespace: bool, extension: &str) -> Place {
        let kind = match self.kind.as_str() {
            "" => "document".to_string(),
            kind => escape(&kind.to_ascii_lowercase()),
        };
        let mut file = kind;
        if !self.name.is_empty() {
            file.push('-');
            file.push_str(&escape(&self.name));
        }
        if with_namespace && !self.namespace.is_empty() {
            file.push('@');
            file.push_str(&escape(&self.namespace));
        }
        Place { folder: self.folder.clone(), file: format!("{file}.{extension}") }
    }

    fn words(&self) -> String {
        let or = |text: &str, other: &str| if text.is_empty() { other.to_string() } else { escape(text) };
        format!("`{}/{}`", or(&self.kind.to_ascii_lowercase(), "document"), or(&self.name, "(no name)"))
    }
}

/// A name in which nothing but lowercase letters, digits, `-` and inner dots stand as they are: any
/// other byte becomes `_` and two hex digits, so that no name leads elsewhere, and two that differ stay so
/// on every file system.
fn escape(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for (index, byte) in name.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' => out.push(byte.into()),
            b'.' if index > 0 => out.push('.'),
            _ => write!(out, "_{byte:02x}").expect("writing to a string can't fail"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Called, Fault, escape, name_files};

    fn called(folder: &str, kind: &str, namespace: &str, name: &str) -> Called {
        let [folder, kind, namespace, name] = [folder, kind, namespace, name].map(str::to_string);
        Called { folder, kind, namespace, name }
    }

    fn files(called: &[Called]) -> Vec<String> {
        let places = name_files(called, "yaml").unwrap();
        places.iter().map(|place| format!("{}/{}", place.folder, place.file)).collect()
    }

    #[test]
    fn a_file_is_called_by_kind_and_name() {
        let all =
            [called("carts", "ConfigMap", "shop", "carts-config"), called("user", "Service", "", "user")];
        assert_eq!(files(&all), ["carts/configmap-carts-config.yaml", "user/service-user.yaml"]);
    }

    #[test]
    fn namespaces_tell_objects_apart_only_where_they_must() {
        let all = [
            called("a", "Role", "one", "x"),
            called("a", "Role", "two", "x"),
            called("a", "Role", "", "x"),
            called("a", "Role", "two", "y"),
        ];
        assert_eq!(files(&all), ["a/role-x@one.yaml", "a/role-x@two.yaml", "a/role-x.yaml", "a/role-y.yaml"]);
    }

    #[test]
    fn two_documents_never_share_a_file() {
        for (kind, namespace, name) in [("Role", "one", "x"), ("", "", ""), ("Kind", "", "")] {
            let twice = [called("a", kind, namespace, name), called("a", kind, namespace, name)];
            assert!(matches!(name_files(&twice, "yaml"), Err(Fault::Clash { .. })), "{kind}");
        }
        let joined = [called("a", "a-b", "", "c"), called("a", "a", "", "b-c")];
        assert!(matches!(name_files(&joined, "yaml"), Err(Fault::Clash { .. })));
    }

    #[test]
    fn no_name_leads_elsewhere() {
        assert_eq!(escape("../../etc/passwd"), "_2e._2f.._2fetc_2fpasswd");
        assert_eq!(escape("system:admin"), "system_3aadmin");
        assert_eq!(escape("Ab_é\0"), "_41b_5f_c3_a9_00");
        assert_eq!(escape(".git"), "_2egit");
        assert_ne!(escape("a_3ab"), escape("a:b"));
    }
}
