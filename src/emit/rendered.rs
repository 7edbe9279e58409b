//! What an output says of itself: the file `RENDERED.json` at its top.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::layout::Place;
use crate::config::environment::Environment;
use crate::config::name::is_dns_label;
use crate::manifest::taint::Sealed;

/// The name of the file. It also tells an output from what others put somewhere.
pub use crate::manifest::artifact::RENDERED;

/// The JSON Schema of the file.
pub const RENDERED_SCHEMA: &str = include_str!("../../schemas/rendered.schema.json");

/// The version of the file's shape.
const SCHEMA: u32 = 1;

const TOOL: &str = "sealwright";

/// How the file begins, in this shape, whatever it is about.
const HEAD: &str = "{\n  \"schema\": 1,\n  \"tool\": {\n    \"name\": \"sealwright\",\n";

/// What an output is: of which environment, which units at which versions, made by what. The same repo gives the
/// same text: it knows no time, no commit, no host, and of secrets nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendered {
    schema: u32,
    /// What made it.
    pub tool: Tool,
    /// The control repo.
    pub repo: ControlRepo,
    /// The environment.
    pub environment: String,
    /// Its platform.
    pub platform: String,
    /// Whether it is the environment with all of its units.
    pub complete: bool,
    /// The units by app, each with its version, as versions.yaml has it.
    pub units: BTreeMap<String, Option<String>>,
    /// The other files at the top.
    pub files: Vec<String>,
    /// What readers of Kubernetes manifests see in the file: nothing.
    #[serde(flatten, skip_deserializing)]
    list: Option<EmptyList>,
}

/// The program that made an output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    name: String,
    /// Its version.
    pub version: String,
}

/// The control repo that an output was made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlRepo {
    /// Its name.
    pub name: String,
    /// What stays the same when the name changes.
    pub id: String,
}

/// A list of Kubernetes objects that has none. `kubectl apply -R` and Argo CD read every `.json` of a folder as
/// objects, and fail on one that isn't any.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct EmptyList {
    #[serde(rename = "apiVersion")]
    api_version: &'static str,
    kind: &'static str,
    items: [(); 0],
}

impl Rendered {
    /// What the output of these documents says. `complete` is whether they are all of the environment.
    pub fn of(
        repo: ControlRepo,
        environment: &Environment,
        complete: bool,
        sealed: &[Sealed],
        places: &[Place],
    ) -> Rendered {
        let version = env!("CARGO_PKG_VERSION").to_string();
        let configs = sealed.iter().filter_map(Sealed::unit);
        let units = configs
            .map(|config| (config.unit.app.clone(), config.version.text.as_deref().map(str::to_string)))
            .collect();
        let top = places.iter().filter(|place| place.folder.is_empty());
        let mut files: Vec<String> = top.map(|place| place.file.clone()).collect();
        files.sort_unstable();
        let mut documents = sealed.iter().flat_map(|group| group.documents());
        let has_objects = documents.any(|document| document.body.get("apiVersion").is_some());
        Rendered {
            schema: SCHEMA,
            tool: Tool { name: TOOL.to_string(), version },
            repo,
            environment: environment.name.clone(),
            platform: environment.platform.clone(),
            complete,
            units,
            files,
            list: has_objects.then_some(EmptyList { api_version: "v1", kind: "List", items: [] }),
        }
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("names and versions can be written as JSON");
        format!("{text}\n")
    }

    /// Reads the file. `None` for one that this tool didn't write: what is read may come from a branch that
    /// anybody writes to, and is shown.
    pub fn read(text: &[u8]) -> Option<Rendered> {
        let read: Rendered = serde_json::from_slice(text).ok()?;
        (read.schema == SCHEMA && read.tool.name == TOOL && read.is_plain()).then_some(read)
    }

    /// Whether everything in it is a name or a version, and can be shown.
    fn is_plain(&self) -> bool {
        let mut names = self.units.keys().chain([&self.environment]);
        let mut words = self.units.values().flatten().chain([&self.tool.version]).chain(&self.files);
        names.all(|name| is_dns_label(name)) && words.all(|text| is_word(text))
    }

    /// Whether a text could be what a run left of the file that was killed while it wrote.
    pub fn is_beginning(text: &[u8]) -> bool {
        HEAD.as_bytes().starts_with(text) || text.starts_with(HEAD.as_bytes())
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.len() <= 255 && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
pub(super) mod tests {
    use super::{ControlRepo, EmptyList, HEAD, Rendered, SCHEMA, TOOL, Tool};

    /// What the output of these units says.
    pub(in crate::emit) fn rendered(units: &[(&str, Option<&str>)]) -> Rendered {
        Rendered {
            schema: SCHEMA,
            tool: Tool { name: TOOL.to_string(), version: "0.1.0".into() },
            repo: ControlRepo { name: "shop".into(), id: "7f3c9e1a52d0".into() },
            environment: "prod".into(),
            platform: "kubernetes".into(),
            complete: true,
            units: units
                .iter()
                .map(|(app, version)| (app.to_string(), version.map(str::to_string)))
                .collect(),
            files: Vec::new(),
            list: None,
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut said = rendered(&[("carts", Some("1.10")), ("user-db", None)]);
        let text = said.text();
        assert!(text.starts_with(HEAD) && text.ends_with("}\n"), "{text}");
        assert!(!text.contains("apiVersion"));
        assert_eq!(Rendered::read(text.as_bytes()).unwrap(), said);
        said.list = Some(EmptyList { api_version: "v1", kind: "List", items: [] });
        let text = said.text();
        assert!(
            text.ends_with("  \"apiVersion\": \"v1\",\n  \"kind\": \"List\",\n  \"items\": []\n}\n"),
            "{text}"
        );
        assert_eq!(Rendered::read(text.as_bytes()).unwrap().units, said.units);
    }

    #[test]
    fn what_another_wrote_is_not_ours() {
        let text = rendered(&[("carts", Some("1.10"))]).text();
        for (old, new) in [
            ("sealwright", "kapitan"),
            ("\"schema\": 1", "\"schema\": 2"),
            ("carts", "../carts"),
            ("carts", "ca\\nrts"),
            ("1.10", "1\\nSigned-off-by: x"),
            ("0.1.0", "\\u001b[2J"),
            ("prod", "Prod"),
        ] {
            assert_eq!(Rendered::read(text.replace(old, new).as_bytes()), None, "{old} {new}");
        }
        assert_eq!(Rendered::read(b"{}"), None);
        assert_eq!(Rendered::read(b"\xff"), None);
    }

    #[test]
    fn a_beginning_is_known_at_every_length() {
        let text = rendered(&[]).text();
        assert!((0..text.len()).all(|end| Rendered::is_beginning(&text.as_bytes()[..end])));
        assert!(!Rendered::is_beginning(b"{\n  \"name\": \"x\"\n}\n"));
    }
}
