//! Plaintext findings under the exceptions of a repo: which remain, and `check --write-exceptions`.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use time::{Date, Duration, OffsetDateTime};

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
use crate::source::world::{ReadError, World};

/// How long an exception counts when nobody says it.
const LIFETIME: Duration = Duration::days(365);

/// The findings that remain under the exceptions of a repo.
pub(super) struct Reviewed {
    /// Those that no exception covers.
    pub(super) remaining: Vec<Finding>,
    exceptions: Exceptions,
}

/// Hides the value of every finding in all of `files`, and holds the findings against exceptions.yaml of
/// `world`. What is wrong with the exceptions goes to `out`. `is_scanned` says of an exception's target whether
/// its rule was run on its file; it is true as well for a file that isn't there any more.
pub(super) fn review(
    world: &dyn World,
    findings: Vec<Finding>,
    files: &mut Files,
    is_scanned: &dyn Fn(&Target) -> bool,
    out: &mut Diagnostics,
) -> Reviewed {
    files.conceal(findings.iter().map(|finding| finding.span));
    let exceptions = Exceptions::read(world, files, out);
    let judged = exceptions.judge(findings, files, today(), is_scanned);
    out.extend(judged.found);
    Reviewed { remaining: judged.remaining, exceptions }
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

/// Adds an exception for every finding that remains to exceptions.yaml beneath `root`, whose files `world` are.
pub(super) fn write(
    terminal: &Terminal,
    root: &Path,
    world: &dyn World,
    reviewed: &Reviewed,
    files: &Files,
    remedies: &Remedies,
) -> Outcome {
    let reason = remedies.reason.as_deref().unwrap_or_default();
    if reason.trim().is_empty() {
        let found = Diagnostic::error("usage", "an exception has a reason");
        return terminal.refuse(found.help("say why the values may stand there: `--reason TEXT`"));
    }
    let Some(owner) = remedies.owner.clone().or_else(|| git::user(root)).filter(|o| !o.trim().is_empty())
    else {
        let found = Diagnostic::error("usage", "an exception has an owner, and git knows no user here");
        return terminal.refuse(found.help("say who answers for it: `--owner NAME`"));
    };
    let expires = match &remedies.expires {
        None => today().saturating_add(LIFETIME),
        Some(text) => match parse_day(text).filter(|day| *day >= today()) {
            Some(day) => day,
            None => {
                let found = Diagnostic::error("usage", "`--expires` takes a day that is still to come");
                return terminal.refuse(found.help("write it as `2027-06-30`"));
            }
        },
    };
    if reviewed.remaining.is_empty() {
        terminal.note("no plaintext finding needs an exception");
        return Outcome::Done;
    }
    let path = RepoPath::new(FILE).expect("a fixed name is a valid path");
    let text = match world.read(&path).map(String::from_utf8) {
        Ok(Ok(text)) => Some(text),
        Err(ReadError::NotFound) => None,
        Ok(Err(_)) => return terminal.refuse(Diagnostic::error("not-utf8", format!("`{FILE}` isn't UTF-8"))),
        Err(error) => {
            let found = Diagnostic::error("unreadable-file", format!("`{FILE}` can't be read: {error}"));
            return terminal.refuse(found);
        }
    };
    let targets: Vec<Target> = reviewed.remaining.iter().map(|finding| Target::of(finding, files)).collect();
    let review = Review { reason, owner: &owner, expires };
    let mut own = Files::default();
    let file = own.add(FILE, text.clone().unwrap_or_default());
    let (edited, written) = match cover(file, text.as_deref(), &reviewed.exceptions, &targets, review) {
        Ok(edited) => edited,
        Err(error) => {
            let mut found = Diagnostics::default();
            found.push(error);
            terminal.report(found, &own, Stream::Error);
            return Outcome::Refused;
        }
    };
    if let Err(error) = write::replace(root, &path, &edited) {
        terminal.report_one(Diagnostic::error("output-failed", error.to_string()));
        return Outcome::Failed;
    }
    terminal.note(&format!(
        "wrote {} to {FILE}, and renewed {}; each is for review",
        counted(written.added, "exception"),
        counted(written.renewed, "one"),
    ));
    Outcome::Done
}

/// The day, in UTC. Nothing in the environment changes it: what could would revive exceptions that have
/// expired. A clock that tells no day lets all of them expire.
fn today() -> Date {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok();
    let seconds = since.and_then(|since| i64::try_from(since.as_secs()).ok());
    let now = seconds.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    now.map_or(Date::MAX, OffsetDateTime::date)
}
