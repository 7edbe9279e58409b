//! Where lines of a text stand, told by keys and indentation alone: a place that stays the same when
//! something is inserted elsewhere, in any text, whether or not it parses.

use std::collections::{BTreeMap, BTreeSet};

/// Longer keys are no keys.
const KEY_LIMIT: usize = 100;

/// The keys that lead to each of some lines (numbered from 0), the line's own key last: `config/DB_HOST`.
/// An item of a list is `-`, whatever its number, and a line without a key adds nothing. What stands behind
/// a key never takes part.
pub fn keys_of(text: &str, wanted: &BTreeSet<usize>) -> BTreeMap<usize, String> {
    let mut found = BTreeMap::new();
    let Some(last) = wanted.last() else { return found };
    let mut above: Vec<(usize, &str)> = Vec::new();
    for (number, line) in text.lines().enumerate().take(last + 1) {
        let mut rest = line.trim_start_matches(' ');
        let is_content = !rest.is_empty() && !rest.starts_with('#');
        if is_content {
            let mut indent = line.len() - rest.len();
            while let Some(item) = rest.strip_prefix("- ") {
                above.retain(|(column, _)| *column < indent);
                above.push((indent, "-"));
                let inner = item.trim_start_matches(' ');
                indent += rest.len() - inner.len();
                rest = inner;
            }
            above.retain(|(column, _)| *column < indent);
            if let Some(key) = key_of(rest) {
                above.push((indent, key));
            }
        }
        if wanted.contains(&number) {
            let keys: Vec<&str> = above.iter().map(|(_, key)| *key).collect();
            found.insert(number, keys.join("/"));
        }
    }
    found
}

/// The key with which a line begins, without its quotes: in YAML, JSON, INI, dotenv.
fn key_of(line: &str) -> Option<&str> {
    let line = line.strip_prefix("export ").unwrap_or(line);
    let end = line.bytes().take(KEY_LIMIT).position(|byte| matches!(byte, b':' | b'='))?;
    let key = line[..end].trim_matches([' ', '"', '\'']);
    let is_key =
        |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '@' | '<' | '*' | '?' | ' ');
    (!key.is_empty() && key.chars().all(is_key)).then_some(key)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::keys_of;

    /// What leads to the line that contains `mark`.
    fn place(text: &str, mark: &str) -> String {
        let number = text.lines().position(|line| line.contains(mark)).unwrap();
        keys_of(text, &BTreeSet::from([number])).remove(&number).unwrap()
    }

    #[test]
    fn keys_lead_to_a_line() {
        let yaml =
            "a: 1\nenv:\n  # x: y\n  - name: A\n    value: here\nz:\n  - - k: there\n\n  \"q\": last\n";
        assert_eq!(place(yaml, "here"), "env/-/value");
        assert_eq!(place(yaml, "there"), "z/-/-/k");
        assert_eq!(place(yaml, "last"), "z/q");
        assert_eq!(place(yaml, "x: y"), "env");
        assert_eq!(place("{\n  \"auths\": {\n    \"h\": { \"auth\": \"here\" }\n", "here"), "auths/h");
        assert_eq!(place("export A_B=here\n", "here"), "A_B");
        assert_eq!(place("k: |\n  -----BEGIN\n  here+/=\n", "here"), "k");
    }

    #[test]
    fn what_is_inserted_elsewhere_changes_nothing() {
        let before = "a:\n  b:\n    - c: here\n";
        let after = "# new\nx: {y: z}\na:\n  n: 1\n\n  b:\n    - c: other\n    - c: here\n";
        assert_eq!(place(before, "here"), place(after, "here"));
    }

    #[test]
    fn values_take_no_part() {
        assert_eq!(place("p@ss%word here\n", "here"), "");
        assert_eq!(place("hunter2&: here\n", "here"), "");
        assert_eq!(place("a: hunter2: here", "here"), "a");
        assert!(keys_of("a: 1", &BTreeSet::new()).is_empty());
    }
}
