//! What can be wrong with the order in which units are applied: the facts and their words.

use super::words::did_you_mean;
use crate::source::diagnostic::Diagnostic;
use crate::source::span::Span;

/// How many links of a circle are shown.
const SHOWN: usize = 8;

/// What keeps units from having an order.
#[derive(Debug)]
pub enum WavesFault {
    Unknown {
        name: String,
        span: Span,
        environment: String,
        /// Whether there is such an app at all.
        has_folder: bool,
        known: Vec<String>,
    },
    Itself {
        span: Span,
        name: String,
    },
    Circle {
        /// Each app, and the place where it names the next; the last names the first.
        circle: Vec<(String, Span)>,
    },
    BeforeWithoutJob {
        span: Span,
        kind: Option<Span>,
    },
    BeforeWaits {
        span: Span,
        before: Span,
        name: String,
    },
    BeforeKeeps {
        span: Span,
        before: Span,
        volume: String,
    },
}

impl From<WavesFault> for Diagnostic {
    fn from(fault: WavesFault) -> Diagnostic {
        match fault {
            WavesFault::Unknown { name, span, environment, has_folder, known } => {
                let found =
                    Diagnostic::error("unknown-app", format!("`{name}` doesn't run in `{environment}`"))
                        .at(span, "named here");
                let found = did_you_mean(found, &name, &known, "what runs there is");
                if has_folder {
                    found.help(format!("add `{name}: VERSION` to `environments/{environment}/versions.yaml`"))
                } else {
                    found
                }
            }
            WavesFault::Itself { span, name } => {
                Diagnostic::error("depends-on-cycle", format!("`{name}` depends on itself"))
                    .at(span, "named here")
                    .help("take the name away; `depends_on: null` takes away what a lower layer says")
            }
            WavesFault::Circle { circle } => {
                let names: Vec<&str> = circle.iter().chain(circle.first()).map(|(name, _)| &**name).collect();
                let way = match names.as_slice() {
                    [first @ .., last] if first.len() > SHOWN => {
                        format!("`{}` → … → `{last}`", first[..SHOWN].join("` → `"))
                    }
                    names => format!("`{}`", names.join("` → `")),
                };
                let found = Diagnostic::error(
                    "depends-on-cycle",
                    format!("apps depend on each other without end: {way}"),
                );
                circle
                    .iter()
                    .take(SHOWN)
                    .fold(found, |d, (name, span)| d.at(*span, format!("`{name}` waits for this")))
                    .help("take away one of these, so that one of the apps can be the first")
            }
            WavesFault::BeforeWithoutJob { span, kind } => {
                let found = Diagnostic::error("bad-order", "only a job can run before the rollout").at(
                    span,
                    if kind.is_some() {
                        "it never ends, so nothing would follow"
                    } else {
                        "this app isn't a job"
                    },
                );
                let found = kind.into_iter().fold(found, |d, kind| d.at(kind, "its kind"));
                found.help("add `kind: job`, or use `wave: -1` for what comes first and stays")
            }
            WavesFault::BeforeKeeps { span, before, volume } => Diagnostic::error(
                "bad-order",
                format!("it runs before everything else, so nothing makes its volume `{volume}` first"),
            )
            .at(span, "this volume stays")
            .at(before, "it runs before the rollout")
            .help("take away `before`, and let what needs this job name it in `depends_on`")
            .help("or name a volume that exists already: `claim: NAME`"),
            WavesFault::BeforeWaits { span, before, name } => Diagnostic::error(
                "bad-order",
                format!("it runs before everything else, so it can't wait for `{name}`"),
            )
            .at(span, format!("`{name}` comes later"))
            .at(before, "it runs before the rollout")
            .help("take away `before`, and let what needs this job name it in `depends_on`"),
        }
    }
}
