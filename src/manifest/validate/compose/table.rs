//! The embedded schema of the Compose Specification. A definition is read when a document has something of
//! it, once for all documents of the run; schemas/compose/README.md describes the text.

use std::borrow::Cow;
use std::sync::{LazyLock, OnceLock};

use crate::manifest::draft::{Datum, Piece};
use crate::manifest::validate::check::Definitions;
use crate::manifest::validate::schema::{Bounds, Form, Object, Pattern, Property, Type};

const TEXT: &str = include_str!("../../../../schemas/compose/schemas.txt");

/// The definitions, by name in the order of the alphabet.
static LINES: LazyLock<Vec<Line>> = LazyLock::new(|| {
    let lines = TEXT.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split_once(' ').unwrap_or((line, ""))).map(Line::new).collect()
});

/// The schema.
#[derive(Clone, Copy, Debug)]
pub struct Table;

/// A definition, unread until it is needed.
#[derive(Debug)]
struct Line {
    name: &'static str,
    text: &'static str,
    ty: OnceLock<Type>,
}

/// The keys of a mapping, while they are read.
#[derive(Default)]
struct Keys {
    properties: Vec<Property>,
    patterns: Vec<(Pattern, Type)>,
    others: Option<Box<Type>>,
    /// Of these keys one must be there.
    any: Vec<Type>,
}

impl Table {
    /// What a whole file, or a part of one, is held against.
    pub fn file() -> &'static Type {
        LINES[index("file")].ty()
    }
}

impl Definitions for Table {
    fn definition(&self, index: usize) -> &Type {
        LINES[index].ty()
    }
}

impl Line {
    fn new((name, text): (&'static str, &'static str)) -> Line {
        Line { name, text, ty: OnceLock::new() }
    }

    fn ty(&self) -> &Type {
        self.ty.get_or_init(|| self.read())
    }

    fn read(&self) -> Type {
        if let Some(ty) = self.text.strip_prefix(':') {
            let ty = read_type(ty);
            // What a definition stands for is no definition itself.
            return match ty.form {
                Form::Definition(_) => {
                    Type { nullable: ty.nullable, ..Type::of(Form::Union(vec![Type::of(ty.form)])) }
                }
                _ => ty,
            };
        }
        if let Some(options) = self.text.strip_prefix('=') {
            let text = |text: &str| Datum::Text(vec![Piece::Text { text: text.into(), origin: None }]);
            let options = options.split(',').map(text).collect();
            return bounded(Form::Text, Bounds { options, ..Bounds::default() });
        }
        if let Some(pattern) = self.text.strip_prefix('~') {
            let pattern = Some(Pattern::new(pattern));
            return bounded(Form::Text, Bounds { pattern, ..Bounds::default() });
        }
        let mut keys = Keys::default();
        keys.read(self.text);
        let object = Object::new(keys.properties, keys.others).with_patterns(keys.patterns);
        bounded(Form::Object(object), Bounds { any: keys.any, ..Bounds::default() })
    }
}

impl Keys {
    fn read(&mut self, text: &'static str) {
        for part in text.split(' ').filter(|part| !part.is_empty()) {
            if part == "..." {
                self.others = Some(Box::new(Type::of(Form::Any)));
            } else if let Some(name) = part.strip_prefix('&') {
                // Whether there are other keys says the line that includes it.
                let others = self.others.take();
                self.read(LINES[index(name)].text);
                self.others = others;
            } else if let Some(names) = part.strip_prefix('?') {
                self.any.extend(names.split(',').map(having));
            } else if let Some((pattern, ty)) = part.strip_prefix('/').and_then(|part| part.split_once("/:"))
            {
                if !self.patterns.iter().any(|(known, _)| known.as_str() == pattern) {
                    self.patterns.push((Pattern::new(pattern), read_type(ty)));
                }
            } else if let Some((name, ty)) = part.split_once(':') {
                let required = name.starts_with('+');
                let name = Cow::Borrowed(name.trim_start_matches('+'));
                self.properties.push(Property { name, required, ty: read_type(ty) });
            }
        }
    }
}

/// A mapping that has a key.
fn having(name: &'static str) -> Type {
    let any = || Type { nullable: true, ..Type::of(Form::Any) };
    let property = Property { name: Cow::Borrowed(name), required: true, ty: any() };
    Type::of(Form::Object(Object::new(vec![property], Some(Box::new(any())))))
}

fn bounded(form: Form, bounds: Bounds) -> Type {
    let bounds = (!bounds.is_empty()).then(|| Box::new(bounds));
    Type { bounds, ..Type::of(form) }
}

fn read_type(text: &'static str) -> Type {
    let mut options: Vec<Type> = Vec::new();
    let mut nullable = false;
    for part in alternatives(text) {
        match part {
            "z" => nullable = true,
            _ => options.push(read_alternative(part)),
        }
    }
    match options.len() {
        1 => Type { nullable, ..options.remove(0) },
        _ => Type { nullable, ..Type::of(Form::Union(options)) },
    }
}

fn read_alternative(text: &'static str) -> Type {
    let inner = || Box::new(read_type(&text[1..text.len() - 1]));
    match text {
        "*" => Type { nullable: true, ..Type::of(Form::Any) },
        "s" => Type::of(Form::Text),
        "i" => Type::of(Form::Integer(None)),
        "n" => Type::of(Form::Number),
        "b" => Type::of(Form::Bool),
        "{}" => Type::of(Form::Map(Box::new(Type { nullable: true, ..Type::of(Form::Any) }))),
        _ if text.starts_with('[') => Type::of(Form::List(inner())),
        _ if text.starts_with('<') => {
            bounded(Form::List(inner()), Bounds { unique: true, ..Bounds::default() })
        }
        _ => match text.strip_prefix("i(").and_then(|rest| rest.strip_suffix(')')?.split_once("..")) {
            Some((least, most)) => {
                let limit = |text: &str| text.parse().ok().map(|limit| (limit, false));
                let (minimum, maximum) = (limit(least), limit(most));
                bounded(Form::Integer(None), Bounds { minimum, maximum, ..Bounds::default() })
            }
            None => Type::of(Form::Definition(index(text))),
        },
    }
}

/// What stands between the `|` that are in no brackets.
fn alternatives(text: &'static str) -> impl Iterator<Item = &'static str> {
    let mut depth = 0_usize;
    text.split(move |c: char| {
        match c {
            '[' | '<' => depth += 1,
            ']' | '>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == '|' && depth == 0
    })
}

/// The number of a definition.
fn index(name: &str) -> usize {
    LINES
        .binary_search_by(|line| line.name.cmp(name))
        .unwrap_or_else(|_| panic!("the embedded schema defines `{name}`, which it names"))
}

#[cfg(test)]
mod tests {
    use super::{Form, LINES, Table, index};

    #[test]
    fn every_definition_is_read() {
        assert!(LINES.is_sorted_by(|a, b| a.name < b.name));
        assert!(LINES.iter().all(|line| !matches!(line.ty().form, Form::Definition(_))));
        assert!(matches!(&Table::file().form, Form::Object(file) if file.property("services").is_some()));
    }

    #[test]
    fn a_service_has_the_keys_of_all_its_parts() {
        let Form::Object(service) = &LINES[index("service")].ty().form else { panic!("it is a mapping") };
        for key in ["image", "ports", "restart"] {
            assert!(service.property(key).is_some(), "{key}");
        }
        assert!(service.others.is_none());
        assert_eq!(service.patterns().len(), 1);
    }
}
