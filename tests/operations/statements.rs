//! The table of statements: how a secret and captured output travel through a template.

use std::collections::BTreeSet;

use minijinja::machinery::ast::Stmt;
use minijinja::machinery::parse;

use super::bench::{Refusal, run_with};

/// Another template: macros, a block, and something that includes can see.
const LIB: &str = "\
{%- macro echo(x) %}{{ x }}{% endmacro -%}
{%- macro asks(x) %}{% if x %}y{% endif %}{% endmacro -%}
{%- macro passes(x, y=1) %}{{ asks(x) }}{% endmacro -%}
{%- macro calls(x) %}{{ caller(x) }}{% endmacro -%}
{%- set there = secrets.A -%}
";
const BASE: &str = "kind: Secret\ndata:\n  v: {% block b %}base{% endblock %}\n";
const PART: &str = "{{ x }}";
const PART_THAT_ASKS: &str = "{{ x == 'y' }}";

/// Statements that keep what they carry: the template's `v`, and what the output is then.
const KEPT: [(&str, &str); 25] = [
    ("{{ secrets.A }}", "'⟨A⟩'"),
    ("x{{ secrets.A }}y", "'x⟨A⟩y'"),
    ("\"{{ secrets.A }}\"", "'⟨A⟩'"),
    ("{% if app.name %}{{ secrets.A }}{% else %}n{% endif %}", "'⟨A⟩'"),
    ("{% if secrets %}y{% endif %}", "'y'"),
    ("{% if 'A' in secrets and 'C' not in secrets %}y{% endif %}", "'y'"),
    ("{% set x = secrets.A %}{{ x }}", "'⟨A⟩'"),
    ("{% set x = 'y' ~ secrets.A %}{{ x|b64encode }}", "'b64encode(y⟨A⟩)'"),
    ("{% set x %}y{{ secrets.A }}{% endset %}{{ x }}", "'y⟨A⟩'"),
    ("{% set x %}y{{ secrets.A }}{% endset %}{{ x ~ 'z' ~ app.name }}", "'y⟨A⟩zweb'"),
    ("{% set x | indent(2) %}y{{ secrets.A }}{% endset %}{{ x }}", "'y⟨A⟩'"),
    ("{% with x = secrets.A %}{{ x }}{% endwith %}", "'⟨A⟩'"),
    ("{% for k, v in secrets|items %}{{ k }}={{ v }};{% endfor %}", "'A=⟨A⟩;B=⟨B⟩;'"),
    ("{% for k, v in secrets|items if k == 'B' %}{{ v }}{% endfor %}", "'⟨B⟩'"),
    ("{% for k in secrets %}{{ k }}{% if k == 'A' %}{{ secrets[k] }}{% endif %}{% endfor %}", "'A⟨A⟩B'"),
    ("{% for v in [secrets.A, 'z'] %}{{ v }}{% break %}{% endfor %}", "'⟨A⟩'"),
    (
        "{% for v in [secrets.A, 'z'] %}{% if loop.last %}{% continue %}{% endif %}{{ v }}{% endfor %}",
        "'⟨A⟩'",
    ),
    ("{% for v in [1, secrets.A] %}{{ loop.previtem|default('n') }}{% endfor %}", "'n1'"),
    ("{% macro m(x) %}({{ x }}){% endmacro %}{{ m(secrets.A) }}", "'(⟨A⟩)'"),
    ("{% from 'lib.yaml' import echo %}{{ echo(secrets.A) }}", "'⟨A⟩'"),
    ("{% import 'lib.yaml' as lib %}{{ lib.echo(x=secrets.A) }}{{ lib.there }}", "'⟨A⟩⟨A⟩'"),
    ("{% from 'lib.yaml' import calls %}{% call(x) calls(secrets.A) %}<{{ x }}>{% endcall %}", "'<⟨A⟩>'"),
    ("{% filter indent(2) %}{{ secrets.A }}{% endfilter %}", "'⟨A⟩'"),
    ("{% set x = secrets.A %}{% include 'part.yaml' %}", "'⟨A⟩'"),
    ("{% autoescape false %}{% set x %}{{ secrets.A }}{% endset %}{{ x }}{% endautoescape %}", "'⟨A⟩'"),
];

/// Statements that are refused: the template's `v`, the message, and what is marked.
const REFUSED: [(&str, &str, &str); 42] = [
    (
        "{% set x = secrets.A %}{% for i in [1] %}{{ x == 'y' }}{% set x = 'z' %}{% endfor %}",
        "compares a secret",
        "x == 'y'",
    ),
    ("{% if secrets.A %}y{% endif %}", "asks whether a secret is true", "secrets.A"),
    (
        "{% if app.name and secrets.A %}y{% endif %}",
        "asks whether a secret is true",
        "app.name and secrets.A",
    ),
    ("{% if app.name %}y{% elif secrets.A %}{% endif %}", "asks whether a secret is true", "secrets.A"),
    ("{% set x = secrets.A %}{% if x %}y{% endif %}", "asks whether a secret is true", "x"),
    ("{% if app.name %}{% set x = secrets.A %}{% endif %}{{ x == 'y' }}", "compares a secret", "x == 'y'"),
    ("{% set x = 'y' ~ secrets.A %}{{ x|length }}", "applies the filter `length` to a secret", "x|length"),
    ("{% set x, y = [secrets.A, 'y'] %}{{ x != 'y' }}", "compares a secret", "x != 'y'"),
    ("{% set x %}{{ app.name }}{% endset %}{{ x == 'web' }}", "compares captured output", "x == 'web'"),
    (
        "{% set x %}{{ app.name }}{% endset %}{{ x|upper }}",
        "applies the filter `upper` to captured output",
        "x|upper",
    ),
    (
        "{% set x %}{{ app.name }}{% endset %}{% if x %}y{% endif %}",
        "asks whether captured output is true",
        "x",
    ),
    ("{% set x %}{{ app.name }}{% endset %}{{ x[:2] }}", "takes a slice of captured output", "x[:2]"),
    (
        "{% set x %}{{ app.name }}{% endset %}{{ x|b64encode }}",
        "applies the filter `b64encode` to captured output",
        "x|b64encode",
    ),
    (
        "{% set x %}{{ app.name }}{% endset %}{{ (x ~ 'y')|tojson }}",
        "applies the filter `tojson` to captured output",
        "x ~ 'y')|tojson",
    ),
    (
        "{% set x %}{{ app.name }}{% endset %}{% for c in x %}{{ c }}{% endfor %}",
        "loops over captured output",
        "x",
    ),
    (
        "{% set x | upper %}{{ app.name }}{% endset %}{{ x }}",
        "applies the filter `upper` to captured output",
        "upper",
    ),
    (
        "{{ (secrets|structure)|b64encode }}",
        "applies the filter `b64encode` to captured output",
        "secrets|structure)|b64encode",
    ),
    ("{% with x = secrets.A %}{{ x < 'y' }}{% endwith %}", "compares a secret", "x < 'y'"),
    ("{% for c in secrets.A %}{{ c }}{% endfor %}", "loops over a secret", "secrets.A"),
    ("{% for c in 'y' ~ secrets.A %}{{ c }}{% endfor %}", "loops over a secret", "'y' ~ secrets.A"),
    ("{% for k, v in secrets|items if v %}{{ k }}{% endfor %}", "asks whether a secret is true", "v"),
    ("{% for k, v in secrets|items %}{{ v == 'y' }}{% endfor %}", "compares a secret", "v == 'y'"),
    (
        "{% for pair in secrets|items %}{{ pair[1] == 'y' }}{% endfor %}",
        "compares a secret",
        "pair[1] == 'y'",
    ),
    (
        "{% for v in [secrets.A] %}{{ loop.previtem == 'y' }}{% endfor %}",
        "compares a secret",
        "loop.previtem == 'y'",
    ),
    (
        "{% for v in [secrets.A] %}{{ loop.changed(v) }}{% endfor %}",
        "calls a secret, or something unknown with it",
        "loop.changed(v)",
    ),
    (
        "{% for v in [1] recursive %}{{ loop([secrets.A]) }}{% endfor %}",
        "calls a secret, or something unknown with it",
        "loop([secrets.A])",
    ),
    (
        "{% for i in [1, 2] %}{% if x is defined %}{{ x == 'y' }}{% endif %}{% set x = secrets.A %}{% endfor %}",
        "compares a secret",
        "x == 'y'",
    ),
    ("{% macro m(x) %}{{ x == 'y' }}{% endmacro %}{{ m(secrets.A) }}", "compares a secret", "x == 'y'"),
    ("{% macro m(x=secrets.A) %}{{ x == 'y' }}{% endmacro %}{{ m() }}", "compares a secret", "x == 'y'"),
    ("{% macro m(x) %}{{ x }}{% endmacro %}{{ m('y') == 'y' }}", "compares captured output", "m('y') == 'y'"),
    (
        "{% macro m(x) %}{{ x }}{% endmacro %}{{ m('y')|trim }}",
        "applies the filter `trim` to captured output",
        "m('y')|trim",
    ),
    (
        "{% macro m(x) %}{{ x }}{% endmacro %}{% set f = m %}{{ f(secrets.A) }}",
        "calls a secret, or something unknown with it",
        "f(secrets.A)",
    ),
    ("{% macro m(x) %}{{ x == 'y' }}{% endmacro %}{% do m(secrets.A) %}", "compares a secret", "x == 'y'"),
    (
        "{% macro m(x, y) %}{{ y == 'y' }}{% endmacro %}{{ m(*['y', secrets.A]) }}",
        "compares a secret",
        "y == 'y'",
    ),
    (
        "{% macro m(x, y) %}{{ y == 'y' }}{% endmacro %}{{ m('y', **{'y': secrets.A}) }}",
        "compares a secret",
        "y == 'y'",
    ),
    ("{% from 'lib.yaml' import there as here %}{{ here == 'y' }}", "compares a secret", "here == 'y'"),
    ("{% import 'lib.yaml' as lib %}{{ lib.there == 'y' }}", "compares a secret", "lib.there == 'y'"),
    (
        "{% from 'lib.yaml' import calls %}{% call(x) calls(secrets.A) %}{{ x == 'y' }}{% endcall %}",
        "compares a secret",
        "x == 'y'",
    ),
    (
        "{% filter upper %}{{ secrets.A }}{% endfilter %}",
        "applies the filter `upper` to captured output",
        "upper",
    ),
    (
        "{% filter b64encode %}{{ secrets.A }}{% endfilter %}",
        "applies the filter `b64encode` to captured output",
        "b64encode",
    ),
    ("{% include secrets.A %}", "names another template by a secret", "secrets.A"),
    ("{% autoescape secrets.A == 'y' %}{% endautoescape %}", "compares a secret", "secrets.A == 'y'"),
];

/// What is refused in another template, with the secret from this one.
const REFUSED_ELSEWHERE: [(&str, &str, &str); 4] = [
    ("{% from 'lib.yaml' import asks %}{{ asks(secrets.A) }}", "lib.yaml:2:27", "x"),
    ("{% from 'lib.yaml' import passes as p %}{{ p(secrets.A) }}", "lib.yaml:2:27", "x"),
    ("{% import 'lib.yaml' as lib %}{{ lib.passes(y=2, x=secrets.A) }}", "lib.yaml:2:27", "x"),
    ("{% set x = secrets.A %}{% include 'asks.yaml' %}", "asks.yaml:1:4", "x == 'y'"),
];

#[test]
fn each_statement_keeps_what_it_carries() {
    for (value, wanted) in KEPT {
        let made = run_with(&[("lib.yaml", &lib(value)), ("part.yaml", PART)], &template(value));
        assert_eq!(made, Ok(format!("{{kind: 'Secret', data: {{v: {wanted}}}}}")), "{value}");
    }
}

#[test]
fn each_statement_that_decides_is_refused() {
    for (value, message, marked) in REFUSED {
        let refusals = refuse(&[("lib.yaml", &lib(value))], value);
        let [refusal] = &refusals[..] else { panic!("{value}: {refusals:?}") };
        assert_eq!(refusal.message, format!("the template {message}"), "{value}");
        assert_eq!(refusal.marked, marked, "{value}");
        assert!(refusal.place.starts_with("<test>/t.yaml:3:"), "{value}: {refusal:?}");
    }
}

#[test]
fn a_secret_is_followed_into_other_templates() {
    for (value, place, marked) in REFUSED_ELSEWHERE {
        let refusals = refuse(&[("lib.yaml", LIB), ("asks.yaml", PART_THAT_ASKS)], value);
        assert_eq!(refusals[0].place, format!("<test>/{place}"), "{value}");
        assert_eq!(refusals[0].marked, marked, "{value}");
    }
}

#[test]
fn a_block_sees_what_is_visible_where_it_stands() {
    let child = "{% extends 'base.yaml' %}{% block b %}{{ secrets.A }}{% endblock %}";
    let kept = run_with(&[("base.yaml", BASE)], child);
    assert_eq!(kept, Ok("{kind: 'Secret', data: {v: '⟨A⟩'}}".to_string()));
    let child = "{% extends 'base.yaml' %}{% block b %}{{ x == 'y' }}{% endblock %}";
    let base = BASE.replace("data:", "{% set x = secrets.A %}\ndata:");
    let refusals = run_with(&[("base.yaml", &base)], child).unwrap_err();
    assert_eq!((refusals[0].code, &*refusals[0].marked), ("secret-operation", "x == 'y'"));
    let child = "{% extends 'base.yaml' %}{% block b %}{{ super()|upper }}{% endblock %}";
    let refusals = run_with(&[("base.yaml", BASE)], child).unwrap_err();
    assert_eq!((refusals[0].code, &*refusals[0].marked), ("secret-operation", "super()|upper"));
}

/// A new statement must have its row.
#[test]
fn the_table_has_every_statement() {
    let mut seen = BTreeSet::new();
    let rows = KEPT.iter().map(|row| row.0).chain(REFUSED.iter().map(|row| row.0));
    for row in rows.chain(["{% extends 'base.yaml' %}{% block b %}{% endblock %}"]) {
        let parsed = parse(row, "row", minijinja::syntax::SyntaxConfig::default()).unwrap();
        collect(&parsed, &mut seen);
    }
    let all = BTreeSet::from([
        "template",
        "print",
        "text",
        "for",
        "if",
        "with",
        "set",
        "set block",
        "autoescape",
        "filter",
        "block",
        "import",
        "from",
        "extends",
        "include",
        "macro",
        "call",
        "continue",
        "break",
        "do",
    ]);
    assert_eq!(seen, all);
}

fn collect(stmt: &Stmt<'_>, seen: &mut BTreeSet<&'static str>) {
    // Without a wildcard: a statement that is new doesn't compile here.
    let (name, inner): (_, &[Stmt<'_>]) = match stmt {
        Stmt::Template(stmt) => ("template", &stmt.children),
        Stmt::EmitExpr(_) => ("print", &[]),
        Stmt::EmitRaw(_) => ("text", &[]),
        Stmt::ForLoop(stmt) => ("for", &stmt.body),
        Stmt::IfCond(stmt) => ("if", &stmt.true_body),
        Stmt::WithBlock(stmt) => ("with", &stmt.body),
        Stmt::Set(_) => ("set", &[]),
        Stmt::SetBlock(stmt) => ("set block", &stmt.body),
        Stmt::AutoEscape(stmt) => ("autoescape", &stmt.body),
        Stmt::FilterBlock(stmt) => ("filter", &stmt.body),
        Stmt::Block(stmt) => ("block", &stmt.body),
        Stmt::Import(_) => ("import", &[]),
        Stmt::FromImport(_) => ("from", &[]),
        Stmt::Extends(_) => ("extends", &[]),
        Stmt::Include(_) => ("include", &[]),
        Stmt::Macro(stmt) => ("macro", &stmt.body),
        Stmt::CallBlock(_) => ("call", &[]),
        Stmt::Continue(_) => ("continue", &[]),
        Stmt::Break(_) => ("break", &[]),
        Stmt::Do(_) => ("do", &[]),
    };
    seen.insert(name);
    inner.iter().for_each(|stmt| collect(stmt, seen));
}

/// The library, without what would be refused in it for this row.
fn lib(value: &str) -> String {
    if value.contains("asks") { LIB.to_string() } else { LIB.replace("{% if x %}y{% endif %}", "") }
}

fn template(value: &str) -> String {
    format!("kind: Secret\ndata:\n  v: {value}\n")
}

#[track_caller]
fn refuse(others: &[(&str, &str)], value: &str) -> Vec<Refusal> {
    let mut refusals = run_with(others, &template(value)).expect_err(value);
    // Not every value uses each of the other templates.
    refusals.retain(|refusal| refusal.code != "unread-file");
    assert!(refusals.iter().all(|refusal| refusal.code == "secret-operation"), "{value}: {refusals:?}");
    refusals
}
