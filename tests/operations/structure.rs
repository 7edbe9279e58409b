//! A value of the configuration never adds, removes or changes a key of the output.

use std::sync::LazyLock;

use proptest::prelude::{ProptestConfig, Strategy, any, prop_oneof};
use proptest::{prop_assert, prop_assert_eq, proptest};
use sealwright::config::selection::Selection;
use sealwright::manifest::draft::Datum;
use sealwright::manifest::token::{CLOSE, OPEN};
use sealwright::pipeline;
use sealwright::source::diagnostic::{Diagnostic, Diagnostics};
use sealwright::source::memory::Memory;

/// Values that made structure somewhere.
const NASTY: [&str; 42] = [
    "",
    " ",
    "x\n  hostNetwork: true",
    "x\nhostNetwork: true",
    "\n---\nkind: Secret",
    "---",
    "...",
    "x: y",
    "- x",
    "? x",
    "{a: b}",
    "[a]",
    "*x",
    "&x y",
    "!!binary x",
    "!x",
    "|",
    ">",
    "|\n  x",
    "# x",
    "x # y",
    "'",
    "\"",
    "\\",
    "\\n",
    "x\", \"y\": \"z",
    "'x': 'y'",
    "%YAML 1.2",
    "@x",
    "`x`",
    "null",
    "~",
    "true",
    "1.10",
    "0x1F",
    "<<",
    "{% if x %}",
    "{# x #}",
    "\u{2028}x: y",
    "\u{85}x: y",
    "\u{FEFF}x",
    "$(X) ${X} `x`",
];

/// The fields in which any text may stand, each a hole of the unit.
const FREE: usize = 6;
/// Fields that a schema or a check may hold against a value.
const BOUND: usize = 7;

fn world(values: &[String; FREE], bound: &[String; BOUND]) -> Memory {
    let [config, sidecar, annotation, arg, command, service] = values.each_ref().map(|v| quote(v));
    let [image, path, cpu, mount, version, label, _] = bound.each_ref().map(|v| quote(v));
    let label_key = quote_as_it_is(&bound[BOUND - 1]);
    let app = format!(
        "image: {image}
ports: {{ http: 80 }}
args: [first, {arg}]
command: [{command}]
config: {{ FIRST: {config}, LAST: last }}
labels: {{ {label_key}: {label}, last: last }}
annotations: {{ team: {annotation}, last: last }}
health: {{ readiness: {{ http: {path} }} }}
resources: {{ cpu: {cpu} }}
volumes: {{ data: {{ path: {mount} }} }}
sidecars: {{ side: {{ image: example/side, config: {{ FIRST: {sidecar} }} }} }}
platforms: {{ kubernetes: {{ service: {{ annotations: {{ team: {service} }} }} }} }}
"
    );
    Memory::new()
        .with("sealwright.yaml", "name: test\nid: 7f3c9e1a52d0\n")
        .with("environments/dev/environment.yaml", "platform: kubernetes\nnamespace: ns\n")
        .with("environments/dev/versions.yaml", format!("web: {version}\n"))
        .with("apps/web/app.yaml", app)
}

/// The shape of the output: every key, and of every value its kind.
fn shape(values: &[String; FREE], bound: &[String; BOUND]) -> Result<String, Vec<Diagnostic>> {
    let mut out = Diagnostics::default();
    let selection = Selection::parse(&["dev"]).expect("it is an environment");
    let compiled = pipeline::read(&world(values, bound), &selection, &mut out)
        .ok()
        .and_then(|mut layers| pipeline::compile(&mut layers, &selection, &mut out));
    match compiled {
        Some(compiled) if !out.has_errors() => {
            let documents = compiled.sealed.iter().flat_map(|sealed| sealed.documents());
            Ok(documents.map(|document| outline(&document.body)).collect::<Vec<_>>().join("\n"))
        }
        _ => Err(out.sorted()),
    }
}

fn outline(datum: &Datum) -> String {
    match datum {
        Datum::Null => "null".into(),
        Datum::Bool(_) => "bool".into(),
        Datum::Number(_) => "number".into(),
        Datum::Text(_) => "text".into(),
        Datum::List(items) => format!("[{}]", items.iter().map(outline).collect::<Vec<_>>().join(", ")),
        Datum::Map(map) => {
            let entries = map.iter().map(|(key, value)| format!("{key:?}: {}", outline(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

/// A YAML scalar that means exactly this text, and no expression.
fn quote(text: &str) -> String {
    quote_as_it_is(&text.replace("{{", "{{ '{{' }}"))
}

/// A YAML scalar that means exactly this text. In a key there are no expressions.
fn quote_as_it_is(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            ' '..='~' => quoted.push(character),
            _ => quoted.push_str(&format!("\\U{:08X}", u32::from(character))),
        }
    }
    quoted.push('"');
    quoted
}

fn plain() -> ([String; FREE], [String; BOUND]) {
    let bound = ["example/web", "/health", "100m", "/data", "1.0", "x", "key"];
    (std::array::from_fn(|_| "x".to_string()), bound.map(ToString::to_string))
}

/// The shape with ordinary values.
static ORDINARY: LazyLock<String> = LazyLock::new(|| {
    let (values, bound) = plain();
    shape(&values, &bound).expect("ordinary values make output")
});

fn is_reserved(text: &str) -> bool {
    text.contains([OPEN, CLOSE])
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        proptest::sample::select(NASTY.to_vec()).prop_map(ToString::to_string),
        // Pieces of YAML and of templates, in any order.
        proptest::collection::vec(proptest::sample::select(NASTY.to_vec()), 1..6)
            .prop_map(|parts| parts.concat()),
        "[-:{}\\[\\]#&*!|>'\"%@`?, \n\t]{0,12}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_leaves_the_shape_alone(values in proptest::array::uniform6(any_text())) {
        let (_, bound) = plain();
        let made = shape(&values, &bound);
        if values.iter().any(|value| is_reserved(value)) {
            prop_assert!(made.is_err_and(|found| found.iter().any(|d| d.code == "reserved-character")));
        } else {
            prop_assert_eq!(made, Ok(ORDINARY.clone()));
        }
    }

    #[test]
    fn any_text_in_a_field_with_rules_leaves_the_shape_alone_or_is_refused(
        hole in 0..BOUND - 1,
        value in any_text(),
    ) {
        let (ordinary, bound) = plain();
        let mut changed = bound;
        changed[hole] = value;
        match shape(&ordinary, &changed) {
            Ok(made) => prop_assert_eq!(made, ORDINARY.clone()),
            Err(found) => prop_assert!(found.iter().all(|d| d.span().is_some()), "{:?}", found),
        }
    }

    /// A key of the configuration is that one key of the output, or it is refused.
    #[test]
    fn any_key_is_one_key(key in any_text()) {
        let (ordinary, bound) = plain();
        let mut changed = bound;
        changed[BOUND - 1] = key.clone();
        if let Ok(made) = shape(&ordinary, &changed) {
            let wanted = ORDINARY.replace("\"key\"", &format!("{key:?}"));
            prop_assert_eq!(made, wanted);
        }
    }
}

#[test]
fn every_nasty_value_arrives() {
    let (_, bound) = plain();
    let wanted = ORDINARY.clone();
    assert!(wanted.contains("\"FIRST\": text, \"LAST\": text"), "{wanted}");
    for value in NASTY {
        assert_eq!(
            shape(&std::array::from_fn(|_| value.to_string()), &bound),
            Ok(wanted.clone()),
            "{value:?}"
        );
    }
}

/// A label that the template has itself isn't overwritten by the configuration's.
#[test]
fn a_key_that_the_template_has_is_refused() {
    let (ordinary, mut bound) = plain();
    bound[BOUND - 1] = "app.kubernetes.io/name".into();
    let found = shape(&ordinary, &bound).unwrap_err();
    assert!(
        found.iter().any(|d| d.message.contains("prints the key `app.kubernetes.io/name` twice")),
        "{found:?}"
    );
}
