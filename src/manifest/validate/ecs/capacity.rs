//! On which capacity tasks are placed.

use super::fact::EcsFact;
use super::task::Task;
use crate::manifest::validate::finding::{Fact, Finding};
use crate::manifest::validate::spot::Spot;
use crate::source::nearest::nearest;

/// The capacity providers of Fargate.
const FARGATE: [&str; 2] = ["FARGATE", "FARGATE_SPOT"];

/// Checks a strategy: one provider has a base, one of several a weight, and tasks of Fargate alone run on Fargate.
pub fn capacity(parent: Spot<'_>, key: &'static str, task: Option<&Task<'_>>, found: &mut Vec<Finding>) {
    let Some(strategy) = parent.get(key) else { return };
    let providers: Vec<Spot<'_>> = parent.list(key).collect();
    let is_some = |spot: &Spot<'_>| spot.number() != Some(0);
    let mut bases = providers.iter().filter_map(|provider| provider.get("base").filter(is_some));
    if let (Some(one), Some(two)) = (bases.next(), bases.next()) {
        found.push(Finding::at(&two, Fact::Ecs(EcsFact::TwoBases)).with(&one));
    }
    let has_weight = |provider: &Spot<'_>| provider.get("weight").filter(is_some).is_some();
    if providers.len() > 1 && !providers.iter().any(has_weight) {
        found.push(Finding::at(&strategy, Fact::Ecs(EcsFact::NoWeight)));
    }
    if task.is_some_and(|task| task.is_fargate() && !task.is_elsewhere()) {
        let names = providers.iter().filter_map(|provider| provider.get("capacityProvider"));
        for (spot, name) in names.filter_map(|spot| Some((spot, spot.text()?))) {
            if !FARGATE.contains(&&*name) {
                let options = FARGATE.map(ToString::to_string).to_vec();
                let meant = nearest(&name, FARGATE).map(ToString::to_string);
                found.push(Finding::at(&spot, Fact::Option { options, meant }));
            }
        }
    }
}
