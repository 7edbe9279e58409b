//! What every code of a diagnostic means: one text each, in `codes/`.
//!
//! A text opens with one line that says what was found; then come why it is bad, an example and what to
//! write instead. A new code is one new file and one line here.

/// The codes and their texts, in the order of the alphabet.
macro_rules! codes {
    ($($code:literal,)*) => {
        &[$(($code, include_str!(concat!("codes/", $code, ".md")))),*]
    };
}

/// All codes with their texts.
pub(super) const CODES: &[(&str, &str)] = codes![
    "bad-allow-pattern",
    "bad-ciphertext",
    "bad-config-schema",
    "bad-expression",
    "bad-glob",
    "bad-identity",
    "bad-inline-rule",
    "bad-mode",
    "bad-name",
    "bad-path",
    "bad-pointer",
    "bad-port",
    "bad-probe",
    "bad-recipient",
    "bad-sops-file",
    "bad-version",
    "cleartext-refused",
    "damaged-token",
    "decryption-failed",
    "encryption-failed",
    "extends-cycle",
    "field-not-found",
    "forbidden-sink",
    "foreign-tag",
    "inline-not-permitted",
    "interpolation-cycle",
    "missing-file",
    "missing-identity",
    "missing-key",
    "more-findings",
    "moved-ciphertext",
    "name-taken",
    "no-control-repo",
    "no-recipients",
    "no-value",
    "not-a-mapping",
    "not-utf8",
    "nul-byte",
    "old-output-left",
    "out-of-scope",
    "output-clash",
    "output-failed",
    "path-taken",
    "plaintext-secret",
    "reserved-character",
    "same-object",
    "schema-violation",
    "secret-cycle",
    "secret-in-file",
    "secret-in-plain-text",
    "secret-not-found",
    "secret-not-representable",
    "secret-operation",
    "secret-outside-sink",
    "secret-too-large",
    "secret-without-reader",
    "several-documents",
    "shared-not-for-app",
    "store-denied",
    "store-failed",
    "store-not-available",
    "store-settings",
    "store-unreachable",
    "template-error",
    "template-output",
    "two-versions",
    "unclosed-expression",
    "undefined-variable",
    "unknown-app",
    "unknown-environment",
    "unknown-group",
    "unknown-key",
    "unknown-platform",
    "unknown-unit",
    "unknown-volume",
    "unreadable-file",
    "untrusted-store",
    "usage",
    "variable-set-twice",
    "wrong-kind-of-secret",
    "wrong-recipients",
    "yaml-alias-budget",
    "yaml-bad-key",
    "yaml-duplicate-key",
    "yaml-edit",
    "yaml-recursive-alias",
    "yaml-syntax",
    "yaml-tag-mismatch",
    "yaml-too-deep",
    "yaml-too-large",
];

/// The text of a code.
pub(super) fn text(code: &str) -> Option<&'static str> {
    CODES.iter().find(|(name, _)| *name == code).map(|(_, text)| *text)
}

/// The first line of a text.
pub(super) fn summary(text: &'static str) -> &'static str {
    text.lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{CODES, summary};

    #[test]
    fn codes_are_in_order_and_each_has_all_of_its_parts() {
        assert!(CODES.is_sorted_by(|(a, _), (b, _)| a < b));
        for (code, text) in CODES {
            let line = summary(text);
            let first = line.chars().next().expect("it has a first line");
            assert!(!first.is_uppercase() || line.starts_with("YAML"), "{code}: {line}");
            assert!(!line.ends_with('.') && line.len() <= 90, "{code}: {line}");
            for part in ["\n\nFor example", "\n\nInstead"] {
                assert!(text.contains(part), "{code} lacks {part:?}");
            }
            assert!(text.lines().all(|line| line.chars().count() <= 100), "{code} has a long line");
        }
    }
}
