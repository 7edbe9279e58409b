//! Text that a terminal shows as it is: what would move the cursor, change the direction of writing or
//! hide itself is written as `\u{…}`.

use std::borrow::Cow;
use std::fmt::Write as _;

/// `text` on one line with nothing hidden in it: control characters (line breaks and tabs too),
/// separators of lines and bidirectional controls become `\u{…}`. Borrowed when there are none.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        push_visible(&mut out, c);
    }
    Cow::Owned(out)
}

/// Adds `c` as [`visible`] would write it.
pub fn push_visible(out: &mut String, c: char) {
    if is_hidden(c) {
        write!(out, "{}", c.escape_unicode()).expect("writing to a string can't fail");
    } else {
        out.push(c);
    }
}

/// Adds a JSON text, with what its writer left as it is and a terminal would obey escaped
/// too. It reads back as it was: outside of strings there is none but line
/// breaks and tabs, which stay.
pub fn push_json(out: &mut String, json: &str) {
    let mut kept = 0;
    for (at, c) in json.char_indices().filter(|(_, c)| is_hidden(*c) && !matches!(c, '\n' | '\t')) {
        out.push_str(&json[kept..at]);
        write!(out, "\\u{:04x}", u32::from(c)).expect("writing to a string can't fail");
        kept = at + c.len_utf8();
    }
    out.push_str(&json[kept..]);
}

/// Whether a terminal would act on `c` rather than show it. True for the two noncharacters as well, so
/// that they can mark places in a text that was made visible.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
                | '\u{fffe}' | '\u{ffff}'
        )
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::{push_json, visible};

    #[test]
    fn ordinary_text_is_borrowed() {
        assert!(matches!(visible("naïve café • 東京"), Cow::Borrowed(_)));
    }

    #[test]
    fn what_a_terminal_would_obey_is_written_out() {
        assert_eq!(visible("a\u{1b}[31mb"), "a\\u{1b}[31mb");
        assert_eq!(visible("a\r\nb\tc"), "a\\u{d}\\u{a}b\\u{9}c");
        assert_eq!(visible("\u{9b}2J\u{7f}\0"), "\\u{9b}2J\\u{7f}\\u{0}");
        for c in
            ['\u{200e}', '\u{200f}', '\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}', '\u{2028}', '\u{2029}']
        {
            assert_eq!(visible(&c.to_string()), format!("\\u{{{:x}}}", c as u32));
        }
    }

    #[test]
    fn json_reads_back_as_it_was() {
        let text = "a\u{9b}2J\u{202e}\u{7f}\u{1b}é\n";
        let json = serde_json::to_string_pretty(&[text]).unwrap();
        let mut out = String::new();
        push_json(&mut out, &json);
        assert!(!out.contains(['\u{9b}', '\u{202e}', '\u{7f}', '\u{1b}']), "{out:?}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&out).unwrap(), [text]);
    }
}
