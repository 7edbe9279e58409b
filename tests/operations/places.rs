//! Where an error of the output points to in the template, and where one that can't fail was made.

use super::bench::{Refusal, run, run_files, run_late};

#[test]
fn a_secret_outside_a_sink_is_marked_where_it_is_printed() {
    let refusal = one("kind: ConfigMap\ndata:\n  a: x\n  b: {{ app.name }}-{{ secrets.A }}\n");
    assert_eq!(refusal.code, "secret-outside-sink");
    assert_eq!((&*refusal.place, &*refusal.marked), ("<test>/t.yaml:4:24", "secrets.A"));
    // The second document, in a list, in a loop.
    let refusal = one(
        "kind: A\n---\nkind: B\nlist:\n  {% for v in ['x', secrets.B] %}\n  - [{{ v }}]\n  {% endfor %}\n",
    );
    assert_eq!((&*refusal.place, &*refusal.marked), ("<test>/t.yaml:6:9", "v"));
    // What a macro prints is found at its call.
    let refusal = one("{% macro m(x) %}{{ x }}{% endmacro %}\nkind: A\nv: {{ m(secrets.A) }}\n");
    assert_eq!((&*refusal.place, &*refusal.marked), ("<test>/t.yaml:3:7", "m(secrets.A)"));
}

#[test]
fn a_place_that_takes_base64_takes_nothing_else() {
    let platform = "documents:\n  - template: t.yaml\nsinks:\n  - { kind: Secret, path: [data, \"*\"], encoding: base64 }\n";
    let run = |value: &str| {
        let template = format!("kind: Secret\ndata:\n  web: {value}\n");
        run_files(&[("platform.yaml", platform), ("t.yaml", &template)], false)
    };
    for whole in ["{{ secrets.A|b64encode }}", "{{ ('x' ~ secrets.A)|b64encode }}"] {
        assert!(run(whole).is_ok(), "{whole}");
    }
    for part in [
        "{{ secrets.A }}",
        "{{ secrets.A|urlencode }}",
        "x{{ secrets.A|b64encode }}",
        "{{ secrets.A|b64encode }}{{ secrets.B|b64encode }}",
        "{{ secrets.A|b64encode|urlencode }}",
    ] {
        let [refusal] = &run(part).unwrap_err()[..] else { panic!("{part}: one finding") };
        assert_eq!(refusal.code, "secret-outside-sink", "{part}");
        let said =
            "secret `A` would stand at `data.web` of a Secret: this place takes base64: add `| b64encode`";
        assert_eq!(refusal.message, said, "{part}");
    }
}

#[test]
fn a_key_is_marked_where_it_is_printed() {
    let refusal = one("kind: Secret\ndata:\n  {{ secrets.A }}: x\n");
    assert_eq!(
        (refusal.code, &*refusal.place, &*refusal.marked),
        ("secret-outside-sink", "<test>/t.yaml:3:6", "secrets.A")
    );
    let refusal = one("kind: Secret\ndata:\n  web: x\n  {{ app.name }}: y\n");
    assert_eq!(
        (refusal.code, &*refusal.place, &*refusal.marked),
        ("template-output", "<test>/t.yaml:4:6", "app.name")
    );
    let refusal = one("kind: Secret\ndata:\n  web: x\n  web: y\n");
    assert_eq!(
        (refusal.code, &*refusal.place, &*refusal.marked),
        ("template-output", "<test>/t.yaml:4:3", "web")
    );
}

#[test]
fn unreadable_output_is_marked_where_it_was_printed() {
    let refusal = one("kind: A\nv: [1, {{ app.name }}\nw: 2\n");
    assert_eq!(refusal.code, "template-output");
    assert!(refusal.place.starts_with("<test>/t.yaml:3:"), "{refusal:?}");
    let refusal = one("kind: A\n{% if app.name %}\nv: 1\nw: *nope\n{% endif %}\n");
    assert_eq!((&*refusal.place, &*refusal.marked), ("<test>/t.yaml:4:4", "*"));
}

#[test]
fn a_damaged_token_is_marked_where_it_was_printed() {
    // The static pass refuses what cuts a token; without it the output does.
    let template = "kind: Secret\ndata:\n  v: x\n  w: {{ ('x' ~ secrets.A)[:4] }}\n";
    let refusals = run_late(template).unwrap_err();
    assert_eq!(refusals[0].code, "damaged-token");
    assert_eq!((&*refusals[0].place, &*refusals[0].marked), ("<test>/t.yaml:4:9", "('x' ~ secrets.A)[:4]"));
}

#[test]
fn a_decision_is_marked_where_it_was_made() {
    // Without the static pass: deep in a macro, after many steps, before many more.
    let many = "{% for i in [1, 2, 3, 4, 5, 6, 7, 8] %}{% for j in [1, 2, 3, 4, 5, 6, 7, 8] %}{{ i * j }}{% endfor %}{% endfor %}";
    let template = format!(
        "{{% macro m(x) %}}\n  {{% if true %}}\n    {{% if x %}}8{{% endif %}}\n  {{% endif %}}\n{{% endmacro %}}\na: {many}\nb: x{{{{ m(secrets.A) }}}}\nc: {many}\n"
    );
    let refusals = run_late(&template).unwrap_err();
    assert_eq!((refusals[0].code, &*refusals[0].place), ("secret-operation", "<test>/t.yaml:3:11"));
    let encoded = template.replace("secrets.A", "secrets.A|b64encode");
    let refusals = run_late(&encoded).unwrap_err();
    assert_eq!((refusals[0].code, &*refusals[0].place), ("secret-operation", "<test>/t.yaml:3:11"));
    // A later template of the same unit isn't blamed, and is still made.
    let platform = "documents:\n  - template: a.yaml\n  - template: b.yaml\n";
    // However many steps came before: the search for the place ends on either side of it.
    for steps in 0..8 {
        let first = format!("v: {{{{ not secrets.A }}}}\n# {}", "{{ 1 }}".repeat(steps));
        let second = format!("# {}\nv: {{{{ not secrets.A }}}}", "{{ 1 }}".repeat(steps));
        for (text, line) in [(&first, 1), (&second, 2)] {
            let sources = [("platform.yaml", platform), ("a.yaml", text), ("b.yaml", "v: 1")];
            let refusals = run_files(&sources, true).unwrap_err();
            assert_eq!(refusals.len(), 1, "{refusals:?}");
            assert_eq!(refusals[0].place, format!("<test>/a.yaml:{line}:7"));
        }
    }
}

#[test]
fn a_condition_of_a_document_may_ask_for_a_name_only() {
    let platform = |when: &str| format!("documents:\n  - template: t.yaml\n    when: \"{when}\"\n");
    let run = |when: &str| run_files(&[("platform.yaml", &platform(when)), ("t.yaml", "v: 1")], false);
    assert_eq!(run("'A' in secrets"), Ok("{v: 1}".into()));
    assert_eq!(run("'C' in secrets"), Ok(String::new()));
    for when in ["secrets.A", "secrets.A == 'x'", "not rollout", "'x' * 9999"] {
        let refusals = run(when).unwrap_err();
        assert!(refusals[0].place.starts_with("<test>/platform.yaml:3:"), "{when}: {refusals:?}");
    }
}

#[test]
fn an_error_in_an_included_template_is_marked_there() {
    let platform = "documents:\n  - template: t.yaml\n";
    let sources = [
        ("platform.yaml", platform),
        ("t.yaml", "{% include 'p.yaml' %}"),
        ("p.yaml", "a: 1\nb: {{ nope }}"),
    ];
    let refusals = run_files(&sources, false).unwrap_err();
    assert_eq!((&*refusals[0].place, &*refusals[0].marked), ("<test>/p.yaml:2:7", "nope"));
}

#[track_caller]
fn one(template: &str) -> Refusal {
    let mut refusals = run(template).expect_err(template);
    assert_eq!(refusals.len(), 1, "{refusals:?}");
    refusals.remove(0)
}
