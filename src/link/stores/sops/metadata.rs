//! What a SOPS file says of itself: who can open it, and the MAC of its values.

use super::document::{Document, Form, bad};
use crate::link::store_fault::StoreFault;

/// The name under which the metadata stand.
const KEY: &str = "sops";
/// The most age recipients that are tried.
const MAX_RECIPIENTS: usize = 256;

/// The metadata of a file whose key can be had with an age identity.
pub struct Metadata {
    /// The key of the values, encrypted to each recipient: age files in ASCII armor.
    pub keys: Vec<String>,
    /// The encrypted MAC.
    pub mac: String,
    /// When the file was changed last, to which the MAC is bound.
    pub last_modified: String,
    /// Whether the MAC leaves out what stands in the clear.
    pub counts_encrypted_only: bool,
}

/// The keys that `sops` knows besides age, and what people call them.
const OTHERS: [(&str, &str); 6] = [
    ("kms", "AWS KMS"),
    ("gcp_kms", "Google Cloud KMS"),
    ("azure_kv", "Azure Key Vault"),
    ("hc_vault", "Vault's transit engine"),
    ("hckms", "Huawei Cloud KMS"),
    ("pgp", "PGP"),
];

/// Takes a file apart into its values and its metadata.
pub fn split(document: Document, form: Form) -> Result<(Document, Metadata), StoreFault> {
    let Document::Map(entries) = document else { return Err(bad("it isn't a mapping")) };
    let (metadata, values): (Vec<_>, Vec<_>) = entries.into_iter().partition(|(name, _)| match form {
        Form::Yaml | Form::Json => name == KEY,
        Form::Dotenv => name.strip_prefix(KEY).is_some_and(|rest| rest.starts_with('_')),
    });
    if metadata.is_empty() {
        return Err(bad("it isn't encrypted with sops"));
    }
    let metadata = match form {
        Form::Yaml | Form::Json => metadata.into_iter().next().map(|(_, metadata)| metadata),
        Form::Dotenv => Some(unflattened(metadata)),
    };
    let metadata = metadata.as_ref().map(Metadata::read).expect("there is one, or an error before")?;
    Ok((Document::Map(values), metadata))
}

impl Metadata {
    fn read(metadata: &Document) -> Result<Metadata, StoreFault> {
        let text = |name: &str| metadata.get(name).and_then(Document::scalar);
        if !list(metadata, "key_groups").is_empty() {
            return Err(bad("its key is divided among groups of keys, which isn't supported"));
        }
        let recipients = list(metadata, "age");
        if recipients.is_empty() {
            let others = OTHERS.iter().filter(|(name, _)| !list(metadata, name).is_empty());
            return Err(StoreFault::OtherKeys { kinds: others.map(|(_, kind)| *kind).collect() });
        }
        if recipients.len() > MAX_RECIPIENTS {
            return Err(bad("it has more than 256 recipients"));
        }
        let key = |recipient: &Document| recipient.get("enc").and_then(Document::scalar).map(str::to_owned);
        let keys = recipients.iter().map(key).collect::<Option<_>>();
        let counts_encrypted_only = match text("mac_only_encrypted") {
            None | Some("" | "0" | "f" | "F" | "false" | "False" | "FALSE") => false,
            Some("1" | "t" | "T" | "true" | "True" | "TRUE") => true,
            Some(_) => return Err(bad("its `mac_only_encrypted` is no boolean")),
        };
        let owned = |name: &str| text(name).filter(|text| !text.is_empty()).map(str::to_owned);
        Ok(Metadata {
            keys: keys.ok_or(bad("a recipient in it has no `enc`"))?,
            mac: owned("mac").ok_or(bad("it has no MAC"))?,
            last_modified: owned("lastmodified").ok_or(bad("it has no `lastmodified`"))?,
            counts_encrypted_only,
        })
    }
}

fn list<'d>(metadata: &'d Document, name: &str) -> &'d [Document] {
    match metadata.get(name) {
        Some(Document::List(items)) => items,
        _ => &[],
    }
}

/// The metadata of a dotenv file, where `sops_age__list_0__map_enc` means `age: [{enc: …}]`. Of lists, their
/// keys and that they have entries is all that counts.
fn unflattened(lines: Vec<(String, Document)>) -> Document {
    let mut entries = Vec::new();
    let mut recipients: Vec<(String, Document)> = Vec::new();
    for (name, value) in lines {
        let name = &name[KEY.len() + 1..];
        match name.split_once("__list_") {
            None => entries.push((name.to_owned(), value)),
            Some(("age", rest)) => {
                if rest.ends_with("__map_enc") {
                    recipients.push((rest.to_owned(), Document::Map(vec![("enc".to_owned(), value)])));
                }
            }
            Some((list, _)) => entries.push((list.to_owned(), Document::List(vec![value]))),
        }
    }
    let recipients = recipients.into_iter().map(|(_, recipient)| recipient).collect();
    entries.push(("age".to_owned(), Document::List(recipients)));
    Document::Map(entries)
}
