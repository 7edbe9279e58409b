//! The pass over a file's trees: keys and their values, names and theirs, and the places that a structure
//! makes for secrets.

use std::ops::Range;

use crate::lint::finding::Tier;
use crate::lint::key::{Key, Says};
use crate::lint::literal::{literal, looks_random};
use crate::lint::raw::{Candidate, MOST, Raw, hidden, pass};
use crate::lint::region::content;
use crate::lint::rules::sealed_position::Position;
use crate::lint::rules::{
    named_secret, sealed_position, secret_argument, secret_manifest, secret_pair, secret_slot,
};
use crate::lint::syntax::Syntax;
use crate::source::node::{Kind, Map, Node, Scalar, Style};
use crate::source::schema::Schema;

/// A candidate with what a tree knows about it.
#[derive(Clone, Debug)]
pub struct Placed {
    /// The candidate.
    pub candidate: Candidate,
    /// The key or name that it belongs to.
    pub name: Option<String>,
    /// The value as it was read, where that isn't what stands in the text.
    pub read: Option<String>,
    /// Whether it counts only where the text has nothing of a known form, since escapes hide it there.
    pub unescaped: bool,
}

/// Passes over trees.
pub fn visit(text: &str, documents: &[Node], contract: Option<&Schema>) -> Vec<Placed> {
    let mut walk = Walk { text, found: Vec::new(), names: false };
    for document in documents {
        walk.node(document);
        if let Some(schema) = contract {
            let mut positions = Vec::new();
            sealed_position::visit(document, &schema.cursor(), &mut |node, position| {
                positions.push((node, position));
            });
            walk.positions(&positions);
        }
    }
    walk.found
}

struct Walk<'a> {
    text: &'a str,
    found: Vec<Placed>,
    /// Whether `secretKey` is the name of a key, as in an ExternalSecret.
    names: bool,
}

impl<'a> Walk<'a> {
    fn node(&mut self, node: &'a Node) {
        if self.found.len() >= MOST {
            return;
        }
        match &node.kind {
            Kind::Scalar(scalar) => self.escaped(node, scalar),
            Kind::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.node(item);
                    if let Some(next) = items.get(index + 1) {
                        self.option(item, next);
                    }
                }
            }
            Kind::Map(map) => self.map(map),
        }
    }

    fn map(&mut self, map: &'a Map) {
        let outer = self.names;
        let kind = map.get("kind").and_then(|entry| entry.value.as_text()).map(|text| &**text);
        if let Some(kind) = kind.filter(|_| map.contains_key("apiVersion")) {
            self.names = matches!(
                kind,
                "ExternalSecret"
                    | "ClusterExternalSecret"
                    | "PushSecret"
                    | "SecretStore"
                    | "ClusterSecretStore"
                    | "SecretProviderClass"
            );
            for (key, value) in secret_manifest::values(map) {
                self.whole(value, secret_manifest::CODE, Tier::Structure, "a value of a Secret", Some(key));
            }
        }
        for value in secret_slot::filled(map) {
            self.whole(value, secret_slot::CODE, Tier::Structure, "the value of a secret slot", None);
        }
        if let Some((name, says, value)) = secret_pair::pair(map) {
            self.value(value, says, secret_pair::CODE, name);
        }
        let has_remote = map.contains_key("remoteRef") || map.contains_key("objectName");
        for (key, entry) in map {
            let says = Key::read(key).filter(|says| !(says.is_locator && (has_remote || self.names)));
            if let Some(says) = says {
                self.entry(&entry.value, says, key);
            }
            if !is_encrypted(key, &entry.value) {
                self.node(&entry.value);
            }
        }
        self.names = outer;
    }

    /// The value of a key that announces a secret: a scalar, a list of some, or a declaration with a default.
    fn entry(&mut self, node: &'a Node, says: Key, key: &'a str) {
        match &node.kind {
            Kind::Scalar(_) => self.value(node, says, named_secret::CODE, key),
            Kind::List(items) => {
                for item in items {
                    let is_value =
                        says.says == Says::Password || item.as_text().is_some_and(|text| looks_random(text));
                    if is_value && item.as_scalar().is_some() {
                        self.value(item, says, named_secret::CODE, key);
                    }
                }
            }
            Kind::Map(map) => {
                for field in ["default", "Default", "value", "defaultValue"] {
                    if let Some(entry) = map.get(field).filter(|entry| entry.value.as_scalar().is_some()) {
                        self.value(&entry.value, says, named_secret::CODE, key);
                    }
                }
            }
        }
    }

    /// `- --password` and `- x`
    fn option(&mut self, item: &'a Node, next: &'a Node) {
        let Some(option) = item.as_text().filter(|text| text.starts_with('-') && text.len() < 64) else {
            return;
        };
        let key = option.trim_start_matches('-');
        let is_argument = next.as_text().is_some_and(|text| !text.starts_with('-'));
        if let Some(says) = Key::read(key).filter(|_| is_argument && !key.contains('=')) {
            self.value(next, says, secret_argument::CODE, option);
        }
    }

    /// Reports a scalar if it is a literal.
    fn value(&mut self, node: &'a Node, says: Key, rule: &'static str, name: &str) {
        let Some(scalar) = node.as_scalar().filter(|_| !node.is_null()) else { return };
        let Some(inner) = literal(&scalar.text, says) else { return };
        let place = content(self.text, node.span.range(), scalar.style);
        let is_verbatim = self.text.get(place.clone()) == Some(&*scalar.text);
        let is_part = inner.len() < scalar.text.trim().len();
        let (range, read) = if is_verbatim {
            (place.start + inner.start..place.start + inner.end, None)
        } else if is_part {
            (place, Some(scalar.text[inner].to_owned()))
        } else {
            (place, Some(scalar.text.to_string()))
        };
        self.push(range, read, rule, Tier::Name, "a secret", Some(name));
    }

    /// Holds the scalars of a document to what its schema says of their places.
    fn positions(&mut self, positions: &[(&'a Node, Position)]) {
        let names = positions.iter().filter(|(_, position)| *position == Position::Name);
        let mut names: Vec<Range<usize>> = names.map(|(node, _)| node.span.range()).collect();
        names.sort_unstable_by_key(|range| range.start);
        // What names a secret is none, whatever its key says; a form that is known still counts.
        self.found.retain(|placed| {
            let start = placed.candidate.range.start;
            let before = names.partition_point(|range| range.start <= start);
            let is_name = before.checked_sub(1).is_some_and(|at| start < names[at].end);
            placed.candidate.tier != Tier::Name || !is_name
        });
        for (node, position) in positions {
            if *position == Position::Open {
                self.whole(node, sealed_position::CODE, Tier::Structure, "a secret", None);
            }
        }
    }

    /// Reports a scalar.
    fn whole(&mut self, node: &Node, rule: &'static str, tier: Tier, what: &'static str, name: Option<&str>) {
        let Some(scalar) = node.as_scalar() else { return };
        let range = content(self.text, node.span.range(), scalar.style);
        self.push(range, Some(scalar.text.to_string()), rule, tier, what, name);
    }

    fn push(
        &mut self,
        range: Range<usize>,
        read: Option<String>,
        rule: &'static str,
        tier: Tier,
        what: &'static str,
        name: Option<&str>,
    ) {
        let candidate = Candidate { range, rule, tier, what, key: None };
        self.found.push(Placed { candidate, name: name.map(str::to_owned), read, unescaped: false });
    }

    /// What is known by its form only after escapes and line breaks are read.
    fn escaped(&mut self, node: &Node, scalar: &Scalar) {
        let range = content(self.text, node.span.range(), scalar.style);
        let source = self.text.get(range.clone()).unwrap_or_default();
        let is_escaped = scalar.style == Style::Double && source.contains('\\');
        let is_broken = source.contains('\n');
        if !is_escaped && !is_broken {
            return;
        }
        let mut found = Vec::new();
        if is_escaped || scalar.style != Style::Block {
            let Raw { found: inner, .. } = pass(&scalar.text, Syntax::Other, None);
            found.extend(inner.into_iter().filter(|candidate| candidate.tier == Tier::Known));
        }
        if is_broken && is_wrapped(&scalar.text) {
            let joined: String = scalar.text.split_whitespace().collect();
            found.extend(hidden(&joined, 2));
        }
        if let Some(first) = found.into_iter().next() {
            let candidate = Candidate { range, key: None, ..first };
            let read = Some(scalar.text.to_string());
            self.found.push(Placed { candidate, name: None, read, unescaped: true });
        }
    }
}

/// Whether a text is base64 on several lines.
fn is_wrapped(text: &str) -> bool {
    let is_base64 =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_');
    text.split_ascii_whitespace().all(|word| word.bytes().all(is_base64))
        && text.split_ascii_whitespace().next().is_some_and(|word| word.len() >= 40)
}

/// Whether what stands under a key is encrypted, and isn't just called so.
fn is_encrypted(key: &str, node: &Node) -> bool {
    // What kubeseal writes begins with the length of an RSA block.
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    let is_sealed = |node: &Node| {
        node.as_text()
            .is_none_or(|text| text.starts_with("Ag") && text.len() >= 24 && text.bytes().all(is_base64))
    };
    match key {
        "encryptedData" => node.as_map().is_none_or(|map| map.values().all(|entry| is_sealed(&entry.value))),
        _ => key == "sops",
    }
}
