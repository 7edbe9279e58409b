//! `sealwright schema`: the JSON Schemas of the control repo's own files, and of what the tool writes.

use super::{Outcome, Terminal};
use crate::config::repo::SCHEMAS;
use crate::emit::RENDERED_SCHEMA;
use crate::source::diagnostic::Diagnostic;
use crate::source::nearest::nearest;

/// The shape of one line of `--message-format json`; no file of the repo has it.
const DIAGNOSTICS: (&str, &str) = ("diagnostics", include_str!("../../schemas/diagnostics.schema.json"));

/// The shape of the file at the top of an output.
const RENDERED: (&str, &str) = ("rendered", RENDERED_SCHEMA);

/// Prints a schema, or the names of all.
pub(super) fn schema(terminal: &Terminal, name: Option<&str>) -> Outcome {
    let all = || SCHEMAS.iter().chain([&DIAGNOSTICS, &RENDERED]);
    let names = || all().map(|(name, _)| *name);
    let Some(wanted) = name else {
        return terminal.print(&names().map(|name| format!("{name}\n")).collect::<String>());
    };
    match all().find(|(name, _)| *name == wanted) {
        Some((_, text)) => terminal.print(text),
        None => {
            let found = Diagnostic::error("usage", format!("there is no schema `{wanted}`"));
            terminal.refuse(match nearest(wanted, names()) {
                Some(near) => found.help(format!("did you mean `{near}`?")),
                None => found.help(format!("the schemas are `{}`", names().collect::<Vec<_>>().join("`, `"))),
            })
        }
    }
}
