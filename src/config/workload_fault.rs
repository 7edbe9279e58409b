//! What can be wrong with a workload as a whole: the facts, and below them their words.

use super::kind::Kind;
use super::schedule::ScheduleFault;
use super::words::listed;
use crate::source::diagnostic::Diagnostic;
use crate::source::nearest::nearest;
use crate::source::span::Span;

/// A fact about a workload that keeps it from compiling. None of them holds a value that could be a secret.
#[derive(Debug)]
#[expect(missing_docs, reason = "the words below say what each is")]
pub enum WorkloadFault {
    // kinds
    WrongKind {
        span: Span,
        field: &'static str,
        kind: Kind,
        /// Where the app says its kind, if it does.
        said: Option<Span>,
        kinds: &'static [Kind],
        instead: Option<&'static str>,
    },
    LongName {
        app: String,
        kind: Kind,
        most: usize,
        said: Span,
    },
    NoSchedule {
        span: Span,
    },
    BadSchedule {
        span: Span,
        fault: ScheduleFault,
    },
    // health
    ProbeSuccesses {
        span: Span,
        probe: String,
    },
    // containers
    ContainerTaken {
        span: Span,
        other: Span,
        name: String,
    },
    /// A container that receives a secret which the app doesn't declare. What the author wrote could be the
    /// secret itself.
    UndeclaredSecret {
        span: Span,
        near: Option<String>,
        known: Vec<String>,
    },
    // volumes
    ReservedVolume {
        span: Span,
        name: String,
    },
    VolumeKinds {
        span: Span,
        found: Vec<(&'static str, Span)>,
    },
    VolumeField {
        span: Span,
        field: &'static str,
    },
    VolumeWithoutSize {
        span: Span,
        name: String,
    },
    VolumePath {
        span: Span,
        name: String,
    },
    /// Several instances want a volume that one node alone can mount.
    OneNode {
        span: Span,
        replicas: Span,
    },
    // update
    UpdateField {
        span: Span,
        field: &'static str,
        help: &'static str,
    },
    UpdateAmount {
        span: Span,
    },
    UpdateStands {
        surge: Span,
        unavailable: Span,
    },
    // security
    RootRefused {
        user: Span,
        non_root: Span,
    },
    EscalationRefused {
        span: Span,
        escalation: Span,
    },
}

impl From<WorkloadFault> for Diagnostic {
    fn from(fault: WorkloadFault) -> Diagnostic {
        match fault {
            WorkloadFault::WrongKind { .. }
            | WorkloadFault::LongName { .. }
            | WorkloadFault::NoSchedule { .. }
            | WorkloadFault::BadSchedule { .. } => kind_words(fault),
            WorkloadFault::ReservedVolume { .. }
            | WorkloadFault::VolumeKinds { .. }
            | WorkloadFault::VolumeField { .. }
            | WorkloadFault::VolumeWithoutSize { .. }
            | WorkloadFault::VolumePath { .. }
            | WorkloadFault::OneNode { .. } => volume_words(fault),
            _ => container_words(fault),
        }
    }
}

fn kind_words(fault: WorkloadFault) -> Diagnostic {
    match fault {
        WorkloadFault::WrongKind { span, field, kind, said, kinds, instead } => {
            let kind = kind.name();
            let found =
                Diagnostic::error("wrong-kind", format!("an app of the kind `{kind}` has no `{field}`"))
                    .at(span, "");
            let found = match said {
                Some(said) => found.at(said, "its kind"),
                None => found,
            };
            let kinds: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
            let noun = if kinds.len() == 1 { "kind" } else { "kinds" };
            let found = found.help(format!("`{field}` is for the {noun} `{}`", kinds.join("`, `")));
            instead.into_iter().fold(found, Diagnostic::help)
        }
        WorkloadFault::LongName { app, kind, most, said } => Diagnostic::error(
            "bad-name",
            format!("the name `{app}` is too long for the kind `{}`: {} characters", kind.name(), app.len()),
        )
        .at(said, "")
        .help(format!(
            "such a name has at most {most} characters, since Kubernetes labels its pods with a longer one"
        )),
        WorkloadFault::NoSchedule { span } => {
            Diagnostic::error("missing-key", "a cron app says when it runs").at(span, "").help(
                "add `schedule: \"30 3 * * *\"`: minute, hour, day of the month, month, day of the week",
            )
        }
        WorkloadFault::BadSchedule { span, fault } => {
            Diagnostic::error("bad-schedule", format!("the schedule can't be used: {fault}"))
                .at(span, "")
                .help(fault.help())
        }
        other => unreachable!("not about kinds: {other:?}"),
    }
}

fn volume_words(fault: WorkloadFault) -> Diagnostic {
    match fault {
        WorkloadFault::ReservedVolume { span, name } => {
            Diagnostic::error("bad-name", format!("a volume can't be named `{name}`"))
                .at(span, "")
                .help("names that begin with `sealwright-` are for volumes that the platform's pack makes")
        }
        WorkloadFault::VolumeKinds { span, found } => {
            let shown = Diagnostic::error("bad-volume", "the volume is of more than one kind").at(span, "");
            found
                .iter()
                .fold(shown, |d, (kind, span)| d.at(*span, format!("it has `{kind}` here")))
                .help("a volume has one of `ephemeral`, `persistent: true` and `claim: NAME`")
                .help("what another layer says is removed with `null`, such as `ephemeral: null`")
        }
        WorkloadFault::VolumeField { span, field } => {
            let help = match field {
                "size" => "the size of a volume that exists already is known: take `size` away",
                _ => "add `persistent: true` and a `size`, or take it away",
            };
            Diagnostic::error("bad-volume", format!("this volume can't have `{field}`"))
                .at(span, "")
                .help(help)
        }
        WorkloadFault::VolumeWithoutSize { span, name } => {
            Diagnostic::error("missing-key", format!("the persistent volume `{name}` doesn't say its size"))
                .at(span, "")
                .help("add `size: 10Gi`")
        }
        WorkloadFault::VolumePath { span, name } => Diagnostic::error(
            "bad-path",
            format!("volume `{name}` can't be mounted there"),
        )
        .at(span, "")
        .help("write an absolute path without `:` and without `.` or `..` in it, such as `/var/lib/data`"),
        WorkloadFault::OneNode { span, replicas } => Diagnostic::warning(
            "bad-volume",
            "several instances share a volume that one node alone can mount",
        )
        .at(span, "the volume")
        .at(replicas, "instances on other nodes would wait for it")
        .help("`kind: stateful` gives each instance a volume of its own; `access: ReadWriteMany` lets all nodes mount it"),
        other => unreachable!("not about volumes: {other:?}"),
    }
}

fn container_words(fault: WorkloadFault) -> Diagnostic {
    match fault {
        WorkloadFault::ProbeSuccesses { span, probe } => {
            Diagnostic::error("bad-probe", format!("one good answer is enough for `{probe}`"))
                .at(span, "")
                .help("take `successes` away; only `readiness` can ask for several")
        }
        WorkloadFault::ContainerTaken { span, other, name } => {
            Diagnostic::error("name-taken", format!("two containers of one unit are named `{name}`"))
                .at(span, "this one")
                .at(other, "and this one")
                .help("the app's own container has the app's name; give the others names of their own")
        }
        WorkloadFault::UndeclaredSecret { span, near, known } => {
            let found =
                Diagnostic::error("unknown-secret", "the app declares no secret of this name").at(span, "");
            let found = match near {
                Some(near) => found.help(format!("did you mean `{near}`?")),
                None => listed(found, &known, "its secrets are"),
            };
            found.help("here stand names; a secret itself is declared under the app's own `secrets:`")
        }
        WorkloadFault::UpdateField { span, field, help } => {
            Diagnostic::error("bad-update", format!("this update can't have `{field}`"))
                .at(span, "")
                .help(help)
        }
        WorkloadFault::UpdateAmount { span } => {
            Diagnostic::error("bad-update", "this is neither a number of instances nor a percentage")
                .at(span, "")
                .help("write a whole number from 0, or a percentage from `0%` to `100%`")
        }
        WorkloadFault::UpdateStands { surge, unavailable } => {
            Diagnostic::error("bad-update", "no instance could ever be replaced")
                .at(surge, "none may be added")
                .at(unavailable, "and none may be missing")
                .help("let one of them be 1 or more")
        }
        WorkloadFault::RootRefused { user, non_root } => {
            Diagnostic::error("bad-security", "the container would run as root, which is refused")
                .at(user, "0 is root")
                .at(non_root, "refused by this")
                .help("name another user, or turn it off knowingly: `nonRoot: null`")
        }
        WorkloadFault::EscalationRefused { span, escalation } => {
            Diagnostic::error("bad-security", "a container with such rights can always gain more")
                .at(span, "")
                .at(escalation, "which this forbids")
                .help("take the rights away, or turn it off knowingly: `escalation: null`")
        }
        other => unreachable!("not about containers: {other:?}"),
    }
}

/// A finding about a secret that isn't declared.
pub fn undeclared(span: Span, written: Option<&str>, known: Vec<String>) -> WorkloadFault {
    let near = written.and_then(|text| nearest(text, known.iter().map(String::as_str))).map(str::to_string);
    WorkloadFault::UndeclaredSecret { span, near, known }
}
