//! The phases in order: the one place that knows them all.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsString;
use std::sync::Arc;

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use crate::config::check::{Config, check};
use crate::config::dependencies;
use crate::config::environment::{self, Environment};
use crate::config::fault::Fault;
use crate::config::ingress;
use crate::config::name::UnitName;
use crate::config::readers::{self, Readers};
use crate::config::repo::Repo;
use crate::config::selection::Selection;
use crate::config::site::{self, Sites};
use crate::config::stack::Stack;
use crate::config::waves::Turns;
use crate::link::connected::{Connected, Progress, Stores};
use crate::link::decrypt::Decrypt;
use crate::link::identity::{Identities, IdentitySources};
use crate::link::linked::Linked;
use crate::link::plan::Plan;
use crate::link::store::Surroundings;
use crate::link::verified::Checked;
use crate::link::{fault, linker, verified};
use crate::manifest::delivery::{self, Deliveries};
use crate::manifest::literals::{self, Made};
use crate::manifest::pack::Pack;
use crate::manifest::patch::{self, Use};
use crate::manifest::render::Templates;
use crate::manifest::sink::Sink;
use crate::manifest::taint::{Sealed, seal};
use crate::manifest::validate::{Cache, Scope, validate};
use crate::manifest::view::View;
use crate::manifest::{lacks, own_documents, render};
use crate::source::diagnostic::Diagnostics;
use crate::source::files::Files;
use crate::source::node::Node;
use crate::source::world::World;

/// A repo whose documents and layers are known.
pub struct Layers {
    /// The documents.
    pub repo: Repo,
    /// The environments.
    pub environments: BTreeMap<String, Arc<Environment>>,
    /// The layers of every unit whose app was read.
    pub stacks: Vec<Stack>,
    /// Every place at which a secret is declared.
    pub sites: Sites,
    /// Who reads each of these places.
    pub readers: Readers,
}

/// The documents of the selected units, sealed; nothing but linking is left to do.
pub struct Compiled {
    /// The documents: those of each environment first, then those of its units in the order of their turns.
    pub sealed: Vec<Sealed>,
    /// The units.
    pub units: Vec<UnitName>,
}

/// Reads a repo: parse, layer. `Err` has the files for the diagnostics in `out`.
pub fn read(world: &dyn World, selection: &Selection, out: &mut Diagnostics) -> Result<Layers, Files> {
    let repo = Repo::load(world, selection, out)?;
    if out.has_errors() {
        return Err(repo.files);
    }
    Ok(layer(repo, out))
}

/// Layers a repo that was read without an error.
pub fn layer(repo: Repo, out: &mut Diagnostics) -> Layers {
    let environments = environment::read_all(&repo, out);
    let stacks = stacks(&repo, &environments);
    let sites = site::read_all(&repo, out);
    let readers = Readers::of(&stacks);
    Layers { repo, environments, stacks, sites, readers }
}

/// The configs of the selected units, for what asks about them without making documents. With errors in `out`
/// some are missing.
pub fn declared(layers: &Layers, selection: &Selection, out: &mut Diagnostics) -> Vec<Arc<Config>> {
    unknown_apps(layers, selection, out);
    let turns = Turns::of(&layers.repo, &layers.stacks, selection, out);
    configs(layers, selection, &turns, out)
}

/// What units come to, by themselves.
#[derive(Default)]
pub struct Alone {
    /// The documents of those that come to some.
    pub sealed: Vec<Sealed>,
    /// How each of their secrets reaches them, as far as that is permitted.
    pub deliveries: HashMap<UnitName, Deliveries>,
}

/// What units come to without anything around them. Why one doesn't come to documents, [`compile`] says.
pub fn alone(layers: &mut Layers, configs: &[Arc<Config>]) -> Alone {
    let mut unsaid = Diagnostics::default();
    let Alone { mut sealed, mut deliveries } = Alone::default();
    let Some(packs) = packs(layers, configs, &mut unsaid) else { return Alone::default() };
    for environment in layers.environments.values() {
        let Some(pack) = packs.get(&environment.platform) else { continue };
        let units: Vec<&Arc<Config>> =
            configs.iter().filter(|config| config.unit.environment == environment.name).collect();
        let ways = units.iter().map(|unit| (unit.unit.clone(), delivery::decide(unit, pack, &mut unsaid)));
        deliveries.extend(ways);
        seal_units(&units, pack, &layers.repo.files, &mut sealed, &mut unsaid);
    }
    Alone { sealed, deliveries }
}

/// Whether everything that units point to exists, found out without values where the stores have a way. What is
/// missing, and what couldn't be asked, is in `out` too. The identities of `sources` are read only when there is
/// a use for one.
pub fn verify<'p>(
    plan: &'p Plan<'_>,
    world: &dyn World,
    sources: &IdentitySources,
    variables: &dyn Fn(&str) -> Option<OsString>,
    watch: &dyn Fn(Progress),
    out: &mut Diagnostics,
) -> Vec<Checked<'p>> {
    let none = IdentitySources::default();
    let identities = match Identities::load(if plan.needs_identities() { sources } else { &none }) {
        Ok(identities) => identities,
        Err(error) => {
            out.push(fault::Fault::Identity(error));
            return Vec::new();
        }
    };
    let surroundings = Surroundings { world, identities: &identities, variables };
    verified::verify(plan, &Connected { surroundings, watch }, out)
}

/// Who reads what is encrypted, held against whom it is encrypted for.
pub fn check_readers(layers: &Layers, out: &mut Diagnostics) {
    readers::check(&layers.repo, &layers.environments, &layers.sites, &layers.readers, out);
}

/// Compiles the selected units: check, render, taint, validate. `None` when there are errors in `out`.
pub fn compile(layers: &mut Layers, selection: &Selection, out: &mut Diagnostics) -> Option<Compiled> {
    check_readers(layers, out);
    let configs = declared(layers, selection, out);
    ingress::check_routes(&configs, out);
    if out.has_errors() {
        return None;
    }
    let packs = packs(layers, &configs, out)?;
    let (mut sealed, mut uses) = (Vec::new(), Vec::new());
    let cache = Cache::default();
    for environment in layers.environments.values() {
        // An environment in which nothing runs has no pack and makes nothing.
        let Some(pack) = packs.get(&environment.platform) else { continue };
        let mut units: Vec<&Arc<Config>> =
            configs.iter().filter(|config| config.unit.environment == environment.name).collect();
        units.sort_by_key(|config| config.turn);
        let first = sealed.len();
        let whole = selection.takes_whole(&environment.name);
        if whole && !units.is_empty() {
            let view = View::of_environment(environment);
            let mut documents = render::render(&Templates::of(pack, true), &view, out);
            let own = pack.own.of_environment(&environment.name);
            documents.extend(render::render_own(pack, own, &view, out));
            let all = UnitName { environment: environment.name.clone(), app: literals::EVERY_APP.into() };
            let files = &layers.repo.files;
            literals::check(&documents, &Made { unit: &all, environment, files, pack, view: &view }, out);
            sealed.extend(seal(None, documents, pack, &view, out));
        }
        let errors = out.error_count();
        uses.extend(seal_units(&units, pack, &layers.repo.files, &mut sealed, out));
        let complete = whole && out.error_count() == errors;
        let repo = &layers.repo;
        let sealed = &sealed[first..];
        validate(&Scope { environment, pack, repo, sealed, complete, cache: &cache }, out);
    }
    if selection.is_everything() && !out.has_errors() {
        patch::unused(&uses, out);
    }
    let units = configs.iter().map(|config| config.unit.clone()).collect();
    (!out.has_errors()).then_some(Compiled { sealed, units })
}

/// Links compiled documents with the identities of `sources`, which are read only when one is needed, and with
/// the stores, which are reached only when something is to be fetched. `watch` is told how far that is.
pub fn link(
    layers: &Layers,
    compiled: &Compiled,
    world: &dyn World,
    sources: &IdentitySources,
    variables: &dyn Fn(&str) -> Option<OsString>,
    watch: &dyn Fn(Progress),
    out: &mut Diagnostics,
) -> Option<Vec<Linked>> {
    let plan = Plan::of(&compiled.sealed);
    let identities = if plan.needs_identities() {
        Identities::load(sources)
    } else {
        Identities::load(&IdentitySources::default())
    };
    let identities = match identities {
        Ok(identities) => identities,
        Err(error) => {
            out.push(fault::Fault::Identity(error));
            return None;
        }
    };
    let surroundings = Surroundings { world, identities: &identities, variables };
    link_planned(layers, compiled, &plan, &identities, &Connected { surroundings, watch }, out)
}

/// Links compiled documents with whatever decrypts their values and fetches those of pointers.
pub fn link_with(
    layers: &Layers,
    compiled: &Compiled,
    identities: &dyn Decrypt,
    stores: &dyn Stores,
    out: &mut Diagnostics,
) -> Option<Vec<Linked>> {
    link_planned(layers, compiled, &Plan::of(&compiled.sealed), identities, stores, out)
}

fn link_planned(
    layers: &Layers,
    compiled: &Compiled,
    plan: &Plan<'_>,
    identities: &dyn Decrypt,
    stores: &dyn Stores,
    out: &mut Diagnostics,
) -> Option<Vec<Linked>> {
    let id = layers.repo.root.get("id").and_then(Node::as_text).cloned().unwrap_or_default();
    linker::link(&compiled.sealed, plan, &id, identities, stores, out)
}

/// All units that a selection could mean, and the patterns of it that mean none.
pub fn select(layers: &Layers, selection: &Selection, out: &mut Diagnostics) -> Vec<UnitName> {
    let names: Vec<&String> = layers.repo.environments.keys().collect();
    let all: Vec<UnitName> = names.iter().flat_map(|name| environment::units(&layers.repo, name)).collect();
    for pattern in selection.unmatched(&all) {
        let environments = names.iter().map(ToString::to_string).collect();
        let units = all.iter().map(ToString::to_string).collect();
        out.push(Fault::NothingSelected { pattern: pattern.to_string(), units, environments });
    }
    all.into_iter().filter(|unit| selection.contains(unit)).collect()
}

fn stacks(repo: &Repo, environments: &BTreeMap<String, Arc<Environment>>) -> Vec<Stack> {
    let units: Vec<(UnitName, &Arc<Environment>)> = environments
        .values()
        .flat_map(|environment| {
            environment::units(repo, &environment.name).into_iter().map(move |u| (u, environment))
        })
        .filter(|(unit, _)| repo.apps.contains_key(&unit.app))
        .collect();
    units
        .par_iter()
        .map(|(unit, environment)| {
            Stack::build(repo, unit.clone(), &environment.chain, &environment.platform)
        })
        .collect()
}

/// An app that runs somewhere has a folder.
fn unknown_apps(layers: &Layers, selection: &Selection, out: &mut Diagnostics) {
    for (name, documents) in &layers.repo.environments {
        for (app, entry) in documents.versions.iter().flat_map(|versions| versions.map()) {
            let unit = UnitName { environment: name.clone(), app: app.to_string() };
            if selection.contains(&unit) && !layers.repo.apps.contains_key(&unit.app) {
                let known = layers.repo.apps.keys().cloned().collect();
                out.push(Fault::UnknownApp { name: unit.app, span: entry.key, known });
            }
        }
    }
}

fn configs(layers: &Layers, selection: &Selection, turns: &Turns, out: &mut Diagnostics) -> Vec<Arc<Config>> {
    let selected: Vec<&Stack> =
        layers.stacks.iter().filter(|stack| selection.contains(&stack.unit)).collect();
    let units = layers.stacks.iter().map(|stack| (&stack.unit, stack)).collect();
    let checked: Vec<(Option<Config>, Diagnostics)> = selected
        .par_iter()
        .map(|stack| {
            let mut found = Diagnostics::default();
            let environment = &layers.environments[&stack.unit.environment];
            let turn = turns.get(&stack.unit);
            let config = check(&layers.repo, environment, stack, &layers.sites, &mut found);
            let dependencies = dependencies::of(stack, &units);
            (config.map(|config| Config { turn, dependencies, ..config }), found)
        })
        .collect();
    let mut configs = Vec::new();
    for (config, found) in checked {
        out.extend(found);
        configs.extend(config.map(Arc::new));
    }
    configs
}

/// The packs of all platforms that the units are for, each loaded once.
fn packs(
    layers: &mut Layers,
    configs: &[Arc<Config>],
    out: &mut Diagnostics,
) -> Option<BTreeMap<String, Pack>> {
    own_documents::check_platforms(&layers.repo, out);
    let sinks = Sink::read_all(&layers.repo.root.node, out);
    let mut packs = BTreeMap::new();
    for environment in layers.environments.values() {
        let is_used = configs.iter().any(|config| config.environment.name == environment.name);
        if is_used && !packs.contains_key(&environment.platform) {
            let at = environment.platform_span;
            if let Some(mut pack) = Pack::load(&environment.platform, at, &mut layers.repo, out) {
                pack.sinks.extend(sinks.iter().cloned());
                add_own(&mut pack, layers, configs, out);
                packs.insert(environment.platform.clone(), pack);
            }
        }
    }
    if layers.repo.complete {
        let unused = layers.repo.packs.read.keys().filter(|name| !packs.contains_key(*name));
        for name in unused.cloned().collect::<Vec<_>>() {
            let at = layers.repo.packs.read[&name].description.start();
            Pack::load(&name, at, &mut layers.repo, out);
        }
    }
    (!out.has_errors()).then_some(packs)
}

/// Adds the repo's own documents to the pack of their platform.
fn add_own(pack: &mut Pack, layers: &Layers, configs: &[Arc<Config>], out: &mut Diagnostics) {
    let environments: Vec<&Environment> = layers
        .environments
        .values()
        .map(Arc::as_ref)
        .filter(|environment| environment.platform == pack.name)
        .collect();
    let units = configs.iter().filter(|config| config.environment.platform == pack.name);
    let apps: BTreeSet<&str> = units.map(|config| config.unit.app.as_str()).collect();
    pack.add_own(&layers.repo, apps, environments, out);
}

/// Renders and seals the units of one environment, and says which patches had something to do.
fn seal_units(
    units: &[&Arc<Config>],
    pack: &Pack,
    files: &Files,
    sealed: &mut Vec<Sealed>,
    out: &mut Diagnostics,
) -> Vec<Use> {
    let templates = Templates::of(pack, false);
    let rendered: Vec<(Option<Sealed>, Vec<Use>, Diagnostics)> = units
        .par_iter()
        .map(|config| {
            let mut found = Diagnostics::default();
            lacks::check(config, pack, &mut found);
            let deliveries = delivery::decide(config, pack, &mut found);
            if found.has_errors() {
                return (None, Vec::new(), found);
            }
            let view = View::of_unit(config, &deliveries, &pack.tokens);
            let mut documents = render::render(&templates, &view, &mut found);
            let own = pack.own.of_app(&config.unit.app);
            documents.extend(render::render_own(pack, own, &view, &mut found));
            // Without all documents, a patch could be wrong about what there is.
            let uses = match found.has_errors() {
                true => Vec::new(),
                false => patch::apply(config, &mut documents, &mut found),
            };
            let (unit, environment) = (&config.unit, &config.environment);
            literals::check(&documents, &Made { unit, environment, files, pack, view: &view }, &mut found);
            (seal(Some((*config).clone()), documents, pack, &view, &mut found), uses, found)
        })
        .collect();
    let mut uses = Vec::new();
    for (unit, used, found) in rendered {
        out.extend(found);
        sealed.extend(unit);
        uses.extend(used);
    }
    uses
}
