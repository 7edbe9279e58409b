//! Texts with expressions, and texts that refer to each other.

use std::fmt::Write as _;

use crate::bounded::{refused, run, short, small};

const APP: &str = "apps/web/app.yaml";

/// A config value, as a double-quoted scalar, is refused on its line.
#[track_caller]
fn value_is_refused(value: &str, code: &str) {
    let value = serde_json::Value::from(value);
    let repo = small().file(APP, &format!("image: nginx\nconfig:\n  X: {value}\n"));
    refused(&repo, &[&format!("error[{code}]"), "app.yaml:3:"]);
}

#[test]
fn deep_expressions_end_before_the_stack_does() {
    for opening in ["(", "-", "[", "not ", "1 if ", "1 if 1 else ", "a[", "a(", "- -", "(-[", "not -"] {
        value_is_refused(&format!("{{{{ {} }}}}", opening.repeat(100_000)), "bad-expression");
        // Just below the limit, where the parser really goes down.
        value_is_refused(&format!("{{{{ {} }}}}", opening.repeat(120)), "bad-expression");
    }
}

#[test]
fn long_chains_end_before_the_stack_does() {
    for (first, link) in [
        ("env", ".name"),
        ("env", "['name']"),
        ("'a'", " ~ 'a'"),
        ("1", " + 1"),
        ("1", " if 1"),
        ("'a'", " | upper"),
        ("'a'", " is defined"),
        ("1", " < 1"),
        ("1", " ** 1"),
        ("1", " and 1"),
        ("x", "()"),
    ] {
        value_is_refused(&format!("{{{{ {first}{} }}}}", link.repeat(100_000)), "bad-expression");
    }
    // Below the limit a chain is walked, compiled and dropped.
    let repo = small()
        .file(APP, &format!("image: nginx\nconfig:\n  X: \"{{{{ 'a'{} }}}}\"\n", " ~ 'a'".repeat(120)));
    assert_eq!(run(&repo.path(""), ["check"], "").code, 0);
    let repo =
        small().file(APP, &format!("image: nginx\nconfig:\n  X: \"{{{{ {}1 }}}}\"\n", "-".repeat(240)));
    assert_eq!(run(&repo.path(""), ["check"], "").code, 0);
}

#[test]
fn braces_without_end() {
    value_is_refused(&"{".repeat(100_000), "unclosed-expression");
    value_is_refused(&"{{ ".repeat(100_000), "unclosed-expression");
    value_is_refused(&format!("{{{{ {}", "'".repeat(100_001)), "unclosed-expression");
    value_is_refused(&format!("{{{{ {}{} }}}}", "{".repeat(100_000), "}".repeat(100_000)), "bad-expression");
    value_is_refused(&format!("{}{}", "{{".repeat(50_000), "}}".repeat(50_000)), "bad-expression");
}

#[test]
fn expressions_that_grow() {
    let growth = " | replace('x', 'xxxxxxxxxxxxxxxx')".repeat(20);
    value_is_refused(&format!("{{{{ 'x'{growth} }}}}"), "bad-expression");
    value_is_refused("{{ 'x' * 99999999 }}", "bad-expression");
    value_is_refused("{{ 9 ** 9 ** 9 ** 9 }}", "bad-expression");
    value_is_refused("{{ range(99999999) | join }}", "undefined-variable");
    value_is_refused(
        "{{ 'x' | replace('', 'xxxxxxxx') | replace('', 'yyyyyyyyyyyyyyy') | nope }}",
        "bad-expression",
    );
    value_is_refused(&format!("{{{{ [{}] | length }}}}", "1,".repeat(1_000_000)), "bad-expression");
    value_is_refused(&format!("{{{{ {{{}}} | length }}}}", "'a':1,".repeat(1_000_000)), "bad-expression");
    let long = "x".repeat(2 << 20);
    value_is_refused(&format!("{{{{ '{long}' }}}}"), "bad-expression");
    value_is_refused("{{ 1 // 0 }}", "bad-expression");
    value_is_refused("{{ 1 % 0 }}", "bad-expression");
}

#[test]
fn a_million_expressions_in_one_text() {
    value_is_refused(&"{{1}}".repeat(1_000_000), "bad-expression");
    value_is_refused(&"{{env.name}} ".repeat(200_000), "bad-expression");
}

#[test]
fn texts_that_double() {
    let mut text = "image: nginx\nconfig:\n  X0: xxxxxxxxxxxxxxxx\n".to_owned();
    for i in 1..60 {
        writeln!(text, "  X{i}: \"{{{{ config.X{0} }}}}{{{{ config.X{0} }}}}\"", i - 1).unwrap();
    }
    refused(&small().file(APP, &text), &["error[bad-expression]", "app.yaml:"]);
    let vars = text.split_once("config:\n").unwrap().1.replace("config.X", "env.x").replace("  X", "  x");
    let environment = format!("platform: kubernetes\nvars:\n{vars}");
    refused(&small().file("environments/prod/environment.yaml", &environment), &["error[bad-expression]"]);
}

#[test]
fn one_large_text_in_ten_thousand_values() {
    let mut text = format!("image: nginx\nconfig:\n  BIG: {}\n", "x".repeat(1 << 19));
    for i in 0..10_000 {
        writeln!(text, "  X{i}: \"{{{{ config.BIG }}}}\"").unwrap();
    }
    refused(&small().file(APP, &text), &["error[bad-expression]", "8 MiB"]);
}

#[test]
fn values_that_refer_to_each_other_in_a_circle() {
    let circle =
        "image: nginx\nconfig:\n  A: \"{{ config.B }}\"\n  B: \"{{ config.C }}\"\n  C: \"{{ config.A }}\"\n";
    refused(&small().file(APP, circle), &["error[interpolation-cycle]", "app.yaml:"]);
    refused(
        &small().file(APP, "image: nginx\nconfig:\n  A: \"{{ config.A }}\"\n"),
        &["error[interpolation-cycle]", "3:7"],
    );
    let vars = "platform: kubernetes\nvars:\n  a: \"{{ env.b }}\"\n  b: \"{{ env.a }}\"\n";
    let repo = small().file("environments/prod/environment.yaml", vars);
    refused(&repo, &["error[interpolation-cycle]", "environment.yaml:"]);
}

#[test]
fn values_that_refer_to_each_other_in_a_long_chain() {
    let mut text = "image: nginx\nconfig:\n".to_owned();
    for i in 0..100_000 {
        writeln!(text, "  X{i}: \"{{{{ config.X{} }}}}\"", i + 1).unwrap();
    }
    refused(&small().file(APP, &text), &["error[interpolation-cycle]", "app.yaml:"]);
    let vars = text.split_once("config:\n").unwrap().1.replace("config.X", "env.x").replace("  X", "  x");
    let environment = format!("platform: kubernetes\nvars:\n{vars}");
    refused(
        &small().file("environments/prod/environment.yaml", &environment),
        &["error[interpolation-cycle]"],
    );
}

#[test]
fn names_that_do_not_exist_by_the_thousand() {
    let mut text = "image: nginx\nconfig:\n".to_owned();
    for i in 0..50_000 {
        writeln!(text, "  X{i}: \"{{{{ config.Y{i} }}}}\"").unwrap();
    }
    let checked = refused(&small().file(APP, &text), &["error[undefined-variable]", "not shown"]);
    assert!(checked.stdout.len() < 64 << 10, "{}", short(&checked));
}

#[test]
fn keys_and_statements_are_text() {
    let repo = small()
        .file(APP, "image: nginx\nconfig:\n  X: \"{% for i in range(99999999) %}x{% endfor %}{# y #}\"\n");
    let shown = run(&repo.path(""), ["preview", "prod"], "");
    assert_eq!(shown.code, 0, "{}", short(&shown));
    assert!(shown.stdout.contains("{% for i in range(99999999) %}"), "{}", short(&shown));
    value_is_refused("{{ config }}", "bad-expression");
    value_is_refused("{{ self }}", "undefined-variable");
    value_is_refused("{{ debug() }}", "undefined-variable");
    value_is_refused("{{ env.name.__class__ }}", "undefined-variable");
}
