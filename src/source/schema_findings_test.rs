//! What people read of trees that don't fit.

use crate::source::diagnostic::Diagnostics;
use crate::source::node::Node;
use crate::source::schema::Schema;
use crate::source::schema_test::{float, int, list, map, null, placed, text, truth};
use crate::source::span::{FileId, Span};

const APP: &str = r##"{
    "$defs": {
        "text": {"type": ["string", "number", "boolean"]},
        "label": {"type": "string", "minLength": 1, "pattern": "^[a-z]+$", "x-message": "a DNS label such as `web-1`"},
        "port": {"type": "integer", "minimum": 1, "maximum": 65535},
        "longPort": {"type": ["object", "null"], "properties": {"container": {"$ref": "#/$defs/port"}, "service": {"type": ["integer", "null"]}}, "additionalProperties": false, "required": ["container"]},
        "probe": {"type": "object", "properties": {"http": {"type": "string"}, "tcp": {"type": "integer"}, "delay": {"type": "integer"}},
            "additionalProperties": false, "oneOf": [{"required": ["http"]}, {"required": ["tcp"]}, {"required": ["command"]}]}
    },
    "type": ["object", "null"],
    "properties": {
        "image": {"$ref": "#/$defs/text"},
        "ports": {"type": ["object", "null"], "propertyNames": {"$ref": "#/$defs/label"}, "additionalProperties": {"anyOf": [{"$ref": "#/$defs/port"}, {"$ref": "#/$defs/longPort"}]}},
        "kind": {"type": "string", "enum": ["web", "job", "cron"]},
        "health": {"$ref": "#/$defs/probe"},
        "name": {"$ref": "#/$defs/label"},
        "args": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 3, "uniqueItems": true},
        "size": {"type": "string", "pattern": "^[0-9]+Mi$", "description": "An amount of memory. Like 200Mi."},
        "ratio": {"type": ["number", "integer", "null"], "exclusiveMinimum": 0},
        "old": false,
        "nested": {"anyOf": [{"type": "null"}, {"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"enum": ["all", null]}]}]},
        "sink": {"oneOf": [
            {"type": "object", "properties": {"type": {"const": "env"}, "name": {"type": "string"}}, "required": ["type", "name"]},
            {"type": "object", "properties": {"type": {"const": "file"}, "path": {"type": "string"}}, "required": ["type", "path"]}
        ]}
    },
    "required": ["image"],
    "additionalProperties": false
}"##;

const EXTENDED: &str = r##"{
    "$defs": {"base": {"type": "object", "properties": {"image": {"type": "string"}, "replicas": {"type": "integer"}}}},
    "allOf": [{"$ref": "#/$defs/base"}],
    "properties": {"extra": {"type": "string"}},
    "oneOf": [
        {"properties": {"kind": {"const": "a"}, "forA": {}}, "required": ["kind"]},
        {"properties": {"kind": {"const": "b"}, "forB": {}}, "required": ["kind"]}
    ],
    "unevaluatedProperties": false
}"##;

/// The findings as `marked text: message (help)`.
fn findings(schema: &str, tree: Node) -> Vec<String> {
    let schema = Schema::compile(schema).unwrap();
    let (tree, files) = placed(tree);
    let mut out = Diagnostics::default();
    schema.check(&tree, &mut out);
    out.sorted()
        .iter()
        .map(|found| {
            let help: Vec<String> = found.help.iter().map(|help| format!(" ({help})")).collect();
            let marked = files.slice(found.span().unwrap());
            format!("{marked} [{}] {}{}", found.code, found.message, help.concat())
        })
        .collect()
}

/// What is wrong with an app that has an image and `entries`.
#[track_caller]
fn app<const N: usize>(entries: [(&str, Node); N], expected: &[&str]) {
    let tree = map([("image", text("x"))].into_iter().chain(entries));
    assert_eq!(findings(APP, tree), expected);
}

#[test]
fn what_fits_is_not_mentioned() {
    app(
        [
            (
                "ports",
                map([("http", int("80")), ("admin", map([("container", int("8080")), ("service", null())]))]),
            ),
            ("kind", text("web")),
            ("health", map([("http", text("/"))])),
            ("nested", list([int("1")])),
            ("sink", map([("type", text("env")), ("name", text("X"))])),
            ("ratio", float("0.5")),
        ],
        &[],
    );
    assert!(findings(APP, null()).is_empty());
}

#[test]
fn an_unknown_key_is_marked_and_the_one_that_was_meant_is_not_missed() {
    assert_eq!(
        findings(APP, map([("imagee", text("x"))])),
        ["imagee [unknown-key] unknown key `imagee` (did you mean `image`?)"]
    );
    app(
        [("health", map([("http", text("/")), ("interval", int("3"))]))],
        &["interval [unknown-key] unknown key `interval` (known keys: `http`, `tcp`, `delay`)"],
    );
}

#[test]
fn a_missing_key_is_marked_at_the_mapping() {
    assert_eq!(
        findings(APP, map([("name", text("a"))])),
        ["{name: \"a\",} [missing-key] missing key `image`"]
    );
    app(
        [("health", map([("delay", int("3"))]))],
        &["{delay: 3,} [missing-key] missing key `http`, `tcp` or `command`"],
    );
}

#[test]
fn types_are_named_as_in_yaml_and_without_null() {
    app([("ratio", text("much"))], &["\"much\" [schema-violation] expected a number, found a string"]);
    app([("ports", list([]))], &["[] [schema-violation] expected a mapping, found a list"]);
    app([("name", null())], &["null [schema-violation] expected a string, found null"]);
    assert_eq!(
        findings(APP, map([("image", map([]))])),
        ["{} [schema-violation] expected a boolean, a number or a string, found a mapping"]
    );
    app(
        [("args", list([text("a"), truth("true")]))],
        &["true [schema-violation] expected a string, found a boolean"],
    );
}

#[test]
fn one_type_error_hides_the_other_rules_of_the_value() {
    app([("kind", int("3"))], &["3 [schema-violation] expected a string, found an integer"]);
}

#[test]
fn choices_are_listed() {
    app([("kind", text("weeb"))], &["\"weeb\" [schema-violation] expected `web`, `job` or `cron`"]);
    let many: Vec<String> = (0..20).map(|n| n.to_string()).collect();
    let schema = serde_json::json!({"enum": many}).to_string();
    assert_eq!(
        findings(&schema, text("x")),
        [format!(
            "\"x\" [schema-violation] expected one of the accepted values (accepted: {})",
            many.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
        )]
    );
}

#[test]
fn patterns_say_what_is_expected() {
    app([("name", text("A"))], &["\"A\" [schema-violation] expected a DNS label such as `web-1`"]);
    app([("name", text(""))], &["\"\" [schema-violation] expected a DNS label such as `web-1`"]);
    app(
        [("size", text("200MB"))],
        &["\"200MB\" [schema-violation] doesn't match the pattern `^[0-9]+Mi$` (An amount of memory)"],
    );
}

#[test]
fn limits_are_named() {
    app([("args", list([]))], &["[] [schema-violation] expected at least 1 item"]);
    app([("ratio", int("0"))], &["0 [schema-violation] expected more than 0"]);
    app(
        [("args", list([text("a"), text("a"), text("b"), text("c")]))],
        &[
            "[\"a\",\"a\",\"b\",\"c\",] [schema-violation] expected at most 3 items",
            "[\"a\",\"a\",\"b\",\"c\",] [schema-violation] this list has an item twice",
        ],
    );
}

#[test]
fn names_and_forbidden_keys_are_marked_at_the_key() {
    app(
        [("ports", map([("Web", int("80"))]))],
        &["Web [schema-violation] key `Web`: expected a DNS label such as `web-1`"],
    );
    app([("old", int("1"))], &["old [schema-violation] key `old` isn't allowed here"]);
    assert_eq!(
        findings(r#"{"additionalProperties": false}"#, map([("080", int("1"))])),
        ["080 [unknown-key] unknown key `080`"]
    );
    assert_eq!(
        findings(r#"{"propertyNames": {"enum": ["one", "two"]}}"#, map([("tow", int("1"))])),
        ["tow [unknown-key] unknown key `tow` (did you mean `two`?)"]
    );
}

#[test]
fn of_several_forms_the_one_that_was_meant_is_reported() {
    app([("ports", map([("a", int("0"))]))], &["0 [schema-violation] expected at least 1"]);
    app(
        [("ports", map([("a", map([("contaner", int("80"))]))]))],
        &["contaner [unknown-key] unknown key `contaner` (did you mean `container`?)"],
    );
    app(
        [("ports", map([("a", text("80"))]))],
        &["\"80\" [schema-violation] expected an integer or a mapping, found a string"],
    );
    app([("nested", text("none"))], &["\"none\" [schema-violation] expected `all`"]);
    app([("nested", list([text("1")]))], &["\"1\" [schema-violation] expected an integer, found a string"]);
    app([("nested", int("1"))], &["1 [schema-violation] expected a list or `all`, found an integer"]);
}

#[test]
fn a_fixed_value_tells_which_form_was_meant() {
    app(
        [("sink", map([("type", text("file")), ("name", text("X"))]))],
        &["{type: \"file\",name: \"X\",} [missing-key] missing key `path`"],
    );
    app(
        [("sink", map([("type", text("fil")), ("name", text("X"))]))],
        &["\"fil\" [schema-violation] expected `env` or `file`"],
    );
}

#[test]
fn keys_of_a_part_that_failed_are_not_unknown() {
    assert_eq!(
        findings(
            EXTENDED,
            map([("kind", text("a")), ("image", int("3")), ("replicas", int("2")), ("imag", int("1"))])
        ),
        [
            "3 [schema-violation] expected a string, found an integer",
            "imag [unknown-key] unknown key `imag` (did you mean `image`?)"
        ]
    );
}

#[test]
fn a_key_of_another_case_is_not_allowed() {
    assert_eq!(
        findings(EXTENDED, map([("kind", text("a")), ("forB", int("3"))])),
        ["forB [schema-violation] key `forB` isn't allowed here"]
    );
}

#[test]
fn no_value_is_ever_printed() {
    let secret = || text("hunter2");
    let schema = r##"{"$defs": {"p": {"pattern": "^a$"}}, "properties": {
        "a": {"type": "integer"}, "b": {"enum": ["x"]}, "c": {"pattern": "^a$"}, "d": {"maxLength": 1}, "e": {"const": 1},
        "f": {"anyOf": [{"type": "integer"}, {"pattern": "^z$"}, {"format": "ipv4", "maxLength": 2}]}, "g": {"not": {"type": "string"}},
        "h": {"oneOf": [{"minLength": 1}, {"minLength": 2}]}, "i": {"items": false}, "j": {"uniqueItems": true}, "k": {"contains": {"type": "integer"}},
        "l": false, "m": {"if": {"type": "string"}, "then": {"$ref": "#/$defs/p"}}, "n": {"prefixItems": [true], "items": false}, "o": {"unevaluatedItems": false}
    }}"##;
    let schema = Schema::compile(schema).unwrap();
    let lists = ["i", "j", "k", "n", "o"];
    for key in ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o"] {
        let value = if lists.contains(&key) { list([secret(), secret()]) } else { secret() };
        let (tree, _) = placed(map([(key, value)]));
        let mut out = Diagnostics::default();
        schema.check(&tree, &mut out);
        assert!(out.has_errors(), "{key}");
        assert!(!format!("{out:?}").contains("hunter2"), "{key}: {out:?}");
    }
}

#[test]
fn circles_of_references_end() {
    let schema = r##"{"$ref": "#/$defs/a", "$defs": {
        "a": {"$ref": "#/$defs/b", "unevaluatedProperties": false}, "b": {"anyOf": [{"$ref": "#/$defs/a"}], "properties": {"x": {"$ref": "#"}}}
    }}"##;
    findings(schema, map([("x", map([("y", int("1"))]))]));
    let list_of_itself = r##"{"properties": {"next": {"$ref": "#"}}, "additionalProperties": false}"##;
    assert_eq!(
        findings(list_of_itself, map([("next", map([("next", map([("nxt", null())]))]))])),
        ["nxt [unknown-key] unknown key `nxt` (did you mean `next`?)"]
    );
}

#[test]
fn a_key_that_is_unknown_or_ill_named_is_one_finding() {
    let schema = r#"{"properties": {}, "additionalProperties": false, "unevaluatedProperties": false,
        "propertyNames": {"minLength": 2, "pattern": "^[a-z]+$"}}"#;
    assert_eq!(findings(schema, map([("X", int("1"))])), ["X [unknown-key] unknown key `X`"]);
    let schema = r#"{"propertyNames": {"minLength": 2, "pattern": "^[a-z]+$"}}"#;
    assert_eq!(
        findings(schema, map([("X", int("1"))])),
        ["X [schema-violation] key `X`: doesn't match the pattern `^[a-z]+$`"]
    );
}

#[test]
fn a_finding_that_came_through_an_alias_is_marked_at_the_alias() {
    let schema = Schema::compile(r#"{"properties": {"a": {"type": "integer"}}}"#).unwrap();
    let (tree, _) = placed(map([("a", text("x"))]));
    let alias = Span::new(FileId(0), 90, 92);
    let tree = map([("a", Node { alias: Some(alias), ..tree.get("a").unwrap().clone() })]);
    let mut out = Diagnostics::default();
    schema.check(&tree, &mut out);
    assert_eq!(out.sorted()[0].span(), Some(alias));
}
