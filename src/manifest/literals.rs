//! Literal references into secret stores: ExternalSecrets, and ARNs in any text of a document, are held to
//! `allow:` as pointers are.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use regex::Regex;

use super::draft::{Datum, Document, Piece};
use super::fault::Fault;
use super::locate::Output;
use super::pack::Pack;
use super::sink::group_of;
use super::view::View;
use crate::config::backend::Backend;
use crate::config::environment::Environment;
use crate::config::interpolate::{Answer, Scope};
use crate::config::locator::Locator;
use crate::config::name::UnitName;
use crate::config::pointer_use::{Allowed, allowed};
use crate::config::scope::suggest;
use crate::source::diagnostic::Diagnostics;
use crate::source::files::Files;
use crate::source::span::Span;

/// The app in whose name an environment's own documents are held to `allow:`.
pub const EVERY_APP: &str = "*";

/// Whose documents are checked, and what they were made of.
pub struct Made<'a> {
    /// The unit; for the documents of an environment itself that of [`EVERY_APP`].
    pub unit: &'a UnitName,
    /// The environment.
    pub environment: &'a Environment,
    /// The files that were read.
    pub files: &'a Files,
    /// The templates.
    pub pack: &'a Pack,
    /// What they saw.
    pub view: &'a View,
}

/// Why a literal reference isn't permitted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words in `fault` say what each is")]
pub enum LiteralFault {
    OutOfScope { suggestion: String },
    UnknownStore { store: String },
    OwnStore,
    Search,
    Unreadable,
}

/// Refuses what `allow:` doesn't cover.
pub fn check(documents: &[Document], made: &Made<'_>, out: &mut Diagnostics) {
    let mut allowed = None;
    let own = own_parameters(documents);
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for document in documents {
        let count = counts.entry(&document.template).or_default();
        let nth = *count;
        *count += 1;
        let mut walk = Walk { made, document, nth, own: &own, allowed: &mut allowed, out };
        walk.texts(&document.body);
        walk.objects(&document.body, &document.kind());
    }
}

/// The names of the parameters that documents write secrets into.
fn own_parameters(documents: &[Document]) -> HashSet<String> {
    let written = documents.iter().flat_map(|document| items(Some(&document.body))).filter(|item| {
        // A name that a secret goes with is the unit's own.
        item.get("Value").is_some_and(Datum::has_secret)
    });
    written.filter_map(|item| item.get("Name")?.plain_text()).collect()
}

struct Walk<'a, 'w> {
    made: &'w Made<'a>,
    document: &'w Document,
    nth: usize,
    /// The parameters that the unit writes itself.
    own: &'w HashSet<String>,
    /// The patterns, read at the first reference.
    allowed: &'w mut Option<Allowed>,
    out: &'w mut Diagnostics,
}

impl<'w> Walk<'_, 'w> {
    /// ARNs in the texts of a value, and what ECS takes for a name.
    fn texts(&mut self, datum: &'w Datum) {
        match datum {
            Datum::Text(pieces) => match pieces.as_slice() {
                [Piece::Text { text, .. }] => self.arns(text, datum),
                _ => {
                    // What stands for a secret or for a rollout is no part of an ARN.
                    let texts = pieces.iter().map(|piece| match piece {
                        Piece::Text { text, .. } => &**text,
                        Piece::Secret(_) | Piece::Rollout => " ",
                    });
                    self.arns(&texts.collect::<String>(), datum);
                }
            },
            Datum::List(items) => items.iter().for_each(|item| self.texts(item)),
            Datum::Map(map) => {
                for (key, value) in map {
                    self.arns(key, value);
                    self.name(key, value);
                    self.texts(value);
                }
            }
            _ => {}
        }
    }

    /// What a task of ECS reads by a name alone: parameters by `valueFrom`, the password of a registry by
    /// `credentialsParameter`.
    fn name(&mut self, key: &str, datum: &'w Datum) {
        let backend = match key {
            "valueFrom" => Backend::AwsSsm,
            "credentialsParameter" => Backend::AwsSecrets,
            _ => return,
        };
        // Objects of Kubernetes have keys of these names too.
        if self.document.body.get("apiVersion").is_some() {
            return;
        }
        let Some(text) = datum.as_text().filter(|text| !text.contains(':')) else { return };
        if backend == Backend::AwsSsm && self.own.contains(&*text) {
            return;
        }
        let fields = if backend.needs_field() { vec!["*".to_string()] } else { Vec::new() };
        let locator = Locator::new(backend, segments(&text), BTreeMap::new(), fields).ok();
        self.hold(locator.as_slice(), &text, datum);
    }

    /// The objects of the External Secrets Operator in a document: itself, or the items of a list of objects.
    fn objects(&mut self, body: &'w Datum, kind: &str) {
        if group_of(body) == "external-secrets.io" {
            self.external_secret(body, kind);
        }
        if kind.ends_with("List") {
            for item in items(body.get("items")) {
                let kind = item.get("kind").and_then(Datum::plain_text).unwrap_or_default();
                self.objects(item, &kind);
            }
        }
    }

    fn arns(&mut self, text: &str, datum: &Datum) {
        if !text.contains("arn:") {
            return;
        }
        for found in ARN.captures_iter(text) {
            let (region, account) = (&found["region"], &found["account"]);
            let names = match found.name("secret") {
                Some(_) => vec![(Backend::AwsSecrets, segments(&found[0]))],
                // `parameter/x` is the ARN of `x` and of `/x`.
                None => {
                    let name = segments(found.name("parameter").map_or("", |name| name.as_str()));
                    let rooted = std::iter::once(String::new()).chain(name.iter().cloned()).collect();
                    vec![(Backend::AwsSsm, rooted), (Backend::AwsSsm, name)]
                }
            };
            let params = |backend| match backend {
                Backend::AwsSsm => BTreeMap::from([
                    ("region".to_string(), region.to_string()),
                    // A scope has a word for it, a pointer to a parameter hasn't.
                    ("project".to_string(), account.to_string()),
                ]),
                _ => BTreeMap::new(),
            };
            let locators: Vec<Locator> = names
                .into_iter()
                .filter_map(|(backend, name)| Locator::new(backend, name, params(backend), Vec::new()).ok())
                .collect();
            self.hold(&locators, &found[0], datum);
        }
    }

    /// What an object of the External Secrets Operator reads.
    fn external_secret(&mut self, body: &'w Datum, kind: &str) {
        let spec = body.get("spec");
        let spec = match kind {
            "ExternalSecret" => spec,
            "ClusterExternalSecret" => spec.and_then(|spec| spec.get("externalSecretSpec")),
            _ => None,
        };
        let Some(spec) = spec else {
            if matches!(kind, "SecretStore" | "ClusterSecretStore") {
                self.store(body);
            }
            return;
        };
        let store = spec.get("secretStoreRef");
        for entry in items(spec.get("data")) {
            let store = entry.get("sourceRef").and_then(|source| source.get("storeRef")).or(store);
            if let Some(key) = entry.get("remoteRef").and_then(|remote| remote.get("key")) {
                self.remote(store, key);
            }
        }
        for entry in items(spec.get("dataFrom")) {
            let source = entry.get("sourceRef");
            let store = source.and_then(|source| source.get("storeRef")).or(store);
            if let Some(key) = entry.get("extract").and_then(|extract| extract.get("key")) {
                self.remote(store, key);
            }
            if let Some(find) = entry.get("find") {
                self.refuse(LiteralFault::Search, "find", find);
            }
        }
    }

    /// An app doesn't say itself what a store reads from that `references:` describes.
    fn store(&mut self, body: &Datum) {
        let name = body.get("metadata").and_then(|metadata| metadata.get("name"));
        let is_described = |name: &&Datum| {
            self.made.environment.references.iter().any(|reference| name.is_text(&reference.store))
        };
        if let Some(name) = name.filter(is_described).filter(|_| self.made.unit.app != EVERY_APP) {
            let store = name.plain_text().unwrap_or_default();
            self.refuse(LiteralFault::OwnStore, &store, name);
        }
    }

    fn remote(&mut self, store: Option<&Datum>, key: &Datum) {
        let text = |key| store.and_then(|store: &Datum| store.get(key)).and_then(Datum::plain_text);
        let (name, kind) = (text("name").unwrap_or_default(), text("kind"));
        let Some(path) = key.plain_text() else { return self.refuse(LiteralFault::Unreadable, "", key) };
        let kind = kind.unwrap_or_else(|| "SecretStore".to_string());
        let known = &self.made.environment.references;
        let reference = known
            .iter()
            .find(|known| known.store == name && known.kind.as_ref().is_none_or(|known| *known == kind));
        let Some(reference) = reference else {
            return self.refuse(LiteralFault::UnknownStore { store: name }, &path, key);
        };
        let mount = &reference.mount;
        let mut segments = segments(&path);
        let mut paths = Vec::new();
        match reference.backend {
            Backend::Vault => {
                // A key may repeat its mount, and the `data` of KV v2.
                if !mount.is_empty() && segments.starts_with(mount) {
                    let has_data = segments.get(mount.len()).is_some_and(|first| first == "data");
                    paths.extend(has_data.then(|| segments.clone()));
                    segments.drain(..mount.len());
                }
                if segments.first().is_some_and(|first| first == "data") {
                    segments.remove(0);
                }
            }
            // It may say what kind of object it is.
            Backend::AzureKeyVault if segments.len() > 1 && segments[0] == "secret" => {
                segments.remove(0);
            }
            _ => {}
        }
        paths.insert(0, mount.iter().cloned().chain(segments).collect());
        let fields = if reference.backend.needs_field() { vec!["*".to_string()] } else { Vec::new() };
        let locators = paths
            .into_iter()
            .filter_map(|path| Locator::new(reference.backend, path, BTreeMap::new(), fields.clone()).ok());
        self.hold(&locators.collect::<Vec<_>>(), &path, key);
    }

    /// Refuses a reference that comes to one of `locators`, unless one of them is permitted.
    fn hold(&mut self, locators: &[Locator], written: &str, datum: &Datum) {
        let Made { unit, environment, files, .. } = self.made;
        let Some(first) = locators.first() else {
            return self.refuse(LiteralFault::Unreadable, written, datum);
        };
        let out = &mut *self.out;
        let patterns =
            self.allowed.get_or_insert_with(|| allowed(unit, environment, &mut Quiet { files, out }));
        // One that can't be read was reported.
        let Some(patterns) = patterns else { return };
        let home = environment.home(first.backend);
        let is_covered = |locator| patterns.iter().any(|(pattern, _)| pattern.matches(locator, home));
        if !locators.iter().any(is_covered) {
            let suggestion = suggest(first);
            self.refuse(LiteralFault::OutOfScope { suggestion }, written, datum);
        }
    }

    fn refuse(&mut self, fault: LiteralFault, written: &str, datum: &Datum) {
        let Made { unit, environment, pack, view, .. } = self.made;
        let origin = match datum {
            Datum::Text(pieces) => pieces.iter().find_map(|piece| match piece {
                Piece::Text { origin, .. } => origin.map(|origin| origin.span),
                _ => None,
            }),
            _ => None,
        };
        let printed = || {
            let template = &self.document.template;
            let steps =
                steps_to(&self.document.body, datum).and_then(|steps| self.document.printed_steps(&steps));
            let place = Output::of(pack, template, view).zip(steps);
            place
                .and_then(|(output, steps)| output.value(self.nth, &steps))
                .or_else(|| Some(Span::new(pack.file(template)?, 0, 0)))
        };
        self.out.push(Fault::Literal {
            // What a pack prints, a value of the repo says.
            place: if self.document.template.contains('/') {
                printed().or(origin)
            } else {
                origin.or_else(printed)
            },
            unit: (*unit).clone(),
            written: written.to_string(),
            document: environment.document,
            fault,
        });
    }
}

/// The way to a value that stands in a body, by position.
fn steps_to(body: &Datum, wanted: &Datum) -> Option<Vec<usize>> {
    fn search(there: &Datum, wanted: &Datum, steps: &mut Vec<usize>) -> bool {
        let mut below = |step, value| {
            steps.push(step);
            let found = search(value, wanted, steps);
            if !found {
                steps.pop();
            }
            found
        };
        std::ptr::eq(there, wanted)
            || match there {
                Datum::List(items) => items.iter().enumerate().any(|(step, item)| below(step, item)),
                Datum::Map(map) => map.values().enumerate().any(|(step, item)| below(step, item)),
                _ => false,
            }
    }
    let mut steps = Vec::new();
    search(body, wanted, &mut steps).then_some(steps)
}

fn items(datum: Option<&Datum>) -> &[Datum] {
    match datum {
        Some(Datum::List(items)) => items,
        _ => &[],
    }
}

fn segments(path: &str) -> Vec<String> {
    path.split('/').map(str::to_owned).collect()
}

/// An ARN of a secret or of a parameter, with whatever stands in its parts.
static ARN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"arn:[a-z*-]+:(?:secretsmanager|ssm):(?P<region>[^:\s]*):(?P<account>[^:\s]*):(?:secret:(?P<secret>[A-Za-z0-9/_+=.@!*?-]+)|parameter/?(?P<parameter>[A-Za-z0-9/_.*?-]+))",
    )
    .expect("the pattern is written in the code")
});

/// Patterns of `allow:` know their own names, and nothing else.
struct Quiet<'a> {
    files: &'a Files,
    out: &'a mut Diagnostics,
}

impl Scope for Quiet<'_> {
    fn answer(&mut self, _root: &str, _name: &str, _at: Span) -> Option<Answer> {
        None
    }

    fn names(&self, _root: &str) -> Vec<String> {
        Vec::new()
    }

    fn roots(&self) -> &'static [&'static str] {
        &[]
    }

    fn findings(&mut self) -> &mut Diagnostics {
        self.out
    }

    fn files(&self) -> &Files {
        self.files
    }
}
