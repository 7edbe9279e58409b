//! Ports: how they are written, and that no two services publish one port of the host.

// An address is a value: nothing here meets the network.
use core::net::IpAddr;
use std::ops::RangeInclusive;

use super::containers::{replicas, run_together};
use super::fact::Fact;
use super::inventory::{Entry, Inventory, Item, at, plain};
use crate::manifest::draft::Datum;
use crate::manifest::validate::finding::{Fact as Any, Finding};
use crate::manifest::validate::spot::Spot;

const SYNTAX: &str = "a port such as `80`, `8080:80`, `127.0.0.1:8080:80` or `53:53/udp`";
const PORT: &str = "a port from 1 to 65535";
const PORTS: &str = "a port from 1 to 65535, or a range of them such as `8000-8010`";

/// Ports of the host that a service takes for certain.
struct Published<'a, 'i> {
    service: &'i Entry<'a>,
    spot: Spot<'a>,
    address: Option<IpAddr>,
    protocol: Protocol,
    ports: RangeInclusive<u16>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Protocol {
    Tcp,
    Udp,
    Sctp,
}

/// What a port says: the ports of the host, if it publishes certain ones, where and how.
struct Port {
    address: Option<IpAddr>,
    protocol: Protocol,
    host: Option<RangeInclusive<u16>>,
}

/// Checks the ports of every service, alone and together.
pub fn check(inventory: &Inventory<'_>, found: &mut Vec<Finding>) {
    let mut published = Vec::new();
    for service in inventory.services.values() {
        let is_of_host = service.get("network_mode").is_some_and(|mode| mode.datum.is_text("host"));
        for Item { value: spot, .. } in service.items("ports") {
            let Some(Port { address, protocol, host: Some(ports) }) = read(&spot, found) else { continue };
            // What has the host's own network publishes nothing.
            if is_of_host {
                continue;
            }
            if replicas(service).is_some_and(|count| count > 1) {
                found.push(at(&spot, Fact::PortOfSeveral));
            }
            published.push(Published { service, spot, address, protocol, ports });
        }
        for Item { value: spot, .. } in service.items("expose") {
            let text = text_of(&spot);
            if text.is_some_and(|text| split_protocol(&text).and_then(|(ports, _)| range(ports)).is_none()) {
                found.push(at(&spot, Fact::Text { expected: PORTS }));
            }
        }
    }
    clashes(published, found);
}

/// Says each port that is taken already. In the order of their first ports only those can clash that are still
/// open.
fn clashes(mut published: Vec<Published<'_, '_>>, found: &mut Vec<Finding>) {
    published.sort_by_key(|port| (port.protocol, *port.ports.start()));
    let mut open: Vec<Published<'_, '_>> = Vec::new();
    for port in published {
        open.retain(|other| other.protocol == port.protocol && other.ports.end() >= port.ports.start());
        let clash = |other: &&Published<'_, '_>| {
            meet(other.address, port.address) && run_together(other.service, port.service)
        };
        if let Some(other) = open.iter().find(clash) {
            let place = |spot: &Spot<'_>| (spot.document, spot.steps());
            let (first, second) = if place(&port.spot) < place(&other.spot) {
                (&port.spot, &other.spot)
            } else {
                (&other.spot, &port.spot)
            };
            let number = port.ports.start().to_string();
            found.push(at(second, Fact::PortTaken { port: number }).with(first));
        }
        open.push(port);
    }
}

/// Whether what listens at both addresses would meet; without one it is all of them.
fn meet(one: Option<IpAddr>, other: Option<IpAddr>) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return true };
    one == other || (one.is_ipv4() == other.is_ipv4() && (one.is_unspecified() || other.is_unspecified()))
}

/// What a port says, if all of it is known. What is wrong with it is in `found`.
fn read(spot: &Spot<'_>, found: &mut Vec<Finding>) -> Option<Port> {
    match spot.datum {
        Datum::Map(_) => read_long(spot, found),
        Datum::Number(_) => {
            if text_of(spot).and_then(|text| number(&text)).is_none() {
                found.push(Finding::at(spot, Any::Range { least: 1, most: 65535 }));
            }
            None
        }
        _ => {
            let text = plain(spot)?;
            let port = read_short(&text);
            if port.is_none() {
                found.push(at(spot, Fact::Text { expected: SYNTAX }));
            }
            port
        }
    }
}

/// `[[ADDRESS:]HOST:]CONTAINER[/PROTOCOL]`.
fn read_short(text: &str) -> Option<Port> {
    let (text, protocol) = split_protocol(text)?;
    let (rest, container) = text.rsplit_once(':').map_or((None, text), |(rest, port)| (Some(rest), port));
    let container = range(container)?;
    let Some(rest) = rest else { return Some(Port { address: None, protocol, host: None }) };
    let (address, host) = match rest.rsplit_once(':') {
        Some((address, host)) => (Some(address_of(address)?), host),
        None => (None, rest),
    };
    if host.is_empty() {
        return address.map(|address| Port { address: Some(address), protocol, host: None });
    }
    let host = range(host)?;
    if host.len() != container.len() && container.len() != 1 {
        return None;
    }
    // Of a range for one port, any that is free is taken.
    let host = (host.len() == container.len()).then_some(host);
    Some(Port { address, protocol, host })
}

fn read_long(spot: &Spot<'_>, found: &mut Vec<Finding>) -> Option<Port> {
    let text = |key: &str| spot.get(key).and_then(|value| Some((value, text_of(&value)?)));
    if let Some((target, text)) = text("target")
        && number(&text).is_none()
    {
        found.push(at(&target, Fact::Text { expected: PORT }));
    }
    let address = text("host_ip").map(|(spot, text)| (spot, address_of(&text)));
    if let Some((spot, None)) = &address {
        found.push(at(spot, Fact::Text { expected: "an IP address" }));
    }
    let protocol = text("protocol").map(|(spot, text)| (spot, protocol_of(&text)));
    if let Some((spot, None)) = &protocol {
        found.push(at(spot, Fact::Text { expected: "`tcp`, `udp` or `sctp`" }));
    }
    let ports = text("published").map(|(spot, text)| (spot, range(&text), text));
    if let Some((spot, None, _)) = ports.as_ref().filter(|(.., text)| text != "0") {
        found.push(at(spot, Fact::Text { expected: PORTS }));
    }
    // Of a range for one port, any that is free is taken.
    let host = ports.and_then(|(_, ports, _)| ports).filter(|ports| ports.len() == 1);
    // What can't be read, or isn't known, publishes nothing for certain.
    let address = match (address, spot.get("host_ip")) {
        (Some((_, address)), _) => Some(address?),
        (None, Some(_)) => return None,
        (None, None) => None,
    };
    let protocol = match (protocol, spot.get("protocol")) {
        (Some((_, protocol)), _) => protocol?,
        (None, Some(_)) => return None,
        (None, None) => Protocol::Tcp,
    };
    Some(Port { address, protocol, host })
}

/// The text of a string or number that is known.
fn text_of(spot: &Spot<'_>) -> Option<String> {
    match spot.datum {
        Datum::Number(text) => Some(text.to_string()),
        _ => plain(spot).map(|text| text.into_owned()),
    }
}

fn split_protocol(text: &str) -> Option<(&str, Protocol)> {
    match text.split_once('/') {
        Some((ports, protocol)) => Some((ports, protocol_of(protocol)?)),
        None => Some((text, Protocol::Tcp)),
    }
}

fn protocol_of(text: &str) -> Option<Protocol> {
    match text.to_ascii_lowercase().as_str() {
        "tcp" => Some(Protocol::Tcp),
        "udp" => Some(Protocol::Udp),
        "sctp" => Some(Protocol::Sctp),
        _ => None,
    }
}

fn address_of(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    bare.unwrap_or(text).parse().ok()
}

fn range(text: &str) -> Option<RangeInclusive<u16>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (number(first)?, number(last)?);
    (first <= last).then_some(first..=last)
}

fn number(text: &str) -> Option<u16> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| *number > 0 && is_plain)
}

#[cfg(test)]
mod tests {
    use super::{meet, read_short};

    #[test]
    fn ports_are_written_in_these_ways() {
        for text in [
            "80",
            "8000-8010",
            "8080:80",
            "8000-8010:80",
            "8000-8001:80-81",
            "127.0.0.1:8080:80",
            "127.0.0.1::80",
            "[::1]:8080:80",
            "53:53/udp",
        ] {
            assert!(read_short(text).is_some(), "{text}");
        }
        for text in ["", "http", "0", "65536:80", "80:", ":80", "80/http", "8010-8000", "1-2:1-3", "x:80:80"]
        {
            assert!(read_short(text).is_none(), "{text}");
        }
    }

    #[test]
    fn addresses_meet_where_one_is_all() {
        let address = |text: &str| Some(text.parse().unwrap());
        assert!(meet(None, address("127.0.0.1")));
        assert!(meet(address("0.0.0.0"), address("127.0.0.1")));
        assert!(!meet(address("127.0.0.2"), address("127.0.0.1")));
        assert!(!meet(address("0.0.0.0"), address("::1")));
        assert!(meet(address("::"), address("::1")));
    }
}
