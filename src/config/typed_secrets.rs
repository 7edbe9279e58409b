//! Typed Secrets: objects that Kubernetes reads itself, made of declared secrets, each named by its field.

use std::collections::HashSet;

use super::fault::Fault;
use super::layered::Layered;
use super::secret::Secrets;
use super::stack::Stack;
use super::tree::Tree;
use crate::source::diagnostic::Diagnostics;

/// The types, with the fields that each takes; all are needed.
const TYPES: [(&str, &[&str]); 4] = [
    ("dockerconfigjson", &["server", "username", "password"]),
    ("tls", &["certificate", "key"]),
    ("basic-auth", &["username", "password"]),
    ("ssh-auth", &["key"]),
];
/// The fields that name a declared secret.
const NAMES: [&str; 3] = ["password", "certificate", "key"];

/// The secrets that the typed ones of a unit name. Without an `env:` of its own such a secret becomes no
/// variable.
pub fn named(stack: &Stack) -> HashSet<&str> {
    let typed = stack.tree.get("typedSecrets").into_iter().flat_map(Layered::entries);
    let mut names = HashSet::new();
    for (_, entry) in typed {
        let username = entry.get("username").and_then(|username| username.get("secret"));
        let fields = NAMES.iter().filter_map(|field| entry.get(field)).chain(username);
        names.extend(fields.filter_map(|node| node.as_scalar().map(|scalar| &*scalar.text)));
    }
    names
}

/// The same names of a checked workload.
pub fn names(workload: &Tree) -> HashSet<&str> {
    let typed = workload.get("typedSecrets").and_then(Tree::as_map);
    let mut names = HashSet::new();
    for entry in typed.into_iter().flat_map(|typed| typed.values()) {
        let username = entry.get("username").and_then(|username| username.get("secret"));
        let fields = NAMES.iter().filter_map(|field| entry.get(field)).chain(username);
        names.extend(fields.filter_map(|tree| tree.as_text().map(|text| &**text)));
    }
    names
}

/// Checks the typed Secrets of a checked workload: each has the fields of its type, and names what is there.
pub fn check(workload: &Tree, secrets: &Secrets, out: &mut Diagnostics) {
    let typed = workload.get("typedSecrets").and_then(Tree::as_map);
    for (name, entry) in typed.into_iter().flatten() {
        let mut fault = |span, fault| out.push(Fault::TypedSecret { span, name: name.to_string(), fault });
        let Some(ty) = entry.get("type").and_then(Tree::as_text) else {
            fault(entry.origin.span, TypedFault::NoType);
            continue;
        };
        // Another type, the schema has refused.
        let Some((ty, fields)) = TYPES.iter().find(|(known, _)| *known == &**ty) else { continue };
        for field in fields.iter().filter(|field| entry.get(field).is_none()) {
            fault(entry.origin.span, TypedFault::Lacks { ty, field });
        }
        for (field, value) in entry.as_map().into_iter().flatten().filter(|(key, _)| &***key != "type") {
            if !fields.contains(&&**field) {
                fault(value.origin.span, TypedFault::Foreign { ty, field: field.to_string(), fields });
            }
        }
        let username = entry.get("username");
        let (text, secret) = (username.and_then(|u| u.get("text")), username.and_then(|u| u.get("secret")));
        match (username, text, secret) {
            (Some(username), None, None) => fault(username.origin.span, TypedFault::NoUsername),
            (_, Some(_), Some(secret)) => fault(secret.origin.span, TypedFault::TwoUsernames),
            _ => {}
        }
        for node in NAMES.iter().filter_map(|field| entry.get(field)).chain(secret) {
            let is_declared = |text: &str| secrets.iter().any(|(_, s)| !s.shared && &*s.name == text);
            if !node.as_text().is_some_and(|text| is_declared(text)) {
                let known = secrets.iter().filter(|(_, s)| !s.shared).map(|(_, s)| s.name.to_string());
                fault(node.origin.span, TypedFault::NoSecret { known: known.collect() });
            }
        }
    }
}

/// What can be wrong with a typed Secret. None says what stands in a field: it could be the value itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words say what each is")]
pub enum TypedFault {
    NoType,
    Lacks { ty: &'static str, field: &'static str },
    Foreign { ty: &'static str, field: String, fields: &'static [&'static str] },
    NoUsername,
    TwoUsernames,
    NoSecret { known: Vec<String> },
}
