//! What templates see of a unit and of its environment.
//!
//! Every string keeps its own allocation, so that a printed string can be traced to the place where
//! it was written; a string that a filter made has no such place.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use minijinja::value::Value;

use super::absent::Absent;
use super::delivery::Deliveries;
use super::opaque::{Opaque, Poison};
use super::token::{Token, Tokens, is_reserved};
use crate::config::check::Config;
use crate::config::containers::BESIDE;
use crate::config::dependencies::Dependency;
use crate::config::environment::Environment;
use crate::config::layered::Origin;
use crate::config::repo::app_place;
use crate::config::secret::SecretId;
use crate::config::settings::settings_place;
use crate::config::stores::Written;
use crate::config::tree::{Tree, TreeKind};
use crate::config::waves::{Phase, Turn};
use crate::source::schema_cursor::Shape;
use crate::source::schema_place::Place;
use crate::source::span::Span;

mod containers;
mod references;

/// The context of a render, and where its strings come from.
#[derive(Debug)]
pub struct View {
    /// The context.
    pub context: Value,
    origins: HashMap<usize, Origin>,
    kept: Vec<Arc<str>>,
    reserved: Vec<Span>,
    poison: Arc<Poison>,
}

impl View {
    /// What remembers that a template decided something by a secret of this view.
    pub fn poison(&self) -> &Arc<Poison> {
        &self.poison
    }

    /// Where a string of the context was written.
    pub fn origin(&self, text: &Arc<str>) -> Option<Origin> {
        self.origins.get(&address(text)).copied()
    }

    /// The values that hold a character reserved for tokens.
    pub fn reserved(&self) -> &[Span] {
        &self.reserved
    }

    /// What the documents of an environment itself see.
    pub fn of_environment(environment: &Environment) -> View {
        let mut view = View::empty();
        let env = view.environment(environment);
        let settings = view.settings(environment);
        let stores = view.stores(environment);
        let repo = view.repo(environment);
        view.context = Value::from_pairs([
            ("repo", repo),
            ("env", env),
            ("applier", applier(environment)),
            ("settings", settings),
            ("stores", stores),
        ]);
        view
    }

    /// What the documents of a unit see: `repo`, `env`, `app`, `workload`, the containers, those that run before them
    /// (`init`), all ports, the exposed ones and the persistent volumes in one list each, the names of the
    /// volumes that several containers see (`shared`), the files, the secrets that are
    /// resolved, those that the platform dereferences itself (`references`), what the unit depends on, and what the
    /// environment says for its platform (`settings`) and of its stores.
    pub fn of_unit(config: &Config, deliveries: &Deliveries, tokens: &Tokens) -> View {
        let inline = deliveries.inline.as_slice();
        let mut view = View::empty();
        let poison = view.poison.clone();
        let poison = &poison;
        let env = view.environment(&config.environment);
        let version = Origin { span: config.version.span, ..config.workload.origin };
        let app = Value::from_pairs([
            ("name", view.name(config)),
            ("version", view.optional(config.version.text.as_deref(), version)),
            ("tag", view.optional(config.version.tag(), version)),
            ("label", view.optional(config.version.label(), version)),
            ("order", order(config)),
        ]);
        let place = app_place();
        let platform = place.child("platforms").child(&config.environment.platform);
        let fields = config.environment.fields.into_iter();
        let places: Vec<&Place<'_>> = [place, platform].into_iter().chain(fields).collect();
        let workload = view.fields(&config.workload, &places);
        let secret = |id: SecretId| Opaque::value(tokens.write(Token::Secret(id)), poison);
        let secrets = inline.iter().map(|id| (config.secrets.get(*id).name.to_string(), secret(*id)));
        let secrets = Value::from_pairs(secrets);
        let delivered = inline
            .iter()
            .filter(|id| deliveries.is_received(config, **id))
            .map(|id| &*config.secrets.get(*id).name);
        let delivered = Value::from_pairs(delivered.map(|name| (name, true)));
        let references = view.references(config, deliveries);
        let files = view.files(config, deliveries, &references);
        let containers = view.containers(config, &workload, deliveries, &references, &files);
        let init = view.beside(config, &references, "init");
        let depends = view.dependencies(config);
        let settings = view.settings(&config.environment);
        let stores = view.stores(&config.environment);
        let repo = view.repo(&config.environment);
        let exposed = view.ports(config, true);
        let ports = view.ports(config, false);
        let claims = view.claims(config);
        let configs: Vec<(String, Value)> = containers_of(&config.workload)
            .filter_map(|(name, tree)| tree.get("config").map(|c| (name.to_string(), view.value(c, None))))
            .collect();
        let node_ports = config
            .workload
            .get("ports")
            .and_then(Tree::as_map)
            .is_some_and(|ports| ports.values().any(|port| port.get("node").is_some()));
        view.context = Value::from_pairs([
            ("repo", repo),
            ("env", env),
            ("app", app),
            ("workload", workload),
            ("containers", containers),
            ("init", init),
            ("files", files),
            ("exposed", exposed),
            ("ports", ports),
            ("claims", claims),
            ("shared", containers::shared(config)),
            ("node_ports", Value::from(node_ports)),
            ("configs", Value::from_pairs(configs)),
            ("secrets", secrets),
            ("delivered", delivered),
            ("references", references.all),
            ("depends", depends),
            ("settings", settings),
            ("stores", stores),
            ("applier", applier(&config.environment)),
            ("rollout", Opaque::value(tokens.write(Token::Rollout), poison)),
        ]);
        view
    }

    fn empty() -> View {
        View {
            context: Value::UNDEFINED,
            origins: HashMap::new(),
            kept: Vec::new(),
            reserved: Vec::new(),
            poison: Arc::default(),
        }
    }

    fn environment(&mut self, environment: &Environment) -> Value {
        let mut names: Vec<(String, Value)> = environment
            .names
            .iter()
            .map(|(name, (text, origin))| (name.to_string(), self.text(text, *origin)))
            .collect();
        if environment.namespace.is_none() {
            names.push(("namespace".into(), Value::from(())));
        }
        Value::from_pairs(names)
    }

    /// What the root of the repo says.
    fn repo(&mut self, environment: &Environment) -> Value {
        let (name, origin) = &environment.repo;
        Value::from_pairs([("name", self.text(name, *origin))])
    }

    /// What the unit is called on its platform.
    fn name(&mut self, config: &Config) -> Value {
        match &config.name {
            (name, Some(origin)) => self.text(name, *origin),
            (name, None) => Value::from(&**name),
        }
    }

    /// What the environment says for its platform, with every field that its schema knows.
    fn settings(&mut self, environment: &Environment) -> Value {
        let core = settings_place(&environment.platform);
        let places: Vec<&Place<'_>> = [core].into_iter().chain(environment.setting_fields).collect();
        self.fields(&environment.settings, &places)
    }

    /// Where the stores of AWS are, by backend.
    fn stores(&mut self, environment: &Environment) -> Value {
        let stores = [("awssecrets", &environment.stores.awssecrets), ("awsssm", &environment.stores.awsssm)];
        let mut written = |text: Option<&Written>| {
            let origin = |span| Origin { span, ..environment.settings.origin };
            text.map_or(Value::from(()), |written| self.text(&written.text, origin(written.span)))
        };
        Value::from_pairs(stores.map(|(name, settings)| {
            let fields = [
                ("region", written(settings.region.as_ref())),
                ("account", written(settings.account.as_ref())),
            ];
            (name, Value::from_pairs(fields))
        }))
    }

    /// What the unit depends on.
    fn dependencies(&mut self, config: &Config) -> Value {
        let dependency = |dependency: &Dependency| {
            Value::from_pairs([
                ("name", self.text(&dependency.name, dependency.origin)),
                ("kind", Value::from(dependency.kind.name())),
                ("health", Value::from(dependency.has_health)),
            ])
        };
        Value::from(config.dependencies.iter().map(dependency).collect::<Vec<_>>())
    }

    /// A mapping with every field that its schemas know: an absent scalar is none, an absent mapping
    /// or list is empty, so that a template can ask without being wrong.
    ///
    /// Of several places that know a key the first counts.
    fn fields<'s>(&mut self, tree: &Tree, places: &[&'s Place<'s>]) -> Value {
        let map = tree.as_map().expect("it is a mapping by contract");
        let known = |key: &str| places.iter().find(|place| place.knows(key)).or(places.last());
        let place = |key: &str| known(key).expect("there is a place").child(key);
        let mut fields: Vec<(Value, Value)> = map
            .iter()
            .map(|(key, value)| (Value::from(&**key), self.value(value, Some(place(key)))))
            .collect();
        let mut seen = HashSet::new();
        let keys = places.iter().flat_map(|place| place.keys());
        for key in keys.filter(|key| !map.contains_key(**key) && seen.insert(**key)) {
            fields.push((Value::from(*key), absent(place(key))));
        }
        Value::from_pairs(fields)
    }

    fn value(&mut self, tree: &Tree, place: Option<&Place<'_>>) -> Value {
        match &tree.kind {
            TreeKind::Bool(value) => Value::from(*value),
            TreeKind::Int(number) => Value::from(*number),
            TreeKind::Number(text) => number(text),
            TreeKind::Text(text) => self.text(text, tree.origin),
            TreeKind::List(items) => {
                let item = place.map(Place::item);
                Value::from(items.iter().map(|tree| self.value(tree, item)).collect::<Vec<_>>())
            }
            TreeKind::Map(map) => {
                let mut fields: Vec<(Value, Value)> = map
                    .iter()
                    .map(|(key, value)| {
                        let below = place.map(|place| place.child(key));
                        (self.text(key, value.origin), self.value(value, below))
                    })
                    .collect();
                if let Some(place) = place {
                    let others = place.keys().iter().filter(|key| !map.contains_key(**key));
                    fields.extend(others.map(|key| (Value::from(*key), absent(place.child(key)))));
                }
                Value::from_pairs(fields)
            }
        }
    }

    fn text(&mut self, text: &Arc<str>, origin: Origin) -> Value {
        if is_reserved(text) {
            self.reserved.push(origin.span);
        }
        // An allocation of its own: two equal values may come from two places.
        let own: Arc<str> = Arc::from(&**text);
        self.origins.insert(address(&own), origin);
        self.kept.push(own.clone());
        Value::from(own)
    }

    fn optional(&mut self, text: Option<&str>, origin: Origin) -> Value {
        text.map_or(Value::from(()), |text| self.text(&text.into(), origin))
    }
}

/// The tree of every container, by name; the main one has the empty name.
fn containers_of(workload: &Tree) -> impl Iterator<Item = (&str, &Tree)> {
    let beside =
        BESIDE.into_iter().flat_map(|key| workload.get(key).and_then(Tree::as_map).into_iter().flatten());
    std::iter::once(("", workload)).chain(beside.map(|(name, container)| (&**name, container)))
}

/// What stands for a field that nobody wrote.
fn absent(place: &Place<'_>) -> Value {
    match place.shape() {
        Shape::Map => Absent::map(),
        Shape::List => Absent::list(),
        Shape::Scalar => Value::from(()),
    }
}

/// When the unit is applied and by what; nothing when it is applied with all others.
fn order(config: &Config) -> Value {
    let Turn { phase, wave } = config.turn;
    if config.turn == Turn::default() {
        return Value::from(());
    }
    Value::from_pairs([
        ("before", Value::from(phase == Phase::Before)),
        ("wave", Value::from(wave)),
        ("applier", applier(&config.environment)),
    ])
}

fn applier(environment: &Environment) -> Value {
    environment.applier.as_deref().map_or(Value::from(()), Value::from)
}

fn number(text: &str) -> Value {
    text.parse::<u64>().map(Value::from).or_else(|_| text.parse::<f64>().map(Value::from)).unwrap_or_default()
}

fn address(text: &Arc<str>) -> usize {
    Arc::as_ptr(text).cast::<u8>() as usize
}
