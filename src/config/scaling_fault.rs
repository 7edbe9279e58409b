//! What can be wrong with the number of instances: the facts and their words.

use crate::source::diagnostic::Diagnostic;
use crate::source::span::Span;

/// What is wrong with `autoscaling` or `disruption`.
#[derive(Debug)]
pub enum ScalingFault {
    WithoutMax {
        span: Span,
    },
    MinOverMax {
        span: Span,
        max: Span,
    },
    WithoutTarget {
        span: Span,
    },
    BadTarget {
        span: Span,
    },
    TargetOfNothing {
        span: Span,
        resource: &'static str,
        /// The sidecar that doesn't ask for it; the app's own container when there is none.
        sidecar: Option<(String, Span)>,
    },
    Replicas {
        span: Span,
        scaling: Span,
    },
    EmptyBudget {
        span: Span,
    },
    TwoBudgets {
        span: Span,
        other: Span,
    },
    BadAmount {
        span: Span,
    },
    StuckBudget {
        span: Span,
        budget: Budget,
        fewest: i64,
        /// Where that is written, unless nobody wrote it.
        at: Option<Span>,
    },
}

/// What a disruption budget counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// Those that stay.
    Available,
    /// Those that may be away.
    Unavailable,
}

impl From<ScalingFault> for Diagnostic {
    fn from(fault: ScalingFault) -> Diagnostic {
        match fault {
            ScalingFault::WithoutMax { span } => {
                Diagnostic::error("missing-key", "autoscaling doesn't say the most instances")
                    .at(span, "")
                    .help("add `max: NUMBER`")
            }
            ScalingFault::MinOverMax { span, max } => {
                Diagnostic::error("bad-autoscaling", "the fewest instances are more than the most")
                    .at(span, "the fewest")
                    .at(max, "the most")
                    .help("`min` is at most `max`")
            }
            ScalingFault::WithoutTarget { span } => Diagnostic::error(
                "bad-autoscaling",
                "autoscaling doesn't say by what",
            )
            .at(span, "")
            .help(
                "add `cpu: 70`, or `memory: 80`: the percentage of what is asked for that is used on average",
            ),
            ScalingFault::BadTarget { span } => {
                Diagnostic::error("bad-percentage", "this is no percentage to scale by")
                    .at(span, "")
                    .help("a whole number from 1 to 1000, such as `70` or `70%`")
            }
            ScalingFault::TargetOfNothing { span, resource, sidecar } => {
                let who =
                    sidecar.as_ref().map_or("the app".to_string(), |(name, _)| format!("sidecar `{name}`"));
                let found = Diagnostic::error(
                    "bad-autoscaling",
                    format!("autoscaling by {resource} is by a share of what {who} doesn't ask for"),
                )
                .at(span, "the share");
                let amount = if resource == "cpu" { "100m" } else { "200Mi" };
                match sidecar {
                    Some((name, at)) => found
                        .at(at, "this sidecar counts too")
                        .help(format!("add `resources: {{ {resource}: {amount} }}` to sidecar `{name}`")),
                    None => found.help(format!("add `resources: {{ {resource}: {amount} }}`")),
                }
            }
            ScalingFault::Replicas { span, scaling } => Diagnostic::error(
                "bad-autoscaling",
                "a fixed number of instances and autoscaling contradict each other",
            )
            .at(span, "the fixed number")
            .at(scaling, "autoscaling")
            .help("take `replicas` away: `min` is the fewest")
            .help("for a fixed number write `autoscaling: null` beside it"),
            ScalingFault::EmptyBudget { span } => {
                Diagnostic::error("bad-disruption", "the budget doesn't say how many instances may be away")
                    .at(span, "")
                    .help("add `unavailable: 1`, or `available: 50%`")
            }
            ScalingFault::TwoBudgets { span, other } => {
                Diagnostic::error("bad-disruption", "the budget counts in two ways")
                    .at(span, "those that stay")
                    .at(other, "those that may be away")
                    .help("keep one of them; what another layer says is removed with `null`")
            }
            ScalingFault::BadAmount { span } => {
                Diagnostic::error("bad-percentage", "this is neither a number nor a percentage")
                    .at(span, "")
                    .help("a whole number, or a percentage from `0%` to `100%`")
            }
            ScalingFault::StuckBudget { span, budget, fewest, at } => {
                let instances =
                    if fewest == 1 { "1 instance".to_string() } else { format!("{fewest} instances") };
                let found = Diagnostic::error(
                    "bad-disruption",
                    format!("of {instances} none could ever be taken away, so no node that runs one could be drained"),
                )
                .at(span, match budget {
                    Budget::Available => "all have to stay",
                    Budget::Unavailable => "none may be away",
                });
                at.into_iter()
                    .fold(found, |d, at| d.at(at, "the fewest that run"))
                    .help("`unavailable: 1` lets one go at a time, however many there are")
            }
        }
    }
}
