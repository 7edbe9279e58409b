//! The compile of a check: parse to validate, with the documents kept for the plaintext rules.

use std::collections::HashMap;

use super::Checked;
use crate::config::environment;
use crate::config::repo::{Document, Repo};
use crate::config::selection::Selection;
use crate::pipeline;
use crate::source::diagnostic::Diagnostics;
use crate::source::files::Files;
use crate::source::world::World;

/// What compiling has left.
#[derive(Default)]
pub(super) struct Compiled {
    /// The documents that could be read, by path; their files are those of the run.
    pub documents: HashMap<String, Document>,
    /// How many units were looked at.
    pub units: usize,
}

/// Compiles the selected units into an empty run. `Err` when a pattern of the selection means nothing.
pub(super) fn compile(
    world: &dyn World,
    selection: &Selection,
    checked: &mut Checked,
) -> Result<Compiled, (Diagnostics, Files)> {
    let out = &mut checked.found;
    let repo = match Repo::load(world, selection, out) {
        Ok(repo) => repo,
        Err(files) => {
            checked.files = files;
            return Ok(Compiled::default());
        }
    };
    if out.has_errors() {
        // Not compiled, but no less looked at.
        let units = repo.environments.keys().flat_map(|name| environment::units(&repo, name));
        let units = units.filter(|unit| selection.contains(unit)).count();
        return Ok(keep(repo, units, checked));
    }
    let mut layers = pipeline::layer(repo, out);
    let mut usage = Diagnostics::default();
    let units = pipeline::select(&layers, selection, &mut usage).len();
    if !usage.is_empty() {
        return Err((usage, layers.repo.files));
    }
    pipeline::compile(&mut layers, selection, out);
    Ok(keep(layers.repo, units, checked))
}

fn keep(repo: Repo, units: usize, checked: &mut Checked) -> Compiled {
    checked.files = repo.files;
    let environments = repo.environments.into_values().flat_map(|e| [Some(e.environment), e.versions]);
    let apps =
        repo.apps.into_values().flat_map(|app| [app.app].into_iter().chain(app.environments.into_values()));
    let documents = [repo.root].into_iter().chain(environments.flatten()).chain(apps);
    Compiled { documents: documents.map(|document| (document.path.clone(), document)).collect(), units }
}
