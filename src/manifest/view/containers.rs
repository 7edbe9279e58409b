//! What templates see of a unit's containers: their parts of the workload, variables, mounts, files, ports.

use std::collections::HashMap;
use std::sync::Arc;

use minijinja::value::Value;

use super::references::References;
use super::{View, containers_of};
use crate::config::check::Config;
use crate::config::layered::Origin;
use crate::config::repo::app_place;
use crate::config::tree::Tree;
use crate::config::unit_files::plain_files;
use crate::manifest::delivery::Deliveries;

impl View {
    /// The main container and the sidecars, each with its name, its part of the workload, the variables that
    /// secrets become (`name`, `key`, and as `native` the reference of one that the platform dereferences), and its
    /// mounts.
    pub(super) fn containers(
        &mut self,
        config: &Config,
        workload: &Value,
        deliveries: &Deliveries,
        references: &References,
        files: &Value,
    ) -> Value {
        let variables = deliveries.all().into_iter().filter_map(|id| {
            let secret = config.secrets.get(id);
            let name = Value::from(secret.variable.clone()?);
            let key = Value::from(secret.name.clone());
            let native = references.of(&secret.name);
            Some(Value::from_pairs([("name", name), ("key", key), ("native", native)]))
        });
        let variables = Value::from(variables.collect::<Vec<_>>());
        let volumes = config.workload.get("volumes").and_then(Tree::as_map).into_iter().flatten();
        let mounts: Vec<Value> = volumes.filter_map(|(name, volume)| self.mount(name, volume)).collect();
        let mut containers = vec![Value::from_pairs([
            ("name", self.name(config)),
            ("main", Value::from(true)),
            ("spec", workload.clone()),
            ("variables", variables),
            ("mounts", Value::from(mounts)),
            ("files", files.clone()),
        ])];
        containers.extend(self.list_beside(config, references, "sidecars"));
        Value::from(containers)
    }

    /// The containers under `key`, in the form of [`View::containers`].
    pub(super) fn beside(&mut self, config: &Config, references: &References, key: &str) -> Value {
        Value::from(self.list_beside(config, references, key))
    }

    fn list_beside(&mut self, config: &Config, references: &References, key: &str) -> Vec<Value> {
        let mut found = Vec::new();
        for (name, tree) in config.workload.get(key).and_then(Tree::as_map).into_iter().flatten() {
            // Sidecars have all fields that others have, so templates can ask every container for each.
            let place = app_place().child("sidecars").child(name);
            let received = entries(tree, "secrets").map(|(variable, secret)| {
                let native = secret.as_text().map_or(Value::from(()), |name| references.of(name));
                self.variable(variable, secret, native)
            });
            let variables: Vec<Value> = received.collect();
            let mounts: Vec<Value> =
                entries(tree, "volumes").filter_map(|(name, mount)| self.mount(name, mount)).collect();
            found.push(Value::from_pairs([
                ("name", self.text(name, tree.origin)),
                ("main", Value::from(false)),
                ("spec", self.value(tree, Some(place))),
                ("variables", Value::from(variables)),
                ("mounts", Value::from(mounts)),
                ("files", no_files()),
            ]));
        }
        found
    }

    /// The variable of a container that receives a secret of the app.
    fn variable(&mut self, variable: &Arc<str>, secret: &Tree, native: Value) -> Value {
        Value::from_pairs([
            ("name", self.text(variable, secret.origin)),
            ("key", self.value(secret, None)),
            ("native", native),
        ])
    }

    fn mount(&mut self, name: &Arc<str>, mount: &Tree) -> Option<Value> {
        let path = mount.get("path")?;
        Some(Value::from_pairs([
            ("name", self.text(name, mount.origin)),
            ("path", self.value(path, None)),
            ("readOnly", Value::from(mount.get("readOnly").is_some_and(Tree::is_true))),
        ]))
    }

    /// The files of the main container: under `secret` those that hold one, whose content is the secret of
    /// the same name, and under `plain` the others. `native` is whether the platform dereferences one of them.
    pub(super) fn files(
        &mut self,
        config: &Config,
        deliveries: &Deliveries,
        references: &References,
    ) -> Value {
        let mut native = Value::from(());
        let mut secret = Vec::new();
        for id in deliveries.all() {
            let declared = config.secrets.get(id);
            let Some(mount) = &declared.file else { continue };
            let origin = Origin { span: mount.span, ..config.workload.origin };
            if deliveries.is_native(id) {
                native = Value::from(true);
            }
            secret.push(Value::from_pairs([
                ("name", Value::from(declared.name.clone())),
                ("path", self.text(&mount.path, origin)),
                ("mode", Value::from(mount.mode)),
                ("native", references.of(&declared.name)),
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
        let (secret, plain) = (Value::from(secret), Value::from(plain));
        Value::from_pairs([("secret", secret), ("plain", plain), ("native", native)])
    }

    /// The persistent volumes.
    pub(super) fn claims(&mut self, config: &Config) -> Value {
        let persistent = |volume: &Tree| volume.get("persistent").is_some_and(Tree::is_true);
        let claims = entries(&config.workload, "volumes").filter(|(_, volume)| persistent(volume));
        let claims = claims.map(|(name, volume)| {
            let place = app_place().child("volumes").child(name);
            let fields = self.value(volume, Some(place));
            let field = |key: &str| (key.to_string(), fields.get_attr(key).unwrap_or_default());
            let fields = ["size", "class", "access"].map(field);
            Value::from_pairs(
                [("name".to_string(), self.text(name, volume.origin))].into_iter().chain(fields),
            )
        });
        Value::from(claims.collect::<Vec<_>>())
    }

    /// The ports of all containers, or those alone that other units reach.
    pub(super) fn ports(&mut self, config: &Config, exposed: bool) -> Value {
        let ports = containers_of(&config.workload)
            .filter_map(|(_, tree)| tree.get("ports").and_then(Tree::as_map))
            .flatten()
            .filter(|(_, port)| !exposed || port.get("service").is_some());
        let ports: Vec<Value> = ports
            .map(|(name, port)| {
                let place = app_place().child("ports").child(name);
                let fields = self.value(port, Some(place));
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
        Value::from(ports)
    }
}

/// The names of the volumes that more than one container sees.
pub(super) fn shared(config: &Config) -> Value {
    let all = containers_of(&config.workload);
    let beside = all.filter(|(name, _)| !name.is_empty()).flat_map(|(_, tree)| entries(tree, "volumes"));
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let own = entries(&config.workload, "volumes").filter(|(_, volume)| volume.get("path").is_some());
    for (name, _) in own.chain(beside) {
        *seen.entry(name).or_default() += 1;
    }
    let mut names: Vec<&str> =
        seen.into_iter().filter(|(_, count)| *count > 1).map(|(name, _)| name).collect();
    names.sort_unstable();
    Value::from_pairs(names.into_iter().map(|name| (name, true)))
}

fn entries<'t>(tree: &'t Tree, key: &str) -> impl Iterator<Item = (&'t Arc<str>, &'t Tree)> {
    tree.get(key).and_then(Tree::as_map).into_iter().flatten()
}

fn no_files() -> Value {
    let none = || Value::from(Vec::<Value>::new());
    Value::from_pairs([("secret", none()), ("plain", none()), ("native", Value::from(()))])
}
