//! The secrets of one unit: its declarations with every name filled in, and held against the scope.

use std::collections::HashMap;
use std::sync::Arc;

use super::check::UnitScope;
use super::environment::Environment;
use super::expression::{Segment, filtered_name, references, split, within_budget};
use super::fault::Fault;
use super::interpolate::{Answer, MAX_NAMES, Scope, interpolate, within};
use super::layered::Layered;
use super::locator::Locator;
use super::pointer::{Pointer, ResolveError};
use super::scope::{Pattern, escape};
use super::secret::{Encoding, Secret, SecretId, SecretPart, SecretSource, Secrets};
use super::site::{SiteKind, Sites};
use super::stack::Stack;
use super::tree::Tree;
use crate::source::diagnostic::Diagnostics;
use crate::source::files::Files;
use crate::source::span::Span;

/// Reads a unit's secrets. With errors in the scope's findings the result is incomplete.
pub fn read(stack: &Stack, environment: &Environment, sites: &Sites, scope: &mut UnitScope<'_>) -> Secrets {
    let ids: HashMap<String, SecretId> = scope
        .secret_names()
        .iter()
        .enumerate()
        .map(|(i, name)| (name.clone(), SecretId(u32::try_from(i).expect("fewer than 2^32 secrets"))))
        .collect();
    let mut reader = Reader { stack, environment, scope, ids, patterns: None };
    let mut list = Vec::new();
    for (name, node, placed) in stack.secrets() {
        let Some((value, place)) = placed else {
            let span = node.origin.span;
            reader.scope.findings().push(Fault::SecretWithoutValue { span, name: name.to_string() });
            continue;
        };
        let span = value.origin.span;
        let source = match sites.get(&place).map(|site| &site.kind) {
            Some(SiteKind::Ciphertext(ciphertext)) => Some(SecretSource::Ciphertext {
                ciphertext: ciphertext.clone(),
                file: reader.path_of(value),
                pointer: place.pointer,
            }),
            Some(SiteKind::Pointer(pointer)) => reader.pointer(pointer, span).map(SecretSource::Pointer),
            Some(SiteKind::Composite(text)) => {
                reader.composite(text, span, name).map(SecretSource::Composite)
            }
            // Reported where it stands.
            Some(SiteKind::Refused) | None => None,
        };
        let variable = node.get("env").and_then(Layered::as_scalar).map(|s| s.text.clone());
        let variable = match variable {
            Some(text) => interpolate(&text, span, reader.scope),
            None => Some(name.into()),
        };
        if let (Some(source), Some(variable)) = (source, variable) {
            list.push(Secret { name: name.into(), variable, source, span });
        }
    }
    cycles(&list, scope.findings());
    Secrets::new(list)
}

/// No variable is set twice in the main container.
pub fn check_variables(workload: &Tree, secrets: &Secrets, out: &mut Diagnostics) {
    let config = workload.get("config").and_then(Tree::as_map);
    let mut seen: HashMap<&str, Span> =
        config.into_iter().flatten().map(|(name, value)| (&**name, value.origin.span)).collect();
    for (_, secret) in secrets.iter() {
        if let Some(other) = seen.insert(&secret.variable, secret.span) {
            let name = secret.variable.to_string();
            out.push(Fault::VariableSetTwice { span: secret.span, other, name });
        }
    }
}

struct Reader<'r, 'a> {
    stack: &'r Stack,
    environment: &'r Environment,
    scope: &'r mut UnitScope<'a>,
    ids: HashMap<String, SecretId>,
    /// What `allow:` says for the app, read at the first pointer.
    patterns: Option<Allowed>,
}

/// The patterns for one app with the places where they are written; `None` when one of them is no good, which
/// was reported.
type Allowed = Option<Vec<(Pattern, Span)>>;

impl Reader<'_, '_> {
    fn path_of(&self, value: &Layered) -> String {
        self.stack.layers[usize::from(value.origin.layer.0)].path.clone()
    }

    fn pointer(&mut self, pointer: &Pointer, span: Span) -> Option<Locator> {
        let scope = &mut *self.scope;
        let resolved = pointer.resolve(&mut |expression: &str| {
            interpolate(&expression.into(), span, scope).map(|text| text.to_string()).ok_or(())
        });
        match resolved {
            Ok(locator) => {
                self.hold_to_scope(&locator, span);
                Some(locator)
            }
            Err(ResolveError::Expression { .. }) => None,
            Err(ResolveError::Fault(fault)) => {
                self.scope.findings().push(Fault::BadPointer { span, fault });
                None
            }
        }
    }

    /// A pointer is used only where `allow:` says so.
    fn hold_to_scope(&mut self, locator: &Locator, span: Span) {
        if self.patterns.is_none() {
            self.patterns = Some(self.allowed());
        }
        let Some(Some(patterns)) = &self.patterns else { return };
        let home = self.environment.home(locator.backend);
        if patterns.iter().any(|(pattern, _)| pattern.matches(locator, home)) {
            return;
        }
        let patterns = patterns.iter().take(MAX_NAMES).map(|(_, at)| *at).collect();
        self.scope.findings().push(Fault::OutOfScope {
            span,
            locator: locator.to_string(),
            unit: self.stack.unit.clone(),
            patterns,
            document: self.environment.document,
            suggestion: super::scope::suggest(locator),
        });
    }

    fn allowed(&mut self) -> Allowed {
        let app = self.stack.unit.app.as_str();
        let mut patterns = Vec::new();
        for (text, at) in
            self.environment.allow.iter().filter(|r| r.covers_app(app)).flat_map(|r| &r.patterns)
        {
            let mut names = PatternScope { environment: &self.environment.name, app, scope: self.scope };
            let text = interpolate(text, *at, &mut names)?;
            match Pattern::parse(&text) {
                Ok(pattern) => patterns.push((pattern, *at)),
                Err(fault) => {
                    self.scope.findings().push(Fault::BadPattern { span: *at, fault });
                    return None;
                }
            }
        }
        Some(patterns)
    }

    fn composite(&mut self, text: &Arc<str>, span: Span, name: &str) -> Option<Vec<SecretPart>> {
        let broken = Fault::BrokenComposition { span, name: name.to_string() };
        let segments = split(text).unwrap_or_default();
        if segments.is_empty() || within_budget(text, &segments).is_err() {
            self.scope.findings().push(broken);
            return None;
        }
        let mut parts = Vec::new();
        let mut failed = false;
        for segment in segments {
            match segment {
                Segment::Text(literal) => parts.push(SecretPart::Text(literal.into())),
                Segment::Expression { source, start, end } => {
                    let part = &text[start..end];
                    let at = within(self.scope.files(), span, part, part);
                    match self.composite_part(source, part, at, name) {
                        Some(part) => parts.push(part),
                        None => failed = true,
                    }
                }
            }
        }
        (!failed).then_some(parts)
    }

    fn composite_part(&mut self, source: &str, whole: &str, at: Span, name: &str) -> Option<SecretPart> {
        let used = references(source).unwrap_or_default();
        if used.iter().all(|reference| reference.root != "secrets") {
            return interpolate(&whole.into(), at, self.scope).map(SecretPart::Text);
        }
        let Some((_, secret, filters)) = filtered_name(source) else {
            self.scope.findings().push(Fault::SecretExpression { span: at, name: name.to_string() });
            return None;
        };
        let Some(id) = self.ids.get(&secret).copied() else {
            let known = self.scope.secret_names().iter().take(MAX_NAMES).cloned().collect();
            let name = format!("secrets.{secret}");
            self.scope.findings().push(Fault::UndefinedName { name, span: at, known });
            return None;
        };
        let mut encodings = Vec::new();
        for filter in filters {
            match Encoding::of_filter(&filter) {
                Some(encoding) => encodings.push(encoding),
                None => {
                    self.scope.findings().push(Fault::SecretExpression { span: at, name: name.to_string() });
                    return None;
                }
            }
        }
        Some(SecretPart::Secret(id, encodings))
    }
}

/// The names that a pattern of `allow:` may use. What they stand for is literal: it can't widen the
/// pattern.
struct PatternScope<'p, 'a> {
    environment: &'p str,
    app: &'p str,
    scope: &'p mut UnitScope<'a>,
}

impl Scope for PatternScope<'_, '_> {
    fn answer(&mut self, root: &str, name: &str, _at: Span) -> Option<Answer> {
        match (root, name) {
            ("env", "name") => Some(Answer::Text(escape(self.environment).into())),
            ("app", "name") => Some(Answer::Text(escape(self.app).into())),
            ("env" | "app", _) => Some(Answer::Missing),
            _ => None,
        }
    }

    fn names(&self, _root: &str) -> Vec<String> {
        vec!["name".into()]
    }

    fn roots(&self) -> &'static [&'static str] {
        &["env", "app"]
    }

    fn spend(&mut self, bytes: usize, at: Span) -> bool {
        self.scope.spend(bytes, at)
    }

    fn findings(&mut self) -> &mut Diagnostics {
        self.scope.findings()
    }

    fn files(&self) -> &Files {
        self.scope.files()
    }
}

/// How deeply composed secrets may contain each other.
const MAX_DEPTH: usize = 32;
/// How many parts a composed secret may have once all in it are written out.
const MAX_PARTS: usize = 1_000;

/// A composed secret may not contain itself, nor be nested without end.
fn cycles(list: &[Secret], out: &mut Diagnostics) {
    // Ids are positions only when every declaration could be read; otherwise an error stands already.
    let mut parts = vec![None; list.len()];
    for at in 0..list.len() {
        visit(at, list, &mut Vec::new(), &mut parts, out);
    }
}

/// Counts the parts of a secret and of those in it; `parts` knows the secrets that were counted.
fn visit(
    at: usize,
    list: &[Secret],
    open: &mut Vec<usize>,
    parts: &mut [Option<usize>],
    out: &mut Diagnostics,
) -> usize {
    let Some(secret) = list.get(at) else { return 1 };
    if let Some(known) = parts[at] {
        return known;
    }
    if open.contains(&at) || open.len() > MAX_DEPTH {
        let other = list[*open.last().expect("a circle has a beginning")].span;
        out.push(cycle(secret, other, open.len() > MAX_DEPTH));
        return 1;
    }
    open.push(at);
    let mut count: usize = 1;
    if let SecretSource::Composite(inner) = &secret.source {
        for part in inner {
            count += match part {
                SecretPart::Secret(id, _) => visit(id.0 as usize, list, open, parts, out),
                SecretPart::Text(_) => 1,
            };
        }
    }
    open.pop();
    if count > MAX_PARTS {
        out.push(cycle(secret, secret.span, true));
        // Those that contain it are not to blame.
        count = 1;
    }
    parts[at] = Some(count);
    count
}

fn cycle(secret: &Secret, used: Span, nested: bool) -> Fault {
    Fault::SecretCycle { span: used, other: secret.span, name: secret.name.to_string(), nested }
}
