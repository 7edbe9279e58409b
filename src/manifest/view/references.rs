//! What templates see of the secrets that the platform dereferences itself: where each is, never what.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use minijinja::value::Value;

use super::View;
use crate::config::check::Config;
use crate::config::layered::Origin;
use crate::config::locator::Locator;
use crate::config::secret::{SecretId, SecretPart, SecretSource};
use crate::manifest::delivery::Deliveries;
use crate::manifest::reference;

/// The references of a unit as templates see them.
pub(super) struct References {
    /// All of them, in the order of declaration; after them what they are composed of.
    pub all: Value,
    /// Those that the unit receives, by the names of their secrets.
    received: HashMap<Arc<str>, Value>,
}

impl References {
    /// The reference of a secret that the unit receives by one, or nothing.
    pub fn of(&self, name: &str) -> Value {
        self.received.get(name).cloned().unwrap_or_else(|| Value::from(()))
    }
}

impl View {
    /// One mapping a secret, in the order of declaration: those that the unit receives, and after them those that
    /// they are composed of (`delivered` tells them apart).
    ///
    /// Each has `name`, `variable` and `file` (`path`, `mode`) where it is delivered, and what its pointer says:
    /// `backend`, `path`, `key` (the path below the mount of `store`), `fields` and the first of them as `field`,
    /// each parameter of the backend, `region`, `account`, `arn` if the path is one, and `store` (`name`, `kind`,
    /// `mount`) where `references:` of the environment maps the backend. One that is composed has `parts` instead,
    /// each with `text`, or with `name`, `encodings`, and `parts` of its own if that is composed too.
    pub(super) fn references(&mut self, config: &Config, deliveries: &Deliveries) -> References {
        let mut ids = deliveries.native.clone();
        let mut seen: HashSet<SecretId> = ids.iter().copied().collect();
        let mut next = 0;
        while let Some(id) = ids.get(next) {
            next += 1;
            ids.extend(inner(config, *id).filter(|id| seen.insert(*id)).collect::<Vec<_>>());
        }
        let mut parts = HashMap::new();
        let (mut all, mut received) = (Vec::new(), HashMap::new());
        for id in ids {
            let secret = config.secrets.get(id);
            let value = self.reference(config, id, deliveries.is_native(id), &mut parts);
            if deliveries.is_native(id) {
                received.insert(secret.name.clone(), value.clone());
            }
            all.push(value);
        }
        References { all: Value::from(all), received }
    }

    fn reference(
        &mut self,
        config: &Config,
        id: SecretId,
        delivered: bool,
        known: &mut HashMap<SecretId, Value>,
    ) -> Value {
        let secret = config.secrets.get(id);
        let origin = Origin { span: secret.span, ..config.workload.origin };
        let none = || Value::from(());
        let file = secret.file.as_ref().map_or_else(none, |mount| {
            let path = self.text(&mount.path, Origin { span: mount.span, ..origin });
            Value::from_pairs([("path", path), ("mode", Value::from(mount.mode))])
        });
        let mut fields = vec![
            ("name", Value::from(&*secret.name)),
            ("delivered", Value::from(delivered)),
            ("variable", secret.variable.as_deref().map_or_else(none, Value::from)),
            ("file", file),
        ];
        match &secret.source {
            SecretSource::Pointer(locator) => fields.extend(self.locator(config, locator, origin)),
            SecretSource::Composite(_) => fields.push(("parts", self.parts(config, id, known))),
            SecretSource::Ciphertext { .. } => {}
        }
        Value::from_pairs(fields)
    }

    /// What a secret is composed of; nothing, if it isn't. What a platform composes isn't nested deeply.
    fn parts(&mut self, config: &Config, id: SecretId, known: &mut HashMap<SecretId, Value>) -> Value {
        let secret = config.secrets.get(id);
        let SecretSource::Composite(parts) = &secret.source else { return Value::from(()) };
        if let Some(value) = known.get(&id) {
            return value.clone();
        }
        let origin = Origin { span: secret.span, ..config.workload.origin };
        let parts = parts.iter().map(|part| match part {
            SecretPart::Text(text) => Value::from_pairs([("text", self.text(text, origin))]),
            SecretPart::Secret(id, encodings) => {
                let name = Value::from(&*config.secrets.get(*id).name);
                let encodings = encodings.iter().map(|encoding| Value::from(encoding.filter()));
                let encodings = Value::from(encodings.collect::<Vec<_>>());
                let parts = self.parts(config, *id, known);
                let text = ("text", Value::from(()));
                Value::from_pairs([text, ("name", name), ("encodings", encodings), ("parts", parts)])
            }
        });
        let value = Value::from(parts.collect::<Vec<_>>());
        known.insert(id, value.clone());
        value
    }

    /// What a pointer says.
    fn locator(&mut self, config: &Config, locator: &Locator, origin: Origin) -> Vec<(&'static str, Value)> {
        let none = || Value::from(());
        let mut text = |text: &str| self.text(&text.into(), origin);
        let place = reference::place(locator, &config.environment);
        let store = reference::store(locator, &config.environment);
        let mount = store.map_or(0, |store| store.mount.len());
        let fields: Vec<Value> = locator.fields.iter().map(|field| text(field)).collect();
        let mut found = vec![
            ("parts", none()),
            ("backend", Value::from(locator.backend.name())),
            ("path", text(&locator.path())),
            ("key", text(&locator.segments[mount.min(locator.segments.len())..].join("/"))),
            ("field", fields.first().cloned().unwrap_or(Value::from(()))),
            ("fields", Value::from(fields)),
            ("arn", if locator.arn().is_some() { text(&locator.path()) } else { none() }),
            ("region", place.region.as_deref().map_or_else(none, &mut text)),
            ("account", place.account.as_deref().map_or_else(none, &mut text)),
        ];
        let params = locator.backend.params().iter().filter(|param| **param != "region");
        let params = params.map(|param| {
            let value = locator.params.get(*param);
            (*param, value.map_or_else(none, |value| text(value)))
        });
        let params: Vec<_> = params.collect();
        found.push((
            "store",
            store.map_or_else(none, |store| {
                // The environment says it, whichever secret asks.
                let mut text = |text: &str| self.text(&text.into(), Origin { span: store.span, ..origin });
                let kind = store.kind.as_deref().map_or_else(none, &mut text);
                let mount = if store.mount.is_empty() { none() } else { text(&store.mount.join("/")) };
                Value::from_pairs([("name", text(&store.store)), ("kind", kind), ("mount", mount)])
            }),
        ));
        found.extend(params);
        found
    }
}

/// The secrets that one is composed of.
fn inner(config: &Config, id: SecretId) -> impl Iterator<Item = SecretId> {
    let parts = match &config.secrets.get(id).source {
        SecretSource::Composite(parts) => parts.as_slice(),
        _ => &[],
    };
    parts.iter().filter_map(|part| match part {
        SecretPart::Secret(id, _) => Some(*id),
        SecretPart::Text(_) => None,
    })
}
