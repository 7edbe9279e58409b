//! Values into their places: the last step of linking.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use zeroize::Zeroizing;

use super::fault::Fault;
use super::linked::Linked;
use super::plan::{Plan, SettingsId};
use super::secret_value::MAX_VALUE;
use super::values::{Fetched, Values};
use crate::config::check::Config;
use crate::config::locator::Locator;
use crate::config::plain_filters::url_encode;
use crate::config::quoting::{compose_escaped, dotenv_quoted, shell_quoted};
use crate::config::rollout;
use crate::config::secret::{Encoding, Secret, SecretId, SecretPart, SecretSource};
use crate::manifest::draft::{Datum, Piece, SecretExpr};

/// Puts values into the documents of one unit, or of an environment.
pub struct Placer<'a> {
    unit: Option<&'a Config>,
    /// How the unit's environment reaches its stores; `None` if nothing is fetched for it.
    settings: Option<SettingsId>,
    values: &'a Values,
}

impl<'a> Placer<'a> {
    /// A placer of values that `plan` wanted; all of them are there.
    pub fn new(unit: Option<&'a Config>, plan: &Plan<'_>, values: &'a Values) -> Placer<'a> {
        Placer { unit, settings: unit.and_then(|unit| plan.settings_id(unit)), values }
    }

    /// The linked form of a part of a document.
    pub fn place(&self, datum: &Datum) -> Result<Linked, Fault> {
        Ok(match datum {
            Datum::Null => Linked::Null,
            Datum::Bool(value) => Linked::Bool(*value),
            Datum::Number(text) => Linked::Number(text.clone()),
            Datum::List(items) => {
                Linked::List(items.iter().map(|d| self.place(d)).collect::<Result<_, _>>()?)
            }
            Datum::Map(map) => Linked::Map(
                map.iter()
                    .map(|(key, value)| Ok((key.clone(), self.place(value)?)))
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
                    let unit = self.unit.expect("only units have a rollout token");
                    let token = rollout::token(&unit.secrets, &|locator| Some(self.version(locator)));
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

    fn fetched(&self, locator: &Locator) -> Option<&Fetched> {
        self.values.fetched(self.settings?, locator)
    }

    /// What a rollout token says of a pointer: another pointer or version makes another token. A pointer that the
    /// platform dereferences has no version here, nor has an item of a store that keeps none.
    fn version(&self, locator: &Locator) -> String {
        let version = self.fetched(locator).and_then(|fetched| fetched.version.as_deref());
        format!("{locator} {}", version.unwrap_or("-"))
    }

    fn append_secret(&self, id: SecretId, out: &mut Zeroizing<Vec<u8>>) -> Result<(), Fault> {
        let unit = self.unit.expect("a secret belongs to a unit");
        let secret = unit.secrets.get(id);
        let start = out.len();
        match &secret.source {
            SecretSource::Ciphertext { ciphertext, .. } => {
                let value = self.values.decrypted(ciphertext).expect("the plan has every ciphertext");
                #[expect(clippy::disallowed_methods, reason = "linking puts the value into its sink")]
                out.extend_from_slice(value.expose());
            }
            SecretSource::Pointer(locator) => {
                let fetched = self.fetched(locator).expect("the plan has every pointer");
                #[expect(clippy::disallowed_methods, reason = "linking puts the value into its sink")]
                out.extend_from_slice(fetched.value.expose());
            }
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
            Encoding::Compose => out.extend_from_slice(&Zeroizing::new(compose_escaped(bytes))),
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
