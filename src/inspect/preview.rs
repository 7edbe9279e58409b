//! The documents of a unit with secrets shown as where they come from.

use std::sync::Arc;

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use crate::config::check::Config;
use crate::config::rollout;
use crate::config::secret::{Encoding, SecretPart, SecretSource, Secrets};
use crate::manifest::draft::{Datum, Piece, SecretExpr};
use crate::manifest::taint::Sealed;
use crate::source::gather::Layer;
use crate::source::yaml_writer::serialize_number;

/// A value of a sealed document, ready to be written.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    datum: &'a Datum,
    unit: Option<&'a Config>,
}

/// The documents of all units, in order.
pub fn documents(sealed: &[Sealed]) -> Vec<Shown<'_>> {
    sealed
        .iter()
        .flat_map(|group| {
            let unit = group.unit().map(|unit| &**unit);
            group.documents().iter().map(move |document| Shown { datum: &document.body, unit })
        })
        .collect()
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let below = |datum| Shown { datum, unit: self.unit };
        match self.datum {
            Datum::Null => serializer.serialize_unit(),
            Datum::Bool(value) => serializer.serialize_bool(*value),
            Datum::Number(text) => serialize_number(text, serializer),
            Datum::Text(pieces) => serializer.serialize_str(&show(pieces, self.unit)),
            Datum::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(&below(item)))?;
                list.end()
            }
            Datum::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                entries.iter().try_for_each(|(key, value)| map.serialize_entry(&**key, &below(value)))?;
                map.end()
            }
        }
    }
}

impl Layer for Shown<'_> {
    fn entries(self) -> Option<Vec<(Arc<str>, Self)>> {
        match self.datum {
            Datum::Map(map) => {
                let entries = map.iter();
                Some(entries.map(|(key, datum)| (key.clone(), Shown { datum, ..self })).collect())
            }
            _ => None,
        }
    }
}

fn show(pieces: &[Piece], unit: Option<&Config>) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text { text, .. } => text.to_string(),
            Piece::Rollout => unit
                .and_then(|unit| rollout::token(&unit.secrets, &|_| None))
                .unwrap_or_else(|| "<rollout>".into()),
            Piece::Secret(expr) => show_secret(expr, unit),
        })
        .collect()
}

fn show_secret(expr: &SecretExpr, unit: Option<&Config>) -> String {
    match (expr, unit) {
        (SecretExpr::Plain(id), Some(unit)) => show_source(&unit.secrets.get(*id).source, &unit.secrets),
        (SecretExpr::Plain(_), None) => "<secret>".into(),
        // How a sink encodes a value says nothing about where it comes from.
        (SecretExpr::Encoded(_, inner), _) => show(inner, unit),
    }
}

fn show_source(source: &SecretSource, secrets: &Secrets) -> String {
    match source {
        SecretSource::Composite(parts) => parts
            .iter()
            .map(|part| match part {
                SecretPart::Text(text) => text.to_string(),
                SecretPart::Secret(id, encodings) => {
                    let shown = show_source(&secrets.get(*id).source, secrets);
                    encodings.iter().fold(shown, |shown, encoding| show_encoded(&shown, *encoding))
                }
            })
            .collect(),
        SecretSource::Ciphertext { file, pointer, .. } => format!("<age {file} #{pointer}>"),
        SecretSource::Pointer(locator) => format!("<{}>", locator.short()),
    }
}

/// `<age FILE #PATH | urlencode>`, and for text around secrets `<a<…>b | urlencode>`.
fn show_encoded(shown: &str, encoding: Encoding) -> String {
    let one = shown.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
    let inner = one.filter(|inner| !inner.contains(['<', '>'])).unwrap_or(shown);
    format!("<{inner} | {}>", encoding.filter())
}
