//! What a change of files reaches: which environments, apps and units have to be compiled again.

use std::collections::{BTreeMap, BTreeSet};

use super::repo::{ROOT_FILE, schema};
use crate::source::diagnostic::Diagnostics;
use crate::source::files::Files;
use crate::source::node::Node;
use crate::source::repo_path::RepoPath;
use crate::source::schema::Schema;
use crate::source::world::World;
use crate::source::yaml::{self, Limits};

/// The reviewed exceptions to the plaintext rules.
pub const EXCEPTIONS_FILE: &str = "exceptions.yaml";

/// What a file is to a control repo, by its path alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// sealwright.yaml
    Root,
    /// exceptions.yaml
    Exceptions,
    /// environments/ENV/environment.yaml
    Environment(&'a str),
    /// environments/ENV/versions.yaml
    Versions(&'a str),
    /// Another file of an environment.
    OfEnvironment(&'a str),
    /// apps/APP/app.yaml
    App(&'a str),
    /// apps/APP/ENV.yaml: the app, the environment.
    AppIn(&'a str, &'a str),
    /// Another file of an app.
    OfApp(&'a str),
    /// A platform pack or a schema, which any unit may use, or what stands where a folder of the repo belongs.
    OfAll,
    /// Nothing that is compiled.
    Other,
}

impl<'a> Part<'a> {
    /// What the file at a path is.
    pub fn of(path: &'a str) -> Part<'a> {
        let names: Vec<&str> = path.splitn(4, '/').collect();
        match names.as_slice() {
            [ROOT_FILE] => Part::Root,
            [EXCEPTIONS_FILE] => Part::Exceptions,
            ["environments", environment, "environment.yaml"] => Part::Environment(environment),
            ["environments", environment, "versions.yaml"] => Part::Versions(environment),
            ["environments", environment, ..] => Part::OfEnvironment(environment),
            ["apps", app, "app.yaml"] => Part::App(app),
            ["apps", app, file] if file.ends_with(".yaml") => {
                Part::AppIn(app, file.trim_end_matches(".yaml"))
            }
            ["apps", app, ..] => Part::OfApp(app),
            ["platforms" | "schemas", ..] | ["environments" | "apps"] => Part::OfAll,
            _ => Part::Other,
        }
    }

    /// The schema that such a file is held against.
    pub fn contract(self) -> Option<&'static Schema> {
        match self {
            Part::Root => Some(schema("sealwright")),
            Part::Environment(_) => Some(schema("environment")),
            Part::Versions(_) => Some(schema("versions")),
            Part::App(_) | Part::AppIn(..) => Some(schema("app")),
            _ => None,
        }
    }
}

/// What a change reaches. A unit is reached by its environment, by its app, or by itself.
#[derive(Clone, Debug, Default)]
pub struct Affected {
    everything: bool,
    environments: BTreeSet<String>,
    apps: BTreeSet<String>,
    /// Environments by app.
    units: BTreeMap<String, BTreeSet<String>>,
}

impl Affected {
    /// Nothing.
    pub fn nothing() -> Affected {
        Affected::default()
    }

    /// Adds what a changed file reaches by its path: an environment itself, not yet those that extend it.
    pub fn add(&mut self, path: &str) {
        match Part::of(path) {
            Part::Root | Part::Exceptions | Part::OfAll => self.everything = true,
            Part::Environment(name) | Part::Versions(name) | Part::OfEnvironment(name) => {
                self.environments.insert(name.to_string());
            }
            Part::App(name) | Part::OfApp(name) => {
                self.apps.insert(name.to_string());
            }
            Part::AppIn(app, environment) => {
                self.add_unit(environment, app);
            }
            Part::Other => {}
        }
    }

    /// Adds what a changed versions.yaml reaches, by its content before and after: a unit whose version
    /// changed, all units of an app that now runs in one more environment or in one less, since the readers of
    /// its secrets are others.
    pub fn add_versions(&mut self, environment: &str, before: &Node, after: &Node) {
        let entries = |node: &Node| -> BTreeMap<String, Option<String>> {
            let map = node.as_map().into_iter().flatten();
            map.map(|(app, entry)| (app.to_string(), entry.value.as_text().map(ToString::to_string)))
                .collect()
        };
        let (before, after) = (entries(before), entries(after));
        for app in before.keys().chain(after.keys()) {
            match (before.get(app), after.get(app)) {
                (Some(old), Some(new)) if old == new => {}
                (Some(_), Some(_)) => self.add_unit(environment, app),
                _ => {
                    self.apps.insert(app.clone());
                }
            }
        }
    }

    /// Adds the environments that extend a reached one. What can't be read extends nothing here; reading the
    /// repo will say why.
    pub fn add_extending(&mut self, world: &dyn World) {
        if self.everything || self.environments.is_empty() {
            return;
        }
        let folder = RepoPath::new("environments").expect("a fixed name is a valid path");
        let names: Vec<String> =
            world.list(Some(&folder)).unwrap_or_default().into_iter().map(|entry| entry.name).collect();
        let mut extending: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for name in names {
            if let Some(base) = extends(world, &name) {
                extending.entry(base).or_default().push(name);
            }
        }
        let mut next: Vec<String> = self.environments.iter().cloned().collect();
        while let Some(name) = next.pop() {
            for other in extending.remove(&name).unwrap_or_default() {
                self.environments.insert(other.clone());
                next.push(other);
            }
        }
    }

    /// Whether it leaves nothing out.
    pub fn is_everything(&self) -> bool {
        self.everything
    }

    /// Whether nothing has to be compiled.
    pub fn is_nothing(&self) -> bool {
        !self.everything && self.environments.is_empty() && self.apps.is_empty() && self.units.is_empty()
    }

    /// Whether a unit is reached.
    pub fn reaches(&self, environment: &str, app: &str) -> bool {
        self.everything
            || self.environments.contains(environment)
            || self.apps.contains(app)
            || self.units.get(app).is_some_and(|environments| environments.contains(environment))
    }

    /// Whether an environment is reached as a whole, and so its own documents.
    pub fn reaches_whole(&self, environment: &str) -> bool {
        self.everything || self.environments.contains(environment)
    }

    /// Whether a file of an app changed, so that it is read even if it runs nowhere.
    pub fn reaches_app(&self, app: &str) -> bool {
        self.everything || self.apps.contains(app) || self.units.contains_key(app)
    }

    fn add_unit(&mut self, environment: &str, app: &str) {
        self.units.entry(app.to_string()).or_default().insert(environment.to_string());
    }
}

/// What an environment says that it extends.
fn extends(world: &dyn World, name: &str) -> Option<String> {
    let path = RepoPath::new(&format!("environments/{name}/environment.yaml")).ok()?;
    let bytes = world.read(&path).ok()?;
    let documents = read(path.as_str(), &bytes)?;
    documents.first()?.get("extends")?.as_text().map(ToString::to_string)
}

/// The documents of a file that is read for nothing but what it reaches. An empty one has none.
pub fn read(path: &str, bytes: &[u8]) -> Option<Vec<Node>> {
    let (mut files, mut faults) = (Files::default(), Diagnostics::default());
    let (_, documents) = yaml::read(&mut files, path, bytes, &Limits::default(), &mut faults);
    documents.filter(|_| !faults.has_errors())
}

#[cfg(test)]
mod tests {
    use super::{Affected, Part, read};
    use crate::source::memory::Memory;
    use crate::source::node::Node;

    fn affected(paths: &[&str]) -> Affected {
        let mut affected = Affected::nothing();
        paths.iter().for_each(|path| affected.add(path));
        affected
    }

    fn reached(affected: &Affected) -> Vec<&'static str> {
        let units = [("dev", "web"), ("prod", "web"), ("prod", "db")];
        let reached = units.iter().filter(|(environment, app)| affected.reaches(environment, app));
        reached
            .map(|(e, a)| {
                ["dev/web", "prod/web", "prod/db"][usize::from(*e == "prod") + usize::from(*a == "db")]
            })
            .collect()
    }

    #[test]
    fn a_file_reaches_what_reads_it() {
        let cases: [(&str, &[&str]); 12] = [
            ("sealwright.yaml", &["dev/web", "prod/web", "prod/db"]),
            ("schemas/crd.yaml", &["dev/web", "prod/web", "prod/db"]),
            ("apps", &["dev/web", "prod/web", "prod/db"]),
            ("environments/prod/environment.yaml", &["prod/web", "prod/db"]),
            ("environments/prod/manifests/kubernetes/x.yaml", &["prod/web", "prod/db"]),
            ("apps/web/app.yaml", &["dev/web", "prod/web"]),
            ("apps/web", &["dev/web", "prod/web"]),
            ("apps/web/manifests/kubernetes/prod.yaml", &["dev/web", "prod/web"]),
            ("apps/web/prod.yaml", &["prod/web"]),
            ("apps/web/config.schema.json", &["dev/web", "prod/web"]),
            ("README.md", &[]),
            ("docs/apps/web/app.yaml", &[]),
        ];
        for (path, units) in cases {
            assert_eq!(reached(&affected(&[path])), units, "{path}");
        }
        assert_eq!(reached(&affected(&["apps/db/prod.yaml", "environments/dev/x"])), ["dev/web", "prod/db"]);
    }

    #[test]
    fn an_environment_reaches_those_that_extend_it() {
        let world = Memory::new()
            .with("environments/base/environment.yaml", "vars: {}\n")
            .with("environments/prod/environment.yaml", "extends: base\n")
            .with("environments/prod-eu/environment.yaml", "extends: prod\n")
            .with("environments/dev/environment.yaml", "platform: kubernetes\n")
            .with("environments/bad/environment.yaml", "extends: [\n");
        let mut affected = affected(&["environments/base/environment.yaml"]);
        affected.add_extending(&world);
        let whole = ["base", "prod", "prod-eu", "dev", "bad"].map(|name| affected.reaches_whole(name));
        assert_eq!(whole, [true, true, true, false, false]);
    }

    #[test]
    fn environments_that_extend_each_other_come_to_an_end() {
        let world = Memory::new()
            .with("environments/a/environment.yaml", "extends: b\n")
            .with("environments/b/environment.yaml", "extends: a\n");
        let mut affected = affected(&["environments/a/environment.yaml"]);
        affected.add_extending(&world);
        assert!(affected.reaches_whole("b"));
    }

    #[test]
    fn a_version_reaches_its_unit_and_a_new_app_all_of_its_units() {
        let node = |text: &str| -> Node { read("versions.yaml", text.as_bytes()).unwrap().remove(0) };
        let change = |before: &str, after: &str| {
            let mut affected = Affected::nothing();
            affected.add_versions("prod", &node(before), &node(after));
            affected
        };
        assert_eq!(reached(&change("web: 1\ndb: 1\n", "web: 2\ndb: 1\n")), ["prod/web"]);
        assert_eq!(reached(&change("web: 1.10\n", "web: 1.1\n")), ["prod/web"]);
        assert_eq!(reached(&change("db: 1\n", "db: 1\nweb: 1\n")), ["dev/web", "prod/web"]);
        assert_eq!(reached(&change("db: 1\nweb: 1\n", "db: 1\n")), ["dev/web", "prod/web"]);
        assert!(change("db: 1\n", "# a comment\ndb: 1\n").is_nothing());
    }

    #[test]
    fn an_app_that_runs_nowhere_is_read_all_the_same() {
        assert!(affected(&["apps/new/app.yaml"]).reaches_app("new"));
        assert!(affected(&["apps/new/prod.yaml"]).reaches_app("new"));
        assert!(!affected(&["environments/prod/environment.yaml"]).reaches_app("new"));
    }

    #[test]
    fn files_of_the_repo_have_contracts() {
        for path in [
            "sealwright.yaml",
            "environments/a/environment.yaml",
            "environments/a/versions.yaml",
            "apps/a/b.yaml",
        ] {
            assert!(Part::of(path).contract().is_some(), "{path}");
        }
        for path in
            ["x.yaml", "apps/a/manifests/kubernetes/b.yaml", "apps/a/config.schema.json", "exceptions.yaml"]
        {
            assert!(Part::of(path).contract().is_none(), "{path}");
        }
    }
}
