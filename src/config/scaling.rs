//! How many instances run and how many may be away: what `autoscaling` and `disruption` say, held against
//! each other and against `resources` and `replicas`.

use super::layered::{LayerId, Origin};
use super::scaling_fault::{Budget, ScalingFault};
use super::tree::{Tree, TreeKind};
use crate::source::diagnostic::Diagnostics;
use crate::source::span::Span;

/// The highest target of autoscaling: the share of a request can be more than all of it.
const MAX_TARGET: i64 = 1000;

/// A number of instances, or a share of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Amount {
    Count(i64),
    Percent(i64),
}

impl Amount {
    fn of(tree: &Tree) -> Option<Amount> {
        match &tree.kind {
            TreeKind::Int(count) => Some(Amount::Count(*count)),
            TreeKind::Text(text) => percent(text).filter(|share| *share <= 100).map(Amount::Percent),
            _ => None,
        }
    }

    /// How many of `all` instances it is; a share is rounded up, as Kubernetes does.
    fn among(self, all: i64) -> i64 {
        match self {
            Amount::Count(count) => count,
            Amount::Percent(share) => i64::try_from((i128::from(share) * i128::from(all) + 99) / 100)
                .expect("at most 100 percent of a number is at most that number"),
        }
    }
}

/// Completes `autoscaling` in place, after which `replicas` is absent where it decides nothing, and checks
/// both it and `disruption`. `is_own` says whether a place belongs to the app's own files.
pub fn complete(workload: &mut Tree, is_own: &dyn Fn(Origin) -> bool, out: &mut Diagnostics) {
    let before = out.error_count();
    if workload.get("autoscaling").is_some() {
        targets(workload, out);
        bounds(workload, out);
        replicas(workload, is_own, out);
    }
    // What is wrong with the number of instances says nothing about a budget of them.
    disruption(workload, out.error_count() == before, out);
}

/// `min` is 1 unless it says otherwise; `max` has no default.
fn bounds(workload: &mut Tree, out: &mut Diagnostics) {
    let Some(scaling) = workload.as_map_mut().and_then(|map| map.get_mut("autoscaling")) else { return };
    let origin = scaling.origin;
    let Some(map) = scaling.as_map_mut() else { return };
    map.entry("min".into()).or_insert_with(|| Tree::int(1, origin));
    let number = |key: &str| Some((map.get(key)?.as_int()?, map.get(key)?.origin.span));
    match (number("min"), number("max")) {
        (_, None) => out.push(ScalingFault::WithoutMax { span: origin.span }),
        (Some((min, at)), Some((max, span))) if min > max => {
            out.push(ScalingFault::MinOverMax { span: at, max: span });
        }
        _ => {}
    }
}

/// Each target is a percentage of something that every container asks for.
fn targets(workload: &mut Tree, out: &mut Diagnostics) {
    let mut found = false;
    for resource in ["cpu", "memory"] {
        let Some(target) = workload.at(&["autoscaling", resource]) else { continue };
        found = true;
        let span = target.origin.span;
        let share = match &target.kind {
            TreeKind::Int(share) => Some(*share),
            TreeKind::Text(text) => percent(text),
            _ => None,
        };
        let Some(share) = share.filter(|share| (1..=MAX_TARGET).contains(share)) else {
            out.push(ScalingFault::BadTarget { span });
            continue;
        };
        let origin = target.origin;
        let sidecars = workload.get("sidecars").and_then(Tree::as_map).into_iter().flatten();
        let containers =
            std::iter::once((None, &*workload)).chain(sidecars.map(|(name, tree)| (Some(name), tree)));
        for (name, container) in containers.filter(|(_, container)| !asks_for(container, resource)) {
            let sidecar = name.map(|name| (name.to_string(), container.origin.span));
            out.push(ScalingFault::TargetOfNothing { span, resource, sidecar });
        }
        let scaling = workload.as_map_mut().and_then(|map| map.get_mut("autoscaling"));
        if let Some(map) = scaling.and_then(Tree::as_map_mut) {
            map.insert(resource.into(), Tree::int(share, origin));
        }
    }
    if let Some(scaling) = workload.get("autoscaling").filter(|_| !found) {
        out.push(ScalingFault::WithoutTarget { span: scaling.origin.span });
    }
}

/// Whether a container asks for a resource; a limit is what it asks for when it says nothing else.
fn asks_for(container: &Tree, resource: &str) -> bool {
    container
        .at(&["resources", resource])
        .or_else(|| container.at(&["resources", "limits", resource]))
        .is_some()
}

/// Takes `replicas` away. It is an error where the app itself says it in the layer of `autoscaling` or above:
/// there it was meant to count.
fn replicas(workload: &mut Tree, is_own: &dyn Fn(Origin) -> bool, out: &mut Diagnostics) {
    let scaling = workload.get("autoscaling").map(|scaling| scaling.origin);
    let replicas = workload.as_map_mut().and_then(|map| map.shift_remove("replicas"));
    if let (Some(scaling), Some(replicas)) = (scaling, replicas)
        && is_own(replicas.origin)
        && replicas.origin.layer >= scaling.layer
    {
        out.push(ScalingFault::Replicas { span: replicas.origin.span, scaling: scaling.span });
    }
}

fn disruption(workload: &Tree, is_counted: bool, out: &mut Diagnostics) {
    let Some(disruption) = workload.get("disruption") else { return };
    let span = disruption.origin.span;
    let (budget, wanted) = match (disruption.get("available"), disruption.get("unavailable")) {
        (Some(available), None) => (Budget::Available, available),
        (None, Some(unavailable)) => (Budget::Unavailable, unavailable),
        (None, None) => return out.push(ScalingFault::EmptyBudget { span }),
        (Some(available), Some(unavailable)) => {
            let [span, other] = [available, unavailable].map(|tree| tree.origin.span);
            return out.push(ScalingFault::TwoBudgets { span, other });
        }
    };
    let span = wanted.origin.span;
    let Some(amount) = Amount::of(wanted) else { return out.push(ScalingFault::BadAmount { span }) };
    let Some((fewest, at)) = fewest(workload).filter(|(fewest, _)| is_counted && *fewest > 0) else { return };
    let is_stuck = match budget {
        Budget::Available => amount.among(fewest) >= fewest,
        Budget::Unavailable => amount.among(fewest) == 0,
    };
    if is_stuck {
        out.push(ScalingFault::StuckBudget { span, budget, fewest, at });
    }
}

/// The fewest instances that run, and where that is written, unless it is the built-in layer, the lowest.
fn fewest(workload: &Tree) -> Option<(i64, Option<Span>)> {
    let written = workload.at(&["autoscaling", "min"]).or_else(|| workload.get("replicas"))?;
    let at = (written.origin.layer != LayerId(0)).then_some(written.origin.span);
    Some((written.as_int()?, at))
}

/// The number before a `%`.
fn percent(text: &str) -> Option<i64> {
    let digits = text.strip_suffix('%')?;
    let is_number = !digits.is_empty() && digits.len() <= 4 && digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::{Amount, percent};

    #[test]
    fn a_percentage_is_digits_and_a_sign() {
        assert_eq!(percent("50%"), Some(50));
        assert_eq!(percent("0%"), Some(0));
        for bad in ["50", "%", "-5%", "+5%", "5.5%", "50 %", "50%%", "99999%", "٥%"] {
            assert_eq!(percent(bad), None, "{bad}");
        }
    }

    #[test]
    fn shares_are_rounded_up() {
        assert_eq!(Amount::Percent(50).among(1), 1);
        assert_eq!(Amount::Percent(50).among(4), 2);
        assert_eq!(Amount::Percent(34).among(3), 2);
        assert_eq!(Amount::Percent(0).among(9), 0);
        assert_eq!(Amount::Percent(100).among(i64::MAX), i64::MAX);
        assert_eq!(Amount::Count(7).among(2), 7);
    }
}
