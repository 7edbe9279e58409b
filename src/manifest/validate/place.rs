//! Where a finding stands: the line of the repo that led there, else the line of the template.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::Arc;

use super::Scope;
use super::finding::Finding;
use super::words;
use crate::config::check::Config;
use crate::config::layered::Origin;
use crate::config::tree::Tree;
use crate::manifest::artifact::Form;
use crate::manifest::delivery;
use crate::manifest::draft::{Datum, Document, Piece, SecretExpr};
use crate::manifest::locate::Output;
use crate::manifest::view::View;
use crate::source::diagnostic::{Diagnostic, Diagnostics, Label};
use crate::source::escape::visible;
use crate::source::span::Span;

/// Says findings in words and with their places. What one line of the repo led to in several documents is
/// said once.
pub fn report(scope: &Scope<'_>, documents: &[&Document], findings: Vec<Finding>, out: &mut Diagnostics) {
    let mut places = Places::of(scope, documents);
    let mut said = HashSet::new();
    for finding in findings {
        // Beyond what is kept, a finding is only counted.
        let labels = if out.is_full() { Vec::new() } else { places.labels(&finding) };
        let root = documents[finding.document];
        let mut diagnostic = words::diagnostic(&finding, &words_of(root, &finding.steps));
        if let Some(first) = labels.first() {
            let fact = words::message(&finding.fact).0;
            if !said.insert((first.span, fact)) {
                continue;
            }
        }
        diagnostic.labels = labels;
        out.push(diagnostic);
    }
}

/// A finding without places in a source, for documents that have none.
pub fn unplaced(documents: &[&Document], finding: &Finding) -> Diagnostic {
    words::diagnostic(finding, &words_of(documents[finding.document], &finding.steps))
}

/// Where in which object: `` `spec.replicas` of Deployment `carts` ``.
fn words_of(root: &Document, steps: &[usize]) -> String {
    let (kind, _, name) = root.identity();
    if let Some(file) = &root.artifact.file {
        let folder = if file.form == Form::Texts { "/" } else { "" };
        let (path, file) = (path(&root.body, steps), &file.name);
        return if path.is_empty() {
            format!("{file}{folder}")
        } else {
            format!("`{}` of {file}{folder}", visible(&path))
        };
    }
    let object = match (kind.as_str(), name.as_str()) {
        ("", _) => "a document without a kind".to_string(),
        (kind, "") if root.artifact.kind.is_some() => format!("the {}", visible(kind)),
        (kind, "") => format!("a {}", visible(kind)),
        (kind, name) => format!("{} `{}`", visible(kind), visible(name)),
    };
    let path = path(&root.body, steps);
    if path.is_empty() { object } else { format!("`{}` of {object}", visible(&path)) }
}

/// The way to a value as people write it: `spec.containers[0].image`, `metadata.labels["a.b/c"]`.
pub fn path(root: &Datum, steps: &[usize]) -> String {
    let mut path = String::new();
    let mut datum = root;
    for step in steps {
        match datum {
            Datum::List(items) => {
                write!(path, "[{step}]").expect("writing to a string can't fail");
                let Some(item) = items.get(*step) else { break };
                datum = item;
            }
            Datum::Map(map) => {
                let Some((key, value)) = map.get_index(*step) else { break };
                let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '$');
                if key.is_empty() || !key.chars().all(is_plain) {
                    write!(path, "[{key:?}]").expect("writing to a string can't fail");
                } else {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(key);
                }
                datum = value;
            }
            _ => break,
        }
    }
    path
}

/// Finds the places of findings; renders a template again at most once a unit.
struct Places<'s> {
    scope: &'s Scope<'s>,
    documents: &'s [&'s Document],
    /// Of each document: its group, and its position there.
    positions: Vec<(usize, usize)>,
    views: HashMap<usize, View>,
    outputs: HashMap<(usize, Arc<str>), Option<Output<'s>>>,
}

impl<'s> Places<'s> {
    fn of(scope: &'s Scope<'s>, documents: &'s [&'s Document]) -> Self {
        let groups = scope.sealed.iter().enumerate();
        let positions = groups
            .flat_map(|(group, sealed)| (0..sealed.documents().len()).map(move |position| (group, position)))
            .collect();
        Places { scope, documents, positions, views: HashMap::new(), outputs: HashMap::new() }
    }

    fn labels(&mut self, finding: &Finding) -> Vec<Label> {
        let mut labels = self.of_value(finding.document, &finding.steps);
        if let Some((document, steps)) = &finding.other {
            let other = self.of_value(*document, steps).into_iter().next();
            let is_new = |label: &Label| labels.iter().all(|known| known.span != label.span);
            let other = other.filter(is_new).map(|label| Label { text: "and this".into(), ..label });
            labels.splice(labels.len().min(1)..labels.len().min(1), other);
        }
        labels
    }

    /// The line of the repo; or, where only a template is known for certain, what its expression probably
    /// printed, then the template.
    fn of_value(&mut self, document: usize, steps: &[usize]) -> Vec<Label> {
        let label = |span, text: &str| Label { span, text: text.into() };
        let way = way(&self.documents[document].body, steps);
        if let Some(origin) = way.last().and_then(|datum| origin_in(datum)) {
            return vec![label(origin.span, "")];
        }
        let (group, _) = self.positions[document];
        let unit = self.scope.sealed[group].unit();
        let unit_line = unit.map(|unit| label(unit.version.span, "made for this unit"));
        let (template, is_expression) = match self.in_template(document, steps) {
            Some((span, is_expression)) => (Some(span), is_expression),
            None => (None, false),
        };
        let printed =
            template.map(|span| label(span, if is_expression { "printed here" } else { "written here" }));
        if !is_expression {
            return printed.into_iter().chain(unit_line).collect();
        }
        let field = unit.zip(template).and_then(|(unit, span)| {
            field(unit, self.scope.repo.files.slice(span)).map(|tree| label(tree.origin.span, ""))
        });
        let is_metadata =
            steps.len() < 3 && path(&self.documents[document].body, steps).starts_with("metadata");
        let beside =
            || way.iter().rev().nth(1).filter(|_| !is_metadata).and_then(|parent| origin_beside(parent));
        let line =
            field.or_else(|| beside().map(|origin| label(origin.span, "made from this"))).or(unit_line);
        line.into_iter().chain(printed).collect()
    }

    /// The place in the template that printed a value, or the nearest value around it, and whether it is an
    /// expression.
    fn in_template(&mut self, document: usize, steps: &[usize]) -> Option<(Span, bool)> {
        let (group, position) = self.positions[document];
        let sealed = &self.scope.sealed[group];
        let documents = sealed.documents();
        let template = &documents[position].template;
        let nth = documents[..position].iter().filter(|other| other.template == *template).count();
        let pack = self.scope.pack;
        let view = self.views.entry(group).or_insert_with(|| match sealed.unit() {
            Some(config) => {
                let deliveries = delivery::decide(config, pack, &mut Diagnostics::default());
                View::of_unit(config, &deliveries, &pack.tokens)
            }
            None => View::of_environment(self.scope.environment),
        });
        let output = self.outputs.entry((group, template.clone()));
        let output = output.or_insert_with(|| Output::of(pack, template, view)).as_ref()?;
        (0..=steps.len()).rev().find_map(|depth| {
            let printed = documents[position].printed_steps(&steps[..depth])?;
            output.value_source(nth, &printed)
        })
    }
}

/// The values on the way to one, the document first.
fn way<'d>(root: &'d Datum, steps: &[usize]) -> Vec<&'d Datum> {
    let mut way = vec![root];
    let mut datum = root;
    for step in steps {
        let next = match datum {
            Datum::List(items) => items.get(*step),
            Datum::Map(map) => map.get_index(*step).map(|(_, value)| value),
            _ => None,
        };
        let Some(next) = next else { break };
        way.push(next);
        datum = next;
    }
    way
}

/// Where a value was written, or the first thing in it, if all of it was written in the repo.
fn origin_in(datum: &Datum) -> Option<Origin> {
    match datum {
        Datum::Text(pieces) => pieces.iter().find_map(origin_of),
        Datum::List(items) => items.iter().map(origin_in).next().flatten(),
        Datum::Map(map) => {
            let mut values = map.values().map(origin_in);
            let first = values.next().flatten()?;
            values.all(|origin| origin.is_some()).then_some(first)
        }
        _ => None,
    }
}

/// Where the text beside a value was written.
fn origin_beside(parent: &Datum) -> Option<Origin> {
    let Datum::Map(map) = parent else { return None };
    map.values().find_map(|value| match value {
        Datum::Text(pieces) => pieces.iter().find_map(origin_of),
        _ => None,
    })
}

fn origin_of(piece: &Piece) -> Option<Origin> {
    match piece {
        Piece::Text { origin, .. } => *origin,
        Piece::Secret(SecretExpr::Encoded(_, pieces)) => pieces.iter().find_map(origin_of),
        Piece::Secret(SecretExpr::Plain(_)) | Piece::Rollout => None,
    }
}

/// The field of the workload that an expression of a template names, `workload.replicas`, or that it hands on
/// before anything else, `opened(workload.ports, …)`.
fn field<'c>(unit: &'c Config, expression: &str) -> Option<&'c Tree> {
    let inner = expression.trim().trim_start_matches("{{").trim_end_matches("}}");
    let inner = inner.trim_matches(|c: char| c.is_whitespace() || c == '-');
    let given = inner.split_once('(').and_then(|(_, given)| given.split([',', ')']).next());
    let names = given.unwrap_or(inner).strip_prefix("workload.")?;
    names.split('.').try_fold(&unit.workload, |tree, name| tree.get(name))
}
