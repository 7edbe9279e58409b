#![doc = include_str!("../../commands/codes/secret-manifest.md")]

use std::ops::Range;

use crate::lint::encoded::decode_text;
use crate::lint::placeholder::{has_expression, is_ciphertext, is_placeholder, is_reference};
use crate::source::node::{Map, Node};

/// The rule's code.
pub const CODE: &str = "secret-manifest";

/// Keys by which Argo CD knows what a Secret is about; their values are addresses and names.
const ABOUT: [&str; 12] = [
    "type",
    "url",
    "name",
    "project",
    "server",
    "insecure",
    "enableLfs",
    "enableOCI",
    "forceHttpBasicAuth",
    "namespaces",
    "clusterResources",
    "proxy",
];

/// The scalars of a Kubernetes Secret, or of a generator of one, that hold their values in the clear: key and
/// value.
pub fn values(map: &Map) -> Vec<(&str, &Node)> {
    let text = |key: &str| map.get(key).and_then(|entry| entry.value.as_text()).map(|text| &**text);
    let mut found = Vec::new();
    match text("kind") {
        Some("Secret") => {
            let labels = map.get("metadata").and_then(|entry| entry.value.get("labels"));
            let is_argo = labels.and_then(|labels| labels.get("argocd.argoproj.io/secret-type")).is_some();
            for (field, encoded) in [("data", true), ("stringData", false)] {
                for (key, entry) in
                    map.get(field).and_then(|entry| entry.value.as_map()).into_iter().flatten()
                {
                    let is_about = is_argo && ABOUT.contains(&&**key);
                    let open = entry.value.as_text().is_some_and(|text| is_open(text, encoded));
                    if open && !is_about {
                        found.push((&**key, &entry.value));
                    }
                }
            }
        }
        Some("Kustomization" | "Component") => {
            let generators = map.get("secretGenerator").and_then(|entry| entry.value.as_list());
            for literal in generators
                .into_iter()
                .flatten()
                .filter_map(|generator| generator.get("literals")?.as_list())
                .flatten()
            {
                let assigned = literal.as_text().and_then(|text| text.split_once('='));
                if let Some((key, _)) = assigned.filter(|(_, value)| is_open(value, false)) {
                    found.push((key, literal));
                }
            }
        }
        _ => {}
    }
    found
}

/// Whether a value of a Secret is in the clear.
fn is_open(value: &str, encoded: bool) -> bool {
    let stands_for = |text: &str| {
        let text = text.trim();
        text.is_empty()
            || is_placeholder(text)
            || is_ciphertext(text)
            || matches!(text, "true" | "false" | "null")
            || if text.contains('\n') { false } else { is_reference(text) }
    };
    if stands_for(value) {
        return false;
    }
    let compact: String = value.split_whitespace().collect();
    let decoded = if encoded { decode_text(&compact) } else { None };
    !decoded.is_some_and(|text| stands_for(&text))
}

/// A key and its value in a text.
pub type KeyAndValue = (Range<usize>, Range<usize>);

/// The values of a Secret in a text that can't be read as a tree, around its line `kind: Secret`. Returns
/// where the document ends, too.
pub fn lines(text: &str, kind: Range<usize>) -> (Vec<KeyAndValue>, usize) {
    let column = text[kind.clone()].len() - text[kind.clone()].trim_start().len();
    let start = text[..kind.start].rfind("\n---").map_or(0, |at| at + 1);
    let end = text[kind.end..].find("\n---").map_or(text.len(), |at| kind.end + at);
    let mut found: Vec<KeyAndValue> = Vec::new();
    // Whether data is in base64, and at which column the block's keys stand.
    let mut block: Option<(bool, usize)> = None;
    let mut open: Option<usize> = None;
    let mut at = start;
    let mut in_statement = false;
    let ended = text[start..end].rfind("%}").map_or(0, |at| start + at);
    for line in text[start..end].split_inclusive('\n') {
        let from = at;
        at += line.len();
        let content = line.trim();
        // What stands within a statement of a template is no entry. One that nothing ends is none.
        if in_statement || content.starts_with("{%") && from < ended {
            let end = content.find("%}");
            in_statement = end.is_none();
            if end.is_none_or(|end| content.find(':').is_none_or(|colon| colon < end)) {
                continue;
            }
        }
        if content.is_empty() || content.starts_with('#') || content.starts_with("{{") {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        if indent <= column {
            let header = content.trim_end_matches([' ', ':']);
            block = match header {
                "data" if content.ends_with(':') && indent == column => Some((true, 0)),
                "stringData" if content.ends_with(':') && indent == column => Some((false, 0)),
                _ => None,
            };
            open = None;
            continue;
        }
        let Some((encoded, inner)) = &mut block else { continue };
        if *inner == 0 {
            *inner = indent;
        }
        if indent > *inner {
            // A block scalar goes on.
            if let Some(index) = open {
                let value = &mut found[index].1;
                let first = if value.end == 0 { from + indent } else { value.start };
                *value = first..from + indent + content.len();
            }
            continue;
        }
        open = None;
        let Some((key, value)) = content.split_once(':') else { continue };
        let value = value.split(" #").next().unwrap_or_default().trim();
        let key_range = from + indent..from + indent + key.len();
        if value.starts_with(['|', '>']) {
            found.push((key_range, 0..0));
            open = Some(found.len() - 1);
        } else {
            let bare = value.trim_matches(['"', '\'']);
            if is_open(bare, *encoded) && !has_expression(bare) {
                let offset = key_range.end + 1 + content[key.len() + 1..].find(bare).unwrap_or(0);
                found.push((key_range, offset..offset + bare.len()));
            }
        }
    }
    found.retain(|(_, value)| {
        text.get(value.clone())
            .is_some_and(|text| !text.is_empty() && !has_expression(text) && is_open(text, false))
    });
    (found, end)
}
