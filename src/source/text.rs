//! Whether bytes are text.

/// How many bytes at the beginning of a file say what it is.
pub const HEAD: usize = 8 << 10;

/// The order of the bytes of UTF-16 without a byte-order mark: of Latin text nearly every second byte is zero.
pub fn utf16_of(head: &[u8]) -> Option<fn([u8; 2]) -> u16> {
    let head = &head[..head.len().min(256)];
    let zeros = |from: usize| head.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, pairs) = (zeros(0), zeros(1), head.len() / 2);
    match () {
        () if pairs < 4 => None,
        () if odd * 10 > pairs * 9 && even * 10 < pairs => Some(u16::from_le_bytes),
        () if even * 10 > pairs * 9 && odd * 10 < pairs => Some(u16::from_be_bytes),
        () => None,
    }
}

/// Whether a file that begins with `head` holds something else than text: more than three tenths of it are
/// no characters. A few stray bytes don't hide the rest.
pub fn is_binary(head: &[u8]) -> bool {
    let head = &head[..head.len().min(HEAD)];
    if matches!(head, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]) || utf16_of(head).is_some() {
        return false;
    }
    let mut strange = head.iter().filter(|byte| is_control(**byte)).count();
    for chunk in head.utf8_chunks() {
        strange += chunk.invalid().len();
    }
    strange * 10 > head.len() * 3
}

/// Whether a byte is a control character that no text has.
fn is_control(byte: u8) -> bool {
    byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C | 0x1B) || byte == 0x7F
}

#[cfg(test)]
mod tests {
    use super::is_binary;

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
}
