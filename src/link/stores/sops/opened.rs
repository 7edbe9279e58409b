//! A SOPS file in the clear: its values once each is authenticated at its path and all of them together.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256, Sha512};
use zeroize::Zeroizing;

use super::cipher::{Cipher, Sealed, is_sealed};
use super::document::Document;
use super::metadata::Metadata;
use crate::link::content::Body;
use crate::link::store_fault::StoreFault;
use crate::link::tree::Tree;

/// What the MAC of a file begins with that counts encrypted values alone, so that it is never one of the other
/// kind: the SHA-256 of `sops`.
const ENCRYPTED_ONLY: [u8; 32] = [
    0x8a, 0x3f, 0xd2, 0xad, 0x54, 0xce, 0x66, 0x52, 0x7b, 0x10, 0x34, 0xf3, 0xd1, 0x47, 0xbe, 0x0b, 0x0b,
    0x97, 0x5b, 0x3b, 0xf4, 0x4f, 0x72, 0xc6, 0xfd, 0xad, 0xec, 0x81, 0x76, 0xf2, 0x7d, 0x69,
];
/// Bytes of the digest that stand for a value's version.
const STAMP: usize = 16;
/// The version of an empty value, which isn't encrypted.
const EMPTY: &str = "empty";

/// Decrypts all values and verifies the MAC over them. None of them leaves unless all are right.
pub fn open(values: &Document, metadata: &Metadata, cipher: &Cipher) -> Result<Body, StoreFault> {
    let mut hash = Sha512::new();
    if metadata.counts_encrypted_only {
        hash.update(ENCRYPTED_ONLY);
    }
    let counts_clear = !metadata.counts_encrypted_only;
    let mut walk = Walk { cipher, hash, counts_clear, path: String::new(), fields: Vec::new() };
    let opened = walk.visit(values)?.expect("a mapping isn't a comment");
    let mac = Sealed::parse(&metadata.mac).and_then(|mac| cipher.open(&mac, &metadata.last_modified));
    let counted: String = walk.hash.finalize().iter().map(|byte| format!("{byte:02X}")).collect();
    match mac {
        Some(mac) if *mac == counted.as_bytes() => {
            Ok(Body::Stamped { values: opened.value, stamps: opened.stamp })
        }
        _ => Err(StoreFault::BadMac),
    }
}

/// The file with `null` for every encrypted value: what can be seen of it without a key. What stands in the
/// clear is there as it is.
pub fn shape(values: &Document) -> Tree {
    match values {
        Document::Null => Tree::Plain(Zeroizing::new("null".to_owned())),
        Document::Text(text) if text.is_empty() || is_sealed(text) => Tree::Null,
        Document::Text(text) | Document::Plain(text) => Tree::Plain(Zeroizing::new(text.clone())),
        Document::List(items) => {
            Tree::List(items.iter().filter(|item| !is_comment(item)).map(shape).collect())
        }
        Document::Map(entries) => {
            Tree::Map(entries.iter().map(|(name, value)| (name.clone(), shape(value))).collect())
        }
    }
}

/// A comment within a list is an encrypted item of it.
fn is_comment(item: &Document) -> bool {
    matches!(item, Document::Text(text) if Sealed::parse(text).is_some_and(|sealed| sealed.kind == "comment"))
}

/// A value, and beside it what changes when its ciphertext does.
struct Opened {
    value: Tree,
    stamp: Tree,
}

struct Walk<'c> {
    cipher: &'c Cipher,
    hash: Sha512,
    /// Whether the MAC counts what stands in the clear.
    counts_clear: bool,
    /// The path as additional data: the names above, each followed by a colon. Lists add nothing to it.
    path: String,
    /// The path as fields of a pointer.
    fields: Vec<String>,
}

impl Walk<'_> {
    /// Opens a part; `None` for a comment.
    fn visit(&mut self, part: &Document) -> Result<Option<Opened>, StoreFault> {
        Ok(Some(match part {
            Document::Null => Opened { value: Tree::Null, stamp: Tree::Null },
            Document::Text(text) if is_sealed(text) => return self.open(text),
            Document::Text(text) if text.is_empty() => {
                Opened { value: Tree::Text(Zeroizing::default()), stamp: stamp(EMPTY) }
            }
            Document::Text(text) | Document::Plain(text) => {
                if self.counts_clear {
                    self.hash.update(text);
                }
                // It never leaves, so its text isn't needed.
                Opened { value: Tree::Plain(Zeroizing::default()), stamp: Tree::Null }
            }
            Document::List(items) => {
                let (mut values, mut stamps) = (Vec::new(), Vec::new());
                for item in items {
                    self.fields.push(values.len().to_string());
                    if let Some(opened) = self.visit(item)? {
                        values.push(opened.value);
                        stamps.push(opened.stamp);
                    }
                    self.fields.pop();
                }
                Opened { value: Tree::List(values), stamp: Tree::List(stamps) }
            }
            Document::Map(entries) => {
                let (mut values, mut stamps) = (Vec::new(), Vec::new());
                for (name, value) in entries {
                    let above = self.path.len();
                    self.path.push_str(name);
                    self.path.push(':');
                    self.fields.push(name.clone());
                    let opened = self.visit(value)?.ok_or_else(|| self.damaged())?;
                    self.path.truncate(above);
                    self.fields.pop();
                    values.push((name.clone(), opened.value));
                    stamps.push((name.clone(), opened.stamp));
                }
                let map = |entries: Vec<(String, Tree)>| Tree::Map(entries.into_iter().collect());
                Opened { value: map(values), stamp: map(stamps) }
            }
        }))
    }

    fn open(&mut self, text: &str) -> Result<Option<Opened>, StoreFault> {
        let sealed = Sealed::parse(text).ok_or_else(|| self.damaged())?;
        // Nobody reads comments, and the MAC doesn't count them.
        if sealed.kind == "comment" {
            return Ok(None);
        }
        let mut bytes = self.cipher.open(&sealed, &self.path).ok_or_else(|| self.damaged())?;
        self.hash.update(&*bytes);
        let text_of = |bytes: &mut Zeroizing<Vec<u8>>| match String::from_utf8(std::mem::take(&mut **bytes)) {
            Ok(text) => Some(Zeroizing::new(text)),
            Err(error) => {
                drop(Zeroizing::new(error.into_bytes()));
                None
            }
        };
        let value = match (sealed.kind, &**bytes) {
            ("bool", b"True" | b"true") => Some(Tree::Plain(Zeroizing::new("true".to_owned()))),
            ("bool", b"False" | b"false") => Some(Tree::Plain(Zeroizing::new("false".to_owned()))),
            ("int" | "int64" | "float", number) if is_number(number) => text_of(&mut bytes).map(Tree::Plain),
            ("str" | "bytes" | "time", _) => text_of(&mut bytes).map(Tree::Text),
            _ => None,
        };
        let digest = Sha256::digest(text);
        let stamp = stamp(&BASE64_URL_SAFE_NO_PAD.encode(&digest[..STAMP]));
        value.map(|value| Some(Opened { value, stamp })).ok_or_else(|| self.damaged())
    }

    fn damaged(&self) -> StoreFault {
        StoreFault::Damaged { fields: self.fields.clone() }
    }
}

fn stamp(text: &str) -> Tree {
    Tree::Text(Zeroizing::new(text.to_owned()))
}

fn is_number(text: &[u8]) -> bool {
    let is_digit = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
    !text.is_empty() && text.iter().all(is_digit)
}
