//! Times, sizes and numbers of processors, and that nothing asks for more than its limit.

use super::fact::Fact;
use super::inventory::{Entry, Inventory, at, plain};
use crate::manifest::draft::Datum;
use crate::manifest::validate::finding::{Fact as Any, Finding};
use crate::manifest::validate::spot::Spot;

/// A way from a service to a value.
type Way = &'static [&'static str];

const TIMES: [Way; 11] = [
    &["stop_grace_period"],
    &["healthcheck", "interval"],
    &["healthcheck", "timeout"],
    &["healthcheck", "start_period"],
    &["healthcheck", "start_interval"],
    &["deploy", "restart_policy", "delay"],
    &["deploy", "restart_policy", "window"],
    &["deploy", "update_config", "delay"],
    &["deploy", "update_config", "monitor"],
    &["deploy", "rollback_config", "delay"],
    &["deploy", "rollback_config", "monitor"],
];

const SIZES: [Way; 6] = [
    &["mem_limit"],
    &["mem_reservation"],
    &["memswap_limit"],
    &["shm_size"],
    &["deploy", "resources", "limits", "memory"],
    &["deploy", "resources", "reservations", "memory"],
];

const PROCESSORS: [Way; 3] =
    [&["cpus"], &["deploy", "resources", "limits", "cpus"], &["deploy", "resources", "reservations", "cpus"]];

/// What a container asks for, and what it may have at most: each in the ways in which it can be said.
const LIMITS: [(&str, [Way; 2], [Way; 2]); 2] = [
    ("memory", [SIZES[1], SIZES[5]], [SIZES[0], SIZES[4]]),
    ("cpus", [PROCESSORS[2]; 2], [PROCESSORS[0], PROCESSORS[1]]),
];

/// What can be said in two ways has to be the same in both.
const TWINS: [(&str, Way, Way); 3] = [
    ("mem_limit", SIZES[0], SIZES[4]),
    ("mem_reservation", SIZES[1], SIZES[5]),
    ("cpus", PROCESSORS[0], PROCESSORS[1]),
];

/// The units of a time, in the order in which they come.
const UNITS: [&str; 6] = ["h", "m", "s", "ms", "us", "ns"];

/// Checks the amounts of every service.
pub fn check(inventory: &Inventory<'_>, found: &mut Vec<Finding>) {
    for service in inventory.services.values() {
        for way in TIMES {
            if let Some(spot) = service.at(way)
                && plain(&spot).is_some_and(|text| !is_time(&text))
            {
                found.push(at(&spot, Fact::Text { expected: "a time such as `10s`, `1m30s` or `500ms`" }));
            }
        }
        for way in SIZES {
            let unlimited = way == SIZES[2];
            size(service.at(way).filter(|spot| !unlimited || !is_unlimited(spot)), found);
        }
        for way in PROCESSORS {
            let Some(spot) = service.at(way) else { continue };
            if is_known(&spot) && processors(&spot).is_none() {
                let expected = "a number of processors such as `0.5` or `2`";
                found.push(at(&spot, Fact::Amount { expected }));
            }
        }
        limits(service, found);
        twins(service, found);
    }
}

/// Checks a size.
pub fn size(spot: Option<Spot<'_>>, found: &mut Vec<Finding>) {
    if let Some(spot) = spot.filter(|spot| is_known(spot) && bytes(spot).is_none()) {
        let expected = "a size in bytes, or with one of the units `b`, `k`, `m` and `g`, such as `512m`";
        found.push(at(&spot, Fact::Amount { expected }));
    }
}

fn limits(service: &Entry<'_>, found: &mut Vec<Finding>) {
    for (resource, asks, limits) in LIMITS {
        let first = |ways: [Way; 2]| ways.into_iter().find_map(|way| service.at(way));
        let Some((ask, limit)) = first(asks).zip(first(limits)) else { continue };
        let amount = |spot: &Spot<'_>| if resource == "memory" { bytes(spot) } else { processors(spot) };
        if amount(&ask).zip(amount(&limit)).is_some_and(|(ask, limit)| ask > limit && limit > 0.0) {
            let fact = Any::RequestOverLimit { resource: resource.to_string() };
            found.push(Finding::at(&ask, fact).with(&limit));
        }
    }
}

fn twins(service: &Entry<'_>, found: &mut Vec<Finding>) {
    for (name, one, other) in TWINS {
        let Some((one, twin)) = service.at(one).zip(service.at(other)) else { continue };
        let amount = |spot: &Spot<'_>| if name == "cpus" { processors(spot) } else { bytes(spot) };
        if amount(&one).zip(amount(&twin)).is_some_and(|(one, twin)| one != twin) {
            found.push(at(&one, Fact::Exclusive { one: name, other: other.join(".") }).with(&twin));
        }
    }
}

/// Whether a value can be judged: it is no secret, and Compose doesn't replace anything in it.
fn is_known(spot: &Spot<'_>) -> bool {
    match spot.datum {
        Datum::Number(_) => true,
        Datum::Text(_) => plain(spot).is_some(),
        _ => false,
    }
}

fn is_unlimited(spot: &Spot<'_>) -> bool {
    spot.number() == Some(-1) || spot.datum.is_text("-1")
}

/// A number of bytes.
fn bytes(spot: &Spot<'_>) -> Option<f64> {
    if let Datum::Number(text) = spot.datum {
        return decimal(text);
    }
    let text = plain(spot)?.to_ascii_lowercase();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let exponent = match unit.strip_suffix('b').unwrap_or(unit) {
        "" => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        _ => return None,
    };
    Some(decimal(number)? * 1024_f64.powi(exponent))
}

/// A number of processors.
fn processors(spot: &Spot<'_>) -> Option<f64> {
    match spot.datum {
        Datum::Number(text) => decimal(text),
        _ => decimal(&plain(spot)?),
    }
}

/// `1`, `0.5`, `.5`.
fn decimal(text: &str) -> Option<f64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    text.parse().ok().filter(|_| is_plain)
}

/// `1h30m`: numbers with units, each unit once and the greater first.
fn is_time(text: &str) -> bool {
    let (mut rest, mut units) = (text, &UNITS[..]);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, behind) = rest.split_at(digits);
        let end = behind.find(|c: char| c.is_ascii_digit()).unwrap_or(behind.len());
        let (unit, next) = behind.split_at(end);
        let unit = if unit == "µs" { "us" } else { unit };
        let Some(position) = units.iter().position(|known| *known == unit) else { return false };
        if decimal(number).is_none() {
            return false;
        }
        (rest, units) = (next, &units[position + 1..]);
    }
    !text.is_empty()
}

#[cfg(test)]
mod tests {
    use super::is_time;

    #[test]
    fn times_are_numbers_with_units() {
        for text in ["10s", "1m30s", "1h", "500ms", "1.5s", "0s", "1h2m3s4ms5us"] {
            assert!(is_time(text), "{text}");
        }
        for text in ["", "10", "s", "10 s", "30s1m", "1d", "10s5", "1s1s", "-1s"] {
            assert!(!is_time(text), "{text}");
        }
    }
}
