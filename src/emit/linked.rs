//! How a linked document is written, in whatever form.

use std::sync::Arc;

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use crate::link::linked::Linked;
use crate::source::gather::Layer;
use crate::source::yaml_writer::{Quoted, serialize_number};

impl Serialize for Linked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Linked::Null => serializer.serialize_unit(),
            Linked::Bool(value) => serializer.serialize_bool(*value),
            Linked::Number(text) => serialize_number(text, serializer),
            Linked::Text(text) => serializer.serialize_str(text),
            // The style never depends on the value.
            Linked::Secret(text) => Quoted(text).serialize(serializer),
            Linked::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(item))?;
                list.end()
            }
            Linked::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                entries.iter().try_for_each(|(key, value)| map.serialize_entry(&**key, value))?;
                map.end()
            }
        }
    }
}

impl Layer for &Linked {
    fn entries(self) -> Option<Vec<(Arc<str>, Self)>> {
        match self {
            Linked::Map(entries) => Some(entries.iter().map(|(key, value)| (key.clone(), value)).collect()),
            _ => None,
        }
    }
}
