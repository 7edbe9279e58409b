//! YAML in: text to trees in which every node knows where it stands.
//!
//! YAML 1.2 with the core schema, and merge keys. What isn't taken, and why, is [`Fault`].

use std::sync::Arc;

use granit_parser::{ErrorKind, Parser, ScanError};

use super::composer::{Composed, Composer};
use super::diagnostic::Diagnostics;
use super::fault::Fault;
use super::files::Files;
use super::mask;
use super::node::Node;
use super::span::{FileId, Span};

/// What a text may cost. The defaults are far above what people write and far below what hurts.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of a file.
    pub bytes: usize,
    /// Nodes that are written in a file.
    pub nodes: usize,
    /// Levels of nesting, those that aliases bring included.
    pub depth: usize,
    /// Nodes that anchors and aliases copy.
    pub copies: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { bytes: 10 << 20, nodes: 250_000, depth: 128, copies: 200_000 }
    }
}

/// Parses all documents of a text, none or many.
///
/// `None` when the text can't be read at all; the last fault then says why. After a fault that leaves
/// the rest readable (a duplicate key, of which the first counts; a foreign tag; a key that isn't text)
/// there are documents as well as an error in `faults`: the caller takes any error as a failure.
pub fn parse(file: FileId, text: &str, limits: &Limits, faults: &mut Diagnostics) -> Option<Vec<Node>> {
    compose(file, text, limits, faults).map(|composed| composed.documents)
}

/// Registers a file, parses it as [`parse`] does, and masks in it whatever might be a secret.
///
/// A file over the limit is registered as an empty text. One that isn't UTF-8 is registered with each
/// invalid sequence replaced, so that its spans up to the first one are right.
pub fn read(
    files: &mut Files,
    path: &str,
    bytes: &[u8],
    limits: &Limits,
    faults: &mut Diagnostics,
) -> (FileId, Option<Vec<Node>>) {
    if bytes.len() > limits.bytes {
        let file = files.add(path, "");
        faults.push(Fault::TooLarge { at: Span::new(file, 0, 0), limit: limits.bytes });
        return (file, None);
    }
    let (text, valid) = match std::str::from_utf8(bytes) {
        Ok(text) => (Arc::from(text), None),
        Err(error) => (Arc::from(String::from_utf8_lossy(bytes)), Some(error.valid_up_to())),
    };
    let file = files.add(path, Arc::clone(&text));
    let composed = match valid {
        None => compose(file, &text, limits, faults),
        Some(start) => {
            let utf16 = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
            faults.push(Fault::NotUtf8 { at: char_at(file, &text, start), utf16 });
            None
        }
    };
    let masks = match &composed {
        Some(composed) => mask::of_trees(&text, &composed.documents, &composed.dropped),
        None => mask::of_unparsed(&text),
    };
    for range in masks {
        files.mask(file, range);
    }
    (file, composed.map(|composed| composed.documents))
}

fn compose(file: FileId, text: &str, limits: &Limits, faults: &mut Diagnostics) -> Option<Composed> {
    // Spans count in 32 bits.
    let limit = limits.bytes.min(u32::MAX as usize);
    if text.len() > limit {
        faults.push(Fault::TooLarge { at: Span::new(file, 0, 0), limit });
        return None;
    }
    if let Some((start, character)) = text.char_indices().find(|(_, c)| !is_allowed(*c)) {
        faults.push(Fault::ForbiddenCharacter { at: char_at(file, text, start), character });
        return None;
    }
    let options = granit_parser::options! {
        emit_comments: false,
        flow_nesting_limit: limits.depth,
        block_nesting_limit: limits.depth,
    };
    let mut composer = Composer::new(file, text, limits, faults);
    for event in Parser::new_from_str_with_options(text, options) {
        let taken = match event {
            Ok((event, span)) => composer.take(event, &span),
            Err(error) => Err(syntax(file, text, limits, &error)),
        };
        if let Err(fault) = taken {
            // A stray `{{ … }}` was reported as a bad key; that the line makes no sense then is no news.
            let is_consequence = matches!(fault, Fault::Syntax { braces: true, .. }) && composer.met_braces();
            if !is_consequence {
                faults.push(fault);
            }
            return None;
        }
    }
    Some(composer.finish())
}

/// The characters that a YAML text may contain (YAML 1.2.2, production 1), and the byte-order mark.
fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{A0}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

fn syntax(file: FileId, text: &str, limits: &Limits, error: &ScanError) -> Fault {
    let start = error.marker().byte_offset().unwrap_or(0);
    let at = char_at(file, text, start);
    if *error.kind() == ErrorKind::RecursionLimitExceeded {
        return Fault::TooDeep { at, limit: limits.depth };
    }
    let line_start = text[..at.start as usize].rfind('\n').map_or(0, |i| i + 1);
    let line = text[line_start..].lines().next().unwrap_or("");
    let braces = line.contains(": {{") || line.contains("- {{") || line.trim_start().starts_with("{{");
    Fault::Syntax { at, kind: error.kind().clone(), braces }
}

/// The span of the character at a byte, empty at the end of the text.
fn char_at(file: FileId, text: &str, start: usize) -> Span {
    let mut start = start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let length = text[start..].chars().next().map_or(0, char::len_utf8);
    Span::new(file, offset(start), offset(start + length))
}

/// A place in a text that [`compose`] has measured.
fn offset(at: usize) -> u32 {
    u32::try_from(at).expect("a text within the limit has fewer than 2^32 bytes")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};

    use super::{Limits, parse, read};
    use crate::source::diagnostic::{Diagnostic, Diagnostics};
    use crate::source::files::Files;
    use crate::source::node::{Kind, Node, ScalarType, Style};
    use crate::source::span::FileId;

    fn parsed(text: &str) -> (Option<Vec<Node>>, Vec<Diagnostic>) {
        let mut faults = Diagnostics::default();
        let documents = parse(FileId(0), text, &Limits::default(), &mut faults);
        (documents, faults.sorted())
    }

    fn document(text: &str) -> Node {
        let (documents, faults) = parsed(text);
        assert!(faults.is_empty(), "{faults:?}");
        documents.unwrap().remove(0)
    }

    /// The code of the only fault, where it stands, and whether there is a tree nevertheless.
    fn fault(text: &str) -> (&'static str, &str, bool) {
        let (documents, faults) = parsed(text);
        assert_eq!(faults.len(), 1, "{faults:?}");
        (faults[0].code, &text[faults[0].span().unwrap().range()], documents.is_some())
    }

    fn help(text: &str) -> String {
        parsed(text).1[0].help.join("\n")
    }

    /// What must hold of every tree.
    fn check(text: &str, node: &Node) {
        let written = &text[node.span.range()];
        match &node.kind {
            Kind::Scalar(scalar) => match scalar.style {
                Style::Single => assert!(written.starts_with('\'') && written.ends_with('\''), "{written:?}"),
                Style::Double => assert!(written.starts_with('"') && written.ends_with('"'), "{written:?}"),
                Style::Block => assert!(written.starts_with(['|', '>']), "{written:?} in {text:?}"),
                Style::Plain if written.contains(['\n', '\r']) => {}
                Style::Plain => assert_eq!(&*scalar.text, written),
            },
            Kind::List(items) => {
                for item in items {
                    assert!(node.span.start <= item.place().start && item.place().end <= node.span.end);
                    check(text, item);
                }
            }
            Kind::Map(map) => {
                for entry in map.values() {
                    let value = &entry.value;
                    assert!(node.span.start <= value.place().start && value.place().end <= node.span.end);
                    assert!(text.get(entry.key.range()).is_some());
                    check(text, value);
                }
            }
        }
    }

    fn survives(bytes: &[u8]) {
        let mut files = Files::default();
        let mut faults = Diagnostics::default();
        let (id, documents) = read(&mut files, "x.yaml", bytes, &Limits::default(), &mut faults);
        assert!(documents.is_some() || faults.has_errors());
        let text = &files.get(id).text;
        for node in documents.iter().flatten() {
            check(text, node);
        }
        for mask in &files.get(id).masks {
            assert!(text.get(mask.clone()).is_some());
        }
        for fault in faults.sorted() {
            for label in fault.labels {
                assert!(text.get(label.span.range()).is_some());
            }
        }
    }

    #[test]
    fn scalars_keep_their_source_text() {
        for (text, ty) in [
            ("1.10", ScalarType::Float),
            ("0123", ScalarType::Int),
            ("NO", ScalarType::Text),
            ("81e5080", ScalarType::Float),
            ("1e3", ScalarType::Float),
            ("12345678901234567890", ScalarType::Int),
            ("~", ScalarType::Null),
            ("", ScalarType::Null),
            ("2001-01-01", ScalarType::Text),
        ] {
            let node = document(&format!("k: {text}\n"));
            let scalar = node.get("k").unwrap().as_scalar().unwrap();
            assert_eq!((&*scalar.text, scalar.ty, scalar.style), (text, ty, Style::Plain));
        }
        for quoted in ["'80'", "\"80\"", "|-\n  80", ">-\n  80", "!!str 80"] {
            let node = document(&format!("k: {quoted}\n"));
            let scalar = node.get("k").unwrap().as_scalar().unwrap();
            assert_eq!((&*scalar.text, scalar.ty), ("80", ScalarType::Text));
        }
    }

    #[test]
    fn keys_are_text_of_any_type() {
        let node = document("80: a\nNO: b\n1.10: c\ntrue: d\n'q r': e\n!!str 5: f\n");
        let keys: Vec<_> = node.as_map().unwrap().keys().map(|key| &**key).collect();
        assert_eq!(keys, ["80", "NO", "1.10", "true", "q r", "5"]);
    }

    #[test]
    fn what_is_not_text_is_no_key() {
        assert_eq!(fault("~: x\n"), ("yaml-bad-key", "~", true));
        assert_eq!(fault(": x\n"), ("yaml-bad-key", "", true));
        assert_eq!(fault("? [a]\n: x\n"), ("yaml-bad-key", "[a]", true));
        assert_eq!(fault("{a: 1}: x\n"), ("yaml-bad-key", "{a: 1}", true));
    }

    #[test]
    fn unquoted_braces_are_one_fault_that_leads_to_the_quotes() {
        for text in [
            "k: {{ env.x }}\n",
            "k: {{ env.x }}-tail\n",
            "- {{ env.x }}\n",
            "{{ env.x }}: k\n",
            "k: {{ a }}:{{ b }}\n",
        ] {
            let (_, faults) = parsed(text);
            assert_eq!(faults[0].code, "yaml-bad-key", "{text}");
            assert!(help(text).contains("\"{{ … }}\""));
            assert_eq!(&text[faults[0].span().unwrap().range()].chars().next(), &Some('{'));
        }
        assert_eq!(fault("k: {{ env.x }}-tail\n"), ("yaml-bad-key", "{{ env.x }}", false));
        assert!(help("k: {{ a: b: c }}\n").contains("\"{{ … }}\""));
    }

    #[test]
    fn a_second_value_of_a_key_is_refused_and_the_first_counts() {
        let text = "a: 1\nb: 2\n\"a\": 3\n";
        assert_eq!(fault(text), ("yaml-duplicate-key", "\"a\"", true));
        let (documents, faults) = parsed(text);
        assert_eq!(faults[0].labels[1].span.range(), 0..1);
        assert_eq!(&**documents.unwrap()[0].get("a").unwrap().as_text().unwrap(), "1");
        assert_eq!(fault("{<<: {a: 1}, <<: {b: 1}}").0, "yaml-duplicate-key");
    }

    #[test]
    fn core_tags_are_honoured_and_others_refused() {
        let node = document(
            "a: !!int 0123\nb: !!float 1\nc: !!null\nd: !!map {x: 1}\ne: !!seq [1]\nf: !!bool 'true'\n",
        );
        let ty = |key: &str| node.get(key).unwrap().as_scalar().unwrap().ty;
        assert_eq!(ty("a"), ScalarType::Int);
        assert_eq!(ty("b"), ScalarType::Float);
        assert_eq!(ty("c"), ScalarType::Null);
        assert_eq!(ty("f"), ScalarType::Bool);
        for tag in ["!foo", "!!binary", "!!set", "!<tag:x,2000:y>", "!!timestamp"] {
            assert_eq!(fault(&format!("a: {tag} {{}}\n")), ("foreign-tag", tag, true));
        }
        assert_eq!(fault("a: !!int hunter2\n"), ("yaml-tag-mismatch", "hunter2", true));
        assert_eq!(fault("a: !!map [x]\n").0, "yaml-tag-mismatch");
        assert_eq!(fault("a: !!str [x]\n").0, "yaml-tag-mismatch");
    }

    #[test]
    fn what_is_not_yaml_has_a_place_and_a_next_step() {
        assert_eq!(fault("a: b: c\n"), ("yaml-syntax", ":", false));
        assert_eq!(fault("a:\n\tb: c\n"), ("yaml-syntax", "b", false));
        assert!(help("a:\n\tb: c\n").contains("spaces"));
        assert_eq!(fault("é: 'x\n").0, "yaml-syntax");
        assert_eq!(fault("a: *x\n"), ("yaml-syntax", "*", false));
        assert_eq!(fault("a: @x\n").0, "yaml-syntax");
        assert_eq!(fault("a: \"x\u{0}\"\n"), ("nul-byte", "\u{0}", false));
        assert_eq!(fault("# \u{7}\na: 1\n"), ("nul-byte", "\u{7}", false));
        assert!(help("\u{7}").contains("\\x07"));
    }

    #[test]
    fn budgets_hold() {
        let bomb = (1..30).fold("a0: &a0 [x, x]\n".to_owned(), |text, i| {
            format!("{text}a{i}: &a{i} [*a{0}, *a{0}, *a{0}]\n", i - 1)
        });
        assert_eq!(fault(&bomb).0, "yaml-alias-budget");
        let nested_anchors =
            format!("{}{}", (0..120).map(|i| format!("&a{i} [")).collect::<String>(), "x,".repeat(90_000));
        assert_eq!(fault(&format!("{nested_anchors}{}", "]".repeat(120))).0, "yaml-alias-budget");
        let tower =
            (1..300).fold("a0: &a0 [x]\n".to_owned(), |text, i| format!("{text}a{i}: &a{i} [*a{}]\n", i - 1));
        assert_eq!(fault(&tower).0, "yaml-too-deep");
        assert_eq!(fault("a: &a [*a]\n"), ("yaml-recursive-alias", "*a", false));
        assert_eq!(fault(&"[".repeat(100_000)).0, "yaml-too-deep");
        assert_eq!(fault(&"{a: ".repeat(100_000)).0, "yaml-too-deep");
        assert_eq!(fault(&"- ".repeat(100_000)).0, "yaml-too-deep");
        assert_eq!(fault(&"? ".repeat(100_000)).0, "yaml-too-deep");
        let steps: String = (0..2_000).map(|i| format!("{}a:\n", " ".repeat(i))).collect();
        assert_eq!(fault(&steps).0, "yaml-too-deep");
        assert_eq!(fault(&format!("{}{}", "[".repeat(129), "]".repeat(129))).0, "yaml-too-deep");
        document(&format!("{}{}", "[".repeat(128), "]".repeat(128)));
        let few = Limits { nodes: 3, ..Limits::default() };
        let mut faults = Diagnostics::default();
        assert!(parse(FileId(0), "[1, 2, 3]", &few, &mut faults).is_none());
        assert_eq!(faults.sorted()[0].code, "yaml-too-large");
    }

    #[test]
    fn a_file_over_the_limit_is_not_kept() {
        let mut files = Files::default();
        let mut faults = Diagnostics::default();
        let bytes = vec![b'#'; (10 << 20) + 1];
        let (id, documents) = read(&mut files, "x.yaml", &bytes, &Limits::default(), &mut faults);
        assert!(documents.is_none() && files.get(id).text.is_empty());
        assert_eq!(faults.sorted()[0].code, "yaml-too-large");
    }

    #[test]
    fn the_first_byte_that_is_not_utf8_is_located() {
        let mut files = Files::default();
        let mut faults = Diagnostics::default();
        let (_, documents) =
            read(&mut files, "x.yaml", b"\xC3\xA9: 1\n\xC3\xA9: \xFF\xFE\n", &Limits::default(), &mut faults);
        assert!(documents.is_none());
        assert_eq!(files.locate(faults.sorted()[0].span().unwrap()), "x.yaml:2:4");
        let mut faults = Diagnostics::default();
        read(&mut files, "y.yaml", b"\xFF\xFEa\0:\0", &Limits::default(), &mut faults);
        assert!(faults.sorted()[0].help[0].contains("UTF-16"));
    }

    #[test]
    fn texts_have_none_one_or_many_documents() {
        for (text, count) in [
            ("", 0),
            ("# only\n\n# comments\n", 0),
            ("\u{feff}", 0),
            ("---\n", 1),
            ("a: 1\n", 1),
            ("\u{feff}a: 1\r\n", 1),
            ("%YAML 1.2\n---\na: 1\n...\n", 1),
            ("--- 1\n--- 2\n---\n", 3),
        ] {
            assert_eq!(parsed(text).0.unwrap().len(), count, "{text:?}");
        }
        assert_eq!(fault("a: &x 1\n---\nb: *x\n").0, "yaml-syntax");
    }

    const REAL: &str = "# top\nname: shop # é\nvars: &v {db_host: 'x', n: 1.10}\nlist:\n- a\n- b: |+\n    one\n\n  c: >-\n    two\n    three\n\
        -   - x\n    - ? y\n      : \"z\\u00e9\"\nm:\n  <<: [*v, {q: ~}]\n  k:\n  e: ''\n---\n!!map\nx: &s !!str 5\ny: *s\n...\n";

    #[test]
    fn a_real_file_cut_anywhere_is_read_or_refused() {
        for (at, _) in REAL.char_indices() {
            survives(&REAL.as_bytes()[..at]);
            survives(&REAL.as_bytes()[at..]);
            survives(REAL[at..].replace('\n', "\r\n").as_bytes());
            survives(REAL[at..].replace('\n', "\r").as_bytes());
        }
    }

    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("\n"),
            Just("\n  "),
            Just("\n    "),
            Just("\r\n"),
            Just("\t"),
            Just(" "),
            Just("a"),
            Just("é"),
            Just(": "),
            Just(":"),
            Just("- "),
            Just("? "),
            Just("["),
            Just("]"),
            Just("{"),
            Just("}"),
            Just(", "),
            Just("'"),
            Just("\""),
            Just("|"),
            Just(">"),
            Just("|+\n"),
            Just(">-\n "),
            Just("# c"),
            Just(" # |c"),
            Just("&x "),
            Just("&x|y "),
            Just("*x "),
            Just("<<: "),
            Just("!!str "),
            Just("!t "),
            Just("!!int "),
            Just("\n---\n"),
            Just("\n...\n"),
            Just("%YAML 1.2\n"),
            Just("{{ x }}"),
            Just("secrets:\n  "),
            Just("\\"),
            Just("\u{feff}"),
            Just("\u{85}"),
            Just("\u{2028}"),
        ];
        proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in prop_oneof![pieces(), any::<String>()]) {
            survives(text.as_bytes());
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in any::<Vec<u8>>()) {
            survives(&bytes);
        }

        #[test]
        fn a_mutated_real_file_is_read_or_refused(at in 0..REAL.len(), length in 0usize..6, with in pieces()) {
            let mut bytes = REAL.as_bytes().to_vec();
            let end = (at + length).min(bytes.len());
            bytes.splice(at..end, with.bytes());
            survives(&bytes);
        }
    }
}
