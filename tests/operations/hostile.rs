//! Templates with ill will: each is refused with a place, without much memory.

use sealwright::manifest::engine::FUEL;
use sealwright::manifest::token::{CLOSE, OPEN};

use super::bench::{run, run_late, run_with};

#[test]
fn each_is_refused_with_its_place() {
    let mut lists = "{% set x = ['y'] %}".to_string();
    let mut maps = "{% set x = {'k': 'y'} %}".to_string();
    for _ in 0..40 {
        lists.push_str("{% set x = [x, x] %}");
        maps.push_str("{% set x = {'a': x, 'b': x} %}");
    }
    let doubling = "{% set x = 'yyyyyyyy' %}".to_string() + &"{% set x = x ~ x %}".repeat(60);
    let loops = "{% for i in y %}".repeat(9);
    let nested = format!("{{% set y = [1,2,3,4,5,6,7,8,9] %}}{loops}{{{{ 1 }}}}{}", "{% endfor %}".repeat(9));
    let thousand = "y".repeat(1000);
    let printing = format!(
        "{{% set y = [1,2,3,4,5,6,7,8,9] %}}{}{thousand}{}",
        "{% for i in y %}".repeat(6),
        "{% endfor %}".repeat(6)
    );
    let many = "{% set y = 'y'|replace('y', '".to_string() + &"z,".repeat(500) + "') %}";
    let joined =
        format!("{many}{{{{ ((y ~ y ~ y ~ y)|split(','))|join(y ~ y ~ y ~ y ~ y ~ y ~ y ~ y)|length }}}}")
            .replace("|replace('y', '", "~('")
            .replace("') %}", "'|replace('z', 'zzzzzzzzzzzzzzzz')) %}");
    let rows: Vec<(&str, String, &str)> = vec![
        ("nested loops", nested, "more steps"),
        ("100 MB of text", printing, "more steps"),
        ("a string that doubles", doubling, "more steps"),
        ("a repeated string", "{{ 'x' * 99999999 }}".into(), "need numbers"),
        ("a repeated list", "{{ ([1] * 99999999)|length }}".into(), "need numbers"),
        ("a repeated value", "{{ app.name * 99999999 }}".into(), "need numbers"),
        ("a huge power", "{{ 9 ** 999999999 }}".into(), ""),
        ("shared lists as structure", format!("{lists}{{{{ x|structure }}}}"), ""),
        ("shared lists as a checksum", format!("{lists}{{{{ x|checksum }}}}"), ""),
        ("shared lists as JSON", format!("{lists}{{{{ x|tojson }}}}"), ""),
        ("shared lists joined", format!("{lists}{{{{ x|join }}}}"), ""),
        ("shared maps as structure", format!("{maps}{{{{ x|structure }}}}"), ""),
        ("a long separator", joined, ""),
        ("macro recursion", "{% macro m(x) %}{{ m(x) }}{% endmacro %}{{ m(1) }}".into(), "recursion"),
        (
            "macros that call each other",
            "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}".into(),
            "recursion",
        ),
        ("an include of itself", "{% include 't.yaml' %}".into(), "recursion"),
        ("an include of itself through another", "{% include 'other.yaml' %}".into(), "recursion"),
        ("an import of itself", "{% from 't.yaml' import x %}".into(), "recursion"),
        ("an extension of itself", "{% extends 't.yaml' %}".into(), ""),
        ("an unknown include", "{% include 'nope.yaml' %}".into(), "non-existing"),
        ("an include of a path", "{% include '../../etc/passwd' %}".into(), "non-existing"),
        ("an unknown import", "{% from 'nope.yaml' import x %}".into(), "non-existing"),
        ("namespace", "{% set ns = namespace(x='y') %}".into(), "namespace is unknown"),
        ("a range", "{% for i in range(9999999) %}{% endfor %}".into(), "range is unknown"),
        ("a long chain", "{{ app".to_string() + &".x".repeat(100_000) + " }}", "nested too deeply"),
        ("many open brackets", "{{ ".to_string() + &"[".repeat(100_000) + " }}", "nested too deeply"),
        (
            "many branches",
            "{% if a %}".to_string() + &"{% elif a %}".repeat(100_000) + "{% endif %}",
            "nested too deeply",
        ),
        ("many nested blocks", "{% for i in x %}".repeat(100_000), "recursion"),
        ("an unfinished expression", "{{ app.".into(), ""),
    ];
    for (name, text, words) in rows {
        let refusals = run_with(&[("other.yaml", "{% include 't.yaml' %}")], &text).expect_err(name);
        let refusal = &refusals[0];
        assert!(refusal.message.contains(words), "{name}: {refusal:?}");
        assert!(refusal.place.starts_with("<test>/"), "{name}: {refusal:?}");
    }
}

/// What fuel bounds, it bounds without the static pass too.
#[test]
fn repetition_is_bounded_while_templates_run() {
    for text in
        ["{{ 'x' * 99999999 }}", "{% set x = 'x' * 9999999999 %}", "{{ (app.name * 99999999)|length }}"]
    {
        let refusals = run_late(text).expect_err(text);
        assert!(refusals[0].place.starts_with("<test>/t.yaml:1:"), "{text}: {refusals:?}");
    }
    // About 64 bytes a unit.
    const { assert!(FUEL * 64 <= 64 << 20) };
}

#[test]
fn numbers_may_be_multiplied() {
    let made = run(
        "a: {{ 3 * 4 }}\nb: {{ workload.replicas|int * 2 + 1 }}\nc: {{ 2 ** 3 * -1 }}\n{% for i in [5] %}\nd: {{ loop.index * 7 }}\n{% endfor %}",
    );
    assert_eq!(made, Ok("{a: 12, b: 3, c: -8, d: 7}".into()));
    for text in
        ["{{ workload.replicas * 2 }}", "{{ [1] * 2 }}", "{{ ('y'|int ~ '') * 2 }}", "{{ 2 ** app.name }}"]
    {
        let refusals = run(text).expect_err(text);
        assert!(refusals[0].message.contains("need numbers on both sides"), "{text}: {refusals:?}");
    }
}

#[test]
fn forged_tokens_are_refused() {
    let token = format!("{OPEN}00000000l00000000{CLOSE}");
    let refusals = run(&format!("kind: A\nv: {token}\n")).unwrap_err();
    assert_eq!((refusals[0].code, &*refusals[0].place), ("reserved-character", "<test>/t.yaml:2:4"));
    for text in [
        r"v: {{ '\ue5ec00000000s00000000\ue5ed' }}",
        r"v: {{ '\ue5ec' ~ '00000000s00000000' ~ '\ue5ed' }}",
        r"v: {{ ['\ue5ed']|first }}",
        r"v: {{ {'\ue5ed': 1}|structure }}",
    ] {
        let refusals = run(text).expect_err(text);
        assert_eq!(refusals[0].code, "reserved-character", "{text}");
        assert!(refusals[0].place.starts_with("<test>/t.yaml:1:"), "{text}: {refusals:?}");
        // While it runs, the nonce isn't known.
        let refusals = run_late(text).expect_err(text);
        assert!(refusals[0].place.starts_with("<test>/t.yaml:1:"), "{text}: {refusals:?}");
    }
    // YAML's own escapes make the characters too.
    let refusals = run(r#"v: "\uE5EC00000000s00000000\uE5ED""#).unwrap_err();
    assert_eq!((refusals[0].code, &*refusals[0].place), ("damaged-token", "<test>/t.yaml:1:4"));
    let refusals = run(r#"{"\uE5ED": 1}"#).unwrap_err();
    assert_eq!((refusals[0].code, &*refusals[0].place), ("damaged-token", "<test>/t.yaml:1:2"));
}

/// Captured output holds tokens: what would split, change or encode them is refused, early and late.
#[test]
fn tokens_are_neither_split_nor_changed_nor_encoded() {
    for operation in [
        "x|upper",
        "x|lower",
        "x|trim",
        "x|replace('l', 'm')",
        "x|split('l')",
        "x|length",
        "x|first",
        "x|b64encode",
        "x|urlencode",
        "x|tojson",
        "('y' ~ x)|b64encode",
        "(x ~ secrets.A)|b64encode",
        "[x]|join",
        "x|checksum",
        "x is startingwith('y')",
        "x is in('y')",
    ] {
        let text = format!(
            "kind: Secret\ndata:\n  v: {{% set x %}}{{{{ app.name }}}}{{% endset %}}{{{{ {operation} }}}}\n"
        );
        let refusals = run(&text).expect_err(operation);
        assert_eq!(refusals[0].code, "secret-operation", "{operation}");
        assert!(refusals[0].place.starts_with("<test>/t.yaml:3:"), "{operation}: {refusals:?}");
        let refusals = run_late(&text).expect_err(operation);
        assert!(refusals[0].place.starts_with("<test>/t.yaml:3:"), "{operation}: {refusals:?}");
    }
    for operation in ["x[:5]", "x[3:]", "x[0]", "x[::-1]"] {
        let text = format!("v: {{% set x %}}{{{{ app.name }}}}{{% endset %}}{{{{ {operation} }}}}\n");
        assert_eq!(run(&text).expect_err(operation)[0].code, "secret-operation", "{operation}");
        assert_eq!(run_late(&text).expect_err(operation)[0].code, "damaged-token", "{operation}");
    }
    // A token within a token's text.
    let nested =
        format!("v: {{% set x %}}{{{{ app.name }}}}{{% endset %}}{{{{ '{}' ~ x }}}}", r"\ue5ec00000000l");
    assert_eq!(run_late(&nested).unwrap_err()[0].code, "damaged-token");
}
