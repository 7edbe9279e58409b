//! A glob over one name.

use globset::{Glob, GlobMatcher};

/// The longest glob, in bytes. A glob becomes a regular expression, and one that is too large for its library
/// makes that panic; what a glob is held against has at most 63 characters, or is a variable's name.
const LONGEST: usize = 256;

/// The matcher of a glob; `None` when it isn't one or is too long.
pub fn compile(text: &str) -> Option<GlobMatcher> {
    let glob = Glob::new(Some(text).filter(|text| text.len() <= LONGEST)?).ok()?;
    Some(glob.compile_matcher())
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, compile};

    #[test]
    fn a_glob_of_the_longest_form_compiles() {
        for part in ["*", "?", "**", "[a-z]", "[!a]", "{a,b}", "{a,{b,", "[é-ü]"] {
            let text = part.repeat(LONGEST / part.len());
            let _ = compile(&text);
            assert!(compile(&format!("{text}{}", "x".repeat(LONGEST))).is_none());
        }
        assert!(compile("web-*").unwrap().is_match("web-1"));
    }
}
