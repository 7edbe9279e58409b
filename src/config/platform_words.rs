//! The words for what is wrong with what one platform alone knows.

use super::fault::Fault;
use super::typed_secrets::TypedFault;
use crate::source::diagnostic::Diagnostic;
use crate::source::nearest::nearest;

pub(super) fn platform_words(fault: Fault) -> Diagnostic {
    match fault {
        Fault::UnknownPlatform { name, span, known } => {
            let found =
                Diagnostic::error("unknown-platform", format!("there is no platform `{name}`")).at(span, "");
            match nearest(&name, known.iter().map(String::as_str)) {
                Some(near) => found.help(format!("did you mean `{near}`?")).replacing(&*name, near),
                None => found.help(format!("the platforms are `{}`", known.join("`, `"))),
            }
        }
        Fault::BadOperation { span, name, lacks } => {
            Diagnostic::error("bad-patch", format!("`{name}` of a JSON patch needs {lacks}"))
                .at(span, "")
                .help(
                    "RFC 6902 says what each operation takes, such as `{ op: add, path: /spec/x, value: 1 }`",
                )
        }
        Fault::TypedSecret { span, name, fault } => {
            let found = |message: String| Diagnostic::error("bad-typed-secret", message).at(span, "");
            match fault {
                TypedFault::NoType => found(format!("`{name}` of `typedSecrets` has no type"))
                    .help("add `type:` with `dockerconfigjson`, `tls`, `basic-auth` or `ssh-auth`"),
                TypedFault::Lacks { ty, field } => {
                    found(format!("`{name}` is of type `{ty}` and lacks `{field}`"))
                        .help(format!("add `{field}:`"))
                }
                TypedFault::Foreign { ty, field, fields } => {
                    found(format!("`{name}` is of type `{ty}`, which has no `{field}`"))
                        .help(format!("it has `{}`", fields.join("`, `")))
                }
                TypedFault::NoUsername => found(format!("the username of `{name}` says nothing"))
                    .help("write the name itself, or `{ secret: NAME }` with the name of a declared secret"),
                TypedFault::TwoUsernames => found(format!(
                    "the username of `{name}` is given as a text and as a secret"
                ))
                .help("an earlier layer says the other: take it away with `text: null` or `secret: null`"),
                TypedFault::NoSecret { known } => {
                    let found = found(format!("a field of `{name}` names no secret of the unit")).help(
                        "here stands the name of a secret that is declared under `secrets:`, never its value",
                    );
                    match known.as_slice() {
                        [] => found,
                        known => found.help(format!("declared are `{}`", known.join("`, `"))),
                    }
                }
            }
        }
        other => unreachable!("not about a platform: {other:?}"),
    }
}
