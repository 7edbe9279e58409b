//! What an environment says for its platform alone: `platforms.NAME` of environment.yaml, typed by its schema, with
//! the names of the environment filled in.

use std::sync::{Arc, LazyLock};

use indexmap::IndexMap;

use super::environment::Names;
use super::infra::Infra;
use super::interpolate::{Answer, Budget, MAX_NAMES, Scope, interpolate};
use super::layered::{Layered, LayeredKind};
use super::repo::schema;
use super::tree::{Tree, TreeKind};
use crate::source::diagnostic::Diagnostics;
use crate::source::files::Files;
use crate::source::node::{Scalar, ScalarType};
use crate::source::schema_cursor::Contract;
use crate::source::schema_place::Place;
use crate::source::span::Span;

/// What the schema of an environment says of a platform's settings.
pub fn settings_place(platform: &str) -> &'static Place<'static> {
    static PLACE: LazyLock<Place<'static>> =
        LazyLock::new(|| Place::of(schema("environment").cursor().child("platforms")));
    PLACE.child(platform)
}

/// The settings of one platform, of which `places` say what they are; of several that know a key the first counts.
/// `None` when an expression in them can't be resolved, and why is in `out`.
pub fn read(
    own: &Layered,
    places: &[&Place<'_>],
    names: &Names,
    infra: &Infra,
    files: &Files,
    out: &mut Diagnostics,
) -> Option<Tree> {
    let before = out.error_count();
    let mut scope = SettingsScope { files, names, infra, budget: Budget::default(), out };
    let entries = own.entries().filter_map(|(key, value)| {
        let known = places.iter().find(|place| place.knows(key)).or(places.last());
        let place = known.expect("there is a place").child(key);
        Some((key.clone(), convert(value, place, &mut scope)?))
    });
    let tree = Tree { kind: TreeKind::Map(entries.collect()), origin: own.origin };
    (out.error_count() == before).then_some(tree)
}

fn convert(node: &Layered, place: &Place<'_>, scope: &mut SettingsScope<'_>) -> Option<Tree> {
    let kind = match &node.kind {
        LayeredKind::Removed => return None,
        LayeredKind::Scalar(scalar) => typed(scalar, place.contract(), node.origin.span, scope)?,
        LayeredKind::List(items) => {
            TreeKind::List(items.iter().filter_map(|item| convert(item, place.item(), scope)).collect())
        }
        LayeredKind::Map(_) => {
            let entries = node.entries();
            let entries = entries
                .filter_map(|(key, value)| Some((key.clone(), convert(value, place.child(key), scope)?)));
            TreeKind::Map(entries.collect::<IndexMap<Arc<str>, Tree>>())
        }
    };
    Some(Tree { kind, origin: node.origin })
}

fn typed(scalar: &Scalar, contract: Contract, span: Span, scope: &mut SettingsScope<'_>) -> Option<TreeKind> {
    Some(match (scalar.ty, contract) {
        (ScalarType::Null, _) => return None,
        (ScalarType::Text, _) | (_, Contract::Text) => {
            TreeKind::Text(interpolate(&scalar.text, span, scope)?)
        }
        (ScalarType::Bool, _) => TreeKind::Bool(scalar.text.eq_ignore_ascii_case("true")),
        (ScalarType::Int, _) => match scalar.as_i64() {
            Some(number) => TreeKind::Int(number),
            None => TreeKind::Number(scalar.text.clone()),
        },
        (ScalarType::Float, _) => TreeKind::Number(scalar.text.clone()),
    })
}

/// The names that settings may use.
struct SettingsScope<'a> {
    files: &'a Files,
    names: &'a Names,
    infra: &'a Infra,
    budget: Budget,
    out: &'a mut Diagnostics,
}

impl Scope for SettingsScope<'_> {
    fn answer(&mut self, root: &str, name: &str, at: Span) -> Option<Answer> {
        let own = self.names.get(name).map(|(text, _)| text.clone());
        match root {
            "env" => Some(own.map_or(Answer::Missing, Answer::Text)),
            "infra" => Some(self.infra.answer(name, at, self.out)),
            _ => None,
        }
    }

    fn names(&self, root: &str) -> Vec<String> {
        match root {
            "infra" => self.infra.names(),
            _ => self.names.keys().take(MAX_NAMES).map(ToString::to_string).collect(),
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
