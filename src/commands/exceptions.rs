//! Plaintext findings under the exceptions of a repo: which remain, and `check --write-exceptions`.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use time::{Date, Duration, OffsetDateTime};

use super::remedy::Ground;
use super::{Outcome, Stream, Terminal, counted};
use crate::args::Remedies;
use crate::lint::exceptions::{Exceptions, FILE, Target, parse_day};
use crate::lint::exceptions_edit::{Review, cover};
use crate::lint::finding::Finding;
use crate::seal::write;
use crate::source::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::source::files::Files;
use crate::source::git;
use crate::source::repo_path::RepoPath;
use crate::source::work_tree::WorkTree;
use crate::source::world::{ReadError, World};

/// How long an exception counts when nobody says it.
const LIFETIME: Duration = Duration::days(365);

/// The findings that remain under the exceptions of the folder that is checked. What is wrong with those goes to `out`.
/// `is_scanned` says of an exception's target, with the path that findings have, whether its rule was run on its
/// file; a file that isn't there any more counts as scanned.
pub(super) fn review(
    ground: &Ground<'_>,
    exceptions: &Exceptions,
    findings: Vec<Finding>,
    files: &Files,
    is_scanned: &dyn Fn(&Target) -> bool,
    out: &mut Diagnostics,
) -> Vec<Finding> {
    let is_scanned = |target: &Target| {
        let is_gone = || {
            RepoPath::new(&target.file).is_ok_and(|path| ground.world.read(&path) == Err(ReadError::NotFound))
        };
        let file = format!("{}{}", ground.shown_below, target.file);
        is_scanned(&Target { file, ..target.clone() }) || is_gone()
    };
    let judged = exceptions.judge(findings, files, &ground.shown_below, today(), &is_scanned);
    out.extend(judged.found);
    judged.remaining
}

/// What a command says that doesn't scan: the exceptions that have expired, as warnings.
pub(super) fn warn(terminal: &Terminal, world: &dyn World) {
    let (mut files, mut found) = (Files::default(), Diagnostics::default());
    let exceptions = Exceptions::read(world, &mut files, &mut found);
    exceptions.expired(today(), &mut found);
    let mut warnings = Diagnostics::default();
    for diagnostic in found.sorted() {
        warnings.push(Diagnostic { severity: Severity::Warning, ..diagnostic });
    }
    terminal.report(warnings, &files, Stream::Error);
}

/// Adds an exception for every finding that remains to exceptions.yaml on disk. `Ok` is whether it was changed.
pub(super) fn write(
    terminal: &Terminal,
    ground: &Ground<'_>,
    remaining: &[Finding],
    files: &Files,
    remedies: &Remedies,
) -> Result<bool, Outcome> {
    let root = &ground.root;
    let review = Review {
        reason: &reason(terminal, remedies)?,
        owner: &owner(terminal, remedies, root)?,
        expires: last_day(terminal, remedies)?,
    };
    if remaining.is_empty() {
        terminal.note("no plaintext finding needs an exception");
        return Ok(false);
    }
    // What is checked may be an index or a commit; what is written lies on disk.
    let mut own = Files::default();
    let mut found = Diagnostics::default();
    let world = WorkTree::open(root).map_err(|error| {
        terminal
            .refuse(Diagnostic::error("unreadable-file", format!("the work tree can't be opened: {error}")))
    })?;
    let exceptions = Exceptions::read(&world, &mut own, &mut found);
    if found.has_errors() {
        terminal.report(found, &own, Stream::Error);
        return Err(Outcome::Refused);
    }
    let path = RepoPath::new(FILE).expect("a fixed name is a valid path");
    let text = world.read(&path).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let targets: Vec<Target> =
        remaining.iter().map(|finding| Target::of(finding, files, &ground.shown_below)).collect();
    let file = own.add(FILE, text.clone().unwrap_or_default());
    let (edited, written) = cover(file, text.as_deref(), &exceptions, &targets, review).map_err(|error| {
        let mut found = Diagnostics::default();
        found.push(error);
        terminal.report(found, &own, Stream::Error);
        Outcome::Refused
    })?;
    if let Err(error) = write::replace(root, &path, &edited) {
        terminal.report_one(Diagnostic::error("output-failed", error.to_string()));
        return Err(Outcome::Failed);
    }
    terminal.note(&format!(
        "{FILE}: {} added, {} renewed; each is for review",
        counted(written.added, "exception"),
        written.renewed
    ));
    Ok(true)
}

fn reason(terminal: &Terminal, remedies: &Remedies) -> Result<String, Outcome> {
    remedies.reason.clone().filter(|reason| !reason.trim().is_empty()).ok_or_else(|| {
        let found = Diagnostic::error("usage", "an exception has a reason");
        terminal.refuse(found.help("say why the values may stand there: `--reason TEXT`"))
    })
}

fn owner(terminal: &Terminal, remedies: &Remedies, root: &Path) -> Result<String, Outcome> {
    let owner = remedies.owner.clone().or_else(|| git::user(root));
    owner.filter(|owner| !owner.trim().is_empty()).ok_or_else(|| {
        let found = Diagnostic::error("usage", "an exception has an owner, and git knows no user here");
        terminal.refuse(found.help("say who answers for it: `--owner NAME`"))
    })
}

fn last_day(terminal: &Terminal, remedies: &Remedies) -> Result<Date, Outcome> {
    let Some(text) = &remedies.expires else { return Ok(today().saturating_add(LIFETIME)) };
    parse_day(text).filter(|day| *day >= today()).ok_or_else(|| {
        let found = Diagnostic::error("usage", "`--expires` takes a day that is still to come");
        terminal.refuse(found.help("write it as `2027-06-30`"))
    })
}

/// The day, in UTC. Nothing in the environment changes it: what could would revive exceptions that have
/// expired. A clock that tells no day lets all of them expire.
fn today() -> Date {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok();
    let seconds = since.and_then(|since| i64::try_from(since.as_secs()).ok());
    let now = seconds.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    now.map_or(Date::MAX, OffsetDateTime::date)
}
