//! A field of the control repo's files, as the schemas describe it.

use std::fmt;

use crate::config::pack_schema::PackSchema;
use crate::config::packs::Packs;
use crate::config::repo::{SCHEMAS, schema};
use crate::source::schema_about::About;

/// Where a file's schema applies.
const FILES: [(&str, &str); 7] = [
    ("sealwright", "sealwright.yaml"),
    ("environment", "environments/ENV/environment.yaml"),
    ("versions", "environments/ENV/versions.yaml"),
    ("exceptions", "exceptions.yaml"),
    ("outputs", "environments/ENV/outputs.json"),
    ("platform", "platforms/NAME/platform.yaml"),
    (
        "app",
        "apps/APP/app.yaml, apps/APP/ENV.yaml, `defaults` of sealwright.yaml and environment.yaml, `overrides` of environment.yaml; for one platform alone, `platforms.NAME` in each of these",
    ),
];
/// The width of a line of prose.
const WIDTH: usize = 96;

/// A field of one kind of file.
#[derive(Debug)]
pub(super) struct Field {
    /// The schema's name.
    file: &'static str,
    /// The steps to it, dots between; empty for the file itself.
    path: String,
    about: About<'static>,
}

/// A field that no schema knows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unknown {
    /// What was found of the path; `None` when it was nothing.
    pub(super) parent: Option<String>,
    /// The step that isn't there.
    pub(super) name: String,
    /// What is there instead.
    pub(super) known: Vec<String>,
}

impl Field {
    /// The fields that a path means: `environment.delivery` in that file, `delivery` in every file that
    /// has it. A step `*` is any name or item.
    ///
    /// What only one platform knows, the repo's own pack of it may say: `packs`.
    pub(super) fn find(path: &str, packs: &Packs) -> Result<Vec<Field>, Unknown> {
        let steps: Vec<&str> = path.split('.').collect();
        let named = SCHEMAS.iter().find(|(name, _)| *name == steps[0]);
        let mut found = Vec::new();
        if let Some((name, _)) = named {
            found.push(Field::walk(name, &steps[1..], Some(steps[0]), packs)?);
            // Nothing but a whole file and a field have one name.
            if steps.len() > 1 {
                return Ok(found);
            }
        }
        let mut best: Option<Unknown> = None;
        // What most people ask about comes first.
        for name in ["app", "environment", "sealwright"] {
            match Field::walk(name, &steps, None, packs) {
                Ok(field) => found.push(field),
                Err(unknown) => match &mut best {
                    Some(other) if other.parent.is_none() && unknown.parent.is_none() => {
                        other.known.extend(unknown.known);
                    }
                    Some(other) if depth(other) >= depth(&unknown) => {}
                    _ => best = Some(unknown),
                },
            }
        }
        match best {
            Some(unknown) if found.is_empty() => Err(unknown),
            _ => Ok(found),
        }
    }

    fn walk(
        file: &'static str,
        steps: &[&str],
        prefix: Option<&str>,
        packs: &Packs,
    ) -> Result<Field, Unknown> {
        let mut cursor = schema(file).cursor();
        for (i, step) in steps.iter().enumerate() {
            let unknown = |at: usize, known: Vec<&str>| {
                let before: Vec<&str> = prefix.into_iter().chain(steps[..at].iter().copied()).collect();
                Unknown {
                    parent: (!before.is_empty()).then(|| before.join(".")),
                    name: steps[at].to_string(),
                    known: known.into_iter().map(str::to_owned).collect(),
                }
            };
            if let (2, ["platforms", name, ..]) = (i, steps)
                && !["*", "NAME"].contains(name)
                && !platforms(packs).contains(name)
            {
                return Err(unknown(1, platforms(packs)));
            }
            if let (2, ["platforms", name, ..]) = (i, steps)
                && !cursor.keys().contains(step)
                && let Some(own) = own(packs, file, name)
            {
                cursor = own.cursor();
            }
            let is_any = *step == "*" || step.parse::<u32>().is_ok();
            let item = cursor.item();
            let next = if is_any && item.is_known() { item } else { cursor.child(step) };
            // A place that takes anything is known to nobody.
            if !next.is_known() {
                return Err(unknown(i, cursor.keys()));
            }
            cursor = next;
        }
        Ok(Field { file, path: steps.join("."), about: cursor.about() })
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let About { form, description, keys, own_keys, own_names, items } = &self.about;
        let title = if self.path.is_empty() { self.file } else { &self.path };
        let form = if form.is_empty() { "anything" } else { form };
        writeln!(f, "{title}: {form}\n")?;
        if !description.is_empty() {
            writeln!(f, "{}\n", wrapped(description, ""))?;
        }
        let below = |step: &str| {
            if self.path.is_empty() {
                format!("{}.{step}", self.file)
            } else {
                format!("{}.{step}", self.path)
            }
        };
        if *own_keys {
            let name = own_names.map(|form| format!(", each {form}")).unwrap_or_default();
            let line = format!(
                "Its keys are names of your own{name}; `sealwright explain {}` says what each takes.",
                below("NAME")
            );
            writeln!(f, "{}\n", wrapped(&line, ""))?;
        }
        if *items {
            writeln!(f, "`sealwright explain {}` says what an item of the list is.\n", below("*"))?;
        }
        if !keys.is_empty() {
            writeln!(f, "Fields:\n")?;
            let width = keys.iter().map(|(key, _)| key.len()).max().unwrap_or_default();
            for (key, said) in keys {
                let indent = " ".repeat(width + 4);
                writeln!(f, "  {key:width$}  {}", wrapped(said, &indent).trim_start())?;
            }
            writeln!(f)?;
        }
        let place = FILES.iter().find(|(name, _)| *name == self.file).map_or("", |(_, place)| place);
        writeln!(f, "{}", wrapped(&format!("Stands in {place}."), ""))
    }
}

/// The platforms that there are: the built-in ones and the repo's.
fn platforms(packs: &Packs) -> Vec<&str> {
    let mut names: Vec<&str> = schema("app").cursor().child("platforms").keys();
    names.extend(packs.names.iter().map(String::as_str));
    names.sort_unstable();
    names.dedup();
    names
}

/// What the repo's own pack of a platform says of `platforms.NAME` in a file.
fn own(packs: &Packs, file: &str, platform: &str) -> Option<PackSchema> {
    let pack = packs.get(platform)?;
    match file {
        "app" => pack.app,
        "environment" => pack.environment,
        _ => None,
    }
}

fn depth(unknown: &Unknown) -> usize {
    unknown.parent.as_ref().map_or(0, |parent| parent.split('.').count())
}

/// Prose in lines of a bounded width, each after `indent`.
fn wrapped(text: &str, indent: &str) -> String {
    let mut out = String::from(indent);
    let mut column = indent.len();
    for word in text.split_whitespace() {
        if column > indent.len() && column + 1 + word.chars().count() > WIDTH {
            out.push('\n');
            out.push_str(indent);
            column = indent.len();
        } else if column > indent.len() {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += word.chars().count();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Field, Unknown};
    use crate::config::packs::Packs;

    fn find(path: &str) -> Result<Vec<Field>, Unknown> {
        Field::find(path, &Packs::default())
    }

    #[test]
    fn fields_are_found_with_and_without_their_file() {
        let files = |path: &str| find(path).unwrap().iter().map(|f| f.file).collect::<Vec<_>>();
        assert_eq!(files("ports.http.service"), ["app"]);
        assert_eq!(files("app.health"), ["app"]);
        assert_eq!(files("environment.delivery.inline.*"), ["environment"]);
        assert_eq!(files("recipients"), ["environment", "sealwright"]);
        assert_eq!(files("app"), ["app"]);
        assert_eq!(files("platform"), ["platform", "environment"]);
        assert_eq!(files("platform.documents.*.when"), ["platform"]);
        assert_eq!(files("versions.carts"), ["versions"]);
    }

    #[test]
    fn an_unknown_field_says_how_far_it_went() {
        let unknown = find("health.readines").unwrap_err();
        assert_eq!((unknown.parent.as_deref(), unknown.name.as_str()), (Some("health"), "readines"));
        assert!(unknown.known.contains(&"readiness".to_string()));
        let unknown = find("platforms.ec.task").unwrap_err();
        assert_eq!((unknown.parent.as_deref(), unknown.name.as_str()), (Some("platforms"), "ec"));
        assert_eq!(unknown.known, ["compose", "ecs", "kubernetes"]);
        let unknown = find("imagee").unwrap_err();
        assert_eq!(unknown.parent, None);
        assert!(unknown.known.contains(&"image".to_string()) && unknown.known.contains(&"vars".to_string()));
    }
}
