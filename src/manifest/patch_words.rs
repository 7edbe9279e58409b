//! The words for what is wrong with patches.

use super::patch::PatchFault;
use crate::source::diagnostic::Diagnostic;
use crate::source::nearest::nearest;
use crate::source::span::Span;

pub(super) fn patch_words(span: Span, target: &str, fault: PatchFault) -> Diagnostic {
    let failed = |said: String| {
        Diagnostic::error("patch-failed", format!("the patch of `{target}` fails: {said}")).at(span, "")
    };
    match fault {
        PatchFault::NoTarget { known } => {
            let said = format!("the unit makes no `{target}` for this patch");
            let found = Diagnostic::error("patch-without-target", said).at(span, "");
            let kinds: Vec<&str> = known.iter().map(String::as_str).filter(|k| !k.contains('/')).collect();
            match nearest(target, known.iter().map(String::as_str)) {
                Some(near) => found.help(format!("did you mean `{near}`?")),
                None if kinds.is_empty() => found.help("it makes no document at all"),
                None => found.help(format!("it makes documents of kind `{}`", kinds.join("`, `"))),
            }
        }
        PatchFault::NoPlace { path, step, known } => {
            let place = if path.is_empty() { "the document".to_string() } else { format!("`{path}`") };
            let found = failed(format!("{place} has no `{step}`"));
            match nearest(&step, known.iter().map(String::as_str)) {
                Some(near) => found.help(format!("did you mean `{near}`?")),
                None if known.is_empty() => {
                    found.help("what is added needs something above it: add that first")
                }
                None => found.help(format!("it has `{}`", known[..known.len().min(20)].join("`, `"))),
            }
        }
        PatchFault::NotAnIndex { path } => failed(format!("`{path}` is no place in the list"))
            .help("an item's place is its number from 0, and `-` is the end of the list"),
        PatchFault::TestFailed { path } => failed(format!("what stands at `{path}` isn't what `test` says"))
            .help("the documents have changed since the patch was written: look at them without it"),
        PatchFault::Root => failed("it takes the whole document away".to_string())
            .help("a document isn't made when its app says nothing of it"),
        PatchFault::IntoItself => failed("it moves a value into itself".to_string()).help("use `copy`"),
        PatchFault::TooLarge => failed("the document becomes too large or too deep".to_string())
            .help("the patches of a unit bring at most 250,000 values, nested at most 128 deep"),
        PatchFault::Secret { path, what } => Diagnostic::error(
            "patch-of-secret",
            format!("the patch of `{target}` {what} `{path}`, in which a secret stands"),
        )
        .at(span, "")
        .help("a secret stays where the template puts it: change what is declared under `secrets:`"),
        PatchFault::Identity { key } => Diagnostic::error(
            "patch-of-identity",
            format!("the patch of `{target}` changes its {key}"),
        )
        .at(span, "")
        .help("other documents name the object: write a document of your own under `manifests/` instead"),
    }
}
