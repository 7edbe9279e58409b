//! What a command was asked about: the repo, read and layered, and the units of it that were named.

use std::path::PathBuf;

use super::{Outcome, Stream, Terminal};
use crate::config::name::UnitName;
use crate::config::selection::Selection;
use crate::pipeline::{self, Layers};
use crate::source::diagnostic::{Diagnostic, Diagnostics};
use crate::source::work_tree::WorkTree;

/// A repo of which units were named. What was found so far is in `out`, and still to be reported.
pub(super) struct Selected {
    pub(super) root: PathBuf,
    pub(super) world: WorkTree,
    pub(super) selection: Selection,
    pub(super) layers: Layers,
    /// The units that were named, in the order of their versions.yaml.
    pub(super) units: Vec<UnitName>,
    pub(super) out: Diagnostics,
}

/// Reads the repo for the units that patterns name. A repo that can't be read, and a pattern that is none, is
/// reported here.
pub(super) fn read<S: AsRef<str>>(terminal: &Terminal, patterns: &[S]) -> Result<Selected, Outcome> {
    let selection = Selection::parse(patterns)
        .map_err(|bad| terminal.refuse(Diagnostic::error("usage", bad.to_string())))?;
    let (root, world) = terminal.world()?;
    let mut out = Diagnostics::default();
    match pipeline::read(&world, &selection, &mut out) {
        Ok(layers) => {
            let units = pipeline::select(&layers, &selection, &mut out);
            Ok(Selected { root, world, selection, layers, units, out })
        }
        Err(files) => {
            terminal.report(out, &files, Stream::Error);
            Err(Outcome::Refused)
        }
    }
}
