//! YAML out: scalars that readers of YAML 1.1 and 1.2 agree on.

use serde::{Serialize, Serializer};
use serde_saphyr::{DoubleQuoted, FlowSeq, SerializerOptions, ser_options};

/// A string that is written as a one-line double-quoted scalar, whatever it contains, so that its content
/// never shows in the shape of the output.
#[derive(Clone, Copy)]
pub struct Quoted<'a>(pub &'a str);

impl Serialize for Quoted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        DoubleQuoted(self.0).serialize(serializer)
    }
}

/// Serializes a number from its text; what no number can hold is written as a string.
pub fn serialize_number<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    if let Ok(number) = text.parse::<i64>() {
        return serializer.serialize_i64(number);
    }
    if let Ok(number) = text.parse::<u64>() {
        return serializer.serialize_u64(number);
    }
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => serializer.serialize_f64(number),
        _ => serializer.serialize_str(text),
    }
}

/// Why a document can't be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// The writer gave up. Its own message is left out, since it may quote a value.
    #[error("the document can't be written as YAML")]
    Failed,
}

/// Appends documents to `out`, each preceded by `---`.
///
/// A string comes back as the same string from any reader: one that YAML 1.1 or 1.2 takes for something
/// else is quoted, one of several lines becomes a block scalar where that is faithful, and none is
/// folded. On an error `out` holds what was written so far.
pub fn write_documents<T: Serialize>(
    documents: impl IntoIterator<Item = T>,
    out: &mut String,
) -> Result<(), WriteError> {
    // Folding would break long lines; readers put them together again, people who compare don't.
    let options = |prefer_block_scalars| {
        ser_options! {
            folded_wrap_chars: usize::MAX,
            compact_list_indent: true,
            prefer_block_scalars: prefer_block_scalars,
        }
    };
    for document in documents {
        out.push_str("---\n");
        let start = out.len();
        write(&document, options(true), out)?;
        if begins_block_with_tab(&out[start..]) {
            out.truncate(start);
            write(&document, options(false), out)?;
        }
    }
    Ok(())
}

fn write<T: Serialize>(document: &T, options: SerializerOptions, out: &mut String) -> Result<(), WriteError> {
    serde_saphyr::to_fmt_writer_with_options(out, document, options).map_err(|_| WriteError::Failed)
}

/// Whether a block scalar's first line begins with a tab. YAML allows that; readers that descend from
/// libyaml refuse it. Tabs stand bare in block scalars only, so a false alarm costs no more than looks.
fn begins_block_with_tab(document: &str) -> bool {
    if !document.contains('\t') {
        return false;
    }
    let mut below_header = false;
    for line in document.lines() {
        let content = line.trim_start_matches(' ');
        if below_header && content.starts_with('\t') {
            return true;
        }
        let is_header = ["|", "|-", "|+"].iter().any(|header| content.ends_with(header));
        below_header = is_header || (below_header && content.is_empty());
    }
    false
}

/// The text as a plain scalar, or `None` where a reader could take that for something else than this
/// string. `in_flow` says that the scalar stands between brackets or braces.
pub fn plain(text: &str, in_flow: bool) -> Option<&str> {
    let written = if in_flow { to_line(&FlowSeq([text])) } else { to_line(&text) }?;
    let written = if in_flow { written.strip_prefix('[')?.strip_suffix(']')? } else { &written };
    (written == text).then_some(text)
}

/// The text as a double-quoted scalar of one line.
pub fn double_quoted(text: &str) -> String {
    to_line(&Quoted(text)).expect("writing a string into a string can't fail")
}

/// The text as a key that is one in block and in flow style: plain if that is faithful, else quoted.
pub fn key(text: &str) -> String {
    let is_simple = text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'));
    match plain(text, true).filter(|_| is_simple) {
        Some(text) => text.to_owned(),
        None => double_quoted(text),
    }
}

fn to_line<T: Serialize>(value: &T) -> Option<String> {
    let one_line = ser_options! { folded_wrap_chars: usize::MAX, prefer_block_scalars: false };
    let mut line = serde_saphyr::to_string_with_options(value, one_line).ok()?;
    if line.ends_with('\n') {
        line.pop();
    }
    Some(line)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::{Just, Strategy, any, prop_assert_eq, prop_oneof, proptest};
    use serde::Deserialize;
    use serde_json::json;

    use super::{Quoted, WriteError, double_quoted, key, plain, write_documents};
    use crate::source::diagnostic::Diagnostics;
    use crate::source::node::{Node, ScalarType};
    use crate::source::span::FileId;
    use crate::source::yaml::{Limits, parse};

    /// Strings that some reader takes for something else when they are written carelessly.
    #[rustfmt::skip]
    const AWKWARD: &[&str] = &[
        // nulls and booleans of 1.1 and 1.2
        "", "~", "null", "Null", "NULL", "nULL", "true", "True", "TRUE", "false", "yes", "Yes", "YES", "no",
        "No", "NO", "nO", "on", "On", "ON", "off", "Off", "OFF", "y", "Y", "n", "N",
        // numbers
        "0", "1", "-1", "+1", "-0", "1.10", "1.", ".5", "0.", "007", "08", "09", "0777", "0o7", "0o777",
        "0x1F", "0x", "0b11", "0b", "1e3", "1E3", "1e", "e1", "12e03", "0.1e-5", "81e5080",
        "12345678901234567890", "1_000", "1__0", "-1_000", "._1", "1,000", ".inf", "-.inf", "+.inf", ".Inf",
        ".nan", ".NaN", "inf", "nan", "123abc", "1:30", "1:30:00", "190:20:30", "01:30", "1:30.5", "-1:30",
        // dates
        "2001-01-01", "2001-1-1", "2001-01-01T00:00:00Z", "2001-01-01 00:00:00", "20010101", "12:30:45",
        // indicators
        "=", "<<", "-", "?", ":", ",", "#", "&", "*", "!", "|", ">", "'", "\"", "%", "@", "`", "[", "]",
        "{", "}", "- a", "-a", "? a", "?a", ": a", ":a", "a:", "a: b", "a:b", "a :b", "a #b", "a#b", "#c",
        "&a", "*a", "!t", "!!str a", "%d", "%YAML", "%YAML 1.2", "@x", "`x", "|-", "> a", "{a}", "[a]",
        "{a: b}", "[a, b]", "a, b", "a]", "a}", "{{ x }}", "x {{ y }}", "'q'", "\"dq\"", "it's",
        "say \"x\"", "---", "...", "--- a", "... a", "---a", "--",
        // blanks
        " ", "  ", " lead", "trail ", " both ", "tab\there", "\ttab", "tab\t", "-\tx", "a\t#b", "a:\tb",
        "\u{a0}", "\u{3000}x",
        // several lines
        "\n", "\n\n", "a\n", "a\n\n", "a\nb", "a\nb\n", "a\nb\n\n\n", "\na", "\n\na\n\n", " a\nb",
        "  ind\n x", "a\n  b\n c\n", "a \nb\n", "a\n \nb", "a\n \n", "\n ", " \n", "\t\n", "\ta\nb",
        "a\n\tb", "a\n\t\n", "x: y\nz", "- a\n- b", "---\na", "a\n---\nb", "a\n...\n", "# a\nb", "a\n# b",
        "a\r\nb", "\r", "a\rb", "{\n  \"a\": 1\n}\n", "a\n\nb\n\n\nc",
        // beyond ASCII
        "é", "ü\nö", "😀", "\u{85}", "a\u{85}b", "\u{2028}", "a\u{2028}b\nc", "\u{2029}", "\u{feff}x",
        "x\u{feff}", "\u{e5ec}S1", "\u{fffd}", "\u{ffff}", "\u{10ffff}", "\u{200b}", "\u{202e}x",
        // control characters and escapes
        "\u{0}", "a\u{0}b", "\u{7}", "\u{1b}[31m", "\u{7f}", "\u{80}", "a\u{b}b", "\\n", "C:\\x", "\\",
        "a\\", "\\x41", "a\u{0}\nb",
        // what secrets and configurations look like
        "ref+vault://kv/prod/x#/password", "ENC[AGE,YWdlLWVuY3J5cHRpb24=]", "postgres://u:p@h:5432/d?x=1#y",
        "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n", "$2y$10$abc", "${X}", "$(X)",
        "p@ss: word #1", "sha256:0123456789abcdef", "*/5 * * * *", "100m", "1Gi", "10%", "~/x",
        "!important", "key", "a b c",
    ];

    fn long() -> Vec<String> {
        vec![
            "long words ".repeat(60),
            "x".repeat(5000),
            format!("{}\n{}", "long ".repeat(100), "b".repeat(300)),
        ]
    }

    fn written<T: serde::Serialize>(value: T) -> String {
        let mut out = String::new();
        write_documents([value], &mut out).unwrap();
        out
    }

    fn our(text: &str) -> Node {
        let mut faults = Diagnostics::default();
        let nodes = parse(FileId(0), text, &Limits::default(), &mut faults);
        assert!(faults.is_empty(), "{faults:?} in {text:?}");
        nodes.unwrap().remove(0)
    }

    /// That a string survives as a value, an item, a key and deeper down, for two readers.
    fn survives(text: &str) {
        let yaml = written(BTreeMap::from([("a", json!({"k": text, "l": [text, {"m": text}, [text]]}))]));
        let node = our(&yaml);
        let a = node.get("a").unwrap();
        let items = a.get("l").unwrap().as_list().unwrap();
        for found in
            [a.get("k").unwrap(), &items[0], items[1].get("m").unwrap(), &items[2].as_list().unwrap()[0]]
        {
            let scalar = found.as_scalar().unwrap();
            assert_eq!((&*scalar.text, scalar.ty), (text, ScalarType::Text), "{yaml}");
        }
        let other: serde_yaml::Value = serde_yaml::from_str(&yaml).unwrap_or_else(|e| panic!("{e}: {yaml}"));
        for found in [&other["a"]["k"], &other["a"]["l"][0], &other["a"]["l"][1]["m"], &other["a"]["l"][2][0]]
        {
            assert_eq!(found, &serde_yaml::Value::String(text.to_owned()), "{yaml}");
        }
        let yaml = written(BTreeMap::from([(text, 1)]));
        assert_eq!(&**our(&yaml).as_map().unwrap().keys().next().unwrap(), text, "{yaml}");
    }

    /// That a string stays on one line in quotes.
    fn is_one_quoted_line(text: &str) {
        let yaml = written(json!({"k": [1]}).as_object().map(|_| BTreeMap::from([("k", Quoted(text))])));
        let line = yaml.strip_prefix("---\nk: \"").and_then(|rest| rest.strip_suffix("\"\n")).unwrap();
        assert!(!line.contains(['\n', '\r', '\t', '\u{85}', '\u{2028}', '\u{2029}', '\u{0}']), "{line:?}");
        assert_eq!(&**our(&yaml).get("k").unwrap().as_text().unwrap(), text);
        assert_eq!(format!("k: {}\n", double_quoted(text)), yaml["---\n".len()..]);
        assert_eq!(serde_yaml::from_str::<BTreeMap<String, String>>(&yaml).unwrap()["k"], text);
    }

    #[test]
    fn awkward_strings_come_back_as_the_same_strings() {
        for text in AWKWARD {
            survives(text);
        }
        for text in long() {
            survives(&text);
        }
    }

    #[test]
    fn what_yaml_1_1_takes_for_something_else_is_quoted() {
        for text in
            ["NO", "y", "on", "1:30", "0o7", "0777", "1_000", "2001-01-01", "=", "<<", "0b11", "~", "1.10"]
        {
            assert_eq!(written(BTreeMap::from([("k", text)])), format!("---\nk: \"{text}\"\n"));
            assert_eq!(written(BTreeMap::from([(text, "v")])), format!("---\n\"{text}\": v\n"));
            assert_eq!(key(text), format!("\"{text}\""));
            assert_eq!((plain(text, false), plain(text, true)), (None, None));
        }
    }

    #[test]
    fn quoted_strings_stay_on_one_line() {
        AWKWARD.iter().for_each(|text| is_one_quoted_line(text));
        long().iter().for_each(|text| is_one_quoted_line(text));
    }

    #[test]
    fn plain_and_key_are_what_they_were_given() {
        for text in AWKWARD {
            if let Some(plain) = plain(text, false) {
                assert_eq!(&**our(&format!("k: {plain} # c\n")).get("k").unwrap().as_text().unwrap(), *text);
            }
            if let Some(plain) = plain(text, true) {
                assert_eq!(
                    &**our(&format!("{{k: {plain}, l: 1}}")).get("k").unwrap().as_text().unwrap(),
                    *text
                );
            }
            let key = key(text);
            for yaml in [format!("{key}: v\n"), format!("{{{key}: v}}")] {
                assert_eq!(&**our(&yaml).as_map().unwrap().keys().next().unwrap(), *text, "{yaml}");
            }
        }
        assert_eq!(plain("ENC[AGE,YQ==]", false), Some("ENC[AGE,YQ==]"));
        assert_eq!(plain("ENC[AGE,YQ==]", true), None);
        assert_eq!(key("DB_PASSWORD"), "DB_PASSWORD");
    }

    #[test]
    fn documents_are_each_preceded_by_their_marker_and_lists_are_compact() {
        let mut out = String::new();
        write_documents([json!({"a": [{"b": 1, "c": "x\ny\n"}], "d": {}, "e": []}), json!(null)], &mut out)
            .unwrap();
        assert_eq!(out, "---\na:\n- b: 1\n  c: |\n    x\n    y\nd: {}\ne: []\n---\nnull\n");
        let documents: Vec<_> = serde_yaml::Deserializer::from_str(&out)
            .map(|d| serde_yaml::Value::deserialize(d).unwrap())
            .collect();
        assert_eq!(documents.len(), 2);
    }

    #[test]
    fn a_block_that_begins_with_a_tab_is_quoted_and_others_are_not() {
        assert_eq!(written(json!({"k": "\n\tx\n"})), "---\nk: \"\\n\\tx\\n\"\n");
        assert_eq!(written(json!({"k": "x\n\ty\n"})), "---\nk: |\n  x\n  \ty\n");
    }

    #[test]
    fn numbers_keep_their_value() {
        let yaml = written(
            json!({"a": 1.5, "b": 1e300, "c": u64::MAX, "d": i64::MIN, "e": 1.0, "f": 1e-7, "g": true}),
        );
        let back: serde_json::Value = serde_yaml::from_str(&yaml).unwrap();
        assert_eq!(
            back,
            json!({"a": 1.5, "b": 1e300, "c": u64::MAX, "d": i64::MIN, "e": 1.0, "f": 1e-7, "g": true})
        );
        let node = our(&yaml);
        let types = ["a", "b", "c", "e", "g"].map(|key| node.get(key).unwrap().as_scalar().unwrap().ty);
        let float = ScalarType::Float;
        assert_eq!(types, [float, float, ScalarType::Int, float, ScalarType::Bool]);
    }

    #[test]
    fn an_error_does_not_quote_the_value() {
        struct Failing;
        impl serde::Serialize for Failing {
            fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
                Err(serde::ser::Error::custom("hunter2"))
            }
        }
        let error = write_documents([Failing], &mut String::new()).unwrap_err();
        assert_eq!(error, WriteError::Failed);
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }

    fn piece() -> impl Strategy<Value = String> {
        let pieces = prop_oneof![
            Just("\n"),
            Just(" "),
            Just("  "),
            Just("\t"),
            Just("#"),
            Just(":"),
            Just("-"),
            Just("- "),
            Just(": "),
            Just(" #"),
            Just("'"),
            Just("\""),
            Just("\\"),
            Just("["),
            Just("{"),
            Just("}"),
            Just(","),
            Just("a"),
            Just("é"),
            Just("0"),
            Just("1"),
            Just("."),
            Just("e"),
            Just("_"),
            Just("\r\n"),
            Just("---"),
            Just("|"),
            Just(">"),
            Just("%"),
            Just("~"),
            Just("<<"),
            Just("\u{2028}"),
            Just("\u{feff}"),
            Just("\u{85}"),
            Just("\u{0}"),
        ];
        proptest::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn any_string_comes_back(text in prop_oneof![piece(), any::<String>()]) {
            survives(&text);
            is_one_quoted_line(&text);
        }

        #[test]
        fn any_key_comes_back(text in piece()) {
            let yaml = format!("{{first: 1, {}: 2}}", key(&text));
            let node = our(&yaml);
            prop_assert_eq!(&**node.as_map().unwrap().keys().last().unwrap(), &*text);
        }
    }
}
