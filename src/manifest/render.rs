//! The render phase: templates run over a unit's view, and what they printed is parsed again with
//! tokens in place of every string.

use std::sync::Arc;

use indexmap::IndexMap;

use super::draft::{Datum, Document, Piece, SecretExpr};
use super::engine::Leaves;
use super::fault::Fault;
use super::pack::{Pack, PackDocument};
use super::token::{Damaged, Part, Token};
use super::view::View;
use crate::source::diagnostic::Diagnostics;
use crate::source::node::{Kind, Node, ScalarType};
use crate::source::span::FileId;
use crate::source::yaml;

/// How deeply composed text may hold tokens of composed text.
const MAX_DEPTH: usize = 32;

/// The documents that a pack makes of a view: those of the environment itself, or those of a unit.
pub fn render(pack: &Pack, view: &View, per_environment: bool, out: &mut Diagnostics) -> Vec<Document> {
    for span in view.reserved() {
        out.push(Fault::ReservedCharacter { span: *span });
    }
    let mut documents = Vec::new();
    for (index, document) in pack.documents.iter().enumerate() {
        if document.per_environment == per_environment {
            match run(pack, document, view) {
                Ok(bodies) => {
                    documents.extend(bodies.into_iter().map(|body| Document { template: index, body }));
                }
                Err(fault) => out.push(*fault),
            }
        }
    }
    documents
}

fn run(pack: &Pack, document: &PackDocument, view: &View) -> Result<Vec<Datum>, Box<Fault>> {
    if !is_wanted(pack, document, view)? {
        return Ok(Vec::new());
    }
    let fault = |error: &minijinja::Error| Box::new(pack.template_fault(error));
    let template = pack.engine.get_template(&document.template).map_err(|e| fault(&e))?;
    let rendered = template.render_captured(view.context.clone()).map_err(|e| fault(&e))?;
    let leaves = rendered.state().get_extension::<Leaves>().cloned().unwrap_or_default();
    let file = pack.file(&document.template).expect("a template that was compiled has a file");
    if view.is_poisoned() || leaves.poison.is_set() {
        return Err(Box::new(Fault::SecretDecision { file }));
    }
    let mut found = Diagnostics::default();
    let nodes = yaml::parse(file, rendered.output(), &yaml::Limits::default(), &mut found);
    let nodes = match nodes {
        Some(nodes) if !found.has_errors() => nodes,
        // A place in the output is none in the template; the template as a whole is named.
        _ => {
            let reason = found.sorted().into_iter().next().map(|d| d.message).unwrap_or_default();
            return Err(Box::new(Fault::UnreadableOutput { file, reason }));
        }
    };
    let resolver = Resolver { pack, view, leaves: &leaves, file };
    nodes.iter().filter(|node| !node.is_null()).map(|node| resolver.datum(node)).collect()
}

fn is_wanted(pack: &Pack, document: &PackDocument, view: &View) -> Result<bool, Box<Fault>> {
    let Some(when) = &document.when else { return Ok(true) };
    let verdict = pack.engine.compile_expression(when).and_then(|e| e.eval(view.context.clone()));
    match verdict {
        Ok(value) => Ok(value.is_true()),
        Err(error) => {
            let detail = error.detail().map_or_else(|| error.kind().to_string(), ToString::to_string);
            Err(Box::new(Fault::Template { span: Some(document.span), detail }))
        }
    }
}

/// Puts strings back where their tokens stand.
struct Resolver<'a> {
    pack: &'a Pack,
    view: &'a View,
    leaves: &'a Leaves,
    file: FileId,
}

impl Resolver<'_> {
    fn datum(&self, node: &Node) -> Result<Datum, Box<Fault>> {
        Ok(match &node.kind {
            Kind::List(items) => Datum::List(items.iter().map(|n| self.datum(n)).collect::<Result<_, _>>()?),
            Kind::Map(entries) => {
                let mut map = IndexMap::with_capacity(entries.len());
                for (key, entry) in entries {
                    let key = self.key(key)?;
                    if map.contains_key(&key) {
                        return Err(Box::new(Fault::KeyPrintedTwice {
                            file: self.file,
                            key: key.to_string(),
                        }));
                    }
                    let value = self.datum(&entry.value)?;
                    map.insert(key, value);
                }
                Datum::Map(map)
            }
            Kind::Scalar(scalar) => match scalar.ty {
                ScalarType::Null => Datum::Null,
                ScalarType::Bool => Datum::Bool(scalar.text.eq_ignore_ascii_case("true")),
                ScalarType::Int | ScalarType::Float => Datum::Number(scalar.text.clone()),
                ScalarType::Text => Datum::Text(self.pieces(&scalar.text, 0)?),
            },
        })
    }

    fn key(&self, text: &Arc<str>) -> Result<Arc<str>, Box<Fault>> {
        let mut key = String::new();
        for piece in self.pieces(text, 0)? {
            match piece {
                Piece::Text { text, .. } => key.push_str(&text),
                Piece::Secret(_) | Piece::Rollout => {
                    return Err(Box::new(Fault::SecretInKey { file: self.file }));
                }
            }
        }
        Ok(key.into())
    }

    fn pieces(&self, text: &str, depth: usize) -> Result<Vec<Piece>, Box<Fault>> {
        let damaged = || Box::new(Fault::DamagedToken { file: self.file });
        if depth > MAX_DEPTH {
            return Err(damaged());
        }
        let mut pieces = Vec::new();
        for part in self.pack.tokens.split(text).map_err(|Damaged| damaged())? {
            match part {
                Part::Text(text) => pieces.push(Piece::Text { text: text.into(), origin: None }),
                Part::Token(Token::Rollout) => pieces.push(Piece::Rollout),
                Part::Token(Token::Secret(id)) => pieces.push(Piece::Secret(SecretExpr::Plain(id))),
                Part::Token(Token::Expression(index)) => {
                    let expression = self.leaves.expressions.get(index as usize).ok_or_else(damaged)?;
                    let inner = self.pieces(&expression.1, depth + 1)?;
                    pieces.push(Piece::Secret(SecretExpr::Encoded(expression.0, inner)));
                }
                Part::Token(Token::Leaf(index)) => {
                    let leaf = self.leaves.strings.get(index as usize).ok_or_else(damaged)?;
                    match self.view.origin(leaf) {
                        Some(origin) => pieces.push(Piece::Text { text: leaf.clone(), origin: Some(origin) }),
                        // A string that a template composed may hold tokens itself.
                        None => pieces.extend(self.pieces(leaf, depth + 1)?),
                    }
                }
            }
        }
        if pieces.is_empty() {
            pieces.push(Piece::Text { text: "".into(), origin: None });
        }
        Ok(pieces)
    }
}
