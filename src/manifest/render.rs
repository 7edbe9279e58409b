//! The render phase: templates run over a unit's view, and what they printed is parsed again with
//! tokens in place of every string.

use std::ops::Range;
use std::sync::Arc;

use indexmap::IndexMap;
use minijinja::{Error, Expression};

use super::draft::{Datum, Document, Piece, SecretExpr};
use super::engine::Leaves;
use super::fault::Fault;
use super::locate::{self, Output};
use super::pack::{Pack, PackDocument};
use super::reach::Reach;
use super::token::{Damaged, Part, Token};
use super::view::View;
use crate::source::diagnostic::Diagnostics;
use crate::source::node::{Kind, Node, ScalarType};
use crate::source::span::Span;
use crate::source::yaml;

/// How deeply composed text may hold tokens of composed text.
const MAX_DEPTH: usize = 32;

/// What a pack makes once an environment, or once a unit: its documents, the condition of each compiled.
pub struct Templates<'p> {
    pack: &'p Pack,
    documents: Vec<(&'p PackDocument, Option<Condition<'p>>)>,
}

type Condition<'p> = Result<Expression<'p, 'p>, Error>;

impl<'p> Templates<'p> {
    /// Those that are made of an environment itself, or those of a unit.
    pub fn of(pack: &'p Pack, per_environment: bool) -> Self {
        let documents = pack.documents.iter().filter(|document| document.per_environment == per_environment);
        let compile = |document: &'p PackDocument| {
            let when = document.when.as_deref()?;
            Some(pack.engine.compile_expression(when))
        };
        let documents = documents.map(|document| (document, compile(document))).collect();
        Templates { pack, documents }
    }
}

/// The documents that a pack makes of a view.
pub fn render(templates: &Templates<'_>, view: &View, out: &mut Diagnostics) -> Vec<Document> {
    for span in view.reserved() {
        out.push(Fault::ReservedCharacter { span: *span });
    }
    let wanted = templates.documents.iter().map(|(document, condition)| (*document, condition.as_ref()));
    run_all(templates.pack, wanted, view, out)
}

/// The documents that templates of the repo make of a view whose [`render`] came before.
pub fn render_own(pack: &Pack, own: &[PackDocument], view: &View, out: &mut Diagnostics) -> Vec<Document> {
    run_all(pack, own.iter().map(|document| (document, None)), view, out)
}

fn run_all<'a>(
    pack: &Pack,
    wanted: impl Iterator<Item = (&'a PackDocument, Option<&'a Condition<'a>>)>,
    view: &View,
    out: &mut Diagnostics,
) -> Vec<Document> {
    let mut documents = Vec::new();
    if !view.reserved().is_empty() {
        return documents;
    }
    for (document, condition) in wanted {
        match run(pack, document, condition, view) {
            Ok(bodies) => {
                let made = bodies
                    .into_iter()
                    .map(|body| Document::new(document.template.clone(), document.artifact.clone(), body));
                documents.extend(made);
            }
            Err(fault) => out.push(*fault),
        }
    }
    documents
}

fn run(
    pack: &Pack,
    document: &PackDocument,
    condition: Option<&Condition<'_>>,
    view: &View,
) -> Result<Vec<Datum>, Box<Fault>> {
    if !is_wanted(document, condition, view)? {
        return Ok(Vec::new());
    }
    view.resolved().inspect(|resolved| resolved.forget());
    let template = pack
        .engine
        .get_template(&document.template)
        .map_err(|error| Box::new(pack.template_fault(&error)))?;
    let rendered = template
        .render_captured(view.context.clone())
        .map_err(|error| Box::new(failure(pack, &document.template, view, &error)))?;
    let leaves = rendered.state().get_extension::<Leaves>().cloned().unwrap_or_default();
    let file = pack.file(&document.template).expect("a template that was compiled has a file");
    let whole = Span::new(file, 0, 0);
    if let Some(decision) = view.poison().decision().or(leaves.poison.decision()) {
        let span = locate::decision(pack, &document.template, view).unwrap_or(whole);
        return Err(Box::new(Fault::SecretDecision { span, decision, reach: Reach::Secret }));
    }
    let place = |part: Range<usize>| {
        Output::of(pack, &document.template, view).map_or(whole, |output| output.place(part))
    };
    let text = rendered.output();
    let nodes = match pack.outputs.get(&document.template, text) {
        Some(nodes) => nodes,
        None => {
            let mut found = Diagnostics::default();
            match yaml::parse(file, text, &yaml::Limits::default(), &mut found) {
                Some(nodes) if !found.has_errors() => pack.outputs.keep(&document.template, text, nodes),
                _ => {
                    let first = found.sorted().into_iter().next();
                    let part = first.as_ref().and_then(|d| d.span()).map(Span::range);
                    let reason = first.map(|d| d.message).unwrap_or_default();
                    return Err(Box::new(Fault::UnreadableOutput {
                        span: part.map_or(whole, place),
                        reason,
                    }));
                }
            }
        }
    };
    let resolver = Resolver { pack, view, leaves: &leaves };
    let bodies = nodes.iter().filter(|node| !node.is_null()).map(|node| resolver.datum(node));
    bodies.collect::<Result<_, _>>().map_err(|Misprint { part, what }| {
        let span = place(part.range());
        Box::new(match what {
            What::DamagedToken => Fault::DamagedToken { span },
            What::SecretInKey => Fault::SecretInKey { span },
            What::KeyTwice(key) => Fault::KeyPrintedTwice { span, key },
        })
    })
}

/// Why a template fails: most often it is wrong itself, but it may ask for a secret that isn't among those of the view.
fn failure(pack: &Pack, template: &str, view: &View, error: &Error) -> Fault {
    let missing = view.resolved().zip(locate::missing(pack, template, view, error));
    match missing {
        Some((resolved, name)) => {
            let (span, why) = (pack.place(error), resolved.why(&name));
            Fault::MissingSecret { span, name: name.to_string(), platform: pack.name.clone(), why }
        }
        None => pack.template_fault(error),
    }
}

/// What is wrong with a part of the output.
struct Misprint {
    part: Span,
    what: What,
}

enum What {
    DamagedToken,
    SecretInKey,
    KeyTwice(String),
}

fn is_wanted(
    document: &PackDocument,
    condition: Option<&Condition<'_>>,
    view: &View,
) -> Result<bool, Box<Fault>> {
    let fault = |error: &Error| {
        let detail = error.detail().map_or_else(|| error.kind().to_string(), ToString::to_string);
        Box::new(Fault::Template { span: Some(document.span), detail })
    };
    let condition = match condition {
        None => return Ok(true),
        Some(condition) => condition.as_ref().map_err(fault)?,
    };
    match condition.eval(view.context.clone()) {
        Ok(value) => {
            let is_wanted = value.is_true();
            match view.poison().decision() {
                None => Ok(is_wanted),
                Some(decision) => {
                    view.poison().clear();
                    let span = document.span;
                    Err(Box::new(Fault::SecretDecision { span, decision, reach: Reach::Secret }))
                }
            }
        }
        Err(error) => Err(fault(&error)),
    }
}

/// Puts strings back where their tokens stand.
struct Resolver<'a> {
    pack: &'a Pack,
    view: &'a View,
    leaves: &'a Leaves,
}

impl Resolver<'_> {
    fn datum(&self, node: &Node) -> Result<Datum, Misprint> {
        Ok(match &node.kind {
            Kind::List(items) => Datum::List(items.iter().map(|n| self.datum(n)).collect::<Result<_, _>>()?),
            Kind::Map(entries) => {
                let mut map = IndexMap::with_capacity(entries.len());
                for (key, entry) in entries {
                    let fails = |what| Misprint { part: entry.key, what };
                    let key = self.key(key).map_err(fails)?;
                    if map.contains_key(&key) {
                        return Err(fails(What::KeyTwice(key.to_string())));
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
                ScalarType::Text => {
                    let pieces = self.pieces(&scalar.text, 0);
                    Datum::Text(pieces.map_err(|what| Misprint { part: node.span, what })?)
                }
            },
        })
    }

    fn key(&self, text: &Arc<str>) -> Result<Arc<str>, What> {
        let mut key = String::new();
        for piece in self.pieces(text, 0)? {
            match piece {
                Piece::Text { text, .. } => key.push_str(&text),
                Piece::Secret(_) | Piece::Rollout => {
                    return Err(What::SecretInKey);
                }
            }
        }
        Ok(key.into())
    }

    fn pieces(&self, text: &str, depth: usize) -> Result<Vec<Piece>, What> {
        if depth > MAX_DEPTH {
            return Err(What::DamagedToken);
        }
        let mut pieces = Vec::new();
        for part in self.pack.tokens.split(text).map_err(|Damaged| What::DamagedToken)? {
            match part {
                Part::Text(text) => pieces.push(Piece::Text { text: text.into(), origin: None }),
                Part::Token(Token::Rollout) => pieces.push(Piece::Rollout),
                Part::Token(Token::Secret(id)) => pieces.push(Piece::Secret(SecretExpr::Plain(id))),
                Part::Token(Token::Expression(index)) => {
                    let expression = self.leaves.expressions.get(index as usize).ok_or(What::DamagedToken)?;
                    let inner = self.pieces(&expression.1, depth + 1)?;
                    pieces.push(Piece::Secret(SecretExpr::Encoded(expression.0, inner)));
                }
                Part::Token(Token::Leaf(index)) => {
                    let leaf = self.leaves.strings.get(index as usize).ok_or(What::DamagedToken)?;
                    let source = || self.view.origin(self.leaves.source(leaf)?);
                    match self.view.origin(leaf).or_else(source) {
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
