//! The contents of files that git keeps: one process for all of them.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout};
use std::sync::{Mutex, PoisonError};

use super::fault::GitFault;
use super::repository::Repository;
use crate::source::world::FILE_LIMIT;

/// The name of an object: 40 or 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(String);

impl ObjectId {
    /// Reads a name in full.
    pub fn parse(text: &[u8]) -> Option<ObjectId> {
        let is_hex = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
        let is_name = matches!(text.len(), 40 | 64) && text.iter().all(is_hex);
        is_name.then(|| ObjectId(text.iter().map(|byte| char::from(*byte)).collect()))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The digits by which people name a commit.
    pub fn short(&self) -> &str {
        &self.0[..10]
    }

    /// Whether it stands for no object.
    pub fn is_nothing(&self) -> bool {
        self.0.bytes().all(|byte| byte == b'0')
    }

    /// Whether it is the file without a byte.
    pub fn is_empty_file(&self) -> bool {
        const SHA1: &str = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";
        const SHA256: &str = "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813";
        matches!(self.0.as_str(), SHA1 | SHA256)
    }
}

/// The objects of a repository, read through one `git cat-file --batch`, which is started with the first
/// question and ends with this value.
#[derive(Debug)]
pub struct Objects {
    repository: Repository,
    process: Mutex<Option<Process>>,
}

/// What a file's object holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Its bytes.
    Bytes(Vec<u8>),
    /// More of them than may be read.
    TooLarge,
}

#[derive(Debug)]
struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Objects {
    /// The objects of a repository.
    pub fn of(repository: &Repository) -> Objects {
        Objects { repository: repository.clone(), process: Mutex::new(None) }
    }

    /// The content of a file's object of at most [`FILE_LIMIT`].
    pub fn read(&self, id: &ObjectId) -> Result<Content, GitFault> {
        // Whoever panicked while it held the lock left a process that is out of step, at worst: the next
        // header won't fit then.
        let mut slot = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        let process = match slot.as_mut() {
            Some(process) => process,
            None => slot.insert(Process::start(&self.repository)?),
        };
        let content = process.read(id);
        if content.is_err() {
            *slot = None;
        }
        content
    }
}

impl Process {
    fn start(repository: &Repository) -> Result<Process, GitFault> {
        let mut child = repository.talk(&["cat-file", "--batch"])?;
        let input = child.stdin.take().expect("standard input is piped");
        let output = BufReader::new(child.stdout.take().expect("standard output is piped"));
        Ok(Process { child, input, output })
    }

    /// Asks for one object: `ID LF`, answered by `ID SP TYPE SP SIZE LF CONTENT LF` or `ID SP missing LF`.
    fn read(&mut self, id: &ObjectId) -> Result<Content, GitFault> {
        const ASKED: &str = "git cat-file --batch";
        let failed = |_| GitFault::Failed(ASKED);
        self.input.write_all(format!("{}\n", id.as_str()).as_bytes()).map_err(failed)?;
        self.input.flush().map_err(failed)?;
        let mut header = String::new();
        (&mut self.output).take(256).read_line(&mut header).map_err(failed)?;
        let words: Vec<&str> = header.trim_end().split(' ').collect();
        let size = match words.as_slice() {
            [name, "blob", size] if *name == id.as_str() => size.parse::<u64>().ok(),
            [_, "missing"] => return Err(GitFault::MissingObject),
            _ => None,
        };
        let size = size.ok_or(GitFault::Failed(ASKED))?;
        let mut bytes = Vec::new();
        let is_large = size > FILE_LIMIT;
        if is_large {
            std::io::copy(&mut (&mut self.output).take(size), &mut std::io::sink()).map_err(failed)?;
        } else {
            (&mut self.output).take(size).read_to_end(&mut bytes).map_err(failed)?;
        }
        let mut end = [0];
        self.output.read_exact(&mut end).map_err(failed)?;
        match end {
            [b'\n'] if is_large => Ok(Content::TooLarge),
            [b'\n'] if bytes.len() as u64 == size => Ok(Content::Bytes(bytes)),
            _ => Err(GitFault::Failed(ASKED)),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has said all that it was asked; one that is already gone doesn't matter.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::ObjectId;

    #[test]
    fn only_whole_names_are_names() {
        let id = ObjectId::parse(&[b'a'; 40]).unwrap();
        assert_eq!((id.short(), id.is_nothing()), ("aaaaaaaaaa", false));
        assert!(ObjectId::parse(&[b'0'; 64]).unwrap().is_nothing());
        for bad in [&b"abc"[..], &[b'g'; 40], &[b'A'; 40], b"-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"] {
            assert_eq!(ObjectId::parse(bad), None);
        }
    }
}
