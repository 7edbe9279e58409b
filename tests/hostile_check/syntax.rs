//! Secrets behind what YAML and JSON allow.

use crate::case::{Case, finds};

#[test]
fn an_anchor_far_from_its_key() {
    finds("a.yaml", "x: &p ⟦hunter2-Qx81⟧\nlist:\n- y: { password: *p }\n");
}

#[test]
fn a_merge_key() {
    finds("a.yaml", "base: &b\n  image: x\n  password: ⟦hunter2-Qx81⟧\napp:\n  <<: *b\n  replicas: 2\n");
    finds("a.yaml", "d: &d { value: ⟦hunter2-Qx81⟧ }\nenv:\n- <<: *d\n  name: DB_PASSWORD\n");
}

#[test]
fn a_pair_whose_halves_are_aliases() {
    finds("a.yaml", "n: &n DB_PASSWORD\nv: &v ⟦hunter2-Qx81⟧\nenv:\n- name: *n\n  value: *v\n");
}

#[test]
fn folded_and_literal_scalars() {
    finds("a.yaml", "password: >-\n  ⟦hunter2\n  Qx81-more⟧\nb: 1\n");
    finds("a.yaml", "password: |2-\n   ⟦hunter2-Qx81⟧\nb: 1\n");
    finds("a.yaml", "password: # none\n\n  ⟦hunter2-Qx81⟧\n");
    finds("a.yaml", "password:\n  \"⟦hunter2\n\n  Qx81-more⟧\"\n");
}

#[test]
fn flow_style_over_lines() {
    finds(
        "a.yaml",
        "{a: 1, \"password\"\n  : ⟦hunter2-Qx81⟧, b: [{name: API_TOKEN,\n value: '⟦zR5wq8Bn3Mk⟧'}]}\n",
    );
}

#[test]
fn explicit_keys() {
    finds("a.yaml", "? password\n: ⟦hunter2-Qx81⟧\n");
    finds("a.yaml", "? |-\n  password\n: ⟦hunter2-Qx81⟧\n");
}

#[test]
fn escapes_in_keys_and_values() {
    let case = Case::new().file("a.yaml", "\"\\x70assw\\u006Frd\": \"⟦hun\\x74er2-Qx81⟧\"\n");
    case.hides("hunter2-Qx81").check();
    let case = Case::new().file("a.json", "{\"\\u0070assword\": \"⟦hun\\u0074er2-Qx81⟧\"}\n");
    case.hides("hunter2-Qx81").check();
}

#[test]
fn a_tag_before_the_value() {
    for tag in ["!!str", "!", "!<tag:yaml.org,2002:str>", "&a !!str", "!!str &a"] {
        finds("a.yaml", &format!("password: {tag} ⟦hunter2-Qx81⟧\n"));
    }
}

#[test]
fn a_tag_that_no_reader_here_knows() {
    finds("a.yaml", "password: !!binary ⟦aHVudGVyMi1ReDgx⟧\n");
    finds("a.yaml", "password: !!python/str ⟦hunter2-Qx81⟧\n");
    finds("a.yaml", "password: !unsafe ⟦hunter2-Qx81⟧\n");
    finds("a.yaml", "password: !vault ⟦hunter2-Qx81⟧\n");
    finds("a.yaml", "password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162636465666768\n");
}

#[test]
fn the_first_of_two_equal_keys() {
    finds("a.yaml", "password: ⟦hunter2-Qx81⟧\npassword: ref+vault://kv/x#/y\n");
    finds("a.json", "{\"password\": \"⟦hunter2-Qx81⟧\",\n \"password\": \"\"}\n");
}

#[test]
fn comments() {
    finds("a.yaml", "a: 1 # password: ⟦hunter2-Qx81⟧\n#DB_PASSWORD=⟦zR5wq8Bn3Mk⟧\n");
    finds("a.yaml", "a:\n  # - name: DB_PASSWORD\n  #   value: ⟦hunter2-Qx81⟧\n  b: 1\n");
    finds("a.json", "{\n// \"password\": \"⟦hunter2-Qx81⟧\"\n\"a\": 1}\n");
}

#[test]
fn a_file_that_is_no_yaml_at_all() {
    finds("a.yaml", "{{- if .Values.x }}\npassword: ⟦hunter2-Qx81⟧\n{{- end }}\n]: [\n");
    finds("a.yaml", "\tpassword:\t⟦hunter2-Qx81⟧\n");
    finds("a.yaml", "a: [\nenv:\n- name: DB_PASSWORD\n  value: ⟦hunter2-Qx81⟧\n");
}

#[test]
fn what_stands_behind_the_end_of_a_document() {
    finds("a.yaml", "a: 1\n...\n---\nb: 2\n---\npassword: ⟦hunter2-Qx81⟧\n");
    finds("a.yaml", "%YAML 1.2\n---\npassword: ⟦hunter2-Qx81⟧\n...\n");
}

#[test]
fn line_breaks_of_other_systems() {
    finds("a.yaml", "a: 1\r\npassword: ⟦hunter2-Qx81⟧\r\nb: 2\r\n");
    finds("a.yaml", "password: |\r\n  ⟦hunter2-Qx81⟧\r\nb: 2\r\n");
    // Only carriage returns: all of it is one line to what counts lines.
    finds("a.env", "A=1\rDB_PASSWORD=⟦hunter2-Qx81⟧\rB=2\r");
}

#[test]
fn other_encodings() {
    let marked = "a: 1\npassword: ⟦hunter2-Qx81⟧\nb: ü\n";
    let utf16 = |order: fn(u16) -> [u8; 2], mark: bool| {
        move |text: &str| {
            let mark = mark.then_some(0xFEFF);
            mark.into_iter().chain(text.encode_utf16()).flat_map(order).collect::<Vec<u8>>()
        }
    };
    Case::new().file("a.yaml", &format!("\u{feff}{marked}")).check();
    Case::new().encoded("a.yaml", marked, utf16(u16::to_le_bytes, true)).check();
    Case::new().encoded("a.yaml", marked, utf16(u16::to_be_bytes, true)).check();
    Case::new().encoded("a.yaml", marked, utf16(u16::to_le_bytes, false)).check();
    Case::new().encoded("a.yaml", marked, utf16(u16::to_be_bytes, false)).check();
    let latin = |text: &str| text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
    Case::new().encoded("a.yaml", marked, latin).check();
}

#[test]
fn a_nul_does_not_end_a_text() {
    finds("a.yaml", "a: \0\npassword: ⟦hunter2-Qx81⟧\n");
    finds("a.env", "A=\0\0\0\nDB_PASSWORD=⟦hunter2-Qx81⟧\n");
}

#[test]
fn trees_in_scalars() {
    finds("a.yaml", "data:\n  app.yaml: |\n    db:\n      password: ⟦hunter2-Qx81⟧\n");
    finds("a.yaml", "data:\n  app.json: '{\"db\": {\"password\": \"⟦hunter2-Qx81⟧\"}}'\n");
    finds("a.json", "{\"app\": \"{\\\"password\\\": \\\"⟦hunter2-Qx81⟧\\\"}\"}\n");
}
