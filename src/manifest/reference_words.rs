//! The words for why a platform can't dereference a secret itself.

use super::reference::Misfit;

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
