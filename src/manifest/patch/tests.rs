//! The examples of RFC 7386 and RFC 6902, and what a patch may not do to a secret.

use serde_json::{Value, json};

use super::*;
use crate::config::layered::{LayerId, Origin};
use crate::config::patches::{Action, Operation};
use crate::config::secret::{Encoding, SecretId};
use crate::manifest::draft::SecretExpr;
use crate::manifest::patch_operations::{Budget, operate};
use crate::source::span::FileId;

fn origin() -> Origin {
    Origin { layer: LayerId(0), span: Span::new(FileId(0), 0, 0), shorthand: false }
}

fn patch(json: &Value) -> PatchValue {
    let kind = match json {
        Value::Null => PatchKind::Null,
        Value::Bool(value) => PatchKind::Bool(*value),
        Value::Number(number) => PatchKind::Number(number.to_string().into()),
        Value::String(text) => PatchKind::Text(text.as_str().into()),
        Value::Array(items) => PatchKind::List(items.iter().map(patch).collect()),
        Value::Object(map) => {
            PatchKind::Map(map.iter().map(|(key, value)| (key.as_str().into(), patch(value))).collect())
        }
    };
    PatchValue { kind, origin: origin() }
}

fn document(json: &Value) -> Datum {
    datum(&patch(json))
}

fn shown(datum: &Datum) -> Value {
    match datum {
        Datum::Null => Value::Null,
        Datum::Bool(value) => json!(value),
        Datum::Number(text) => serde_json::from_str(text).unwrap(),
        Datum::Text(_) => json!(datum.plain_text().unwrap()),
        Datum::List(items) => items.iter().map(shown).collect(),
        Datum::Map(map) => Value::Object(map.iter().map(|(key, v)| (key.to_string(), shown(v))).collect()),
    }
}

fn merged(target: &Value, with: &Value) -> Value {
    let mut target = document(target);
    merge(&mut target, &patch(with), &mut Vec::new()).unwrap();
    shown(&target)
}

fn steps(pointer: &str) -> Vec<Arc<str>> {
    pointer.split('/').skip(1).map(|s| s.replace("~1", "/").replace("~0", "~").into()).collect()
}

fn operation(json: &Value) -> Operation {
    let text = |key: &str| json[key].as_str().unwrap_or_default();
    let value = || patch(&json["value"]);
    let action = match text("op") {
        "add" => Action::Add(value()),
        "remove" => Action::Remove,
        "replace" => Action::Replace(value()),
        "move" => Action::Move(steps(text("from"))),
        "copy" => Action::Copy(steps(text("from"))),
        _ => Action::Test(value()),
    };
    Operation { action, path: steps(text("path")), span: origin().span }
}

fn patched(target: &Value, operations: &Value) -> Result<Value, PatchFault> {
    let mut target = document(target);
    let mut budget = Budget::default();
    for one in operations.as_array().unwrap() {
        operate(&mut target, &operation(one), &mut budget)?;
    }
    Ok(shown(&target))
}

/// RFC 7386, appendix A.
#[test]
fn merge_patches_do_what_the_rfc_says() {
    for (target, with, expected) in [
        (json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"})),
        (json!({"a":"b"}), json!({"b":"c"}), json!({"a":"b","b":"c"})),
        (json!({"a":"b"}), json!({"a":null}), json!({})),
        (json!({"a":"b","b":"c"}), json!({"a":null}), json!({"b":"c"})),
        (json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"})),
        (json!({"a":"c"}), json!({"a":["b"]}), json!({"a":["b"]})),
        (json!({"a":{"b":"c"}}), json!({"a":{"b":"d","c":null}}), json!({"a":{"b":"d"}})),
        (json!({"a":[{"b":"c"}]}), json!({"a":[1]}), json!({"a":[1]})),
        (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
        (json!({"a":"b"}), json!(["c"]), json!(["c"])),
        (json!({"e":null}), json!({"a":1}), json!({"e":null,"a":1})),
        (json!([1, 2]), json!({"a":"b","c":null}), json!({"a":"b"})),
        (json!({}), json!({"a":{"bb":{"ccc":null}}}), json!({"a":{"bb":{}}})),
    ] {
        assert_eq!(merged(&target, &with), expected, "{target} {with}");
    }
}

/// RFC 6902, appendix A.
#[test]
fn json_patches_do_what_the_rfc_says() {
    for (target, operations, expected) in [
        (
            json!({"foo":"bar"}),
            json!([{"op":"add","path":"/baz","value":"qux"}]),
            json!({"baz":"qux","foo":"bar"}),
        ),
        (
            json!({"foo":["bar","baz"]}),
            json!([{"op":"add","path":"/foo/1","value":"qux"}]),
            json!({"foo":["bar","qux","baz"]}),
        ),
        (json!({"baz":"qux","foo":"bar"}), json!([{"op":"remove","path":"/baz"}]), json!({"foo":"bar"})),
        (
            json!({"foo":["bar","qux","baz"]}),
            json!([{"op":"remove","path":"/foo/1"}]),
            json!({"foo":["bar","baz"]}),
        ),
        (
            json!({"baz":"qux","foo":"bar"}),
            json!([{"op":"replace","path":"/baz","value":"boo"}]),
            json!({"baz":"boo","foo":"bar"}),
        ),
        (
            json!({"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}),
            json!([{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]),
            json!({"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}),
        ),
        (
            json!({"foo":["all","grass","cows","eat"]}),
            json!([{"op":"move","from":"/foo/1","path":"/foo/3"}]),
            json!({"foo":["all","cows","eat","grass"]}),
        ),
        (
            json!({"baz":"qux","foo":["a",2,"c"]}),
            json!([{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2.0}]),
            json!({"baz":"qux","foo":["a",2,"c"]}),
        ),
        (
            json!({"foo":"bar"}),
            json!([{"op":"add","path":"/child","value":{"grandchild":{}}}]),
            json!({"foo":"bar","child":{"grandchild":{}}}),
        ),
        (json!({"/":9,"~1":10}), json!([{"op":"test","path":"/~01","value":10}]), json!({"/":9,"~1":10})),
        (
            json!({"foo":["bar"]}),
            json!([{"op":"add","path":"/foo/-","value":["abc","def"]}]),
            json!({"foo":["bar",["abc","def"]]}),
        ),
        (
            json!({"a":{"b":1}}),
            json!([{"op":"copy","from":"/a","path":"/a/c"}]),
            json!({"a":{"b":1,"c":{"b":1}}}),
        ),
        (json!({"a":1}), json!([{"op":"replace","path":"","value":{"b":2}}]), json!({"b":2})),
    ] {
        assert_eq!(patched(&target, &operations).as_ref(), Ok(&expected), "{target} {operations}");
    }
}

#[test]
fn json_patches_fail_where_the_rfc_says() {
    let target = json!({"foo":"bar","list":[1,2],"n":10});
    for operation in [
        json!({"op":"add","path":"/baz/bat","value":"qux"}),
        json!({"op":"add","path":"/foo/x","value":1}),
        json!({"op":"test","path":"/foo","value":"bar2"}),
        json!({"op":"test","path":"/n","value":"10"}),
        json!({"op":"test","path":"/list","value":[2,1]}),
        json!({"op":"remove","path":"/nothing"}),
        json!({"op":"remove","path":""}),
        json!({"op":"replace","path":"/nothing","value":1}),
        json!({"op":"add","path":"/list/3","value":1}),
        json!({"op":"add","path":"/list/01","value":1}),
        json!({"op":"add","path":"/list/+1","value":1}),
        json!({"op":"replace","path":"/list/-","value":1}),
        json!({"op":"remove","path":"/list/18446744073709551616"}),
        json!({"op":"move","from":"/list","path":"/list/0"}),
        json!({"op":"copy","from":"/nothing","path":"/x"}),
    ] {
        assert!(patched(&target, &json!([operation])).is_err(), "{operation}");
    }
}

/// `{"data": {"A": <secret>, "B": "plain"}, "list": [<secret>, "x"]}`
fn with_secrets() -> Datum {
    let mut body = document(&json!({"data":{"A":"","B":"plain"},"list":["","x"]}));
    let inner = vec![Piece::Secret(SecretExpr::Plain(SecretId(0)))];
    let secret = Datum::Text(vec![Piece::Secret(SecretExpr::Encoded(Encoding::Base64, inner))]);
    let Datum::Map(map) = &mut body else { unreachable!() };
    let Datum::Map(data) = &mut map["data"] else { unreachable!() };
    data["A"] = secret.clone();
    let Datum::List(list) = &mut map["list"] else { unreachable!() };
    list[0] = secret;
    body
}

#[test]
fn no_operation_touches_a_secret() {
    for operation_of in [
        json!({"op":"remove","path":"/data/A"}),
        json!({"op":"remove","path":"/data"}),
        json!({"op":"replace","path":"/data/A","value":"x"}),
        json!({"op":"replace","path":"/data","value":{}}),
        json!({"op":"replace","path":"","value":{}}),
        json!({"op":"add","path":"/data/A","value":"x"}),
        json!({"op":"add","path":"","value":{}}),
        json!({"op":"move","from":"/data/A","path":"/data/C"}),
        json!({"op":"move","from":"/list","path":"/other"}),
        json!({"op":"move","from":"/data/B","path":"/data/A"}),
        json!({"op":"copy","from":"/data/A","path":"/data/C"}),
        json!({"op":"copy","from":"","path":"/data/C"}),
        json!({"op":"copy","from":"/data/B","path":"/data/A"}),
        json!({"op":"test","path":"/data/A","value":"x"}),
        json!({"op":"test","path":"/data","value":{}}),
    ] {
        let mut body = with_secrets();
        let done = operate(&mut body, &operation(&operation_of), &mut Budget::default());
        assert!(matches!(done, Err(PatchFault::Secret { .. })), "{operation_of}: {done:?}");
        // Beside a secret everything may change, and it keeps its place.
        assert!(body.get("data").unwrap().get("A").unwrap().has_secret(), "{operation_of}");
    }
    let mut body = with_secrets();
    for operation_of in
        [json!({"op":"add","path":"/list/0","value":"y"}), json!({"op":"remove","path":"/data/B"})]
    {
        operate(&mut body, &operation(&operation_of), &mut Budget::default()).unwrap();
    }
    assert!(
        matches!(body.get("list"), Some(Datum::List(items)) if items.len() == 3 && items[1].has_secret())
    );
}

#[test]
fn no_merge_touches_a_secret() {
    for with in [
        json!({"data":{"A":null}}),
        json!({"data":null}),
        json!({"data":"x"}),
        json!({"data":{"A":"x"}}),
        json!({"data":{"A":{}}}),
        json!({"list":["x"]}),
        json!([]),
    ] {
        let mut body = with_secrets();
        let done = merge(&mut body, &patch(&with), &mut Vec::new());
        assert!(matches!(done, Err((_, PatchFault::Secret { .. }))), "{with}: {done:?}");
    }
    let mut body = with_secrets();
    merge(&mut body, &patch(&json!({"data":{"B":null,"C":"d"}})), &mut Vec::new()).unwrap();
    assert!(body.get("data").unwrap().get("A").unwrap().has_secret());
}
