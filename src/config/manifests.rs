//! Documents of one's own: the templates that an app or an environment has for a platform, read but not
//! yet compiled.

use std::collections::BTreeMap;

use super::fault::Fault;
use crate::source::diagnostic::Diagnostics;
use crate::source::escape::visible;
use crate::source::files::Files;
use crate::source::mask;
use crate::source::repo_path::RepoPath;
use crate::source::span::FileId;
use crate::source::world::{Entry, EntryKind, ReadError, World};

/// The folder of an app or of an environment that holds them, a folder a platform in it.
pub const MANIFESTS: &str = "manifests";

/// The templates of one `manifests/` folder, by platform.
#[derive(Clone, Debug, Default)]
pub struct Manifests {
    platforms: BTreeMap<String, Vec<Manifest>>,
}

/// A template of the repo.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// Its name within its folder.
    pub name: String,
    /// Its path in the repo.
    pub path: String,
    /// The file.
    pub file: FileId,
}

impl Manifest {
    /// Whether others include it and it makes no document itself: its name begins with `_`.
    pub fn is_partial(&self) -> bool {
        self.name.starts_with('_')
    }
}

impl Manifests {
    /// The templates for a platform, in the order of their names.
    pub fn of(&self, platform: &str) -> &[Manifest] {
        self.platforms.get(platform).map_or(&[], Vec::as_slice)
    }

    /// The platforms that there is a folder for.
    pub fn platforms(&self) -> impl Iterator<Item = &str> {
        self.platforms.keys().map(String::as_str)
    }
}

/// Reads the `manifests/` folder of `owner`, which contains `entries`.
pub fn read(
    world: &dyn World,
    owner: &RepoPath,
    entries: &[Entry],
    files: &mut Files,
    out: &mut Diagnostics,
) -> Manifests {
    let mut reader = Reader { world, files, out };
    let mut found = Manifests::default();
    let Some(entry) = entries.iter().find(|entry| entry.name == MANIFESTS) else { return found };
    let Some(folder) = reader.folder(owner, entry) else { return found };
    for entry in reader.entries(&folder) {
        if entry.kind == EntryKind::File {
            reader.unread(&folder, &entry, "templates stand in a folder for their platform");
        } else if let Some(folder) = reader.folder(&folder, &entry) {
            found.platforms.insert(entry.name, reader.templates(&folder));
        }
    }
    found
}

/// Reads what a folder of templates holds, and says what of it nothing reads.
pub(super) struct Reader<'a> {
    /// Where from.
    pub world: &'a dyn World,
    /// Where to.
    pub files: &'a mut Files,
    /// What is wrong.
    pub out: &'a mut Diagnostics,
}

impl Reader<'_> {
    /// The path of an entry that has to be a folder. A link that leaves the repo isn't passed over: what it
    /// was meant to bring would vanish.
    fn folder(&mut self, above: &RepoPath, entry: &Entry) -> Option<RepoPath> {
        let path = self.path(above, entry)?;
        if entry.kind == EntryKind::Folder {
            return Some(path);
        }
        self.out.push(Fault::Unreadable { path: path.to_string(), error: ReadError::NotAFolder });
        None
    }

    fn path(&mut self, above: &RepoPath, entry: &Entry) -> Option<RepoPath> {
        match above.join(&entry.name) {
            Ok(path) => Some(path),
            Err(fault) => {
                let path = format!("{above}/{}", visible(&entry.name));
                self.out.push(Fault::BadFileName { path, fault });
                None
            }
        }
    }

    /// What a folder contains, in the order of the names.
    pub(super) fn entries(&mut self, folder: &RepoPath) -> Vec<Entry> {
        match self.world.list(Some(folder)) {
            Ok(mut entries) => {
                entries.sort_unstable();
                entries
            }
            Err(error) => {
                self.out.push(Fault::Unreadable { path: folder.to_string(), error });
                Vec::new()
            }
        }
    }

    fn templates(&mut self, folder: &RepoPath) -> Vec<Manifest> {
        let mut templates = Vec::new();
        for entry in self.entries(folder) {
            let is_template = [".yaml", ".yml"].iter().any(|end| entry.name.ends_with(end));
            if !is_template || entry.kind == EntryKind::Folder {
                self.unread(folder, &entry, "a template is a file that ends with `.yaml` or `.yml`");
                continue;
            }
            let Some((path, bytes)) = self.bytes(folder, &entry) else { continue };
            let file = self.text(path.as_str(), bytes);
            templates.extend(file.map(|file| Manifest { name: entry.name, path: path.to_string(), file }));
        }
        templates
    }

    /// The path of a file and what is in it.
    pub(super) fn bytes(&mut self, folder: &RepoPath, entry: &Entry) -> Option<(RepoPath, Vec<u8>)> {
        let path = self.path(folder, entry)?;
        match self.world.read(&path) {
            Ok(bytes) => Some((path, bytes)),
            Err(error) => {
                self.out.push(Fault::Unreadable { path: path.to_string(), error });
                None
            }
        }
    }

    /// Adds the text of a template, with what could be a secret in it masked.
    pub(super) fn text(&mut self, path: &str, bytes: Vec<u8>) -> Option<FileId> {
        let Ok(text) = String::from_utf8(bytes) else {
            self.out.push(Fault::TemplateNotUtf8 { path: path.to_string() });
            return None;
        };
        let masks = mask::of_template(&text);
        let file = self.files.add(path, text);
        for range in masks {
            self.files.mask(file, range);
        }
        Some(file)
    }

    /// Says that nothing reads an entry, unless that goes without saying: notes and hidden files.
    pub(super) fn unread(&mut self, folder: &RepoPath, entry: &Entry, why: &'static str) {
        if !entry.name.starts_with('.') && !entry.name.ends_with(".md") {
            let path = format!("{folder}/{}", visible(&entry.name));
            self.out.push(Fault::UnreadFile { path, why });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::memory::Memory;

    fn read_all(world: &Memory) -> (Manifests, Vec<String>) {
        let owner = RepoPath::new("apps/web").unwrap();
        let (mut files, mut out) = (Files::default(), Diagnostics::default());
        let entries = world.list(Some(&owner)).unwrap();
        let found = read(world, &owner, &entries, &mut files, &mut out);
        (found, out.sorted().into_iter().map(|d| format!("{} {}", d.code, d.message)).collect())
    }

    #[test]
    fn templates_are_read_by_platform_in_the_order_of_their_names() {
        let world = Memory::new()
            .with("apps/web/app.yaml", "")
            .with("apps/web/manifests/kubernetes/b.yml", "b")
            .with("apps/web/manifests/kubernetes/a.yaml", "a")
            .with("apps/web/manifests/kubernetes/_c.yaml", "c")
            .with("apps/web/manifests/compose/x.yaml", "x");
        let (found, said) = read_all(&world);
        assert!(said.is_empty(), "{said:?}");
        let names: Vec<_> = found.of("kubernetes").iter().map(|m| (&*m.name, m.is_partial())).collect();
        assert_eq!(names, [("_c.yaml", true), ("a.yaml", false), ("b.yml", false)]);
        assert_eq!(found.of("kubernetes")[1].path, "apps/web/manifests/kubernetes/a.yaml");
        assert_eq!(found.platforms().collect::<Vec<_>>(), ["compose", "kubernetes"]);
        assert!(found.of("ecs").is_empty());
    }

    #[test]
    fn what_nothing_reads_is_said() {
        let world = Memory::new()
            .with("apps/web/manifests/policy.yaml", "")
            .with("apps/web/manifests/README.md", "")
            .with("apps/web/manifests/kubernetes/.keep", "")
            .with("apps/web/manifests/kubernetes/policy.json", "")
            .with("apps/web/manifests/kubernetes/more/x.yaml", "");
        let (found, said) = read_all(&world);
        assert!(found.of("kubernetes").is_empty());
        assert_eq!(said.len(), 3, "{said:?}");
        assert!(said.iter().all(|said| said.starts_with("unread-file nothing reads `apps/web/manifests/")));
    }

    #[test]
    fn a_file_where_the_folder_should_be_is_an_error() {
        let (_, said) = read_all(&Memory::new().with("apps/web/manifests", "x"));
        assert_eq!(said, ["unreadable-file `apps/web/manifests` can't be read: not a folder"]);
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        let world = Memory::new().with("apps/web/manifests/kubernetes/a.yaml", [0xff, 0xfe]);
        assert!(read_all(&world).1[0].starts_with("not-utf8 "));
    }
}
