//! An environment: what it extends, its names, who may read its secrets, what it permits.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use globset::GlobMatcher;
use indexmap::IndexMap;

use super::backend::Backend;
use super::fault::Fault;
use super::glob;
use super::infra::Infra;
use super::interpolate::{Answer, Budget, LazyTexts, MAX_NAMES, Scope, Step, interpolate};
use super::layered::{LayerId, Layered, LayeredKind, Origin};
use super::name::UnitName;
use super::pack_schema::PackSchema;
use super::recipient::{Recipient, RecipientSet};
use super::references::{self, StoreReference};
use super::repo::{Document, Repo};
use super::scope::Home;
use super::settings::{self, settings_place};
use super::stores::StoreSettings;
use super::tree::Tree;
use crate::source::diagnostic::Diagnostics;
use crate::source::files::Files;
use crate::source::node::{Kind, Map, Node};
use crate::source::schema_place::Place;
use crate::source::span::Span;

/// How many environments one may extend, directly and indirectly.
const MAX_CHAIN: usize = 16;
/// The names that every environment has; no `vars` may take them.
pub const BUILT_IN_NAMES: [&str; 3] = ["name", "platform", "namespace"];

/// An environment with everything that its units need to know of it.
#[derive(Debug)]
pub struct Environment {
    /// Its name, which is its folder's.
    pub name: String,
    /// The name of the repo, and where that is written.
    pub repo: (Arc<str>, Origin),
    /// What it extends, the base first, itself last.
    pub chain: Vec<String>,
    /// The platform that its units are rendered for.
    pub platform: String,
    /// Where that is written.
    pub platform_span: Span,
    /// What applies its output, as `platforms.NAME.applier` says; absent for whatever reads it as it is.
    pub applier: Option<Arc<str>>,
    /// The namespace, if it has one.
    pub namespace: Option<(Arc<str>, Origin)>,
    /// What templates see as `env`: the built-in names and `vars`, with the place of each.
    pub names: Names,
    /// What infrastructure code exports for it.
    pub infra: Infra,
    /// Who can decrypt its values.
    pub recipients: RecipientSet,
    /// Which secrets may be resolved into its output.
    pub inline: Vec<InlineRule>,
    /// Where `delivery.inline` is written, if it is.
    pub inline_span: Option<Span>,
    /// Which pointers which apps may use.
    pub allow: Vec<AllowRule>,
    /// Which store objects of the platform read from which backends.
    pub references: Vec<StoreReference>,
    /// What `platforms` says of its platform.
    pub settings: Tree,
    /// What the repo's own pack of its platform says of `platforms.NAME` of an app, if it does.
    pub fields: Option<&'static Place<'static>>,
    /// What that pack says of `platforms.NAME` of an environment, if it does.
    pub setting_fields: Option<&'static Place<'static>>,
    /// Its own region, account and namespace, by backend.
    homes: HashMap<Backend, Home>,
    /// How its stores are reached.
    pub stores: StoreSettings,
    /// Where a line to add would go.
    pub document: Span,
}

/// Names with their texts and the places where those are written.
pub type Names = IndexMap<Arc<str>, (Arc<str>, Origin)>;

/// One entry of `delivery.inline`: `APP/NAME`, in which both are globs.
#[derive(Clone, Debug)]
pub struct InlineRule {
    app: GlobMatcher,
    secret: GlobMatcher,
}

/// The pointers that apps of one glob may use. The patterns are texts of the source; their names are
/// filled in for each unit.
#[derive(Clone, Debug)]
pub struct AllowRule {
    app: GlobMatcher,
    /// Each pattern and where it is written.
    pub patterns: Vec<(Arc<str>, Span)>,
}

impl Environment {
    /// Reads an environment. `None` when it can't be used, and why is in `out`.
    pub fn read(repo: &Repo, name: &str, out: &mut Diagnostics) -> Option<Environment> {
        let chain = chain(repo, name, out)?;
        let settings = settings(repo, &chain);
        let document = &repo.environments[name].environment;
        let Some(platform) = settings.get("platform") else {
            out.push(Fault::MissingPlatform { environment: name.to_string(), span: document.start() });
            return None;
        };
        let platform_span = platform.origin.span;
        let platform = platform.as_scalar().map(|s| s.text.to_string()).unwrap_or_default();
        let own = settings.get("platforms").and_then(|platforms| platforms.get(&platform)).cloned();
        let infra = Infra::read(repo, &chain);
        let names = names(repo, &settings, name, &platform, platform_span, document, &infra, out)?;
        let recipients = recipients(repo, &settings, name, out)?;
        let origin = settings.get("platforms").map_or(settings.origin, |platforms| platforms.origin);
        let own = own.unwrap_or_else(|| Layered::empty(origin));
        let pack = repo.packs.get(&platform);
        if let Some(schema) = pack.and_then(|pack| pack.environment) {
            schema.check_whole(own.entries(), &platform, platform_span, out);
        }
        let setting_fields = pack.and_then(|pack| pack.environment).map(PackSchema::place);
        let places: Vec<_> = [settings_place(&platform)].into_iter().chain(setting_fields).collect();
        let platform_settings = settings::read(&own, &places, &names, &infra, &repo.files, out)?;
        Some(Environment {
            name: name.to_string(),
            repo: repo_name(repo),
            chain,
            namespace: names.get("namespace").cloned(),
            names,
            infra,
            applier: platform_settings.get("applier").and_then(Tree::as_text).cloned(),
            platform,
            platform_span,
            recipients,
            inline: inline_rules(&settings, out),
            inline_span: settings.get("delivery").and_then(|d| d.get("inline")).map(|list| list.origin.span),
            allow: allow_rules(&settings, out),
            references: references::read(&settings),
            settings: platform_settings,
            fields: pack.and_then(|pack| pack.app).map(PackSchema::place),
            setting_fields,
            homes: homes(&settings),
            stores: StoreSettings::read(settings.get("stores")),
            document: document.start(),
        })
    }

    /// Whether `delivery.inline` permits a secret to be resolved into the output.
    pub fn permits_inline(&self, app: &str, secret: &str) -> bool {
        self.inline.iter().any(|rule| rule.app.is_match(app) && rule.secret.is_match(secret))
    }

    /// What of a backend belongs to the environment itself: the stores that its patterns cover without
    /// saying so.
    pub fn home(&self, backend: Backend) -> &Home {
        static NOWHERE: Home = Home { region: None, account: None, namespace: None };
        self.homes.get(&backend).unwrap_or(&NOWHERE)
    }
}

impl AllowRule {
    /// Whether the rule is about this app.
    pub fn covers_app(&self, app: &str) -> bool {
        self.app.is_match(app)
    }
}

/// What the root says that the repo is called; its schema wants it.
fn repo_name(repo: &Repo) -> (Arc<str>, Origin) {
    let name = repo.root.get("name");
    let span = name.map_or(repo.root.start(), Node::place);
    let text = name.and_then(Node::as_text).cloned().unwrap_or_default();
    (text, Origin { layer: LayerId(0), span, shorthand: false })
}

/// The units of an environment, in the order of its versions.yaml.
pub fn units(repo: &Repo, environment: &str) -> Vec<UnitName> {
    let versions = repo.environments.get(environment).and_then(|e| e.versions.as_ref());
    versions
        .into_iter()
        .flat_map(|document| document.map().keys())
        .map(|app| UnitName { environment: environment.to_string(), app: app.to_string() })
        .collect()
}

/// What the environment extends, base first.
fn chain(repo: &Repo, name: &str, out: &mut Diagnostics) -> Option<Vec<String>> {
    let mut chain = vec![name.to_string()];
    let mut links = Vec::new();
    let mut current = &repo.environments.get(name)?.environment;
    while let Some(extends) = current.get("extends").filter(|n| !n.is_null()) {
        let base = extends.as_text().map(ToString::to_string).unwrap_or_default();
        let Some(documents) = repo.environments.get(&base) else {
            let known = repo.environments.keys().cloned().collect();
            out.push(Fault::UnknownEnvironment { name: base, span: Some(extends.span), known });
            return None;
        };
        links.push((chain[chain.len() - 1].clone(), extends.span));
        let first = chain.iter().position(|other| *other == base);
        if first.is_some() || chain.len() > MAX_CHAIN {
            // A circle is reported once, for the first of its environments.
            let circle = links.split_off(first.unwrap_or(0));
            if first.is_none() || circle.iter().all(|(other, _)| name <= other.as_str()) && first == Some(0) {
                out.push(Fault::ExtendsCycle { circle });
            }
            return None;
        }
        chain.push(base);
        current = &documents.environment;
    }
    chain.reverse();
    Some(chain)
}

/// The environment documents of the chain laid on each other, above what the root says of `vars` and
/// `stores`. `defaults` and `overrides` are layers of their own and are left out.
fn settings(repo: &Repo, chain: &[String]) -> Layered {
    let keep = |node: &Node, wanted: &dyn Fn(&str) -> bool| {
        let map: Map = node
            .as_map()
            .into_iter()
            .flatten()
            .filter(|(key, _)| wanted(key))
            .map(|(key, entry)| (key.clone(), entry.clone()))
            .collect();
        Node { kind: Kind::Map(map), ..Node { kind: Kind::List(Vec::new()), ..node.clone() } }
    };
    let origin = Origin { layer: LayerId(0), span: repo.root.start(), shorthand: false };
    let mut settings = Layered::empty(origin);
    settings.overlay(&keep(&repo.root.node, &|key| matches!(key, "vars" | "stores")), LayerId(0), None);
    for (i, name) in chain.iter().enumerate() {
        let layer = LayerId(u16::try_from(i + 1).expect("a chain is short"));
        let own = keep(&repo.environments[name].environment.node, &|key| {
            !matches!(key, "defaults" | "overrides" | "extends")
        });
        settings.overlay(&own, layer, None);
    }
    settings
}

fn names(
    repo: &Repo,
    settings: &Layered,
    name: &str,
    platform: &str,
    platform_span: Span,
    document: &Document,
    infra: &Infra,
    out: &mut Diagnostics,
) -> Option<Names> {
    let mut texts = LazyTexts::default();
    let mut origins = IndexMap::new();
    let fixed = |span| Origin { layer: LayerId(0), span, shorthand: false };
    let mut add = |key: &str, text: Arc<str>, origin: Origin| {
        texts.add(key.into(), text, origin.span);
        origins.insert(Arc::<str>::from(key), origin);
    };
    add("name", name.into(), fixed(document.start()));
    add("platform", platform.into(), fixed(platform_span));
    let vars = settings.get("vars").into_iter().flat_map(Layered::entries).map(|(key, v)| (&**key, v));
    for (key, value) in settings.get("namespace").map(|v| ("namespace", v)).into_iter().chain(vars) {
        if let Some(scalar) = value.as_scalar() {
            add(key, scalar.text.clone(), value.origin);
        }
    }
    let mut scope = NameScope { files: &repo.files, infra, texts, budget: Budget::default(), out };
    let mut names = IndexMap::new();
    let mut failed = false;
    for (key, origin) in origins {
        match scope.answer("env", &key, origin.span) {
            Some(Answer::Text(text)) => {
                names.insert(key, (text, origin));
            }
            _ => failed = true,
        }
    }
    (!failed).then_some(names)
}

/// The names of an environment while its `vars` are being resolved.
struct NameScope<'a> {
    files: &'a Files,
    infra: &'a Infra,
    texts: LazyTexts,
    budget: Budget,
    out: &'a mut Diagnostics,
}

impl Scope for NameScope<'_> {
    fn answer(&mut self, root: &str, name: &str, at: Span) -> Option<Answer> {
        match root {
            "env" => {}
            "infra" => return Some(self.infra.answer(name, at, self.out)),
            _ => return None,
        }
        Some(match self.texts.begin(name) {
            Step::Known(answer) => answer,
            Step::Interpolate(text, span) => {
                let value = interpolate(&text, span, self);
                self.texts.finish(name, value)
            }
            Step::Cycle(circle) => {
                self.out.push(Fault::Cycle { root: "env", circle, span: at });
                Answer::Failed
            }
        })
    }

    fn names(&self, root: &str) -> Vec<String> {
        match root {
            "infra" => self.infra.names(),
            _ => self.texts.names().take(MAX_NAMES).map(ToString::to_string).collect(),
        }
    }

    fn roots(&self) -> &'static [&'static str] {
        &["env", "infra"]
    }

    fn spend(&mut self, bytes: usize, at: Span) -> bool {
        self.budget.spend(bytes, at, self.out)
    }

    fn findings(&mut self) -> &mut Diagnostics {
        self.out
    }

    fn files(&self) -> &Files {
        self.files
    }
}

/// The recipients of the groups that `recipients:` names, or of the group of the environment's own name.
fn recipients(repo: &Repo, settings: &Layered, name: &str, out: &mut Diagnostics) -> Option<RecipientSet> {
    let groups = repo.root.get("recipients").and_then(Node::as_map);
    let known = || groups.into_iter().flat_map(Map::keys).map(ToString::to_string).collect();
    let mut wanted: Vec<(String, Option<Span>)> = Vec::new();
    match settings.get("recipients") {
        Some(list) => {
            if let LayeredKind::List(items) = &list.kind {
                for item in items {
                    let text = item.as_scalar().map(|s| s.text.to_string()).unwrap_or_default();
                    wanted.push((text, Some(item.origin.span)));
                }
            }
        }
        None => wanted.push((name.to_string(), None)),
    }
    let mut found = Vec::new();
    let mut failed = false;
    for (group, span) in wanted {
        match groups.and_then(|groups| groups.get(group.as_str())) {
            Some(entry) => {
                for item in entry.value.as_list().unwrap_or_default() {
                    match Recipient::parse(item.as_text().map_or("", |text| text)) {
                        Ok(recipient) => found.push(recipient),
                        Err(fault) => {
                            out.push(Fault::BadRecipient { span: item.span, fault });
                            failed = true;
                        }
                    }
                }
            }
            // An environment that names no group and has none of its own name can hold no encrypted
            // value; that is only wrong once it does.
            None if span.is_none() => {}
            None => {
                out.push(Fault::UnknownGroup {
                    group,
                    span: span.expect("a named group has a place"),
                    known: known(),
                });
                failed = true;
            }
        }
    }
    (!failed).then(|| found.into_iter().collect())
}

fn inline_rules(settings: &Layered, out: &mut Diagnostics) -> Vec<InlineRule> {
    let list = settings.get("delivery").and_then(|d| d.get("inline"));
    texts_of(list)
        .filter_map(|(text, span)| {
            let rule = text
                .split_once('/')
                .and_then(|(app, secret)| Some(InlineRule { app: glob(app)?, secret: glob(secret)? }));
            if rule.is_none() {
                out.push(Fault::BadInlineRule { span });
            }
            rule
        })
        .collect()
}

fn allow_rules(settings: &Layered, out: &mut Diagnostics) -> Vec<AllowRule> {
    let mut rules = Vec::new();
    for (app, patterns) in settings.get("allow").into_iter().flat_map(Layered::entries) {
        match glob(app) {
            Some(app) => rules.push(AllowRule { app, patterns: texts_of(Some(patterns)).collect() }),
            None => out.push(Fault::BadGlob { span: patterns.origin.span, glob: app.to_string() }),
        }
    }
    rules
}

fn texts_of(list: Option<&Layered>) -> impl Iterator<Item = (Arc<str>, Span)> {
    let items = match list.map(|l| &l.kind) {
        Some(LayeredKind::List(items)) => items.as_slice(),
        _ => &[],
    };
    items.iter().filter_map(|item| item.as_scalar().map(|s| (s.text.clone(), item.origin.span)))
}

/// A glob of app names, or of secrets' names.
pub fn glob(text: &str) -> Option<GlobMatcher> {
    if text.is_empty() || text.contains('/') {
        return None;
    }
    glob::compile(text)
}

fn homes(settings: &Layered) -> HashMap<Backend, Home> {
    let of = |store: &str, key: &str| {
        let value = settings.get("stores").and_then(|s| s.get(store)).and_then(|s| s.get(key));
        value.and_then(Layered::as_scalar).map(|s| s.text.to_string())
    };
    let home = |backend: Backend| Home {
        region: of(backend.name(), "region"),
        account: of(backend.name(), "account").or_else(|| of(backend.name(), "project")),
        namespace: match backend {
            Backend::K8s => {
                settings.get("namespace").and_then(Layered::as_scalar).map(|s| s.text.to_string())
            }
            _ => of(backend.name(), "namespace"),
        },
    };
    Backend::ALL.into_iter().map(|backend| (backend, home(backend))).collect()
}

/// All environments of a repo that can be read, by name.
pub fn read_all(repo: &Repo, out: &mut Diagnostics) -> BTreeMap<String, Arc<Environment>> {
    repo.environments
        .keys()
        .filter_map(|name| Environment::read(repo, name, out).map(|e| (name.clone(), Arc::new(e))))
        .collect()
}
