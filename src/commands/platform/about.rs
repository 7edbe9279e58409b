//! What a pack says of itself, for people and programs.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::config::pack_schema::{Of, is_core};
use crate::config::packs::{DESCRIPTION, PLATFORMS};
use crate::config::repo::{Repo, app_place, schema};
use crate::manifest::built_in;
use crate::source::diagnostic::Diagnostics;
use crate::source::node::{Kind, Node, ScalarType};
use crate::source::schema_cursor::Cursor;
use crate::source::span::FileId;
use crate::source::yaml;

/// Where a pack comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pack {
    /// With the program.
    BuiltIn,
    /// From the repo.
    Own,
    /// From the repo, and the program has one of that name too, which doesn't count.
    Ejected,
}

/// A pack with all of its files.
#[derive(Debug)]
pub(super) struct About {
    pub(super) name: String,
    pub(super) pack: Pack,
    /// Where its files lie in the repo.
    pub(super) path: Option<String>,
    /// Names and texts, platform.yaml among them.
    files: Vec<(String, String)>,
    description: Node,
}

impl About {
    /// The pack of a platform: the repo's, else the built-in one.
    pub(super) fn of(name: &str, repo: Option<&Repo>) -> Option<About> {
        let built_in = built_in::files(name);
        let own = repo.and_then(|repo| Some((repo, repo.packs.get(name)?)));
        let (pack, files) = match (own, built_in) {
            (Some((repo, own)), built_in) => {
                let templates = own.templates.iter().map(|template| (template.name.as_str(), template.file));
                let files = templates.chain([(DESCRIPTION, own.description.file)]);
                let text = |file| repo.files.get(file).text.to_string();
                let files = files.map(|(name, file)| (name.to_string(), text(file))).collect();
                (if built_in.is_some() { Pack::Ejected } else { Pack::Own }, files)
            }
            (None, Some(files)) => {
                let files = files.iter().map(|(name, text)| ((*name).to_string(), (*text).to_string()));
                (Pack::BuiltIn, files.collect::<Vec<_>>())
            }
            (None, None) => return None,
        };
        let (_, text) = files.iter().find(|(name, _)| name == DESCRIPTION)?;
        let nodes = yaml::parse(FileId(0), text, &yaml::Limits::default(), &mut Diagnostics::default())?;
        let description = nodes.into_iter().next()?;
        let path = (pack != Pack::BuiltIn).then(|| format!("{PLATFORMS}/{name}"));
        Some(About { name: name.to_string(), pack, path, files, description })
    }

    /// What it makes: the files that it names, and of other documents the kinds.
    pub(super) fn makes(&self) -> Vec<String> {
        let mut made: Vec<String> = Vec::new();
        for one in self.rows("documents").iter().flat_map(|row| self.made_by(row)) {
            if !made.contains(&one) {
                made.push(one);
            }
        }
        made
    }

    /// What the documents of a row are called.
    pub(super) fn made_by(&self, row: &Node) -> Vec<String> {
        let text = |key: &str| row.get(key).and_then(Node::as_text).map(ToString::to_string);
        if let Some(file) = text("file").or_else(|| text("texts").map(|folder| format!("{folder}/"))) {
            return vec![file];
        }
        match text("kind") {
            Some(kind) => vec![kind],
            None => self.kinds_of(&text("template").unwrap_or_default()),
        }
    }

    /// The kinds of documents that a template writes in words.
    fn kinds_of(&self, template: &str) -> Vec<String> {
        let text = self.files.iter().find(|(name, _)| name == template).map_or("", |(_, text)| text);
        let kinds = text.lines().filter_map(|line| line.strip_prefix("kind: "));
        let is_word = |kind: &&str| kind.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let mut kinds: Vec<String> =
            kinds.map(str::trim_end).filter(is_word).map(ToString::to_string).collect();
        kinds.dedup();
        kinds
    }

    /// The rows of a list of platform.yaml.
    pub(super) fn rows(&self, key: &str) -> &[Node] {
        self.description.get(key).and_then(Node::as_list).unwrap_or_default()
    }

    /// A list or a value of platform.yaml as JSON; null if it isn't there.
    pub(super) fn json(&self, key: &str) -> Value {
        self.description.get(key).map_or(Value::Null, json)
    }

    /// The built-in schemas that its documents are held against.
    pub(super) fn schemas(&self) -> Option<&str> {
        self.description.get("schemas").and_then(Node::as_text).map(|text| &**text)
    }

    /// How its files differ from those of the built-in pack of its name.
    pub(super) fn differences(&self) -> Vec<String> {
        let built_in = built_in::files(&self.name).filter(|_| self.pack == Pack::Ejected).unwrap_or_default();
        let theirs = |name: &str| built_in.iter().find(|(known, _)| *known == name);
        let mine = |name: &str| self.files.iter().any(|(known, _)| known == name);
        let changed = self.files.iter().filter_map(|(name, text)| match theirs(name) {
            _ if built_in.is_empty() => None,
            Some((_, other)) if other == text => None,
            Some(_) => Some(format!("{name} differs")),
            None => Some(format!("{name} is new")),
        });
        let gone = built_in.iter().filter(|(name, _)| !mine(name)).map(|(name, _)| format!("{name} is gone"));
        changed.chain(gone).collect()
    }

    /// What `platforms.NAME` may say, in an app or in an environment: keys, and what they are.
    pub(super) fn settings(&self, of: Of, repo: Option<&Repo>) -> Vec<(String, String)> {
        let own = repo.and_then(|repo| repo.packs.get(&self.name)).and_then(|pack| match of {
            Of::App => pack.app,
            Of::Environment => pack.environment,
        });
        let file = match of {
            Of::App => "app",
            Of::Environment => "environment",
        };
        let core = schema(file).cursor().child("platforms").child(&self.name);
        let root = app_place();
        let told = |cursor: &Cursor<'_>| -> Vec<(String, String)> {
            cursor.about().keys.into_iter().map(|(key, said)| (key.to_string(), said)).collect()
        };
        // What every app has isn't this platform's.
        let is_own = |(key, _): &(String, String)| of == Of::Environment || !root.knows(key);
        let mut settings: Vec<_> = told(&core).into_iter().filter(is_own).collect();
        let own = own.map(|schema| told(&schema.cursor())).unwrap_or_default();
        settings.extend(own.into_iter().filter(|(key, _)| !is_core(of, &self.name, key)));
        settings
    }
}

impl Pack {
    pub(super) fn words(self) -> &'static str {
        match self {
            Pack::BuiltIn => "built-in",
            Pack::Own => "own",
            Pack::Ejected => "ejected",
        }
    }
}

impl Serialize for Pack {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.words())
    }
}

/// A node as JSON. Numbers stay the text that they were written as.
pub(super) fn json(node: &Node) -> Value {
    match &node.kind {
        Kind::List(items) => items.iter().map(json).collect(),
        Kind::Map(map) => {
            let entries = map.iter().map(|(key, entry)| (key.to_string(), json(&entry.value)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
        Kind::Scalar(scalar) => match scalar.ty {
            ScalarType::Null => Value::Null,
            ScalarType::Bool => Value::Bool(scalar.text.eq_ignore_ascii_case("true")),
            _ => Value::String(scalar.text.to_string()),
        },
    }
}
