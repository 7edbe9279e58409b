//! The taint phase: a secret stands in a place made for it, or the output isn't made.

use std::collections::HashMap;
use std::sync::Arc;

use super::draft::{Datum, Document, Piece, SecretExpr};
use super::fault::Fault;
use super::locate::Output;
use super::pack::Pack;
use super::sink::{Sink, group_of};
use super::view::View;
use crate::config::check::Config;
use crate::source::diagnostic::Diagnostics;
use crate::source::span::Span;

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
        self.documents.iter().any(|document| document.body.has_secret())
    }
}

/// Checks every place at which a secret stands. `None` when one may not, and why is in `out`. `view` is
/// what the documents were made of.
pub fn seal(
    unit: Option<Arc<Config>>,
    documents: Vec<Document>,
    pack: &Pack,
    view: &View,
    out: &mut Diagnostics,
) -> Option<Sealed> {
    let mut fine = true;
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for document in &documents {
        let kind = document.kind();
        let count = counts.entry(&document.template).or_default();
        let nth = *count;
        *count += 1;
        let group = group_of(&document.body);
        let unit = unit.as_deref();
        let mut walk = Walk {
            pack,
            view,
            document,
            nth,
            kind: &kind,
            group: &group,
            unit,
            steps: Vec::new(),
            fine: true,
            out,
        };
        walk.visit(&document.body, &mut Vec::new());
        fine &= walk.fine;
    }
    fine.then_some(Sealed { unit, documents })
}

struct Walk<'a> {
    pack: &'a Pack,
    view: &'a View,
    document: &'a Document,
    /// Which of its template's documents it is.
    nth: usize,
    kind: &'a str,
    group: &'a str,
    unit: Option<&'a Config>,
    /// The path to the present value by position.
    steps: Vec<usize>,
    fine: bool,
    out: &'a mut Diagnostics,
}

impl<'a> Walk<'a> {
    fn visit(&mut self, datum: &'a Datum, path: &mut Vec<&'a str>) {
        match datum {
            Datum::Text(pieces) if pieces.iter().any(Piece::is_secret) => self.place(pieces, path),
            Datum::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    path.push("*");
                    self.steps.push(index);
                    self.visit(item, path);
                    self.steps.pop();
                    path.pop();
                }
            }
            Datum::Map(map) => {
                for (index, (key, value)) in map.iter().enumerate() {
                    path.push(key);
                    self.steps.push(index);
                    self.visit(value, path);
                    self.steps.pop();
                    path.pop();
                }
            }
            _ => {}
        }
    }

    fn place(&mut self, pieces: &[Piece], path: &[&str]) {
        let sink = self.pack.sinks.iter().find(|sink| sink.covers(self.group, self.kind, path));
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
            let template = &self.document.template;
            let output = Output::of(self.pack, template, self.view);
            let steps = self.document.printed_steps(&self.steps);
            let place = output.zip(steps).and_then(|(output, steps)| output.value(self.nth, &steps));
            self.out.push(Fault::SecretOutsideSink {
                place: place.or_else(|| Some(Span::new(self.pack.file(template)?, 0, 0))),
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
