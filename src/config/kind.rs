//! The kind of a workload: what it is, and what can be said of it.

use super::layered::Origin;
use super::tree::{Tree, TreeKind};
use super::workload_fault::WorkloadFault;
use crate::source::diagnostic::Diagnostics;
use crate::source::span::Span;

/// What a workload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Instances that are all alike, and reached by others.
    Service,
    /// Instances that are all alike, and reached by nobody.
    Worker,
    /// Instances that keep their names and volumes.
    Stateful,
    /// What runs to its end once.
    Job,
    /// What runs to its end again and again.
    Cron,
    /// No workload: documents of one's own.
    Manifests,
}

use Kind::{Cron, Job, Manifests, Service, Stateful, Worker};

/// What only some kinds have.
struct Part {
    /// The keys to it; `*` is any one key.
    path: &'static [&'static str],
    kinds: &'static [Kind],
    /// What to do instead, where that isn't clear.
    instead: Option<&'static str>,
}

const LASTING: &[Kind] = &[Service, Worker, Stateful];
const REACHED: &[Kind] = &[Service, Stateful];
const ENDING: &[Kind] = &[Job, Cron];
const RUNNING: &[Kind] = &[Service, Worker, Stateful, Job, Cron];

/// One row a part. A part that has no row is of all kinds.
const PARTS: &[Part] = &[
    part(&["replicas"], LASTING, Some("`job.parallelism` says how many instances of a job run at once")),
    part(&["ports"], LASTING, Some("nothing reaches what runs to its end; take the ports away")),
    part(
        &["ports", "*", "service"],
        REACHED,
        Some("a worker has no Service; its ports are reached in its pods"),
    ),
    part(
        &["ports", "*", "node"],
        REACHED,
        Some("a worker has no Service; its ports are reached in its pods"),
    ),
    part(&["sidecars", "*", "ports", "*", "service"], REACHED, None),
    part(&["sidecars", "*", "ports", "*", "node"], REACHED, None),
    part(&["schedule"], &[Cron], Some("write `kind: cron`, or take the schedule away")),
    part(&["job"], ENDING, Some("write `kind: job` or `kind: cron`")),
    part(&["update"], LASTING, Some("every run is new; there is nothing to replace")),
    part(
        &["health", "readiness"],
        LASTING,
        Some("nothing reaches what runs to its end, so it needn't be ready"),
    ),
    part(&["ingress"], REACHED, Some("nothing reaches it from outside; take the ingress away")),
    part(&["autoscaling"], LASTING, Some("`job.parallelism` says how many instances of a job run at once")),
    part(&["disruption"], LASTING, Some("what runs to its end isn't kept at a number; take the budget away")),
    part(&["spread"], RUNNING, None),
    part(&["image"], RUNNING, Some("`manifests` has no workload; write `kind: service` for one")),
    part(&["command"], RUNNING, None),
    part(&["args"], RUNNING, None),
    part(&["files"], RUNNING, None),
    part(&["resources"], RUNNING, None),
    part(&["health"], RUNNING, None),
    part(&["shutdown"], RUNNING, None),
    part(&["security"], RUNNING, None),
    part(&["volumes"], RUNNING, None),
    part(&["sidecars"], RUNNING, None),
    part(&["init"], RUNNING, None),
];

const fn part(path: &'static [&'static str], kinds: &'static [Kind], instead: Option<&'static str>) -> Part {
    Part { path, kinds, instead }
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 6] = [Service, Worker, Stateful, Job, Cron, Manifests];

    /// The kind of a workload.
    pub fn of(workload: &Tree) -> Kind {
        Kind::called(workload.get("kind").and_then(Tree::as_text).map(|name| &**name))
    }

    /// The kind of that name. The schema has refused what is none; its absence means a service.
    pub fn called(name: Option<&str>) -> Kind {
        Kind::ALL.into_iter().find(|kind| name == Some(kind.name())).unwrap_or(Service)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Service => "service",
            Worker => "worker",
            Stateful => "stateful",
            Job => "job",
            Cron => "cron",
            Manifests => "manifests",
        }
    }

    /// Whether containers run at all.
    pub fn has_workload(self) -> bool {
        self != Manifests
    }

    /// Whether others reach it.
    pub fn is_reached(self) -> bool {
        REACHED.contains(&self)
    }

    /// The longest name that an app of this kind can have, if it is shorter than that of others: platforms
    /// put a suffix to it that must fit into a label.
    fn longest_name(self) -> usize {
        match self {
            // Kubernetes adds a time or the hash of a revision, 10 characters and a `-`.
            Cron | Stateful => 52,
            // The pack adds 8 characters and a `-`.
            Job => 54,
            _ => 63,
        }
    }
}

/// Takes from a workload of that name what its kind doesn't have. Where the app's own files say such a thing it is an
/// error; `defaults` and `overrides` speak of all apps, so there it has just no meaning for this one.
pub fn fit(workload: &mut Tree, name: &str, is_own: &dyn Fn(Origin) -> bool, out: &mut Diagnostics) {
    let kind = Kind::of(workload);
    let at = workload.get("kind").unwrap_or(workload).origin;
    let said = is_own(at).then_some(at.span);
    for part in PARTS.iter().filter(|part| !part.kinds.contains(&kind)) {
        take(workload, part.path, &mut |taken| {
            if let Some(span) = first_own(taken, is_own) {
                out.push(WorkloadFault::WrongKind {
                    span,
                    kind,
                    said,
                    field: part.path.iter().rfind(|key| **key != "*").copied().unwrap_or_default(),
                    kinds: part.kinds,
                    instead: part.instead,
                });
            }
        });
    }
    let most = kind.longest_name();
    if name.len() > most {
        out.push(WorkloadFault::LongName { app: name.to_string(), kind, most, said: at.span });
    }
}

/// Takes out everything at a path.
fn take(tree: &mut Tree, path: &[&str], taken: &mut dyn FnMut(&Tree)) {
    let (Some((key, below)), Some(map)) = (path.split_first(), tree.as_map_mut()) else { return };
    match (*key, below) {
        ("*", _) => map.values_mut().for_each(|value| take(value, below, taken)),
        // A port that no Service shows says so itself.
        (key, []) => {
            let keep = matches!(map.get(key).map(|value| &value.kind), None | Some(TreeKind::Bool(false)));
            if !keep && let Some(value) = map.shift_remove(key) {
                taken(&value);
            }
        }
        (key, below) => {
            if let Some(value) = map.get_mut(key) {
                take(value, below, taken);
            }
        }
    }
}

/// The first value below that the app's own files say.
fn first_own(tree: &Tree, is_own: &dyn Fn(Origin) -> bool) -> Option<Span> {
    match &tree.kind {
        TreeKind::Map(map) if !map.is_empty() => map.values().find_map(|value| first_own(value, is_own)),
        _ => is_own(tree.origin).then_some(tree.origin.span),
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, PARTS};

    #[test]
    fn a_part_is_of_some_kind_and_not_of_all() {
        for part in PARTS {
            assert!(!part.kinds.is_empty() && part.kinds.len() < Kind::ALL.len(), "{:?}", part.path);
        }
    }

    #[test]
    fn kinds_have_the_names_of_the_schema() {
        let cursor = crate::config::repo::schema("app").cursor().child("kind");
        let schema = include_str!("../../schemas/app.schema.json");
        let names: Vec<String> = Kind::ALL.iter().map(|kind| format!("\"{}\"", kind.name())).collect();
        assert!(cursor.is_known() && schema.contains(&format!("[{}, null]", names.join(", "))));
    }
}
