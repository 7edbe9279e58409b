//! Percent-encoding of RFC 3986, strict in both directions.

use std::ops::Range;

/// Why a text isn't percent-encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PercentFault {
    /// A `%` without two hexadecimal digits after it.
    Escape,
    /// The decoded bytes aren't UTF-8.
    Utf8,
    /// A character that must be written as an escape.
    Raw(char),
}

/// Decodes `text`, in which only bytes that `raw` accepts may stand for themselves. The range of a fault
/// is within `text`.
pub fn decode(text: &str, raw: fn(u8) -> bool) -> Result<String, (PercentFault, Range<usize>)> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut chars = text.char_indices();
    while let Some((at, character)) = chars.next() {
        if character == '%' {
            let digits = text.get(at + 1..at + 3).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
            let byte = digits.and_then(|d| u8::from_str_radix(d, 16).ok());
            bytes.push(byte.ok_or((PercentFault::Escape, at..at + 1))?);
            chars.nth(1);
        } else if character.is_ascii() && raw(character as u8) {
            bytes.push(character as u8);
        } else {
            return Err((PercentFault::Raw(character), at..at + character.len_utf8()));
        }
    }
    String::from_utf8(bytes).map_err(|_| (PercentFault::Utf8, 0..text.len()))
}

/// Encodes `text`, leaving the bytes that `kept` accepts as they are.
pub fn encode(text: &str, kept: fn(u8) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii() && kept(byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// `unreserved` of RFC 3986.
pub fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// `pchar` of RFC 3986, escapes aside: what may stand for itself in a segment of a path.
pub fn is_pchar(byte: u8) -> bool {
    is_unreserved(byte) || b"!$&'()*+,;=:@".contains(&byte)
}

/// What stands for itself in the value of a parameter. A `+` doesn't: some readers take it for a space.
pub fn is_value(byte: u8) -> bool {
    byte != b'+' && byte != b'&' && (is_pchar(byte) || byte == b'/' || byte == b'?')
}

/// What stands for itself in a field.
pub fn is_field(byte: u8) -> bool {
    is_pchar(byte) || byte == b'?'
}

#[cfg(test)]
mod tests {
    use super::{PercentFault, decode, encode, is_pchar, is_unreserved};
    use proptest::{prop_assert_eq, proptest};

    #[test]
    fn escapes_are_strict() {
        assert_eq!(decode("a%2Fb%c3%bc", is_pchar).as_deref(), Ok("a/bü"));
        assert_eq!(decode("a%2", is_pchar), Err((PercentFault::Escape, 1..2)));
        assert_eq!(decode("%", is_pchar), Err((PercentFault::Escape, 0..1)));
        assert_eq!(decode("%+1", is_pchar), Err((PercentFault::Escape, 0..1)));
        assert_eq!(decode("%ü1", is_pchar), Err((PercentFault::Escape, 0..1)));
        assert_eq!(decode("x%ff", is_pchar), Err((PercentFault::Utf8, 0..4)));
        assert_eq!(decode("x y", is_pchar), Err((PercentFault::Raw(' '), 1..2)));
        assert_eq!(decode("ü", is_pchar), Err((PercentFault::Raw('ü'), 0..2)));
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes(text in ".*") {
            prop_assert_eq!(decode(&encode(&text, is_unreserved), is_unreserved), Ok(text.clone()));
            prop_assert_eq!(decode(&encode(&text, is_pchar), is_pchar), Ok(text));
        }

        #[test]
        fn no_text_panics(text in "[%a-f0-9ü]*") {
            let _ = decode(&text, is_pchar);
        }
    }
}
