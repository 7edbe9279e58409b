//! Which file of an output folder a document goes into.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::Arc;

use indexmap::IndexMap;
use serde::Serialize;
use zeroize::Zeroizing;

use super::fault::Fault;
use super::format::{Format, WriteFailed, write, write_pretty};
use crate::link::linked::Linked;
use crate::manifest::artifact::{ENVIRONMENT, Form, OutputFile};
use crate::manifest::draft::{Datum, Document};
use crate::manifest::taint::Sealed;
use crate::source::gather::{Gathered, Layer};

/// Where a document goes: `FOLDER/FILE`, each a single harmless name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The app, `_environment`, or a folder that the pack names; empty for the top.
    pub folder: String,
    /// `KIND-NAME.yaml`, `KIND-NAME@NAMESPACE.yaml` where namespaces alone tell objects apart, or the name that
    /// the pack gives.
    pub file: String,
}

/// A file that is ready to be written.
#[derive(Debug)]
pub struct OutputText {
    /// Where.
    pub place: Place,
    /// Its content.
    pub text: Zeroizing<String>,
    /// The permission bits that it has besides those of its owner, who reads and writes it.
    pub mode: u32,
}

/// The files that documents become, each place once.
#[derive(Debug)]
pub struct Layout {
    format: Format,
    files: Vec<(Place, Content)>,
}

/// What a file is made of: documents by position.
#[derive(Debug)]
enum Content {
    /// One document, and whether the pack named the file.
    One(usize, bool),
    /// Several, laid together.
    Gathered(Vec<usize>),
    /// The text of an entry of a document.
    Text(usize, Arc<str>),
}

impl Layout {
    /// The files of all documents, in their order.
    pub fn of(sealed: &[Sealed], format: Format) -> Result<Layout, Fault> {
        let (mut called, mut unnamed) = (Vec::new(), Vec::new());
        let mut files: Vec<(Place, Content)> = Vec::new();
        let mut gathered: IndexMap<Arc<str>, Vec<usize>> = IndexMap::new();
        let documents = sealed.iter().flat_map(|group| group.documents().iter().map(move |d| (group, d)));
        for (index, (group, document)) in documents.enumerate() {
            let folder = group.unit().map_or(ENVIRONMENT.to_string(), |unit| escape(&unit.unit.app));
            match &document.artifact.file {
                None => {
                    called.push(Called::of(document, folder));
                    unnamed.push(Content::One(index, false));
                }
                Some(OutputFile { name, form: Form::Own }) => {
                    files.push((Place { folder, file: name.to_string() }, Content::One(index, true)));
                }
                Some(OutputFile { name, form: Form::Gathered }) => {
                    gathered.entry(name.clone()).or_default().push(index);
                }
                Some(OutputFile { name, form: Form::Texts }) => {
                    let Datum::Map(entries) = &document.body else { continue };
                    files.extend(entries.keys().map(|key| {
                        let file = if is_file_name(key) { key.to_string() } else { escape(key) };
                        (Place { folder: name.to_string(), file }, Content::Text(index, key.clone()))
                    }));
                }
            }
        }
        files.extend(name_files(&called, format.extension())?.into_iter().zip(unnamed));
        let top = |file: Arc<str>| Place { folder: String::new(), file: file.to_string() };
        files.extend(gathered.into_iter().map(|(file, parts)| (top(file), Content::Gathered(parts))));
        files.sort_by_key(|(_, content)| content.first());
        distinct(&files)?;
        Ok(Layout { format, files })
    }

    /// The places of all files.
    pub fn places(&self) -> Vec<Place> {
        self.files.iter().map(|(place, _)| place.clone()).collect()
    }

    /// The text of every file. `linked` are the documents that the layout was made for, in the same order.
    pub fn texts(&self, linked: &[Linked]) -> Result<Vec<OutputText>, WriteFailed> {
        let text = |(place, content): &(Place, Content)| {
            let is_named = !matches!(content, Content::One(_, false));
            let form = form_of(&place.file, is_named, self.format);
            let mut mode = 0;
            let text = match content {
                Content::One(index, _) => written(&linked[*index], form),
                Content::Gathered(parts) => {
                    written(Gathered::of(parts.iter().map(|index| &linked[*index])).ok_or(WriteFailed)?, form)
                }
                Content::Text(index, key) => {
                    let (text, bits) = text_of(&linked[*index], key)?;
                    mode = bits;
                    Ok(text)
                }
            }?;
            Ok(OutputText { place: place.clone(), text, mode })
        };
        self.files.iter().map(text).collect()
    }

    /// All documents as one stream. What a pack gives a name has it in a comment before it, where the form has
    /// comments.
    pub fn stream<T: Layer>(&self, documents: &[T]) -> Result<Zeroizing<String>, WriteFailed> {
        let mut stream = Zeroizing::new(String::new());
        let mut seen = None;
        for (place, content) in &self.files {
            let (name, text) = match content {
                Content::One(index, false) => (None, write(&[documents[*index]], self.format)?),
                Content::One(index, true) => {
                    let name = format!("{}/{}", place.folder, place.file);
                    (Some(name), write(&[documents[*index]], self.format)?)
                }
                Content::Gathered(parts) => {
                    let all = Gathered::of(parts.iter().map(|index| documents[*index])).ok_or(WriteFailed)?;
                    (Some(place.file.clone()), write(&[all], self.format)?)
                }
                // All entries stand in one document, which comes once.
                Content::Text(index, _) if seen == Some(*index) => continue,
                Content::Text(index, _) => {
                    seen = Some(*index);
                    (Some(format!("{}/", place.folder)), write(&[documents[*index]], self.format)?)
                }
            };
            if let Some(name) = name.filter(|_| self.format != Format::Json) {
                stream.push_str("# ");
                stream.push_str(&name);
                stream.push('\n');
            }
            stream.push_str(&text);
        }
        Ok(stream)
    }
}

/// Whether no two files are one.
fn distinct(files: &[(Place, Content)]) -> Result<(), Fault> {
    // Many file systems take `A` and `a` for one name.
    let mut taken = HashSet::new();
    match files.iter().find(|(place, _)| !taken.insert((&place.folder, place.file.to_ascii_lowercase()))) {
        None => Ok(()),
        Some((place, _)) => {
            let file = format!("{}/{}", place.folder, place.file);
            let one = || "a document of the same template".to_string();
            Err(Fault::Clash { file, first: one(), second: one() })
        }
    }
}

impl Content {
    /// The first of its documents.
    fn first(&self) -> usize {
        match self {
            Content::One(index, _) | Content::Text(index, _) => *index,
            Content::Gathered(parts) => parts[0],
        }
    }
}

/// How a file is written.
#[derive(Clone, Copy)]
enum Written {
    As(Format),
    /// JSON of many lines.
    Pretty,
}

fn form_of(file: &str, is_named: bool, format: Format) -> Written {
    match (is_named, file.ends_with(".json"), format) {
        (true, true, _) => Written::Pretty,
        (true, false, Format::Json) => Written::As(Format::Yaml),
        _ => Written::As(format),
    }
}

fn written<T: Serialize>(document: T, form: Written) -> Result<Zeroizing<String>, WriteFailed> {
    match form {
        Written::As(format) => write(&[document], format),
        Written::Pretty => write_pretty(&document),
    }
}

/// The text of an entry of a mapping, exactly, and its permission bits: the entry is the text, or a mapping with
/// `text` and `mode`.
fn text_of(document: &Linked, key: &str) -> Result<(Zeroizing<String>, u32), WriteFailed> {
    let Linked::Map(entries) = document else { return Err(WriteFailed) };
    let (text, mode) = match entries.get(key) {
        Some(Linked::Map(entry)) => (entry.get("text"), entry.get("mode")),
        text => (text, None),
    };
    let mode = match mode {
        None => 0,
        Some(Linked::Number(mode)) => mode.parse().ok().filter(|mode| *mode <= 0o777).ok_or(WriteFailed)?,
        Some(_) => return Err(WriteFailed),
    };
    match text {
        Some(Linked::Secret(text)) => Ok((text.clone(), mode)),
        Some(Linked::Text(text)) => Ok((Zeroizing::new(text.clone()), mode)),
        _ => Err(WriteFailed),
    }
}

/// Whether a name of an entry can be the name of a file as it is.
fn is_file_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    !name.is_empty() && !name.starts_with('.') && name.len() <= 255 && name.bytes().all(is_plain)
}

/// What a document is called by.
struct Called {
    folder: String,
    kind: String,
    namespace: String,
    name: String,
}

fn name_files(called: &[Called], extension: &str) -> Result<Vec<Place>, Fault> {
    let mut wanted: HashMap<Place, usize> = HashMap::new();
    for one in called {
        *wanted.entry(one.place(false, extension)).or_default() += 1;
    }
    let mut taken: HashMap<Place, &Called> = HashMap::new();
    let mut places = Vec::with_capacity(called.len());
    for one in called {
        let short = one.place(false, extension);
        let place = if wanted[&short] > 1 { one.place(true, extension) } else { short };
        if let Some(other) = taken.insert(place.clone(), one) {
            let file = format!("{}/{}", place.folder, place.file);
            return Err(Fault::Clash { file, first: other.words(), second: one.words() });
        }
        places.push(place);
    }
    Ok(places)
}

impl Called {
    fn of(document: &Document, folder: String) -> Called {
        let (kind, namespace, name) = document.identity();
        Called { folder, kind, namespace, name }
    }

    fn place(&self, with_namespace: bool, extension: &str) -> Place {
        let kind = match self.kind.as_str() {
            "" => "document".to_string(),
            kind => escape(&kind.to_ascii_lowercase()),
        };
        let mut file = kind;
        if !self.name.is_empty() {
            file.push('-');
            file.push_str(&escape(&self.name));
        }
        if with_namespace && !self.namespace.is_empty() {
            file.push('@');
            file.push_str(&escape(&self.namespace));
        }
        Place { folder: self.folder.clone(), file: format!("{file}.{extension}") }
    }

    fn words(&self) -> String {
        let or = |text: &str, other: &str| if text.is_empty() { other.to_string() } else { escape(text) };
        format!("`{}/{}`", or(&self.kind.to_ascii_lowercase(), "document"), or(&self.name, "(no name)"))
    }
}

/// A name in which nothing but lowercase letters, digits, `-` and inner dots stand as they are: any
/// other byte becomes `_` and two hex digits, so that no name leads elsewhere, and two that differ stay so
/// on every file system.
fn escape(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for (index, byte) in name.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' => out.push(byte.into()),
            b'.' if index > 0 => out.push('.'),
            _ => write!(out, "_{byte:02x}").expect("writing to a string can't fail"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Called, Fault, escape, name_files};

    fn called(folder: &str, kind: &str, namespace: &str, name: &str) -> Called {
        let [folder, kind, namespace, name] = [folder, kind, namespace, name].map(str::to_string);
        Called { folder, kind, namespace, name }
    }

    fn files(called: &[Called]) -> Vec<String> {
        let places = name_files(called, "yaml").unwrap();
        places.iter().map(|place| format!("{}/{}", place.folder, place.file)).collect()
    }

    #[test]
    fn a_file_is_called_by_kind_and_name() {
        let all =
            [called("carts", "ConfigMap", "shop", "carts-config"), called("user", "Service", "", "user")];
        assert_eq!(files(&all), ["carts/configmap-carts-config.yaml", "user/service-user.yaml"]);
    }

    #[test]
    fn namespaces_tell_objects_apart_only_where_they_must() {
        let all = [
            called("a", "Role", "one", "x"),
            called("a", "Role", "two", "x"),
            called("a", "Role", "", "x"),
            called("a", "Role", "two", "y"),
        ];
        assert_eq!(files(&all), ["a/role-x@one.yaml", "a/role-x@two.yaml", "a/role-x.yaml", "a/role-y.yaml"]);
    }

    #[test]
    fn two_documents_never_share_a_file() {
        for (kind, namespace, name) in [("Role", "one", "x"), ("", "", ""), ("Kind", "", "")] {
            let twice = [called("a", kind, namespace, name), called("a", kind, namespace, name)];
            assert!(matches!(name_files(&twice, "yaml"), Err(Fault::Clash { .. })), "{kind}");
        }
        let joined = [called("a", "a-b", "", "c"), called("a", "a", "", "b-c")];
        assert!(matches!(name_files(&joined, "yaml"), Err(Fault::Clash { .. })));
    }

    #[test]
    fn no_name_leads_elsewhere() {
        assert_eq!(escape("../../etc/passwd"), "_2e._2f.._2fetc_2fpasswd");
        assert_eq!(escape("system:admin"), "system_3aadmin");
        assert_eq!(escape("Ab_é\0"), "_41b_5f_c3_a9_00");
        assert_eq!(escape(".git"), "_2egit");
        assert_ne!(escape("a_3ab"), escape("a:b"));
    }
}
