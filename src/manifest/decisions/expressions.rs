//! What an expression holds, and what it does with it.

use minijinja::machinery::Span as Place;
use minijinja::machinery::ast::{
    BinOp, BinOpKind, Call, CallArg, Compare, CompareOpKind, Expr, Filter, GetAttr, Test, UnaryOpKind,
};

use super::{Decision, Pass, extent};
use crate::config::secret::Encoding;
use crate::manifest::engine;
use crate::manifest::fault::Fault;
use crate::manifest::reach::Reach;

impl<'s> Pass<'s> {
    pub(super) fn expression(&mut self, expr: &Expr<'s>) -> Reach {
        match expr {
            // What `loop` holds is what its neighbours are.
            Expr::Var(var) if var.id == "loop" => Reach::Clean,
            Expr::Var(var) => self.lookup(var.id),
            Expr::Const(constant) => {
                if engine::has_reserved(&constant.value) {
                    let span = self.span(constant.span());
                    self.found.push(Fault::ReservedCharacter { span });
                }
                Reach::Clean
            }
            Expr::Slice(slice) => {
                let reach = self.expression(&slice.expr);
                let bounds = [&slice.start, &slice.stop, &slice.step];
                let bounds = self.all(bounds.into_iter().flatten());
                if bounds != Reach::Clean {
                    return self.refuse(extent(expr), Decision::Index, bounds);
                }
                if reach.is_unknown() {
                    return self.refuse(extent(expr), Decision::Slice, reach);
                }
                reach
            }
            Expr::UnaryOp(op) => {
                if matches!(op.op, UnaryOpKind::Not) {
                    self.truth(&op.expr);
                    return Reach::Clean;
                }
                let reach = self.expression(&op.expr);
                self.known(extent(expr), Decision::Arithmetic, reach)
            }
            Expr::BinOp(op) => self.binary(op, extent(expr)),
            Expr::Compare(compare) => self.comparison(compare, extent(expr)),
            Expr::IfExpr(choice) => {
                self.truth(&choice.test_expr);
                let yes = self.expression(&choice.true_expr);
                choice.false_expr.as_ref().map_or(yes, |no| self.expression(no).or(yes))
            }
            Expr::Filter(filter) => match &filter.expr {
                Some(inner) => {
                    let reach = self.expression(inner);
                    self.filter(filter, reach, extent(expr))
                }
                None => self.filter(filter, Reach::Captured, filter.span()),
            },
            Expr::Test(test) => self.test(test, extent(expr)),
            Expr::GetAttr(get) => self.attribute(get, extent(expr)),
            Expr::GetItem(get) => {
                let reach = self.expression(&get.expr);
                let key = self.expression(&get.subscript_expr);
                if key != Reach::Clean || reach.is_unknown() {
                    return self.refuse(extent(expr), Decision::Index, key.or(reach));
                }
                match &get.subscript_expr {
                    Expr::Const(index) if reach == Reach::Pair && index.value.as_usize() == Some(0) => {
                        Reach::Clean
                    }
                    _ => reach.member(),
                }
            }
            Expr::Call(call) => self.call(call, extent(expr)),
            Expr::List(list) => self.holder(&list.items),
            Expr::Tuple(tuple) => self.holder(&tuple.items),
            Expr::Map(map) => {
                let keys = self.holder(&map.keys);
                match self.all(&map.values) {
                    Reach::Clean => keys,
                    _ => keys.or(Reach::Mapping),
                }
            }
        }
    }

    /// What any of the expressions may hold.
    fn all<'e>(&mut self, exprs: impl IntoIterator<Item = &'e Expr<'s>>) -> Reach
    where
        's: 'e,
    {
        exprs.into_iter().fold(Reach::Clean, |reach, expr| self.expression(expr).or(reach))
    }

    fn holder(&mut self, items: &[Expr<'s>]) -> Reach {
        match self.all(items) {
            Reach::Clean => Reach::Clean,
            _ => Reach::Holder,
        }
    }

    /// Refuses an operation unless its operands are plain.
    fn known(&mut self, place: Place, decision: Decision, reach: Reach) -> Reach {
        if reach == Reach::Clean { Reach::Clean } else { self.refuse(place, decision, reach) }
    }

    fn binary(&mut self, op: &BinOp<'s>, place: Place) -> Reach {
        if matches!(op.op, BinOpKind::ScAnd | BinOpKind::ScOr) {
            return self.truth(&op.left).or(self.expression(&op.right));
        }
        let left = self.expression(&op.left);
        let right = self.expression(&op.right);
        let either = left.or(right);
        match op.op {
            BinOpKind::In if left == Reach::Clean && right == Reach::Mapping => Reach::Clean,
            BinOpKind::Eq
            | BinOpKind::Ne
            | BinOpKind::Lt
            | BinOpKind::Lte
            | BinOpKind::Gt
            | BinOpKind::Gte
            | BinOpKind::In => self.known(place, Decision::Compare, either),
            BinOpKind::Concat => match [left, right].into_iter().find(|r| is_structure(*r)) {
                Some(structure) => self.refuse(place, Decision::Compose, structure),
                None => either,
            },
            BinOpKind::Mul | BinOpKind::Pow if either == Reach::Clean => {
                if !(is_number(&op.left) && is_number(&op.right)) {
                    let span = self.span(place);
                    self.found.push(Fault::Repetition { span });
                }
                Reach::Clean
            }
            _ => self.known(place, Decision::Arithmetic, either),
        }
    }

    fn comparison(&mut self, compare: &Compare<'s>, place: Place) -> Reach {
        let mut left = self.expression(&compare.expr);
        for op in &compare.ops {
            let right = self.expression(&op.expr);
            let asks_for_name = matches!(op.op, CompareOpKind::In | CompareOpKind::NotIn)
                && left == Reach::Clean
                && right == Reach::Mapping;
            if !asks_for_name && left.or(right) != Reach::Clean {
                return self.refuse(place, Decision::Compare, left.or(right));
            }
            left = right;
        }
        Reach::Clean
    }

    /// A filter of a value. `reach` is the value's.
    pub(super) fn filter(&mut self, filter: &Filter<'s>, reach: Reach, place: Place) -> Reach {
        let args = filter.args.iter().fold(Reach::Clean, |all, arg| self.expression(argument(arg)).or(all));
        if matches!(filter.name, "default" | "d") {
            return reach.or(args);
        }
        let is_encoding = Encoding::of_filter(filter.name).is_some();
        let made = match (filter.name, reach) {
            ("structure", Reach::Captured) => None,
            ("structure", _) => Some(Reach::Captured),
            (_, Reach::Clean) => Some(Reach::Clean),
            ("items" | "dictsort", Reach::Mapping) => Some(Reach::Pairs),
            ("length", reach) if !reach.is_unknown() => Some(Reach::Clean),
            ("first" | "last", Reach::Pair | Reach::Pairs | Reach::Mapping | Reach::Holder) => {
                Some(reach.at(usize::from(filter.name == "last")))
            }
            ("indent", Reach::Captured) => Some(Reach::Captured),
            (_, Reach::Secret) if is_encoding => Some(Reach::Secret),
            _ => None,
        };
        match made {
            Some(made) if args == Reach::Clean => made,
            _ => self.refuse(place, Decision::Filter(filter.name.to_string()), reach.or(args)),
        }
    }

    fn test(&mut self, test: &Test<'s>, place: Place) -> Reach {
        let reach = self.expression(&test.expr);
        let args = test.args.iter().fold(Reach::Clean, |all, arg| self.expression(argument(arg)).or(all));
        let is_about_presence = match test.name {
            "defined" | "undefined" => true,
            "none" => !reach.is_unknown(),
            _ => false,
        };
        if is_about_presence && args == Reach::Clean {
            return Reach::Clean;
        }
        self.known(place, Decision::Test(test.name.to_string()), reach.or(args))
    }

    fn attribute(&mut self, get: &GetAttr<'s>, place: Place) -> Reach {
        if let Expr::Var(var) = &get.expr {
            if var.id == "loop" {
                let is_neighbour = matches!(get.name, "previtem" | "nextitem");
                return if is_neighbour { self.lookup("loop") } else { Reach::Clean };
            }
            if self.modules.contains(var.id) {
                let shared = self.shared.get(get.name).copied().unwrap_or_default();
                return shared.or(self.expression(&get.expr).member());
            }
        }
        let reach = self.expression(&get.expr);
        if reach.is_unknown() {
            return self.refuse(place, Decision::Index, reach);
        }
        reach.member()
    }

    /// A call: of a macro, since the engine has no functions. What a macro prints is captured.
    pub(super) fn call(&mut self, call: &Call<'s>, place: Place) -> Reach {
        let mut args = Vec::new();
        for arg in &call.args {
            let reach = self.expression(argument(arg));
            args.push((arg, reach));
        }
        let all = args.iter().fold(Reach::Clean, |all, (_, reach)| all.or(*reach));
        let (name, receiver) = match &call.expr {
            Expr::Var(var) => (Some(var.id), self.expression(&call.expr)),
            Expr::GetAttr(get) => (Some(get.name), self.expression(&get.expr)),
            other => (None, self.expression(other)),
        };
        if receiver != Reach::Clean {
            return self.refuse(place, Decision::Call, receiver);
        }
        let others = name.and_then(|name| self.aliases.get(name)).into_iter().flatten().copied();
        let names: Vec<&'s str> = name.into_iter().chain(others).collect();
        let mut is_macro = false;
        for name in names {
            for parameters in self.macros.get(name).cloned().unwrap_or_default() {
                is_macro = true;
                self.arguments_of(name, &parameters, &args);
            }
        }
        let is_plain = match &call.expr {
            Expr::GetAttr(get) => matches!(&get.expr, Expr::Var(var) if var.id == "loop"),
            // Nothing has that name: there is no such function, as the engine will say.
            Expr::Var(var) => var.id != "super" && !self.is_bound(var.id),
            _ => false,
        };
        match all {
            _ if is_macro => Reach::Captured,
            Reach::Clean if is_plain => Reach::Clean,
            Reach::Clean => Reach::Captured,
            // Nothing says what becomes of a secret there.
            _ => self.refuse(place, Decision::Call, all),
        }
    }

    fn arguments_of(&mut self, name: &'s str, parameters: &[&'s str], args: &[(&CallArg<'s>, Reach)]) {
        for (index, (arg, reach)) in args.iter().enumerate() {
            match arg {
                CallArg::Pos(_) => {
                    if let Some(parameter) = parameters.get(index) {
                        self.passes(name, parameter, *reach);
                    }
                }
                CallArg::Kwarg(parameter, _) => self.passes(name, parameter, *reach),
                // A splat shifts what follows it: every parameter may receive any of it.
                CallArg::PosSplat(_) | CallArg::KwargSplat(_) => {
                    let most = args.iter().fold(Reach::Clean, |all, (_, reach)| all.or(*reach));
                    let reach = if *reach == Reach::Clean { most } else { most.or(Reach::Secret) };
                    for parameter in parameters {
                        self.passes(name, parameter, reach);
                    }
                }
            }
        }
    }
}

fn is_structure(reach: Reach) -> bool {
    reach != Reach::Clean && !reach.is_unknown()
}

/// Whether an expression can only be a number.
fn is_number(expr: &Expr<'_>) -> bool {
    match expr {
        Expr::Const(constant) => constant.value.is_number(),
        Expr::Filter(filter) => matches!(filter.name, "int" | "length" | "quantity"),
        Expr::GetAttr(get) => {
            matches!(&get.expr, Expr::Var(var) if var.id == "loop")
                && matches!(get.name, "index" | "index0" | "revindex" | "revindex0" | "length")
        }
        Expr::UnaryOp(op) => matches!(op.op, UnaryOpKind::Neg) && is_number(&op.expr),
        Expr::BinOp(op) => {
            let is_arithmetic = matches!(
                op.op,
                BinOpKind::Add
                    | BinOpKind::Sub
                    | BinOpKind::Mul
                    | BinOpKind::Div
                    | BinOpKind::FloorDiv
                    | BinOpKind::Rem
                    | BinOpKind::Pow
            );
            is_arithmetic && is_number(&op.left) && is_number(&op.right)
        }
        _ => false,
    }
}

pub(super) fn argument<'e, 's>(argument: &'e CallArg<'s>) -> &'e Expr<'s> {
    match argument {
        CallArg::Pos(e) | CallArg::Kwarg(_, e) | CallArg::PosSplat(e) | CallArg::KwargSplat(e) => e,
    }
}
