//! What is hidden, seen as diagnostics would show it.

use crate::source::diagnostic::Diagnostics;
use crate::source::files::Files;
use crate::source::mask::{of_template, says_secret};
use crate::source::yaml::{Limits, read};

/// The text as diagnostics would show it.
fn shown(text: &str) -> String {
    let mut files = Files::default();
    let (id, _) =
        read(&mut files, "x.yaml", text.as_bytes(), &Limits::default(), &mut Diagnostics::default());
    let file = files.get(id);
    for mask in &file.masks {
        let hidden = &file.text[mask.clone()];
        assert_eq!(hidden.trim(), hidden, "a mask doesn't begin or end with a blank");
        assert!(!hidden.contains(['\n', '\r']), "a mask stays on its line");
    }
    let is_hidden = |at: usize| file.masks.iter().any(|mask| mask.contains(&at));
    file.text.char_indices().map(|(at, c)| if is_hidden(at) { '•' } else { c }).collect()
}

#[test]
fn of_a_template_structure_is_shown_and_literals_are_hidden() {
    let text = "{% include \"x.yaml\" %}\nkind: Secret\n- a: {{ env.x ~ \"hunter2\" }} hunter2\nhunter2 {# old #}\nb: {{ x|y }}\n";
    let masks = of_template(text);
    let shown: String = text
        .char_indices()
        .map(|(at, c)| if masks.iter().any(|mask| mask.contains(&at)) { '•' } else { c })
        .collect();
    assert_eq!(
        shown,
        "{% include \"x.yaml\" %}\nkind: Secret\n- a: {{ env.x ~ ••••••••• }} •••••••\n•••••••••••••••••\nb: {{ x|y }}\n"
    );
}

#[test]
fn values_of_secrets_and_shared_are_hidden_at_any_depth() {
    let text =
        "secrets:\n  A: hunter2\n  B: {value: 'hunter2', env: \"hunter2\"}\n  C: [hunter2]\nimage: web\n";
    assert_eq!(
        shown(text),
        "secrets:\n  A: •••••••\n  B: {value: '•••••••', env: \"•••••••\"}\n  C: [•••••••]\nimage: web\n"
    );
    assert_eq!(shown("overrides: {shared: {X: {y: z}}}"), "overrides: {shared: {X: {y: •}}}");
}

#[test]
fn block_scalars_are_hidden_line_by_line_and_keep_their_header() {
    assert_eq!(
        shown("secrets:\r\n  A: |-\r\n    one two\r\n\r\n     three\r\nb: 1\r\n"),
        "secrets:\r\n  A: |-\r\n    •••••••\r\n\r\n     •••••\r\nb: 1\r\n"
    );
}

#[test]
fn pointers_and_ciphertexts_stay_readable() {
    let text = "secrets:\n  A: ref+vault://kv/x#/y\n  B: ENC[AGE,YWdl]\n  C: 'ref+awsssm://x'\n";
    assert_eq!(shown(text), text);
}

#[test]
fn only_the_expressions_of_a_composed_value_stay_readable() {
    assert_eq!(
        shown("secrets: {DSN: \"root:hunter2@{{ env.host }}/{{ x ~ 'hunter2' }}\"}"),
        "secrets: {DSN: \"•••••••••••••{{ env.host }}•{{ ••••••••••••• }}\"}"
    );
    assert_eq!(shown("token: 'a {{ b'"), "token: '••••••'");
}

#[test]
fn private_keys_are_hidden_wherever_they_stand() {
    assert_eq!(
        shown("recipients: {prod: [AGE-SECRET-KEY-1X, 'age-secret-key-1x', age1x]}"),
        "recipients: {prod: [•••••••••••••••••, '•••••••••••••••••', age1x]}"
    );
    assert_eq!(
        shown("a: |\n  -----BEGIN PRIVATE KEY-----\n  x\n"),
        "a: |\n  •••••••••••••••••••••••••••\n  •\n"
    );
}

#[test]
fn a_key_that_says_secret_hides_its_value() {
    for key in
        ["password", "DB_PASSWORD", "db-passwd", "dbPwd", "apiKey", "API_KEY", "x.privateKey", "TOKEN_2"]
    {
        assert!(says_secret(key), "{key}");
    }
    for key in ["passwordFile", "tokenExpiry", "secretName", "pwdx", "key", "tokenizer", ""] {
        assert!(!says_secret(key), "{key}");
    }
    assert_eq!(shown("config: {POSTGRES_PASSWORD: postgres}"), "config: {POSTGRES_PASSWORD: ••••••••}");
    assert_eq!(shown("é: 'ü'\ntoken: \"ü\\\"\"\n"), "é: 'ü'\ntoken: \"•••\"\n");
}

#[test]
fn the_pair_form_hides_its_value() {
    assert_eq!(
        shown("env:\n- name: DB_PASSWORD\n  value: x\n- value: y\n  name: LEVEL\n"),
        "env:\n- name: DB_PASSWORD\n  value: •\n- value: y\n  name: LEVEL\n"
    );
}

#[test]
fn what_an_alias_brings_into_a_secret_position_is_hidden_where_it_is_anchored() {
    assert_eq!(shown("x: &p hunter2\nsecrets: {A: *p}\n"), "x: &p •••••••\nsecrets: {A: *p}\n");
    assert_eq!(
        shown("x: &p {A: hunter2, b: 1}\nsecrets: {<<: *p}\n"),
        "x: &p {A: •••••••, b: •}\nsecrets: {<<: *p}\n"
    );
}

#[test]
fn values_that_did_not_make_it_into_the_tree_are_hidden() {
    assert_eq!(shown("a: 1\na: hunter2\n"), "a: 1\na: •••••••\n");
    assert_eq!(shown("? [hunter2]\n: hunter2\n"), "? [•••••••]\n: •••••••\n");
    assert_eq!(shown("a: 1\n<<: {a: hunter2}\n"), "a: 1\n<<: {a: •••••••}\n");
    assert_eq!(shown("a: {<<: hunter2}\n"), "a: {<<: •••••••}\n");
}

#[test]
fn comments_are_hidden_but_not_signs_in_text() {
    assert_eq!(
        shown("# was hunter2\na: b#c # d\nu: 'x # y'\nt: | # z\n  k # l\n"),
        "# •••••••••••\na: b#c # •\nu: 'x # y'\nt: | # •\n  k # l\n"
    );
}

#[test]
fn of_a_text_that_is_not_yaml_only_keys_are_shown() {
    let text = "secrets:\n  A: hunter2 x\n  - b: hunter2\n  - hunter2\n  k: |\n    hunter2\n    \"q\": hunter2\n# hunter2\n: [\n";
    let shown = shown(text);
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(shown.starts_with("secrets:\n  A: •••••••••\n  - b: •••••••\n  - •••••••\n  k: •\n"), "{shown}");
}

#[test]
fn a_file_that_is_not_utf8_is_hidden_as_one_that_is_not_yaml() {
    let mut files = Files::default();
    let bytes = b"token: hunter2\n\xFFhunter2\n";
    let mut faults = Diagnostics::default();
    let (id, nodes) = read(&mut files, "x.yaml", bytes, &Limits::default(), &mut faults);
    assert!(nodes.is_none());
    assert_eq!(files.get(id).masks.len(), 2);
    let fault = faults.sorted().remove(0);
    assert_eq!((fault.code, files.locate(fault.span().unwrap())), ("not-utf8", "x.yaml:2:1".to_owned()));
}
