//! Documents that are broken at random, the same ones in every run.

use serde_json::{Value, json};

/// What breaks documents: a sequence of numbers (SplitMix64), and values that are odd in a document.
pub struct Breaker {
    state: u64,
    odd: Vec<Value>,
}

impl Breaker {
    /// One whose odd values have two of the platform's own among them.
    pub fn new(seed: u64, own: [Value; 2]) -> Breaker {
        let [text, word] = own;
        let odd = vec![
            json!(null),
            json!(true),
            json!(-1),
            json!(1.5),
            json!(70_000),
            json!(2.0),
            json!(""),
            json!("80"),
            text,
            json!([]),
            json!([null]),
            json!({}),
            json!({"name": "x"}),
            word,
        ];
        Breaker { state: seed, odd }
    }

    /// The next number, smaller than `count`.
    pub fn below(&mut self, count: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % count as u64).expect("a small number")
    }

    /// Changes one thing in a document, and says what.
    pub fn break_something(&mut self, document: &mut Value) -> String {
        let mut pointers = Vec::new();
        collect(document, String::new(), &mut pointers);
        if pointers.is_empty() {
            return "nothing to change".into();
        }
        let pointer = pointers[self.below(pointers.len())].clone();
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer has a slash");
        let key = key.replace("~1", "/").replace("~0", "~");
        let what = self.below(8);
        let index = self.below(self.odd.len());
        let odd = self.odd[index].clone();
        if let Some(map) = document.pointer_mut(parent).and_then(Value::as_object_mut) {
            match what {
                0 | 1 => {
                    map.remove(&key);
                    return format!("{pointer} removed");
                }
                2 | 3 => {
                    let value = map.remove(&key).expect("the pointer leads to it");
                    let place = self.below(key.len().max(1));
                    let mut other = key.clone();
                    if key.is_char_boundary(place) {
                        other.insert(place, 'x');
                    } else {
                        other.push('x');
                    }
                    map.insert(other.clone(), value);
                    return format!("{pointer} renamed to {other}");
                }
                4 => {
                    map.insert("unheardOf".into(), odd);
                    return format!("a key added beside {pointer}");
                }
                _ => {}
            }
        }
        let value = document.pointer_mut(&pointer).expect("the pointer leads to it");
        *value = match value.take() {
            Value::Array(mut items) if what == 5 && !items.is_empty() => items.remove(0),
            old if what == 6 => json!([old]),
            _ => odd,
        };
        format!("{pointer} replaced by {value}")
    }
}

/// JSON pointers to everything in a value.
fn collect(value: &Value, pointer: String, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                collect(value, format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, format!("{pointer}/{index}"), found);
            }
        }
        _ => {}
    }
    if !pointer.is_empty() {
        found.push(pointer);
    }
}
