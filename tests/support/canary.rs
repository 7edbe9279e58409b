use std::fmt::Write;

use aho_corasick::AhoCorasick;
use base64::Engine;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};

/// The length of a piece: whatever is this long and stands somewhere is a leak.
const PIECE: usize = 8;

/// Secret values that stand for real ones, and a search for any form of any piece of them.
pub struct Canaries {
    forms: Vec<String>,
    search: AhoCorasick,
}

impl Canaries {
    /// A search for these values. Each must be random enough for no eight bytes of it to stand anywhere by
    /// chance.
    pub fn new<V: AsRef<[u8]>>(values: impl IntoIterator<Item = V>) -> Canaries {
        let mut needles: Vec<(String, Vec<u8>)> = Vec::new();
        for value in values {
            for piece in pieces(value.as_ref()) {
                needles.extend(forms_of(&piece));
            }
        }
        needles.sort_by(|a, b| a.1.cmp(&b.1));
        needles.dedup_by(|a, b| a.1 == b.1);
        let search = AhoCorasick::new(needles.iter().map(|(_, bytes)| bytes)).expect("the needles are few");
        Canaries { forms: needles.into_iter().map(|(form, _)| form).collect(), search }
    }

    /// The forms in which a piece of a value stands in `bytes`; none when there is no leak.
    pub fn leaks(&self, bytes: &[u8]) -> Vec<String> {
        let found = self.search.find_overlapping_iter(bytes);
        let mut leaks: Vec<String> = found.map(|at| self.forms[at.pattern().as_usize()].clone()).collect();
        leaks.sort();
        leaks.dedup();
        leaks
    }

    /// Holds `bytes` to have no leak.
    #[track_caller]
    pub fn assert_absent(&self, place: &str, bytes: &[u8]) {
        let leaks = self.leaks(bytes);
        let text = String::from_utf8_lossy(bytes);
        assert!(leaks.is_empty(), "a canary leaks into {place}: {leaks:?}\n{text}");
    }
}

/// Each eight bytes of a value (widened to whole characters), and each of its lines.
fn pieces(value: &[u8]) -> Vec<Vec<u8>> {
    let Ok(text) = std::str::from_utf8(value) else {
        return value.windows(PIECE).map(<[u8]>::to_vec).collect();
    };
    assert!(text.len() >= PIECE, "a canary has at least {PIECE} bytes");
    let starts = (0..=text.len() - PIECE).filter(|at| text.is_char_boundary(*at));
    let windows = starts.map(|at| &text[at..text.ceil_char_boundary(at + PIECE)]);
    let lines = text.lines().filter(|line| (4..PIECE).contains(&line.len()));
    windows.chain(lines).map(|piece| piece.as_bytes().to_vec()).collect()
}

/// A piece in every form in which tools write values.
fn forms_of(piece: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut forms: Vec<(&str, String)> = vec![
        ("hexadecimal", bytes(piece, |out, byte| write!(out, "{byte:02x}"))),
        ("upper-case hexadecimal", bytes(piece, |out, byte| write!(out, "{byte:02X}"))),
        ("a list of numbers", bytes(piece, |out, byte| write!(out, "{byte}, "))),
        ("URL encoding", bytes(piece, |out, byte| url(out, byte, true))),
        ("lower-case URL encoding", bytes(piece, |out, byte| url(out, byte, false))),
        ("form encoding", bytes(piece, |out, byte| url(out, byte, true)).replace("%20", "+")),
        ("escaped bytes", piece.escape_ascii().to_string()),
    ];
    if let Ok(text) = std::str::from_utf8(piece) {
        let json = |ascii| characters(text, |out, c| json_escape(out, c, ascii));
        forms.extend([
            ("JSON", json(false)),
            ("ASCII JSON", json(true)),
            ("JSON within JSON", characters(&json(false), |out, c| json_escape(out, c, false))),
            ("double-quoted YAML", characters(text, |out, c| yaml_escape(out, c, false))),
            ("double-quoted ASCII YAML", characters(text, |out, c| yaml_escape(out, c, true))),
            ("single quotes doubled", text.replace('\'', "''")),
            ("XML", characters(text, |out, c| xml(out, c, ["&quot;", "&#39;"]))),
            ("hexadecimal XML", characters(text, |out, c| xml(out, c, ["&#x22;", "&#x27;"]))),
            ("XML with &apos;", characters(text, |out, c| xml(out, c, ["&quot;", "&apos;"]))),
            ("XML text", characters(text, |out, c| xml(out, c, ["\"", "'"]))),
            ("shell quotes", text.replace('\'', r"'\''")),
            ("shell double quotes", text.replace('\'', r#"'"'"'"#)),
            ("shell backslashes", characters(text, shell_backslash)),
            ("a shell's $'…'", characters(text, |out, c| dollar_quote(out, c, false))),
            ("a shell's $'…' in octal", characters(text, |out, c| dollar_quote(out, c, true))),
            ("Rust's Debug", text.escape_debug().to_string()),
            ("Rust's escapes", text.escape_default().to_string()),
        ]);
    }
    let mut all = vec![("the value itself".to_owned(), piece.to_vec())];
    all.extend(forms.into_iter().map(|(form, text)| (form.to_owned(), text.into_bytes())));
    for offset in 0..3 {
        for (name, engine) in [("base64", BASE64_STANDARD_NO_PAD), ("base64url", BASE64_URL_SAFE_NO_PAD)] {
            let whole = engine.encode([&vec![0; offset], piece].concat());
            // The characters that what stands before and after the piece has no say in. Padding is after it.
            let (first, last) = ((offset * 8).div_ceil(6), (offset + piece.len()) * 8 / 6);
            all.push((format!("{name} at offset {offset}"), whole[first..last].into()));
        }
    }
    all
}

fn bytes(piece: &[u8], write: impl Fn(&mut String, u8) -> std::fmt::Result) -> String {
    let mut out = String::new();
    piece.iter().for_each(|byte| write(&mut out, *byte).expect("a string takes every write"));
    out
}

fn characters(text: &str, write: impl Fn(&mut String, char) -> std::fmt::Result) -> String {
    let mut out = String::new();
    text.chars().for_each(|c| write(&mut out, c).expect("a string takes every write"));
    out
}

fn url(out: &mut String, byte: u8, upper: bool) -> std::fmt::Result {
    match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            write!(out, "{}", byte as char)
        }
        _ if upper => write!(out, "%{byte:02X}"),
        _ => write!(out, "%{byte:02x}"),
    }
}

fn json_escape(out: &mut String, c: char, ascii: bool) -> std::fmt::Result {
    match c {
        '"' | '\\' => write!(out, "\\{c}"),
        '\n' => write!(out, "\\n"),
        '\r' => write!(out, "\\r"),
        '\t' => write!(out, "\\t"),
        _ if c.is_control() || (ascii && !c.is_ascii()) => {
            c.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| write!(out, "\\u{unit:04x}"))
        }
        _ => write!(out, "{c}"),
    }
}

fn yaml_escape(out: &mut String, c: char, ascii: bool) -> std::fmt::Result {
    match c {
        '"' | '\\' => write!(out, "\\{c}"),
        '\n' => write!(out, "\\n"),
        '\r' => write!(out, "\\r"),
        '\t' => write!(out, "\\t"),
        '\u{1b}' => write!(out, "\\e"),
        _ if (c.is_ascii() || !ascii) && !c.is_control() => write!(out, "{c}"),
        '\0'..='\u{ff}' => write!(out, "\\x{:02X}", u32::from(c)),
        '\u{100}'..='\u{ffff}' => write!(out, "\\u{:04X}", u32::from(c)),
        _ => write!(out, "\\U{:08X}", u32::from(c)),
    }
}

fn xml(out: &mut String, c: char, [double, single]: [&str; 2]) -> std::fmt::Result {
    match c {
        '&' => write!(out, "&amp;"),
        '<' => write!(out, "&lt;"),
        '>' => write!(out, "&gt;"),
        '"' => write!(out, "{double}"),
        '\'' => write!(out, "{single}"),
        _ => write!(out, "{c}"),
    }
}

fn shell_backslash(out: &mut String, c: char) -> std::fmt::Result {
    match c {
        _ if c.is_ascii_alphanumeric() || !c.is_ascii() => write!(out, "{c}"),
        // What `printf %q` leaves alone.
        '_' | '-' | '.' | '/' | ':' | '%' | '+' | ',' | '=' | '@' => write!(out, "{c}"),
        _ => write!(out, "\\{c}"),
    }
}

fn dollar_quote(out: &mut String, c: char, octal: bool) -> std::fmt::Result {
    match c {
        '\'' | '\\' => write!(out, "\\{c}"),
        '\n' => write!(out, "\\n"),
        '\r' => write!(out, "\\r"),
        '\t' => write!(out, "\\t"),
        _ if c.is_control() || (octal && !c.is_ascii()) => {
            c.encode_utf8(&mut [0; 4]).bytes().try_for_each(|byte| write!(out, "\\{byte:03o}"))
        }
        _ => write!(out, "{c}"),
    }
}
