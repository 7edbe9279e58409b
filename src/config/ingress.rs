//! The ways in from outside: which hosts and paths lead to which port of an app.

use std::collections::HashMap;
use std::sync::Arc;

use indexmap::IndexMap;

use super::check::Config;
use super::ingress_fault::IngressFault;
use super::name::is_dns_label;
use super::tree::{Tree, TreeKind};
use crate::source::diagnostic::Diagnostics;
use crate::source::span::Span;

/// The longest host name.
const MAX_HOST: usize = 253;

/// A port of an app, and whether other units reach it.
struct Port {
    name: Arc<str>,
    shown: bool,
    span: Span,
}

/// Completes the `ingress` of a workload in place: all hosts stand in `hosts`; path, kind of path and port
/// are there.
pub fn complete(workload: &mut Tree, out: &mut Diagnostics) {
    let ports = ports(workload);
    let Some(ways) = workload.as_map_mut().and_then(|map| map.get_mut("ingress")).and_then(Tree::as_map_mut)
    else {
        return;
    };
    for (name, way) in ways.iter_mut() {
        let origin = way.origin;
        let Some(map) = way.as_map_mut() else { continue };
        hosts(map, out);
        let path = map.entry("path".into()).or_insert_with(|| Tree::text("/", origin));
        if !path.as_text().is_some_and(|path| is_path(path)) {
            out.push(IngressFault::BadPath { span: path.origin.span });
        }
        map.entry("pathType".into()).or_insert_with(|| Tree::text("Prefix", origin));
        if map.get("tls").is_some_and(|tls| matches!(tls.kind, TreeKind::Bool(false))) {
            map.shift_remove("tls");
        }
        match port(map.get("port"), &ports, name, origin.span) {
            Ok(port) => {
                map.entry("port".into()).or_insert_with(|| Tree::text(port, origin));
            }
            Err(fault) => out.push(fault),
        }
    }
}

/// Checks that no request could lead to two apps: each host, path and class is taken once in an
/// environment.
pub fn check_routes(configs: &[Arc<Config>], out: &mut Diagnostics) {
    let mut taken: HashMap<(&str, Route), (&Config, Span)> = HashMap::new();
    for config in configs {
        for way in
            config.workload.get("ingress").and_then(Tree::as_map).into_iter().flat_map(IndexMap::values)
        {
            for (route, span) in routes(way) {
                let environment = config.unit.environment.as_str();
                let shown = (route.host.clone(), route.path.clone());
                if let Some((other, at)) = taken.insert((environment, route), (config, span)) {
                    out.push(IngressFault::Taken {
                        span,
                        other: at,
                        host: shown.0.map(|host| host.to_string()),
                        path: shown.1.to_string(),
                        apps: [&config.unit, &other.unit].map(|unit| unit.app.clone()),
                    });
                }
            }
        }
    }
}

/// What a request is told apart by. A path that is compared exactly may stand beside a prefix of the same
/// text: the exact one is preferred.
#[derive(PartialEq, Eq, Hash)]
struct Route {
    class: Option<Arc<str>>,
    host: Option<Arc<str>>,
    path: Arc<str>,
    kind: Option<Arc<str>>,
}

/// The routes of a completed way in, each with the place of its host.
fn routes(way: &Tree) -> Vec<(Route, Span)> {
    let text = |key: &str| way.get(key).and_then(Tree::as_text).cloned();
    let (class, kind) = (text("class"), text("pathType"));
    let path = text("path").unwrap_or_default();
    // `/cart` and `/cart/` are the same prefix.
    let path = match kind.as_deref() {
        Some("Prefix") if path.len() > 1 => path.trim_end_matches('/').into(),
        _ => path,
    };
    let route = |host| Route { class: class.clone(), host, path: path.clone(), kind: kind.clone() };
    match way.get("hosts").map(|hosts| &hosts.kind) {
        Some(TreeKind::List(hosts)) if !hosts.is_empty() => {
            hosts.iter().map(|host| (route(host.as_text().cloned()), host.origin.span)).collect()
        }
        _ => vec![(route(None), way.origin.span)],
    }
}

/// Puts `host` before what `hosts` says.
fn hosts(map: &mut IndexMap<Arc<str>, Tree>, out: &mut Diagnostics) {
    let first = map.shift_remove("host");
    let rest = map.shift_remove("hosts");
    let Some(origin) = first.as_ref().or(rest.as_ref()).map(|tree| tree.origin) else { return };
    let rest = match rest.map(|rest| rest.kind) {
        Some(TreeKind::List(items)) => items,
        _ => Vec::new(),
    };
    let all: Vec<Tree> = first.into_iter().chain(rest).collect();
    for host in &all {
        if !host.as_text().is_some_and(|host| is_host(host)) {
            out.push(IngressFault::BadHost { span: host.origin.span });
        }
    }
    map.insert("hosts".into(), Tree { kind: TreeKind::List(all), origin });
}

/// The port that a way in leads to: the one that it names, or the only one that a Service shows.
fn port(named: Option<&Tree>, ports: &[Port], way: &str, span: Span) -> Result<Arc<str>, IngressFault> {
    let known = || ports.iter().filter(|port| port.shown).map(|port| port.name.to_string()).collect();
    let Some(named) = named else {
        let mut shown = ports.iter().filter(|port| port.shown);
        return match (shown.next(), shown.next()) {
            (Some(port), None) => Ok(port.name.clone()),
            _ => Err(IngressFault::WithoutPort { span, way: way.to_string(), known: known() }),
        };
    };
    let name = named.as_text().cloned().unwrap_or_default();
    let span = named.origin.span;
    match ports.iter().find(|port| port.name == name) {
        Some(port) if port.shown => Ok(name),
        Some(port) => Err(IngressFault::HiddenPort { span, port: port.span, name: name.to_string() }),
        None => Err(IngressFault::UnknownPort { span, name: name.to_string(), known: known() }),
    }
}

/// The ports of all containers; a Service shows those of sidecars too.
fn ports(workload: &Tree) -> Vec<Port> {
    let sidecars = workload.get("sidecars").and_then(Tree::as_map);
    let containers = std::iter::once(workload).chain(sidecars.into_iter().flat_map(IndexMap::values));
    containers
        .flat_map(|container| container.get("ports").and_then(Tree::as_map).into_iter().flatten())
        .map(|(name, port)| Port {
            name: name.clone(),
            shown: port.get("service").is_some(),
            span: port.origin.span,
        })
        .collect()
}

/// Whether a text is a host name in lowercase, of which the first label may be `*`.
fn is_host(text: &str) -> bool {
    let labels = text.strip_prefix("*.").unwrap_or(text);
    // What looks like an address is one, and an ingress has names alone.
    let is_address = labels.split('.').all(|label| label.bytes().all(|b| b.is_ascii_digit()));
    text.len() <= MAX_HOST && !is_address && labels.split('.').all(is_dns_label)
}

/// Whether a text is a path as Kubernetes takes it: absolute, and nothing in it that servers would resolve
/// in different ways.
fn is_path(text: &str) -> bool {
    let is_plain = |c: char| !c.is_control() && !c.is_whitespace();
    let lower = text.to_ascii_lowercase();
    text.starts_with('/')
        && text.chars().all(is_plain)
        && !lower.contains("//")
        && !lower.contains("%2f")
        && text.split('/').all(|segment| !matches!(segment, "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::{is_host, is_path};

    #[test]
    fn hosts_are_lowercase_names_with_at_most_one_star() {
        for good in ["shop.example.com", "*.example.com", "localhost", "a-1.b"] {
            assert!(is_host(good), "{good}");
        }
        let long = format!("{}.com", ["x".repeat(63).as_str(); 4].join("."));
        for bad in [
            "",
            "*",
            "*.",
            "Shop.example.com",
            "a..b",
            "a.*.com",
            "a_b.com",
            "a.com.",
            "a.com:80",
            "10.0.0.1",
            "::1",
            &long,
        ] {
            assert!(!is_host(bad), "{bad}");
        }
    }

    #[test]
    fn paths_are_absolute_and_mean_one_thing() {
        for good in ["/", "/cart", "/cart/", "/a.b/..c", "/(.*)"] {
            assert!(is_path(good), "{good}");
        }
        for bad in ["", "cart", "/a//b", "/../a", "/a/..", "/a/./b", "/a%2Fb", "/a b", "/a\n"] {
            assert!(!is_path(bad), "{bad:?}");
        }
    }
}
