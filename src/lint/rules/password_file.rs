//! The lines of `.pgpass`, which have a password and no name of it
//! (<https://www.postgresql.org/docs/current/libpq-pgpass.html>).

use std::ops::Range;

use crate::lint::key::Key;
use crate::lint::literal::literal;

/// The passwords of `host:port:database:user:password` on lines.
pub fn passwords(text: &str) -> Vec<Range<usize>> {
    let key = Key::read("password").expect("`password` announces a secret");
    let mut at = 0;
    let lines = text.split_inclusive('\n').filter_map(|line| {
        let start = at;
        at += line.len();
        let line = line.trim_end_matches(['\n', '\r']);
        let field = field(line)?;
        let inner = literal(&line[field..], key)?;
        Some(start + field + inner.start..start + field + inner.end)
    });
    lines.collect()
}

/// Where the fifth field begins. A backslash takes the meaning of a colon away.
fn field(line: &str) -> Option<usize> {
    let mut is_escaped = false;
    let mut colons = 0;
    for (at, byte) in line.bytes().enumerate().filter(|_| !line.starts_with('#')) {
        colons += usize::from(byte == b':' && !is_escaped);
        if colons == 4 {
            return Some(at + 1);
        }
        is_escaped = byte == b'\\' && !is_escaped;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::passwords;

    #[test]
    fn the_fifth_field_is_found() {
        let text = "# a:b:c:d:e\nh:1:*:u\\:x:hun\\:ter2\r\nh:1:d:u:${PGPASSWORD}\na:b\n\nh:1:d:u:x";
        let found: Vec<&str> = passwords(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, ["hun\\:ter2", "x"]);
    }
}
