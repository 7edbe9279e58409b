//! What other objects than pods refer to: a scaled workload, the Services behind an Ingress, a
//! StatefulSet's Service, a role and those who have it.

use std::borrow::Cow;

use super::inventory::{Found, Inventory, Object};
use super::references::push_no_object;
use crate::manifest::validate::finding::{Fact, Finding, Part};
use crate::manifest::validate::spot::Spot;
use crate::source::nearest::nearest;

/// The kinds that an autoscaler is pointed to and that are looked for.
const SCALED: [&str; 4] = ["Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"];

/// Checks the references of every object that isn't a pod.
pub fn check(inventory: &Inventory<'_>, found: &mut Vec<Finding>) {
    for object in &inventory.objects {
        match &*object.kind {
            "HorizontalPodAutoscaler" => autoscaler(inventory, object, found),
            "Ingress" => ingress(inventory, object, found),
            "StatefulSet" => {
                lookup(inventory, object, object.root.at(&["spec", "serviceName"]), "Service", found);
            }
            "RoleBinding" => role_binding(inventory, object, found),
            _ => {}
        }
    }
}

fn autoscaler(inventory: &Inventory<'_>, object: &Object<'_>, found: &mut Vec<Finding>) {
    let Some(spec) = object.root.get("spec") else { return };
    if let Some(target) = spec.get("scaleTargetRef")
        && let Some(kind) = target.word("kind").filter(|kind| SCALED.contains(&&**kind))
    {
        lookup(inventory, object, target.get("name"), &kind, found);
    }
    if let (Some(least), Some(most)) = (spec.get("minReplicas"), spec.get("maxReplicas"))
        && least.number().zip(most.number()).is_some_and(|(least, most)| least > most)
    {
        found.push(Finding::at(&least, Fact::MinimumOverMaximum).with(&most));
    }
}

fn ingress(inventory: &Inventory<'_>, object: &Object<'_>, found: &mut Vec<Finding>) {
    let Some(spec) = object.root.get("spec") else { return };
    let rules = spec.list("rules").filter_map(|rule| rule.get("http"));
    let paths = rules.flat_map(|http| http.list("paths")).filter_map(|path| path.get("backend"));
    for service in spec.get("defaultBackend").into_iter().chain(paths).filter_map(|b| b.get("service")) {
        let Some(known) = lookup(inventory, object, service.get("name"), "Service", found) else { continue };
        if let Some(port) = service.get("port") {
            backend_port(known, port, found);
        }
    }
    for tls in spec.list("tls") {
        lookup(inventory, object, tls.get("secretName"), "Secret", found);
    }
}

/// The port of a Service that an Ingress leads to, by name or by number.
fn backend_port(service: &Object<'_>, port: Spot<'_>, found: &mut Vec<Finding>) {
    let ports: Vec<Spot<'_>> = service.root.get("spec").iter().flat_map(|spec| spec.list("ports")).collect();
    let names: Vec<Cow<'_, str>> = ports.iter().filter_map(|port| port.word("name")).collect();
    let fact =
        |name: &str, meant| Fact::NoSuchPart { what: Part::ServicePort, name: name.to_string(), meant };
    if let Some(spot) = port.get("name") {
        if let Some(name) = spot.text().filter(|name| !names.contains(name)) {
            let meant = nearest(&name, names.iter().map(|name| &**name)).map(ToString::to_string);
            found.push(Finding::at(&spot, fact(&name, meant)));
        }
    } else if let Some(spot) = port.get("number")
        && let Some(number) = spot.number()
        && !ports.iter().any(|port| port.get("port").and_then(|port| port.number()) == Some(number))
    {
        found.push(Finding::at(&spot, fact(&number.to_string(), None)));
    }
}

fn role_binding(inventory: &Inventory<'_>, object: &Object<'_>, found: &mut Vec<Finding>) {
    // Cluster roles are often those that every cluster has.
    if let Some(role) =
        object.root.get("roleRef").filter(|role| role.word("kind").is_some_and(|k| k == "Role"))
    {
        lookup(inventory, object, role.get("name"), "Role", found);
    }
    for subject in object.root.list("subjects") {
        let is_own = subject.word("namespace").is_none_or(|namespace| namespace == object.namespace);
        let name = subject.get("name").filter(|name| name.text().is_some_and(|name| name != "default"));
        if is_own && subject.word("kind").is_some_and(|kind| kind == "ServiceAccount") {
            lookup(inventory, object, name, "ServiceAccount", found);
        }
    }
}

/// The object that is named at a place, in the namespace of the object that names it.
fn lookup<'i, 'a>(
    inventory: &'i Inventory<'a>,
    from: &Object<'_>,
    spot: Option<Spot<'_>>,
    kind: &str,
    found: &mut Vec<Finding>,
) -> Option<&'i Object<'a>> {
    let spot = spot?;
    let name = spot.text().filter(|name| !name.is_empty())?;
    match inventory.find(kind, &from.namespace, &name) {
        Found::Object(object) => Some(object),
        Found::Made(_) => None,
        Found::Nothing => {
            if inventory.whole {
                push_no_object(inventory, &spot, kind, &from.namespace, found);
            }
            None
        }
    }
}
