//! What a finding says to people. It never has the value.

use crate::lint::finding::{Finding, Tier};
use crate::source::diagnostic::Diagnostic;

/// A finding for people.
pub(super) fn words(finding: &Finding) -> Diagnostic {
    let what = finding.what;
    let message = match (&finding.name, finding.tier) {
        (Some(name), Tier::Name) => format!("`{name}` has its value here in the clear"),
        (Some(name), Tier::Structure) => format!("`{name}` is kept for a secret and has it in the clear"),
        (None, Tier::Structure) => "a place that is kept for a secret has it in the clear".to_owned(),
        (None, Tier::Name) => format!("{what} stands here in the clear"),
        (Some(name), _) => format!("`{name}` has {what} in the clear"),
        (None, _) => format!("{what} stands here in the clear"),
    };
    let found = Diagnostic::error(finding.rule, message).at(finding.span, "this is in the clear");
    let found = match finding.tier {
        Tier::Structure => found
            .help("write a pointer into a store here, such as `ref+vault://MOUNT/PATH#/FIELD`, or an encrypted value"),
        Tier::Known => found.help("revoke it at once where it was issued: whoever has the repo has it"),
        Tier::Name | Tier::Entropy => found
            .help("declare it under `secrets:` of the app: a pointer into a store, or `sealwright secret set ENV/APP NAME`"),
    };
    let found = match finding.tier {
        Tier::Structure | Tier::Name => found.help("if it was ever committed, it is known: change it where it is used"),
        Tier::Known => found.help("then take it out of the file: point into a store, or encrypt the new one with `sealwright secret set`"),
        Tier::Entropy => found,
    };
    found.help(format!(
        "if it is no secret, say so for review: `sealwright check --write-exceptions --reason …`; `sealwright explain {}` tells more",
        finding.rule
    ))
}
