//! Values as other languages read them: POSIX shells and dotenv files.
//!
//! Both work on bytes, since a secret needn't be text, and neither can carry NUL.

/// A word of a POSIX shell that stands for exactly these bytes: `'…'`, in which a quote is `'\''`
/// (IEEE 1003.1, 2.2.2). `None` with a NUL, which no word can hold.
pub fn shell_quoted(bytes: &[u8]) -> Option<Vec<u8>> {
    quoted(bytes, b'\'', |byte| match byte {
        b'\'' => Some(br"'\''"),
        _ => None,
    })
}

/// A value of a dotenv file, in double quotes, with escapes for `\`, `"`, `$`, line feed and carriage
/// return: one line that expands nothing. This is the dialect of Docker Compose and of the dotenv
/// libraries that expand variables; one that knows no `\$` keeps that backslash. `None` with a NUL.
pub fn dotenv_quoted(bytes: &[u8]) -> Option<Vec<u8>> {
    quoted(bytes, b'"', |byte| match byte {
        b'\\' => Some(br"\\"),
        b'"' => Some(br#"\""#),
        b'$' => Some(br"\$"),
        b'\n' => Some(br"\n"),
        b'\r' => Some(br"\r"),
        _ => None,
    })
}

/// A text of a Compose file that stands for exactly these bytes: `$$` for each `$`, which would begin the name of a
/// variable otherwise (Compose Specification, interpolation).
pub fn compose_escaped(bytes: &[u8]) -> Vec<u8> {
    let dollars = bytes.iter().filter(|byte| **byte == b'$').count();
    let mut out = Vec::with_capacity(bytes.len() + dollars);
    for byte in bytes {
        out.push(*byte);
        if *byte == b'$' {
            out.push(b'$');
        }
    }
    out
}

/// The buffer has its final size from the start: one that grows leaves copies of a secret behind.
fn quoted(bytes: &[u8], quote: u8, escape: fn(u8) -> Option<&'static [u8]>) -> Option<Vec<u8>> {
    if bytes.contains(&0) {
        return None;
    }
    let length: usize = bytes.iter().map(|byte| escape(*byte).map_or(1, <[u8]>::len)).sum();
    let mut out = Vec::with_capacity(length + 2);
    out.push(quote);
    for byte in bytes {
        match escape(*byte) {
            Some(escaped) => out.extend_from_slice(escaped),
            None => out.push(*byte),
        }
    }
    out.push(quote);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::{compose_escaped, dotenv_quoted, shell_quoted};

    fn text(bytes: Option<Vec<u8>>) -> String {
        String::from_utf8(bytes.unwrap()).unwrap()
    }

    #[test]
    fn compose_reads_no_variable_in_an_escaped_text() {
        let escaped = |text: &str| text_of(compose_escaped(text.as_bytes()));
        assert_eq!(escaped("a$b ${C} $$ %{D} \\$"), "a$$b $${C} $$$$ %{D} \\$$");
        assert_eq!(escaped("plain 'text'\n"), "plain 'text'\n");
        assert_eq!(compose_escaped(b"\xff$\0"), b"\xff$$\0");
    }

    fn text_of(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_shell_word_is_one_quoted_string() {
        assert_eq!(text(shell_quoted(b"")), "''");
        assert_eq!(text(shell_quoted(b"a $b `c` \\ \"d\"\n")), "'a $b `c` \\ \"d\"\n'");
        assert_eq!(text(shell_quoted(b"it's ''")), r"'it'\''s '\'''\'''");
        assert_eq!(shell_quoted(b"\xff").unwrap(), b"'\xff'");
        assert_eq!(shell_quoted(b"a\0b"), None);
    }

    #[test]
    fn a_dotenv_value_is_one_line_that_expands_nothing() {
        assert_eq!(text(dotenv_quoted(b"")), r#""""#);
        assert_eq!(
            text(dotenv_quoted("ü #'x' ${Y} \"z\" \\n\r\n".as_bytes())),
            r#""ü #'x' \${Y} \"z\" \\n\r\n""#
        );
        assert_eq!(dotenv_quoted(b"\0"), None);
    }
}
