//! What an index or a commit lists: every file with its object, in the order of the paths.

use std::ops::Range;

use super::fault::GitFault;
use super::objects::ObjectId;
use super::repository::Repository;

/// The files of an index or a commit, by the bytes of their paths.
#[derive(Debug, Default)]
pub struct Entries {
    /// What git wrote; the items point into it.
    text: Vec<u8>,
    list: Vec<Item>,
}

/// One of them.
#[derive(Clone, Debug)]
struct Item {
    kind: ItemKind,
    id: Range<usize>,
    path: Range<usize>,
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemKind {
    /// A file.
    File,
    /// A symbolic link; its object holds where it leads.
    Link,
    /// A submodule: a commit of another repository.
    Module,
}

impl ItemKind {
    /// Reads a mode, such as `100644`. `None` for that of nothing.
    pub fn of_mode(mode: &[u8]) -> Option<ItemKind> {
        match mode {
            b"100644" | b"100755" | b"100664" => Some(ItemKind::File),
            b"120000" => Some(ItemKind::Link),
            b"160000" => Some(ItemKind::Module),
            _ => None,
        }
    }
}

/// One entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// What it is.
    pub kind: ItemKind,
    /// Its object's name, in hexadecimal.
    id: &'a [u8],
    /// Its path from the root of the work tree.
    pub path: &'a [u8],
}

impl Entry<'_> {
    /// Its object.
    pub fn id(&self) -> ObjectId {
        ObjectId::parse(self.id).expect("an entry was read with a good name")
    }
}

impl Entries {
    /// Those of the index, and the paths that a merge left without one content.
    pub fn of_index(repository: &Repository) -> Result<(Entries, Vec<Vec<u8>>), GitFault> {
        const ASKED: &str = "git ls-files --stage";
        let arguments = ["ls-files", "--stage", "-z", "--full-name", "--", ":/"];
        let text = repository.answer(&arguments, ASKED)?;
        let (entries, mut unmerged) = Entries::read(text).ok_or(GitFault::Failed(ASKED))?;
        unmerged.dedup();
        Ok((entries, unmerged))
    }

    /// Those of a commit.
    pub fn of_commit(repository: &Repository, commit: &ObjectId) -> Result<Entries, GitFault> {
        const ASKED: &str = "git ls-tree -r";
        let arguments = ["ls-tree", "-r", "-z", "--full-tree", commit.as_str()];
        let text = repository.answer(&arguments, ASKED)?;
        Entries::read(text).map(|(entries, _)| entries).ok_or(GitFault::Failed(ASKED))
    }

    /// Reads `MODE SP ID SP STAGE TAB PATH NUL` and `MODE SP TYPE SP ID TAB PATH NUL`.
    fn read(text: Vec<u8>) -> Option<(Entries, Vec<Vec<u8>>)> {
        let mut list = Vec::new();
        let mut unmerged = Vec::new();
        let mut start = 0;
        for record in text.split_inclusive(|byte| *byte == 0) {
            let record = &record[..record.len() - 1];
            let tab = record.iter().position(|byte| *byte == b'\t')?;
            let mut words = record[..tab].split(|byte| *byte == b' ');
            let (mode, second, third) = (words.next()?, words.next()?, words.next()?);
            let kind = ItemKind::of_mode(mode)?;
            let (id, id_at) = match second {
                b"blob" | b"commit" => (third, mode.len() + second.len() + 2),
                _ => (second, mode.len() + 1),
            };
            ObjectId::parse(id)?;
            let path = start + tab + 1..start + record.len();
            if id == second && third != b"0" {
                unmerged.push(text[path].to_vec());
            } else {
                list.push(Item { kind, id: start + id_at..start + id_at + id.len(), path });
            }
            start += record.len() + 1;
        }
        list.sort_by(|a, b| text[a.path.clone()].cmp(&text[b.path.clone()]));
        Some((Entries { text, list }, unmerged))
    }

    /// Takes away what `is_gone` says.
    pub fn remove(&mut self, is_gone: impl Fn(&[u8]) -> bool) {
        let text = &self.text;
        self.list.retain(|item| !is_gone(&text[item.path.clone()]));
    }

    /// The entry of a path.
    pub fn get(&self, path: &[u8]) -> Option<Entry<'_>> {
        let at = self.list.partition_point(|item| &self.text[item.path.clone()] < path);
        self.list.get(at).map(|item| self.entry(item)).filter(|entry| entry.path == path)
    }

    /// The entries whose paths begin with `prefix`.
    pub fn below<'a>(&'a self, prefix: &'a [u8]) -> impl Iterator<Item = Entry<'a>> {
        let start = self.list.partition_point(|item| &self.text[item.path.clone()] < prefix);
        let entries = self.list[start..].iter().map(|item| self.entry(item));
        entries.take_while(move |entry| entry.path.starts_with(prefix))
    }

    /// The first entry after `path`, among what begins with `within`.
    pub fn next(&self, path: &[u8], within: &[u8]) -> Option<Entry<'_>> {
        self.first_where(within, |other| other > path)
    }

    /// The first entry after everything that begins with `prefix`, among what begins with `within`: with it a
    /// folder is skipped, whatever lies in it.
    pub fn after(&self, prefix: &[u8], within: &[u8]) -> Option<Entry<'_>> {
        self.first_where(within, |other| other > prefix && !other.starts_with(prefix))
    }

    fn first_where(&self, within: &[u8], is_behind: impl Fn(&[u8]) -> bool) -> Option<Entry<'_>> {
        let at = self.list.partition_point(|item| !is_behind(&self.text[item.path.clone()]));
        self.list.get(at).map(|item| self.entry(item)).filter(|entry| entry.path.starts_with(within))
    }

    fn entry(&self, item: &Item) -> Entry<'_> {
        Entry { kind: item.kind, id: &self.text[item.id.clone()], path: &self.text[item.path.clone()] }
    }
}

#[cfg(test)]
mod tests {
    use super::{Entries, ItemKind};

    const ID: &str = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";

    fn entries(records: &[String]) -> (Entries, Vec<Vec<u8>>) {
        let text: String = records.iter().map(|record| format!("{record}\0")).collect();
        Entries::read(text.into_bytes()).expect("the records are good")
    }

    #[test]
    fn an_index_and_a_commit_read_alike() {
        let (index, _) = entries(&[format!("100755 {ID} 0\ta/b c"), format!("120000 {ID} 0\td\t\ne")]);
        let (commit, _) = entries(&[format!("160000 commit {ID}\tsub"), format!("100644 blob {ID}\ta")]);
        assert_eq!(index.get(b"a/b c").unwrap().kind, ItemKind::File);
        assert_eq!(index.get(b"d\t\ne").unwrap().kind, ItemKind::Link);
        assert_eq!(commit.get(b"sub").unwrap().kind, ItemKind::Module);
        assert_eq!(commit.get(b"a").unwrap().id().as_str(), ID);
        assert!(commit.get(b"b").is_none() && commit.get(b"").is_none());
    }

    #[test]
    fn the_stages_of_a_merge_are_told_apart() {
        let records = [1, 2, 3].map(|stage| format!("100644 {ID} {stage}\tx"));
        let (index, unmerged) = entries(&records);
        assert!(index.get(b"x").is_none());
        assert_eq!(unmerged, vec![b"x".to_vec(); 3]);
    }

    #[test]
    fn folders_are_ranges() {
        let (index, _) =
            entries(&["a.x", "a/b/c", "a/b/d", "a/e", "b"].map(|p| format!("100644 {ID} 0\t{p}")));
        let names =
            |prefix: &[u8]| -> Vec<Vec<u8>> { index.below(prefix).map(|e| e.path.to_vec()).collect() };
        assert_eq!(names(b"a/"), [&b"a/b/c"[..], b"a/b/d", b"a/e"]);
        assert_eq!(index.after(b"a/b/", b"a/").unwrap().path, b"a/e");
        assert!(index.after(b"a/e", b"a/").is_none());
    }

    #[test]
    fn what_is_no_record_is_refused() {
        for bad in ["100644", "100644 x 0\ta\0", "\0", "100644 blob\ta\0"] {
            assert!(Entries::read(bad.as_bytes().to_vec()).is_none(), "{bad:?}");
        }
    }
}
