//! The secrets of one unit: its declarations with every name filled in, and held against the scope.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::check::UnitScope;
use super::environment::Environment;
use super::expression::{Segment, filtered_name, references, split, within_budget};
use super::fault::{Fault, FileFault};
use super::interpolate::{MAX_NAMES, Scope, interpolate, within};
use super::layered::Layered;
use super::pointer_use::{Allowed, allowed, locate};
use super::secret::{Encoding, Mount, Secret, SecretId, SecretPart, SecretSource, Secrets};
use super::shared::{SharedScope, SharedSecret};
use super::site::{SiteKind, Sites};
use super::stack::{SecretPlace, Stack};
use super::tree::Tree;
use super::typed_secrets;
use super::unit_files::{SECRET_MODE, check_sources, holds_secret, is_path, parse_mode};
use crate::source::diagnostic::Diagnostics;
use crate::source::node::ScalarType;
use crate::source::span::Span;

/// Reads a unit's secrets: those that it declares, then its files that hold one, then the shared secrets
/// that any of these use. With errors in the scope's findings the result is incomplete.
pub fn read(stack: &Stack, environment: &Environment, sites: &Sites, scope: &mut UnitScope<'_>) -> Secrets {
    let ids: HashMap<String, SecretId> =
        scope.secret_names().iter().enumerate().map(|(i, name)| (name.clone(), id_of(i))).collect();
    let files: Vec<_> = stack.files().filter(|(_, entry)| holds_secret(entry)).collect();
    let first_shared = ids.len() + files.len();
    let typed = typed_secrets::named(stack);
    let mut reader = Reader {
        stack,
        environment,
        sites,
        scope,
        ids,
        typed,
        allowed: None,
        first_shared,
        shared: Vec::new(),
    };
    reader.check_files();
    let mut list: Vec<Option<Secret>> = Vec::new();
    for (name, node, placed) in stack.secrets() {
        list.push(reader.own(name, node, placed));
    }
    for (name, entry) in files {
        list.push(reader.file(name, entry));
    }
    // Shared secrets can use further ones, which are added to the end.
    let mut next = 0;
    while let Some((name, secret)) = reader.shared.get(next).copied() {
        list.push(reader.shared_secret(name, secret));
        next += 1;
    }
    // An id is a position only when everything could be read; otherwise an error stands already.
    match list.iter().cloned().collect::<Option<Vec<Secret>>>() {
        Some(list) => {
            cycles(&list, scope.findings());
            Secrets::new(list)
        }
        None => Secrets::default(),
    }
}

/// No variable is set twice in the main container.
pub fn check_variables(workload: &Tree, secrets: &Secrets, out: &mut Diagnostics) {
    let config = workload.get("config").and_then(Tree::as_map);
    let mut seen: HashMap<&str, Span> =
        config.into_iter().flatten().map(|(name, value)| (&**name, value.origin.span)).collect();
    for (_, secret) in secrets.iter() {
        let Some(variable) = &secret.variable else { continue };
        if let Some(other) = seen.insert(variable, secret.span) {
            out.push(Fault::VariableSetTwice { span: secret.span, other, name: variable.to_string() });
        }
    }
}

/// Whose texts are read: a unit's own, or those under `shared:`, which know less.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    Unit,
    Shared,
}

struct Reader<'r, 'a> {
    stack: &'r Stack,
    environment: &'r Environment,
    sites: &'r Sites,
    scope: &'r mut UnitScope<'a>,
    ids: HashMap<String, SecretId>,
    /// The secrets that typed ones name.
    typed: HashSet<&'r str>,
    /// What `allow:` says for the app, read at the first pointer.
    allowed: Option<Allowed>,
    /// The id of the first shared secret.
    first_shared: usize,
    /// The shared secrets that were named so far.
    shared: Vec<(&'r str, &'r SharedSecret)>,
}

impl<'r> Reader<'r, '_> {
    /// A secret that the unit declares: a variable, a file, or both.
    fn own(&mut self, name: &str, node: &Layered, placed: Option<(&Layered, SecretPlace)>) -> Option<Secret> {
        let Some((value, place)) = placed else {
            let span = node.origin.span;
            self.scope.findings().push(Fault::SecretWithoutValue { span, name: name.to_string() });
            return None;
        };
        let span = value.origin.span;
        let source = self.source(place, span, name, Whose::Unit);
        let file = match (node.get("file"), node.get("mode")) {
            (Some(path), mode) => Some(self.mount(name, path, mode)),
            (None, Some(mode)) => {
                self.file_fault(mode.origin.span, name, FileFault::ModeWithoutFile);
                Some(None)
            }
            (None, None) => None,
        };
        let variable = match node.get("env").and_then(|env| Some((env.as_scalar()?, env.origin.span))) {
            Some((env, _)) if env.ty == ScalarType::Null => None,
            Some((env, at)) => Some(interpolate(&env.text, at, self.scope)),
            None if file.is_some() || self.typed.contains(name) => None,
            None => Some(Some(name.into())),
        };
        // The inner `None` is one that couldn't be read.
        let (file, variable) =
            (file.map_or(Some(None), |f| f.map(Some)), variable.map_or(Some(None), |v| v.map(Some)));
        Some(Secret {
            name: name.into(),
            variable: variable?,
            file: file?,
            shared: false,
            source: source?,
            span,
        })
    }

    /// A file whose content is composed with a secret.
    fn file(&mut self, name: &str, entry: &Layered) -> Option<Secret> {
        let content = entry.get("content").and_then(|c| Some((c.as_scalar()?.text.clone(), c.origin.span)));
        let (text, span) = content.expect("a file holds a secret by its content");
        let parts = self.composite(&text, span, name, Whose::Unit);
        let Some(path) = entry.get("path") else {
            self.file_fault(entry.origin.span, name, FileFault::NoPath);
            return None;
        };
        let file = Some(self.mount(name, path, entry.get("mode"))?);
        let source = SecretSource::Composite(parts?);
        Some(Secret { name: name.into(), variable: None, file, shared: false, source, span })
    }

    /// A shared secret that one of the others uses.
    fn shared_secret(&mut self, name: &str, secret: &SharedSecret) -> Option<Secret> {
        let shown = format!("shared.{name}");
        let Some(value) = &secret.value else {
            self.scope.findings().push(Fault::SecretWithoutValue { span: secret.span, name: shown });
            return None;
        };
        let source = self.source(value.place.clone(), value.span, &shown, Whose::Shared)?;
        let name = shown.into();
        Some(Secret { name, variable: None, file: None, shared: true, source, span: value.span })
    }

    fn source(&mut self, place: SecretPlace, span: Span, name: &str, whose: Whose) -> Option<SecretSource> {
        match self.sites.get(&place).map(|site| &site.kind) {
            Some(SiteKind::Ciphertext(ciphertext)) => Some(SecretSource::Ciphertext {
                ciphertext: ciphertext.clone(),
                file: self.scope.files().get(place.file).path.clone(),
                pointer: place.pointer,
            }),
            Some(SiteKind::Pointer(pointer)) => {
                let (unit, environment) = (&self.stack.unit, self.environment);
                let scope = &mut *self.scope;
                let allowed = self.allowed.get_or_insert_with(|| allowed(unit, environment, scope));
                let locator = match whose {
                    Whose::Unit => locate(pointer, span, unit, environment, allowed, self.scope),
                    Whose::Shared => {
                        locate(pointer, span, unit, environment, allowed, &mut SharedScope(self.scope))
                    }
                };
                locator.map(SecretSource::Pointer)
            }
            Some(SiteKind::Composite(text)) => {
                self.composite(text, span, name, whose).map(SecretSource::Composite)
            }
            // Reported where it stands.
            Some(SiteKind::Refused) | None => None,
        }
    }

    fn mount(&mut self, name: &str, path: &Layered, mode: Option<&Layered>) -> Option<Mount> {
        let span = path.origin.span;
        let text = path.as_scalar().and_then(|path| interpolate(&path.text, span, self.scope))?;
        if !is_path(&text) {
            self.file_fault(span, name, FileFault::BadPath);
            return None;
        }
        let mode = match mode {
            None => Some(SECRET_MODE),
            Some(mode) => {
                let at = mode.origin.span;
                let text = mode.as_scalar().and_then(|mode| interpolate(&mode.text, at, self.scope))?;
                let mode = parse_mode(&text);
                if mode.is_none() {
                    self.file_fault(at, name, FileFault::BadMode);
                }
                mode
            }
        };
        Some(Mount { path: text, mode: mode?, span })
    }

    /// What holds for all files, with a secret or without: no sources, no name that a secret has.
    fn check_files(&mut self) {
        if let Some(files) = self.stack.tree.get("files") {
            check_sources(files, self.scope.findings());
        }
        let spans: HashMap<&str, Span> =
            self.stack.secrets().map(|(name, s, _)| (name, s.origin.span)).collect();
        for (name, entry) in self.stack.files() {
            if let Some(other) = spans.get(name) {
                self.file_fault(entry.origin.span, name, FileFault::NameTaken { other: *other });
            }
        }
    }

    fn file_fault(&mut self, span: Span, name: &str, fault: FileFault) {
        self.scope.findings().push(Fault::File { span, name: name.to_string(), fault });
    }

    fn composite(
        &mut self,
        text: &Arc<str>,
        span: Span,
        name: &str,
        whose: Whose,
    ) -> Option<Vec<SecretPart>> {
        let segments = split(text).unwrap_or_default();
        if segments.is_empty() || within_budget(text, &segments).is_err() {
            self.scope.findings().push(Fault::BrokenComposition { span, name: name.to_string() });
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
                    match self.composite_part(source, part, at, name, whose) {
                        Some(part) => parts.push(part),
                        None => failed = true,
                    }
                }
            }
        }
        (!failed).then_some(parts)
    }

    fn composite_part(
        &mut self,
        source: &str,
        whole: &str,
        at: Span,
        name: &str,
        whose: Whose,
    ) -> Option<SecretPart> {
        let used = references(source).unwrap_or_default();
        if used.iter().all(|reference| !matches!(reference.root.as_str(), "secrets" | "shared")) {
            let text = match whose {
                Whose::Unit => interpolate(&whole.into(), at, self.scope),
                Whose::Shared => interpolate(&whole.into(), at, &mut SharedScope(self.scope)),
            };
            return text.map(SecretPart::Text);
        }
        let named = filtered_name(source).and_then(|(root, secret, filters)| {
            let encodings =
                filters.iter().map(|filter| Encoding::of_filter(filter)).collect::<Option<Vec<_>>>();
            Some((root, secret, encodings?))
        });
        let Some((root, secret, encodings)) = named else {
            self.scope.findings().push(Fault::SecretExpression { span: at, name: name.to_string() });
            return None;
        };
        let id = match (root.as_str(), whose) {
            ("shared", _) => self.shared_id(&secret, at)?,
            (_, Whose::Shared) => {
                self.scope.findings().push(Fault::SharedNamesSecret { span: at });
                return None;
            }
            (_, Whose::Unit) => match self.ids.get(&secret) {
                Some(id) => *id,
                None => {
                    let known = self.scope.secret_names().iter().take(MAX_NAMES).cloned().collect();
                    let name = format!("secrets.{secret}");
                    self.scope.findings().push(Fault::UndefinedName { name, span: at, known });
                    return None;
                }
            },
        };
        Some(SecretPart::Secret(id, encodings))
    }

    /// The id of a shared secret that is named at `at`, if it exists for this app.
    fn shared_id(&mut self, name: &str, at: Span) -> Option<SecretId> {
        let declared: &'r Stack = self.stack;
        let Some((name, secret)) = declared.shared.get_key_value(name) else {
            let known = declared.shared.names().map(ToString::to_string).collect();
            let name = format!("shared.{name}");
            self.scope.findings().push(Fault::UndefinedName { name, span: at, known });
            return None;
        };
        let app = &declared.unit.app;
        if !secret.is_for(app) {
            let (name, app) = (name.to_string(), app.clone());
            self.scope.findings().push(Fault::SharedNotFor { span: at, name, app, declared: secret.span });
            return None;
        }
        let index = self.shared.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
            self.shared.push((name, secret));
            self.shared.len() - 1
        });
        Some(id_of(self.first_shared + index))
    }
}

fn id_of(index: usize) -> SecretId {
    SecretId(u32::try_from(index).expect("a unit has fewer than 2^32 secrets"))
}

/// How deeply composed secrets may contain each other.
const MAX_DEPTH: usize = 32;
/// How much a composed secret may be written out: bytes of its texts, and one for every secret, each as
/// often as it is contained. A few that contain each other twice would have no end.
const MAX_WEIGHT: usize = 1 << 20;

/// A composed secret may not contain itself, nor be nested without end.
fn cycles(list: &[Secret], out: &mut Diagnostics) {
    let mut done = vec![false; list.len()];
    let before = out.error_count();
    for at in 0..list.len() {
        visit(at, list, &mut Vec::new(), &mut done, out);
    }
    if out.error_count() == before {
        weigh(list, out);
    }
}

/// None of the secrets, among which there is no circle, is written out without end.
fn weigh(list: &[Secret], out: &mut Diagnostics) {
    let mut weights = vec![None; list.len()];
    for at in 0..list.len() {
        if weight(at, list, &mut weights) > MAX_WEIGHT {
            let Secret { span, name, .. } = &list[at];
            out.push(Fault::SecretCycle { span: *span, other: *span, name: name.to_string(), nested: true });
            return;
        }
    }
}

fn weight(at: usize, list: &[Secret], weights: &mut [Option<usize>]) -> usize {
    if let Some(known) = weights[at] {
        return known;
    }
    let total = match &list[at].source {
        SecretSource::Composite(parts) => parts.iter().fold(1, |sum: usize, part| {
            sum.saturating_add(match part {
                SecretPart::Text(text) => text.len(),
                SecretPart::Secret(id, _) => weight(id.0 as usize, list, weights),
            })
        }),
        _ => 1,
    };
    weights[at] = Some(total);
    total
}

fn visit(at: usize, list: &[Secret], open: &mut Vec<usize>, done: &mut [bool], out: &mut Diagnostics) {
    let Some(secret) = list.get(at).filter(|_| !done[at]) else { return };
    if open.contains(&at) || open.len() > MAX_DEPTH {
        let other = list[*open.last().expect("a circle has a beginning")].span;
        let name = secret.name.to_string();
        out.push(Fault::SecretCycle {
            span: other,
            other: secret.span,
            name,
            nested: open.len() > MAX_DEPTH,
        });
        return;
    }
    open.push(at);
    if let SecretSource::Composite(parts) = &secret.source {
        for part in parts {
            if let SecretPart::Secret(id, _) = part {
                visit(id.0 as usize, list, open, done, out);
            }
        }
    }
    open.pop();
    done[at] = true;
}
