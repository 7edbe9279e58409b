//! A pointer as one unit uses it: with every name filled in, and held against what `allow:` permits.

use super::environment::Environment;
use super::fault::Fault;
use super::interpolate::{Answer, MAX_NAMES, Scope, inner, interpolate};
use super::locator::Locator;
use super::name::UnitName;
use super::pointer::{Pointer, ResolveError};
use super::scope::{Pattern, escape, suggest};
use crate::source::diagnostic::Diagnostics;
use crate::source::files::Files;
use crate::source::span::Span;

/// The locator that a pointer at `span` comes to. `None` when it comes to none, and why is reported; one
/// that isn't permitted is reported too.
pub fn locate(
    pointer: &Pointer,
    span: Span,
    unit: &UnitName,
    environment: &Environment,
    allowed: &Allowed,
    scope: &mut dyn Scope,
) -> Option<Locator> {
    let resolved = pointer.resolve(&mut |expression: &str| {
        interpolate(&expression.into(), span, scope).map(|text| text.to_string()).ok_or(())
    });
    match resolved {
        Ok(locator) => {
            hold_to_scope(&locator, span, unit, environment, allowed, scope);
            Some(locator)
        }
        Err(ResolveError::Expression { .. }) => None,
        Err(ResolveError::Fault(fault)) => {
            let span = inner(scope.files(), span);
            scope.findings().push(Fault::BadPointer { span, fault });
            None
        }
    }
}

/// The patterns for one app with the places where they are written; `None` when one of them is no good, which
/// was reported.
pub type Allowed = Option<Vec<(Pattern, Span)>>;

/// What `allow:` of an environment says for the app of a unit.
pub fn allowed(unit: &UnitName, environment: &Environment, scope: &mut dyn Scope) -> Allowed {
    let app = unit.app.as_str();
    let mut patterns = Vec::new();
    for (text, at) in environment.allow.iter().filter(|r| r.covers_app(app)).flat_map(|r| &r.patterns) {
        let mut names = PatternScope { environment: &environment.name, app, scope };
        let text = interpolate(text, *at, &mut names)?;
        match Pattern::parse(&text) {
            Ok(pattern) => patterns.push((pattern, *at)),
            Err(fault) => {
                scope.findings().push(Fault::BadPattern { span: *at, fault });
                return None;
            }
        }
    }
    Some(patterns)
}

/// A pointer is used only where `allow:` says so.
fn hold_to_scope(
    locator: &Locator,
    span: Span,
    unit: &UnitName,
    environment: &Environment,
    allowed: &Allowed,
    scope: &mut dyn Scope,
) {
    let Some(patterns) = allowed else { return };
    let home = environment.home(locator.backend);
    if patterns.iter().any(|(pattern, _)| pattern.matches(locator, home)) {
        return;
    }
    scope.findings().push(Fault::OutOfScope {
        span,
        locator: locator.to_string(),
        unit: unit.clone(),
        patterns: patterns.iter().take(MAX_NAMES).map(|(_, at)| *at).collect(),
        document: environment.document,
        suggestion: suggest(locator),
    });
}

/// The names that a pattern of `allow:` may use. What they stand for is literal: it can't widen the
/// pattern.
struct PatternScope<'p> {
    environment: &'p str,
    app: &'p str,
    scope: &'p mut dyn Scope,
}

impl Scope for PatternScope<'_> {
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
