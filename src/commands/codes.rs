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
    "age-identity",
    "authorization-header",
    "aws-key",
    "azure-key",
    "bad-allow-pattern",
    "bad-autoscaling",
    "bad-ciphertext",
    "bad-config-schema",
    "bad-crd",
    "bad-disruption",
    "bad-exception",
    "bad-expression",
    "bad-glob",
    "bad-host",
    "bad-identity",
    "bad-ingress",
    "bad-inline-rule",
    "bad-label",
    "bad-manifest",
    "bad-manifest-value",
    "bad-mode",
    "bad-name",
    "bad-object-name",
    "bad-order",
    "bad-pack",
    "bad-patch",
    "bad-path",
    "bad-percentage",
    "bad-pointer",
    "bad-port",
    "bad-probe",
    "bad-quantity",
    "bad-recipient",
    "bad-schedule",
    "bad-security",
    "bad-sink",
    "bad-sops-file",
    "bad-task-size",
    "bad-typed-secret",
    "bad-update",
    "bad-value-from",
    "bad-version",
    "bad-volume",
    "cleartext-refused",
    "commit-failed",
    "commit-refused",
    "connection-string",
    "damaged-token",
    "decryption-failed",
    "depends-on-cycle",
    "duplicate-exception",
    "encryption-failed",
    "endless-wait",
    "expired-exception",
    "extends-cycle",
    "field-not-found",
    "file-outside",
    "forbidden-sink",
    "foreign-tag",
    "git-failed",
    "inline-not-permitted",
    "interpolation-cycle",
    "json-web-token",
    "known-token",
    "missing-file",
    "missing-identity",
    "missing-key",
    "more-findings",
    "moved-ciphertext",
    "name-taken",
    "named-secret",
    "named-twice",
    "no-control-repo",
    "no-recipients",
    "no-value",
    "not-a-mapping",
    "not-fixed",
    "not-on-platform",
    "not-scanned",
    "not-utf8",
    "nul-byte",
    "object-not-found",
    "old-output-left",
    "out-of-scope",
    "output-clash",
    "output-failed",
    "password-hash",
    "patch-failed",
    "patch-of-identity",
    "patch-of-secret",
    "patch-without-target",
    "path-taken",
    "plaintext-secret",
    "private-key",
    "random-value",
    "registry-auth",
    "reserved-character",
    "route-taken",
    "same-object",
    "schema-violation",
    "secret-argument",
    "secret-cycle",
    "secret-in-file",
    "secret-in-plain-text",
    "secret-manifest",
    "secret-not-found",
    "secret-not-representable",
    "secret-not-resolved",
    "secret-operation",
    "secret-outside-sink",
    "secret-pair",
    "secret-slot",
    "secret-too-large",
    "secret-without-reader",
    "selector-mismatch",
    "selects-nothing",
    "several-documents",
    "shared-not-for-app",
    "single-dollar",
    "stale-exception",
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
    "unknown-kind",
    "unknown-kubernetes",
    "unknown-platform",
    "unknown-reference",
    "unknown-revision",
    "unknown-secret",
    "unknown-unit",
    "unknown-volume",
    "unmerged-file",
    "unread-file",
    "unreadable-file",
    "untrusted-store",
    "usage",
    "variable-set-twice",
    "wrong-kind",
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
            // An example stands as it would in a file.
            let is_short = |line: &str| line.starts_with("    ") || line.chars().count() <= 105;
            assert!(text.lines().all(is_short), "{code} has a long line");
        }
    }
}
