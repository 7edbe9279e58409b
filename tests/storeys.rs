//! The house holds: a room imports from storeys below it, cleartext has few rooms, so has IO.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use support::root;

/// What each room may import from, besides itself.
const ROOMS: [(&str, &[&str]); 13] = [
    ("source", &[]),
    ("config", &["source"]),
    ("lint", &["config", "source"]),
    ("manifest", &["config", "source"]),
    ("inspect", &["manifest", "config", "source"]),
    ("link", &["manifest", "config", "source"]),
    ("emit", &["link", "manifest", "config", "source"]),
    ("seal", &["link", "config", "source"]),
    ("pipeline", &["link", "manifest", "lint", "config", "source"]),
    ("args", &[]),
    ("hardening", &[]),
    (
        "commands",
        &["args", "pipeline", "seal", "emit", "link", "inspect", "manifest", "lint", "config", "source"],
    ),
    ("main", &["commands", "hardening"]),
];

/// The rooms that may name cleartext.
const CLEARTEXT: [&str; 4] = ["link", "emit", "seal", "deliver"];

/// Where the file system, processes and the network are met: the World, the stores, and what writes.
const IO: [&str; 9] = [
    "source/work_tree.rs",
    "source/walk.rs",
    "source/git/",
    "link/identity.rs",
    "link/stores",
    "emit",
    "seal",
    "deliver",
    "commands",
];

/// A source file: its path below src/ with `/`, its room, and its code without comments and tests.
struct Source {
    path: String,
    room: String,
    code: String,
}

#[test]
fn a_room_imports_from_below_alone() {
    let mut wrong = Vec::new();
    for source in sources() {
        let Some((_, below)) = ROOMS.iter().find(|(room, _)| *room == source.room) else {
            wrong.push(format!("{}: the room `{}` has no place in the house", source.path, source.room));
            continue;
        };
        for used in used_rooms(&source.code) {
            if used != source.room && !below.contains(&used.as_str()) {
                wrong.push(format!("{}: `{}` may not use `{used}`", source.path, source.room));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn cleartext_is_named_in_few_rooms() {
    let wrong: Vec<String> = sources()
        .into_iter()
        .filter(|source| !CLEARTEXT.contains(&source.room.as_str()))
        .filter(|source| {
            ["SecretValue", "secret_value", ".expose("].iter().any(|word| source.code.contains(word))
        })
        .map(|source| source.path)
        .collect();
    assert!(wrong.is_empty(), "these name cleartext: {wrong:?}");
}

#[test]
fn io_happens_in_few_rooms() {
    let words = ["std::fs", "cap_std", "rustix::fs", "std::net", "process::Command", "env::var", "ignore::"];
    let wrong: Vec<String> = sources()
        .into_iter()
        .filter(|source| !IO.iter().any(|room| source.path.starts_with(room)))
        .filter(|source| words.iter().any(|word| source.code.contains(word)))
        .map(|source| source.path)
        .collect();
    assert!(wrong.is_empty(), "these do IO: {wrong:?}");
}

#[test]
fn no_file_is_longer_than_500_lines() {
    let mut long = Vec::new();
    for folder in ["src", "tests"] {
        for path in files(&root().join(folder)) {
            let lines = fs::read_to_string(&path).unwrap().lines().count();
            if lines > 500 {
                long.push(format!("{}: {lines}", path.display()));
            }
        }
    }
    assert!(long.is_empty(), "look for a second noun in {long:?}");
}

#[test]
fn the_rules_see_what_they_are_about() {
    let code = code_of("use crate::link::x;\nuse crate::{config::a, seal};\nlet y = crate::emit::z();\n");
    let used: Vec<String> = used_rooms(&code).into_iter().collect();
    assert_eq!(used, ["config", "emit", "link", "seal"]);
    assert_eq!(
        code_of("a // crate::x\n/// crate::y\nb\n#[cfg(test)]\nmod tests { crate::z }\n"),
        "a \n\nb\n"
    );
}

fn sources() -> Vec<Source> {
    let src = root().join("src");
    files(&src)
        .into_iter()
        .filter(|path| !path.ends_with("lib.rs") && !is_test(path))
        .map(|path| {
            let below: Vec<String> = path
                .strip_prefix(&src)
                .unwrap()
                .components()
                .map(|part| part.as_os_str().to_string_lossy().into_owned())
                .collect();
            Source {
                path: below.join("/"),
                room: below[0].trim_end_matches(".rs").to_string(),
                code: code_of(&fs::read_to_string(&path).unwrap()),
            }
        })
        .collect()
}

/// Test modules in files of their own.
fn is_test(path: &Path) -> bool {
    let name = path.file_name().unwrap().to_string_lossy();
    name == "tests.rs" || name == "forge.rs" || name.ends_with("_test.rs")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// Code up to its tests, without comments.
fn code_of(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let lines = code.lines().map(|line| line.split("//").next().unwrap());
    lines.map(|line| format!("{line}\n")).collect()
}

/// The rooms that a text names as `crate::ROOM`.
fn used_rooms(code: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        let inner = rest.strip_prefix('{').map_or(rest, |list| list.split('}').next().unwrap());
        let parts: Vec<&str> = if rest.starts_with('{') { inner.split(',').collect() } else { vec![inner] };
        for part in parts {
            let name: String =
                part.trim().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            used.insert(name);
        }
    }
    used
}
