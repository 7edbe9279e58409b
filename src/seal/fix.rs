//! Putting plaintext right: a value that stands in a layer in the clear is encrypted for those who read that
//! layer, under `secrets:` of the same layer.

use std::collections::{BTreeMap, BTreeSet};

use super::fix_fault::Left;
use super::ground::{Ground, Readership, STAND_IN};
use super::set::SetError;
use crate::config::repo::{ROOT_FILE, Repo};
use crate::config::selection::Selection;
use crate::config::site::is_plaintext;
use crate::config::stack::layers_of;
use crate::link::secret_value::SecretValue;
use crate::source::addition::unquoted_if_safe;
use crate::source::diagnostic::Diagnostics;
use crate::source::edit::set_scalar;
use crate::source::edit_list::{Item, append};
use crate::source::edit_removal::remove;
use crate::source::json_pointer::{keys_of_pointer, pointer_path};
use crate::source::memory::with_files;
use crate::source::node::Node;
use crate::source::repo_path::RepoPath;
use crate::source::span::FileId;
use crate::source::world::World;
use crate::source::yaml;

/// A value that a rule found: where it stands, and the text of the file that was scanned.
#[derive(Clone, Copy)]
pub struct Plaintext<'a> {
    /// The file, from the root of the repo.
    pub file: &'a str,
    /// Its text when it was scanned.
    pub text: &'a str,
    /// The JSON pointer to the value, if the file was read as a tree.
    pub path: Option<&'a str>,
}

/// What a fix changes. Nothing is written yet.
#[derive(Default)]
pub struct Fixes {
    /// The new texts, in the order in which they are to be written: permissions come before what needs them.
    pub files: Vec<(RepoPath, String)>,
    /// The values that are encrypted.
    pub fixed: Vec<Fixed>,
    /// Those of the given values that aren't, by their number, and why.
    pub left: Vec<(usize, Left)>,
}

/// A value that is encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// Its name.
    pub name: String,
    /// The file.
    pub file: RepoPath,
    /// Whether it stood elsewhere than under `secrets:` or `shared:`.
    pub moved: bool,
    /// The environments that read it.
    pub environments: Vec<String>,
    /// How many recipients can decrypt it.
    pub recipients: usize,
    /// The given values that it is, by their numbers; none for one that only the layers showed.
    pub numbers: Vec<usize>,
}

/// Encrypts the given values, and every plaintext under `secrets:` and `shared:` of the files of which
/// `is_wanted` is true. `world` is the work tree.
pub fn fix(
    world: &dyn World,
    given: &[Plaintext<'_>],
    is_wanted: &dyn Fn(&str) -> bool,
) -> Result<Fixes, SetError> {
    let mut fixes = Fixes::default();
    let mut wanted: Vec<Wanted> = Vec::new();
    for (number, plaintext) in given.iter().enumerate() {
        match Wanted::of(world, plaintext) {
            Ok(mut found) => match wanted.iter_mut().find(|other| other.is_same(&found)) {
                Some(other) => other.numbers.push(number),
                None => {
                    found.numbers.push(number);
                    wanted.push(found);
                }
            },
            Err(left) => fixes.left.push((number, left)),
        }
    }
    for found in undeclared(world, is_wanted)? {
        if !wanted.iter().any(|other| other.is_same(&found)) {
            wanted.push(found);
        }
    }
    // What nobody could read is dropped, and the rest tried again without it.
    loop {
        let mut dropped = Vec::new();
        let texts = stand_ins(world, &mut wanted, &mut dropped);
        let mut sealed = Vec::new();
        if dropped.is_empty() {
            let files: Vec<_> = texts.iter().map(|(path, text)| (path.clone(), text.clone())).collect();
            let ground = with_files(world, &files, &mut |world| Ground::read(world, &|_| true))?;
            for (at, value) in wanted.iter().enumerate() {
                match value.seal(&ground) {
                    Ok(found) => sealed.push(found),
                    Err(left) => dropped.push((at, left)),
                }
            }
            if dropped.is_empty() {
                finish(world, &ground, &wanted, texts, sealed, &mut fixes);
                return Ok(fixes);
            }
        }
        for (at, left) in dropped.into_iter().rev() {
            let value = wanted.remove(at);
            fixes.left.extend(value.numbers.into_iter().map(|number| (number, left.clone())));
        }
    }
}

/// A value that is to be encrypted.
#[derive(Debug)]
struct Wanted {
    file: RepoPath,
    name: String,
    /// Where it stands.
    from: Vec<String>,
    /// Where it is to stand.
    to: Vec<String>,
    value: SecretValue,
    numbers: Vec<usize>,
}

impl Wanted {
    fn of(world: &dyn World, plaintext: &Plaintext<'_>) -> Result<Wanted, Left> {
        let roots = roots(plaintext.file).ok_or(Left::NoLayer)?;
        let pointer = plaintext.path.ok_or(Left::InText)?;
        let keys = keys_of_pointer(pointer);
        let file = RepoPath::new(plaintext.file).map_err(|_| Left::NoLayer)?;
        let text = text_of(world, &file).filter(|text| text == plaintext.text).ok_or(Left::Changed)?;
        let root = document(&text).ok_or(Left::Changed)?;
        let node = keys.iter().try_fold(&root, |node, key| node.get(key)).ok_or(Left::NoSecretPlace)?;
        let (layer, rest) = split_layer(&keys, roots).ok_or(Left::NoSecretPlace)?;
        let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
        let (name, to) = match rest.as_slice() {
            ["config", name] => (*name, [layer, &["secrets".into(), (*name).to_owned()]].concat()),
            ["secrets", name] | ["secrets", name, "value"] => (*name, keys.clone()),
            ["shared", name] | ["shared", name, "value"] if layer.is_empty() && !roots.contains(&"") => {
                (*name, keys.clone())
            }
            _ => return Err(Left::NoSecretPlace),
        };
        let scalar = node.as_text().ok_or(Left::NotAScalar)?;
        if scalar.contains("{{") || !is_plaintext(scalar) {
            return Err(Left::Composed);
        }
        if to != keys && to.iter().try_fold(&root, |node, key| node.get(key)).is_some() {
            return Err(Left::NameTaken);
        }
        let value = SecretValue::new(scalar.as_bytes().to_vec());
        Ok(Wanted { name: name.to_owned(), to, value, file, from: keys, numbers: Vec::new() })
    }

    fn is_same(&self, other: &Wanted) -> bool {
        self.file == other.file && self.from == other.from
    }

    fn pointer(&self) -> String {
        pointer_path(&strs(&self.to))
    }

    /// The text with [`STAND_IN`] at the new place, and nothing at the old one.
    fn stand_in(&self, text: &str) -> Result<String, Left> {
        let file = FileId(0);
        let edited = set_scalar(file, text, &strs(&self.to), STAND_IN).map_err(Left::Edit)?;
        if self.from == self.to {
            return Ok(edited);
        }
        let from = strs(&self.from);
        let root = document(&edited);
        let parent = &from[..from.len() - 1];
        let beside = root.as_ref().and_then(|root| parent.iter().try_fold(root, |node, key| node.get(key)));
        // A `config:` without an entry would say that there is none, which isn't the same as nothing.
        let is_last = beside.and_then(Node::as_map).is_some_and(|map| map.len() == 1);
        let removed = remove(file, &edited, &from).map_err(Left::Edit)?;
        match (removed.comment, is_last) {
            (Some(comment), _) => {
                let text = if is_last {
                    remove(file, &removed.text, parent).map_err(Left::Edit)?.text
                } else {
                    removed.text
                };
                Ok(self.with_comment(text, &comment))
            }
            (None, true) => Ok(remove(file, &edited, parent).map_err(Left::Edit)?.text),
            (None, false) => Ok(removed.text),
        }
    }

    /// The comment that stood behind the value stands behind it again, where a line has room for it.
    fn with_comment(&self, text: String, comment: &str) -> String {
        let root = document(&text);
        let node = root.as_ref().and_then(|root| self.to.iter().try_fold(root, |node, key| node.get(key)));
        let Some(end) = node.map(|node| node.span.end as usize) else { return text };
        let rest = &text[end..];
        if rest.lines().next().is_some_and(|line| !line.trim().is_empty()) {
            return text;
        }
        format!("{} {comment}{rest}", &text[..end])
    }

    fn seal(&self, ground: &Ground) -> Result<(Readership, String), Left> {
        let readers = ground.readers(&self.file, &self.pointer());
        if readers.environments.is_empty() {
            return Err(Left::WithoutReader);
        }
        if readers.recipients.is_empty() {
            return Err(Left::WithoutRecipients(readers.environments));
        }
        let ciphertext = ground.encrypt(&self.value, &self.file, self.pointer(), &readers.recipients);
        Ok((readers, ciphertext.map_err(Left::Seal)?))
    }

    /// The app whose secret it is, as `delivery.inline` names it; `None` for a shared one.
    fn app(&self) -> Option<&str> {
        match self.file.as_str().split('/').collect::<Vec<_>>().as_slice() {
            _ if self.to[0] == "shared" => None,
            ["apps", app, _] => Some(app),
            _ => Some("*"),
        }
    }
}

/// Every plaintext that stands where a secret is declared.
fn undeclared(world: &dyn World, is_wanted: &dyn Fn(&str) -> bool) -> Result<Vec<Wanted>, SetError> {
    let mut out = Diagnostics::default();
    let repo = match Repo::load(world, &Selection::everything(), &mut out) {
        Ok(repo) if !out.has_errors() => repo,
        Ok(repo) => return Err(SetError::Repo(out, repo.files)),
        Err(files) => return Err(SetError::Repo(out, files)),
    };
    let mut found = Vec::new();
    for document in repo.documents().filter(|document| is_wanted(&document.path)) {
        let Some(roots) = roots(&document.path) else { continue };
        let layers = layers_of(document, roots).into_iter().map(|(pointer, node)| (pointer, node, "secrets"));
        let shared = (!roots.contains(&"")).then(|| (String::new(), &document.node, "shared"));
        for (pointer, node, key) in layers.chain(shared) {
            for (name, entry) in node.get(key).and_then(Node::as_map).into_iter().flatten() {
                let keys: &[&str] =
                    if entry.value.get("value").is_some() { &[key, name, "value"] } else { &[key, name] };
                let path = format!("{pointer}{}", pointer_path(keys));
                let text = &repo.files.get(document.file).text;
                let plaintext = Plaintext { file: &document.path, text, path: Some(&path) };
                // What isn't plaintext is well where it stands.
                found.extend(Wanted::of(world, &plaintext));
            }
        }
    }
    Ok(found)
}

/// The texts of all files with stand-ins in place of the values. Values that can't be edited are dropped.
fn stand_ins(
    world: &dyn World,
    wanted: &mut [Wanted],
    dropped: &mut Vec<(usize, Left)>,
) -> BTreeMap<RepoPath, String> {
    let mut texts = BTreeMap::new();
    for (at, value) in wanted.iter().enumerate() {
        let text = texts
            .entry(value.file.clone())
            .or_insert_with(|| text_of(world, &value.file).unwrap_or_default());
        match value.stand_in(text) {
            Ok(edited) => *text = edited,
            Err(left) => dropped.push((at, left)),
        }
    }
    texts
}

/// Puts the ciphertexts in place, and the permissions to resolve them.
fn finish(
    world: &dyn World,
    ground: &Ground,
    wanted: &[Wanted],
    mut texts: BTreeMap<RepoPath, String>,
    sealed: Vec<(Readership, String)>,
    fixes: &mut Fixes,
) {
    let mut failed = BTreeSet::new();
    let mut permissions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (value, (readers, ciphertext)) in wanted.iter().zip(sealed) {
        let text = texts.get_mut(&value.file).expect("every value has made its file's text");
        match set_scalar(FileId(0), text, &strs(&value.to), &ciphertext) {
            Ok(edited) => *text = edited,
            Err(error) => {
                fixes.left.extend(value.numbers.iter().map(|number| (*number, Left::Edit(error.clone()))));
                failed.insert(value.file.clone());
                continue;
            }
        }
        for environment in &readers.environments {
            let Some(app) = value.app() else { continue };
            if let Some(file) = ground.permission_to_add(environment, app, &value.name) {
                permissions.entry(file).or_default().insert(format!("{app}/{}", value.name));
            }
        }
        fixes.fixed.push(Fixed {
            name: value.name.clone(),
            file: value.file.clone(),
            moved: value.from != value.to,
            environments: readers.environments,
            recipients: readers.recipients.len(),
            numbers: value.numbers.clone(),
        });
    }
    for (file, entries) in permissions {
        let Ok(path) = RepoPath::new(&file) else { continue };
        let Some(text) = texts.get(&path).cloned().or_else(|| text_of(world, &path)) else { continue };
        let item = |entry: &String| Item {
            block: vec![unquoted_if_safe(entry, false)],
            flow: unquoted_if_safe(entry, true),
        };
        let items: Vec<Item> = entries.iter().map(item).collect();
        // Where the list can't be edited, the next check prints the line to add.
        if let Ok(edited) = append(FileId(0), &text, &["delivery", "inline"], &items) {
            match texts.get_mut(&path) {
                Some(text) => *text = edited,
                None => fixes.files.push((path, edited)),
            }
        }
    }
    // A text in which a stand-in is left would lose the value.
    fixes.fixed.retain(|fixed| !failed.contains(&fixed.file));
    fixes.files.extend(texts.into_iter().filter(|(path, _)| !failed.contains(path)));
}

/// The keys under which the layers of a file of the control repo stand; `None` for a file without one.
fn roots(file: &str) -> Option<&'static [&'static str]> {
    match file.split('/').collect::<Vec<_>>().as_slice() {
        [ROOT_FILE] => Some(&["/defaults"]),
        ["environments", _, "environment.yaml"] => Some(&["/defaults", "/overrides"]),
        ["apps", _, name] if name.ends_with(".yaml") => Some(&[""]),
        _ => None,
    }
}

/// Splits the way to a value into the layer's and the rest. In a file whose layers have keys of their own, what
/// stands outside of them has the empty layer.
fn split_layer<'k>(keys: &'k [String], roots: &[&str]) -> Option<(&'k [String], &'k [String])> {
    let first = keys.first()?;
    let is_root = roots.iter().any(|root| root.strip_prefix('/') == Some(first.as_str()));
    let depth = usize::from(is_root);
    if depth == 0 && !roots.contains(&"") && first != "shared" {
        return None;
    }
    let platform = keys.get(depth).is_some_and(|key| key == "platforms") && keys.len() > depth + 2;
    Some(keys.split_at(if platform { depth + 2 } else { depth }))
}

fn text_of(world: &dyn World, path: &RepoPath) -> Option<String> {
    String::from_utf8(world.read(path).ok()?).ok()
}

/// The document of a text that can be read without an error.
fn document(text: &str) -> Option<Node> {
    let mut faults = Diagnostics::default();
    let documents = yaml::parse(FileId(0), text, &yaml::Limits::default(), &mut faults)?;
    documents.into_iter().next().filter(|_| !faults.has_errors())
}

fn strs(keys: &[String]) -> Vec<&str> {
    keys.iter().map(String::as_str).collect()
}

#[cfg(test)]
mod tests;
