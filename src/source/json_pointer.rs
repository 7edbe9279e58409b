//! JSON Pointers (RFC 6901).

/// The pointer to what these keys lead to, from the root of a document: `/secrets/API_KEY`. `~` and `/`
/// within a key are escaped; no keys make the empty pointer, which is the document itself.
pub fn pointer_path(keys: &[&str]) -> String {
    keys.iter().map(|key| format!("/{}", key.replace('~', "~0").replace('/', "~1"))).collect()
}

#[cfg(test)]
mod tests {
    use super::pointer_path;

    #[test]
    fn keys_are_escaped() {
        assert_eq!(pointer_path(&[]), "");
        assert_eq!(pointer_path(&["secrets", "API_KEY"]), "/secrets/API_KEY");
        assert_eq!(pointer_path(&["a/b", "m~n", "~1", ""]), "/a~1b/m~0n/~01/");
    }
}
