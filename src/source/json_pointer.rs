//! JSON Pointers (RFC 6901).

/// The pointer to what these keys lead to, from the root of a document: `/secrets/API_KEY`. `~` and `/`
/// within a key are escaped; no keys make the empty pointer, which is the document itself.
pub fn pointer_path(keys: &[&str]) -> String {
    keys.iter().map(|key| format!("/{}", key.replace('~', "~0").replace('/', "~1"))).collect()
}

/// The keys that a pointer leads through.
pub fn keys_of_pointer(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~")).collect()
}

#[cfg(test)]
mod tests {
    use super::{keys_of_pointer, pointer_path};

    #[test]
    fn keys_are_escaped() {
        assert_eq!(pointer_path(&[]), "");
        assert_eq!(pointer_path(&["secrets", "API_KEY"]), "/secrets/API_KEY");
        assert_eq!(pointer_path(&["a/b", "m~n", "~1", ""]), "/a~1b/m~0n/~01/");
        assert_eq!(keys_of_pointer("/a~1b/m~0n/~01/"), ["a/b", "m~n", "~1", ""]);
        assert!(keys_of_pointer("").is_empty());
    }
}
