//! What EventBridge writes for a cron expression that a schedule may have: six fields, in which one of the two
//! fields for days is `?`, and days of the week count from 1.
//!
//! <https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based>

use super::schedule::{FIELDS, descriptor};

/// The fields of AWS for a checked expression: minute, hour, day of the month, month, day of the week, year. `None`
/// where it names days of the month and of the week, either of which is enough: AWS has no such schedule.
pub fn translate(text: &str) -> Option<String> {
    let text = descriptor(text).unwrap_or(text);
    let parts: Vec<&str> = text.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = parts.as_slice() else { return None };
    let numbers = |index: usize, part: &str| {
        let field = &FIELDS[index];
        let set = field.set(part)?;
        // A week begins with 1 at AWS.
        let shift = u32::from(index == 4);
        let all = field.last - field.first + 1;
        let found: Vec<u32> =
            (field.first..=field.last).filter(|n| set & (1 << n) != 0).map(|n| n + shift).collect();
        Some(if found.len() == all as usize { "*".to_string() } else { ranges(&found) })
    };
    let is_any = |part: &str| matches!(part, "*" | "?" | "*/1" | "?/1");
    let (day, weekday) = match (is_any(day), is_any(weekday)) {
        (true, true) => ("*".to_string(), "?".to_string()),
        (false, true) => (numbers(2, day)?, "?".to_string()),
        (true, false) => ("?".to_string(), numbers(4, weekday)?),
        (false, false) => return None,
    };
    Some(format!("{} {} {day} {} {weekday} *", numbers(0, minute)?, numbers(1, hour)?, numbers(3, month)?))
}

/// Ascending numbers as a list of numbers and ranges.
fn ranges(numbers: &[u32]) -> String {
    let mut parts: Vec<(u32, u32)> = Vec::new();
    for number in numbers {
        match parts.last_mut() {
            Some((_, last)) if *last + 1 == *number => *last = *number,
            _ => parts.push((*number, *number)),
        }
    }
    let text = |(first, last): &(u32, u32)| match last - first {
        0 => first.to_string(),
        1 => format!("{first},{last}"),
        _ => format!("{first}-{last}"),
    };
    parts.iter().map(text).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::translate;

    #[test]
    fn an_expression_has_six_fields_at_aws() {
        for (cron, aws) in [
            ("30 3 * * *", "30 3 * * ? *"),
            ("*/15 * * * *", "0,15,30,45 * * * ? *"),
            ("0 9-17 * * MON-FRI", "0 9-17 ? * 2-6 *"),
            ("0 0 1 */3 *", "0 0 1 1,4,7,10 ? *"),
            ("5 4 * * 0", "5 4 ? * 1 *"),
            ("5 4 ? jan,feb sat", "5 4 ? 1,2 7 *"),
            ("0 12 */2 * *", "0 12 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31 * ? *"),
            ("1/20 0 * * 0-6", "1,21,41 0 ? * * *"),
            ("@daily", "0 0 * * ? *"),
            ("@weekly", "0 0 ? * 1 *"),
            ("@yearly", "0 0 1 1 ? *"),
            ("@hourly", "0 * * * ? *"),
        ] {
            assert_eq!(translate(cron).as_deref(), Some(aws), "{cron}");
        }
    }

    #[test]
    fn days_of_the_month_or_of_the_week_are_no_schedule_there() {
        for cron in ["0 0 1 * MON", "0 0 */2 * 1-5", "0 0 1 * 0-6"] {
            assert_eq!(translate(cron), None, "{cron}");
        }
    }
}
