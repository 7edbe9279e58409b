//! A JSON tree of secret values: the names in it can be looked at, the values can't.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::secret_value::SecretValue;
use super::store_fault::StoreFault;

/// How deep a tree may be.
const MAX_DEPTH: usize = 64;

/// A value of a store with its source text: `1.10` and `9007199254740993` stay what they are.
pub enum Tree {
    /// `null`.
    Null,
    /// A boolean or a number, as it was written.
    Plain(Zeroizing<String>),
    /// A string, unescaped.
    Text(Zeroizing<String>),
    /// A list.
    List(Vec<Tree>),
    /// A mapping. Of two equal names the later counts.
    Map(BTreeMap<String, Tree>),
}

impl Tree {
    /// Takes JSON apart. `None` if it isn't JSON, or is deeper than anything of use.
    pub fn parse(json: &[u8]) -> Option<Tree> {
        Tree::of(serde_json::from_slice(json).ok()?, MAX_DEPTH)
    }

    /// Each container reads its entries as texts first, so a text is looked at once for each container around
    /// it, at most [`MAX_DEPTH`] times.
    fn of(raw: &RawValue, depth: usize) -> Option<Tree> {
        let text = raw.get();
        let below = depth.checked_sub(1)?;
        Some(match text.as_bytes().first()? {
            b'{' => {
                let entries: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_str(text).ok()?;
                let entries = entries
                    .into_iter()
                    .map(|(name, value)| Some((name.into_owned(), Tree::of(value, below)?)));
                Tree::Map(entries.collect::<Option<_>>()?)
            }
            b'[' => {
                let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
                Tree::List(items.into_iter().map(|item| Tree::of(item, below)).collect::<Option<_>>()?)
            }
            b'"' => Tree::Text(Zeroizing::new(serde_json::from_str(text).ok()?)),
            b'n' => Tree::Null,
            _ => Tree::Plain(Zeroizing::new(text.to_owned())),
        })
    }

    /// The tree with `null` for every value and every list.
    pub fn shape(&self) -> Tree {
        match self {
            Tree::Map(entries) if !entries.is_empty() => {
                Tree::Map(entries.iter().map(|(name, tree)| (name.clone(), tree.shape())).collect())
            }
            _ => Tree::Null,
        }
    }

    /// The value that fields lead to. A name that is missing is reported with those that are there if
    /// `names_are_public`.
    pub fn pick(&self, fields: &[String], names_are_public: bool) -> Result<SecretValue, StoreFault> {
        match self.find(fields, names_are_public)? {
            Tree::Plain(text) | Tree::Text(text) => Ok(SecretValue::new(text.as_bytes().to_vec())),
            Tree::Null => Err(StoreFault::NullValue),
            Tree::List(_) | Tree::Map(_) => Err(StoreFault::NotAValue),
        }
    }

    /// What fields lead to.
    pub fn find(&self, fields: &[String], names_are_public: bool) -> Result<&Tree, StoreFault> {
        let mut tree = self;
        for (index, field) in fields.iter().enumerate() {
            let (found, names) = match tree {
                Tree::Map(entries) => (entries.get(field), Some(entries)),
                Tree::List(items) => (position(field).and_then(|position| items.get(position)), None),
                _ => return Err(StoreFault::NotAMap { fields: fields[..index].to_vec() }),
            };
            tree = found.ok_or_else(|| StoreFault::NoField {
                fields: fields[..=index].to_vec(),
                names: names.filter(|_| names_are_public).map(|entries| entries.keys().cloned().collect()),
            })?;
        }
        Ok(tree)
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tree(…)")
    }
}

/// The position that a field means in a list: a decimal number without leading zeros.
fn position(field: &str) -> Option<usize> {
    let is_number =
        field.bytes().all(|byte| byte.is_ascii_digit()) && (field == "0" || !field.starts_with('0'));
    if is_number { field.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::Tree;
    use crate::link::store_fault::StoreFault;

    const JSON: &str = r#"{"a": {"b/c": ["x", 1.50, {"d": true}], "e": null}, "n": 12345678901234567890123, "a2": "\ud83d\ude00"}"#;

    fn pick(fields: &[&str]) -> Result<String, StoreFault> {
        let fields: Vec<String> = fields.iter().map(ToString::to_string).collect();
        let value = Tree::parse(JSON.as_bytes()).unwrap().pick(&fields, true)?;
        #[expect(clippy::disallowed_methods, reason = "the test compares values")]
        Ok(String::from_utf8(value.expose().to_vec()).unwrap())
    }

    #[test]
    fn values_keep_their_source() {
        for (fields, value) in [
            (&["a", "b/c", "0"][..], "x"),
            (&["a", "b/c", "1"], "1.50"),
            (&["a", "b/c", "2", "d"], "true"),
            (&["n"], "12345678901234567890123"),
            (&["a2"], "\u{1f600}"),
        ] {
            assert_eq!(pick(fields).as_deref(), Ok(value), "{fields:?}");
        }
    }

    #[test]
    fn what_isn_t_there_is_told_with_the_names_that_are() {
        let none = |fields: &[&str], names: Option<&[&str]>| StoreFault::NoField {
            fields: fields.iter().map(ToString::to_string).collect(),
            names: names.map(|names| names.iter().map(ToString::to_string).collect()),
        };
        assert_eq!(pick(&["b"]), Err(none(&["b"], Some(&["a", "a2", "n"]))));
        for position in ["3", "01", "-1", "+1", "x", "99999999999999999999"] {
            assert_eq!(pick(&["a", "b/c", position]), Err(none(&["a", "b/c", position], None)));
        }
        assert_eq!(pick(&["n", "x"]), Err(StoreFault::NotAMap { fields: vec!["n".into()] }));
        assert_eq!(pick(&["a", "e"]), Err(StoreFault::NullValue));
        assert_eq!(pick(&["a"]), Err(StoreFault::NotAValue));
        let secret = Tree::parse(JSON.as_bytes()).unwrap();
        assert_eq!(secret.pick(&["b".into()], false).unwrap_err(), none(&["b"], None));
    }

    #[test]
    fn what_isn_t_json_or_is_too_deep_is_refused() {
        for bad in ["", "{", "[1,]", "{\"a\": }", "nul", "1 2", "\"\u{1}\"", "'x'", &"[".repeat(200_000)] {
            assert!(Tree::parse(bad.as_bytes()).is_none(), "{:.20}", bad);
        }
        let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        assert!(Tree::parse(nested(50).as_bytes()).is_some());
        assert!(Tree::parse(nested(100_000).as_bytes()).is_none());
        assert!(Tree::parse(b"\xff").is_none());
    }

    #[test]
    fn a_shape_has_no_values() {
        let shape = Tree::parse(JSON.as_bytes()).unwrap().shape();
        let Tree::Map(entries) = &shape else { panic!("it is a map") };
        assert!(matches!(entries["n"], Tree::Null));
        let Tree::Map(inner) = &entries["a"] else { panic!("it is a map") };
        assert!(inner.values().all(|tree| matches!(tree, Tree::Null)));
    }
}
