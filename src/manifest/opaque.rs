//! Secrets as templates see them: objects that can be named, composed and encoded, and nothing else.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering as Memory};

use minijinja::value::{DynObject, Enumerator, Object, ObjectRepr, Value};
use minijinja::{Error, ErrorKind, State};

use super::decisions::Decision;

/// A secret, an encoded secret, or the rollout token of a unit: prints its token and refuses every
/// other operation.
pub struct Opaque {
    token: String,
    poison: Arc<Poison>,
}

/// Whether a template asked something of a secret that has no way to fail. The render is refused
/// afterwards.
#[derive(Debug, Default)]
pub struct Poison(AtomicU8);

const NOTHING: u8 = 0;
const TRUTH: u8 = 1;
const COMPARISON: u8 = 2;

impl Poison {
    /// What was asked first, if anything was.
    pub fn decision(&self) -> Option<Decision> {
        match self.0.load(Memory::Relaxed) {
            NOTHING => None,
            TRUTH => Some(Decision::Truth),
            _ => Some(Decision::Compare),
        }
    }

    /// Forgets it, so that a render can be tried again.
    pub fn clear(&self) {
        self.0.store(NOTHING, Memory::Relaxed);
    }

    fn set(&self, question: u8) {
        let _ = self.0.compare_exchange(NOTHING, question, Memory::Relaxed, Memory::Relaxed);
    }
}

impl Opaque {
    /// The object that prints `token`.
    pub fn value(token: String, poison: &Arc<Poison>) -> Value {
        Value::from_object(Opaque { token, poison: poison.clone() })
    }

    /// The token.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// What remembers that a render went wrong.
    pub fn poison(&self) -> &Arc<Poison> {
        &self.poison
    }
}

impl fmt::Debug for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

/// The error for an operation that would need the value.
pub fn refused(operation: &str) -> Error {
    Error::new(
        ErrorKind::InvalidOperation,
        format!("{operation} a secret isn't possible: its value isn't known while templates run"),
    )
}

impl Object for Opaque {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, _key: &Value) -> Option<Value> {
        Some(Value::from(refused("indexing")))
    }

    fn get_value_by_str(self: &Arc<Self>, _key: &str) -> Option<Value> {
        Some(Value::from(refused("reading an attribute of")))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        None
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.poison.set(TRUTH);
        false
    }

    fn custom_cmp(self: &Arc<Self>, _other: &DynObject) -> Option<Ordering> {
        self.poison.set(COMPARISON);
        Some(Ordering::Less)
    }

    fn call(self: &Arc<Self>, _state: &mut State<'_, '_>, _args: &[Value]) -> Result<Value, Error> {
        Err(refused("calling"))
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        _method: &str,
        _args: &[Value],
    ) -> Result<Value, Error> {
        Err(refused("calling a method of"))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.token)
    }
}
