//! Promise 1: successful runs that differ in secret values alone differ in sinks alone, and a failed link
//! reveals a closed list.

mod support;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use age::x25519::Identity;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use indexmap::IndexMap;
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof};
use proptest::test_runner::{Config as Runs, TestCaseError};
use proptest::{prop_compose, proptest};

use sealwright::config::ciphertext::Ciphertext;
use sealwright::config::place::Place;
use sealwright::config::recipient::{Recipient, RecipientSet};
use sealwright::config::secret::{Encoding, SecretId};
use sealwright::config::selection::Selection;
use sealwright::emit::{Format, write};
use sealwright::inspect::preview;
use sealwright::link::decrypt::{Decrypt, DecryptError, Expected};
use sealwright::link::secret_value::SecretValue;
use sealwright::manifest::delivery::Deliveries;
use sealwright::manifest::draft::{Datum, Document, Piece, SecretExpr};
use sealwright::manifest::pack::Pack;
use sealwright::manifest::sink::Sink;
use sealwright::manifest::taint::seal;
use sealwright::manifest::view::View;
use sealwright::pipeline::{self, Compiled, Layers};
use sealwright::seal::encrypt;
use sealwright::source::diagnostic::Diagnostics;
use sealwright::source::memory::Memory;
use sealwright::source::report::{Styling, human};
use sealwright::source::report_json::json_lines;
use sealwright::source::span::{FileId, Span};

use support::{NoStores, cut_sinks, text};

const REPO: &str = "0123456789ab";

/// The encrypted values of the repo: file, name, whether it has a long form.
const VALUES: [(&str, &str, bool); 6] = [
    ("apps/web/app.yaml", "TEXT", false),
    ("apps/web/app.yaml", "BYTES", false),
    ("apps/web/prod.yaml", "LATER", false),
    ("apps/web/staging.yaml", "LATER", true),
    ("apps/db/app.yaml", "PASSWORD", true),
    ("apps/db/app.yaml", "OTHER", false),
];

/// Which of [`VALUES`] is composed by `tojson` somewhere, so that it has to be text.
const TEXT: usize = 0;

/// The values of one run, in the order of [`VALUES`].
type Values = Vec<Vec<u8>>;

// The property, many links of one compile.

proptest! {
    #![proptest_config(runs(1000))]

    #[test]
    fn runs_that_differ_in_values_differ_in_sinks_alone(
        one in values(),
        other in values(),
        format in prop_oneof![3 => Just(Format::Yaml), 1 => Just(Format::Json)],
    ) {
        let shop = Shop::shared();
        let (a, b) = (shop.link(&given(&one), format), shop.link(&given(&other), format));
        prop_assert_eq!(&a.said, "");
        prop_assert_eq!(&b.said, "");
        let (a, b) = (a.output.expect("it links"), b.output.expect("it links"));
        same_outside_sinks(&a, &b)?;
        prop_assert_eq!(a == b, one == other, "each value stands in a sink of its own");
    }

    #[test]
    fn failed_links_reveal_the_class_of_a_value_alone((classes, one, other) in classes_and_values()) {
        let shop = Shop::shared();
        let with = |values: &Values| -> Vec<Given> {
            classes.iter().zip(values).map(|(class, value)| class.of(value)).collect()
        };
        let (a, b) = (shop.link(&with(&one), Format::Yaml), shop.link(&with(&other), Format::Yaml));
        prop_assert_eq!(a.said, b.said);
        prop_assert_eq!(a.said_to_programs, b.said_to_programs);
        match (a.output, b.output) {
            (Some(a), Some(b)) => same_outside_sinks(&a, &b)?,
            (a, b) => prop_assert!(a.is_none() && b.is_none()),
        }
    }
}

proptest! {
    #![proptest_config(runs(24))]

    #[test]
    fn the_whole_path_with_real_ciphertexts(one in values(), other in values(), rev in any::<[u8; 16]>()) {
        let identity = Identity::generate();
        let run = |values: &Values| {
            let shop = Shop::new(&world(&identity.to_public(), values, rev));
            let real = shop.link_with(&RealIdentity(&identity), Format::Yaml);
            let shown = write(&preview::documents(&shop.compiled.sealed), Format::Yaml).expect("it is YAML");
            (real, shown.to_string(), shop.tokens())
        };
        let (a, b) = (run(&one), run(&other));
        prop_assert_eq!(&a.0.said, &b.0.said);
        same_outside_sinks(&a.0.output.expect("it links"), &b.0.output.expect("it links"))?;
        prop_assert_eq!(a.1, b.1, "preview");
        prop_assert_eq!(a.2, b.2, "rollout tokens");
    }
}

proptest! {
    #![proptest_config(runs(3))]

    /// A value of 1 MiB takes its time.
    #[test]
    fn values_that_are_too_large_reveal_that_alone(fill in any::<[u8; 2]>(), more in 1_usize..5000, which in 0..VALUES.len()) {
        let shop = Shop::shared();
        let run = |fill: u8, more: usize| {
            let mut given: Vec<Given> = VALUES.iter().map(|_| Given::Value(b"short".to_vec())).collect();
            given[which] = Given::Value([fill % 128, b'x'].repeat((1 << 19) + more));
            shop.link(&given, Format::Yaml)
        };
        let (a, b) = (run(fill[0].max(1), more), run(fill[1].max(1), more / 2 + 1));
        prop_assert!(a.said.contains("is larger than 1 MiB"), "{}", a.said);
        prop_assert!(a.output.is_none() && b.output.is_none());
        prop_assert_eq!(a.said, b.said);
    }
}

// What the property rests on.

#[test]
fn every_sink_holds_the_value_that_it_should() {
    let values: Values = ["a: \"b\"\n---\n", "{{7*7}}", "é", "x", "p@ss w", "$X"].map(Into::into).into();
    let output = Shop::shared().link(&given(&values), Format::Yaml).output.expect("it links");
    let in_base64 = |value: &str| BASE64_STANDARD.encode(value);
    for (name, value) in [
        ("TEXT", in_base64("a: \"b\"\n---\n")),
        ("BYTES", in_base64("{{7*7}}")),
        ("AS_BASE64", in_base64("<e3s3Kjd9fQ==>")),
        ("AS_JSON", in_base64(r#"{"v": "a: \"b\"\n---\n"}"#)),
        ("AS_URL", in_base64("db://%7B%7B7%2A7%7D%7D@{not}/prod")),
        ("TWICE", in_base64("[<e3s3Kjd9fQ==>|db://%7B%7B7%2A7%7D%7D@{not}/prod]")),
        ("PASSWORD", in_base64("p@ss w")),
        ("plain", r#"a: \"b\"\n---\n"#.to_owned()),
        ("around", r#"<a: \"b\"\n---\n>"#.to_owned()),
        ("url", "a%3A%20%22b%22%0A---%0A".to_owned()),
    ] {
        let line = format!("  {name}: \"{value}\"\n");
        assert!(output.contains(&line), "no line {line}\n{output}");
    }
}

#[test]
fn each_class_is_told_from_the_others_and_says_no_more() {
    let shop = Shop::shared();
    let said = |class: Class| {
        let mut given = given(&VALUES.map(|_| b"harmless".to_vec()).to_vec());
        given[TEXT] = class.of(b"harmless");
        shop.link(&given, Format::Yaml).said
    };
    assert_eq!(said(Class::Good), "");
    assert!(said(Class::Nul).contains("`TEXT` has bytes that its place can't carry"), "{}", said(Class::Nul));
    assert_eq!(said(Class::Nul), said(Class::NotUtf8));
    assert!(said(Class::Corrupt).contains("damaged or was tampered with"));
    assert!(said(Class::NoIdentity).contains("no identity can decrypt this value"));
    for class in [Class::Nul, Class::Corrupt, Class::NoIdentity] {
        assert!(!said(class).contains("harmless"));
    }
}

#[test]
fn a_new_rev_is_a_new_rollout_token() {
    let identity = Identity::generate().to_public();
    let values: Values = VALUES.map(|_| b"same".to_vec()).into();
    let tokens = |rev| Shop::new(&world(&identity, &values, [rev; 16])).tokens();
    assert_eq!(tokens(1), tokens(1));
    let (one, other) = (tokens(1), tokens(2));
    assert_eq!(one.len(), 4, "two apps in two environments");
    for (one, other) in one.iter().zip(&other) {
        assert_ne!(one, other);
    }
}

#[test]
fn what_is_compared_is_all_but_sinks() {
    let text = "kind: Secret\ndata:\n  A: \"eA==\"\n  B: eA==\nmetadata: {name: x}\n---\nkind: ConfigMap\ndata: {A: \"1\"}\n";
    assert_eq!(
        cut_sinks(text),
        "kind: Secret\ndata:\n  A: \n  B: \nmetadata: {name: x}\n---\nkind: ConfigMap\ndata: {A: \"1\"}\n"
    );
    let json =
        "{\"kind\":\"Secret\",\"stringData\":{\"A\":\"x\"}}\n{\"kind\":\"Pod\",\"data\":{\"A\":\"x\"}}\n";
    assert_eq!(
        cut_sinks(json),
        "{\"kind\":\"Secret\",\"stringData\":{\"A\":\"\"}}\n{\"kind\":\"Pod\",\"data\":{\"A\":\"x\"}}\n"
    );
}

/// A case that fails is shrunk and printed; nothing is written beside the tests.
fn runs(cases: u32) -> Runs {
    Runs { failure_persistence: None, ..Runs::with_cases(cases) }
}

// Values.

fn values() -> impl Strategy<Value = Values> {
    let others = vec(prop_oneof![3 => text(), 2 => vec(any::<u8>(), 0..300)], VALUES.len() - 1);
    (text(), others).prop_map(|(first, others)| [vec![first], others].concat())
}

/// What a failed link may reveal of a value.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Class {
    Good,
    Nul,
    NotUtf8,
    NoIdentity,
    Corrupt,
    TooLarge,
}

/// What a decryptor answers.
#[derive(Clone, Debug)]
enum Given {
    Value(Vec<u8>),
    Error(DecryptError),
}

impl Class {
    fn of(self, value: &[u8]) -> Given {
        match self {
            Class::Good => Given::Value(value.to_vec()),
            Class::Nul => Given::Value([value, b"\0"].concat()),
            Class::NotUtf8 => Given::Value([b"\xff", value].concat()),
            Class::NoIdentity => Given::Error(DecryptError::NoIdentity),
            Class::Corrupt => Given::Error(DecryptError::Corrupt),
            Class::TooLarge => Given::Error(DecryptError::TooLarge),
        }
    }
}

fn given(values: &Values) -> Vec<Given> {
    values.iter().cloned().map(Given::Value).collect()
}

prop_compose! {
    fn classes_and_values()(
        classes in vec(
            prop_oneof![
                12 => Just(Class::Good),
                2 => Just(Class::Nul),
                2 => Just(Class::NotUtf8),
                1 => Just(Class::NoIdentity),
                1 => Just(Class::Corrupt),
                1 => Just(Class::TooLarge),
            ],
            VALUES.len(),
        ),
        one in vec(text(), VALUES.len()),
        other in vec(text(), VALUES.len()),
    ) -> (Vec<Class>, Values, Values) {
        (classes, one, other)
    }
}

/// A decryptor that knows a value for each place.
struct Fake(BTreeMap<(&'static str, String), Given>);

impl Fake {
    fn new(given: &[Given]) -> Fake {
        let places = VALUES.iter().map(|(file, name, long)| (*file, pointer(name, *long)));
        Fake(places.zip(given.iter().cloned()).collect())
    }
}

impl Decrypt for Fake {
    fn decrypt(&self, ciphertext: &Ciphertext, expected: &Expected<'_>) -> Result<SecretValue, DecryptError> {
        let place = ciphertext.place();
        assert_eq!((&*place.file, &*place.path), (expected.file, expected.path));
        let found = self.0.iter().find(|((file, pointer), _)| *file == place.file && *pointer == place.path);
        match found.expect("every place has a value").1 {
            Given::Value(value) => Ok(SecretValue::new(value.clone())),
            Given::Error(error) => Err(error.clone()),
        }
    }

    fn is_empty(&self) -> bool {
        false
    }

    fn describe(&self) -> String {
        "in memory".to_owned()
    }
}

/// age itself, without a file that an identity would be read from.
struct RealIdentity<'a>(&'a Identity);

impl Decrypt for RealIdentity<'_> {
    fn decrypt(&self, ciphertext: &Ciphertext, _: &Expected<'_>) -> Result<SecretValue, DecryptError> {
        let value = age::decrypt(self.0, ciphertext.bytes()).map_err(|_| DecryptError::Corrupt)?;
        Ok(SecretValue::new(value))
    }

    fn is_empty(&self) -> bool {
        false
    }

    fn describe(&self) -> String {
        "in memory".to_owned()
    }
}

// The repo.

/// A compiled repo, ready to be linked with many values.
struct Shop {
    layers: Layers,
    compiled: Compiled,
}

/// What a run comes to.
struct Linked {
    output: Option<String>,
    said: String,
    said_to_programs: String,
}

impl Shop {
    /// One compile for all cases.
    fn shared() -> &'static Shop {
        static SHOP: std::sync::OnceLock<Shop> = std::sync::OnceLock::new();
        SHOP.get_or_init(|| {
            let values = VALUES.map(|_| b"never seen".to_vec()).to_vec();
            let mut shop = Shop::new(&world(&Identity::generate().to_public(), &values, [7; 16]));
            shop.add_sinks_of_text();
            shop
        })
    }

    fn new(world: &Memory) -> Shop {
        let mut out = Diagnostics::default();
        let selection = Selection::everything();
        let Ok(mut layers) = pipeline::read(world, &selection, &mut out) else {
            panic!("the repo can't be read: {:?}", out.sorted());
        };
        let compiled = pipeline::compile(&mut layers, &selection, &mut out);
        let compiled = compiled.unwrap_or_else(|| panic!("{:?}", out.clone().sorted()));
        assert!(out.is_empty(), "{:?}", out.sorted());
        Shop { layers, compiled }
    }

    /// The Kubernetes pack has sinks of base64 alone; these take text, as those of other platforms do.
    fn add_sinks_of_text(&mut self) {
        let mut out = Diagnostics::default();
        let at = Span::new(FileId(0), 0, 0);
        let pack = Pack::load("kubernetes", at, &mut self.layers.repo, &mut out);
        let mut pack = pack.expect("the pack loads");
        let path = vec!["stringData".to_owned(), "*".to_owned()];
        pack.sinks.push(Sink { group: None, kind: "Secret".to_owned(), path, encoding: None });
        let web = self.compiled.sealed.iter().filter_map(|sealed| sealed.unit());
        let web = web.filter(|unit| unit.unit.app == "web").cloned().collect::<Vec<_>>();
        for config in web {
            let id =
                config.secrets.iter().find(|(_, secret)| &*secret.name == "TEXT").expect("it is there").0;
            let document = Document::new("secret.yaml".into(), Arc::default(), sinks_of_text(id));
            let view = View::of_unit(
                &config,
                &Deliveries { inline: vec![id], ..Deliveries::default() },
                &pack.tokens,
            );
            let sealed = seal(Some(config), vec![document], &pack, &view, &mut out);
            self.compiled.sealed.push(sealed.unwrap_or_else(|| panic!("{:?}", out.clone().sorted())));
        }
    }

    fn link(&self, given: &[Given], format: Format) -> Linked {
        self.link_with(&Fake::new(given), format)
    }

    fn link_with(&self, decryptor: &dyn Decrypt, format: Format) -> Linked {
        let mut out = Diagnostics::default();
        let linked = pipeline::link_with(&self.layers, &self.compiled, decryptor, &NoStores, &mut out);
        let output = linked.map(|linked| write(&linked, format).expect("it can be written").to_string());
        let (found, files) = (out.sorted(), &self.layers.repo.files);
        let said = if found.is_empty() { String::new() } else { human(&found, files, Styling::Plain) };
        Linked { output, said, said_to_programs: json_lines(&found, files) }
    }

    /// The rollout tokens of all units.
    fn tokens(&self) -> Vec<String> {
        let given = given(&VALUES.map(|_| b"x".to_vec()).to_vec());
        let output = self.link(&given, Format::Yaml).output.expect("it links");
        let lines = output.lines().filter_map(|line| line.trim().strip_prefix("sealwright/secrets: "));
        lines.map(ToString::to_string).collect()
    }
}

fn sinks_of_text(id: SecretId) -> Datum {
    let text = |text: &str| Piece::Text { text: text.into(), origin: None };
    let secret = || Piece::Secret(SecretExpr::Plain(id));
    let encoded = |encoding, inner| Piece::Secret(SecretExpr::Encoded(encoding, inner));
    let entries = [
        ("plain", vec![secret()]),
        ("around", vec![text("<"), secret(), text(">")]),
        ("url", vec![encoded(Encoding::Url, vec![secret()])]),
        ("json", vec![text("{\"v\": "), encoded(Encoding::Json, vec![text("'"), secret()]), text("}")]),
        ("nested", vec![encoded(Encoding::Base64, vec![encoded(Encoding::Json, vec![secret()])])]),
    ];
    let map = |entries: Vec<(&str, Datum)>| -> Datum {
        Datum::Map(
            entries.into_iter().map(|(key, datum)| (Arc::from(key), datum)).collect::<IndexMap<_, _>>(),
        )
    };
    let string_data = entries.into_iter().map(|(key, pieces)| (key, Datum::Text(pieces))).collect();
    map(vec![
        ("kind", Datum::Text(vec![text("Secret")])),
        ("metadata", map(vec![("name", Datum::Text(vec![text("text")]))])),
        ("stringData", map(string_data)),
        ("rollout", Datum::Text(vec![Piece::Rollout])),
    ])
}

fn pointer(name: &str, long: bool) -> String {
    format!("/secrets/{name}{}", if long { "/value" } else { "" })
}

/// A repo with two environments and three apps, each value encrypted with the same `rev`.
fn world(reader: &age::x25519::Recipient, values: &Values, rev: [u8; 16]) -> Memory {
    let reader = reader.to_string();
    let recipients: RecipientSet = [Recipient::parse(&reader).expect("age made it")].into_iter().collect();
    let mut secrets: BTreeMap<&str, String> = BTreeMap::new();
    for ((file, name, long), value) in VALUES.iter().zip(values) {
        let place = Place {
            repo: REPO.to_owned(),
            file: (*file).to_owned(),
            path: pointer(name, *long),
            recipients: recipients.hash(),
            rev,
        };
        let ciphertext = encrypt(&SecretValue::new(value.clone()), &place, &recipients).expect("it is small");
        let text = secrets.entry(file).or_insert_with(|| "secrets:\n".to_owned());
        let line = if *long { format!("{{ value: \"{ciphertext}\" }}") } else { ciphertext };
        writeln!(text, "  {name}: {line}").expect("a string takes every write");
    }
    let file = |name: &str| secrets[name].clone();
    let composed = "  AS_BASE64: \"<{{ secrets.BYTES | b64encode }}>\"\n  \
        AS_JSON: '{\"v\": {{ secrets.TEXT | tojson }}}'\n  \
        AS_URL: \"db://{{ secrets.BYTES | urlencode }}@{not}/{{ env.name }}\"\n  \
        TWICE: \"[{{ secrets.AS_BASE64 }}|{{ secrets.AS_URL }}]\"\n  \
        BARE: \"{{ secrets.BYTES }}{{ secrets.LATER }}\"\n";
    let environment =
        "platform: kubernetes\nnamespace: shop\nrecipients: [all]\ndelivery: { inline: [\"*/*\"] }\n";
    let versions = "web: 1.10\ndb: null\nplain: 0.1.0\n";
    Memory::new()
        .with("sealwright.yaml", format!("name: shop\nid: \"{REPO}\"\nrecipients: {{ all: [{reader}] }}\n"))
        .with("environments/prod/environment.yaml", environment)
        .with("environments/prod/versions.yaml", versions)
        .with("environments/staging/environment.yaml", environment)
        .with("environments/staging/versions.yaml", versions)
        .with(
            "apps/web/app.yaml",
            format!(
                "image: web\nports: {{ http: 80 }}\nconfig: {{ MODE: \"on\" }}\n{}{composed}",
                file("apps/web/app.yaml")
            ),
        )
        .with("apps/web/prod.yaml", file("apps/web/prod.yaml"))
        .with("apps/web/staging.yaml", file("apps/web/staging.yaml"))
        .with("apps/db/app.yaml", format!("image: db\n{}", file("apps/db/app.yaml")))
        .with("apps/plain/app.yaml", "image: plain\nconfig: { A: b }\n")
}

// Comparing.

/// Compares all bytes but those of sinks, and the trees with nothing in the sinks.
fn same_outside_sinks(one: &str, other: &str) -> Result<(), TestCaseError> {
    prop_assert_eq!(cut_sinks(one), cut_sinks(other));
    // The lines too: a sink is one line whatever its value.
    prop_assert_eq!(one.lines().count(), other.lines().count());
    for (a, b) in one.lines().zip(other.lines()) {
        if a != b {
            let key = |line: &str| line.split_once(": \"").map(|(key, _)| key.to_owned());
            prop_assert!(a.starts_with('{') || (key(a).is_some() && key(a) == key(b)), "{} {}", a, b);
        }
    }
    Ok(())
}
