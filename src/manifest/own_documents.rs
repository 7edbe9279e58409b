//! Documents of one's own: the templates of the repo beside those of a pack, compiled once for all units.
//!
//! A template sees the files of its own folder and the pack's library, and nothing else: a name that
//! leads anywhere else is the name of no template.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::artifact::{Artifact, Form, OutputFile};
use super::decisions::{self, Source};
use super::fault::Fault;
use super::pack::{Pack, PackDocument, known_platforms};
use crate::config::environment::Environment;
use crate::config::manifests::Manifest;
use crate::config::repo::Repo;
use crate::source::diagnostic::Diagnostics;
use crate::source::files::Files;
use crate::source::span::Span;

/// The file of a pack whose macros the repo's templates may use too.
pub(super) const LIBRARY: &str = "lib.yaml";

/// What the repo adds to a pack: the documents of apps and of environments.
#[derive(Debug, Default)]
pub struct OwnDocuments {
    apps: HashMap<String, Vec<PackDocument>>,
    environments: HashMap<String, Vec<PackDocument>>,
}

impl OwnDocuments {
    /// Those of an app, made once a unit.
    pub fn of_app(&self, app: &str) -> &[PackDocument] {
        self.apps.get(app).map_or(&[], Vec::as_slice)
    }

    /// Those of an environment, made once.
    pub fn of_environment(&self, environment: &str) -> &[PackDocument] {
        self.environments.get(environment).map_or(&[], Vec::as_slice)
    }
}

impl Pack {
    /// Adds the documents of these apps and environments. An environment has those of what it extends too,
    /// the base's first; of two with one file name the later one counts. What is wrong is in `out`.
    pub fn add_own<'a>(
        &mut self,
        repo: &Repo,
        apps: impl IntoIterator<Item = &'a str>,
        environments: impl IntoIterator<Item = &'a Environment>,
        out: &mut Diagnostics,
    ) {
        for app in apps {
            let Some(documents) = repo.apps.get(app) else { continue };
            if self.own.apps.contains_key(app) {
                continue;
            }
            let templates = documents.manifests.of(&self.name);
            self.add_folder(templates, &repo.files, out);
            let own = templates.iter().filter(|m| !m.is_partial()).map(|m| self.own_document(m)).collect();
            self.own.apps.insert(app.to_string(), own);
        }
        for environment in environments {
            let mut own: Vec<&Manifest> = Vec::new();
            for name in &environment.chain {
                let Some(documents) = repo.environments.get(name) else { continue };
                let templates = documents.manifests.of(&self.name);
                if templates.first().is_some_and(|first| self.file(&first.path).is_none()) {
                    self.add_folder(templates, &repo.files, out);
                }
                for template in templates.iter().filter(|template| !template.is_partial()) {
                    own.retain(|earlier| earlier.name != template.name);
                    own.push(template);
                }
            }
            let own = own.into_iter().map(|manifest| self.own_document(manifest)).collect();
            self.own.environments.insert(environment.name.clone(), own);
        }
    }

    /// A template of the repo.
    fn own_document(&self, template: &Manifest) -> PackDocument {
        PackDocument {
            template: template.path.as_str().into(),
            per_environment: false,
            when: None,
            artifact: self.own_artifact(stem(&template.name)),
            named: Span::new(template.file, 0, 0),
            span: Span::new(template.file, 0, 0),
        }
    }

    /// What documents of the repo are, by the name of their template without its end: if a file of the pack has
    /// that name, what stands in that file. Else, where the pack names all of its files, a file of that name and
    /// that kind.
    fn own_artifact(&self, name: &str) -> Arc<Artifact> {
        let files = || self.documents.iter().map(|row| row.artifact.file.as_ref());
        let is_called = |row: &&PackDocument| {
            row.artifact
                .file
                .as_ref()
                .is_some_and(|file| file.form != Form::Texts && stem(&file.name) == name)
        };
        if let Some(row) = self.documents.iter().find(is_called) {
            return row.artifact.clone();
        }
        if files().any(|file| file.is_none()) {
            return Arc::default();
        }
        let is_json = files().flatten().any(|file| file.form == Form::Own && file.name.ends_with(".json"));
        let file = format!("{name}.{}", if is_json { "json" } else { "yaml" });
        let file = OutputFile { name: file.into(), form: Form::Own };
        Arc::new(Artifact { kind: Some(name.into()), file: Some(file), schema: None })
    }

    /// Compiles the templates of one folder and follows them together with the library that they may use.
    fn add_folder(&mut self, templates: &[Manifest], files: &Files, out: &mut Diagnostics) {
        if templates.is_empty() {
            return;
        }
        let text = |file| &*files.get(file).text;
        let mut is_whole = true;
        for Manifest { name, path, file } in templates {
            if name == LIBRARY {
                out.push(Fault::LibraryName { span: Span::new(*file, 0, 0) });
                is_whole = false;
                continue;
            }
            is_whole &= self.add_template(path, *file, text(*file), out).is_some();
        }
        if is_whole {
            let library = self.file(LIBRARY).map(|file| (LIBRARY, file));
            let own = templates.iter().map(|m| (m.path.as_str(), m.file));
            let sources: Vec<Source<'_>> =
                library.into_iter().chain(own).map(|(name, file)| (name, file, text(file))).collect();
            decisions::check(&sources, &[], self.engine.syntax(), out);
        }
    }
}

/// The name of a file without its end.
fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Says which folders below `manifests/` are for no platform.
pub fn check_platforms(repo: &Repo, out: &mut Diagnostics) {
    let apps = repo.apps.iter().map(|(name, app)| ("apps", name, &app.manifests));
    let environments = repo.environments.iter().map(|(name, e)| ("environments", name, &e.manifests));
    for (above, owner, manifests) in apps.chain(environments) {
        for name in manifests.platforms().filter(|name| !known_platforms(repo).any(|known| known == *name)) {
            out.push(Fault::FolderWithoutPlatform {
                path: format!("{above}/{owner}/manifests/{name}"),
                name: name.to_string(),
                known: known_platforms(repo).map(ToString::to_string).collect(),
            });
        }
    }
}

/// The template that a template means by a name: one of its own folder, or the library of its pack, whose name
/// is the same everywhere. Templates of the repo alone have a slash in their names.
pub(super) fn joined<'s>(name: &'s str, parent: &'s str) -> Cow<'s, str> {
    match parent.rsplit_once('/') {
        // A pack doesn't reach into the folders of apps and environments.
        None if name.contains('/') => format!("{parent}/{name}").into(),
        None => name.into(),
        Some(_) if name == LIBRARY => name.into(),
        // With a slash it could be the name of another folder's template; with this before it, it is no
        // template's, since none lies below another.
        Some(_) if name.contains('/') => format!("{parent}/{name}").into(),
        Some((folder, _)) => format!("{folder}/{name}").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn a_name_stays_in_its_folder() {
        let parent = "apps/web/manifests/kubernetes/a.yaml";
        assert_eq!(joined("_b.yaml", parent), "apps/web/manifests/kubernetes/_b.yaml");
        assert_eq!(joined("lib.yaml", parent), "lib.yaml");
        assert_eq!(joined("service.yaml", parent), "apps/web/manifests/kubernetes/service.yaml");
        for name in ["../x.yaml", "apps/api/manifests/kubernetes/x.yaml", "/etc/passwd", "./_b.yaml"] {
            assert_eq!(joined(name, parent), format!("{parent}/{name}"));
        }
        assert_eq!(joined("service.yaml", "deployment.yaml"), "service.yaml");
        assert_eq!(joined(parent, "deployment.yaml"), format!("deployment.yaml/{parent}"));
    }
}
