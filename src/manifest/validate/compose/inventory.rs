//! What is in an environment: its services by name, each of perhaps several parts, and what is declared beside them.

use std::borrow::Cow;
use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::fact::{Fact, Section};
use crate::manifest::artifact::Form;
use crate::manifest::draft::{Datum, Document};
use crate::manifest::validate::finding::{Fact as Any, Finding};
use crate::manifest::validate::spot::Spot;
use crate::source::nearest::nearest;

/// With so many findings, nobody reads what was meant by each.
const HINTS: usize = 200;

/// What a document is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// compose.yaml.
    File,
    /// The file that overrides it with values.
    Override,
    /// A folder of files, with or without secrets.
    Texts,
}

/// The documents that run together.
#[derive(Debug)]
pub struct Inventory<'a> {
    /// The services in the order in which they come.
    pub services: IndexMap<&'a str, Entry<'a>>,
    /// What the override says of services.
    pub overrides: Vec<(&'a str, Spot<'a>)>,
    /// The paths of the files beside compose.yaml, and of their folders.
    pub files: BTreeSet<String>,
    /// Whether these are all documents of the environment.
    pub whole: bool,
    declared: IndexMap<(Section, &'a str), Entry<'a>>,
}

/// A service, or something that is declared beside services.
#[derive(Debug, Default)]
pub struct Entry<'a> {
    /// What documents say of it.
    pub parts: Vec<Spot<'a>>,
}

impl Part {
    /// What a document is a part of, if Compose reads it.
    pub fn of(document: &Document) -> Option<Part> {
        match &*document.kind() {
            "compose" => Some(Part::File),
            "compose-secrets" => Some(Part::Override),
            "compose-files" | "compose-secret-files" => Some(Part::Texts),
            _ => None,
        }
    }
}

impl<'a> Inventory<'a> {
    /// What is in these documents.
    pub fn of(documents: &[&'a Document], whole: bool) -> Self {
        let mut inventory = Inventory {
            services: IndexMap::new(),
            overrides: Vec::new(),
            files: BTreeSet::new(),
            whole,
            declared: IndexMap::new(),
        };
        for (index, document) in documents.iter().enumerate() {
            inventory.add(document, Spot::root(index, &document.body));
        }
        inventory
    }

    /// Whether something is declared.
    pub fn declares(&self, section: Section, name: &str) -> bool {
        self.declared.contains_key(&(section, name))
    }

    /// All that is declared, with its section and its name.
    pub fn declared(&self) -> impl Iterator<Item = (Section, &'a str, &Entry<'a>)> {
        self.declared.iter().map(|((section, name), entry)| (*section, *name, entry))
    }

    fn add(&mut self, document: &'a Document, root: Spot<'a>) {
        match Part::of(document) {
            Some(Part::File) => {
                for (name, spot) in root.get("services").iter().flat_map(Spot::entries) {
                    self.services.entry(name).or_default().parts.push(spot);
                }
                for section in Section::ALL {
                    for (name, spot) in root.get(section.key()).iter().flat_map(Spot::entries) {
                        self.declared.entry((section, name)).or_default().parts.push(spot);
                    }
                }
            }
            Some(Part::Override) => {
                self.overrides.extend(root.get("services").iter().flat_map(Spot::entries));
            }
            Some(Part::Texts) => {
                let file = document.artifact.file.as_ref();
                let Some(file) = file.filter(|file| file.form == Form::Texts) else { return };
                self.files.insert(file.name.to_string());
                self.files.extend(root.entries().map(|(key, _)| format!("{}/{key}", file.name)));
            }
            None => {}
        }
    }
}

impl<'a> Entry<'a> {
    /// The value of a key; of several parts the first that has it.
    pub fn get(&self, key: &str) -> Option<Spot<'a>> {
        self.parts.iter().find_map(|part| part.get(key))
    }

    /// The value at the end of several keys.
    pub fn at(&self, keys: &[&str]) -> Option<Spot<'a>> {
        self.parts.iter().find_map(|part| part.at(keys))
    }

    /// The items of a list, or the entries of a mapping with their keys, of all parts.
    pub fn items(&self, key: &str) -> impl Iterator<Item = Item<'a>> {
        self.parts.iter().filter_map(move |part| part.get(key)).flat_map(items)
    }
}

/// One of several: a list's have no name.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    /// Its key in a mapping.
    pub key: Option<&'a str>,
    /// Its value.
    pub value: Spot<'a>,
}

/// The items of a list or the entries of a mapping; of what is neither, the value itself.
pub fn items(spot: Spot<'_>) -> impl Iterator<Item = Item<'_>> {
    let single = (!matches!(spot.datum, Datum::List(_) | Datum::Map(_))).then_some(spot);
    let items = spot.items().chain(single).map(|value| Item { key: None, value });
    items.chain(spot.entries().map(|(key, value)| Item { key: Some(key), value }))
}

/// The text of a value, if all of it is known and Compose takes it as it stands.
pub fn plain<'a>(spot: &Spot<'a>) -> Option<Cow<'a, str>> {
    spot.text().filter(|text| !text.contains('$'))
}

/// A fact of Compose about a value.
pub fn at(spot: &Spot<'_>, fact: Fact) -> Finding {
    Finding::at(spot, Any::Compose(fact))
}

/// The known name that was probably meant, unless so much is wrong already that nobody reads it.
pub fn meant<'k>(name: &str, known: impl IntoIterator<Item = &'k str>, found: &[Finding]) -> Option<String> {
    if found.len() < HINTS { nearest(name, known).map(ToString::to_string) } else { None }
}
