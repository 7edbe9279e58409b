//! What templates made: documents in which every string is a list of pieces.

use std::borrow::Cow;
use std::sync::Arc;

use indexmap::IndexMap;

use super::artifact::Artifact;
use crate::config::layered::Origin;
use crate::config::secret::{Encoding, SecretId};
use crate::source::node::{Kind, Node, ScalarType};

/// A document of the output.
#[derive(Clone, Debug)]
pub struct Document {
    /// The name of the template that made it.
    pub template: Arc<str>,
    /// What the pack says of it.
    pub artifact: Arc<Artifact>,
    /// Its content.
    pub body: Datum,
    /// What the template printed, if a patch changed it since.
    pub printed: Option<Datum>,
}

/// A value of the output.
#[derive(Clone, Debug)]
pub enum Datum {
    /// Null.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number, as the template wrote it.
    Number(Arc<str>),
    /// A string.
    Text(Vec<Piece>),
    /// A list.
    List(Vec<Datum>),
    /// A mapping. A key is always plain text.
    Map(IndexMap<Arc<str>, Datum>),
}

/// A part of a string.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Plain text.
    Text {
        /// The text.
        text: Arc<str>,
        /// Where it was written, if it is a value of the repo as it stands there or as an encoding made it.
        origin: Option<Origin>,
    },
    /// A secret.
    Secret(SecretExpr),
    /// The token that changes when a secret of the unit changes.
    Rollout,
}

/// A secret, or something encoded that holds one.
#[derive(Clone, Debug, PartialEq)]
pub enum SecretExpr {
    /// The value itself.
    Plain(SecretId),
    /// What is encoded, and how.
    Encoded(Encoding, Vec<Piece>),
}

impl Document {
    /// A document as a template printed it.
    pub fn new(template: Arc<str>, artifact: Arc<Artifact>, body: Datum) -> Self {
        Document { template, artifact, body, printed: None }
    }

    /// Its kind, as its pack or it itself says; empty if neither does.
    pub fn kind(&self) -> Cow<'_, str> {
        // What a document says of itself is what its reader takes it for.
        match (self.body.get("kind").and_then(Datum::as_text), &self.artifact.kind) {
            (Some(own), _) => own,
            (None, Some(kind)) => Cow::Borrowed(kind),
            (None, None) => Cow::default(),
        }
    }

    /// What an object is called by, as far as that is said plainly: kind, namespace, name.
    pub fn identity(&self) -> (String, String, String) {
        let text = |datum: Option<&Datum>| datum.and_then(Datum::plain_text).unwrap_or_default();
        let metadata = self.body.get("metadata");
        (
            self.kind().into_owned(),
            text(metadata.and_then(|m| m.get("namespace"))),
            text(metadata.and_then(|m| m.get("name"))),
        )
    }

    /// The way to a value in what the template printed: by position, of the way by position in the body.
    /// `None` when no template printed it.
    pub fn printed_steps(&self, steps: &[usize]) -> Option<Vec<usize>> {
        let Some(printed) = &self.printed else { return Some(steps.to_vec()) };
        let (mut here, mut there) = (&self.body, printed);
        steps
            .iter()
            .map(|step| match (here, there) {
                (Datum::Map(body), Datum::Map(printed)) => {
                    let (key, value) = body.get_index(*step)?;
                    let index = printed.get_index_of(key)?;
                    (here, there) = (value, &printed[index]);
                    Some(index)
                }
                (Datum::List(body), Datum::List(printed)) => {
                    (here, there) = (body.get(*step)?, printed.get(*step)?);
                    Some(*step)
                }
                _ => None,
            })
            .collect()
    }
}

impl Datum {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Datum> {
        match self {
            Datum::Map(map) => map.get(key),
            _ => None,
        }
    }

    /// The text of a string without secrets.
    pub fn plain_text(&self) -> Option<String> {
        self.as_text().map(Cow::into_owned)
    }

    /// The same, borrowed where it is in one piece.
    pub fn as_text(&self) -> Option<Cow<'_, str>> {
        let Datum::Text(pieces) = self else { return None };
        if let [Piece::Text { text, .. }] = pieces.as_slice() {
            return Some(Cow::Borrowed(text));
        }
        let plain = pieces.iter().map(|piece| match piece {
            Piece::Text { text, .. } => Some(&**text),
            _ => None,
        });
        plain.collect::<Option<String>>().map(Cow::Owned)
    }

    /// Whether it is this plain text.
    pub fn is_text(&self, text: &str) -> bool {
        let Datum::Text(pieces) = self else { return false };
        let mut rest = Some(text);
        for piece in pieces {
            rest = match piece {
                Piece::Text { text, .. } => rest.and_then(|rest| rest.strip_prefix(&**text)),
                Piece::Secret(_) | Piece::Rollout => None,
            };
        }
        rest.is_some_and(str::is_empty)
    }

    /// Whether a secret stands anywhere in it.
    pub fn has_secret(&self) -> bool {
        match self {
            Datum::Text(pieces) => pieces.iter().any(Piece::is_secret),
            Datum::List(items) => items.iter().any(Datum::has_secret),
            Datum::Map(map) => map.values().any(Datum::has_secret),
            _ => false,
        }
    }
}

/// A parsed document as it stands: all of its text is plain.
impl From<&Node> for Datum {
    fn from(node: &Node) -> Datum {
        match &node.kind {
            Kind::List(items) => Datum::List(items.iter().map(Datum::from).collect()),
            Kind::Map(map) => {
                Datum::Map(map.iter().map(|(key, entry)| (key.clone(), Datum::from(&entry.value))).collect())
            }
            Kind::Scalar(scalar) => match scalar.ty {
                ScalarType::Null => Datum::Null,
                ScalarType::Bool => Datum::Bool(scalar.text.eq_ignore_ascii_case("true")),
                ScalarType::Int | ScalarType::Float => Datum::Number(scalar.text.clone()),
                ScalarType::Text => {
                    Datum::Text(vec![Piece::Text { text: scalar.text.clone(), origin: None }])
                }
            },
        }
    }
}

impl Piece {
    /// Whether a secret is in it.
    pub fn is_secret(&self) -> bool {
        matches!(self, Piece::Secret(_))
    }
}

impl SecretExpr {
    /// The secrets in it.
    pub fn ids(&self) -> Vec<SecretId> {
        match self {
            SecretExpr::Plain(id) => vec![*id],
            SecretExpr::Encoded(_, pieces) => pieces
                .iter()
                .flat_map(|piece| match piece {
                    Piece::Secret(expr) => expr.ids(),
                    _ => Vec::new(),
                })
                .collect(),
        }
    }
}
