//! How running instances are replaced by new ones.

use super::kind::Kind;
use super::tree::{Tree, TreeKind};
use super::volumes;
use super::workload_fault::WorkloadFault;
use crate::source::diagnostic::Diagnostics;

const NOT_STATEFUL: &str =
    "a stateful app is updated one instance after the other; `unavailable` says how many at once";
const NOT_RECREATED: &str =
    "`recreate` ends all instances before it starts new ones; take one of the two away";

/// Completes the update of a workload.
pub fn complete(workload: &mut Tree, kind: Kind, out: &mut Diagnostics) {
    // A new instance would wait for a volume that the old one holds, and the old one for the new.
    let held = volumes::one_node(workload).map(|volume| volume.origin);
    if let (Some(held), Some(replicas), Kind::Service | Kind::Worker) = (held, workload.get("replicas"), kind)
        && replicas.as_int().is_some_and(|replicas| replicas > 1)
    {
        out.push(WorkloadFault::OneNode { span: held.span, replicas: replicas.origin.span });
    }
    let Some(map) = workload.as_map_mut() else { return };
    if let (Some(origin), None, Kind::Service | Kind::Worker) = (held, map.get("update"), kind) {
        let strategy = Tree::text("recreate", origin);
        let update = TreeKind::Map([("strategy".into(), strategy)].into_iter().collect());
        map.insert("update".into(), Tree { kind: update, origin });
        return;
    }
    let Some(update) = map.get_mut("update").and_then(Tree::as_map_mut) else { return };
    for field in ["surge", "unavailable"] {
        if let Some(amount) = update.get(field).filter(|amount| !is_amount(amount)) {
            out.push(WorkloadFault::UpdateAmount { span: amount.origin.span });
        }
    }
    let is_recreate = |tree: &Tree| tree.as_text().is_some_and(|strategy| &**strategy == "recreate");
    let recreate = update.get("strategy").filter(|tree| is_recreate(tree)).map(|tree| tree.origin);
    match (recreate, kind) {
        (Some(origin), Kind::Stateful) => {
            out.push(WorkloadFault::UpdateField { span: origin.span, field: "recreate", help: NOT_STATEFUL });
        }
        (Some(origin), _) => {
            for field in ["surge", "unavailable"] {
                // What a lower layer says of rolling updates is without meaning.
                if let Some(amount) = update.shift_remove(field)
                    && amount.origin.layer >= origin.layer
                {
                    let span = amount.origin.span;
                    out.push(WorkloadFault::UpdateField { span, field, help: NOT_RECREATED });
                }
            }
        }
        (None, Kind::Stateful) => {
            if let Some(surge) = update.get("surge") {
                let span = surge.origin.span;
                out.push(WorkloadFault::UpdateField { span, field: "surge", help: NOT_STATEFUL });
            }
        }
        (None, _) => {
            let zero =
                |field: &str| update.get(field).filter(|amount| is_zero(amount)).map(|a| a.origin.span);
            if let (Some(surge), Some(unavailable)) = (zero("surge"), zero("unavailable")) {
                out.push(WorkloadFault::UpdateStands { surge, unavailable });
            }
        }
    }
}

/// Whether it is a number of instances or a percentage.
fn is_amount(amount: &Tree) -> bool {
    match &amount.kind {
        TreeKind::Int(number) => *number >= 0,
        TreeKind::Text(text) => percentage(text).is_some(),
        _ => false,
    }
}

fn is_zero(amount: &Tree) -> bool {
    amount.as_int() == Some(0) || amount.as_text().is_some_and(|text| percentage(text) == Some(0))
}

fn percentage(text: &str) -> Option<u8> {
    let digits = text.strip_suffix('%').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    digits.parse().ok().filter(|percent| *percent <= 100)
}

#[cfg(test)]
mod tests {
    use super::percentage;

    #[test]
    fn percentages_are_whole_and_at_most_100() {
        assert_eq!(percentage("25%"), Some(25));
        for bad in ["", "%", "25", "101%", "2.5%", "+5%", "-5%", "999%", "25 %"] {
            assert_eq!(percentage(bad), None, "{bad}");
        }
    }
}
