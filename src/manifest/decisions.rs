//! The static pass: no template decides by a secret, or by text whose values stand in it as tokens.
//!
//! Values aren't known while templates run, and the engine has no hook for most comparisons: `==` of a
//! secret and a string would silently be false. So the parsed templates are followed instead. What
//! reaches a name is joined over all assignments of its scope; macro parameters and names that cross
//! from one template into another are followed to a fixpoint. A false finding is possible where one
//! name holds a secret here and a plain value there; a missed one isn't known.
//!
//! `*` and `**` work between numbers only: constants, `|int`, `|length`, `|quantity`, a loop's counters, and what
//! arithmetic makes of them. A repeated text or list would cost memory out of proportion to its source.

use std::collections::{HashMap, HashSet};

use minijinja::machinery::ast::{Expr, Stmt};
use minijinja::machinery::{Span as Place, parse, parse_expr};
use minijinja::syntax::SyntaxConfig;

use super::fault::Fault;
use super::reach::Reach;
use crate::source::diagnostic::Diagnostics;
use crate::source::span::{FileId, Span};

mod expressions;
mod statements;

/// What a template does with a value that it can't know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words in `fault` say what each is")]
pub enum Decision {
    Compare,
    Truth,
    Test(String),
    Filter(String),
    Slice,
    Index,
    Loop,
    Arithmetic,
    Compose,
    Call,
    Name,
}

/// A template: its name, its file, its text.
pub type Source<'s> = (&'s str, FileId, &'s str);

/// Checks the templates of a pack, which were all compiled, and the conditions of its documents.
pub fn check(
    sources: &[Source<'_>],
    conditions: &[(Span, &str)],
    syntax: &SyntaxConfig,
    out: &mut Diagnostics,
) {
    let parsed: Vec<(FileId, Stmt<'_>)> = sources
        .iter()
        .filter_map(|(name, file, text)| Some((*file, parse(text, name, syntax.clone()).ok()?)))
        .collect();
    let mut pass = Pass::default();
    loop {
        pass.is_stable = true;
        for (file, template) in &parsed {
            pass.template(*file, template);
        }
        if pass.is_stable {
            break;
        }
        pass.found.clear();
    }
    for fault in pass.found {
        out.push(fault);
    }
    for (span, text) in conditions {
        let Ok(condition) = parse_expr(text) else { continue };
        let mut pass = Pass { whole: Some(*span), ..Pass::default() };
        pass.truth(&condition);
        for fault in pass.found {
            out.push(fault);
        }
    }
}

/// Where a scope begins: the file, the place, and whether it is of a statement's own names.
type ScopeKey = (u32, u32, u32);

/// The names of a scope.
#[derive(Clone, Debug, Default)]
struct Scope<'s> {
    /// What each name may hold.
    names: HashMap<&'s str, Reach>,
    /// The names that the scope declares, so that outer ones aren't seen.
    declared: HashSet<&'s str>,
}

/// What is known so far. Everything in it only grows, so a fixpoint exists.
#[derive(Default)]
struct Pass<'s> {
    file: Option<FileId>,
    /// The place of all findings, where the text has none of its own.
    whole: Option<Span>,
    scopes: Vec<Scope<'s>>,
    remembered: HashMap<ScopeKey, HashMap<&'s str, Reach>>,
    /// The parameters of every macro of a name.
    macros: HashMap<&'s str, HashSet<Vec<&'s str>>>,
    arguments: HashMap<(&'s str, &'s str), Reach>,
    /// Other names of macros.
    aliases: HashMap<&'s str, HashSet<&'s str>>,
    modules: HashSet<&'s str>,
    /// What templates may see of each other.
    shared: HashMap<&'s str, Reach>,
    is_stable: bool,
    found: Vec<Fault>,
}

impl<'s> Pass<'s> {
    fn template<'a>(&mut self, file: FileId, template: &'a Stmt<'s>) {
        self.file = Some(file);
        self.within((file.0, 0, 0), |pass| {
            pass.statement(template);
            pass.publish();
        });
    }

    /// Runs `body` in a scope of its own, which knows what it knew when it was last run.
    fn within(&mut self, key: ScopeKey, body: impl FnOnce(&mut Self)) {
        let names = self.remembered.get(&key).cloned().unwrap_or_default();
        self.scopes.push(Scope { names, declared: HashSet::new() });
        body(self);
        let names = self.scopes.pop().map(|scope| scope.names).unwrap_or_default();
        if self.remembered.get(&key) != Some(&names) {
            self.remembered.insert(key, names);
            self.is_stable = false;
        }
    }

    fn key(&self, place: Place) -> ScopeKey {
        let file = self.file.map_or(u32::MAX, |file| file.0);
        (file, place.start_offset + 1, place.end_offset)
    }

    /// A name that belongs to the scope alone.
    fn declare(&mut self, name: &'s str, reach: Reach) {
        self.assign(name, reach);
        if let Some(scope) = self.scopes.last_mut() {
            scope.declared.insert(name);
        }
    }

    /// A name that is set in the scope, or not, if its statement isn't run.
    fn assign(&mut self, name: &'s str, reach: Reach) {
        if let Some(scope) = self.scopes.last_mut() {
            let known = scope.names.entry(name).or_default();
            *known = known.or(reach);
        }
    }

    fn lookup(&self, name: &str) -> Reach {
        let mut reach = None;
        for scope in self.scopes.iter().rev() {
            if let Some(known) = scope.names.get(name) {
                reach = Some(reach.map_or(*known, |reach: Reach| reach.or(*known)));
                if scope.declared.contains(name) {
                    return reach.unwrap_or_default();
                }
            }
        }
        let root = match name {
            "secrets" => Reach::Mapping,
            "rollout" => Reach::Secret,
            _ => Reach::Clean,
        };
        let fallback = self.shared.get(name).copied().unwrap_or_default();
        reach.unwrap_or(fallback).or(root)
    }

    /// Whether a statement of some template gives the name a value.
    fn is_bound(&self, name: &str) -> bool {
        self.shared.contains_key(name) || self.scopes.iter().any(|scope| scope.names.contains_key(name))
    }

    /// Lets other templates see the names that are visible here.
    fn publish(&mut self) {
        let visible: Vec<(&'s str, Reach)> = self
            .scopes
            .iter()
            .flat_map(|scope| scope.names.iter().map(|(name, reach)| (*name, *reach)))
            .filter(|(_, reach)| *reach != Reach::Clean)
            .collect();
        for (name, reach) in visible {
            let known = self.shared.entry(name).or_default();
            if reach > *known {
                *known = reach;
                self.is_stable = false;
            }
        }
    }

    fn passes(&mut self, callee: &'s str, parameter: &'s str, reach: Reach) {
        let known = self.arguments.entry((callee, parameter)).or_default();
        if reach > *known {
            *known = reach;
            self.is_stable = false;
        }
    }

    /// Refuses an operation; what comes of it says nothing more.
    fn refuse(&mut self, place: Place, decision: Decision, reach: Reach) -> Reach {
        let span = self.span(place);
        self.found.push(Fault::SecretDecision { span, decision, reach });
        Reach::Clean
    }

    fn span(&self, place: Place) -> Span {
        let here = || Span::new(self.file.unwrap_or(FileId(0)), place.start_offset, place.end_offset);
        self.whole.unwrap_or_else(here)
    }

    /// An expression that is asked whether it is true.
    fn truth(&mut self, expr: &Expr<'s>) -> Reach {
        let reach = self.expression(expr);
        if reach.is_unknown() { self.refuse(extent(expr), Decision::Truth, reach) } else { reach }
    }
}

/// The place of a whole expression; the parser's own begins at the operator.
fn extent(expr: &Expr<'_>) -> Place {
    let first = match expr {
        Expr::Slice(slice) => &slice.expr,
        Expr::BinOp(op) => &op.left,
        Expr::Compare(compare) => {
            let last = compare.ops.last().map_or(compare.span(), |op| extent(&op.expr));
            return join(extent(&compare.expr), last);
        }
        Expr::IfExpr(choice) => &choice.true_expr,
        Expr::Filter(filter) => match &filter.expr {
            Some(inner) => inner,
            None => return filter.span(),
        },
        Expr::Test(test) => &test.expr,
        Expr::GetAttr(get) => &get.expr,
        Expr::GetItem(get) => &get.expr,
        Expr::Call(call) => &call.expr,
        _ => return expr.span(),
    };
    join(extent(first), expr.span())
}

fn join(first: Place, last: Place) -> Place {
    let (end_line, end_col) = (last.end_line, last.end_col);
    Place { end_line, end_col, end_offset: last.end_offset.max(first.end_offset), ..first }
}
