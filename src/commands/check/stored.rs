//! A control repo, or any repository, as git has it: what a change reaches in it, and its files.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::compile::{Compiled, compile};
use super::scan::Candidate;
use super::{Checked, selection, targets};
use crate::commands::{Outcome, Stream, Terminal, no_control_repo};
use crate::config::affected::{Affected, Part, read};
use crate::config::selection::Selection;
use crate::source::git::changes::{Change, Side};
use crate::source::git::entries::ItemKind;
use crate::source::git::objects::ObjectId;
use crate::source::git::tree::Tree;
use crate::source::text::is_binary;
use crate::source::world::ReadError;

/// An index or a commit that is checked.
pub(super) struct Stored<'a> {
    /// Its files.
    pub tree: &'a Tree,
    /// Where they lie on disk.
    pub folder: &'a PathBuf,
    /// Whether they are those of a control repo.
    pub is_control_repo: bool,
    /// What changed.
    pub changes: &'a [Change],
}

impl Stored<'_> {
    /// The paths to which `wanted` limits a run, and its units, compiled as far as the change reaches them.
    pub(super) fn compile(
        &self,
        terminal: &Terminal,
        wanted: &[String],
        checked: &mut Checked,
    ) -> Result<(Vec<PathBuf>, Compiled), Outcome> {
        let wanted = targets(self.folder, wanted).and_then(|(units, paths)| Ok((selection(&units)?, paths)));
        let (selection, paths) = wanted.map_err(|bad| terminal.refuse(*bad))?;
        if !self.is_control_repo {
            if !selection.is_everything() {
                return Err(terminal.refuse(no_control_repo()));
            }
            return Ok((paths, Compiled::default()));
        }
        let affected = self.affected();
        if affected.is_nothing() {
            return Ok((paths, Compiled::default()));
        }
        let selection: Selection = selection.among(affected);
        match compile(self.tree, &selection, checked) {
            Ok(compiled) => Ok((paths, compiled)),
            Err((usage, files)) => {
                terminal.report(usage, &files, Stream::Error);
                Err(Outcome::Refused)
            }
        }
    }

    /// The changed files, below `paths` if there are any: all files if the exceptions for them changed.
    pub(super) fn changed_files(&self, paths: &[PathBuf]) -> Vec<Candidate<ObjectId>> {
        let mut files: Vec<Candidate<ObjectId>> = if self.has_other_exceptions() {
            let files = self.tree.entries().filter(|(entry, _)| entry.kind == ItemKind::File);
            files.map(|(entry, path)| candidate(path, &entry.id())).collect()
        } else {
            let changed = self.changes.iter();
            let file =
                |change: &Change| Some(candidate(self.tree.below(&change.path)?, change.after.file()?));
            changed.filter_map(file).collect()
        };
        files.retain(|file| {
            paths.is_empty() || paths.iter().any(|path| PathBuf::from(&file.path).starts_with(path))
        });
        files
    }

    /// Whether the exceptions changed, so that any file may have a finding that it hadn't.
    pub(super) fn has_other_exceptions(&self) -> bool {
        let mut paths = self.changes.iter().filter_map(|change| self.tree.below(&change.path));
        self.is_control_repo && paths.any(|path| part(path) == Part::Exceptions)
    }

    /// What the change reaches.
    fn affected(&self) -> Affected {
        let mut affected = Affected::nothing();
        let mut paths: BTreeSet<Vec<u8>> = BTreeSet::new();
        for change in self.changes {
            let Some(path) = self.tree.below(&change.path) else { continue };
            paths.insert(path.to_vec());
            match part(path) {
                Part::Versions(environment) if self.add_versions(environment, change, &mut affected) => {}
                _ => affected.add(&String::from_utf8_lossy(path)),
            }
        }
        for link in self.changed_links(paths) {
            affected.add(&String::from_utf8_lossy(&link));
        }
        affected.add_extending(self.tree);
        affected
    }

    /// Adds what a changed versions.yaml reaches, if both of its states can be read.
    fn add_versions(&self, environment: &str, change: &Change, affected: &mut Affected) -> bool {
        let document = |side: &Side| {
            let bytes = self.tree.content(side.file()?).ok()?;
            read("versions.yaml", &bytes)?.into_iter().next()
        };
        let Some((before, after)) = change.before.first().and_then(document).zip(document(&change.after))
        else {
            return false;
        };
        affected.add_versions(environment, &before, &after);
        true
    }

    /// The links that lead to one of `paths` or to what it lies in, over other links too.
    fn changed_links(&self, mut paths: BTreeSet<Vec<u8>>) -> Vec<Vec<u8>> {
        let mut links = self.tree.links();
        let mut changed = Vec::new();
        loop {
            let (reached, rest): (Vec<_>, Vec<_>) = links.into_iter().partition(|(_, target)| {
                let folder = [target.as_slice(), b"/"].concat();
                let below =
                    paths.range(folder.clone()..).next().is_some_and(|path| path.starts_with(&folder));
                below || paths.contains(target) || folders(target).any(|folder| paths.contains(folder))
            });
            if reached.is_empty() {
                return changed;
            }
            paths.extend(reached.iter().map(|(link, _)| link.clone()));
            changed.extend(reached.into_iter().map(|(link, _)| link));
            links = rest;
        }
    }
}

/// The folders that a path lies in.
fn folders(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| &path[..at])
}

/// The content of a file, `None` if it is no text.
pub(super) fn text(tree: &Tree, id: &ObjectId) -> Result<Option<Vec<u8>>, ReadError> {
    tree.content(id).map(|bytes| Some(bytes).filter(|bytes| !is_binary(bytes)))
}

fn candidate(path: &[u8], id: &ObjectId) -> Candidate<ObjectId> {
    Candidate { path: String::from_utf8_lossy(path).into_owned(), at: id.clone() }
}

fn part(path: &[u8]) -> Part<'_> {
    std::str::from_utf8(path).map_or(Part::Other, Part::of)
}
