//! The commands of `sealwright platform`; `list` is here.

mod about;
mod eject;
mod show;

pub(super) use self::eject::eject;
pub(super) use self::show::show;

use serde::Serialize;

use self::about::{About, Pack};
use super::{Outcome, Stream, Terminal, grid};
use crate::args::ReportFormat;
use crate::config::environment;
use crate::config::repo::Repo;
use crate::config::selection::Selection;
use crate::manifest::built_in;
use crate::manifest::pack::known_platforms;
use crate::source::diagnostic::{Diagnostic, Diagnostics};
use crate::source::nearest::nearest;

/// A platform, as programs read it.
#[derive(Debug, Serialize)]
struct Row {
    platform: String,
    pack: Pack,
    /// Kinds of documents and files, in the order in which they are made.
    makes: Vec<String>,
    /// The environments that are rendered for it.
    environments: Vec<String>,
}

/// Lists the platforms that the repo, or any repo, can be rendered for.
pub(super) fn list(terminal: &Terminal, output: ReportFormat) -> Outcome {
    let repo = match read(terminal) {
        Ok(repo) => repo,
        Err(outcome) => return outcome,
    };
    let rows: Vec<Row> = names(repo.as_ref())
        .into_iter()
        .filter_map(|name| {
            let about = About::of(&name, repo.as_ref())?;
            let environments = used_by(&name, repo.as_ref());
            Some(Row { platform: name, pack: about.pack, makes: about.makes(), environments })
        })
        .collect();
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let used = if row.environments.is_empty() { "-".into() } else { row.environments.join(", ") };
            vec![row.platform.clone(), row.pack.words().into(), used, row.makes.join(", ")]
        })
        .collect();
    let head = ["PLATFORM", "PACK", "ENVIRONMENTS", "MAKES"];
    terminal.print(&match output {
        ReportFormat::Table => grid::table(&head, &cells),
        ReportFormat::Markdown => grid::markdown(&head, &cells),
        ReportFormat::Json => grid::json(&rows),
    })
}

/// The repo, if there is one.
fn read(terminal: &Terminal) -> Result<Option<Repo>, Outcome> {
    if terminal.repo_root().is_none() {
        return Ok(None);
    }
    let (_, world) = terminal.world()?;
    let mut out = Diagnostics::default();
    let loaded = Repo::load(&world, &Selection::everything(), &mut out);
    let failed = out.has_errors();
    let files = match &loaded {
        Ok(repo) => &repo.files,
        Err(files) => files,
    };
    terminal.report(out, files, Stream::Error);
    match loaded {
        Ok(repo) if !failed => Ok(Some(repo)),
        _ => Err(Outcome::Refused),
    }
}

fn names(repo: Option<&Repo>) -> Vec<String> {
    match repo {
        Some(repo) => known_platforms(repo).map(ToString::to_string).collect(),
        None => built_in::platforms().map(ToString::to_string).collect(),
    }
}

/// The environments of a platform. One that can't be read has none.
fn used_by(platform: &str, repo: Option<&Repo>) -> Vec<String> {
    let all = repo.map(|repo| environment::read_all(repo, &mut Diagnostics::default())).unwrap_or_default();
    all.into_values().filter(|one| one.platform == platform).map(|one| one.name.clone()).collect()
}

/// Says that there is no such platform.
fn unknown(terminal: &Terminal, name: &str, known: &[String]) -> Outcome {
    let found = Diagnostic::error("usage", format!("there is no platform `{name}`"));
    terminal.refuse(match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => found.help(format!("did you mean `{near}`?")),
        None => found.help(format!("the platforms are `{}`", known.join("`, `"))),
    })
}
