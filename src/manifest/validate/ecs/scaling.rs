//! How many tasks a service runs, and by what that changes.

use super::fact::{EcsFact, Named};
use super::services::exclusive;
use super::unit::{Unit, unique};
use crate::manifest::validate::finding::{Fact, Finding};
use crate::manifest::validate::spot::Spot;

/// What a scalable target of ECS always says.
const OF_ECS: [(&str, &str); 2] =
    [("ScalableDimension", "ecs:service:DesiredCount"), ("ServiceNamespace", "ecs")];
/// The type of a policy, and the key of what goes with it.
const POLICIES: [(&str, &str); 3] = [
    ("PredictiveScaling", "PredictiveScalingPolicyConfiguration"),
    ("StepScaling", "StepScalingPolicyConfiguration"),
    ("TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration"),
];

/// Checks the scaling of a unit's service.
pub fn check(unit: &Unit<'_>, found: &mut Vec<Finding>) {
    for target in &unit.targets {
        resource(*target, unit, found);
        for key in ["MinCapacity", "MaxCapacity"] {
            if target.get(key).is_none() {
                found.push(Finding::at(target, Fact::MissingKey { key: key.into() }));
            }
        }
        if let (Some(least), Some(most)) = (target.get("MinCapacity"), target.get("MaxCapacity"))
            && least.number().zip(most.number()).is_some_and(|(least, most)| least > most)
        {
            found.push(Finding::at(&least, Fact::MinimumOverMaximum).with(&most));
        }
    }
    let twice = |name| Fact::Ecs(EcsFact::Twice { what: Named::Policy, name });
    unique(unit.policies.iter().copied(), "PolicyName", twice, found);
    for policy in &unit.policies {
        resource(*policy, unit, found);
        parts(*policy, found);
    }
}

/// It is about the service of the unit.
fn resource(target: Spot<'_>, unit: &Unit<'_>, found: &mut Vec<Finding>) {
    for (key, value) in OF_ECS {
        if let Some(spot) = target.get(key)
            && spot.text().is_some_and(|text| text != value)
        {
            found.push(Finding::at(&spot, Fact::Ecs(EcsFact::NotOfEcs { key, value })));
        }
    }
    let Some(spot) = target.get("ResourceId") else { return };
    let Some(id) = spot.text() else { return };
    let names: Vec<&str> = id.split('/').collect();
    let ["service", cluster, name] = names.as_slice() else {
        let fact = EcsFact::NotOfEcs { key: "ResourceId", value: "service/CLUSTER/NAME" };
        found.push(Finding::at(&spot, Fact::Ecs(fact)));
        return;
    };
    let Some(service) = unit.services.first() else { return };
    let own_cluster = service.word("cluster");
    let own_cluster = own_cluster.as_ref().map(|own| own.rsplit('/').next().unwrap_or_default());
    let own_name = service.word("serviceName");
    let is_other =
        own_cluster.is_some_and(|own| own != *cluster) || own_name.as_ref().is_some_and(|own| own != name);
    if is_other {
        let service =
            format!("service/{}/{}", own_cluster.unwrap_or("default"), own_name.as_deref().unwrap_or("NAME"));
        found.push(Finding::at(&spot, Fact::Ecs(EcsFact::OtherService { service })));
    }
}

/// A policy says what goes with its type, and one metric.
fn parts(policy: Spot<'_>, found: &mut Vec<Finding>) {
    let Some(ty) = policy.get("PolicyType") else {
        found.push(Finding::at(&policy, Fact::MissingKey { key: "PolicyType".into() }));
        return;
    };
    let Some(text) = ty.text() else { return };
    let Some((_, key)) = POLICIES.iter().find(|(name, _)| *name == text) else { return };
    let Some(configuration) = policy.get(key) else {
        found.push(Finding::at(&policy, Fact::MissingKey { key: (*key).into() }));
        return;
    };
    if text != "TargetTrackingScaling" {
        return;
    }
    let (predefined, customized) = ("PredefinedMetricSpecification", "CustomizedMetricSpecification");
    exclusive(configuration, predefined, customized, found);
    let metric = configuration.get(predefined);
    if metric.is_none() && configuration.get(customized).is_none() {
        found.push(Finding::at(&configuration, Fact::MissingKey { key: predefined.into() }));
    }
    // A count of requests is one of a target group.
    if let Some(metric) = metric
        && metric.word("PredefinedMetricType").is_some_and(|ty| ty == "ALBRequestCountPerTarget")
        && metric.get("ResourceLabel").is_none()
    {
        found.push(Finding::at(&metric, Fact::MissingKey { key: "ResourceLabel".into() }));
    }
}
