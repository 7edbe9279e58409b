//! The expressions by which a schedule of EventBridge says when it runs.

/// The names of months and days, in their order.
const MONTHS: &[&str] = &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// A field of a cron expression.
struct Field {
    least: u32,
    most: u32,
    names: &'static [&'static str],
    /// What else a value may be.
    special: fn(&str) -> bool,
}

/// Minutes, hours, day of month, month, day of week, year.
const FIELDS: [Field; 6] = [
    Field { least: 0, most: 59, names: &[], special: |_| false },
    Field { least: 0, most: 23, names: &[], special: |_| false },
    Field { least: 1, most: 31, names: &[], special: is_day_of_month },
    Field { least: 1, most: 12, names: MONTHS, special: |_| false },
    Field { least: 1, most: 7, names: DAYS, special: is_day_of_week },
    Field { least: 1970, most: 2199, names: &[], special: |_| false },
];

/// Whether a text is `cron(…)`, `rate(…)` or `at(…)`.
pub fn is_schedule(text: &str) -> bool {
    let inside = |name: &str| text.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
    if let Some(fields) = inside("cron") {
        is_cron(fields)
    } else if let Some(rate) = inside("rate") {
        is_rate(rate)
    } else {
        inside("at").is_some_and(is_time)
    }
}

/// Six fields, one of both days `?`.
fn is_cron(text: &str) -> bool {
    let fields: Vec<&str> = text.split_whitespace().collect();
    fields.len() == FIELDS.len()
        && (fields[2] == "?") != (fields[4] == "?")
        && fields.iter().zip(&FIELDS).enumerate().all(|(index, (text, field))| {
            (*text == "?" && matches!(index, 2 | 4)) || text.split(',').all(|part| field.has(part))
        })
}

impl Field {
    /// Whether it may be a part: `*`, `5`, `5-9`, `*/5`, `MON-FRI`, or what is special of it.
    fn has(&self, part: &str) -> bool {
        let value = |text: &str| {
            let number = || text.parse().is_ok_and(|n: u32| (self.least..=self.most).contains(&n));
            is_digits(text) && number() || self.names.iter().any(|name| name.eq_ignore_ascii_case(text))
        };
        let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
        let is_range =
            range == "*" || range.split_once('-').map_or_else(|| value(range), |(a, b)| value(a) && value(b));
        (is_range && step.is_none_or(|step| is_digits(step) && step.bytes().any(|b| b != b'0')))
            || (self.special)(part)
    }
}

/// The last day, so many before it, the weekday nearest to one.
fn is_day_of_month(text: &str) -> bool {
    let is_day = |text: &str| is_digits(text) && text.parse().is_ok_and(|n: u32| (1..=31).contains(&n));
    matches!(text, "L" | "LW")
        || text.strip_prefix("L-").is_some_and(is_day)
        || text.strip_suffix('W').is_some_and(is_day)
}

/// The last day of the week, the last such day of the month, the nth of it.
fn is_day_of_week(text: &str) -> bool {
    let is_day = |text: &str| {
        matches!(text, "1" | "2" | "3" | "4" | "5" | "6" | "7")
            || DAYS.iter().any(|day| day.eq_ignore_ascii_case(text))
    };
    text == "L"
        || text.strip_suffix('L').is_some_and(is_day)
        || text
            .split_once('#')
            .is_some_and(|(day, nth)| is_day(day) && matches!(nth, "1" | "2" | "3" | "4" | "5"))
}

/// A number and a unit.
fn is_rate(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [number, unit] = words.as_slice() else { return false };
    is_digits(number)
        && number.bytes().any(|b| b != b'0')
        && matches!(*unit, "minute" | "minutes" | "hour" | "hours" | "day" | "days")
}

/// `yyyy-mm-ddThh:mm:ss`, each number in its range.
fn is_time(text: &str) -> bool {
    let number = |at: usize, width: usize| {
        text.get(at..at + width).filter(|part| is_digits(part)).and_then(|part| part.parse::<u32>().ok())
    };
    let signs = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    text.len() == 19
        && signs.iter().all(|(at, sign)| text.as_bytes()[*at] == *sign)
        && number(0, 4).is_some()
        && number(5, 2).is_some_and(|month| (1..=12).contains(&month))
        && number(8, 2).is_some_and(|day| (1..=31).contains(&day))
        && number(11, 2).is_some_and(|hour| hour < 24)
        && number(14, 2).is_some_and(|minute| minute < 60)
        && number(17, 2).is_some_and(|second| second < 60)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::is_schedule;

    #[test]
    fn the_forms_of_the_scheduler_are_known() {
        for text in [
            "cron(0 10 * * ? *)",
            "cron(15 12 ? * MON-FRI *)",
            "cron(*/10 * ? * 2-6 2026)",
            "cron(0 8 1 * ? *)",
            "cron(0 8 L JAN,JUL ? 2026-2030)",
            "cron(0 8 3W * ? *)",
            "cron(5 8 ? 12 6#3 *)",
            "cron(5 8 ? * 6L *)",
            "rate(5 minutes)",
            "rate(1 hour)",
            "at(2026-11-24T12:00:00)",
        ] {
            assert!(is_schedule(text), "{text}");
        }
    }

    #[test]
    fn what_the_scheduler_refuses_is_none() {
        for text in [
            "*/5 * * * *",
            "cron(0 10 * * ?)",
            "cron(0 10 * * * *)",
            "cron(0 10 ? * ? *)",
            "cron(60 10 * * ? *)",
            "cron(0 10 * 13 ? *)",
            "cron(0 10 ? * 0 *)",
            "cron(? 10 ? * 1 *)",
            "cron(*/0 10 ? * 1 *)",
            "cron(+5 10 ? * 1 *)",
            "rate(0 minutes)",
            "rate(5 seconds)",
            "rate(5)",
            "at(2026-13-24T12:00:00)",
            "at(2026-11-24 12:00:00)",
            "at(2026-11-24T12:00é00)",
            "@daily",
            "",
        ] {
            assert!(!is_schedule(text), "{text}");
        }
    }
}
