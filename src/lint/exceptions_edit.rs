//! Adding exceptions to the text of exceptions.yaml, and renewing those that are there.

use time::Date;

use super::exceptions::{Exceptions, Target};
use crate::source::addition::unquoted_if_safe;
use crate::source::edit::{EditError, set_scalar};
use crate::source::edit_list::{Item, append};
use crate::source::span::FileId;

/// What a new file opens with.
const HEAD: &str = "# Values that may stand in the clear, each reviewed, for a reason and for a time.\n\
                    # `sealwright explain exceptions.*` says what each field means.\n";

/// What a person says about the exceptions that are written.
#[derive(Clone, Copy, Debug)]
pub struct Review<'a> {
    /// Why the values may stand there.
    pub reason: &'a str,
    /// Who answers for it.
    pub owner: &'a str,
    /// The last day.
    pub expires: Date,
}

/// How many exceptions an edit has written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// New entries.
    pub added: usize,
    /// Entries that had expired, or were about another value at the same place.
    pub renewed: usize,
}

/// The text of exceptions.yaml (`None`: there is no such file) with an exception for each target, once.
/// `exceptions` is what was read from that text. Everything else in it stays as it is.
pub fn cover(
    file: FileId,
    text: Option<&str>,
    exceptions: &Exceptions,
    targets: &[Target],
    review: Review<'_>,
) -> Result<(String, Written), EditError> {
    let mut text = text.filter(|text| !text.is_empty()).unwrap_or(HEAD).to_owned();
    let mut written = Written::default();
    let mut items = Vec::new();
    let mut seen = Vec::new();
    for target in targets {
        if seen.contains(&target) {
            continue;
        }
        seen.push(target);
        match exceptions.renewable(target) {
            Some(exception) => {
                let index = exception.index.to_string();
                for (key, value) in fields(target, review) {
                    if matches!(key, "value" | "reason" | "owner" | "expires") {
                        text = set_scalar(file, &text, &[&index, key], &value)?;
                    }
                }
                written.renewed += 1;
            }
            None => {
                items.push(item(target, review));
                written.added += 1;
            }
        }
    }
    if !items.is_empty() {
        text = append(file, &text, &[], &items)?;
    }
    Ok((text, written))
}

fn item(target: &Target, review: Review<'_>) -> Item {
    let fields = fields(target, review);
    let lines = |in_flow| {
        fields.iter().map(move |(key, value)| format!("{key}: {}", unquoted_if_safe(value, in_flow)))
    };
    Item {
        block: lines(false).collect(),
        flow: format!("{{{}}}", lines(true).collect::<Vec<_>>().join(", ")),
    }
}

/// The fields of an entry in their order.
fn fields(target: &Target, review: Review<'_>) -> Vec<(&'static str, String)> {
    let mut fields = vec![("rule", target.rule.clone()), ("file", target.file.clone())];
    fields.extend(target.path.clone().map(|path| ("path", path)));
    fields.push(("value", target.value.to_string()));
    fields.push(("reason", review.reason.to_owned()));
    fields.push(("owner", review.owner.to_owned()));
    fields.push(("expires", review.expires.to_string()));
    fields
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::{HEAD, Review, Written, cover};
    use crate::lint::exceptions::{Exceptions, FILE, Target};
    use crate::lint::finding::Fingerprint;
    use crate::source::diagnostic::Diagnostics;
    use crate::source::files::Files;
    use crate::source::memory::Memory;
    use crate::source::span::FileId;

    const REVIEW: Review<'_> =
        Review { reason: "public: on purpose", owner: "team-web", expires: date!(2027 - 06 - 30) };

    fn read(text: &str) -> Exceptions {
        let mut out = Diagnostics::default();
        let exceptions = Exceptions::read(&Memory::new().with(FILE, text), &mut Files::default(), &mut out);
        assert!(out.is_empty(), "{out:?} in {text}");
        exceptions
    }

    fn target(path: Option<&str>, value: &str) -> Target {
        Target {
            rule: "private-key".into(),
            file: "a b.yaml".into(),
            path: path.map(str::to_owned),
            value: Fingerprint::of(value.as_bytes()),
        }
    }

    fn covered(text: Option<&str>, targets: &[Target]) -> (String, Written) {
        let exceptions = read(text.unwrap_or_default());
        let (text, written) = cover(FileId(0), text, &exceptions, targets, REVIEW).unwrap();
        read(&text);
        (text, written)
    }

    #[test]
    fn a_new_file_says_what_it_is() {
        let (text, written) = covered(None, &[target(Some("/k"), "abc"), target(Some("/k"), "abc")]);
        assert_eq!(
            text,
            format!(
                "{HEAD}- rule: private-key\n  file: a b.yaml\n  path: /k\n  value: ba7816bf8f01cfea\n  \
                 reason: \"public: on purpose\"\n  owner: team-web\n  expires: \"2027-06-30\"\n"
            )
        );
        assert_eq!(written, Written { added: 1, renewed: 0 });
    }

    #[test]
    fn what_is_there_stays_as_it_is() {
        let old = "# ours\n- rule: private-key   # mine\n  file: 'a b.yaml'\n  value: ba7816bf8f01cfea\n  reason: >-\n    a long\n    one\n  owner: o\n  expires: 2026-01-01\n\n# end\n";
        let (text, written) = covered(Some(old), &[target(Some("/k"), "abd")]);
        let (head, tail) = old.split_at(old.find("\n# end").unwrap());
        assert!(text.starts_with(head) && text.ends_with(tail), "{text}");
        assert_eq!(written, Written { added: 1, renewed: 0 });
    }

    #[test]
    fn an_exception_is_renewed_for_another_value_or_another_day() {
        let old = "- rule: private-key\n  file: a b.yaml\n  path: /k # here\n  value: \"ba7816bf8f01cfea\"\n  reason: r\n  owner: o\n  expires: 2026-01-01\n";
        let (text, written) = covered(Some(old), &[target(Some("/k"), "abd")]);
        assert_eq!(written, Written { added: 0, renewed: 1 });
        let value = Fingerprint::of(b"abd");
        assert_eq!(
            text,
            format!(
                "- rule: private-key\n  file: a b.yaml\n  path: /k # here\n  value: \"{value}\"\n  reason: \"public: on purpose\"\n  owner: team-web\n  expires: \"2027-06-30\"\n"
            )
        );
        let text_file = old.replace("  path: /k # here\n", "");
        assert_eq!(covered(Some(&text_file), &[target(None, "abc")]).1, Written { added: 0, renewed: 1 });
        assert_eq!(covered(Some(&text_file), &[target(None, "abd")]).1, Written { added: 1, renewed: 0 });
    }
}
