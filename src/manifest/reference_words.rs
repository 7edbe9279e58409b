//! The words for why a platform can't dereference a secret itself, and for what follows if it does.

use super::reference::Misfit;
use super::view::resolved::Missing;
use crate::source::diagnostic::Diagnostic;
use crate::source::span::Span;

/// What to say of a template that asks for a secret of which it gets no value.
pub(super) fn missing_words(span: Option<Span>, name: &str, platform: &str, why: Missing) -> Diagnostic {
    match why {
        Missing::Native(declared) => {
            let found = Diagnostic::error(
                "secret-not-resolved",
                format!("the template needs the value of `{name}`, which {platform} dereferences itself"),
            );
            span.into_iter()
                .fold(found, |found, span| found.at(span, "`secrets` has those that are resolved"))
                .at(declared, "no value of this one passes through here")
                .help("where the value stands for the app, `references` says: the document may refer to that")
                .help(format!(
                    "if it needs the value itself: declare one for it, `OTHER: {{ value: \"{{{{ secrets.{name} }}}}\", env: null }}`, and use that; `delivery.inline` has to permit it"
                ))
        }
        Missing::Undeclared { near, known } => {
            let found = Diagnostic::error("unknown-secret", "the app declares no secret of this name");
            let found =
                span.into_iter().fold(found, |found, span| found.at(span, "the template asks for it"));
            let found = match (near, known.is_empty()) {
                (Some(near), _) => found.help(format!("did you mean `{near}`?")),
                (None, true) => found.help("it declares none at all"),
                (None, false) => found.help(format!("its secrets are `{}`", known.join("`, `"))),
            };
            found.help("if the template is for units without it too: ask first, by `\"NAME\" in secrets`")
        }
    }
}

/// The next step towards a reference of the platform's own, where there is one.
pub(super) fn misfit_help(misfit: &Misfit, platform: &str) -> Option<String> {
    Some(match misfit {
        Misfit::Encrypted => format!(
            "a value that is encrypted in the repo has to be resolved; a pointer to a store that {platform} can read hasn't"
        ),
        Misfit::Backend(backend) => format!("{platform} can't read `{backend}` itself"),
        Misfit::Unmapped(backend) => format!(
            "if {platform} has an object that reads the store: name it, as in `references: {{ {backend}: {{ store: NAME, kind: KIND }} }}`"
        ),
        Misfit::OutsideMount(backend, mount) => format!(
            "`references.{backend}` reads what lies below `{}`, and this pointer leads elsewhere",
            mount.join("/")
        ),
        Misfit::Segments(backend, most) => format!(
            "a reference of {platform} to `{backend}` has {most} segment{} below the mount: if the first is the store's own, say `mount` in `references.{backend}`",
            if *most == 1 { "" } else { "s" }
        ),
        Misfit::Fields(0) => format!("a reference of {platform} is to a whole secret: it can't have a field"),
        Misfit::Fields(1) => {
            format!("a reference of {platform} has one field at most, and leads to no value within another")
        }
        Misfit::Fields(most) => format!("a reference of {platform} has {most} fields at most"),
        Misfit::Character(character) => {
            format!(
                "neither path nor field can have `{}` in a reference of {platform}",
                character.escape_debug()
            )
        }
        Misfit::Param(name) => format!("a reference of {platform} has no place for `{name}`"),
        Misfit::Unlocated(backend) => format!(
            "a reference of {platform} has region and account in it: say them, as in `stores: {{ {backend}: {{ region: eu-central-1, account: \"123456789012\" }} }}`"
        ),
        Misfit::Composed(None) => {
            format!("{platform} composes no text with secrets: what is composed has to be resolved")
        }
        Misfit::Composed(Some(encoding)) => {
            format!(
                "{platform} can't apply `{}` itself, so what is composed has to be resolved",
                encoding.filter()
            )
        }
        Misfit::Nested => {
            format!("{platform} composes what is composed itself only so far: name its parts directly")
        }
        Misfit::Alone(backend) => {
            format!("{platform} composes no text with secrets of `{backend}`, which stand alone")
        }
        Misfit::Placed => {
            "a typed Secret or a document of its own is made of it, so it has to be resolved".to_string()
        }
        Misfit::Part(name, misfit) => {
            return misfit_help(misfit, platform)
                .map(|help| format!("of `{name}`, which it is composed of: {help}"));
        }
    })
}
