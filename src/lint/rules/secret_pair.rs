#![doc = include_str!("../../commands/codes/secret-pair.md")]

use std::sync::Arc;

use crate::lint::key::Key;
use crate::lint::pair::{holds_name, holds_value};
use crate::source::node::{Map, Node};

/// The rule's code.
pub const CODE: &str = "secret-pair";

/// The two halves of a pair in a mapping: the name, what it says, and the value.
pub fn pair(map: &Map) -> Option<(&Arc<str>, Key, &Node)> {
    if map.len() > 12 {
        return None;
    }
    let (_, name) = map.iter().find(|(key, entry)| holds_name(key) && entry.value.as_text().is_some())?;
    let name = name.value.as_text()?;
    let (_, value) = map.iter().find(|(key, _)| holds_value(key))?;
    Some((name, Key::read(name)?, &value.value))
}
