//! The forms of names and other text in the objects of Kubernetes and of ECS.

use base64::Engine;
use base64::alphabet;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};

use super::ecs::expression;
use super::quantity::Quantity;

/// Base64 as the API server reads it: bits that are left over may be anything.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// A form of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grammar {
    /// A DNS label (RFC 1123).
    DnsLabel,
    /// A DNS label that begins with a letter (RFC 1035).
    DnsLabelOfService,
    /// DNS labels with dots between them.
    DnsSubdomain,
    /// A DNS label of at most 52 characters, because others are made of it.
    CronJobName,
    /// What can be a segment of a path.
    PathSegment,
    /// The name of a port of a container.
    PortName,
    /// The key of a label or annotation.
    QualifiedName,
    /// The value of a label.
    LabelValue,
    /// The name of an environment variable.
    VariableName,
    /// The key of a ConfigMap or Secret.
    DataKey,
    /// When a CronJob runs.
    Schedule,
    /// The path at which a volume is mounted.
    MountPath,
    /// A date and time of RFC 3339.
    Time,
    /// Standard base64 with padding.
    Base64,
    /// An amount, such as `200Mi`.
    Quantity,
    /// The name of a family, a service, a container or a volume of ECS.
    EcsName,
    /// The name of a port of ECS, by which services connect.
    EcsPortName,
    /// When a schedule of EventBridge runs.
    ScheduleExpression,
    /// The name of a parameter of the Parameter Store.
    ParameterName,
}

impl Grammar {
    /// Whether a text is of the form.
    pub fn fits(self, text: &str) -> bool {
        match self {
            Grammar::DnsLabel => is_label(text, 63),
            Grammar::DnsLabelOfService => {
                is_label(text, 63) && text.starts_with(|c: char| c.is_ascii_lowercase())
            }
            Grammar::DnsSubdomain => is_subdomain(text),
            Grammar::CronJobName => text.len() <= 52 && is_subdomain(text),
            Grammar::PathSegment => {
                !text.is_empty() && text != "." && text != ".." && !text.contains(['/', '%'])
            }
            Grammar::PortName => is_port_name(text),
            Grammar::QualifiedName => is_qualified_name(text),
            Grammar::LabelValue => text.is_empty() || is_name(text),
            Grammar::VariableName => {
                !text.is_empty() && text.bytes().all(|b| (b' '..=b'~').contains(&b) && b != b'=')
            }
            Grammar::DataKey => {
                let known = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
                (1..=253).contains(&text.len())
                    && text.bytes().all(known)
                    && text != "."
                    && !text.starts_with("..")
            }
            Grammar::Schedule => is_schedule(text),
            Grammar::MountPath => !text.is_empty() && !text.contains(':'),
            Grammar::Time => is_time(text),
            Grammar::Base64 => {
                // What reads it skips line breaks.
                if text.contains(['\n', '\r']) {
                    BASE64.decode(text.replace(['\n', '\r'], "")).is_ok()
                } else {
                    BASE64.decode(text).is_ok()
                }
            }
            Grammar::Quantity => Quantity::parse(text).is_some_and(|quantity| !quantity.is_negative()),
            Grammar::EcsName => {
                let known = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
                (1..=255).contains(&text.len()) && text.bytes().all(known)
            }
            Grammar::EcsPortName => {
                let known = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
                (1..=64).contains(&text.len()) && text.bytes().all(known) && !text.starts_with('-')
            }
            Grammar::ScheduleExpression => expression::is_schedule(text),
            Grammar::ParameterName => is_parameter_name(text),
        }
    }

    /// What it is, in words.
    pub fn words(self) -> &'static str {
        match self {
            Grammar::DnsLabel => {
                "at most 63 lowercase letters, digits and `-`, with a letter or digit at both ends"
            }
            Grammar::DnsLabelOfService => {
                "at most 63 lowercase letters, digits and `-`, beginning with a letter and not ending with `-`"
            }
            Grammar::DnsSubdomain => {
                "at most 253 lowercase letters, digits, `-` and `.`, with a letter or digit at both ends of each part"
            }
            Grammar::CronJobName => {
                "at most 52 lowercase letters, digits, `-` and `.`, with a letter or digit at both ends of each part"
            }
            Grammar::PathSegment => "a name without `/` and `%`",
            Grammar::PortName => {
                "at most 15 lowercase letters, digits and single `-` between them, at least one of them a letter"
            }
            Grammar::QualifiedName => {
                "at most 63 letters, digits, `-`, `_` and `.` with a letter or digit at both ends, perhaps behind a DNS name and `/`"
            }
            Grammar::LabelValue => {
                "at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends"
            }
            Grammar::VariableName => "printable ASCII characters without `=`",
            Grammar::DataKey => "at most 253 letters, digits, `-`, `_` and `.`, not beginning with `..`",
            Grammar::Schedule => "five fields such as `*/5 * * * *`, or a name such as `@daily`",
            Grammar::MountPath => "a path without `:`",
            Grammar::Time => "a date and time such as `2026-11-24T12:00:00Z`",
            Grammar::Base64 => "base64 with padding",
            Grammar::Quantity => "an amount that isn't negative, such as `100m`, `0.5` or `200Mi`",
            Grammar::EcsName => "at most 255 letters, digits, `-` and `_`",
            Grammar::EcsPortName => {
                "at most 64 lowercase letters, digits, `-` and `_`, not beginning with `-`"
            }
            Grammar::ScheduleExpression => {
                "`cron(0 3 * * ? *)` with six fields, one of both days `?`, or `rate(5 minutes)`, or `at(2026-11-24T12:00:00)`"
            }
            Grammar::ParameterName => {
                "letters, digits, `.`, `-` and `_`, with `/` before each part if there are several, the first not beginning with `aws` or `ssm`"
            }
        }
    }
}

fn is_label(text: &str, longest: usize) -> bool {
    let bytes = text.as_bytes();
    let plain = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    bytes.len() <= longest
        && bytes.first().is_some_and(plain)
        && bytes.last().is_some_and(plain)
        && bytes.iter().all(|b| plain(b) || *b == b'-')
}

fn is_subdomain(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(|label| is_label(label, 253))
}

fn is_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    let plain = u8::is_ascii_alphanumeric;
    bytes.len() <= 63
        && bytes.first().is_some_and(plain)
        && bytes.last().is_some_and(plain)
        && bytes.iter().all(|b| plain(b) || matches!(b, b'-' | b'_' | b'.'))
}

fn is_qualified_name(text: &str) -> bool {
    match text.split_once('/') {
        Some((domain, name)) => is_subdomain(domain) && is_name(name),
        None => is_name(text),
    }
}

fn is_port_name(text: &str) -> bool {
    is_label(text, 15) && !text.contains("--") && text.bytes().any(|b| b.is_ascii_lowercase())
}

/// A name by itself, or up to 15 parts with a `/` before each.
fn is_parameter_name(text: &str) -> bool {
    let known = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    let path = text.strip_prefix('/').unwrap_or(text);
    let parts: Vec<&str> = path.split('/').collect();
    let first = parts[0].to_ascii_lowercase();
    (1..=1011).contains(&text.len())
        && (text.starts_with('/') || parts.len() == 1)
        && parts.len() <= 15
        && parts.iter().all(|part| !part.is_empty() && part.bytes().all(known))
        && !first.starts_with("aws")
        && !first.starts_with("ssm")
}

/// The fields of crontab(5); each number of a field in its range, ranges and steps included.
fn is_schedule(text: &str) -> bool {
    if let Some(name) = text.strip_prefix('@') {
        return matches!(
            name,
            "yearly" | "annually" | "monthly" | "weekly" | "daily" | "midnight" | "hourly"
        ) || name
            .strip_prefix("every ")
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    }
    const MONTHS: &[&str] =
        &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    const DAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    const FIELDS: [(u32, u32, &[&str]); 5] =
        [(0, 59, &[]), (0, 23, &[]), (1, 31, &[]), (1, 12, MONTHS), (0, 7, DAYS)];
    let fields: Vec<&str> = text.split_whitespace().collect();
    fields.len() == FIELDS.len()
        && fields.iter().zip(FIELDS).all(|(field, (least, most, names))| {
            field.split(',').all(|part| {
                let (range, step) =
                    part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
                let value = |text: &str| {
                    text.parse().is_ok_and(|n: u32| (least..=most).contains(&n))
                        || names.contains(&text.to_ascii_lowercase().as_str())
                };
                step.is_none_or(|step| step.parse().is_ok_and(|n: u32| n > 0))
                    && (matches!(range, "*" | "?")
                        || range.split_once('-').map_or_else(|| value(range), |(a, b)| value(a) && value(b)))
            })
        })
}

/// `2026-11-24T12:00:00.5+01:00`: the shape, and each number in its range.
fn is_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    let number = |at: usize, width: usize| text.get(at..at + width).and_then(|part| part.parse::<u32>().ok());
    let sign = |at: usize, wanted: u8| bytes.get(at) == Some(&wanted);
    let day = number(0, 4).is_some()
        && sign(4, b'-')
        && number(5, 2).is_some_and(|n| (1..=12).contains(&n))
        && sign(7, b'-')
        && number(8, 2).is_some_and(|n| (1..=31).contains(&n));
    let time = sign(10, b'T')
        && number(11, 2).is_some_and(|n| n < 24)
        && sign(13, b':')
        && number(14, 2).is_some_and(|n| n < 60)
        && sign(16, b':')
        && number(17, 2).is_some_and(|n| n < 61);
    if !(day && time) {
        return false;
    }
    let rest = &text[19..];
    let zone = match rest.strip_prefix('.') {
        Some(fraction) => {
            let end = fraction.find(|c: char| !c.is_ascii_digit()).unwrap_or(fraction.len());
            if end == 0 {
                return false;
            }
            &fraction[end..]
        }
        None => rest,
    };
    let offset = |zone: &str| {
        let digits = zone.get(1..3).zip(zone.get(4..6));
        zone.len() == 6
            && zone.starts_with(['+', '-'])
            && zone.as_bytes()[3] == b':'
            && digits.is_some_and(|(h, m)| {
                h.parse().is_ok_and(|h: u32| h < 24) && m.parse().is_ok_and(|m: u32| m < 60)
            })
    };
    zone == "Z" || offset(zone)
}

#[cfg(test)]
mod tests {
    use super::Grammar;

    #[test]
    fn each_form_takes_what_kubernetes_takes() {
        let long = "a".repeat(64);
        let cases: [(Grammar, &[&str], &[&str]); 13] = [
            (Grammar::DnsLabel, &["a", "0-a"], &["", "A", "-a", "a-", "a.b", &long]),
            (Grammar::DnsLabelOfService, &["a0"], &["0a", "a_b"]),
            (Grammar::DnsSubdomain, &["a.b", &long], &["a..b", ".a", "a_b", "A"]),
            (Grammar::CronJobName, &["a.b"], &[&long]),
            (Grammar::PathSegment, &["system:node"], &["a/b", "..", ""]),
            (Grammar::PortName, &["http", "9p"], &["80", "a--b", "too-long-for-port", "A"]),
            (
                Grammar::QualifiedName,
                &["app", "app.kubernetes.io/name", "A_b"],
                &["", "/a", "a/", "a/b/c", "a b", "-a", &long],
            ),
            (Grammar::LabelValue, &["", "1.10", "a_B"], &["a b", "-a", "a/b", &long]),
            (Grammar::VariableName, &["A", "a b", "1.2"], &["", "A=B", "ä"]),
            (Grammar::DataKey, &[".a", "A_b-1"], &["", ".", "..a", "a/b"]),
            (
                Grammar::Schedule,
                &["* * * * *", "*/5 0-3 1,15 JAN MON-FRI", "@daily", "0 0 * * 7"],
                &["", "* * * *", "60 * * * *", "* * * 13 *", "*/0 * * * *", "@noon"],
            ),
            (
                Grammar::Time,
                &["2026-11-24T12:00:00Z", "2026-11-24T12:00:00.25+01:00"],
                &["2026-11-24", "2026-13-24T12:00:00Z", "2026-11-24T12:00:00", "2026-11-24T12:00:00.Z"],
            ),
            (Grammar::Base64, &["", "aGk=", "aG\nk="], &["aGk", "hunter2!", "a"]),
        ];
        for (grammar, good, bad) in cases {
            for text in good {
                assert!(grammar.fits(text), "{grammar:?}: {text}");
            }
            for text in bad {
                assert!(!grammar.fits(text), "{grammar:?}: {text}");
            }
        }
    }
}
