//! What layers say under `platforms.NAME`: of a platform that there is, and by the schemas of the repo's own pack.

use super::environment::Environment;
use super::fault::Fault;
use super::pack_schema::{Of, is_core};
use super::repo::{Repo, app_place};
use super::stack::Stack;
use crate::source::diagnostic::Diagnostics;
use crate::source::mask;
use crate::source::node::Node;
use crate::source::span::FileId;

/// Holds every layer of every document against the packs that were read, and the names of platforms against those
/// that there are; hides what the packs say to be secret.
pub fn check(repo: &mut Repo, out: &mut Diagnostics) {
    names(repo, out);
    let mut secrets: Vec<(FileId, &Node, &str, &str)> = Vec::new();
    for (name, pack) in &repo.packs.read {
        for (of, schema) in [(Of::Environment, pack.environment), (Of::App, pack.app)] {
            let Some(schema) = schema else { continue };
            for (file, own) in layers(repo, of).filter_map(|(file, layer)| Some((file, own(layer?, name)?))) {
                schema.check_layer(of, name, own, out);
                schema.visit_secrets(of, name, own, &mut |key, node| secrets.push((file, node, key, name)));
            }
        }
    }
    let mut hidden = Vec::new();
    for (file, node, key, platform) in secrets {
        let (span, key, platform) = (node.span, key.to_string(), platform.to_string());
        out.push(Fault::SecretInPlatform { span, key, platform });
        hidden.extend(mask::of_node(&repo.files.get(file).text, node).into_iter().map(|range| (file, range)));
    }
    for (file, range) in hidden {
        repo.files.mask(file, range);
    }
}

/// Refuses what is said of platforms that aren't there: nothing would ever read it.
fn names(repo: &Repo, out: &mut Diagnostics) {
    let mut known: Vec<&str> = app_place().child("platforms").keys().to_vec();
    known.extend(repo.packs.names.iter().map(String::as_str));
    known.sort_unstable();
    known.dedup();
    let layers = repo.documents().flat_map(|document| {
        let below = ["defaults", "overrides"].into_iter().filter_map(|key| document.get(key));
        std::iter::once(&document.node).chain(below)
    });
    for (name, entry) in layers.filter_map(|layer| layer.get("platforms")?.as_map()).flatten() {
        if !known.contains(&&**name) {
            let known = known.iter().map(ToString::to_string).collect();
            out.push(Fault::UnknownPlatform { name: name.to_string(), span: entry.key, known });
        }
    }
}

/// Says what the layers of a unit lack together.
pub fn check_unit(repo: &Repo, environment: &Environment, stack: &Stack, out: &mut Diagnostics) {
    let platform = &environment.platform;
    let Some(schema) = repo.packs.get(platform).and_then(|pack| pack.app) else { return };
    let own = stack.tree.entries().filter(|(key, _)| !is_core(Of::App, platform, key));
    schema.check_whole(own, platform, repo.apps[&stack.unit.app].app.start(), out);
}

/// All layers of environments, or all of apps, and the file of each.
fn layers(repo: &Repo, of: Of) -> Box<dyn Iterator<Item = (FileId, Option<&Node>)> + '_> {
    let environments = repo.environments.values().map(|documents| &documents.environment);
    if of == Of::Environment {
        return Box::new(environments.map(|document| (document.file, Some(&document.node))));
    }
    let root = (repo.root.file, repo.root.get("defaults"));
    let shared = environments
        .flat_map(|document| ["defaults", "overrides"].map(|key| (document.file, document.get(key))));
    let apps = repo.apps.values().flat_map(|app| std::iter::once(&app.app).chain(app.environments.values()));
    let apps = apps.map(|document| (document.file, Some(&document.node)));
    Box::new(std::iter::once(root).chain(shared).chain(apps))
}

/// What a layer says for one platform alone.
fn own<'d>(layer: &'d Node, platform: &str) -> Option<&'d Node> {
    layer.get("platforms")?.get(platform)
}
