//! What can be wrong with a way in: the facts and their words.

use super::words::{did_you_mean, listed};
use crate::source::diagnostic::Diagnostic;
use crate::source::span::Span;

/// What is wrong with an `ingress`.
#[derive(Debug)]
pub enum IngressFault {
    BadHost { span: Span },
    BadPath { span: Span },
    WithoutPort { span: Span, way: String, known: Vec<String> },
    UnknownPort { span: Span, name: String, known: Vec<String> },
    HiddenPort { span: Span, port: Span, name: String },
    Taken { span: Span, other: Span, host: Option<String>, path: String, apps: [String; 2] },
}

impl From<IngressFault> for Diagnostic {
    fn from(fault: IngressFault) -> Diagnostic {
        match fault {
            IngressFault::BadHost { span } => Diagnostic::error("bad-host", "this is no host name")
                .at(span, "")
                .help("a host is lowercase labels with dots between, such as `shop.example.com` or `*.example.com`; no address, no port")
                .help("without `host` the app is reached under every host"),
            IngressFault::BadPath { span } => Diagnostic::error("bad-ingress", "this is no path of a URL")
                .at(span, "")
                .help("it begins with `/`, and has no space, no `//`, no `%2F` and no segment `.` or `..`"),
            IngressFault::WithoutPort { span, way, known } => {
                let found =
                    Diagnostic::error("bad-ingress", format!("ingress `{way}` doesn't say which port it leads to"))
                        .at(span, "");
                if known.is_empty() {
                    return found.help("the app has no port that others reach: add `ports: { http: 8080 }`");
                }
                listed(found.help("add `port: NAME`"), &known, "the ports are")
            }
            IngressFault::UnknownPort { span, name, known } => {
                let found =
                    Diagnostic::error("bad-ingress", format!("there is no port `{name}`")).at(span, "named here");
                did_you_mean(found, &name, &known, "the ports are")
            }
            IngressFault::HiddenPort { span, port, name } => {
                Diagnostic::error("bad-ingress", format!("port `{name}` is hidden, so nothing from outside reaches it"))
                    .at(span, "the ingress leads here")
                    .at(port, "no Service shows it")
                    .help("take away `service: null`, or lead to another port")
            }
            IngressFault::Taken { span, other, host, path, apps: [app, before] } => {
                let host = host.map_or("every host".to_string(), |host| format!("`{host}`"));
                let who = if app == before { format!("twice to `{app}`") } else { format!("to `{before}` and to `{app}`") };
                Diagnostic::error("route-taken", format!("`{path}` of {host} leads {who}"))
                    .at(span, "here")
                    .at(other, "and here")
                    .help("give one of them another host, path or class, or take it away")
            }
        }
    }
}
