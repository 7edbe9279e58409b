//! The phases of a run over a whole repo, one after the other, each measured. The order is the one of
//! `pipeline::compile`; that the result is the same is asserted.

use std::path::Path;
use std::sync::Arc;

use rayon::prelude::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};

use sealwright::config::check::{Config, check};
use sealwright::config::name::UnitName;
use sealwright::config::repo::Repo;
use sealwright::config::selection::Selection;
use sealwright::config::waves::Turns;
use sealwright::config::{ingress, readers};
use sealwright::emit::{Format, write};
use sealwright::inspect::preview;
use sealwright::manifest::draft::Document;
use sealwright::manifest::literals::{self, EVERY_APP, Made};
use sealwright::manifest::pack::Pack;
use sealwright::manifest::render::Templates;
use sealwright::manifest::taint::{Sealed, seal};
use sealwright::manifest::validate::{Cache, Scope, validate};
use sealwright::manifest::view::View;
use sealwright::manifest::{delivery, patch, render};
use sealwright::pipeline::{self, Layers};
use sealwright::source::diagnostic::Diagnostics;
use sealwright::source::work_tree::WorkTree;

use super::measure::{Cost, measured};

/// The phases, by name.
pub const PHASES: [&str; 7] = ["parse", "layer", "check", "render", "taint", "validate", "emit"];

/// A unit, or an environment itself, that was rendered.
struct Rendered {
    config: Option<Arc<Config>>,
    view: View,
    documents: Vec<Document>,
}

/// What each phase costs for all units of a repo without mistakes.
pub fn phases(root: &Path) -> [Cost; PHASES.len()] {
    let mut costs = [Cost::default(); PHASES.len()];
    let mut out = Diagnostics::default();
    let selection = Selection::everything();
    let world = WorkTree::open(root).expect("the repo was written");

    let repo;
    (repo, costs[0]) = measured(|| Repo::load(&world, &selection, &mut out).expect("the repo can be read"));
    let mut layers;
    (layers, costs[1]) = measured(|| pipeline::layer(repo, &mut out));
    let configs: Vec<Arc<Config>>;
    (configs, costs[2]) = measured(|| checked(&layers, &selection, &mut out));

    let mut sealed: Vec<Sealed> = Vec::new();
    let cache = Cache::default();
    let mut pack = None;
    for environment in layers.environments.values() {
        let (rendered, cost) = measured(|| {
            let pack = pack.get_or_insert_with(|| {
                let at = environment.platform_span;
                Pack::load(&environment.platform, at, &mut layers.repo, &mut out).expect("it is built in")
            });
            let mut units: Vec<&Arc<Config>> =
                configs.iter().filter(|config| config.unit.environment == environment.name).collect();
            units.sort_by_key(|config| config.turn);
            let view = View::of_environment(environment);
            let documents = render::render(&Templates::of(pack, true), &view, &mut out);
            let templates = Templates::of(pack, false);
            let mut all = vec![Rendered { config: None, view, documents }];
            all.extend(units.par_iter().map(|config| rendered(config, pack, &templates)).collect::<Vec<_>>());
            all
        });
        add(&mut costs[3], cost);
        let pack = pack.as_ref().expect("it was loaded above");
        let files = &layers.repo.files;
        let first = sealed.len();
        let (these, cost) = measured(|| {
            let all = UnitName { environment: environment.name.clone(), app: EVERY_APP.into() };
            let sealed = rendered.into_par_iter().map(|Rendered { config, view, documents }| {
                let mut out = Diagnostics::default();
                let unit = config.as_ref().map_or(&all, |config| &config.unit);
                literals::check(&documents, &Made { unit, environment, files, pack, view: &view }, &mut out);
                let sealed = seal(config, documents, pack, &view, &mut out);
                sealed.filter(|_| out.is_empty()).expect("no secret stands in a wrong place")
            });
            sealed.collect::<Vec<_>>()
        });
        add(&mut costs[4], cost);
        sealed.extend(these);
        let ((), cost) = measured(|| {
            let (repo, sealed) = (&layers.repo, &sealed[first..]);
            validate(&Scope { environment, pack, repo, sealed, complete: true, cache: &cache }, &mut out);
        });
        add(&mut costs[5], cost);
    }
    let text;
    (text, costs[6]) =
        measured(|| write(&preview::documents(&sealed), Format::Yaml).expect("it can be written"));
    assert!(out.is_empty(), "the repo has no mistakes");
    let whole = pipeline::compile(&mut layers, &selection, &mut out).expect("the repo has no mistakes");
    let whole = write(&preview::documents(&whole.sealed), Format::Yaml).expect("it can be written");
    assert!(*text == *whole, "the phases are those of the pipeline");
    costs
}

fn checked(layers: &Layers, selection: &Selection, out: &mut Diagnostics) -> Vec<Arc<Config>> {
    readers::check(&layers.repo, &layers.environments, &layers.sites, &layers.readers, out);
    let turns = Turns::of(&layers.repo, &layers.stacks, selection, out);
    let configs: Vec<Arc<Config>> = layers
        .stacks
        .par_iter()
        .map(|stack| {
            let mut out = Diagnostics::default();
            let environment = &layers.environments[&stack.unit.environment];
            let turn = turns.get(&stack.unit);
            let config = check(&layers.repo, environment, stack, &layers.sites, &mut out);
            Arc::new(Config { turn, ..config.expect("the unit has no mistakes") })
        })
        .collect();
    ingress::check_routes(&configs, out);
    configs
}

fn rendered(config: &Arc<Config>, pack: &Pack, templates: &Templates<'_>) -> Rendered {
    let mut out = Diagnostics::default();
    let deliveries = delivery::decide(config, pack, &mut out);
    let view = View::of_unit(config, &deliveries, &pack.tokens);
    let mut documents = render::render(templates, &view, &mut out);
    patch::apply(config, &mut documents, &mut out);
    assert!(out.is_empty(), "the unit has no mistakes");
    Rendered { config: Some(config.clone()), view, documents }
}

/// Adds what a phase costs for another environment.
fn add(sum: &mut Cost, cost: Cost) {
    sum.wall += cost.wall;
    sum.cpu += cost.cpu;
    sum.peak = sum.peak.max(cost.peak);
}
