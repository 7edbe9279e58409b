//! The secrets that templates find under `secrets`: those that are resolved. What else they ask for there is
//! remembered, so that a template that fails for want of it can be told from one that only asks.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indexmap::IndexMap;
use minijinja::value::{Enumerator, Object, Value};

use crate::manifest::opaque::{Opaque, Poison};
use crate::source::nearest::nearest;
use crate::source::span::Span;

/// How many names are remembered that weren't there: the last ones.
const MAX_MISSED: usize = 16;

/// The secrets of a unit that are resolved, by name.
#[derive(Debug)]
pub struct Resolved {
    secrets: IndexMap<Arc<str>, Value>,
    /// Where each is declared that the platform dereferences instead.
    native: Arc<HashMap<Arc<str>, Span>>,
    missed: Mutex<Vec<Arc<str>>>,
}

/// Why a secret isn't among those that are resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The platform dereferences it itself; it is declared there.
    Native(Span),
    /// The app declares none of that name, but these.
    Undeclared {
        /// The one that was meant, if one is close.
        near: Option<String>,
        /// All of them, in order.
        known: Vec<String>,
    },
}

impl Resolved {
    /// Those of a unit, in the order of declaration, and where those are declared that the platform dereferences.
    pub fn new(secrets: IndexMap<Arc<str>, Value>, native: HashMap<Arc<str>, Span>) -> Self {
        Resolved { secrets, native: native.into(), missed: Mutex::default() }
    }

    /// The same with one more, under which a template finds something that has no value.
    pub fn with(&self, name: &Arc<str>) -> Self {
        let mut secrets = self.secrets.clone();
        secrets.insert(name.clone(), Opaque::value(String::new(), &Arc::<Poison>::default()));
        Resolved { secrets, native: self.native.clone(), missed: Mutex::default() }
    }

    /// Forgets what was asked for.
    pub fn forget(&self) {
        self.lock().clear();
    }

    /// The names that were asked for and weren't there, the last one first.
    pub fn missed(&self) -> Vec<Arc<str>> {
        self.lock().iter().rev().cloned().collect()
    }

    /// Why there is none of a name.
    pub fn why(&self, name: &str) -> Missing {
        if let Some(span) = self.native.get(name) {
            return Missing::Native(*span);
        }
        let mut known: Vec<&str> =
            self.secrets.keys().chain(self.native.keys()).map(|name| &**name).collect();
        known.sort_unstable();
        Missing::Undeclared {
            near: nearest(name, known.iter().copied()).map(str::to_string),
            known: known.into_iter().map(str::to_string).collect(),
        }
    }

    fn miss(&self, name: &str) {
        let mut missed = self.lock();
        missed.retain(|earlier| **earlier != *name);
        if missed.len() == MAX_MISSED {
            missed.remove(0);
        }
        missed.push(name.into());
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<str>>> {
        self.missed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Object for Resolved {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let found = self.secrets.get(key).cloned();
        if found.is_none() {
            self.miss(key);
        }
        found
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.secrets.keys().map(|name| Value::from(&**name)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::span::FileId;

    fn resolved() -> Arc<Resolved> {
        let span = Span::new(FileId(0), 3, 9);
        let secrets = IndexMap::from([(Arc::from("B"), Value::from(1)), (Arc::from("A"), Value::from(2))]);
        Arc::new(Resolved::new(secrets, HashMap::from([(Arc::from("PASSWORD"), span)])))
    }

    #[test]
    fn it_is_a_mapping_in_the_order_of_declaration() {
        let value = Value::from_dyn_object(resolved());
        let names: Vec<String> = value.try_iter().unwrap().map(|name| name.to_string()).collect();
        assert_eq!(names, ["B", "A"]);
        assert_eq!(value.len(), Some(2));
        assert!(value.is_true());
        let none = Resolved::new(IndexMap::new(), HashMap::new());
        assert!(!Value::from_object(none).is_true());
    }

    #[test]
    fn what_is_missing_is_remembered_once_the_last_first_and_not_without_end() {
        let resolved = resolved();
        for name in ["X", "B", "Y", "X"] {
            resolved.get_value(&Value::from(name));
        }
        assert_eq!(resolved.missed(), [Arc::from("X"), Arc::from("Y")]);
        for index in 0..100 {
            resolved.get_value_by_str(&format!("N{index}"));
        }
        assert_eq!((resolved.missed().len(), &*resolved.missed()[0]), (MAX_MISSED, "N99"));
        resolved.forget();
        assert!(resolved.missed().is_empty());
        assert!(Arc::new(resolved.with(&Arc::from("Z"))).get_value_by_str("Z").is_some());
    }

    #[test]
    fn what_is_missing_is_native_or_nowhere() {
        let resolved = resolved();
        assert!(matches!(resolved.why("PASSWORD"), Missing::Native(_)));
        let Missing::Undeclared { near, known } = resolved.why("PASWORD") else {
            panic!("it is declared nowhere")
        };
        assert_eq!((near.as_deref(), known.join(" ")), (Some("PASSWORD"), "A B PASSWORD".to_string()));
    }
}
