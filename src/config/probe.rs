//! A health probe: it asks in exactly one way, at a port that the container has.

use std::sync::Arc;

use super::fault::Fault;
use super::tree::{Tree, TreeKind};
use super::workload_fault::WorkloadFault;
use crate::source::diagnostic::Diagnostics;

/// The ways in which a probe can ask.
const KINDS: [&str; 4] = ["http", "tcp", "grpc", "command"];

/// Completes a probe. `name` says what it is for, `ports` are those of its container.
pub fn complete(name: &str, probe: &mut Tree, ports: &[(Arc<str>, Option<i64>)], out: &mut Diagnostics) {
    let span = probe.origin.span;
    let Some(map) = probe.as_map_mut() else { return };
    for kind in ["tcp", "grpc"] {
        if matches!(map.get(kind).map(|tree| &tree.kind), Some(TreeKind::Bool(false))) {
            map.shift_remove(kind);
        }
    }
    if name != "readiness"
        && let Some(successes) = map.get("successes").filter(|tree| tree.as_int() != Some(1))
    {
        let (span, probe) = (successes.origin.span, name.to_string());
        out.push(WorkloadFault::ProbeSuccesses { span, probe });
    }
    let kinds: Vec<&'static str> = KINDS.into_iter().filter(|kind| map.contains_key(*kind)).collect();
    let [kind] = kinds.as_slice() else {
        let mut found: Vec<_> = kinds.iter().map(|kind| (*kind, map[*kind].origin)).collect();
        found.sort_by_key(|(_, origin)| std::cmp::Reverse(origin.layer));
        let found = found.into_iter().map(|(kind, origin)| (kind, origin.span)).collect();
        out.push(Fault::ProbeKind { span, found });
        return;
    };
    if *kind == "command" {
        return;
    }
    let names = || ports.iter().map(|(name, _)| name.to_string()).collect();
    match map.get("port") {
        None => match ports {
            [(_, Some(number))] => {
                let origin = map[*kind].origin;
                map.insert("port".into(), Tree::int(*number, origin));
            }
            _ => out.push(Fault::ProbePort { span, known: names() }),
        },
        Some(Tree { kind: TreeKind::Text(name), origin }) => {
            match ports.iter().find(|(port, _)| port == name) {
                None => {
                    out.push(Fault::UnknownPort {
                        span: origin.span,
                        name: name.to_string(),
                        known: names(),
                    });
                }
                // Kubernetes takes no names here.
                Some((_, Some(number))) if *kind == "grpc" => {
                    let port = Tree::int(*number, *origin);
                    map.insert("port".into(), port);
                }
                Some(_) => {}
            }
        }
        Some(_) => {}
    }
}
