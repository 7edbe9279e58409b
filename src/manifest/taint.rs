//! The taint phase: a secret stands in a place made for it, or the output isn't made.

use std::sync::Arc;

use super::draft::{Datum, Document, Piece, SecretExpr};
use super::fault::Fault;
use super::pack::{Pack, Sink};
use crate::config::check::Config;
use crate::source::diagnostic::Diagnostics;

/// Documents in which every secret stands in a sink. Only [`seal`] makes one, and linking takes nothing
/// else.
#[derive(Clone, Debug)]
pub struct Sealed {
    unit: Option<Arc<Config>>,
    documents: Vec<Document>,
}

impl Sealed {
    /// The unit; `None` for the documents of the environment itself.
    pub fn unit(&self) -> Option<&Arc<Config>> {
        self.unit.as_ref()
    }

    /// The documents.
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// Whether linking puts cleartext into the output.
    pub fn has_secrets(&self) -> bool {
        self.documents.iter().any(|document| has_secret(&document.body))
    }
}

/// Checks every place at which a secret stands. `None` when one may not, and why is in `out`.
pub fn seal(
    unit: Option<Arc<Config>>,
    documents: Vec<Document>,
    pack: &Pack,
    out: &mut Diagnostics,
) -> Option<Sealed> {
    let mut fine = true;
    for document in &documents {
        let kind = document.body.get("kind").and_then(Datum::plain_text).unwrap_or_default();
        let mut walk = Walk { pack, document, kind: &kind, unit: unit.as_deref(), fine: true, out };
        walk.visit(&document.body, &mut Vec::new());
        fine &= walk.fine;
    }
    fine.then_some(Sealed { unit, documents })
}

struct Walk<'a> {
    pack: &'a Pack,
    document: &'a Document,
    kind: &'a str,
    unit: Option<&'a Config>,
    fine: bool,
    out: &'a mut Diagnostics,
}

impl<'a> Walk<'a> {
    fn visit(&mut self, datum: &'a Datum, path: &mut Vec<&'a str>) {
        match datum {
            Datum::Text(pieces) if pieces.iter().any(Piece::is_secret) => self.place(pieces, path),
            Datum::List(items) => {
                for item in items {
                    path.push("*");
                    self.visit(item, path);
                    path.pop();
                }
            }
            Datum::Map(map) => {
                for (key, value) in map {
                    path.push(key);
                    self.visit(value, path);
                    path.pop();
                }
            }
            _ => {}
        }
    }

    fn place(&mut self, pieces: &[Piece], path: &[&str]) {
        let sink = self.pack.sinks.iter().find(|sink| sink.covers(self.kind, path));
        let fault = match sink {
            None => Some("a secret may not stand here"),
            Some(sink) if !fits(sink, pieces) => Some("this place takes base64: add `| b64encode`"),
            Some(_) => None,
        };
        if let Some(reason) = fault {
            let name = pieces.iter().find_map(|piece| match piece {
                Piece::Secret(expr) => expr.ids().first().copied(),
                _ => None,
            });
            let secret = name.zip(self.unit).map(|(id, config)| config.secrets.get(id));
            let template = &self.pack.documents[self.document.template].template;
            self.out.push(Fault::SecretOutsideSink {
                template: self.pack.file(template),
                kind: self.kind.to_string(),
                path: path.join("."),
                name: secret.map(|secret| secret.name.to_string()).unwrap_or_default(),
                secret: secret.map(|secret| secret.span),
                reason,
            });
            self.fine = false;
        }
    }
}

/// Whether a string is encoded as its sink wants it: as one whole.
fn fits(sink: &Sink, pieces: &[Piece]) -> bool {
    match sink.encoding {
        None => true,
        Some(wanted) => {
            matches!(pieces, [Piece::Secret(SecretExpr::Encoded(encoding, _))] if *encoding == wanted)
        }
    }
}

fn has_secret(datum: &Datum) -> bool {
    match datum {
        Datum::Text(pieces) => pieces.iter().any(Piece::is_secret),
        Datum::List(items) => items.iter().any(has_secret),
        Datum::Map(map) => map.values().any(has_secret),
        _ => false,
    }
}
