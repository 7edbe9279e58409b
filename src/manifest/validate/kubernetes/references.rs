//! What pods refer to by name: ConfigMaps, Secrets, claims, service accounts.
//!
//! An object that isn't in the output may exist in the cluster: a warning, unless the reference is optional.
//! A key that an object of the output doesn't have will never be there: an error.

use std::borrow::Cow;

use super::inventory::{Found, Inventory, Object};
use crate::manifest::validate::finding::{Fact, Finding};
use crate::manifest::validate::spot::Spot;
use crate::source::nearest::nearest;

/// With so many objects missing, nobody reads what was meant by each.
const HINTS: usize = 200;

/// Checks the references of every pod.
pub fn check(inventory: &Inventory<'_>, found: &mut Vec<Finding>) {
    for pod in &inventory.pods {
        let owner = &inventory.objects[pod.owner];
        let mut references = References { inventory, namespace: &owner.namespace, found };
        for container in pod.containers() {
            for source in container.list("envFrom") {
                references.object(source.get("configMapRef"), "ConfigMap", "name");
                references.object(source.get("secretRef"), "Secret", "name");
            }
            for source in container.list("env").filter_map(|variable| variable.get("valueFrom")) {
                references.key(source.get("configMapKeyRef"), "ConfigMap");
                references.key(source.get("secretKeyRef"), "Secret");
            }
        }
        for volume in pod.spec.list("volumes") {
            references.items(volume.get("configMap"), "ConfigMap", "name");
            references.items(volume.get("secret"), "Secret", "secretName");
            references.object(volume.get("persistentVolumeClaim"), "PersistentVolumeClaim", "claimName");
            let projected = volume.get("projected");
            for source in projected.iter().flat_map(|projected| projected.list("sources")) {
                references.items(source.get("configMap"), "ConfigMap", "name");
                references.items(source.get("secret"), "Secret", "name");
            }
        }
        for secret in pod.spec.list("imagePullSecrets") {
            references.object(Some(secret), "Secret", "name");
        }
        // Every namespace has one that is called so.
        if pod.spec.word("serviceAccountName").is_some_and(|name| name != "default") {
            references.object(Some(pod.spec), "ServiceAccount", "serviceAccountName");
        }
    }
}

/// References from one namespace.
struct References<'r, 'a> {
    inventory: &'r Inventory<'a>,
    namespace: &'r str,
    found: &'r mut Vec<Finding>,
}

impl<'r, 'a> References<'r, 'a> {
    /// The object of a kind that `reference` names at `key` exists.
    fn object(&mut self, reference: Option<Spot<'a>>, kind: &str, key: &str) -> Option<&'r Object<'a>> {
        let reference = reference?;
        let spot = reference.get(key)?;
        let name = spot.text().filter(|name| !name.is_empty())?;
        match self.inventory.find(kind, self.namespace, &name) {
            Found::Object(object) | Found::Made(Some(object)) => Some(object),
            Found::Made(None) => None,
            Found::Nothing => {
                if self.inventory.whole && !reference.is_true("optional") {
                    push_no_object(self.inventory, &spot, kind, self.namespace, self.found);
                }
                None
            }
        }
    }

    /// So does the key of it that `reference` names.
    fn key(&mut self, reference: Option<Spot<'a>>, kind: &str) {
        let object = self.object(reference, kind, "name");
        if let (Some(reference), Some(object)) = (reference, object)
            && !reference.is_true("optional")
            && let Some(key) = reference.get("key")
        {
            self.has(object, key);
        }
    }

    /// So do the keys of it that become files.
    fn items(&mut self, reference: Option<Spot<'a>>, kind: &str, name: &str) {
        let object = self.object(reference, kind, name);
        if let (Some(reference), Some(object)) = (reference, object)
            && !reference.is_true("optional")
        {
            for key in reference.list("items").filter_map(|item| item.get("key")) {
                self.has(object, key);
            }
        }
    }

    fn has(&mut self, object: &Object<'a>, key: Spot<'a>) {
        let (Some(name), Some(keys)) = (key.text(), keys_of(object)) else { return };
        if !keys.contains(&name) {
            // What is made is called as it will be, not as what makes it.
            let is_made = object.kind == "ExternalSecret";
            let made = object.root.at(&["spec", "target", "name"]).and_then(|spot| spot.text());
            let fact = Fact::NoSuchKey {
                kind: if is_made { "Secret".to_string() } else { object.kind.to_string() },
                object: made.filter(|_| is_made).unwrap_or_else(|| object.name.clone()).into_owned(),
                meant: nearest(&name, keys.iter().map(|key| &**key)).map(ToString::to_string),
                key: name.into_owned(),
            };
            self.found.push(Finding::at(&key, fact));
        }
    }
}

/// The keys of a ConfigMap, of a Secret, or of the Secret that an ExternalSecret makes. `None` when it can have others.
fn keys_of<'a>(object: &Object<'a>) -> Option<Vec<Cow<'a, str>>> {
    let root = object.root;
    if matches!(&*object.kind, "ConfigMap" | "Secret") {
        let maps = ["data", "binaryData", "stringData"].into_iter().filter_map(|key| root.get(key));
        return Some(maps.flat_map(|map| map.entries()).map(|(key, _)| Cow::Borrowed(key)).collect());
    }
    let spec = root.get("spec").filter(|_| object.kind == "ExternalSecret")?;
    let target = spec.get("target");
    let word = |spot: Option<Spot<'a>>, key: &str| spot.and_then(|spot| spot.word(key)).unwrap_or_default();
    if !matches!(&*word(target, "creationPolicy"), "" | "Owner" | "Orphan") {
        return None;
    }
    let template = target.and_then(|target| target.get("template"));
    if template.is_some_and(|template| template.get("templateFrom").is_some()) {
        return None;
    }
    let templated = template.and_then(|template| template.get("data"));
    let mut keys: Vec<Cow<'a, str>> =
        templated.iter().flat_map(Spot::entries).map(|(key, _)| Cow::Borrowed(key)).collect();
    if templated.is_none() || &*word(template, "mergePolicy") == "Merge" {
        if spec.get("dataFrom").is_some() {
            return None;
        }
        keys.extend(spec.list("data").filter_map(|entry| entry.word("secretKey")));
    }
    Some(keys)
}

/// Says that nothing makes the object that is named at a place.
pub fn push_no_object(
    inventory: &Inventory<'_>,
    spot: &Spot<'_>,
    kind: &str,
    namespace: &str,
    found: &mut Vec<Finding>,
) {
    let name = spot.text().unwrap_or_default();
    let alike = || inventory.of_kind(kind).filter(|object| object.namespace == namespace);
    let meant = if found.len() < HINTS { nearest(&name, alike().map(|object| &*object.name)) } else { None };
    let meant = meant.map(ToString::to_string);
    let fact = Fact::NoSuchObject { kind: kind.to_string(), name: name.to_string(), meant };
    found.push(Finding::at(spot, fact));
}
