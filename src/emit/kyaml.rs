//! KYAML: YAML in flow style, with braces, quotes around every string and no meaning in blanks, as
//! Kubernetes' KEP-5295 defines it.
//!
//! The layout is that of `kubectl get -o kyaml`: lists of mappings or lists cuddle their brackets, keys
//! stand bare where no reader can take them for anything but a string, and a string of several lines
//! shows them, folded by escaped line breaks.

use std::fmt::Write as _;

use serde::Serialize;

use super::format::WriteFailed;
use super::kyaml_tree::{Tree, tree};
use crate::source::escape::is_hidden;
use crate::source::yaml_writer::plain;

/// Appends a document, preceded by `---`.
pub(super) fn write_kyaml<T: Serialize>(document: &T, out: &mut String) -> Result<(), WriteFailed> {
    let tree = tree(document).map_err(|_| WriteFailed)?;
    out.push_str("---\n");
    push(&tree, 0, out);
    out.push('\n');
    Ok(())
}

fn push(tree: &Tree, level: usize, out: &mut String) {
    match tree {
        Tree::Literal(text) => out.push_str(text),
        Tree::Text(text) if text.contains('\n') => push_lines(text, level + 1, out),
        Tree::Text(text) | Tree::OneLine(text) => push_quoted(text, out),
        Tree::List(items) if items.is_empty() => out.push_str("[]"),
        Tree::List(items) if items.iter().all(|item| matches!(item, Tree::List(_) | Tree::Map(_))) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                push(item, level, out);
            }
            out.push(']');
        }
        Tree::List(items) => {
            out.push_str("[\n");
            for item in items {
                indent(level + 1, out);
                push(item, level + 1, out);
                out.push_str(",\n");
            }
            indent(level, out);
            out.push(']');
        }
        Tree::Map(entries) if entries.is_empty() => out.push_str("{}"),
        Tree::Map(entries) => {
            out.push_str("{\n");
            for (key, value) in entries {
                indent(level + 1, out);
                if is_bare(key) {
                    out.push_str(key)
                } else {
                    push_quoted(key, out)
                }
                out.push_str(": ");
                push(value, level + 1, out);
                out.push_str(",\n");
            }
            indent(level, out);
            out.push('}');
        }
    }
}

/// Whether a key needs no quotes: letters, digits and `_`, with `-`, `.` and `/` inside, and no reader of
/// YAML 1.1 or 1.2 takes it for anything but a string.
fn is_bare(key: &str) -> bool {
    let is_inner = |c: char| matches!(c, '-' | '.' | '/');
    key.chars().all(|c| c.is_alphanumeric() || c == '_' || is_inner(c))
        && !key.starts_with(is_inner)
        && !key.ends_with(is_inner)
        && plain(key, true).is_some()
}

fn push_quoted(text: &str, out: &mut String) {
    out.push('"');
    push_escaped(text, out);
    out.push('"');
}

/// A string of several lines. A line break after `\` is none of the string's, and neither are the blanks
/// that the next line begins with, unless they are escaped.
fn push_lines(text: &str, level: usize, out: &mut String) {
    out.push_str("\"\\\n");
    for line in text.split_inclusive('\n') {
        indent(level, out);
        out.push(if line.starts_with(' ') { '\\' } else { ' ' });
        push_escaped(line, out);
        out.push_str("\\\n");
    }
    indent(level, out);
    out.push('"');
}

fn push_escaped(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0' => out.push_str("\\0"),
            c if is_hidden(c) || c == '\u{a0}' => {
                let (mark, width) = if u32::from(c) <= 0xff { ('x', 2) } else { ('u', 4) };
                write!(out, "\\{mark}{:0width$x}", u32::from(c)).expect("writing to a string can't fail");
            }
            c => out.push(c),
        }
    }
}

fn indent(level: usize, out: &mut String) {
    out.extend(std::iter::repeat_n("  ", level));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, proptest};
    use serde::Serialize;
    use serde_json::{Value, json};

    use super::write_kyaml;
    use crate::source::yaml_writer::{Quoted, write_documents};

    fn written<T: Serialize>(value: T) -> String {
        let mut out = String::new();
        write_kyaml(&value, &mut out).unwrap();
        out
    }

    #[test]
    fn the_layout_is_that_of_kubectl() {
        let document = json!({
            "apiVersion": "v1",
            "metadata": {"name": "x", "annotations": {"prometheus.io/scrape": "true", "no": "y"}},
            "spec": {
                "ports": [{"port": 80, "name": "http"}, {"port": 81}],
                "args": ["a", "b"],
                "none": [], "empty": {}, "nothing": null, "on": true, "cpu": 1e300, "nested": [[1], []],
            },
        });
        assert_eq!(
            written(document),
            r#"---
{
  apiVersion: "v1",
  metadata: {
    name: "x",
    annotations: {
      prometheus.io/scrape: "true",
      "no": "y",
    },
  },
  spec: {
    ports: [{
      port: 80,
      name: "http",
    }, {
      port: 81,
    }],
    args: [
      "a",
      "b",
    ],
    none: [],
    empty: {},
    nothing: null,
    "on": true,
    cpu: 1.0e+300,
    nested: [[
      1,
    ], []],
  },
}
"#
        );
    }

    #[test]
    fn several_lines_are_shown_as_such() {
        assert_eq!(
            written(json!({"k": "one\n  two\n\tthree\n\nend"})),
            "---\n{\n  k: \"\\\n     one\\n\\\n    \\  two\\n\\\n     \\tthree\\n\\\n     \\n\\\n     end\\\n    \",\n}\n"
        );
    }

    #[test]
    fn a_secret_of_several_lines_stays_on_one() {
        #[derive(Serialize)]
        struct Secret<'a>(Quoted<'a>);
        let list = [Secret(Quoted("one\n  \"two\"\n"))];
        assert_eq!(written(&list[..]), "---\n[\n  \"one\\n  \\\"two\\\"\\n\",\n]\n");
    }

    #[test]
    fn a_key_that_a_reader_mistakes_is_quoted() {
        for key in
            ["no", "Y", "null", "1", "1e3", "0x1", "-a", "a-", ".a", "a.", "", "a b", "a:b", "2001-01-01"]
        {
            let text = written(json!({key: 1}));
            assert!(text.contains(&format!("  \"{key}\": 1")), "{text}");
        }
        for key in ["a", "a_b", "a-b", "a.b/c", "_", "tls.crt"] {
            assert!(written(json!({key: 1})).contains(&format!("  {key}: 1")), "{key}");
        }
    }

    /// What an independent reader reads in either form.
    fn reread(value: &Value) -> [serde_yaml::Value; 2] {
        let mut yaml = String::new();
        write_documents([value], &mut yaml).unwrap();
        [serde_yaml::from_str(&yaml).unwrap(), serde_yaml::from_str(&written(value)).unwrap()]
    }

    proptest! {
        #[test]
        fn any_string_reads_the_same_in_either_form(text in any::<String>(), lines in "[ \\t\\n\"\\\\a#:é\u{85}\u{feff}]{0,12}") {
            for text in [text, lines] {
                let [yaml, kyaml] = reread(&json!({"k": [&text, {"x": &text}], (text.clone()): 1}));
                prop_assert_eq!(&kyaml, &yaml);
                prop_assert_eq!(kyaml["k"][0].as_str(), Some(&*text));
            }
        }
    }
}
