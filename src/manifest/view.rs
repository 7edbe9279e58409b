//! What templates see of a unit and of its environment.
//!
//! Every string keeps its own allocation, so that a printed string can be traced to the place where
//! it was written; a string that a filter made has no such place.

use std::collections::HashMap;
use std::sync::Arc;

use minijinja::value::Value;

use super::opaque::{Opaque, Poison};
use super::token::{Token, Tokens, is_reserved};
use crate::config::check::Config;
use crate::config::environment::Environment;
use crate::config::layered::Origin;
use crate::config::repo::schema;
use crate::config::secret::SecretId;
use crate::config::tree::{Tree, TreeKind};
use crate::config::unit_files::plain_files;
use crate::source::schema_cursor::{Cursor, Shape};
use crate::source::span::Span;

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
        view.context = Value::from_pairs([("env", env)]);
        view
    }

    /// What the documents of a unit see: `env`, `app`, `workload`, the containers and the exposed ports in one
    /// list each, the files, and the secrets that are delivered inline.
    pub fn of_unit(config: &Config, inline: &[SecretId], tokens: &Tokens) -> View {
        let mut view = View::empty();
        let poison = view.poison.clone();
        let poison = &poison;
        let env = view.environment(&config.environment);
        let version = Origin { span: config.version.span, ..config.workload.origin };
        let app = Value::from_pairs([
            ("name", Value::from(config.unit.app.as_str())),
            ("version", view.optional(config.version.text.as_deref(), version)),
            ("tag", view.optional(config.version.tag(), version)),
            ("label", view.optional(config.version.label(), version)),
        ]);
        let cursor = schema("app").cursor();
        let platform = cursor.child("platforms").child(&config.environment.platform);
        let workload = view.workload(&config.workload, &cursor, &platform);
        let secret = |id: SecretId| Opaque::value(tokens.write(Token::Secret(id)), poison);
        let secrets = inline.iter().map(|id| (config.secrets.get(*id).name.to_string(), secret(*id)));
        let secrets = Value::from_pairs(secrets);
        let is_delivered = |id: &&SecretId| {
            let secret = config.secrets.get(**id);
            secret.variable.is_some() || secret.file.is_some()
        };
        let delivered = inline.iter().filter(is_delivered).map(|id| &*config.secrets.get(*id).name);
        let delivered = Value::from_pairs(delivered.map(|name| (name, true)));
        let files = view.files(config, inline);
        let containers = view.containers(config, &workload, inline, &files);
        let exposed = view.exposed(config);
        let configs: Vec<(String, Value)> = containers_of(&config.workload)
            .filter_map(|(name, tree)| tree.get("config").map(|c| (name.to_string(), view.value(c, None))))
            .collect();
        let node_ports = config
            .workload
            .get("ports")
            .and_then(Tree::as_map)
            .is_some_and(|ports| ports.values().any(|port| port.get("node").is_some()));
        view.context = Value::from_pairs([
            ("env", env),
            ("app", app),
            ("workload", workload),
            ("containers", containers),
            ("files", files),
            ("exposed", exposed),
            ("node_ports", Value::from(node_ports)),
            ("configs", Value::from_pairs(configs)),
            ("secrets", secrets),
            ("delivered", delivered),
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

    /// The workload with every field that its schema knows: an absent scalar is none, an absent mapping
    /// or list is empty, so that a template can ask without being wrong.
    fn workload(&mut self, tree: &Tree, own: &Cursor<'_>, platform: &Cursor<'_>) -> Value {
        let map = tree.as_map().expect("a workload is a mapping");
        let mut fields: Vec<(String, Value)> = map
            .iter()
            .map(|(key, value)| {
                let cursor = if own.keys().contains(&&**key) { own.child(key) } else { platform.child(key) };
                (key.to_string(), self.value(value, Some(&cursor)))
            })
            .collect();
        for key in own.keys().into_iter().chain(platform.keys()) {
            if !map.contains_key(key) && !fields.iter().any(|(name, _)| name == key) {
                let cursor = if own.keys().contains(&key) { own.child(key) } else { platform.child(key) };
                fields.push((key.to_string(), absent(&cursor)));
            }
        }
        Value::from_pairs(fields)
    }

    fn value(&mut self, tree: &Tree, cursor: Option<&Cursor<'_>>) -> Value {
        match &tree.kind {
            TreeKind::Bool(value) => Value::from(*value),
            TreeKind::Int(number) => Value::from(*number),
            TreeKind::Number(text) => number(text),
            TreeKind::Text(text) => self.text(text, tree.origin),
            TreeKind::List(items) => {
                let item = cursor.map(Cursor::item);
                Value::from(items.iter().map(|tree| self.value(tree, item.as_ref())).collect::<Vec<_>>())
            }
            TreeKind::Map(map) => {
                let mut fields: Vec<(Value, Value)> = map
                    .iter()
                    .map(|(key, value)| {
                        let below = cursor.map(|c| c.child(key));
                        (self.text(key, value.origin), self.value(value, below.as_ref()))
                    })
                    .collect();
                for key in cursor.map(Cursor::keys).unwrap_or_default() {
                    if !map.contains_key(key) {
                        let below = cursor.map(|c| absent(&c.child(key)));
                        fields.push((Value::from(key), below.unwrap_or_default()));
                    }
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

    /// The main container and the sidecars, each with its name, its part of the workload, the variables
    /// that secrets become, and its mounts.
    fn containers(&mut self, config: &Config, workload: &Value, inline: &[SecretId], files: &Value) -> Value {
        let delivered = inline.iter().map(|id| config.secrets.get(*id));
        let variables =
            delivered.filter_map(|s| Some((s.name.to_string(), Value::from(s.variable.clone()?))));
        let variables = Value::from_pairs(variables);
        let volumes = config.workload.get("volumes").and_then(Tree::as_map);
        let mounts: Vec<(String, Value)> = volumes
            .into_iter()
            .flatten()
            .filter_map(|(name, volume)| {
                let path = volume.get("path")?;
                Some((name.to_string(), self.value(path, None)))
            })
            .collect();
        let main = Value::from_pairs([
            ("name", Value::from(config.unit.app.as_str())),
            ("main", Value::from(true)),
            ("spec", workload.clone()),
            ("variables", variables),
            ("mounts", Value::from_pairs(mounts)),
            ("files", files.clone()),
        ]);
        let mut containers = vec![main];
        let sidecars = config.workload.get("sidecars").and_then(Tree::as_map);
        for (name, sidecar) in sidecars.into_iter().flatten() {
            let cursor = schema("app").cursor().child("sidecars").child(name);
            let mounts = sidecar.get("volumes").map(|volumes| self.value(volumes, None));
            containers.push(Value::from_pairs([
                ("name", self.text(name, sidecar.origin)),
                ("main", Value::from(false)),
                ("spec", self.value(sidecar, Some(&cursor))),
                ("variables", no_entries()),
                ("mounts", mounts.unwrap_or_else(no_entries)),
                ("files", no_files()),
            ]));
        }
        Value::from(containers)
    }

    /// The files of the main container: under `secret` those that hold one, whose content is the secret of
    /// the same name, and under `plain` the others.
    fn files(&mut self, config: &Config, inline: &[SecretId]) -> Value {
        let mut secret = Vec::new();
        for (declared, mount) in
            inline.iter().map(|id| config.secrets.get(*id)).filter_map(|s| Some((s, s.file.as_ref()?)))
        {
            let origin = Origin { span: mount.span, ..config.workload.origin };
            secret.push(Value::from_pairs([
                ("name", Value::from(declared.name.clone())),
                ("path", self.text(&mount.path, origin)),
                ("mode", Value::from(mount.mode)),
            ]));
        }
        let mut plain = Vec::new();
        for (name, path, mode, content) in plain_files(&config.workload) {
            plain.push(Value::from_pairs([
                ("name", self.text(name, path.origin)),
                ("path", self.value(path, None)),
                ("mode", Value::from(mode)),
                ("content", self.value(content, None)),
            ]));
        }
        Value::from_pairs([("secret", Value::from(secret)), ("plain", Value::from(plain))])
    }

    /// The ports that other units reach, of all containers.
    fn exposed(&mut self, config: &Config) -> Value {
        let ports = containers_of(&config.workload)
            .filter_map(|(_, tree)| tree.get("ports").and_then(Tree::as_map))
            .flatten()
            .filter(|(_, port)| port.get("service").is_some());
        let exposed: Vec<Value> = ports
            .map(|(name, port)| {
                let cursor = schema("app").cursor().child("ports").child(name);
                let fields = self.value(port, Some(&cursor));
                let field = |key: &str| fields.get_attr(key).unwrap_or_default();
                Value::from_pairs([
                    ("name", self.text(name, port.origin)),
                    ("container", field("container")),
                    ("service", field("service")),
                    ("node", field("node")),
                    ("protocol", field("protocol")),
                ])
            })
            .collect();
        Value::from(exposed)
    }
}

/// The main container's tree and those of the sidecars, by name; the main one has the empty name.
fn containers_of(workload: &Tree) -> impl Iterator<Item = (&str, &Tree)> {
    let sidecars = workload.get("sidecars").and_then(Tree::as_map);
    std::iter::once(("", workload))
        .chain(sidecars.into_iter().flatten().map(|(name, sidecar)| (&**name, sidecar)))
}

/// What stands for a field that nobody wrote.
fn absent(cursor: &Cursor<'_>) -> Value {
    match cursor.shape() {
        Shape::Map => no_entries(),
        Shape::List => Value::from(Vec::<Value>::new()),
        Shape::Scalar => Value::from(()),
    }
}

fn no_entries() -> Value {
    Value::from_pairs(std::iter::empty::<(String, Value)>())
}

fn no_files() -> Value {
    Value::from_pairs(["secret", "plain"].map(|key| (key, Value::from(Vec::<Value>::new()))))
}

fn number(text: &str) -> Value {
    text.parse::<u64>().map(Value::from).or_else(|_| text.parse::<f64>().map(Value::from)).unwrap_or_default()
}

fn address(text: &Arc<str>) -> usize {
    Arc::as_ptr(text).cast::<u8>() as usize
}
