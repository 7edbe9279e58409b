//! What changed between two states of a repository.

use super::entries::ItemKind;
use super::fault::GitFault;
use super::objects::ObjectId;
use super::repository::Repository;

/// A path at which something changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The path from the root of the work tree.
    pub path: Vec<u8>,
    /// What was there before: in one state, or in each parent of a merge.
    pub before: Vec<Side>,
    /// What is there now.
    pub after: Side,
    /// Where it was before it was renamed.
    pub from: Option<Vec<u8>>,
}

/// What one state has at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// What it is; `None` where there is nothing.
    pub kind: Option<ItemKind>,
    /// Its object.
    pub id: ObjectId,
}

impl Side {
    /// The object, if this is a file.
    pub fn file(&self) -> Option<&ObjectId> {
        (self.kind == Some(ItemKind::File)).then_some(&self.id)
    }
}

/// The commits of a history, each with its changes.
pub type History = Vec<(ObjectId, Vec<Change>)>;

/// What would be committed: the index against HEAD, or against nothing before the first commit.
pub fn staged(repository: &Repository) -> Result<Vec<Change>, GitFault> {
    diff(repository, &["--cached", "--ita-invisible-in-index"], "git diff --cached")
}

/// The paths that the index lists although they are only meant to be added (`git add -N`): a commit
/// doesn't take them.
pub fn intended(repository: &Repository, staged: &[Change]) -> Result<Vec<Vec<u8>>, GitFault> {
    let all = diff(repository, &["--cached", "--ita-visible-in-index"], "git diff --cached")?;
    let is_staged = |path: &Vec<u8>| staged.iter().any(|change| change.path == *path);
    let new = all.into_iter().filter(|change| change.after.id.is_empty_file());
    Ok(new.map(|change| change.path).filter(|path| !is_staged(path)).collect())
}

/// What differs between two commits.
pub fn between(repository: &Repository, base: &ObjectId, head: &ObjectId) -> Result<Vec<Change>, GitFault> {
    diff(repository, &[base.as_str(), head.as_str()], "git diff REV")
}

fn diff(repository: &Repository, what: &[&str], asked: &'static str) -> Result<Vec<Change>, GitFault> {
    const FORM: [&str; 8] = [
        "diff",
        "--raw",
        "-z",
        "--no-abbrev",
        "--no-renames",
        "--no-relative",
        "--no-ext-diff",
        "--ignore-submodules=none",
    ];
    let text = repository.answer(&[&FORM, what, &["--"]].concat(), asked)?;
    let mut fields = fields(&text);
    let mut changes = Vec::new();
    while let Some(field) = fields.next() {
        changes.push(change(field, &mut fields).ok_or(GitFault::Failed(asked))?);
    }
    Ok(changes)
}

/// Reads what `git diff-tree --stdin -z` writes: a commit, then its changes.
pub(super) fn history(text: &[u8]) -> Option<History> {
    let mut history: History = Vec::new();
    let mut fields = fields(text);
    while let Some(field) = fields.next() {
        if let Some(commit) = ObjectId::parse(field) {
            history.push((commit, Vec::new()));
        } else {
            history.last_mut()?.1.push(change(field, &mut fields)?);
        }
    }
    Some(history)
}

fn fields(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.strip_suffix(b"\0").map(|text| text.split(|byte| *byte == 0)).into_iter().flatten()
}

/// Reads `:MODE SP MODE SP ID SP ID SP STATUS NUL PATH`; a merge has as many colons as parents, a mode and
/// an id for each, and a rename has its old path before the new one.
fn change<'a>(head: &[u8], fields: &mut impl Iterator<Item = &'a [u8]>) -> Option<Change> {
    let parents = head.iter().take_while(|byte| **byte == b':').count();
    let words: Vec<&[u8]> = head[parents..].split(|byte| *byte == b' ').collect();
    if parents == 0 || words.len() != 2 * parents + 3 {
        return None;
    }
    let mut sides = (0..=parents).map(|at| {
        let id = ObjectId::parse(words[parents + 1 + at])?;
        Some(Side { kind: ItemKind::of_mode(words[at]), id })
    });
    let before = sides.by_ref().take(parents).collect::<Option<Vec<_>>>()?;
    let after = sides.next()??;
    let is_renamed = parents == 1 && matches!(words[2 * parents + 2].first(), Some(b'R' | b'C'));
    let from = if is_renamed { Some(fields.next()?.to_vec()) } else { None };
    Some(Change { path: fields.next()?.to_vec(), before, after, from })
}

#[cfg(test)]
mod tests {
    use super::{ItemKind, history};

    const A: &str = "1111111111111111111111111111111111111111";
    const NONE: &str = "0000000000000000000000000000000000000000";

    #[test]
    fn a_history_is_read_with_merges_and_renames() {
        let text = format!(
            "{A}\0:000000 100644 {NONE} {A} A\0a b\0:100644 100755 {A} {A} R100\0old\0new\0{A}\0\
            ::100644 120000 000000 {A} {A} {NONE} DD\0x\n\0"
        );
        let history = history(text.as_bytes()).unwrap();
        let [(_, first), (_, merge)] = history.as_slice() else { panic!("two commits: {history:?}") };
        assert_eq!(first[0].path, b"a b");
        assert_eq!(first[0].before[0].kind, None);
        assert_eq!((first[1].from.as_deref(), &*first[1].path), (Some(&b"old"[..]), &b"new"[..]));
        assert_eq!(merge[0].before.len(), 2);
        assert_eq!(merge[0].before[1].kind, Some(ItemKind::Link));
        assert_eq!((merge[0].after.file(), &*merge[0].path), (None, &b"x\n"[..]));
    }

    #[test]
    fn what_is_no_history_is_refused() {
        for bad in
            [":100644\0a\0".to_string(), format!("{A}\0:100644 100644 {A} M\0a\0"), format!("{A}\0::\0")]
        {
            assert_eq!(history(bad.as_bytes()), None, "{bad:?}");
        }
    }
}
