//! The link phase: plan which values are needed, fetch each once, put them into their sinks. All or
//! nothing.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};
use zeroize::Zeroizing;

use super::decrypt::{Decrypt, DecryptError, Expected};
use super::fault::Fault;
use super::linked::Linked;
use super::secret_value::{MAX_VALUE, SecretValue};
use crate::config::check::Config;
use crate::config::ciphertext::Ciphertext;
use crate::config::name::UnitName;
use crate::config::plain_filters::url_encode;
use crate::config::quoting::{dotenv_quoted, shell_quoted};
use crate::config::rollout;
use crate::config::secret::{Encoding, Secret, SecretId, SecretPart, SecretSource};
use crate::manifest::draft::{Datum, Piece, SecretExpr};
use crate::manifest::taint::Sealed;
use crate::source::diagnostic::Diagnostics;
use crate::source::span::Span;

/// Links documents. `None` when a value can't be had, and why, for every one of them, is in `out`.
pub fn link(
    sealed: &[Sealed],
    repo_id: &str,
    identities: &dyn Decrypt,
    out: &mut Diagnostics,
) -> Option<Vec<Linked>> {
    let plan = Plan::of(sealed, out);
    let values = fetch(&plan, repo_id, identities, out)?;
    let before = out.error_count();
    let mut linked = Vec::new();
    for group in sealed {
        let linker = Linker { unit: group.unit().map(|unit| &**unit), values: &values };
        for document in group.documents() {
            match linker.datum(&document.body) {
                Ok(datum) => linked.push(datum),
                Err(fault) => out.push(fault),
            }
        }
    }
    (out.error_count() == before).then_some(linked)
}

/// A ciphertext that is needed, and the first declaration that needs it.
struct Wanted {
    ciphertext: Arc<Ciphertext>,
    file: String,
    pointer: String,
    name: String,
    unit: UnitName,
    span: Span,
}

/// Everything that a run has to decrypt, each value once.
struct Plan {
    ciphertexts: HashMap<*const Ciphertext, Wanted>,
    complete: bool,
}

impl Plan {
    fn of(sealed: &[Sealed], out: &mut Diagnostics) -> Plan {
        let mut plan = Plan { ciphertexts: HashMap::new(), complete: true };
        for group in sealed {
            let Some(config) = group.unit() else { continue };
            let mut ids = Vec::new();
            group.documents().iter().for_each(|document| needed(&document.body, &mut ids));
            ids.sort_unstable();
            ids.dedup();
            for id in ids {
                plan.add(config, id, out);
            }
        }
        plan
    }

    fn add(&mut self, config: &Config, id: SecretId, out: &mut Diagnostics) {
        let secret = config.secrets.get(id);
        match &secret.source {
            SecretSource::Ciphertext { ciphertext, file, pointer } => {
                self.ciphertexts.entry(Arc::as_ptr(ciphertext)).or_insert_with(|| Wanted {
                    ciphertext: ciphertext.clone(),
                    file: file.clone(),
                    pointer: pointer.clone(),
                    name: secret.name.to_string(),
                    unit: config.unit.clone(),
                    span: secret.span,
                });
            }
            SecretSource::Pointer(locator) => {
                self.complete = false;
                out.push(Fault::StoreNotThere {
                    span: secret.span,
                    locator: locator.to_string(),
                    backend: locator.backend.name(),
                });
            }
            SecretSource::Composite(parts) => {
                for part in parts {
                    if let SecretPart::Secret(id, _) = part {
                        self.add(config, *id, out);
                    }
                }
            }
        }
    }
}

fn needed(datum: &Datum, ids: &mut Vec<SecretId>) {
    match datum {
        Datum::Text(pieces) => {
            for piece in pieces {
                if let Piece::Secret(expr) = piece {
                    ids.extend(expr.ids());
                }
            }
        }
        Datum::List(items) => items.iter().for_each(|item| needed(item, ids)),
        Datum::Map(map) => map.values().for_each(|value| needed(value, ids)),
        _ => {}
    }
}

type Values = HashMap<*const Ciphertext, SecretValue>;

fn fetch(plan: &Plan, repo_id: &str, identities: &dyn Decrypt, out: &mut Diagnostics) -> Option<Values> {
    let mut wanted: Vec<&Wanted> = plan.ciphertexts.values().collect();
    wanted.sort_by_key(|wanted| wanted.span);
    if identities.is_empty() && !wanted.is_empty() {
        let secrets = wanted.iter().map(|w| (w.span, w.name.clone())).collect();
        out.push(Fault::NoIdentity { secrets, looked: identities.describe() });
        return None;
    }
    let results: Vec<Result<SecretValue, DecryptError>> = wanted
        .par_iter()
        .map(|wanted| {
            let expected = Expected { repo: repo_id, file: &wanted.file, path: &wanted.pointer };
            identities.decrypt(&wanted.ciphertext, &expected)
        })
        .collect();
    let mut values = Values::new();
    for (wanted, result) in wanted.iter().zip(results) {
        match result {
            Ok(value) => {
                values.insert(Arc::as_ptr(&wanted.ciphertext), value);
            }
            Err(error) => out.push(Fault::NotDecrypted {
                span: wanted.span,
                name: wanted.name.clone(),
                unit: wanted.unit.clone(),
                error,
                looked: identities.describe(),
            }),
        }
    }
    (plan.complete && values.len() == wanted.len()).then_some(values)
}

/// Puts values into the documents of one unit.
struct Linker<'a> {
    unit: Option<&'a Config>,
    values: &'a Values,
}

impl Linker<'_> {
    fn datum(&self, datum: &Datum) -> Result<Linked, Fault> {
        Ok(match datum {
            Datum::Null => Linked::Null,
            Datum::Bool(value) => Linked::Bool(*value),
            Datum::Number(text) => Linked::Number(text.clone()),
            Datum::List(items) => {
                Linked::List(items.iter().map(|d| self.datum(d)).collect::<Result<_, _>>()?)
            }
            Datum::Map(map) => Linked::Map(
                map.iter()
                    .map(|(key, value)| Ok((key.clone(), self.datum(value)?)))
                    .collect::<Result<_, _>>()?,
            ),
            Datum::Text(pieces) if pieces.iter().any(Piece::is_secret) => {
                let mut bytes = Zeroizing::new(Vec::new());
                self.append(pieces, &mut bytes)?;
                Linked::Secret(self.text_of(bytes, pieces)?)
            }
            Datum::Text(pieces) => {
                let mut bytes = Zeroizing::new(Vec::new());
                self.append(pieces, &mut bytes)?;
                Linked::Text(String::from_utf8_lossy(&bytes).into_owned())
            }
        })
    }

    fn append(&self, pieces: &[Piece], out: &mut Zeroizing<Vec<u8>>) -> Result<(), Fault> {
        for piece in pieces {
            match piece {
                Piece::Text { text, .. } => out.extend_from_slice(text.as_bytes()),
                Piece::Rollout => {
                    let token = self.unit.and_then(|unit| rollout::token(&unit.secrets, &|_| None));
                    out.extend_from_slice(token.unwrap_or_default().as_bytes());
                }
                Piece::Secret(SecretExpr::Plain(id)) => self.append_secret(*id, out)?,
                Piece::Secret(SecretExpr::Encoded(encoding, inner)) => {
                    let mut bytes = Zeroizing::new(Vec::new());
                    self.append(inner, &mut bytes)?;
                    self.append_encoded(*encoding, &bytes, inner, out)?;
                }
            }
        }
        Ok(())
    }

    fn append_secret(&self, id: SecretId, out: &mut Zeroizing<Vec<u8>>) -> Result<(), Fault> {
        let unit = self.unit.expect("a secret belongs to a unit");
        let secret = unit.secrets.get(id);
        let start = out.len();
        match &secret.source {
            SecretSource::Ciphertext { ciphertext, .. } => {
                let value = self.values.get(&Arc::as_ptr(ciphertext)).expect("the plan has every ciphertext");
                #[expect(clippy::disallowed_methods, reason = "linking puts the value into its sink")]
                out.extend_from_slice(value.expose());
            }
            SecretSource::Pointer(_) => unreachable!("a run with a pointer ends before values are placed"),
            SecretSource::Composite(parts) => {
                for part in parts {
                    match part {
                        SecretPart::Text(text) => out.extend_from_slice(text.as_bytes()),
                        SecretPart::Secret(id, encodings) => {
                            let mut bytes = Zeroizing::new(Vec::new());
                            self.append_secret(*id, &mut bytes)?;
                            for encoding in encodings {
                                let mut encoded = Zeroizing::new(Vec::new());
                                let pieces = [Piece::Secret(SecretExpr::Plain(*id))];
                                self.append_encoded(*encoding, &bytes, &pieces, &mut encoded)?;
                                bytes = encoded;
                                bounded(bytes.len(), secret)?;
                            }
                            out.extend_from_slice(&bytes);
                        }
                    }
                    // Not only at the end: parts may be many, and each as large as a value.
                    bounded(out.len() - start, secret)?;
                }
            }
        }
        bounded(out.len() - start, secret)
    }

    fn append_encoded(
        &self,
        encoding: Encoding,
        bytes: &[u8],
        pieces: &[Piece],
        out: &mut Zeroizing<Vec<u8>>,
    ) -> Result<(), Fault> {
        match encoding {
            Encoding::Base64 => {
                let text = Zeroizing::new(BASE64_STANDARD.encode(bytes));
                out.extend_from_slice(text.as_bytes());
            }
            Encoding::Url => {
                let text = Zeroizing::new(url_encode(bytes));
                out.extend_from_slice(text.as_bytes());
            }
            Encoding::Json => {
                let text = std::str::from_utf8(bytes).map_err(|_| self.not_representable(pieces))?;
                let json =
                    Zeroizing::new(serde_json::to_string(text).map_err(|_| self.not_representable(pieces))?);
                out.extend_from_slice(json.as_bytes());
            }
            Encoding::Shell | Encoding::Dotenv => {
                let quote = if encoding == Encoding::Shell { shell_quoted } else { dotenv_quoted };
                let quoted = Zeroizing::new(quote(bytes).ok_or_else(|| self.not_representable(pieces))?);
                out.extend_from_slice(&quoted);
            }
        }
        Ok(())
    }

    /// The text of a sink; a sink of text carries neither invalid UTF-8 nor NUL.
    fn text_of(&self, mut bytes: Zeroizing<Vec<u8>>, pieces: &[Piece]) -> Result<Zeroizing<String>, Fault> {
        match String::from_utf8(std::mem::take(&mut *bytes)) {
            Ok(text) if !text.contains('\0') => Ok(Zeroizing::new(text)),
            Ok(text) => {
                drop(Zeroizing::new(text));
                Err(self.not_representable(pieces))
            }
            Err(error) => {
                drop(Zeroizing::new(error.into_bytes()));
                Err(self.not_representable(pieces))
            }
        }
    }

    fn not_representable(&self, pieces: &[Piece]) -> Fault {
        let id = pieces.iter().find_map(|piece| match piece {
            Piece::Secret(expr) => expr.ids().first().copied(),
            _ => None,
        });
        let secret = id.zip(self.unit).map(|(id, unit)| unit.secrets.get(id));
        let secret = secret.expect("only a string with a secret of a unit can fail");
        Fault::NotRepresentable { span: secret.span, name: secret.name.to_string() }
    }
}

fn bounded(length: usize, secret: &Secret) -> Result<(), Fault> {
    match length > MAX_VALUE {
        true => Err(Fault::TooLarge { span: secret.span, name: secret.name.to_string() }),
        false => Ok(()),
    }
}
