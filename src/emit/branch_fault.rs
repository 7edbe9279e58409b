//! Why documents aren't committed: the facts, and below them their words.

use std::collections::BTreeSet;

use super::rendered::RENDERED;
use crate::config::secret::SecretId;
use crate::manifest::draft::{Datum, Piece};
use crate::manifest::taint::Sealed;
use crate::source::diagnostic::Diagnostic;
use crate::source::escape::visible;
use crate::source::git::fault::GitFault;
use crate::source::repo_path::PathFault;
use crate::source::span::Span;

/// A fact about a branch that output can't go to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words below say what each is")]
pub enum BranchFault {
    Cleartext { secrets: Vec<(String, Span)>, permitted: Vec<Span> },
    NoRepository,
    BadName { name: String },
    BadFolder { folder: String, fault: PathFault },
    CheckedOut { branch: String, at: String },
    Symbolic { branch: String },
    OnlyOfRemote { branch: String, remote: String },
    NotOurs { branch: String, found: String },
    Unmarked { branch: String, folder: Option<String> },
    WithinOutput { branch: String, marker: String },
    OtherOutput { branch: String, holds: String, new: String },
    Partial { branch: String, environment: String },
    NoCommitter,
    Moved { branch: String },
    Git(GitFault),
}

impl From<GitFault> for BranchFault {
    fn from(fault: GitFault) -> BranchFault {
        match fault {
            GitFault::NoRepository | GitFault::NoWorkTree => BranchFault::NoRepository,
            fault => BranchFault::Git(fault),
        }
    }
}

const CODE: &str = "commit-refused";

impl From<BranchFault> for Diagnostic {
    fn from(fault: BranchFault) -> Diagnostic {
        let refused = |message: String| Diagnostic::error(CODE, message);
        match fault {
            BranchFault::Cleartext { secrets, permitted } => cleartext(&secrets, &permitted),
            BranchFault::NoRepository => refused("the control repo lies in no git work tree".to_string())
                .help("write files instead, and take them where they belong: `--out-dir DIR`"),
            BranchFault::BadName { name } => refused(format!("`{}` can't name a branch", visible(&name)))
                .help("name a branch as `git branch` lists it, such as `env/prod`"),
            BranchFault::BadFolder { folder, fault } => {
                refused(format!("`{}` can't be a folder of a branch: {fault}", visible(&folder)))
                    .help("name a folder from the top of the branch, such as `clusters/prod`")
            }
            BranchFault::CheckedOut { branch, at } => refused(format!(
                "`{}` is checked out in `{}`, whose files would no longer be those of the branch",
                visible(&branch),
                visible(&at)
            ))
            .help("name a branch of its own for what is rendered, such as `env/prod`")
            .help("or switch that work tree to another; `git worktree prune` forgets one that is gone"),
            BranchFault::Symbolic { branch } => {
                refused(format!("`{}` only stands for another branch", visible(&branch)))
                    .help("name that one: `git symbolic-ref refs/heads/NAME` says which it is")
            }
            BranchFault::OnlyOfRemote { branch, remote } => refused(format!(
                "there is no branch `{}` here, but `{}`: a new one couldn't be pushed",
                visible(&branch),
                visible(&remote)
            ))
            .help(format!("bring it first: `git branch --no-track {0} {1}`", visible(&branch), visible(&remote)))
            .help("or forget it, if it is gone there: `git fetch --prune`"),
            BranchFault::NotOurs { branch, found } => refused(format!(
                "`{}` holds `{}`, which no earlier output left there",
                visible(&branch),
                visible(&found)
            ))
            .help("what is rendered is replaced as a whole: name a branch of its own, or a folder: `--commit-path DIR`"),
            BranchFault::Unmarked { branch, folder } => {
                let place = match folder {
                    Some(folder) => format!("`{}` of `{}`", visible(&folder), visible(&branch)),
                    None => format!("`{}`", visible(&branch)),
                };
                refused(format!("{place} holds documents, but no `{RENDERED}` of an earlier output"))
                    .help("what is rendered is replaced as a whole: name a branch that is new, or a folder: `--commit-path DIR`")
            }
            BranchFault::WithinOutput { branch, marker } => refused(format!(
                "`{}` of `{}` says that all around it is one output, which is replaced as a whole",
                visible(&marker),
                visible(&branch)
            ))
            .help("name another branch, or another folder"),
            BranchFault::OtherOutput { branch, holds, new } => {
                refused(format!("`{}` holds {}, not {}", visible(&branch), visible(&holds), visible(&new)))
                    .help("name another branch, or another folder: `--commit-path DIR`")
            }
            BranchFault::Partial { branch, environment } => refused(format!(
                "`{}` holds all of `{environment}`, and some of its units alone would replace it",
                visible(&branch)
            ))
            .help(format!("render all of it: `sealwright render {environment} --commit {}`", visible(&branch)))
            .help("or name another branch, or another folder: `--commit-path DIR`"),
            BranchFault::NoCommitter => refused("git doesn't know who commits here".to_string())
                .help("`git config user.name NAME` and `git config user.email ADDRESS` say so")
                .help("in CI the variables GIT_AUTHOR_NAME, GIT_AUTHOR_EMAIL, GIT_COMMITTER_NAME, GIT_COMMITTER_EMAIL"),
            BranchFault::Moved { branch } => Diagnostic::error(
                "commit-failed",
                format!("`{}` was changed by something else meanwhile", visible(&branch)),
            )
            .help("it is as that left it; run the command again"),
            BranchFault::Git(fault) => fault.into(),
        }
    }
}

/// How many secrets are shown; what holds for them holds for all.
const SHOWN: usize = 5;

/// Words for secrets, by `APP/NAME`, that the lists at `permitted` let into the output.
fn cleartext(secrets: &[(String, Span)], permitted: &[Span]) -> Diagnostic {
    let message =
        "the output has secrets in the clear, and a commit would keep them for all who read the repo";
    let mut found = Diagnostic::error("cleartext-refused", message);
    let shown = &secrets[..secrets.len().min(SHOWN)];
    for (name, span) in shown {
        found = found.at(*span, format!("`{name}` would stand there in the clear"));
    }
    for span in permitted {
        found = found.at(*span, "permitted here");
    }
    if secrets.len() > SHOWN {
        found = found.help(format!("so would {} more", secrets.len() - SHOWN));
    }
    let names: Vec<String> = shown.iter().map(|(name, _)| format!("`{name}`")).collect();
    found
        .help(format!(
            "let the platform read them itself: point into a store that it dereferences, and take {} out of \
            `delivery.inline`",
            names.join(", ")
        ))
        .help("or keep the output out of git: pipe it to what applies it, or `--out-dir` a folder that git doesn't see")
}

/// Whether linking puts no cleartext into documents. If it does: which secrets, and who permits it.
pub(super) fn without_cleartext(sealed: &[Sealed]) -> Result<(), BranchFault> {
    let (mut secrets, mut permitted) = (Vec::new(), BTreeSet::new());
    for group in sealed {
        let mut ids = BTreeSet::new();
        group.documents().iter().for_each(|document| collect(&document.body, &mut ids));
        let Some(config) = group.unit().filter(|_| !ids.is_empty()) else { continue };
        let named = ids.into_iter().map(|id| config.secrets.get(id));
        secrets.extend(named.map(|secret| (format!("{}/{}", config.unit.app, secret.name), secret.span)));
        permitted.extend(config.environment.inline_span);
    }
    match sealed.iter().any(Sealed::has_secrets) {
        true => Err(BranchFault::Cleartext { secrets, permitted: permitted.into_iter().collect() }),
        false => Ok(()),
    }
}

fn collect(datum: &Datum, ids: &mut BTreeSet<SecretId>) {
    match datum {
        Datum::Text(pieces) => ids.extend(pieces.iter().flat_map(|piece| match piece {
            Piece::Secret(expr) => expr.ids(),
            _ => Vec::new(),
        })),
        Datum::List(items) => items.iter().for_each(|item| collect(item, ids)),
        Datum::Map(map) => map.values().for_each(|value| collect(value, ids)),
        _ => {}
    }
}
