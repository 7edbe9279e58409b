//! A document held against its schema. What is a secret, or composed with one, is a string whose text
//! isn't known: nothing is asked of it but to be a string.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Write as _;

use indexmap::IndexMap;

use super::finding::{Fact, Finding};
use super::grammar::Grammar;
use super::rule::Rule;
use super::schema::{Bounds, Form, Object, Type};
use super::words::any_of;
use crate::manifest::draft::Datum;
use crate::source::nearest::nearest;

/// What a number of [`Form::Definition`] stands for.
pub trait Definitions {
    /// The type; it is no definition itself.
    fn definition(&self, index: usize) -> &Type;
}

/// Adds a finding for every cause for which a document doesn't fit.
pub fn check(
    definitions: &dyn Definitions,
    document: usize,
    datum: &Datum,
    ty: &Type,
    found: &mut Vec<Finding>,
) {
    Check { definitions, document, steps: Vec::new(), found }.value(datum, ty);
}

struct Check<'a> {
    definitions: &'a dyn Definitions,
    document: usize,
    steps: Vec<usize>,
    found: &'a mut Vec<Finding>,
}

impl Check<'_> {
    fn say(&mut self, fact: Fact) {
        self.found.push(Finding { document: self.document, steps: self.steps.clone(), fact, other: None });
    }

    fn below(&mut self, step: usize, datum: &Datum, ty: &Type) {
        self.steps.push(step);
        self.value(datum, ty);
        self.steps.pop();
    }

    fn value(&mut self, datum: &Datum, ty: &Type) {
        let definitions = self.definitions;
        let meant = match ty.form {
            Form::Definition(index) => definitions.definition(index),
            _ => ty,
        };
        if matches!(datum, Datum::Null) && (meant.nullable || ty.nullable) {
            return;
        }
        let expected = match (&meant.form, datum) {
            (Form::Any | Form::Definition(_), _)
            | (Form::Text | Form::TextOrNumber | Form::TextOrInteger, Datum::Text(_))
            | (Form::Number | Form::TextOrNumber, Datum::Number(_))
            | (Form::Bool, Datum::Bool(_)) => None,
            (Form::Integer(_) | Form::TextOrInteger, Datum::Number(text)) if is_whole(text) => None,
            (Form::List(item), Datum::List(items)) => {
                for (index, value) in items.iter().enumerate() {
                    self.below(index, value, item);
                }
                None
            }
            (Form::Map(value), Datum::Map(map)) => {
                for (index, datum) in map.values().enumerate() {
                    self.below(index, datum, value);
                }
                None
            }
            (Form::Object(object), Datum::Map(map)) => {
                self.object(object, map);
                None
            }
            (Form::Union(options), _) => match options.iter().find(|option| self.takes(option, datum)) {
                Some(option) => {
                    self.value(datum, option);
                    None
                }
                None => Some(self.describe(&meant.form)),
            },
            (form, _) => Some(self.describe(form)),
        };
        if let Some(expected) = expected {
            self.say(Fact::Type { expected, found: describe(datum) });
            return;
        }
        if let Form::Integer(Some(bits)) = meant.form {
            self.range(datum, bits);
        }
        for ty in [Some(meant), Some(ty).filter(|ty| !std::ptr::eq(*ty, meant))].into_iter().flatten() {
            if let Some(rule) = &ty.rule {
                self.rule(datum, rule);
            }
            if let Some(bounds) = &ty.bounds {
                self.bounds(datum, bounds);
            }
        }
    }

    fn object(&mut self, object: &Object, map: &IndexMap<std::sync::Arc<str>, Datum>) {
        let mut required = 0;
        let mut misspelt: Vec<&str> = Vec::new();
        for (index, (key, value)) in map.iter().enumerate() {
            match (object.property(key), &object.others) {
                (Some(property), _) => {
                    required += usize::from(property.required);
                    self.below(index, value, &property.ty);
                }
                (None, others) => {
                    let pattern = object.patterns().iter().find(|(pattern, _)| pattern.holds(key));
                    if let Some(ty) = pattern.map(|(_, ty)| ty).or(others.as_deref()) {
                        self.below(index, value, ty);
                        continue;
                    }
                    if let (true, [(pattern, _), ..]) = (object.properties().is_empty(), object.patterns()) {
                        self.steps.push(index);
                        let pattern = pattern.as_str().to_string();
                        self.say(Fact::KeyForm { key: key.to_string(), pattern });
                        self.steps.pop();
                        continue;
                    }
                    let names = object.properties().iter().map(|property| &*property.name);
                    let meant = nearest(key, names.clone().filter(|name| !map.contains_key(*name)));
                    misspelt.extend(meant);
                    self.steps.push(index);
                    self.say(Fact::UnknownKey {
                        key: key.to_string(),
                        meant: meant.map(ToString::to_string),
                        known: names.map(ToString::to_string).collect(),
                    });
                    self.steps.pop();
                }
            }
        }
        let wanted = || object.properties().iter().filter(|property| property.required);
        if required < wanted().count() {
            for property in wanted().filter(|p| !map.contains_key(&*p.name) && !misspelt.contains(&&*p.name))
            {
                self.say(Fact::MissingKey { key: property.name.to_string() });
            }
        }
    }

    /// Whether a number fits into that many bits.
    fn range(&mut self, datum: &Datum, bits: u32) {
        let least = i64::MIN >> (64 - bits.min(64));
        let most = i64::MAX >> (64 - bits.min(64));
        let Datum::Number(text) = datum else { return };
        #[expect(clippy::cast_precision_loss, reason = "only for a number that is written as a fraction")]
        let fits = match whole(text) {
            Some(number) => (least..=most).contains(&number),
            None => (least as f64..most as f64).contains(&float(text)),
        };
        if !fits {
            self.say(Fact::Range { least, most });
        }
    }

    fn rule(&mut self, datum: &Datum, rule: &Rule) {
        match (rule, datum) {
            (Rule::OneOf(options), _) => {
                if let Some(text) = datum.as_text()
                    && !options.contains(&&*text)
                {
                    self.say(Fact::Option {
                        options: options.iter().filter(|o| !o.is_empty()).map(ToString::to_string).collect(),
                        meant: nearest(&text, options.iter().copied()).map(ToString::to_string),
                    });
                }
            }
            (Rule::EachOf(options), Datum::List(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.steps.push(index);
                    self.rule(item, &Rule::OneOf(options));
                    self.steps.pop();
                }
            }
            (Rule::AtLeast(least), Datum::Number(text)) if whole(text).is_some_and(|n| n < *least) => {
                self.say(Fact::Range { least: *least, most: i64::MAX });
            }
            (Rule::Between(least, most), Datum::Number(text))
                if whole(text).is_some_and(|n| !(*least..=*most).contains(&n)) =>
            {
                self.say(Fact::Range { least: *least, most: *most });
            }
            (Rule::Port | Rule::PortOrName, Datum::Number(text))
                if whole(text).is_none_or(|n| !(1..=65535).contains(&n)) =>
            {
                self.say(Fact::Range { least: 1, most: 65535 });
            }
            (Rule::PortOrName, Datum::Text(_)) => self.text(datum, Grammar::PortName),
            (Rule::Text(grammar), _) => self.text(datum, *grammar),
            (Rule::Keys(grammar), Datum::Map(map)) => {
                for (index, key) in map.keys().enumerate().filter(|(_, key)| !grammar.fits(key)) {
                    self.steps.push(index);
                    self.say(Fact::DataKey { key: key.to_string() });
                    self.steps.pop();
                }
            }
            (Rule::Labels | Rule::Annotations, Datum::Map(map)) => {
                for (index, (key, value)) in map.iter().enumerate() {
                    self.steps.push(index);
                    if !Grammar::QualifiedName.fits(key) {
                        self.say(Fact::LabelKey { key: key.to_string() });
                    } else if matches!(rule, Rule::Labels)
                        && value.as_text().is_some_and(|text| !Grammar::LabelValue.fits(&text))
                    {
                        self.say(Fact::LabelValue { key: key.to_string() });
                    }
                    self.steps.pop();
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, datum: &Datum, grammar: Grammar) {
        let text = match datum {
            // A quantity may be a number.
            Datum::Number(text) => Some(Cow::Borrowed(&**text)),
            _ => datum.as_text(),
        };
        if text.is_some_and(|text| !grammar.fits(&text)) {
            self.say(Fact::Grammar { grammar });
        }
    }

    fn bounds(&mut self, datum: &Datum, bounds: &Bounds) {
        let text = datum.as_text();
        let is_unknown = matches!(datum, Datum::Text(_)) && text.is_none();
        if is_unknown {
            return;
        }
        if !bounds.options.is_empty() && !bounds.options.iter().any(|option| same(option, datum)) {
            let words = bounds.options.iter().map(|option| match option {
                Datum::Number(text) => format!("`{text}`"),
                Datum::Bool(value) => format!("`{value}`"),
                Datum::Null => "`null`".to_string(),
                option => format!("`{}`", option.plain_text().unwrap_or_else(|| "…".into())),
            });
            let words: Vec<String> = words.collect();
            self.say(Fact::Form { expected: format!("one of {}", words.join(", ")) });
            return;
        }
        if let (Some(text), Some(pattern)) = (&text, &bounds.pattern)
            && !pattern.holds(text)
        {
            self.say(Fact::Form { expected: "text that matches the pattern of its schema".into() });
        }
        if let Datum::Number(text) = datum {
            let number = float(text);
            if let Some((least, other)) = bounds.minimum
                && (number < least || (other && number <= least))
            {
                let words = if other { "more than" } else { "at least" };
                self.say(Fact::Form { expected: format!("{words} {least}") });
            }
            if let Some((most, other)) = bounds.maximum
                && (number > most || (other && number >= most))
            {
                let words = if other { "less than" } else { "at most" };
                self.say(Fact::Form { expected: format!("{words} {most}") });
            }
        }
        self.size(datum, text.as_deref(), bounds.size);
        if let (true, Datum::List(items)) = (bounds.unique, datum) {
            self.unique(items);
        }
        let misses = |ty: &Type| {
            let mut found = Vec::new();
            check(self.definitions, self.document, datum, ty, &mut found);
            !found.is_empty()
        };
        let fitting = bounds.one.iter().filter(|ty| !misses(ty)).count();
        if bounds.all.iter().any(misses)
            || (!bounds.any.is_empty() && bounds.any.iter().all(misses))
            || (!bounds.one.is_empty() && fitting != 1)
            || bounds.not.as_ref().is_some_and(|ty| !misses(ty))
        {
            self.say(Fact::Form { expected: "one of the forms that its schema allows".into() });
        }
    }

    fn unique(&mut self, items: &[Datum]) {
        let mut seen = HashSet::new();
        for (index, item) in items.iter().enumerate() {
            let mut worth = String::new();
            if write_worth(item, &mut worth).is_some() && !seen.insert(worth) {
                self.steps.push(index);
                self.say(Fact::Form { expected: "an item that the list doesn't have yet".into() });
                self.steps.pop();
            }
        }
    }

    /// Whether a type takes values of this kind.
    fn takes(&self, ty: &Type, datum: &Datum) -> bool {
        let meant = self.meant(ty);
        match (&meant.form, datum) {
            (_, Datum::Null) if ty.nullable || meant.nullable => true,
            (Form::Union(options), _) => options.iter().any(|option| self.takes(option, datum)),
            (Form::Any, _)
            | (Form::Text | Form::TextOrNumber | Form::TextOrInteger, Datum::Text(_))
            | (Form::Number | Form::TextOrNumber, Datum::Number(_))
            | (Form::Bool, Datum::Bool(_))
            | (Form::List(_), Datum::List(_))
            | (Form::Map(_) | Form::Object(_), Datum::Map(_)) => true,
            (Form::Integer(_) | Form::TextOrInteger, Datum::Number(text)) => is_whole(text),
            _ => false,
        }
    }

    fn meant<'t>(&'t self, ty: &'t Type) -> &'t Type {
        match ty.form {
            Form::Definition(index) => self.definitions.definition(index),
            _ => ty,
        }
    }

    /// What a form is called in a message.
    fn describe(&self, form: &Form) -> Cow<'static, str> {
        let Form::Union(options) = form else { return form.describe().into() };
        let mut names: Vec<Cow<'static, str>> = Vec::new();
        for option in options {
            let name = self.describe(&self.meant(option).form);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        any_of(names.into_iter().map(Cow::into_owned).collect()).into()
    }

    fn size(&mut self, datum: &Datum, text: Option<&str>, (least, most): (Option<u64>, Option<u64>)) {
        let (count, noun) = match datum {
            Datum::List(items) => (items.len(), "item"),
            Datum::Map(map) => (map.len(), "key"),
            _ => match text {
                Some(text) => (text.chars().count(), "character"),
                None => return,
            },
        };
        let count = count as u64;
        let counted = |limit: u64| format!("{limit} {noun}{}", if limit == 1 { "" } else { "s" });
        if let Some(least) = least.filter(|least| count < *least) {
            self.say(Fact::Form { expected: format!("at least {}", counted(least)) });
        }
        if let Some(most) = most.filter(|most| count > *most) {
            self.say(Fact::Form { expected: format!("at most {}", counted(most)) });
        }
    }
}

impl Form {
    /// What it is called in a message.
    fn describe(&self) -> &'static str {
        match self {
            Form::Any | Form::Definition(_) | Form::Union(_) => "a value",
            Form::Text => "a string",
            Form::Integer(_) => "an integer",
            Form::Number => "a number",
            Form::Bool => "a boolean",
            Form::TextOrNumber => "a string or a number",
            Form::TextOrInteger => "a string or an integer",
            Form::List(_) => "a list",
            Form::Map(_) | Form::Object(_) => "a mapping",
        }
    }
}

fn describe(datum: &Datum) -> &'static str {
    match datum {
        Datum::Null => "null",
        Datum::Bool(_) => "a boolean",
        Datum::Number(text) if is_whole(text) => "an integer",
        Datum::Number(_) => "a number",
        Datum::Text(_) => "a string",
        Datum::List(_) => "a list",
        Datum::Map(_) => "a mapping",
    }
}

fn is_whole(text: &str) -> bool {
    whole(text).is_some() || (float(text).is_finite() && float(text).fract() == 0.0)
}

/// The whole number that a text of the core schema writes, if it fits.
fn whole(text: &str) -> Option<i64> {
    let radix =
        |prefix: &str, radix| text.strip_prefix(prefix).map(|digits| i64::from_str_radix(digits, radix).ok());
    match radix("0x", 16).or_else(|| radix("0o", 8)) {
        Some(number) => number,
        None => text.parse().ok(),
    }
}

fn float(text: &str) -> f64 {
    match text.trim_start_matches(['+', '-']).to_ascii_lowercase().as_str() {
        ".inf" if text.starts_with('-') => f64::NEG_INFINITY,
        ".inf" => f64::INFINITY,
        _ => text.parse().unwrap_or(f64::NAN),
    }
}

/// Whether two values are the same, numbers by what they are worth.
fn same(a: &Datum, b: &Datum) -> bool {
    match (a, b) {
        (Datum::Null, Datum::Null) => true,
        (Datum::Bool(a), Datum::Bool(b)) => a == b,
        (Datum::Number(a), Datum::Number(b)) => a == b || float(a) == float(b),
        (Datum::Text(_), Datum::Text(_)) => a.as_text().is_some_and(|text| b.as_text() == Some(text)),
        (Datum::List(a), Datum::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Datum::Map(a), Datum::Map(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => false,
    }
}

/// Writes a value so that what is the same reads the same. `None` when not all of it is known.
fn write_worth(datum: &Datum, worth: &mut String) -> Option<()> {
    match datum {
        Datum::Null => worth.push('z'),
        Datum::Bool(value) => worth.push(if *value { 't' } else { 'f' }),
        Datum::Number(text) => match (whole(text), float(text)) {
            (Some(number), _) => write!(worth, "{number}").ok()?,
            (None, number) if number.is_finite() => write!(worth, "{number}").ok()?,
            (None, _) => worth.push_str(text),
        },
        Datum::Text(_) => write!(worth, "{:?}", datum.as_text()?).ok()?,
        Datum::List(items) => {
            worth.push('[');
            for item in items {
                write_worth(item, worth)?;
                worth.push(',');
            }
            worth.push(']');
        }
        Datum::Map(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            worth.push('{');
            for (key, value) in entries {
                write!(worth, "{key:?}:").ok()?;
                write_worth(value, worth)?;
                worth.push(',');
            }
            worth.push('}');
        }
    }
    Some(())
}
