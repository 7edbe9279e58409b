//! `sealwright explain`: what a code means, and what a field of the repo means.

use std::fmt::Write as _;

use super::codes::{self, CODES};
use super::field::Field;
use super::{Outcome, Terminal};
use crate::config::packs::Packs;
use crate::config::repo::{Repo, SCHEMAS, schema};
use crate::config::selection::Selection;
use crate::source::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::source::escape::visible;
use crate::source::nearest::nearest;
use crate::source::work_tree::WorkTree;

/// Explains a code or a field, or lists the codes.
pub(super) fn explain(terminal: &Terminal, topic: Option<&str>) -> Outcome {
    let Some(topic) = topic else { return terminal.print(&overview()) };
    if let Some(text) = codes::text(topic) {
        return terminal.print(&format!("{topic}: {text}"));
    }
    match Field::find(topic, &packs(terminal, topic)) {
        Ok(fields) => {
            let texts: Vec<String> = fields.iter().map(ToString::to_string).collect();
            // What a pack of the repo says of its fields is anybody's text.
            terminal.print(&texts.join("\n").split_inclusive('\n').map(shown).collect::<String>())
        }
        Err(unknown) => {
            let found = Diagnostic::error(
                "usage",
                match &unknown.parent {
                    Some(parent) if parent == "platforms" => {
                        format!("there is no platform `{}`", unknown.name)
                    }
                    Some(parent) => format!("`{parent}` has no field `{}`", unknown.name),
                    None => format!("there is neither a code nor a field `{topic}`"),
                },
            );
            let names = unknown.known.iter().map(String::as_str);
            let all = names.chain(CODES.iter().map(|(code, _)| *code).filter(|_| unknown.parent.is_none()));
            let prefix = unknown.parent.as_ref().map(|parent| format!("{parent}.")).unwrap_or_default();
            let found = match nearest(&unknown.name, all) {
                Some(near) => found.help(format!("did you mean `{prefix}{near}`?")),
                None if prefix == "platforms." => {
                    found.help(format!("the platforms are `{}`", unknown.known.join("`, `")))
                }
                None if unknown.parent.is_some() => {
                    found.help(format!("its fields are `{}`", unknown.known.join("`, `")))
                }
                None => found,
            };
            terminal.refuse(found.help("`sealwright explain` lists the codes and says how to ask for fields"))
        }
    }
}

/// A line in which nothing moves a terminal.
fn shown(line: &str) -> String {
    let text = line.trim_end_matches('\n');
    format!("{}{}", visible(text), &line[text.len()..])
}

/// The packs of the repo, if there is one and the topic could be about them. What is wrong with the repo isn't
/// the question.
fn packs(terminal: &Terminal, topic: &str) -> Packs {
    let repo = terminal.repo_root().filter(|_| topic.contains("platforms."));
    let world = repo.and_then(|root| WorkTree::open(&root).ok());
    let repo = world
        .and_then(|world| Repo::load(&world, &Selection::everything(), &mut Diagnostics::default()).ok());
    repo.map(|repo| repo.packs).unwrap_or_default()
}

/// What follows the diagnostics of a failed run: how to learn more.
pub(super) fn hint(found: &[Diagnostic]) -> String {
    let mut known: Vec<&str> = found
        .iter()
        .filter(|d| d.severity == Severity::Error && d.code != "usage")
        .map(|d| d.code)
        .filter(|code| codes::text(code).is_some())
        .collect();
    known.sort_unstable();
    known.dedup();
    match known.as_slice() {
        [] => String::new(),
        [code] => format!("for more about this error, try `sealwright explain {code}`\n"),
        [code, ..] => format!("for more about an error, try its code, such as `sealwright explain {code}`\n"),
    }
}

fn overview() -> String {
    let width = CODES.iter().map(|(code, _)| code.len()).max().unwrap_or_default();
    let mut out = String::from("Codes of diagnostics:\n\n");
    for (code, text) in CODES {
        writeln!(out, "  {code:width$}  {}", codes::summary(text)).expect("writing to a string can't fail");
    }
    out.push_str(
        "\nFields, each with what lies below it, such as `sealwright explain health.readiness`:\n\n",
    );
    for (name, _) in SCHEMAS {
        let cursor = schema(name).cursor();
        let keys = match name {
            "versions" => "the names of apps".to_string(),
            "exceptions" => cursor.item().keys().join(", "),
            _ => cursor.keys().join(", "),
        };
        writeln!(out, "  {name:11}  {keys}").expect("writing to a string can't fail");
    }
    out
}
