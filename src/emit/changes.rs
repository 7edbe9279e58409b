//! What a new output changes, in the words of a commit.

use std::collections::{BTreeMap, BTreeSet};

use super::rendered::{RENDERED, Rendered};
use crate::source::git::objects::ObjectId;

/// The files of an output, by their folders: each folder's files with their objects.
pub(super) type Files = BTreeMap<String, BTreeMap<String, ObjectId>>;

/// How long a subject line may be, as most tools show it.
const SUBJECT: usize = 72;

/// The message of the commit that brings `new` after `old`, if there was one: which units it adds, changes and
/// removes. `source` says what it was rendered from.
pub(super) fn message(
    new: (&Rendered, &Files),
    old: Option<(&Rendered, &Files)>,
    source: Option<&str>,
) -> String {
    let changes = changes(new, old);
    let mut message = format!("{}\n\n", subject(&new.0.environment, &changes));
    for (what, change) in &changes {
        message.push_str(&format!("{what}: {change}\n"));
    }
    if let Some(source) = source {
        message.push_str(&format!("\nSource: {source}\n"));
    }
    message
}

fn subject(environment: &str, changes: &[(String, String)]) -> String {
    let first = format!("Render {environment}");
    let one = match changes {
        [(what, change)] => format!("{first}: {what} {change}"),
        changes => {
            let names: Vec<&str> = changes.iter().map(|(what, _)| what.as_str()).collect();
            format!("{first}: {}", names.join(", "))
        }
    };
    match changes.len() {
        0 => first,
        _ if one.len() <= SUBJECT => one,
        1 => format!("{first}: {}", changes[0].0),
        count => format!("{first}: {count} changes"),
    }
}

/// What changed, and how: units in the order of the alphabet, then all else.
fn changes((new, files): (&Rendered, &Files), old: Option<(&Rendered, &Files)>) -> Vec<(String, String)> {
    let none = (BTreeMap::new(), Files::new());
    let (old_units, old_files) = old.map_or((&none.0, &none.1), |(old, files)| (&old.units, files));
    let is_same = |folder: &str| files.get(folder) == old_files.get(folder);
    let mut changes = Vec::new();
    let units: BTreeSet<&String> = new.units.keys().chain(old_units.keys()).collect();
    for unit in &units {
        let change = match (old_units.get(*unit), new.units.get(*unit)) {
            (None, Some(version)) => format!("added{}", at(version)),
            (Some(version), None) => format!("removed{}", at(version)),
            (Some(before), Some(after)) if before != after => {
                format!("{} -> {}", shown(before), shown(after))
            }
            (Some(_), Some(version)) if !is_same(unit) => format!("changed{}", at(version)),
            _ => continue,
        };
        changes.push((unit.to_string(), change));
    }
    let is_other = |folder: &str| !folder.is_empty() && !units.iter().any(|unit| *unit == folder);
    differences(files, old_files, &is_other, &mut changes);
    // What an output says of itself only repeats all this.
    let empty = BTreeMap::new();
    let top = |files: &Files| files.get("").unwrap_or(&empty).clone();
    differences(&top(files), &top(old_files), &|file| file != RENDERED, &mut changes);
    if let Some((old, _)) = old.filter(|(old, _)| old.tool != new.tool) {
        changes.push(("sealwright".to_string(), format!("{} -> {}", old.tool.version, new.tool.version)));
    }
    changes
}

/// Which of the entries that are asked about aren't the same.
fn differences<T: PartialEq>(
    new: &BTreeMap<String, T>,
    old: &BTreeMap<String, T>,
    is_asked: &dyn Fn(&str) -> bool,
    changes: &mut Vec<(String, String)>,
) {
    let names: BTreeSet<&String> = new.keys().chain(old.keys()).filter(|name| is_asked(name)).collect();
    for name in names {
        let change = match (old.get(name), new.get(name)) {
            (None, _) => "added",
            (_, None) => "removed",
            (old, new) if old != new => "changed",
            _ => continue,
        };
        changes.push((name.clone(), change.to_string()));
    }
}

fn at(version: &Option<String>) -> String {
    version.as_ref().map(|version| format!(" at {version}")).unwrap_or_default()
}

/// A version where one must be named.
fn shown(version: &Option<String>) -> &str {
    version.as_deref().unwrap_or("as written")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::rendered::tests::rendered;
    use super::{Files, message};
    use crate::source::git::objects::ObjectId;

    fn files(folders: &[(&str, u8)]) -> Files {
        let id = |digit: u8| ObjectId::parse(&[digit; 40]).unwrap();
        let files = |digit: u8| BTreeMap::from([("x.yaml".to_string(), id(digit))]);
        folders.iter().map(|(folder, digit)| (folder.to_string(), files(*digit))).collect()
    }

    #[test]
    fn a_message_says_what_changed_and_from_which_version() {
        let old =
            rendered(&[("carts", Some("1")), ("gone", Some("9")), ("same", Some("1")), ("user", Some("2"))]);
        let new =
            rendered(&[("carts", Some("1.1")), ("new", None), ("same", Some("1")), ("user", Some("2"))]);
        let before = files(&[("_environment", b'1'), ("carts", b'1'), ("same", b'1'), ("user", b'1')]);
        let mut after = files(&[("_environment", b'2'), ("carts", b'2'), ("same", b'1'), ("user", b'2')]);
        let id = ObjectId::parse(&[b'3'; 40]).unwrap();
        after.insert(
            String::new(),
            ["RENDERED.json", "compose.yaml"].map(|file| (file.into(), id.clone())).into(),
        );
        assert_eq!(
            message((&new, &after), Some((&old, &before)), Some("abc")),
            "Render prod: carts, gone, new, user, _environment, compose.yaml\n\n\
            carts: 1 -> 1.1\ngone: removed at 9\nnew: added\nuser: changed at 2\n_environment: changed\ncompose.yaml: added\n\n\
            Source: abc\n"
        );
    }

    #[test]
    fn a_subject_stays_short() {
        let subject = |new: &_, old: Option<&_>| {
            let none = Files::new();
            let text = message((new, &none), old.map(|old| (old, &none)), None);
            text.lines().next().unwrap().to_string()
        };
        let (one, two) = (rendered(&[("carts", Some("1"))]), rendered(&[("carts", Some("2"))]));
        assert_eq!(subject(&two, Some(&one)), "Render prod: carts 1 -> 2");
        let digest = format!("1@sha256:{}", "a".repeat(64));
        let long = rendered(&[("carts", Some(&digest))]);
        assert_eq!(subject(&long, Some(&one)), "Render prod: carts");
        let many: Vec<String> = (0..20).map(|n| format!("app-{n}")).collect();
        let many = rendered(&many.iter().map(|app| (app.as_str(), None)).collect::<Vec<_>>());
        assert_eq!(subject(&many, None), "Render prod: 20 changes");
        assert_eq!(subject(&one, Some(&one)), "Render prod");
    }
}
