//! Whether bytes are text, and which.

/// How many bytes at the beginning of a file say what it is.
pub const HEAD: usize = 8 << 10;

/// Whether a file that begins with `head` holds something else than text: more than three tenths of it are
/// no characters. A few stray bytes don't hide the rest.
pub fn is_binary(head: &[u8]) -> bool {
    let head = &head[..head.len().min(HEAD)];
    if utf16(head).is_some() {
        return false;
    }
    let mut strange = head.iter().filter(|byte| is_control(**byte)).count();
    for chunk in head.utf8_chunks() {
        strange += chunk.invalid().len();
    }
    strange * 10 > head.len() * 3
}

/// The text that bytes hold, in UTF-8 or UTF-16; what is neither becomes `U+FFFD`.
pub fn decode(bytes: Vec<u8>) -> String {
    match utf16(&bytes) {
        Some(unit) => {
            let units = bytes[2..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
            char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        None => match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        },
    }
}

/// How to read two bytes, when a byte-order mark says that they are one unit of UTF-16.
fn utf16(bytes: &[u8]) -> Option<fn([u8; 2]) -> u16> {
    match bytes {
        [0xFF, 0xFE, ..] => Some(u16::from_le_bytes),
        [0xFE, 0xFF, ..] => Some(u16::from_be_bytes),
        _ => None,
    }
}

/// Whether a byte is a control character that no text has.
fn is_control(byte: u8) -> bool {
    byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C | 0x1B) || byte == 0x7F
}

#[cfg(test)]
mod tests {
    use super::{decode, is_binary};

    #[test]
    fn text_is_told_from_what_is_none() {
        for text in
            [&b""[..], b"a: b\n", "ö".as_bytes(), b"caf\xe9 cr\xe8me", b"a\0password: x\n", b"\x1b[1mx"]
        {
            assert!(!is_binary(text), "{text:?}");
        }
        assert!(!is_binary(b"\xff\xfep\0w\0"));
        for other in
            [&b"\x7fELF\x02\x01\x01\0\0\0\0\0"[..], b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0", &[0; 9]]
        {
            assert!(is_binary(other), "{other:?}");
        }
    }

    #[test]
    fn every_text_is_read() {
        assert_eq!(decode(b"a\xe9b".to_vec()), "a\u{FFFD}b");
        assert_eq!(decode(b"\xff\xfeh\0\xe9\0".to_vec()), "hé");
        assert_eq!(decode(b"\xfe\xff\0h\xd8\x3d\xde\0".to_vec()), "h😀");
    }
}
