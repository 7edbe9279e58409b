//! A cron expression: whether every platform that runs one would take it, and whether it ever comes true.
//!
//! The dialect is that of Kubernetes (robfig/cron v3, `ParseStandard`): five fields or a descriptor, names
//! of months and weekdays, `?` for `*`; the days of the week are 0 to 6.

use std::fmt;

/// What keeps a text from being a schedule. No text of the source is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words below say what each is")]
pub enum ScheduleFault {
    FieldCount(usize),
    Field(usize),
    Descriptor,
    ZonePrefix,
    Never,
    Zone,
}

/// A field: what it counts, its first and last number, and names of its numbers.
pub(super) struct Field {
    what: &'static str,
    pub(super) first: u32,
    pub(super) last: u32,
    names: &'static [&'static str],
}

pub(super) const FIELDS: [Field; 5] = [
    Field { what: "minute", first: 0, last: 59, names: &[] },
    Field { what: "hour", first: 0, last: 23, names: &[] },
    Field { what: "day of the month", first: 1, last: 31, names: &[] },
    Field {
        what: "month",
        first: 1,
        last: 12,
        names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    },
    Field {
        what: "day of the week",
        first: 0,
        last: 6,
        names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
    },
];

/// The words for whole expressions.
const DESCRIPTORS: [(&str, &str); 7] = [
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

/// The most days that each month can have.
const DAYS: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// Checks a cron expression.
pub fn check(text: &str) -> Result<(), ScheduleFault> {
    if text.starts_with("TZ=") || text.starts_with("CRON_TZ=") {
        return Err(ScheduleFault::ZonePrefix);
    }
    if text.starts_with('@') {
        return descriptor(text).map(|_| ()).ok_or(ScheduleFault::Descriptor);
    }
    let parts: Vec<&str> = text.split_whitespace().collect();
    if parts.len() != FIELDS.len() {
        return Err(ScheduleFault::FieldCount(parts.len()));
    }
    let mut sets = [0_u64; FIELDS.len()];
    for (index, (field, part)) in FIELDS.iter().zip(&parts).enumerate() {
        sets[index] = field.set(part).ok_or(ScheduleFault::Field(index))?;
    }
    // With a day of the week besides, either of the two is enough.
    let any_weekday = parts[4].starts_with(['*', '?']);
    let months = (1..=12).filter(|month| sets[3] & (1 << month) != 0);
    let is_possible = |month: u32| (1..=DAYS[month as usize - 1]).any(|day| sets[2] & (1 << day) != 0);
    if any_weekday && !months.into_iter().any(is_possible) {
        return Err(ScheduleFault::Never);
    }
    Ok(())
}

/// Checks the name of a time zone by its form: which of them exist, the platform knows.
pub fn check_zone(text: &str) -> Result<(), ScheduleFault> {
    let is_segment = |segment: &str| {
        segment.starts_with(|c: char| c.is_ascii_alphabetic())
            && segment.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+'))
    };
    // Kubernetes refuses `Local`: it would be that of whichever machine looks.
    let is_zone = text.split('/').all(is_segment) && !text.eq_ignore_ascii_case("local");
    if is_zone { Ok(()) } else { Err(ScheduleFault::Zone) }
}

/// The expression that a word such as `@daily` stands for.
pub(super) fn descriptor(word: &str) -> Option<&'static str> {
    DESCRIPTORS.iter().find(|(known, _)| *known == word).map(|(_, expression)| *expression)
}

impl Field {
    /// The numbers that its part of an expression names, as bits.
    pub(super) fn set(&self, part: &str) -> Option<u64> {
        part.split(',').try_fold(0, |set, range| Some(set | self.range(range)?))
    }

    /// The numbers of one range, `*`, `3`, `1-5`, `*/15`, `3/2` or `1-5/2`, as bits.
    fn range(&self, text: &str) -> Option<u64> {
        let (range, step) = match text.split_once('/') {
            Some((range, step)) => (range, Some(number(step).filter(|step| *step > 0)?)),
            None => (text, None),
        };
        let (first, last) = match range.split_once('-') {
            _ if matches!(range, "*" | "?") => (self.first, self.last),
            Some((first, last)) => (self.value(first)?, self.value(last)?),
            None => {
                let first = self.value(range)?;
                (first, if step.is_some() { self.last } else { first })
            }
        };
        if first < self.first || last > self.last || first > last {
            return None;
        }
        let step = usize::try_from(step.unwrap_or(1)).ok()?;
        Some((first..=last).step_by(step).fold(0, |set, number| set | (1 << number)))
    }

    fn value(&self, text: &str) -> Option<u32> {
        let named = self.names.iter().position(|name| name.eq_ignore_ascii_case(text));
        named.map_or_else(|| number(text), |index| u32::try_from(index).ok().map(|i| i + self.first))
    }
}

fn number(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

impl fmt::Display for ScheduleFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ScheduleFault::FieldCount(1) => write!(f, "a cron expression has 5 fields, not 1"),
            ScheduleFault::FieldCount(count) => write!(f, "a cron expression has 5 fields, not {count}"),
            ScheduleFault::Field(index) => {
                let Field { what, first, last, .. } = &FIELDS[*index];
                write!(f, "the {what} isn't made of numbers from {first} to {last}")
            }
            ScheduleFault::Descriptor => write!(f, "there is no such descriptor"),
            ScheduleFault::ZonePrefix => write!(f, "the time zone isn't a part of the cron expression"),
            ScheduleFault::Never => write!(f, "no month of these has such a day, so it never runs"),
            ScheduleFault::Zone => write!(f, "this names no time zone"),
        }
    }
}

impl ScheduleFault {
    /// The next step.
    pub fn help(self) -> String {
        match self {
            ScheduleFault::FieldCount(_) => {
                "minute, hour, day of the month, month, day of the week, such as `30 3 * * *`".into()
            }
            ScheduleFault::Field(4) => "0 is Sunday; the names `sun` to `sat` are understood too".into(),
            ScheduleFault::Field(3) => "the names `jan` to `dec` are understood too".into(),
            ScheduleFault::Field(_) => "write `*`, `5`, `1-5`, `*/15`, or several with commas".into(),
            ScheduleFault::Descriptor => {
                format!("the descriptors are `{}`", DESCRIPTORS.map(|(word, _)| word).join("`, `"))
            }
            ScheduleFault::ZonePrefix => "write `schedule: { cron: …, timezone: Europe/Berlin }`".into(),
            ScheduleFault::Never => "change the day or the month".into(),
            ScheduleFault::Zone => {
                "write a name of the IANA database, such as `Europe/Berlin`, or `Etc/UTC`".into()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ScheduleFault, check, check_zone};

    #[test]
    fn what_kubernetes_takes_is_taken() {
        for good in [
            "* * * * *",
            "30 3 * * *",
            "*/15 0-6,22,23 1,15 jan-JUN mon-FRI",
            "0 0 29 2 *",
            "0 0 31 2 1",
            "5/10 ? ? * 0",
            "0  0\t1 1 6",
            "@daily",
            "@hourly",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn what_it_refuses_is_refused_by_its_field() {
        for (bad, fault) in [
            ("", ScheduleFault::FieldCount(0)),
            ("* * * *", ScheduleFault::FieldCount(4)),
            ("0 0 0 * * *", ScheduleFault::FieldCount(6)),
            ("60 * * * *", ScheduleFault::Field(0)),
            ("* 24 * * *", ScheduleFault::Field(1)),
            ("* * 0 * *", ScheduleFault::Field(2)),
            ("* * * 13 *", ScheduleFault::Field(3)),
            ("* * * * 7", ScheduleFault::Field(4)),
            ("*/0 * * * *", ScheduleFault::Field(0)),
            ("5-1 * * * *", ScheduleFault::Field(0)),
            ("1, * * * *", ScheduleFault::Field(0)),
            ("+1 * * * *", ScheduleFault::Field(0)),
            ("99999999999 * * * *", ScheduleFault::Field(0)),
            ("* * * mon *", ScheduleFault::Field(3)),
            ("0 0 31 4,6 *", ScheduleFault::Never),
            ("0 0 30 feb ?", ScheduleFault::Never),
            ("@reboot", ScheduleFault::Descriptor),
            ("TZ=UTC 0 0 * * *", ScheduleFault::ZonePrefix),
        ] {
            assert_eq!(check(bad), Err(fault), "{bad}");
        }
    }

    #[test]
    fn zones_have_a_form() {
        for good in ["UTC", "Etc/UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5"] {
            assert_eq!(check_zone(good), Ok(()), "{good}");
        }
        for bad in ["", "Local", "Europe/", "/etc/localtime", "../UTC", "Europe Berlin", "+01:00"] {
            assert_eq!(check_zone(bad), Err(ScheduleFault::Zone), "{bad}");
        }
    }
}
