//! The files of one unit: those that hold a secret are delivered as one, the others are plain
//! configuration; none may stand where another does.

use std::collections::HashMap;
use std::sync::Arc;

use indexmap::IndexMap;

use super::backend::Backend;
use super::expression::{Segment, references, split};
use super::fault::{Fault, FileFault};
use super::layered::{Layered, LayeredKind};
use super::secret::{Mount, Secrets};
use super::tree::Tree;
use crate::source::diagnostic::Diagnostics;
use crate::source::span::Span;

/// The permission bits of a file that holds a secret, unless it says others: its owner reads it.
pub const SECRET_MODE: u32 = 0o400;
/// The permission bits of a plain file, unless it says others: everybody reads it.
pub const PLAIN_MODE: u32 = 0o444;

/// Whether an entry of `files:` holds a secret: its content names one.
pub fn holds_secret(entry: &Layered) -> bool {
    let content = entry.get("content").and_then(Layered::as_scalar);
    content.is_some_and(|content| names_secret(&content.text))
}

/// The entries of `files:` that hold none.
pub fn plain(files: &Layered) -> Layered {
    let entries = files.entries().filter(|(_, entry)| !holds_secret(entry));
    let map: IndexMap<Arc<str>, Layered> =
        entries.map(|(name, entry)| (name.clone(), entry.clone())).collect();
    Layered { kind: LayeredKind::Map(map), origin: files.origin, shadowed: files.shadowed.clone() }
}

/// Refuses pointers and ciphertexts in `files:`: there they would be delivered as they are.
pub fn check_sources(files: &Layered, out: &mut Diagnostics) {
    for (name, entry) in files.entries() {
        for (_, field) in entry.entries() {
            if field.as_scalar().is_some_and(|scalar| holds_source(&scalar.text)) {
                let (span, name) = (field.origin.span, name.to_string());
                out.push(Fault::File { span, name, fault: FileFault::HoldsSource });
            }
        }
    }
}

/// A file's permission bits from their text, three octal digits with a leading zero or without.
pub fn parse_mode(text: &str) -> Option<u32> {
    let digits = text.strip_prefix('0').filter(|rest| rest.len() == 3).unwrap_or(text);
    let is_octal = digits.len() == 3 && digits.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
    is_octal.then(|| u32::from_str_radix(digits, 8).ok()).flatten()
}

/// Whether a text is the absolute path of a file that every platform can mount: no empty segment, none
/// that leads elsewhere, no colon.
pub fn is_path(text: &str) -> bool {
    let segments = text.strip_prefix('/').map(|rest| rest.split('/').collect::<Vec<_>>());
    !text.contains(|c: char| c == ':' || c.is_control())
        && segments.is_some_and(|s| s.iter().all(|segment| !matches!(*segment, "" | "." | "..")))
}

/// Completes the plain files of a workload: mode and content are there, the path is one.
pub fn complete(workload: &mut Tree, out: &mut Diagnostics) {
    let Some(files) = workload.as_map_mut().and_then(|map| map.get_mut("files")).and_then(Tree::as_map_mut)
    else {
        return;
    };
    for (name, file) in files.iter_mut() {
        let origin = file.origin;
        let name = name.to_string();
        let Some(map) = file.as_map_mut() else { continue };
        match map.get("path").map(|path| (path.as_text(), path.origin.span)) {
            None => {
                out.push(Fault::File { span: origin.span, name: name.clone(), fault: FileFault::NoPath });
            }
            Some((path, span)) if !path.is_some_and(|path| is_path(path)) => {
                out.push(Fault::File { span, name: name.clone(), fault: FileFault::BadPath });
            }
            Some(_) => {}
        }
        if !map.contains_key("content") {
            out.push(Fault::File { span: origin.span, name: name.clone(), fault: FileFault::NoContent });
        }
        let (mode, at) = match map.get("mode") {
            None => (Some(PLAIN_MODE), origin),
            Some(mode) => (mode.as_text().and_then(|text| parse_mode(text)), mode.origin),
        };
        match mode {
            Some(mode) => {
                map.insert("mode".into(), Tree::int(i64::from(mode), at));
            }
            None => out.push(Fault::File { span: at.span, name, fault: FileFault::BadMode }),
        }
    }
}

/// No two files of a unit, and no file and volume, are mounted at one path.
pub fn check_paths(workload: &Tree, secrets: &Secrets, out: &mut Diagnostics) {
    let text = |tree: &Tree, key: &str| {
        let path = tree.get(key)?;
        Some((path.as_text()?.clone(), path.origin.span))
    };
    let map = |key: &str| workload.get(key).and_then(Tree::as_map).into_iter().flatten();
    let volumes = map("volumes").filter_map(|(name, volume)| Some((name.clone(), text(volume, "path")?)));
    let plain = map("files").filter_map(|(name, file)| Some((name.clone(), text(file, "path")?)));
    let secret = secrets.iter().filter_map(|(_, secret)| {
        let Mount { path, span, .. } = secret.file.as_ref()?;
        Some((secret.name.clone(), (path.clone(), *span)))
    });
    let mut seen: HashMap<Arc<str>, Span> = HashMap::new();
    for (name, (path, span)) in volumes.chain(plain).chain(secret) {
        if let Some(other) = seen.insert(path, span) {
            out.push(Fault::File { span, name: name.to_string(), fault: FileFault::PathTaken { other } });
        }
    }
}

/// The plain files of a checked workload: name, path, permission bits, content.
pub fn plain_files(workload: &Tree) -> impl Iterator<Item = (&Arc<str>, &Tree, i64, &Tree)> {
    let files = workload.get("files").and_then(Tree::as_map);
    files.into_iter().flatten().filter_map(|(name, file)| {
        let mode = file.get("mode").and_then(Tree::as_int)?;
        Some((name, file.get("path")?, mode, file.get("content")?))
    })
}

fn names_secret(text: &str) -> bool {
    split(text).unwrap_or_default().into_iter().any(|segment| match segment {
        Segment::Expression { source, .. } => references(source)
            .is_ok_and(|used| used.iter().any(|used| matches!(used.root.as_str(), "secrets" | "shared"))),
        Segment::Text(_) => false,
    })
}

fn holds_source(text: &str) -> bool {
    text.contains("ENC[AGE,")
        || Backend::ALL.iter().any(|backend| text.contains(&format!("ref+{}://", backend.name())))
}

#[cfg(test)]
mod tests {
    use super::{holds_source, is_path, names_secret, parse_mode};

    #[test]
    fn modes_are_three_octal_digits() {
        assert_eq!(parse_mode("0400"), Some(0o400));
        assert_eq!(parse_mode("644"), Some(0o644));
        assert_eq!(parse_mode("000"), Some(0));
        for bad in ["", "400x", "0800", "4000", "04000", "0o400", "+400", "40", "256 ", "u=r"] {
            assert_eq!(parse_mode(bad), None, "{bad}");
        }
    }

    #[test]
    fn paths_are_absolute_and_lead_nowhere_else() {
        for good in ["/a", "/run/secrets/db", "/etc/app/..data", "/x y"] {
            assert!(is_path(good), "{good}");
        }
        for bad in ["", "/", "a", "a/b", "/a/", "//a", "/a/../b", "/a/./b", "/..", "/a:b", "/a\nb"] {
            assert!(!is_path(bad), "{bad:?}");
        }
    }

    #[test]
    fn a_file_holds_a_secret_when_an_expression_names_one() {
        assert!(names_secret("a={{ secrets.A }}"));
        assert!(names_secret("{{ config.X }}{{ shared['A'] | tojson }}"));
        assert!(!names_secret("secrets.A {{ config.secrets }} {{ 'secrets.A' }}"));
    }

    #[test]
    fn sources_are_found_anywhere() {
        assert!(holds_source("password = ENC[AGE,YWdl]\n"));
        assert!(holds_source("x: ref+vault://kv/a#/b"));
        assert!(!holds_source("ref+unknown:// ENC[PKCS7,x]"));
    }
}
