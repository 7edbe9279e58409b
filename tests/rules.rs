//! Every rule fires on what it documents and on what it is about, and keeps silent where it should.

mod support;

use std::fs;

use proptest::prelude::{ProptestConfig, any, prop, proptest};

use sealwright::lint::finding::{Finding, Fingerprint, Tier};
use sealwright::lint::rules::RULES;
use sealwright::lint::scan::{Options, Source, decode, diagnostic, scan};
use sealwright::source::diagnostic::Diagnostics;
use sealwright::source::span::FileId;
use sealwright::source::yaml::{Limits, parse};
use support::root;

/// What a rule finds, and what looks like it: rule, path, text with the value between `⟦` and `⟧`.
const CASES: &str = include_str!("rules/cases.txt");

#[test]
fn the_documented_example_of_every_rule_fires() {
    for (rule, tier) in RULES {
        let path = root().join(format!("src/commands/codes/{rule}.md"));
        let text = fs::read_to_string(&path).expect("a rule has a text");
        let example = text.split("For example").nth(1).and_then(|rest| rest.split("\n\nInstead").next());
        let example = example.and_then(|example| example.split_once("\n\n")).expect("it has an example").1;
        let example: String =
            example.lines().map(|line| format!("{}\n", line.strip_prefix("    ").unwrap_or(line))).collect();
        let path = if example.starts_with('[') { "example.ini" } else { "example.yaml" };
        let contract = (rule == "plaintext-secret").then(|| sealwright::config::repo::schema("app"));
        let options = Options { entropy: tier == Tier::Entropy };
        let file = FileId(0);
        let documents =
            contract.and_then(|_| parse(file, &example, &Limits::default(), &mut Diagnostics::default()));
        let source = Source { file, path, text: &example, documents: documents.as_deref(), contract };
        let found = scan(&source, &options);
        assert!(
            found.iter().any(|finding| finding.rule == rule && finding.tier == tier),
            "{rule}: {found:?}"
        );
    }
}

#[test]
fn every_case_is_found_where_it_is_marked_and_nowhere_else() {
    let mut wrong = Vec::new();
    let mut rules = Vec::new();
    let mut clean = 0;
    for case in cases() {
        let found = findings(case.path, &case.text);
        let actual: Vec<(&str, std::ops::Range<usize>)> =
            found.iter().map(|finding| (finding.rule, finding.span.range())).collect();
        let expected: Vec<(&str, std::ops::Range<usize>)> =
            case.marks.iter().map(|range| (case.rule, range.clone())).collect();
        if actual != expected {
            let shown: Vec<String> = actual
                .iter()
                .map(|(rule, range)| format!("{rule} {:?}", &case.text[range.clone()]))
                .collect();
            wrong.push(format!("{} {}:\n{}\n  -> {shown:?}", case.rule, case.path, case.text));
        }
        clean += usize::from(case.marks.is_empty());
        rules.push(case.rule);
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(clean > 60 && rules.len() > 150, "{clean} of {}", rules.len());
    for (rule, tier) in RULES {
        let needs_more = tier == Tier::Entropy || rule == "plaintext-secret";
        assert!(needs_more || rules.contains(&rule), "{rule} has no case");
    }
}

#[test]
fn what_looks_random_is_found_when_asked_for() {
    let text = "a: Zk93mQx7LpT2vRb8NcYh4WsJ\nb: sha256:51c4304ea55d95a8f44a16c7e890ec6218246e8bef5ca5f9027866fd4aef365a\nc: 1461f532-1ee2-43f8-9f60-702176e1c3ac\nd: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMZS9J1ydflZ4iJdJgO8\n";
    let source = Source { file: FileId(0), path: "x.yaml", text, documents: None, contract: None };
    assert_eq!(scan(&source, &Options::default()), []);
    let found = scan(&source, &Options { entropy: true });
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].span.start, found[0].tier), (3, Tier::Entropy));
}

#[test]
fn a_place_that_a_schema_keeps_for_secrets_takes_no_plaintext() {
    let contract = Some(sealwright::config::repo::schema("app"));
    let found = |text: &str| {
        let documents = parse(FileId(0), text, &Limits::default(), &mut Diagnostics::default());
        let source = Source {
            file: FileId(0),
            path: "apps/web/app.yaml",
            text,
            documents: documents.as_deref(),
            contract,
        };
        scan(&source, &Options::default())
    };
    let all = found("secrets: { A: plain, B: { value: open, env: B } }\n");
    let paths: Vec<_> = all.iter().map(|finding| finding.path.as_deref().unwrap_or_default()).collect();
    assert_eq!(paths, ["/secrets/A", "/secrets/B/value"]);
    assert!(all.iter().all(|finding| finding.tier == Tier::Structure && finding.rule == "plaintext-secret"));
    assert_eq!(found("secrets: { A: ref+vault://kv/x#/y, B: ENC[AGE,YWdl], C: 'x{{ secrets.A }}' }\n"), []);
}

#[test]
fn a_finding_knows_its_way_its_name_and_its_value() {
    let found = findings(
        "a.yaml",
        "x:\n  a/b:\n  - name: DB_PASSWORD\n    value: hunter2\n  dbPassword: \"h\\u0075nter2\"\n",
    );
    let shown: Vec<_> = found.iter().map(|f| (f.path.as_deref(), f.name.as_deref())).collect();
    assert_eq!(
        shown,
        [(Some("/x/a~1b/0/value"), Some("DB_PASSWORD")), (Some("/x/dbPassword"), Some("dbPassword"))]
    );
    let value = Fingerprint::of(b"hunter2");
    assert!(found.iter().all(|finding| finding.fingerprint == value), "as it was read");
}

#[test]
fn nothing_that_is_said_has_the_value() {
    for case in cases().iter().filter(|case| !case.marks.is_empty()) {
        for (finding, mark) in findings(case.path, &case.text).iter().zip(&case.marks) {
            let value = &case.text[mark.clone()];
            let said = diagnostic(finding);
            let text = format!("{} {:?} {finding:?}", said.message, said.help);
            let is_word = value.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            assert!(is_word || value.len() < 4 || !text.contains(value), "{text}");
        }
    }
}

#[test]
fn texts_of_other_encodings_are_decoded() {
    let utf16: Vec<u8> = [0xFF, 0xFE]
        .into_iter()
        .chain("password: hunter2".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    assert_eq!(decode(&utf16).unwrap(), "password: hunter2");
    assert_eq!(decode(b"caf\xE9: password").unwrap(), "caf\u{FFFD}: password");
    assert_eq!(decode(b"a\0b").unwrap(), "a\0b");
    assert!(decode(b"\x7fELF\0\xFF\xFE").is_none());
}

/// What hostile people would send: the work grows with the text, and nothing panics. A quadratic rule would
/// take hours here.
#[test]
fn hostile_texts_end() {
    let mega = 1 << 17;
    let times = |piece: &str| piece.repeat(mega / piece.len());
    let nested = |mut text: String| {
        use base64::Engine;
        for _ in 0..6 {
            text = base64::prelude::BASE64_STANDARD.encode(text);
        }
        text
    };
    let texts = [
        times("password="),
        times("\"password\":\""),
        times("password: |\n"),
        times("password: x\n"),
        times("- name: DB_PASSWORD\n"),
        times("kind: Secret\ndata:\n a: b\n"),
        times("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v"),
        times("eyJ."),
        times("eyJhbGciOiJIUzI1NiJ9."),
        times("://a:b@"),
        times("://"),
        times("&sig="),
        times("{\"kty\""),
        times("ghp_"),
        times("-Q~"),
        times("${PASSWORD:-"),
        times("{{ default \""),
        times("<password>"),
        times("--password "),
        times("curl -u "),
        times("A1b/"),
        times("#password: "),
        nested("password: hunter2".repeat(200)),
        format!("password: {}", "x y".repeat(mega / 3)),
        format!("password={}", " ".repeat(mega)),
    ];
    for text in texts {
        for path in ["a.yaml", "a.json", ".env", "a.tf", "a.md", "a.xml", "a"] {
            findings(path, &text);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_is_scanned_and_spans_are_of_characters(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..24),
        noise in prop::collection::vec(any::<char>(), 24),
        path in prop::sample::select(&["a.yaml", "a.json", ".env", "a.tf", "a.sh", "a.md", "a.xml", "Dockerfile", "a.py", ".netrc", "a"][..]),
    ) {
        let text: String = pieces.iter().zip(&noise).map(|(piece, c)| format!("{piece}{c}")).collect();
        for text in [text.clone(), pieces.concat(), text.chars().rev().collect()] {
            for entropy in [false, true] {
                let source = Source { file: FileId(3), path, text: &text, documents: None, contract: None };
                let found = scan(&source, &Options { entropy });
                let mut last = 0;
                for finding in &found {
                    assert!(text.get(finding.span.range()).is_some_and(|value| !value.is_empty()), "{finding:?}");
                    assert!(finding.span.start >= last, "in order, apart");
                    last = finding.span.end;
                }
                for finding in &found {
                    diagnostic(finding);
                }
            }
        }
    }
}

/// What texts about secrets are made of.
const PIECES: &[&str] = &[
    "password",
    "PASSWORD",
    "token",
    "secretKey",
    ": ",
    "=",
    ":=",
    "\"",
    "'",
    "\\\"",
    "`",
    "${",
    "}",
    "{{ ",
    " }}",
    "default \"",
    "\n",
    "\r\n",
    "  ",
    "- ",
    "name: ",
    "value: ",
    "|\n",
    ">-\n",
    "# ",
    "//",
    "<",
    ">",
    "<password>",
    "</",
    "kind: Secret\n",
    "data:\n",
    "stringData:\n",
    "---\n",
    "-----BEGIN PRIVATE KEY-----",
    "-----END ",
    "MC4CAQAwBQYDK2VwBCIEIJ1h",
    "AKIA",
    "ghp_",
    "eyJhbGciOiJIUzI1NiJ9",
    ".",
    "://",
    "@",
    "@tcp(",
    "user:pa\u{df}",
    "Basic ",
    "dXNlcjpwYXNz",
    "$2y$10$",
    "{SHA}",
    "--password ",
    "curl -u ",
    "mysql -p",
    "sig=",
    "\"kty\"",
    "\u{e9}",
    "\u{1f600}",
    "…",
    "ENV ",
    "&a ",
    "*a",
    "!!str ",
    "AccountKey=",
    "hunter2",
    "aHVudGVyMiBhbmQgbW9yZSBvZiBpdA==",
    ",",
    "[",
    "]",
    "{",
    ";",
    "Q~",
    ".atlasv1.",
    ":AA",
    "\\u0070",
];

struct Case {
    rule: &'static str,
    path: &'static str,
    text: String,
    marks: Vec<std::ops::Range<usize>>,
}

/// The cases of `rules/cases.txt`: a heading `=== RULE PATH`, then the text.
fn cases() -> Vec<Case> {
    let cases = CASES.split("\n=== ").skip(1).map(|case| {
        let (head, body) = case.split_once('\n').expect("a case has a text");
        let (rule, path) = head.split_once(' ').expect("a heading names rule and path");
        let mut text = String::new();
        let mut marks = Vec::new();
        for (index, part) in body.split('⟦').enumerate() {
            match part.split_once('⟧').filter(|_| index > 0) {
                Some((value, rest)) => {
                    marks.push(text.len()..text.len() + value.len());
                    text += value;
                    text += rest;
                }
                None => text += part,
            }
        }
        Case { rule, path, text, marks }
    });
    cases.collect()
}

fn findings(path: &str, text: &str) -> Vec<Finding> {
    let source = Source { file: FileId(0), path, text, documents: None, contract: None };
    scan(&source, &Options::default())
}
