//! What selects pods by their labels.

use super::inventory::{Inventory, Pod};
use crate::manifest::validate::finding::{Fact, Finding};
use crate::manifest::validate::spot::Spot;

/// A workload selects its own pods; a PodDisruptionBudget and a NetworkPolicy select some.
pub fn check(inventory: &Inventory<'_>, found: &mut Vec<Finding>) {
    for pod in &inventory.pods {
        let owner = &inventory.objects[pod.owner];
        let Some(selector) = owner.root.at(&["spec", "selector"]) else { continue };
        // A Job's selector is made for it, and an own one names labels that it adds.
        if matches!(&*owner.kind, "Job" | "CronJob" | "Pod") {
            continue;
        }
        let (labels, requirements) = match &*owner.kind {
            "ReplicationController" => (Some(selector), None),
            _ => (selector.get("matchLabels"), selector.get("matchExpressions")),
        };
        let missed = labels.iter().flat_map(Spot::entries).find(|(key, value)| !has(pod, key, value));
        let failed = requirements.iter().flat_map(Spot::items).find(|one| !meets(pod, one));
        let fact = |key: &str| Fact::Selector { kind: owner.kind.to_string(), key: key.to_string() };
        if let Some((key, value)) = missed {
            found.push(with_label(Finding::at(&value, fact(key)), pod, key));
        } else if let Some(one) = failed {
            let key = one.word("key").unwrap_or_default();
            found.push(with_label(Finding::at(&one, fact(&key)), pod, &key));
        }
    }
    if inventory.whole {
        for (kind, key) in [("PodDisruptionBudget", "selector"), ("NetworkPolicy", "podSelector")] {
            for object in inventory.of_kind(kind) {
                let Some(selector) = object.root.at(&["spec", key]) else { continue };
                let labels = selector.get("matchLabels");
                let mut pods = inventory.candidates(&object.namespace, labels.as_ref());
                if !pods.any(|pod| selects(pod, &selector)) {
                    found.push(Finding::at(&selector, Fact::SelectsNothing { kind: kind.to_string() }));
                }
            }
        }
    }
}

/// Whether a pod has all labels of a mapping. What isn't known may be.
pub fn matches(pod: &Pod<'_>, labels: &Spot<'_>) -> bool {
    labels.entries().all(|(key, value)| has(pod, key, &value))
}

/// Whether a selector with labels and requirements selects a pod.
fn selects(pod: &Pod<'_>, selector: &Spot<'_>) -> bool {
    selector.get("matchLabels").is_none_or(|labels| matches(pod, &labels))
        && selector.list("matchExpressions").all(|one| meets(pod, &one))
}

fn has(pod: &Pod<'_>, key: &str, value: &Spot<'_>) -> bool {
    match (pod.label(key), value.text()) {
        (None, _) => false,
        (Some(Some(label)), Some(wanted)) => label == wanted,
        _ => true,
    }
}

fn meets(pod: &Pod<'_>, requirement: &Spot<'_>) -> bool {
    let (Some(key), Some(operator)) = (requirement.word("key"), requirement.word("operator")) else {
        return true;
    };
    let is_listed =
        |label: &str| requirement.list("values").any(|value| value.text().is_none_or(|value| value == label));
    match (&*operator, pod.label(&key)) {
        ("In" | "Exists", None) | ("DoesNotExist", Some(_)) => false,
        ("In", Some(Some(label))) => is_listed(&label),
        ("NotIn", Some(Some(label))) => !is_listed(&label),
        _ => true,
    }
}

fn with_label(finding: Finding, pod: &Pod<'_>, key: &str) -> Finding {
    let labels = pod.template.at(&["metadata", "labels"]);
    match labels.and_then(|labels| labels.get(key).or(Some(labels))) {
        Some(label) => finding.with(&label),
        None => finding,
    }
}
