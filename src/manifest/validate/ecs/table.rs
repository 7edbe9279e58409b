//! The embedded schemas of the documents of ECS: the inputs of the calls that take them. A definition is read
//! when a document has something of it, once for all documents of the run; schemas/ecs/README.md describes the
//! text.

use std::borrow::Cow;
use std::sync::{LazyLock, OnceLock};

use super::rules::rule_of;
use crate::manifest::validate::check::Definitions;
use crate::manifest::validate::rule::Rule;
use crate::manifest::validate::schema::{Bounds, Form, Object, Pattern, Property, Type};

const TEXT: &str = include_str!("../../../../schemas/ecs/schemas.txt");

static TABLE: LazyLock<Table> = LazyLock::new(Table::read);

/// The schemas.
#[derive(Debug)]
pub struct Table {
    /// In the order of the alphabet.
    lines: Vec<Line>,
    definitions: Vec<OnceLock<Type>>,
    /// The kinds of documents.
    roots: Vec<(&'static str, Type)>,
}

/// A definition, unread but for its name.
#[derive(Debug)]
struct Line {
    name: &'static str,
    parts: &'static str,
}

impl Table {
    /// The one that is embedded.
    pub fn embedded() -> &'static Table {
        &TABLE
    }

    /// What a document of a kind is.
    pub fn root(&self, kind: &str) -> Option<&Type> {
        self.roots.iter().find(|(name, _)| *name == kind).map(|(_, ty)| ty)
    }

    /// The kinds that there are.
    pub fn kinds(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.roots.iter().map(|(kind, _)| *kind)
    }

    fn read() -> Table {
        let lines = TEXT.lines().filter(|line| !line.starts_with('#'));
        let lines: Vec<Line> =
            lines.filter_map(|line| line.split_once(' ')).map(|(name, parts)| Line { name, parts }).collect();
        let mut roots = Vec::new();
        for (index, line) in lines.iter().enumerate() {
            let Some(kind) = line.parts.strip_prefix('=').and_then(|parts| parts.split(' ').next()) else {
                continue;
            };
            let one = Type::of(Form::Definition(index));
            roots.push(match kind.strip_prefix('[').and_then(|kind| kind.strip_suffix(']')) {
                Some(kind) => (kind, Type::of(Form::List(Box::new(one)))),
                None => (kind, one),
            });
        }
        let definitions = lines.iter().map(|_| OnceLock::new()).collect();
        Table { lines, definitions, roots }
    }

    /// The number of a definition.
    pub fn index(&self, name: &str) -> usize {
        self.lines
            .binary_search_by(|line| line.name.cmp(name))
            .unwrap_or_else(|_| panic!("the embedded schemas define `{name}`, which they name"))
    }

    fn read_definition(&self, line: &Line) -> Type {
        let service = line.name.split_once('.').map_or("", |(service, _)| service);
        let mut properties = Vec::new();
        let mut bounds = Bounds::default();
        let mut parts = line.parts.split(' ').peekable();
        if let Some(text) = parts.peek().and_then(|part| part.strip_prefix(':')) {
            let mut ty = self.read_type(text, service);
            for part in parts.skip(1) {
                read_bound(part, &mut ty, &mut bounds);
            }
            ty.bounds = (!bounds.is_empty()).then(|| Box::new(bounds));
            return ty;
        }
        for part in parts {
            match part.split_once(':') {
                Some((name, ty)) => {
                    let required = name.starts_with('+');
                    let name = name.trim_start_matches('+');
                    let ty = Type { rule: rule_of(line.name, name), ..self.read_type(ty, service) };
                    properties.push(Property { name: Cow::Borrowed(name), required, ty });
                }
                None if part == "|" => bounds.size = (Some(1), Some(1)),
                None => {}
            }
        }
        let bounds = (!bounds.is_empty()).then(|| Box::new(bounds));
        Type { bounds, ..Type::of(Form::Object(Object::new(properties, None))) }
    }

    fn read_type(&self, text: &'static str, service: &str) -> Type {
        let inner = || Box::new(self.read_type(&text[1..text.len() - 1], service));
        Type::of(match text {
            "*" => Form::Any,
            "s" => Form::Text,
            "t" => Form::TextOrNumber,
            "i" => Form::Integer(Some(32)),
            "l" => Form::Integer(Some(64)),
            "n" => Form::Number,
            "b" => Form::Bool,
            _ if text.starts_with('[') => Form::List(inner()),
            _ if text.starts_with('{') => Form::Map(inner()),
            _ => Form::Definition(self.index(&format!("{service}{text}"))),
        })
    }
}

impl Definitions for Table {
    fn definition(&self, index: usize) -> &Type {
        self.definitions[index].get_or_init(|| self.read_definition(&self.lines[index]))
    }
}

/// What a part behind a type says: `=A|B`, `#1..255`, `~PATTERN`.
fn read_bound(part: &'static str, ty: &mut Type, bounds: &mut Bounds) {
    if let Some(options) = part.strip_prefix('=') {
        // As long as the table that it is a part of.
        ty.rule = Some(Rule::OneOf(options.split('|').collect::<Vec<_>>().leak()));
    } else if let Some(pattern) = part.strip_prefix('~') {
        bounds.pattern = Some(Pattern::new(anchored(pattern)));
    } else if let Some((least, most)) = part.strip_prefix('#').and_then(|range| range.split_once("..")) {
        if matches!(ty.form, Form::Integer(_) | Form::Number) {
            let limit = |text: &str| text.parse().ok().map(|number: f64| (number, false));
            (bounds.minimum, bounds.maximum) = (limit(least), limit(most));
        } else {
            bounds.size = (least.parse().ok(), most.parse().ok());
        }
    }
}

/// A pattern of the API, which holds of a whole text.
fn anchored(pattern: &str) -> String {
    format!(r"\A(?:{pattern})\z")
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::{Table, anchored};
    use crate::manifest::validate::check::Definitions;
    use crate::manifest::validate::schema::Form;

    #[test]
    fn every_definition_is_read() {
        let table = Table::embedded();
        assert!(table.lines.len() > 250);
        assert!(table.lines.is_sorted_by(|a, b| a.name < b.name));
        let objects = (0..table.lines.len()).map(|index| table.definition(index));
        assert!(objects.filter(|ty| matches!(ty.form, Form::Object(_))).count() > 100);
    }

    #[test]
    fn the_kinds_are_those_of_the_pack() {
        let mut kinds: Vec<&str> = Table::embedded().kinds().collect();
        kinds.sort_unstable();
        let all = [
            "run-task",
            "scalable-target",
            "scaling-policies",
            "schedule",
            "secrets",
            "service",
            "task-definition",
        ];
        assert_eq!(kinds, all);
    }

    /// One looks ahead, which no linear regex does; it is about events, which no document has.
    #[test]
    fn the_patterns_are_read_but_for_one() {
        let patterns = Table::embedded().lines.iter().flat_map(|line| {
            line.parts
                .split(' ')
                .filter_map(|part| part.strip_prefix('~'))
                .map(|pattern| (line.name, pattern))
        });
        let broken: Vec<&str> = patterns
            .filter(|(_, pattern)| Regex::new(&anchored(pattern)).is_err())
            .map(|(name, _)| name)
            .collect();
        assert_eq!(broken, ["scheduler.Source"]);
    }
}
