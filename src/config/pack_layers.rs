//! What layers say under `platforms.NAME`: of a platform that there is, and by the schemas of the repo's own pack.

use super::environment::Environment;
use super::fault::Fault;
use super::pack_schema::{Of, PackSchema, is_core};
use super::repo::{Repo, app_place};
use super::stack::Stack;
use crate::source::diagnostic::Diagnostics;
use crate::source::node::Node;

/// Holds every layer of every document against the packs that were read, and the names of platforms against those
/// that there are.
pub fn check(repo: &Repo, out: &mut Diagnostics) {
    let environments = || repo.environments.values().map(|documents| &documents.environment);
    names(repo, out);
    for (name, pack) in &repo.packs.read {
        if let Some(schema) = pack.environment {
            for document in environments() {
                layer(schema, Of::Environment, name, Some(&document.node), out);
            }
        }
        let Some(schema) = pack.app else { continue };
        layer(schema, Of::App, name, repo.root.get("defaults"), out);
        for document in environments() {
            for key in ["defaults", "overrides"] {
                layer(schema, Of::App, name, document.get(key), out);
            }
        }
        for app in repo.apps.values() {
            for document in std::iter::once(&app.app).chain(app.environments.values()) {
                layer(schema, Of::App, name, Some(&document.node), out);
            }
        }
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

fn layer(schema: PackSchema, of: Of, platform: &str, layer: Option<&Node>, out: &mut Diagnostics) {
    let own = layer.and_then(|layer| layer.get("platforms")).and_then(|platforms| platforms.get(platform));
    if let Some(own) = own {
        schema.check_layer(of, platform, own, out);
    }
}
