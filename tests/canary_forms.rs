//! The search for canaries finds every form that other tools write, here as they wrote it.

mod support;

use support::Canaries;

const VALUE: &str = "hV7#pX\"q\\2m&Z'4 kÄ9\n<tR$w8";

/// Made with Python 3 (`base64`, `urllib.parse`, `json`, `html`, PyYAML) and `printf %q` of bash.
const FORMS: [(&str, &str); 22] = [
    ("the value itself", "hV7#pX\"q\\2m&Z'4 kÄ9\n<tR$w8"),
    ("hexadecimal", "68563723705822715c326d265a2734206bc384390a3c7452247738"),
    ("upper-case hexadecimal", "68563723705822715C326D265A2734206BC384390A3C7452247738"),
    ("base64 at offset 0", "aFY3I3BYInFcMm0mWic0IGvDhDkKPHRSJHc4"),
    ("base64 at offset 1", "AGhWNyNwWCJxXDJtJlonNCBrw4Q5Cjx0UiR3OA=="),
    ("base64 at offset 2", "YWJoVjcjcFgicVwybSZaJzQga8OEOQo8dFIkdzg="),
    ("URL encoding", "hV7%23pX%22q%5C2m%26Z%274%20k%C3%849%0A%3CtR%24w8"),
    ("lower-case URL encoding", "hV7%23pX%22q%5c2m%26Z%274%20k%c3%849%0a%3ctR%24w8"),
    ("form encoding", "hV7%23pX%22q%5C2m%26Z%274+k%C3%849%0A%3CtR%24w8"),
    ("JSON", r#""hV7#pX\"q\\2m&Z'4 kÄ9\n<tR$w8""#),
    ("ASCII JSON", r#""hV7#pX\"q\\2m&Z'4 k\u00c49\n<tR$w8""#),
    ("JSON within JSON", r#""{\"a\": \"hV7#pX\\\"q\\\\2m&Z'4 kÄ9\\n<tR$w8\"}""#),
    ("double-quoted YAML", r#""hV7#pX\"q\\2m&Z'4 kÄ9\n<tR$w8""#),
    ("double-quoted ASCII YAML", r#""hV7#pX\"q\\2m&Z'4 k\xC49\n<tR$w8""#),
    ("single quotes doubled", "'hV7#pX\"q\\2m&Z''4 kÄ9\n\n  <tR$w8'"),
    ("hexadecimal XML", "hV7#pX&#x22;q\\2m&amp;Z&#x27;4 kÄ9\n&lt;tR$w8"),
    ("XML", "hV7#pX&quot;q\\2m&amp;Z&#39;4 kÄ9\n&lt;tR$w8"),
    ("shell quotes", "'hV7#pX\"q\\2m&Z'\\''4 kÄ9\n<tR$w8'"),
    ("shell double quotes", "'hV7#pX\"q\\2m&Z'\"'\"'4 kÄ9\n<tR$w8'"),
    ("shell backslashes", r#"hV7#pX\"q\\2m\&Z\'4\ kÄ9"#),
    ("a shell's $'…'", r#"$'hV7#pX"q\\2m&Z\'4 kÄ9\n<tR$w8'"#),
    ("a shell's $'…' in octal", r#"$'hV7#pX"q\\2m&Z\'4 k\303\2049\n<tR$w8'"#),
];

#[test]
fn each_form_is_found() {
    let canaries = Canaries::new([VALUE]);
    for (form, text) in FORMS {
        // Forms that write a piece alike are one.
        let alike = if form == "double-quoted YAML" { "JSON" } else { form };
        let found = canaries.leaks(format!("before {text} after").as_bytes());
        assert!(found.iter().any(|name| name == alike), "{form}: {found:?}");
    }
}

#[test]
fn a_piece_of_each_form_is_enough() {
    let canaries = Canaries::new([VALUE]);
    for (form, text) in FORMS {
        let third = text.chars().count() / 3;
        let piece: String = text.chars().skip(2).take(third.max(26)).collect();
        assert!(!canaries.leaks(piece.as_bytes()).is_empty(), "{form}: {piece}");
    }
    assert_eq!(canaries.leaks(&VALUE.as_bytes()[5..13]), ["the value itself"]);
}

#[test]
fn less_than_a_piece_and_other_texts_are_no_leak() {
    let canaries = Canaries::new([VALUE]);
    assert_eq!(canaries.leaks(&VALUE.as_bytes()[..7]), [""; 0]);
    assert_eq!(canaries.leaks(include_bytes!("canary_forms.rs").split_at(40).0), [""; 0]);
    let help = support::Run::of(support::sealwright().arg("--help"), b"").succeeds();
    canaries.assert_absent("the help", help.stdout.as_bytes());
}

#[test]
fn a_base64url_form_differs_from_base64_where_it_matters() {
    let value = [0xfb, 0xef, 0xbe, 0xff, 0x3e, 0xfb, 0xef, 0xbe, 0xff, 0x3f];
    let canaries = Canaries::new([value]);
    for (form, text) in [
        ("base64url", "----_z77777_Pw=="),
        ("base64 ", "Yfvvvv8+++++/z8="),
        ("base64url", "YWH7777_Pvvvvv8_"),
    ] {
        let found = canaries.leaks(text.as_bytes());
        assert!(!found.is_empty() && found.iter().all(|name| name.starts_with(form)), "{text}: {found:?}");
    }
}

#[test]
fn a_short_line_of_a_value_is_found() {
    let canaries = Canaries::new(["first\nsecond line"]);
    assert_eq!(canaries.leaks(b"it was first there"), ["the value itself"]);
    assert_eq!(canaries.leaks(b"it was third there"), [""; 0]);
}
