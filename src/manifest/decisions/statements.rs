//! How statements carry values from name to name.

use minijinja::machinery::Span as Place;
use minijinja::machinery::ast::{Expr, ForLoop, Macro, Stmt};

use super::{Decision, Pass, extent};
use crate::manifest::reach::Reach;

impl<'s> Pass<'s> {
    pub(super) fn statements(&mut self, list: &[Stmt<'s>]) {
        for statement in list {
            self.statement(statement);
        }
    }

    pub(super) fn statement(&mut self, statement: &Stmt<'s>) {
        match statement {
            Stmt::Template(template) => self.statements(&template.children),
            Stmt::EmitExpr(emit) => {
                self.expression(&emit.expr);
            }
            Stmt::EmitRaw(_) | Stmt::Continue(_) | Stmt::Break(_) => {}
            Stmt::ForLoop(stmt) => self.for_loop(stmt, stmt.span()),
            Stmt::IfCond(choice) => {
                self.truth(&choice.expr);
                self.statements(&choice.true_body);
                self.statements(&choice.false_body);
            }
            Stmt::WithBlock(with) => {
                let key = self.key(with.span());
                self.within(key, |pass| {
                    for (target, value) in &with.assignments {
                        let reach = pass.expression(value);
                        pass.bind(target, reach, Pass::declare);
                    }
                    pass.statements(&with.body);
                });
            }
            Stmt::Set(set) => {
                let reach = self.expression(&set.expr);
                self.bind(&set.target, reach, Pass::assign);
            }
            Stmt::SetBlock(set) => {
                self.statements(&set.body);
                let reach = match &set.filter {
                    Some(filter) => self.expression(filter),
                    None => Reach::Captured,
                };
                self.bind(&set.target, reach, Pass::assign);
            }
            Stmt::AutoEscape(block) => {
                self.expression(&block.enabled);
                self.statements(&block.body);
            }
            Stmt::FilterBlock(block) => {
                self.statements(&block.body);
                self.expression(&block.filter);
            }
            Stmt::Block(block) => {
                // Another template may put its own block here.
                self.publish();
                let key = self.key(block.span());
                self.within(key, |pass| pass.statements(&block.body));
            }
            Stmt::Import(import) => {
                self.other_template(&import.expr);
                if let Expr::Var(name) = &import.name {
                    self.modules.insert(name.id);
                    self.assign(name.id, Reach::Clean);
                }
            }
            Stmt::FromImport(import) => {
                self.other_template(&import.expr);
                for (name, alias) in &import.names {
                    let (Expr::Var(there), Expr::Var(here)) = (name, alias.as_ref().unwrap_or(name)) else {
                        continue;
                    };
                    if there.id != here.id && self.aliases.entry(here.id).or_default().insert(there.id) {
                        self.is_stable = false;
                    }
                    let reach = self.shared.get(there.id).copied().unwrap_or_default();
                    self.assign(here.id, reach);
                }
            }
            Stmt::Extends(extends) => self.other_template(&extends.name),
            Stmt::Include(include) => self.other_template(&include.name),
            Stmt::Macro(stmt) => self.macro_body(stmt, stmt.span()),
            Stmt::CallBlock(block) => {
                self.macro_body(&block.macro_decl, block.macro_decl.span());
                self.call(&block.call, block.call.span());
            }
            Stmt::Do(stmt) => {
                self.call(&stmt.call, stmt.call.span());
            }
        }
    }

    fn for_loop(&mut self, stmt: &ForLoop<'s>, place: Place) {
        let mut reach = self.expression(&stmt.iter);
        if reach.is_unknown() {
            reach = self.refuse(extent(&stmt.iter), Decision::Loop, reach);
        }
        let key = self.key(place);
        self.within(key, |pass| {
            pass.bind(&stmt.target, reach.item(), Pass::declare);
            pass.declare("loop", reach.item());
            if let Some(filter) = &stmt.filter_expr {
                pass.truth(filter);
            }
            pass.statements(&stmt.body);
        });
        self.statements(&stmt.else_body);
    }

    fn macro_body(&mut self, stmt: &Macro<'s>, place: Place) {
        let parameters: Vec<&'s str> = stmt
            .args
            .iter()
            .filter_map(|arg| match arg {
                Expr::Var(var) => Some(var.id),
                _ => None,
            })
            .collect();
        if self.macros.entry(stmt.name).or_default().insert(parameters.clone()) {
            self.is_stable = false;
        }
        let with_default = parameters.len().saturating_sub(stmt.defaults.len());
        let key = self.key(place);
        self.within(key, |pass| {
            for (index, parameter) in parameters.iter().enumerate() {
                let default = index.checked_sub(with_default).and_then(|i| stmt.defaults.get(i));
                let default = default.map(|expr| pass.expression(expr)).unwrap_or_default();
                let passed = pass.arguments.get(&(stmt.name, *parameter)).copied().unwrap_or_default();
                pass.declare(parameter, passed.or(default));
            }
            pass.statements(&stmt.body);
        });
    }

    /// Another template runs here and sees what is visible here.
    fn other_template(&mut self, name: &Expr<'s>) {
        let reach = self.expression(name);
        if reach != Reach::Clean {
            self.refuse(extent(name), Decision::Name, reach);
        }
        self.publish();
    }

    fn bind(&mut self, target: &Expr<'s>, reach: Reach, how: fn(&mut Self, &'s str, Reach)) {
        let parts = match target {
            Expr::Var(var) => return how(self, var.id, reach),
            Expr::List(list) => &list.items,
            Expr::Tuple(tuple) => &tuple.items,
            // An attribute of something: that holds it then.
            Expr::GetAttr(get) if reach != Reach::Clean => {
                return self.bind(&get.expr, Reach::Holder, Pass::assign);
            }
            _ => return,
        };
        for (index, part) in parts.iter().enumerate() {
            self.bind(part, reach.at(index), how);
        }
    }
}
