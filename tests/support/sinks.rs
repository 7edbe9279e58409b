use sealwright::source::diagnostic::Diagnostics;
use sealwright::source::node::{Kind, Node};
use sealwright::source::span::{FileId, Span};
use sealwright::source::yaml;

/// The output without the scalars in its sinks, found by the tests' own knowledge of where they are.
pub fn cut_sinks(output: &str) -> String {
    if output.starts_with('{') {
        return output.lines().map(cut_json_sinks).collect();
    }
    let mut faults = Diagnostics::default();
    let nodes = yaml::parse(FileId(0), output, &yaml::Limits::default(), &mut faults);
    let nodes = nodes.unwrap_or_else(|| panic!("{:?}\n{output}", faults.clone().sorted()));
    assert!(faults.is_empty(), "{:?}", faults.sorted());
    let (mut kept, mut at) = (String::new(), 0);
    for sink in nodes.iter().flat_map(sinks) {
        kept.push_str(&output[at..sink.start as usize]);
        at = sink.end as usize;
    }
    kept + &output[at..]
}

fn cut_json_sinks(line: &str) -> String {
    let mut document: serde_json::Value = serde_json::from_str(line).expect("each line is JSON");
    assert_eq!(document.to_string(), line, "there is one way to write it");
    if document["kind"] == "Secret" {
        for key in ["data", "stringData"] {
            for value in document.get_mut(key).and_then(|map| map.as_object_mut()).into_iter().flatten() {
                *value.1 = "".into();
            }
        }
    }
    format!("{document}\n")
}

/// Where the sinks of a document stand.
fn sinks(document: &Node) -> Vec<Span> {
    if document.get("kind").and_then(Node::as_text).is_none_or(|kind| &**kind != "Secret") {
        return Vec::new();
    }
    let maps = ["data", "stringData"].into_iter().filter_map(|key| document.get(key));
    let values = maps.filter_map(Node::as_map).flat_map(|map| map.values().map(|entry| &entry.value));
    values.filter(|value| matches!(value.kind, Kind::Scalar(_))).map(|value| value.span).collect()
}
