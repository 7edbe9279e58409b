//! A control repo as far as encrypting for its places needs it: who reads what.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::set::SetError;
use super::{SealError, encrypt, new_rev};
use crate::config::environment::{self, Environment};
use crate::config::name::UnitName;
use crate::config::place::Place;
use crate::config::readers::Readers;
use crate::config::recipient::RecipientSet;
use crate::config::repo::Repo;
use crate::config::selection::Selection;
use crate::config::stack::{SecretPlace, Stack};
use crate::link::secret_value::SecretValue;
use crate::source::diagnostic::Diagnostics;
use crate::source::files::Files;
use crate::source::node::Node;
use crate::source::repo_path::RepoPath;
use crate::source::world::World;

/// What stands at a place while its readers are worked out.
pub const STAND_IN: &str = "ENC[AGE,]";

/// A repo in which every place that is to be encrypted holds something, such as [`STAND_IN`].
pub struct Ground {
    repo: Repo,
    environments: BTreeMap<String, Arc<Environment>>,
    readers: Readers,
}

/// Who reads a place.
pub struct Readership {
    /// The environments.
    pub environments: Vec<String>,
    /// Their recipients.
    pub recipients: RecipientSet,
}

impl Ground {
    /// Reads a repo. `concerns` says which units could read a place that is asked for.
    pub fn read(world: &dyn World, concerns: &dyn Fn(&UnitName) -> bool) -> Result<Ground, SetError> {
        let mut out = Diagnostics::default();
        let repo = match Repo::load(world, &Selection::everything(), &mut out) {
            Ok(repo) if !out.has_errors() => repo,
            Ok(repo) => return Err(SetError::Repo(out, repo.files)),
            Err(files) => return Err(SetError::Repo(out, files)),
        };
        let environments = environment::read_all(&repo, &mut out);
        if out.has_errors() {
            return Err(SetError::Repo(out, repo.files));
        }
        let stacks: Vec<Stack> = environments
            .values()
            .flat_map(|e| environment::units(&repo, &e.name).into_iter().map(move |unit| (unit, e)))
            .filter(|(unit, _)| concerns(unit) && repo.apps.contains_key(&unit.app))
            .map(|(unit, e)| Stack::build(&repo, unit, &e.chain, &e.platform))
            .collect();
        let readers = Readers::of(&stacks);
        Ok(Ground { repo, environments, readers })
    }

    /// Who reads the place at an RFC 6901 pointer of a file.
    pub fn readers(&self, path: &RepoPath, pointer: &str) -> Readership {
        let Some(document) = self.repo.documents().find(|document| document.path == path.as_str()) else {
            return Readership { environments: Vec::new(), recipients: RecipientSet::default() };
        };
        let place = SecretPlace { file: document.file, pointer: pointer.to_owned() };
        Readership {
            environments: self.readers.environments(&place).map(ToString::to_string).collect(),
            recipients: self.readers.recipients(&place, &self.environments),
        }
    }

    /// Encrypts a value for a place.
    pub fn encrypt(
        &self,
        value: &SecretValue,
        path: &RepoPath,
        pointer: String,
        recipients: &RecipientSet,
    ) -> Result<String, SealError> {
        let place = Place {
            repo: self
                .repo
                .root
                .get("id")
                .and_then(Node::as_text)
                .map(ToString::to_string)
                .unwrap_or_default(),
            file: path.to_string(),
            path: pointer,
            recipients: recipients.hash(),
            rev: new_rev()?,
        };
        encrypt(value, &place, recipients)
    }

    /// The file whose `delivery.inline` must grow so that an environment resolves a secret of an app; `None`
    /// when it does so already.
    pub fn permission_to_add(&self, environment: &str, app: &str, secret: &str) -> Option<String> {
        let environment = self.environments.get(environment)?;
        if environment.permits_inline(app, secret) {
            return None;
        }
        // A list of its own would take the place of the one that it inherits.
        let at = environment.inline_span.unwrap_or(environment.document);
        Some(self.repo.files.get(at.file).path.clone())
    }

    /// The files that were read, for diagnostics.
    pub fn into_files(self) -> Files {
        self.repo.files
    }
}
