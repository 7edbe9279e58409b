//! Laws that hold of every repo: how layers merge, that every value has an origin, and that the same
//! commit gives the same bytes.

mod support;

use std::path::Path;

use proptest::collection::{btree_map, vec};
use proptest::prelude::{Just, Strategy, any, prop_assert_eq, prop_oneof};
use proptest::proptest;
use proptest::test_runner::Config as Runs;
use serde_json::{Map, Value, json};

use sealwright::config::layered::{LayerId, Layered, LayeredKind, Origin};
use sealwright::config::secret::SecretId;
use sealwright::config::selection::Selection;
use sealwright::config::stack::Stack;
use sealwright::emit::{Format, write};
use sealwright::inspect::preview;
use sealwright::manifest::token::{Part, Token, Tokens};
use sealwright::pipeline::{self, Layers};
use sealwright::source::diagnostic::Diagnostics;
use sealwright::source::memory::Memory;
use sealwright::source::repo_path::RepoPath;
use sealwright::source::span::{FileId, Span};
use sealwright::source::work_tree::WorkTree;
use sealwright::source::world::{Entry, EntryKind, ReadError, World};
use sealwright::source::yaml;

use support::{Run, fixture, sealwright};

// Merging.

proptest! {
    #![proptest_config(Runs { failure_persistence: None, ..Runs::with_cases(500) })]

    /// An independent definition of the same thing: JSON Merge Patch, RFC 7396.
    #[test]
    fn layers_merge_as_rfc_7396_says(layers in vec(tree(true), 1..5)) {
        let expected = layers.iter().fold(json!({}), merge_patch);
        prop_assert_eq!(values(&laid(&layers, 0)), expected);
    }

    #[test]
    fn an_empty_layer_changes_nothing_wherever_it_is(layers in vec(tree(true), 0..4), at in 0_usize..4) {
        let mut with = layers.clone();
        with.insert(at.min(layers.len()), json!({}));
        prop_assert_eq!(values(&laid(&with, 0)), values(&laid(&layers, 0)));
    }

    /// Layers that remove nothing can be merged in any grouping: first the later ones, or first the earlier.
    #[test]
    fn merging_is_associative_where_nothing_is_removed(a in shaped(), b in shaped(), c in shaped()) {
        let later = values(&laid(&[b.clone(), c.clone()], 0));
        let (grouped, one_by_one) = (laid(&[a.clone(), later], 0), laid(&[a, b, c], 0));
        prop_assert_eq!(values(&grouped).to_string(), values(&one_by_one).to_string(), "the order of keys too");
    }

    #[test]
    fn tokens_round_trip_in_any_text(
        parts in vec(prop_oneof![
            "[^\u{E5EC}\u{E5ED}]{1,12}".prop_map(Ok),
            any::<u32>().prop_map(|n| Err(Token::Leaf(n))),
            any::<u32>().prop_map(|n| Err(Token::Secret(SecretId(n)))),
            any::<u32>().prop_map(|n| Err(Token::Expression(n))),
            Just(Err(Token::Rollout)),
        ], 0..8)
    ) {
        let tokens = Tokens::random();
        let text: String = parts.iter().map(|part| part.clone().unwrap_or_else(|t| tokens.write(t))).collect();
        let mut expected: Vec<Result<String, Token>> = Vec::new();
        for part in parts {
            match (expected.last_mut(), part) {
                (Some(Ok(before)), Ok(text)) => before.push_str(&text),
                (_, part) => expected.push(part),
            }
        }
        let split = tokens.split(&text).expect("no token is damaged").into_iter().map(|part| match part {
            Part::Text(text) => Ok(text.to_owned()),
            Part::Token(token) => Err(token),
        });
        prop_assert_eq!(split.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn the_last_layer_wins_and_the_others_are_its_shadows(layers in vec(btree_map("[A-C]", "[ -~é\n]{0,12}", 0..4), 4)) {
        let config = |i: usize| json!(layers[i]).to_string();
        let world = Memory::new()
            .with("sealwright.yaml", format!("name: x\nid: x\ndefaults: {{ config: {} }}\n", config(0)))
            .with("environments/prod/environment.yaml", format!("platform: kubernetes\noverrides: {{ config: {} }}\n", config(2)))
            .with("environments/prod/versions.yaml", "web: null\n")
            .with("apps/web/app.yaml", format!("image: x\nconfig: {}\n", config(1)))
            .with("apps/web/prod.yaml", format!("config: {}\n", config(3)));
        let read = layers_of(&world);
        let stack = &read.stacks[0];
        every_leaf_stands_where_it_says(&read, stack);
        for (key, value) in stack.tree.get("config").into_iter().flat_map(Layered::entries) {
            let saying: Vec<&String> = layers.iter().filter_map(|layer| layer.get(&**key)).collect();
            prop_assert_eq!(value.as_scalar().map(|scalar| &*scalar.text), saying.last().map(|text| text.as_str()));
            prop_assert_eq!(value.shadowed.len(), saying.len() - 1);
        }
    }
}

/// Trees of mappings, scalars, lists of scalars and perhaps null.
fn tree(with_null: bool) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => "[a-z]{1,3}".prop_map(Value::from),
        2 => (0..9).prop_map(Value::from),
        1 => vec("[a-z]{1,2}", 0..3).prop_map(Value::from),
        if with_null { 3 } else { 0 } => Just(Value::Null),
    ];
    let node =
        leaf.prop_recursive(3, 24, 4, |inner| btree_map("[a-d]", inner, 0..4).prop_map(|map| json!(map)));
    btree_map("[a-d]", node, 0..4).prop_map(|map| json!(map))
}

/// Trees in which a key is always of the same shape, with ports in their short and long form.
fn shaped() -> impl Strategy<Value = Value> {
    let port = prop_oneof![
        (1..9).prop_map(Value::from),
        btree_map("container|service|node", 1..9, 0..3).prop_map(|map| json!(map)),
    ];
    let ports = btree_map("[a-c]", port, 0..3);
    let config = btree_map("[A-C]", "[a-z]{1,3}", 0..3);
    let args = vec("[a-z]", 0..3);
    (ports, config, args, any::<[bool; 3]>()).prop_map(|(ports, config, args, has)| {
        let all = [("ports", json!(ports)), ("config", json!(config)), ("args", json!(args))];
        let kept = all.into_iter().zip(has).filter(|(_, has)| *has);
        Value::Object(kept.map(|((key, value), _)| (key.to_owned(), value)).collect())
    })
}

fn merge_patch(target: Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else { return patch.clone() };
    let mut map = match target {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    for (key, value) in patch {
        if value.is_null() {
            map.shift_remove(key);
        } else {
            let old = map.get(key).cloned().unwrap_or_default();
            map.insert(key.clone(), merge_patch(old, value));
        }
    }
    Value::Object(map)
}

fn laid(layers: &[Value], first: u16) -> Layered {
    let origin = Origin { layer: LayerId(0), span: Span::new(FileId(0), 0, 0), shorthand: false };
    let mut tree = Layered::empty(origin);
    for (layer, id) in layers.iter().zip(first..) {
        let text = layer.to_string();
        let mut faults = Diagnostics::default();
        let nodes = yaml::parse(FileId(u32::from(id)), &text, &yaml::Limits::default(), &mut faults);
        tree.overlay(&nodes.expect("JSON is YAML")[0], LayerId(id), None);
    }
    tree
}

fn values(tree: &Layered) -> Value {
    match &tree.kind {
        LayeredKind::Scalar(scalar) => scalar.as_i64().map_or_else(|| json!(*scalar.text), Value::from),
        LayeredKind::List(items) => items.iter().map(values).collect(),
        LayeredKind::Map(_) => tree.entries().map(|(key, value)| (key.to_string(), values(value))).collect(),
        LayeredKind::Removed => unreachable!("entries are never removed ones"),
    }
}

// Origins.

#[test]
fn every_leaf_of_sock_shop_stands_where_it_says() {
    let layers = layers_of(&WorkTree::open(&fixture("sock-shop")).expect("the fixture is there"));
    assert_eq!(layers.stacks.len(), 71);
    layers.stacks.iter().for_each(|stack| every_leaf_stands_where_it_says(&layers, stack));
}

fn every_leaf_stands_where_it_says(layers: &Layers, stack: &Stack) {
    visit(&stack.tree, &mut |node| {
        let files = &layers.repo.files;
        for origin in node.shadowed.iter().chain([&node.origin]) {
            let layer = &stack.layers[usize::from(origin.layer.0)];
            assert_eq!(layer.file, origin.span.file, "the layer of an origin is the one of its file");
            assert!(files.get(layer.file).text.get(origin.span.range()).is_some());
        }
        assert!(node.shadowed.iter().all(|shadow| shadow.layer <= node.origin.layer), "the later layer wins");
        if let LayeredKind::Scalar(scalar) = &node.kind {
            let written = files.slice(node.origin.span);
            let parsed =
                yaml::parse(FileId(0), written, &yaml::Limits::default(), &mut Diagnostics::default());
            let parsed = parsed.expect("a scalar is a document");
            let text = parsed.first().and_then(|node| node.as_scalar()).map(|scalar| &*scalar.text);
            assert_eq!(text.unwrap_or_default(), &*scalar.text, "{}", files.locate(node.origin.span));
        }
    });
}

fn visit(tree: &Layered, see: &mut dyn FnMut(&Layered)) {
    see(tree);
    match &tree.kind {
        LayeredKind::List(items) => items.iter().for_each(|item| visit(item, see)),
        LayeredKind::Map(map) => map.values().for_each(|value| visit(value, see)),
        _ => {}
    }
}

// Same commit, same bytes.

/// A world that lists folders in another order.
struct Shuffled<'a> {
    base: &'a dyn World,
    seed: usize,
}

impl World for Shuffled<'_> {
    fn read(&self, path: &RepoPath) -> Result<Vec<u8>, ReadError> {
        self.base.read(path)
    }

    fn list(&self, path: Option<&RepoPath>) -> Result<Vec<Entry>, ReadError> {
        let mut entries = self.base.list(path)?;
        let middle = self.seed % entries.len().max(1);
        entries.rotate_left(middle);
        if self.seed % 2 == 1 {
            entries.reverse();
        }
        Ok(entries)
    }

    fn describe(&self) -> String {
        self.base.describe()
    }
}

#[test]
fn neither_the_order_of_entries_nor_the_kind_of_world_nor_threads_show() {
    let tree = WorkTree::open(&fixture("sock-shop")).expect("the fixture is there");
    let expected = shown(&tree);
    assert!(expected.len() > 10_000);
    assert_eq!(shown(&tree), expected, "a second run");
    assert_eq!(shown(&in_memory(&tree)), expected, "in memory");
    for seed in 1..6 {
        assert_eq!(shown(&Shuffled { base: &tree, seed }), expected, "shuffled by {seed}");
    }
    for threads in [1, 4] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be made");
        assert_eq!(pool.install(|| shown(&tree)), expected, "{threads} threads");
    }
}

#[test]
fn findings_come_in_the_same_order_too() {
    let mut world = in_memory(&WorkTree::open(&fixture("sock-shop")).expect("the fixture is there"));
    for app in ["user", "carts", "payment"] {
        world = world.with(&format!("apps/{app}/app.yaml"), "imagee: x\nreplicas: many\n");
    }
    world = world.with("apps/user/prod.yaml", "x: 1\n");
    let findings = |world: &dyn World| {
        let mut out = Diagnostics::default();
        let files = match pipeline::read(world, &Selection::everything(), &mut out) {
            Ok(layers) => layers.repo.files,
            Err(files) => files,
        };
        sealwright::source::report_json::json_lines(&out.sorted(), &files)
    };
    let expected = findings(&world);
    assert_eq!(expected.lines().count(), 7, "{expected}");
    for seed in 0..6 {
        assert_eq!(findings(&Shuffled { base: &world, seed }), expected, "shuffled by {seed}");
    }
}

#[test]
fn where_and_by_whom_it_is_run_doesnt_show() {
    let root = fixture("sock-shop");
    let folders = [Path::new("/"), root.as_path(), Path::new("/tmp")];
    let zones = ["UTC", "Asia/Kathmandu", "America/New_York"];
    let languages = ["C", "tr_TR.UTF-8", "de_DE.UTF-8", "ja_JP.SJIS"];
    for args in [["render", "staging"], ["preview", "prod"]] {
        let run = |i: usize| {
            // A home of its own for each run.
            let mut command = sealwright();
            command
                .current_dir(folders[i % folders.len()])
                .env("TZ", zones[i % zones.len()])
                .env("LANG", languages[i % languages.len()])
                .env("LC_ALL", languages[i % languages.len()])
                .args(args)
                .arg("--repo")
                .arg(&root);
            let run = Run::of(&mut command, b"").succeeds();
            (run.stdout, run.stderr)
        };
        let first = run(0);
        assert!(first.0.len() > 10_000);
        for i in 1..10 {
            assert_eq!(run(i), first, "run {i} of {args:?}");
        }
    }
}

fn layers_of(world: &dyn World) -> Layers {
    let mut out = Diagnostics::default();
    match pipeline::read(world, &Selection::everything(), &mut out) {
        Ok(layers) => layers,
        Err(_) => panic!("the repo can't be read: {:?}", out.sorted()),
    }
}

/// All documents as preview shows them, and what is said of them.
fn shown(world: &dyn World) -> String {
    let mut layers = layers_of(world);
    let mut out = Diagnostics::default();
    let compiled = pipeline::compile(&mut layers, &Selection::everything(), &mut out);
    let compiled = compiled.unwrap_or_else(|| panic!("{:?}", out.clone().sorted()));
    let text = write(&preview::documents(&compiled.sealed), Format::Yaml).expect("it is YAML");
    format!("{}{:?}", *text, out.sorted().iter().map(|d| &d.message).collect::<Vec<_>>())
}

fn in_memory(world: &dyn World) -> Memory {
    let mut memory = Memory::new();
    let mut folders: Vec<Option<RepoPath>> = vec![None];
    while let Some(folder) = folders.pop() {
        for entry in world.list(folder.as_ref()).expect("a folder can be listed") {
            let path =
                folder.as_ref().map_or(entry.name.clone(), |folder| format!("{folder}/{}", entry.name));
            let path = RepoPath::new(&path).expect("the fixture has good names");
            match entry.kind {
                EntryKind::Folder => folders.push(Some(path)),
                _ => memory.insert(&path, world.read(&path).expect("a file can be read")),
            }
        }
    }
    memory
}
