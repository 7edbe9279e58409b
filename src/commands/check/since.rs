//! The check of what a branch adds, commit by commit.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use super::stored::{self, Stored};
use super::words::{self, Place, Scope};
use super::{Checked, finish, scan};
use crate::args::CheckArguments;
use crate::commands::remedy::Ground;
use crate::commands::{Outcome, Terminal};
use crate::lint::finding::{Finding, Fingerprint};
use crate::lint::scan::{Options, decode};
use crate::source::git::changes::{self, Change, History, Side};
use crate::source::git::commits;
use crate::source::git::fault::GitFault;
use crate::source::git::objects::ObjectId;
use crate::source::git::repository::Repository;
use crate::source::git::tree::Tree;
use crate::source::revision::{self, Revision};
use crate::source::world::ReadError;

/// HEAD, and the way to it from another commit.
struct Branch {
    head: Revision,
    /// What HEAD and the last commit that both have in common differ in.
    changes: Vec<Change>,
    history: History,
}

/// What a file holds: its path in the repo, its object.
type State = (String, ObjectId);

/// What tells a value from others, wherever it stands.
type Value = (&'static str, Fingerprint);

/// A finding that a commit added.
struct Added<'a> {
    commit: &'a ObjectId,
    state: State,
    finding: Finding,
}

/// Checks the units of HEAD that the branch's changes reach, and scans what each of its commits added, gone
/// since or not.
pub(super) fn check(terminal: &Terminal, arguments: &CheckArguments, base: &str) -> Outcome {
    let branch = match open(terminal, base) {
        Ok(branch) => branch,
        Err(fault) => return terminal.refuse(fault.into()),
    };
    let tree = &branch.head.tree;
    let stored = Stored {
        tree,
        folder: &branch.head.folder,
        is_control_repo: branch.head.is_control_repo,
        changes: &branch.changes,
    };
    let mut checked = Checked::default();
    let (paths, compiled) = match stored.compile(terminal, &arguments.targets, &mut checked) {
        Ok(compiled) => compiled,
        Err(outcome) => return outcome,
    };
    let options = Options { entropy: arguments.entropy };
    let found = scan_states(tree, &branch.history, &paths, &options, &mut checked);
    let added = added(tree, &branch.history, &found);
    let candidates = stored.changed_files(&paths);
    let read = |id: &ObjectId| stored::text(tree, id);
    let files = scan::files(&compiled.documents, &candidates, read, &options, &mut checked);
    let present: HashSet<Value> = checked.in_the_clear.iter().map(value).collect();
    if !stored.has_other_exceptions() {
        let values: HashSet<Value> = added.iter().map(|added| value(&added.finding)).collect();
        checked.in_the_clear.retain(|finding| values.contains(&value(finding)));
        // Without all findings of a file nobody knows which of its exceptions are stale.
        checked.scanned.clear();
    }
    report_gone(
        tree,
        added.into_iter().filter(|added| !present.contains(&value(&added.finding))),
        &mut checked,
    );
    let units = branch.head.is_control_repo.then_some(compiled.units);
    let ground = Ground::of(branch.head.folder.clone(), tree, branch.head.is_control_repo);
    finish(
        terminal,
        arguments,
        &ground,
        checked,
        &paths,
        &Scope { units, files, place: Place::Commits(branch.history.len()) },
    )
}

fn open(terminal: &Terminal, base: &str) -> Result<Branch, GitFault> {
    let repo = terminal.global.repo.as_deref();
    let repository = Repository::handed(repo)?;
    let head = revision::open(&repository, "HEAD", repo)?;
    let commit = commits::resolve(&repository, base)?;
    let common = commits::merge_base(&repository, &commit, &head.commit)?;
    let common = common.ok_or_else(|| GitFault::NothingInCommon(base.to_string()))?;
    let changes = changes::between(&repository, &common, &head.commit)?;
    let history = commits::added(&repository, &commit, &head.commit)?;
    Ok(Branch { head, changes, history })
}

/// Scans every state of every file that the history names, each once.
fn scan_states(
    tree: &Tree,
    history: &History,
    paths: &[PathBuf],
    options: &Options,
    checked: &mut Checked,
) -> HashMap<State, Vec<Finding>> {
    let changes = history.iter().flat_map(|(_, changes)| changes);
    let states: BTreeSet<State> = changes.flat_map(|change| states(tree, change)).collect();
    let is_wanted =
        |(path, _): &State| paths.is_empty() || paths.iter().any(|p| Path::new(path).starts_with(p));
    let states: Vec<State> = states.into_iter().filter(is_wanted).collect();
    let scanned: Vec<Result<Vec<Finding>, ReadError>> = states
        .par_iter()
        .map(|(path, id)| {
            let scanned = stored::text(tree, id)?.and_then(|bytes| scan::of_text(path, &bytes, options));
            Ok(scanned.map(|(_, findings)| findings).unwrap_or_default())
        })
        .collect();
    let mut found = HashMap::new();
    for (state, scanned) in states.into_iter().zip(scanned) {
        match scanned {
            Ok(findings) => {
                found.insert(state, findings);
            }
            Err(error) => checked.found.push(words::not_scanned(&state.0, error)),
        }
    }
    found
}

/// The files that a change names, before and after.
fn states(tree: &Tree, change: &Change) -> Vec<State> {
    let before = change.before.iter().filter_map(|side| before(tree, change, side));
    before.chain(after(tree, change)).collect()
}

fn before(tree: &Tree, change: &Change, side: &Side) -> Option<State> {
    state(tree, change.from.as_ref().unwrap_or(&change.path), side)
}

fn after(tree: &Tree, change: &Change) -> Option<State> {
    state(tree, &change.path, &change.after)
}

fn state(tree: &Tree, path: &[u8], side: &Side) -> Option<State> {
    Some((String::from_utf8_lossy(tree.below(path)?).into_owned(), side.file()?.clone()))
}

/// The findings that a commit has and none of its parents has as often, the first one of each value in a file.
fn added<'a>(tree: &Tree, history: &'a History, found: &HashMap<State, Vec<Finding>>) -> Vec<Added<'a>> {
    let mut seen: HashSet<(String, Value)> = HashSet::new();
    let mut added = Vec::new();
    for (commit, change) in
        history.iter().flat_map(|(commit, changes)| changes.iter().map(move |c| (commit, c)))
    {
        let Some(state) = after(tree, change) else { continue };
        let Some(findings) = found.get(&state) else { continue };
        let mut known: HashMap<Value, usize> = HashMap::new();
        for parent in change.before.iter().filter_map(|side| found.get(&before(tree, change, side)?)) {
            for (value, count) in counted(parent) {
                let most = known.entry(value).or_default();
                *most = count.max(*most);
            }
        }
        for finding in findings {
            match known.get_mut(&value(finding)) {
                Some(count) if *count > 0 => *count -= 1,
                _ => {
                    if seen.insert((state.0.clone(), value(finding))) {
                        added.push(Added { commit, state: state.clone(), finding: finding.clone() });
                    }
                }
            }
        }
    }
    added
}

fn counted(findings: &[Finding]) -> HashMap<Value, usize> {
    let mut counts = HashMap::new();
    findings.iter().for_each(|finding| *counts.entry(value(finding)).or_default() += 1);
    counts
}

fn value(finding: &Finding) -> Value {
    (finding.rule, finding.fingerprint.clone())
}

/// Adds findings that HEAD doesn't have any more, in the files as their commits have them.
fn report_gone<'a>(tree: &Tree, gone: impl Iterator<Item = Added<'a>>, checked: &mut Checked) {
    let mut files: BTreeMap<(&ObjectId, State), Vec<Finding>> = BTreeMap::new();
    for Added { commit, state, finding } in gone {
        files.entry((commit, state)).or_default().push(finding);
    }
    for ((commit, (path, id)), findings) in files {
        match tree.content(&id) {
            Ok(bytes) => {
                let text = decode(&bytes).map(Cow::into_owned).unwrap_or_default();
                let file = scan::add(checked, &path, text, findings);
                checked.commits.insert(file, commit.clone());
            }
            Err(error) => checked.found.push(words::not_scanned(&path, error)),
        }
    }
}
