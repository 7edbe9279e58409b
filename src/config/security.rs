//! The rights of a container, where what is refused contradicts what is asked for.

use super::tree::{Tree, TreeKind};
use super::workload_fault::WorkloadFault;
use crate::source::diagnostic::Diagnostics;

/// The one capability with which Kubernetes takes no `escalation: false`.
const ADMINISTRATOR: &str = "CAP_SYS_ADMIN";

/// Checks the `security` of a container.
pub fn check(container: &Tree, out: &mut Diagnostics) {
    let Some(security) = container.get("security") else { return };
    if let (Some(user), Some(non_root)) = (security.get("user"), security.get("nonRoot"))
        && user.as_int() == Some(0)
        && non_root.is_true()
    {
        out.push(WorkloadFault::RootRefused { user: user.origin.span, non_root: non_root.origin.span });
    }
    let refused = security.get("escalation").filter(|tree| matches!(tree.kind, TreeKind::Bool(false)));
    if let (Some(rights), Some(escalation)) = (all_rights(security), refused) {
        let (span, escalation) = (rights.origin.span, escalation.origin.span);
        out.push(WorkloadFault::EscalationRefused { span, escalation });
    }
}

/// What gives a container every right.
fn all_rights(security: &Tree) -> Option<&Tree> {
    let added = match security.at(&["capabilities", "add"]).map(|tree| &tree.kind) {
        Some(TreeKind::List(items)) => items.as_slice(),
        _ => &[],
    };
    let administrator = added.iter().find(|item| item.as_text().is_some_and(|name| **name == *ADMINISTRATOR));
    security.get("privileged").filter(|tree| tree.is_true()).or(administrator)
}
