//! Why documents aren't written: the facts, and below them their words.

use std::io;

use crate::source::diagnostic::Diagnostic;
use crate::source::escape::visible;

/// A fact about a place that output can't go to. Paths are as the user wrote them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words below say what each is")]
pub enum Fault {
    Terminal,
    Redirected,
    WorkTree { dir: String, file: String },
    Nameless { dir: String },
    Symlink { path: String, target: Option<String> },
    NotAFolder { path: String },
    NotOurs { dir: String, found: String },
    Unmarked { dir: String, marker: &'static str },
    InsideRepo { dir: String, part: &'static str },
    CurrentFolder { dir: String },
    Clash { file: String, first: String, second: String },
    Io { path: String, kind: io::ErrorKind },
}

const REFUSED: &str = "output-refused";

impl From<Fault> for Diagnostic {
    fn from(fault: Fault) -> Diagnostic {
        match fault {
            Fault::Terminal => {
                cleartext("standard output is a terminal, and the output has secrets in the clear")
            }
            Fault::Redirected => {
                cleartext("standard output is a file, and the output has secrets in the clear")
            }
            Fault::WorkTree { dir, file } => cleartext(format!(
                "`{}` lies in a git work tree, and the output has secrets in the clear",
                visible(&dir)
            ))
            .help(format!("git doesn't ignore `{}`: one `git add` would commit it", visible(&file)))
            .help("name a folder outside of the work tree, or one that a .gitignore names"),
            Fault::Nameless { dir } => Diagnostic::error(
                REFUSED,
                format!("`{}` doesn't end with the name of a folder", visible(&dir)),
            )
            .help("name a folder that is new, empty or an earlier output"),
            Fault::Symlink { path, target } => {
                let found = Diagnostic::error(
                    REFUSED,
                    format!("`{}` is a symlink: nothing is written through one", visible(&path)),
                );
                match target {
                    Some(target) => found.help(format!("name the folder itself: `{}`", visible(&target))),
                    None => found,
                }
            }
            Fault::NotAFolder { path } => {
                Diagnostic::error(REFUSED, format!("`{}` is no folder", visible(&path)))
            }
            Fault::NotOurs { dir, found } => Diagnostic::error(
                REFUSED,
                format!(
                    "`{}` holds `{}`, which no earlier output left there",
                    visible(&dir),
                    visible(&found)
                ),
            )
            .help("the folder is replaced as a whole: name one that is new, empty or an earlier output"),
            Fault::Unmarked { dir, marker } => Diagnostic::error(
                REFUSED,
                format!("`{}` holds documents, but no `{marker}` of an earlier output", visible(&dir)),
            )
            .help("the folder is replaced as a whole: name one that is new, empty or an earlier output"),
            Fault::InsideRepo { dir, part } => Diagnostic::error(
                REFUSED,
                format!(
                    "`{}` lies in `{part}/` of the control repo, which is read from there",
                    visible(&dir)
                ),
            )
            .help("name a folder elsewhere"),
            Fault::CurrentFolder { dir } => Diagnostic::error(
                REFUSED,
                format!("`{}` holds the current folder, and would be replaced under it", visible(&dir)),
            )
            .help("run the command from outside of it"),
            Fault::Clash { file, first, second } => Diagnostic::error(
                "output-clash",
                format!("{first} and {second} would both be written to `{}`", visible(&file)),
            )
            .help("a file is named by the kind and the name of its object: give them different names"),
            Fault::Io { path, kind } => {
                Diagnostic::error("output-failed", format!("`{}` can't be written: {kind}", visible(&path)))
                    .help("what was there before is as it was")
            }
        }
    }
}

fn cleartext(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error("cleartext-refused", message)
}
