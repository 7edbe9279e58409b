//! Environments of the fixtures whose secrets are resolved, with other values in them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use regex::{Captures, Regex};
use tempfile::TempDir;

use sealwright::config::ciphertext::Ciphertext;
use sealwright::config::recipient::{Recipient, RecipientSet};
use sealwright::link::secret_value::SecretValue;
use sealwright::seal::encrypt;

use crate::support::{DEMO_RECIPIENT, Repo, Run, fixture};

/// The fixtures with encrypted values, an environment of each.
pub const CASES: [(&str, &str); 6] = [
    ("ecs", "prod"),
    ("compose", "prod"),
    ("nomad", "prod"),
    ("retail-store", "local"),
    ("sock-shop", "compose"),
    ("sock-shop", "prod"),
];

/// A copy of a fixture in which every encrypted value is another one, at the same revision: the first of `values`
/// stands for the first, and so on around.
pub fn resealed(name: &str, values: &[&[u8]]) -> Repo {
    let repo = Repo::copy_of(name);
    let recipients: RecipientSet =
        [Recipient::parse(DEMO_RECIPIENT).expect("it is one")].into_iter().collect();
    let pattern = Regex::new(r"ENC\[AGE,[A-Za-z0-9+/=]+\]").expect("it is a pattern");
    let mut count = 0;
    for path in files(&repo.path("")) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let replaced = pattern.replace_all(&text, |found: &Captures<'_>| {
            let old = Ciphertext::parse(&found[0]).expect("the fixture is right");
            let value = SecretValue::new(values[count % values.len()].to_vec());
            count += 1;
            encrypt(&value, old.place(), &recipients).expect("it is small")
        });
        fs::write(&path, &*replaced).expect("it can be written");
    }
    assert!(count > 0, "{name} has values");
    repo
}

/// All files below a folder, in order.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("it is a folder") {
        let path = entry.expect("it can be read").path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found.sort();
    found
}

/// Whether a file of an output is made for cleartext, by the tests' own knowledge.
pub fn is_sink(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    file.starts_with("_secrets/")
        || matches!(name, "secrets.json" | "compose.secrets.yaml" | "variables.json")
        || name.starts_with("secret-")
}

/// What was rendered into a folder.
pub struct Out {
    folder: TempDir,
}

impl Out {
    /// No output yet.
    pub fn new() -> Out {
        Out { folder: tempfile::tempdir().expect("the system has a folder for temporary files") }
    }

    /// Where it is.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    /// Renders into it with an identity.
    pub fn render(&self, repo: &Repo, environment: &str, identity: &Path, form: &str) -> Run {
        let mut command = repo.command(["render", environment, "--message-format", form, "--identity"]);
        command.arg(identity).arg("--out-dir").arg(self.path());
        Run::of(&mut command, b"")
    }

    /// Its files with what they hold.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let root = self.path();
        let read = |path: PathBuf| {
            let name = path.strip_prefix(&root).expect("it lies below").display().to_string();
            (name, fs::read(path).expect("it can be read"))
        };
        files(&root).into_iter().map(read).collect()
    }

    /// Holds folders to be for their owner alone, and files to be so unless the app says otherwise.
    pub fn is_private(&self) {
        let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o7777;
        assert_eq!(mode(&self.path()), 0o700);
        for path in files(&self.path()) {
            assert_eq!(mode(path.parent().expect("it lies in a folder")), 0o700, "{}", path.display());
            let is_mounted = ["_secrets", "_files"]
                .iter()
                .any(|name| path.components().any(|part| part.as_os_str() == *name));
            assert!(mode(&path) == 0o600 || is_mounted, "{}: {:o}", path.display(), mode(&path));
        }
    }
}

/// The public identity of the fixtures.
pub fn demo() -> PathBuf {
    fixture("demo-identity.txt")
}
