#![doc = include_str!("../../commands/codes/secret-slot.md")]

use crate::lint::placeholder::{is_placeholder, is_reference};
use crate::source::node::{Map, Node};

/// The rule's code.
pub const CODE: &str = "secret-slot";

/// The scalars of a mapping that fill a slot made for a secret with the secret itself: `secrets:` of an ECS
/// container, and `secrets:` of a Compose file.
pub fn filled(map: &Map) -> Vec<&Node> {
    let Some(entry) = map.iter().find(|(key, _)| key.eq_ignore_ascii_case("secrets")).map(|(_, entry)| entry)
    else {
        return Vec::new();
    };
    match (entry.value.as_list(), entry.value.as_map()) {
        (Some(items), _) => items.iter().filter_map(of_container).collect(),
        (_, Some(secrets)) if map.contains_key("services") => secrets
            .values()
            .filter_map(|secret| ["content", "value"].iter().find_map(|key| secret.value.get(key)))
            .filter(is_open)
            .collect(),
        _ => Vec::new(),
    }
}

/// An entry of an ECS container's `secrets`: a name, and where its value comes from.
fn of_container(item: &Node) -> Option<&Node> {
    let get = |names: [&str; 2]| names.into_iter().find_map(|name| item.get(name));
    get(["name", "Name"])?;
    if let Some(value) = get(["value", "Value"]) {
        return Some(value).filter(is_open);
    }
    let from = get(["valueFrom", "ValueFrom"])?;
    let text = from.as_text()?;
    let is_parameter = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-/:".contains(&byte));
    (!is_parameter && is_open(&from)).then_some(from)
}

fn is_open(node: &&Node) -> bool {
    node.as_text().is_some_and(|text| !text.is_empty() && !is_reference(text) && !is_placeholder(text))
}
