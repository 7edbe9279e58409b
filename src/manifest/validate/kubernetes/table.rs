//! The embedded schemas of Kubernetes' own kinds. A definition is read when a document has something of
//! it, once for all documents of the run; schemas/kubernetes/README.md describes the text.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use super::rules::rule_of;
use super::version::Version;
use crate::manifest::draft::{Datum, Piece};
use crate::manifest::validate::grammar::Grammar;
use crate::manifest::validate::rule::Rule;
use crate::manifest::validate::schema::{Bounds, Form, Object, Property, Type};

/// The minor versions in the table, oldest first.
pub const MINORS: [u8; 5] = [33, 34, 35, 36, 37];

const TEXT: &str = include_str!("../../../../schemas/kubernetes/schemas.txt");

/// The lines of all versions, by name in the order of the alphabet.
static LINES: LazyLock<Vec<Line>> =
    LazyLock::new(|| TEXT.lines().filter(|line| !line.starts_with('#')).map(Line::read).collect());

/// The schemas of one version.
#[derive(Debug)]
pub struct Table {
    version: Version,
    definitions: Vec<OnceLock<Type>>,
    /// The line of an `API-VERSION,KIND`.
    kinds: HashMap<&'static str, usize>,
}

/// A definition, unread but for its name.
#[derive(Debug)]
struct Line {
    name: &'static str,
    versions: Range,
    parts: &'static str,
}

/// The minor versions in which something exists.
#[derive(Clone, Copy, Debug)]
struct Range {
    first: u8,
    last: u8,
}

impl Table {
    /// The schemas of a version.
    pub fn of(version: Version) -> &'static Table {
        static TABLES: [OnceLock<Table>; MINORS.len()] = [const { OnceLock::new() }; MINORS.len()];
        let index = usize::from(version.minor() - MINORS[0]);
        TABLES[index].get_or_init(|| Table::read(version))
    }

    /// The definition of a kind.
    pub fn kind(&self, api_version: &str, kind: &str) -> Option<usize> {
        self.kinds.get(format!("{api_version},{kind}").as_str()).copied()
    }

    /// The kinds that there are, as `API-VERSION,KIND`.
    pub fn kinds(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.kinds.keys().copied()
    }

    /// The number of a definition.
    pub fn index(&self, name: &str) -> usize {
        LINES
            .binary_search_by(|line| line.name.cmp(name))
            .unwrap_or_else(|_| panic!("the embedded schemas define `{name}`, which they name"))
    }

    /// A definition.
    pub fn definition(&self, index: usize) -> &Type {
        self.definitions[index].get_or_init(|| self.read_definition(&LINES[index]))
    }

    fn read(version: Version) -> Table {
        let mut kinds = HashMap::new();
        for (index, line) in LINES.iter().enumerate().filter(|(_, line)| line.versions.has(version)) {
            if let Some(kind) = line.parts.strip_prefix('=') {
                kinds.insert(kind.split(' ').next().unwrap_or_default(), index);
            }
        }
        let definitions = LINES.iter().map(|_| OnceLock::new()).collect();
        Table { version, definitions, kinds }
    }

    fn read_definition(&self, line: &Line) -> Type {
        let group = line.name.rsplit_once('.').map_or("", |(group, _)| group);
        let mut kind = None;
        let mut properties = Vec::new();
        for part in line.parts.split(' ') {
            if let Some(names) = part.strip_prefix('=') {
                kind = names.split_once(',');
                continue;
            }
            let (part, versions) = Range::split(part);
            if !versions.has(self.version) {
                continue;
            }
            let (name, ty) = part.split_once(':').unwrap_or((part, ""));
            if name.is_empty() {
                return self.read_type(ty, group);
            }
            let required = name.starts_with('+');
            let name = name.trim_start_matches('+');
            let mut ty = self.read_type(ty, group);
            ty.rule = rule_of(line.name, name).or(ty.rule);
            properties.push(Property { name: Cow::Borrowed(name), required, ty });
        }
        if let Some((api_version, kind)) = kind {
            for property in &mut properties {
                let only = match &*property.name {
                    "apiVersion" => api_version,
                    "kind" => kind,
                    _ => continue,
                };
                let text = Piece::Text { text: only.into(), origin: None };
                let options = vec![Datum::Text(vec![text]), Datum::Null];
                property.ty.bounds = Some(Box::new(Bounds { options, ..Bounds::default() }));
            }
        }
        Type { nullable: true, ..Type::of(Form::Object(Object::new(properties, None))) }
    }

    fn read_type(&self, text: &'static str, group: &str) -> Type {
        let (text, nullable) = text.strip_suffix('!').map_or((text, true), |text| (text, false));
        let inner = || Box::new(self.read_type(&text[1..text.len() - 1], group));
        let (form, rule) = match text {
            "*" => (Form::Any, None),
            "s" => (Form::Text, None),
            "t" => (Form::Text, Some(Rule::Text(Grammar::Time))),
            "y" => (Form::Text, Some(Rule::Text(Grammar::Base64))),
            "i" => (Form::Integer(None), None),
            "i32" => (Form::Integer(Some(32)), None),
            "i64" => (Form::Integer(Some(64)), None),
            "n" => (Form::Number, None),
            "b" => (Form::Bool, None),
            "q" => (Form::TextOrNumber, Some(Rule::Text(Grammar::Quantity))),
            "x" => (Form::TextOrInteger, None),
            _ if text.starts_with('[') => (Form::List(inner()), None),
            _ if text.starts_with('{') => (Form::Map(inner()), None),
            _ => {
                let name = if text.starts_with('.') { format!("{group}{text}") } else { text.to_string() };
                // Whether it takes null says the definition.
                return Type::of(Form::Definition(self.index(&name)));
            }
        };
        Type { form, nullable, rule, bounds: None }
    }
}

impl Line {
    fn read(line: &'static str) -> Line {
        let (name, parts) = line.split_once(' ').unwrap_or((line, ""));
        let (name, versions) = Range::split(name);
        Line { name, versions, parts }
    }
}

impl Range {
    /// What stands before an `@`, and the versions behind it.
    fn split(text: &'static str) -> (&'static str, Range) {
        let (text, range) = text.split_once('@').unwrap_or((text, "-"));
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        (text, Range { first: first.parse().unwrap_or(0), last: last.parse().unwrap_or(u8::MAX) })
    }

    fn has(self, version: Version) -> bool {
        (self.first..=self.last).contains(&version.minor())
    }
}

#[cfg(test)]
mod tests {
    use super::{LINES, MINORS, TEXT, Table};
    use crate::manifest::validate::kubernetes::version::Version;
    use crate::manifest::validate::schema::Form;

    #[test]
    fn every_definition_of_every_version_is_read() {
        for version in Version::all() {
            let table = Table::of(version);
            for index in 0..LINES.len() {
                table.definition(index);
            }
            assert!(table.kinds().count() > 150, "{version}");
        }
    }

    #[test]
    fn the_lines_are_sorted_and_name_the_versions() {
        assert!(LINES.is_sorted_by(|a, b| a.name < b.name));
        let head = TEXT.lines().next().unwrap();
        for minor in MINORS {
            assert!(head.contains(&format!("1.{minor}")), "{head}");
        }
    }

    #[test]
    fn versions_differ_where_the_api_does() {
        let property = |version: &str, name: &str, key: &str| {
            let table = Table::of(Version::parse(version).unwrap());
            match &table.definition(table.index(name)).form {
                Form::Object(object) => object.property(key).map(|property| property.required),
                _ => None,
            }
        };
        assert_eq!(property("1.33", "core.v1.HTTPGetAction", "protocol"), None);
        assert_eq!(property("1.37", "core.v1.HTTPGetAction", "protocol"), Some(false));
        assert_eq!(property("1.36", "apps.v1.Deployment", "spec"), Some(false));
        assert_eq!(property("1.37", "apps.v1.Deployment", "spec"), Some(true));
    }
}
