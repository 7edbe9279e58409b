//! What stands for a mapping or list that nobody wrote: empty, and told from one that was written empty, which
//! means something where Kubernetes reads it (`namespaceSelector: {}` is every namespace).

use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr, Value};

/// A mapping or list that is there only so that templates can ask for it.
#[derive(Debug)]
pub struct Absent(ObjectRepr);

impl Absent {
    /// A mapping.
    pub fn map() -> Value {
        Value::from_object(Absent(ObjectRepr::Map))
    }

    /// A list.
    pub fn list() -> Value {
        Value::from_object(Absent(ObjectRepr::Seq))
    }

    /// Whether nobody wrote this: an absent mapping or list, or none, which stands for an absent scalar.
    pub fn is(value: &Value) -> bool {
        value.is_none() || value.downcast_object_ref::<Absent>().is_some()
    }
}

impl Object for Absent {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        self.0
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Empty
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_wrote_is_empty_and_not_the_same_as_what_was_written_empty() {
        for value in [Absent::map(), Absent::list()] {
            assert!(Absent::is(&value) && !value.is_true() && value.len() == Some(0));
        }
        let written = Value::from_pairs(std::iter::empty::<(String, Value)>());
        assert!(!Absent::is(&written) && !Absent::is(&Value::from(Vec::<Value>::new())));
    }
}
