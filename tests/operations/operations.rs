//! The table of operations: everything an expression can do, to a secret and to text composed with one.

use std::collections::BTreeSet;

use minijinja::Environment;
use minijinja::machinery::ast::{BinOpKind, CompareOpKind, Expr, UnaryOpKind};
use minijinja::machinery::parse_expr;
use sealwright::manifest::engine;
use sealwright::manifest::token::Tokens;

use super::bench::{Refusal, run, run_late};

/// What comes of a row.
#[derive(Clone, Copy, Debug)]
enum Outcome {
    /// The output, in which `S` is the operand as it stands.
    Made(&'static str),
    /// It is refused when the template is compiled, and again when it runs, if that can be seen then.
    Refused,
    /// It is refused when the template is compiled. Nothing that runs could notice.
    RefusedEarly,
}

use Outcome::{Made, Refused, RefusedEarly};

/// Filters that make something of a secret; every other one is refused.
const FILTERS: [(&str, Outcome); 9] = [
    ("b64encode", Made("'b64encode(S)'")),
    ("urlencode", Made("'urlencode(S)'")),
    ("tojson", Made("'tojson(S)'")),
    ("shellquote", Made("'shellquote(S)'")),
    ("dotenv", Made("'dotenv(S)'")),
    ("compose", Made("'compose(S)'")),
    ("default('x')", Made("'S'")),
    ("d('x')", Made("'S'")),
    ("structure", Made("'S'")),
];

/// Filters that are refused, whether the engine has them or only minijinja has.
const REFUSED_FILTERS: [&str; 57] = [
    "abs",
    "attr('x')",
    "awscron",
    "batch(2)",
    "bool",
    "capitalize",
    "chain([])",
    "checksum",
    "count",
    "dictsort",
    "e",
    "escape",
    "first",
    "float",
    "format('x')",
    "groupby('x')",
    "indent(2)",
    "int",
    "items",
    "join(',')",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map('upper')",
    "max",
    "min",
    "pprint",
    "quantity",
    "reject('odd')",
    "rejectattr('x')",
    "replace('a', 'b')",
    "reverse",
    "round",
    "safe",
    "select('odd')",
    "selectattr('x')",
    "slice(2)",
    "sort",
    "split(',')",
    "string",
    "sum",
    "title",
    "trim",
    "unique",
    "upper",
    "zip([])",
    // With a secret as what they are given.
    "replace(secrets.B, 'b')",
    "replace('a', secrets.B)",
    "split(secrets.B)",
    "join(secrets.B)",
    "indent(secrets.B)",
    "b64encode(secrets.B)",
    "default('x')|upper",
    "b64encode|upper",
    "urlencode|length",
];

/// Tests; `T` is the operand. All that a secret answers is that it is there.
const TESTS: [(&str, Outcome); 2] = [("defined", Made("true")), ("undefined", Made("false"))];

const REFUSED_TESTS: [&str; 37] = [
    "!= 'x'",
    "< 'x'",
    "<= 'x'",
    "== 'x'",
    "> 'x'",
    ">= 'x'",
    "boolean",
    "divisibleby(2)",
    "endingwith('x')",
    "eq('x')",
    "equalto('x')",
    "escaped",
    "even",
    "false",
    "filter",
    "float",
    "ge('x')",
    "greaterthan('x')",
    "gt('x')",
    "in(['x'])",
    "int",
    "integer",
    "iterable",
    "le('x')",
    "lessthan('x')",
    "lower",
    "lt('x')",
    "mapping",
    "ne('x')",
    "none",
    "number",
    "odd",
    "safe",
    "sameas('x')",
    "sequence",
    "startingwith('x')",
    "string",
];
const MORE_REFUSED_TESTS: [&str; 3] = ["test", "true", "upper"];

/// Functions that minijinja has. The engine has none of them.
const FUNCTIONS: [&str; 4] = ["debug", "dict", "namespace", "range"];

/// Operators and what else an expression is made of; `T` is the operand, `S` what it is in the output.
const OPERATORS: [(&str, Outcome); 63] = [
    ("T", Made("'S'")),
    ("T ~ 'y'", Made("'Sy'")),
    ("'y' ~ T", Made("'yS'")),
    ("T ~ 1", Made("'S1'")),
    ("T ~ T", Made("'SS'")),
    ("T ~ secrets.B", Made("'S⟨B⟩'")),
    ("('y' ~ T)|b64encode", Made("'b64encode(yS)'")),
    ("T|urlencode ~ T|b64encode", Made("'urlencode(S)b64encode(S)'")),
    ("T|b64encode|b64encode", Made("'b64encode(b64encode(S))'")),
    ("('u' ~ T|urlencode)|b64encode", Made("'b64encode(uurlencode(S))'")),
    ("T if app.name else 'y'", Made("'S'")),
    ("T if not app.name else 'y'", Made("'y'")),
    ("app.name and T", Made("'S'")),
    ("none or T", Made("'S'")),
    ("[T]|structure", Made("['S']")),
    ("(T, 'y')|structure", Made("['S', 'y']")),
    ("{'k': T}|structure", Made("{k: 'S'}")),
    ("[T][0]", Made("'S'")),
    ("{'k': T}.k", Made("'S'")),
    ("{'k': T}['k']", Made("'S'")),
    ("[T]|length", Made("1")),
    ("[T, 'y']|first", Made("'S'")),
    ("[T][0:1]|structure", Made("['S']")),
    ("({'k': T}|items|first)[0]", Made("'k'")),
    ("({'k': T}|items|first)[1]", Made("'S'")),
    ("({'k': T}|dictsort|last)[1]", Made("'S'")),
    ("'k' in {'k': T}", Made("true")),
    ("'k' not in {'k': T}", Made("false")),
    ("not [T]", Made("false")),
    ("T == 'y'", RefusedEarly),
    ("T != 'y'", RefusedEarly),
    ("'y' == T", RefusedEarly),
    ("T == secrets.B", RefusedEarly),
    ("T < 'y'", RefusedEarly),
    ("T <= 'y'", RefusedEarly),
    ("T > 'y'", RefusedEarly),
    ("T >= 'y'", RefusedEarly),
    ("1 < T < 3", RefusedEarly),
    ("'y' not in T != 'z'", RefusedEarly),
    ("T in 'y'", RefusedEarly),
    ("T not in 'y'", RefusedEarly),
    ("T in ['y']", RefusedEarly),
    ("'y' in [T]", RefusedEarly),
    ("'y' in T", RefusedEarly),
    ("'y' not in T", RefusedEarly),
    ("[T] == ['y']", RefusedEarly),
    ("T and 'y'", RefusedEarly),
    ("T or 'y'", RefusedEarly),
    ("not T", RefusedEarly),
    ("'y' if T else 'z'", RefusedEarly),
    ("-T", Refused),
    ("T + 'y'", RefusedEarly),
    ("T - 1", Refused),
    ("T * 2", RefusedEarly),
    ("T / 2", Refused),
    ("T // 2", Refused),
    ("T % 2", Refused),
    ("T ** 2", Refused),
    ("T[0]", RefusedEarly),
    ("T[1:]", RefusedEarly),
    ("T.attribute", Refused),
    ("T.method()", Refused),
    ("{'y': 1}[T]", Refused),
];

/// What has no form of its own with a composed text.
const MORE: [(&str, Outcome); 14] = [
    ("secrets['A']", Made("'⟨A⟩'")),
    ("secrets|length", Made("2")),
    ("secrets|structure", Made("{A: '⟨A⟩', B: '⟨B⟩'}")),
    ("'A' in secrets", Made("true")),
    ("'C' not in secrets", Made("true")),
    ("secrets is none", Made("false")),
    ("rollout", Made("'⟨rollout⟩'")),
    ("rollout == 'y'", RefusedEarly),
    ("secrets == {}", RefusedEarly),
    ("secrets ~ 'y'", RefusedEarly),
    ("[secrets.A] ~ 'y'", RefusedEarly),
    ("[secrets.A]|join", Refused),
    ("secrets.A()", Refused),
    ("secrets()", Refused),
];

/// What stands for the operand, and how the output shows it.
const OPERANDS: [(&str, &str); 3] =
    [("secrets.A", "⟨A⟩"), ("('x' ~ secrets.A)", "x⟨A⟩"), ("(secrets.A|b64encode)", "b64encode(⟨A⟩)")];

#[test]
fn each_filter_keeps_a_secret_or_is_refused() {
    for (operand, shown) in OPERANDS {
        for (filter, outcome) in FILTERS {
            check(&format!("{operand}|{filter}"), outcome, shown);
        }
        for filter in REFUSED_FILTERS {
            // Some of these give arguments that the filter doesn't have, or work on composed text.
            check(&format!("{operand}|{filter}"), Refused, shown);
        }
    }
}

#[test]
fn each_test_is_about_presence_or_is_refused() {
    for (operand, shown) in OPERANDS {
        for (test, outcome) in TESTS {
            check(&format!("{operand} is {test}"), outcome, shown);
        }
        for test in REFUSED_TESTS.iter().chain(&MORE_REFUSED_TESTS) {
            if test.starts_with(|c: char| c.is_ascii_lowercase()) {
                check(&format!("{operand} is {test}"), Refused, shown);
                check(&format!("{operand} is not {test}"), Refused, shown);
            } else {
                // By these names `select` alone could use them; written out they are operators.
                check(&format!("{operand} {test}"), RefusedEarly, shown);
            }
        }
    }
    for test in ["in(secrets.A)", "startingwith(secrets.A)", "endingwith('y' ~ secrets.A)"] {
        check(&format!("'y' is {test}"), Refused, "");
    }
}

#[test]
fn each_operator_keeps_a_secret_or_is_refused() {
    for (row, outcome) in OPERATORS {
        for (operand, shown) in OPERANDS {
            check(&row.replace('T', operand), outcome, shown);
        }
    }
    for (row, outcome) in MORE {
        check(row, outcome, "");
    }
}

#[test]
fn functions_are_not_there() {
    for function in FUNCTIONS {
        check(&format!("{function}(secrets.A)"), Refused, "");
        check(&format!("{function}(x=secrets.A)"), Refused, "");
        let alone = run(&template(&format!("{function}(1)"))).unwrap_err();
        assert_eq!(alone[0].message, format!("the template fails: {function} is unknown"));
    }
}

/// A new version of the template engine, or a new filter of ours, must have its rows here.
#[test]
fn the_table_has_every_name_that_the_engine_has() {
    let pristine = Environment::new();
    let ours = engine::new(&Tokens::random());
    for environment in [&pristine, &ours] {
        let listing = format!("{environment:?}");
        let filters = FILTERS.iter().map(|(name, _)| *name).chain(REFUSED_FILTERS);
        assert_eq!(missing(&names(&listing, "filters"), filters), Vec::<String>::new());
        let tests = TESTS.iter().map(|(name, _)| *name).chain(REFUSED_TESTS).chain(MORE_REFUSED_TESTS);
        assert_eq!(missing(&names(&listing, "tests"), tests), Vec::<String>::new());
        let globals: Vec<String> = environment.globals().map(|(name, _)| name.to_string()).collect();
        assert_eq!(missing(&globals, FUNCTIONS.into_iter()), Vec::<String>::new());
    }
    assert_eq!(ours.globals().count(), 0);
    assert!(names(&format!("{pristine:?}"), "filters").len() > 40);
    assert!(names(&format!("{pristine:?}"), "tests").len() > 30);
}

/// A new operator must have its row.
#[test]
fn the_table_has_every_operator() {
    let mut seen = BTreeSet::new();
    for (row, _) in OPERATORS.iter().chain(&MORE) {
        let text = row.replace('T', "t");
        collect(&parse_expr(&text).unwrap(), &mut seen);
    }
    let all = BTreeSet::from([
        "var",
        "const",
        "slice",
        "not",
        "neg",
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "in",
        "not in",
        "chain",
        "and",
        "or",
        "+",
        "-",
        "*",
        "/",
        "//",
        "%",
        "**",
        "~",
        "if",
        "filter",
        "test",
        "attribute",
        "item",
        "call",
        "list",
        "tuple",
        "map",
    ]);
    assert_eq!(seen, all);
}

fn collect(expr: &Expr<'_>, seen: &mut BTreeSet<&'static str>) {
    // Without a wildcard: a kind of expression that is new doesn't compile here.
    let name = match expr {
        Expr::Var(_) => "var",
        Expr::Const(_) => "const",
        Expr::Slice(_) => "slice",
        Expr::UnaryOp(op) => match op.op {
            UnaryOpKind::Not => "not",
            UnaryOpKind::Neg => "neg",
        },
        Expr::BinOp(op) => match op.op {
            BinOpKind::Eq => "==",
            BinOpKind::Ne => "!=",
            BinOpKind::Lt => "<",
            BinOpKind::Lte => "<=",
            BinOpKind::Gt => ">",
            BinOpKind::Gte => ">=",
            BinOpKind::ScAnd => "and",
            BinOpKind::ScOr => "or",
            BinOpKind::Add => "+",
            BinOpKind::Sub => "-",
            BinOpKind::Mul => "*",
            BinOpKind::Div => "/",
            BinOpKind::FloorDiv => "//",
            BinOpKind::Rem => "%",
            BinOpKind::Pow => "**",
            BinOpKind::Concat => "~",
            BinOpKind::In => "in",
        },
        Expr::Compare(compare) => {
            for op in &compare.ops {
                seen.insert(match op.op {
                    CompareOpKind::Eq => "==",
                    CompareOpKind::Ne => "!=",
                    CompareOpKind::Lt => "<",
                    CompareOpKind::Lte => "<=",
                    CompareOpKind::Gt => ">",
                    CompareOpKind::Gte => ">=",
                    CompareOpKind::In => "in",
                    CompareOpKind::NotIn => "not in",
                });
            }
            if compare.ops.len() < 2 {
                return;
            }
            "chain"
        }
        Expr::IfExpr(_) => "if",
        Expr::Filter(filter) => {
            filter.expr.iter().for_each(|inner| collect(inner, seen));
            "filter"
        }
        Expr::Test(_) => "test",
        Expr::GetAttr(_) => "attribute",
        Expr::GetItem(_) => "item",
        Expr::Call(_) => "call",
        Expr::List(_) => "list",
        Expr::Tuple(_) => "tuple",
        Expr::Map(_) => "map",
    };
    seen.insert(name);
    if let Expr::BinOp(op) = expr {
        collect(&op.left, seen);
        collect(&op.right, seen);
    }
}

/// The names in one list of an engine's `Debug`.
fn names(listing: &str, list: &str) -> Vec<String> {
    let after = listing.split_once(&format!("{list}: ")).expect("the engine lists them").1;
    let inside = &after[1..after.find([']', '}']).expect("the list ends")];
    inside.split('"').skip(1).step_by(2).map(ToString::to_string).collect()
}

fn missing<'r>(names: &[String], rows: impl Iterator<Item = &'r str>) -> Vec<String> {
    let known: BTreeSet<&str> = rows.map(|row| row.split(['(', ' ']).next().unwrap_or_default()).collect();
    names.iter().filter(|name| !known.contains(name.as_str())).cloned().collect()
}

fn template(expression: &str) -> String {
    format!("kind: Secret\ndata:\n  v: {{{{ {expression} }}}}\n")
}

#[track_caller]
fn check(expression: &str, outcome: Outcome, shown: &str) {
    let template = template(expression);
    let (early, late) = (run(&template), run_late(&template));
    match outcome {
        Made(text) => {
            let wanted = format!("{{kind: 'Secret', data: {{v: {}}}}}", text.replace('S', shown));
            assert_eq!(early, Ok(wanted.clone()), "{expression}");
            assert_eq!(late, Ok(wanted), "{expression} without the static pass");
        }
        Refused | RefusedEarly => {
            let refusals = early.expect_err(expression);
            assert!(refusals.iter().all(|r| r.code == "secret-operation"), "{expression}: {refusals:?}");
            assert_placed(&refusals, expression);
            match late {
                Err(refusals) => assert_placed(&refusals, expression),
                // Of composed text the engine sees text; what it makes must be harmless then.
                Ok(made) => assert!(
                    matches!(outcome, RefusedEarly) && is_blind(&made),
                    "{expression} without the static pass: {made}"
                ),
            }
        }
    }
}

/// Whether an output says nothing that depends on a token's text.
fn is_blind(made: &str) -> bool {
    ["v: true}", "v: 'x'}", "v: false}", "v: 'y'}", "v: 'z'}", "⟩'}", "⟩y'}", "}y'}", "]y'}", ")'}", ")y'}"]
        .iter()
        .any(|end| made.contains(end))
}

/// A refusal marks a part of the expression, in its line.
#[track_caller]
fn assert_placed(refusals: &[Refusal], expression: &str) {
    for refusal in refusals {
        let column = refusal.place.strip_prefix("<test>/t.yaml:3:").and_then(|column| column.parse().ok());
        let inside = 6..=9 + expression.len();
        assert!(column.is_some_and(|column: usize| inside.contains(&column)), "{expression}: {refusal:?}");
        assert!(!refusal.marked.is_empty(), "{expression}: {refusal:?}");
    }
}
