//! Documents that are laid together to one: mappings key by key, the rest as the last of them says it.

use std::sync::Arc;

use indexmap::IndexMap;
use serde::ser::{Serialize, SerializeMap, Serializer};

/// What can be laid together: a value that tells whether it is a mapping.
pub trait Layer: Serialize + Copy {
    /// The entries of a mapping.
    fn entries(self) -> Option<Vec<(Arc<str>, Self)>>;
}

/// Several documents as one. What contradicts itself was refused when they were validated.
pub enum Gathered<T> {
    /// What one of them says.
    One(T),
    /// A mapping of which several have a part.
    Map(IndexMap<Arc<str>, Gathered<T>>),
}

impl<T: Layer> Gathered<T> {
    /// These documents as one.
    pub fn of(documents: impl IntoIterator<Item = T>) -> Option<Gathered<T>> {
        let mut documents = documents.into_iter();
        let mut all = Gathered::One(documents.next()?);
        for document in documents {
            all.add(document);
        }
        Some(all)
    }

    fn add(&mut self, layer: T) {
        let Some(entries) = layer.entries() else {
            *self = Gathered::One(layer);
            return;
        };
        if let Gathered::One(own) = self {
            let own = own.entries().unwrap_or_default().into_iter();
            *self = Gathered::Map(own.map(|(key, value)| (key, Gathered::One(value))).collect());
        }
        let Gathered::Map(map) = self else { unreachable!("it was made a mapping above") };
        for (key, value) in entries {
            match map.get_mut(&key) {
                Some(below) => below.add(value),
                None => {
                    map.insert(key, Gathered::One(value));
                }
            }
        }
    }
}

impl<T: Layer> Serialize for Gathered<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Gathered::One(value) => value.serialize(serializer),
            Gathered::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                entries.iter().try_for_each(|(key, value)| map.serialize_entry(&**key, value))?;
                map.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {

    use super::*;

    #[derive(Clone, Copy)]
    struct Json<'a>(&'a serde_json::Value);

    impl Serialize for Json<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            self.0.serialize(serializer)
        }
    }

    impl Layer for Json<'_> {
        fn entries(self) -> Option<Vec<(Arc<str>, Self)>> {
            let map = self.0.as_object()?;
            Some(map.iter().map(|(key, value)| (key.as_str().into(), Json(value))).collect())
        }
    }

    #[test]
    fn mappings_are_laid_together_and_keep_the_order_of_their_first_keys() {
        let texts = [
            r#"{"name": "shop", "services": {"a": {"x": [1]}}}"#,
            r#"{"name": "shop", "services": {"b": {}}}"#,
            r#"{"services": {"a": {"y": 2}}, "volumes": {"v": null}}"#,
        ];
        let values: Vec<serde_json::Value> =
            texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
        let all = Gathered::of(values.iter().map(Json)).unwrap();
        let text = serde_json::to_string(&all).unwrap();
        assert_eq!(text, r#"{"name":"shop","services":{"a":{"x":[1],"y":2},"b":{}},"volumes":{"v":null}}"#);
    }

    #[test]
    fn one_alone_stays_as_it_is() {
        let value = serde_json::json!({"b": 1, "a": [2]});
        assert_eq!(serde_json::to_string(&Gathered::of([Json(&value)]).unwrap()).unwrap(), value.to_string());
        assert!(Gathered::of(std::iter::empty::<Json<'_>>()).is_none());
    }
}
