//! The check phase: a unit's layers become its [`Config`], in which everything is typed by contract,
//! interpolated and complete, and secrets exist by name alone.

use std::sync::Arc;

use indexmap::IndexMap;

use super::complete::complete;
use super::containers;
use super::dependencies::{self, Dependency};
use super::environment::Environment;
use super::fault::Fault;
use super::ingress;
use super::interpolate::{Answer, Budget, LazyTexts, MAX_NAMES, Scope, Step, interpolate};
use super::kind;
use super::layered::{Layered, LayeredKind, Origin};
use super::name::UnitName;
use super::pack_layers;
use super::patches::{self, Patch};
use super::repo::{Repo, app_place};
use super::scaling;
use super::secret::Secrets;
use super::site::Sites;
use super::stack::Stack;
use super::tree::{Tree, TreeKind};
use super::typed_secrets;
use super::unit_files;
use super::unit_secrets;
use super::version::Version;
use super::waves::{self, Turn};
use crate::source::diagnostic::Diagnostics;
use crate::source::files::Files;
use crate::source::node::{Scalar, ScalarType};
use crate::source::schema_cursor::Contract;
use crate::source::schema_place::Place;
use crate::source::span::Span;

/// A unit that is ready to be rendered.
#[derive(Debug)]
pub struct Config {
    /// Which unit.
    pub unit: UnitName,
    /// What it is called on the platform, with the place where that is written: as its app, unless it says
    /// otherwise.
    pub name: (Arc<str>, Option<Origin>),
    /// Its environment.
    pub environment: Arc<Environment>,
    /// What it depends on.
    pub dependencies: Vec<Dependency>,
    /// What runs.
    pub version: Version,
    /// When it is applied, which follows from all units of its environment.
    pub turn: Turn,
    /// Which fields of the order it says itself, and where.
    pub order: Vec<(&'static str, Origin)>,
    /// The workload: the merged tree without `name`, `secrets`, `patches` and the files that hold a secret, every leaf typed by contract.
    pub workload: Tree,
    /// The declared secrets, the files that hold one, and the shared ones that they use.
    pub secrets: Secrets,
    /// What changes in the documents.
    pub patches: Vec<Patch>,
}

/// Checks one unit. `None` when it can't be rendered, and why is in `out`.
pub fn check(
    repo: &Repo,
    environment: &Arc<Environment>,
    stack: &Stack,
    sites: &Sites,
    out: &mut Diagnostics,
) -> Option<Config> {
    let before = out.error_count();
    let version = Version::read(repo, &stack.unit, out)?;
    let mut scope = UnitScope::new(&repo.files, environment, &stack.unit, &version, &stack.tree, out);
    let mut entries = IndexMap::new();
    // Secrets, patches and the order of units are no part of a workload.
    let is_workload =
        |key: &str| !matches!(key, "name" | "secrets" | "patches") && !waves::FIELDS.contains(&key);
    for (key, value) in stack.tree.entries().filter(|(key, _)| is_workload(key)) {
        let place = field(key, environment);
        // Files that hold a secret are read with the secrets.
        let plain = (&**key == "files").then(|| unit_files::plain(value));
        if let Some(tree) =
            convert(plain.as_ref().unwrap_or(value), place, &mut scope, &mut vec![key.clone()])
        {
            entries.insert(key.clone(), tree);
        }
    }
    let mut workload = Tree { kind: TreeKind::Map(entries), origin: stack.tree.origin };
    let secrets = unit_secrets::read(stack, environment, sites, &mut scope);
    let patches = patches::read(stack, &mut scope);
    let declared = scope.secrets;
    let name = dependencies::name_of(stack);
    kind::fit(&mut workload, &name.0, &|origin| stack.is_own(origin), out);
    complete(&mut workload, &version, repo.apps[&stack.unit.app].app.start(), &stack.unit, &name.0, out);
    scaling::complete(&mut workload, &|origin| stack.is_own(origin), out);
    ingress::complete(&mut workload, out);
    unit_secrets::check_variables(&workload, &secrets, out);
    containers::receive_secrets(&mut workload, &declared, &secrets, out);
    unit_files::check_paths(&workload, &secrets, out);
    typed_secrets::check(&workload, &secrets, out);
    pack_layers::check_unit(repo, environment, stack, out);
    if let Some(schema) = &repo.apps[&stack.unit.app].config_schema {
        schema.check(stack, &workload, &secrets, out);
    }
    (out.error_count() == before).then(|| Config {
        unit: stack.unit.clone(),
        name,
        environment: environment.clone(),
        dependencies: Vec::new(),
        version,
        turn: Turn::default(),
        order: waves::FIELDS.into_iter().filter_map(|key| Some((key, stack.tree.get(key)?.origin))).collect(),
        workload,
        secrets,
        patches,
    })
}

/// The schema of a top-level field: the workload's own, or one that only this platform knows.
fn field(key: &str, environment: &Environment) -> &'static Place<'static> {
    let root = app_place();
    let platform = root.child("platforms").child(&environment.platform);
    match environment.fields {
        _ if root.knows(key) => root.child(key),
        Some(own) if !platform.knows(key) => own.child(key),
        _ => platform.child(key),
    }
}

fn convert(
    node: &Layered,
    place: &Place<'_>,
    scope: &mut UnitScope<'_>,
    path: &mut Vec<Arc<str>>,
) -> Option<Tree> {
    let kind = match &node.kind {
        LayeredKind::Removed => return None,
        LayeredKind::Scalar(scalar) => scalar_kind(scalar, place.contract(), node, scope, path)?,
        LayeredKind::List(items) => {
            let item = place.item();
            TreeKind::List(items.iter().filter_map(|node| convert(node, item, scope, path)).collect())
        }
        LayeredKind::Map(_) => {
            let mut map = IndexMap::new();
            for (key, value) in node.entries() {
                path.push(key.clone());
                if let Some(tree) = convert(value, place.child(key), scope, path) {
                    map.insert(key.clone(), tree);
                }
                path.pop();
            }
            TreeKind::Map(map)
        }
    };
    Some(Tree { kind, origin: node.origin })
}

fn scalar_kind(
    scalar: &Scalar,
    contract: Contract,
    node: &Layered,
    scope: &mut UnitScope<'_>,
    path: &[Arc<str>],
) -> Option<TreeKind> {
    let typed = |scalar: &Scalar| match scalar.ty {
        ScalarType::Bool => Some(TreeKind::Bool(scalar.text.eq_ignore_ascii_case("true"))),
        ScalarType::Int => Some(match scalar.as_i64() {
            Some(number) => TreeKind::Int(number),
            None => TreeKind::Number(scalar.text.clone()),
        }),
        ScalarType::Float => Some(TreeKind::Number(scalar.text.clone())),
        ScalarType::Text | ScalarType::Null => None,
    };
    match contract {
        // `null` where it isn't a removal: a port that no Service shows. It is absent from here on.
        _ if scalar.ty == ScalarType::Null => return Some(TreeKind::Bool(false)),
        Contract::Text => {}
        _ => {
            if let Some(kind) = typed(scalar) {
                return Some(kind);
            }
        }
    }
    // A config value is resolved once, whoever asks for it.
    if let [root, name] = path
        && &**root == "config"
    {
        return match scope.answer("config", name, node.origin.span) {
            Some(Answer::Text(text)) => Some(TreeKind::Text(text)),
            _ => None,
        };
    }
    let text = interpolate(&scalar.text, node.origin.span, scope)?;
    // A name has a letter, so digits alone are the number, however they came here.
    let number = text.parse().ok().filter(|_| contract == Contract::IntOrText);
    Some(number.map_or(TreeKind::Text(text), TreeKind::Int))
}

/// The names that a unit's texts may use.
pub struct UnitScope<'a> {
    files: &'a Files,
    environment: &'a Environment,
    app: IndexMap<&'static str, Arc<str>>,
    config: LazyTexts,
    secrets: Vec<String>,
    budget: Budget,
    out: &'a mut Diagnostics,
}

impl<'a> UnitScope<'a> {
    fn new(
        files: &'a Files,
        environment: &'a Environment,
        unit: &UnitName,
        version: &Version,
        tree: &Layered,
        out: &'a mut Diagnostics,
    ) -> Self {
        let mut app: IndexMap<&'static str, Arc<str>> = IndexMap::from([("name", unit.app.as_str().into())]);
        if let Some(text) = &version.text {
            app.insert("version", text.clone());
        }
        let mut config = LazyTexts::default();
        for (name, value) in tree.get("config").into_iter().flat_map(Layered::entries) {
            if let Some(scalar) = value.as_scalar() {
                config.add(name.clone(), scalar.text.clone(), value.origin.span);
            }
        }
        let secrets = tree.get("secrets").into_iter().flat_map(Layered::entries);
        let secrets = secrets.map(|(name, _)| name.to_string()).collect();
        UnitScope { files, environment, app, config, secrets, budget: Budget::default(), out }
    }

    /// The names of the unit's secrets.
    pub fn secret_names(&self) -> &[String] {
        &self.secrets
    }
}

impl Scope for UnitScope<'_> {
    fn answer(&mut self, root: &str, name: &str, at: Span) -> Option<Answer> {
        let known = |text: Option<&Arc<str>>| Some(text.cloned().map_or(Answer::Missing, Answer::Text));
        match root {
            "env" => known(self.environment.names.get(name).map(|(text, _)| text)),
            "app" => known(self.app.get(name)),
            "infra" => Some(self.environment.infra.answer(name, at, self.out)),
            "config" => Some(match self.config.begin(name) {
                Step::Known(answer) => answer,
                Step::Interpolate(text, span) => {
                    let value = interpolate(&text, span, self);
                    self.config.finish(name, value)
                }
                Step::Cycle(circle) => {
                    self.out.push(Fault::Cycle { root: "config", circle, span: at });
                    Answer::Failed
                }
            }),
            "secrets" | "shared" => {
                self.out.push(Fault::SecretInPlainText { name: format!("{root}.{name}"), span: at });
                Some(Answer::Failed)
            }
            _ => None,
        }
    }

    fn names(&self, root: &str) -> Vec<String> {
        match root {
            "env" => self.environment.names.keys().take(MAX_NAMES).map(ToString::to_string).collect(),
            "app" => self.app.keys().map(ToString::to_string).collect(),
            "infra" => self.environment.infra.names(),
            "config" => self.config.names().take(MAX_NAMES).map(ToString::to_string).collect(),
            _ => Vec::new(),
        }
    }

    fn roots(&self) -> &'static [&'static str] {
        &["env", "app", "config", "infra"]
    }

    fn spend(&mut self, bytes: usize, at: Span) -> bool {
        self.budget.spend(bytes, at, self.out)
    }

    fn findings(&mut self) -> &mut Diagnostics {
        self.out
    }

    fn files(&self) -> &Files {
        self.files
    }
}
