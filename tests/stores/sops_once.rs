//! How often a SOPS file is read and its key is decrypted.

use std::sync::atomic::{AtomicUsize, Ordering};

use age::secrecy::ExposeSecret;
use age::x25519::Identity;

use sealwright::config::ciphertext::Ciphertext;
use sealwright::config::selection::Selection;
use sealwright::link::connected::Connected;
use sealwright::link::decrypt::{Decrypt, DecryptError, Expected};
use sealwright::link::identity::{Identities, IdentitySources};
use sealwright::link::secret_value::SecretValue;
use sealwright::link::store::Surroundings;
use sealwright::pipeline;
use sealwright::source::diagnostic::Diagnostics;
use sealwright::source::memory::Memory;
use sealwright::source::repo_path::RepoPath;
use sealwright::source::world::{Entry, ReadError, World};

use crate::support::sops;

const UNITS: usize = 20;

/// A world that counts how often SOPS files are read.
struct Counting {
    files: Memory,
    reads: AtomicUsize,
}

impl World for Counting {
    fn read(&self, path: &RepoPath) -> Result<Vec<u8>, ReadError> {
        self.reads.fetch_add(usize::from(path.as_str().starts_with("secrets/")), Ordering::SeqCst);
        self.files.read(path)
    }

    fn list(&self, path: Option<&RepoPath>) -> Result<Vec<Entry>, ReadError> {
        self.files.list(path)
    }

    fn describe(&self) -> String {
        self.files.describe()
    }
}

/// Identities that count what they open.
struct Opening {
    identities: Identities,
    opened: AtomicUsize,
}

impl Decrypt for Opening {
    fn decrypt(&self, ciphertext: &Ciphertext, expected: &Expected<'_>) -> Result<SecretValue, DecryptError> {
        self.identities.decrypt(ciphertext, expected)
    }

    fn open(&self, file: &[u8]) -> Result<SecretValue, DecryptError> {
        self.opened.fetch_add(1, Ordering::SeqCst);
        self.identities.open(file)
    }

    fn is_empty(&self) -> bool {
        false
    }

    fn describe(&self) -> String {
        self.identities.describe()
    }
}

#[test]
fn a_file_of_many_fields_and_units_is_read_and_decrypted_once() {
    let identity = Identity::generate();
    let folder = tempfile::tempdir().expect("the system has a folder for temporary files");
    let mut files = Memory::new()
        .with("sealwright.yaml", "name: shop\nid: 1f\n")
        .with(
            "environments/prod/environment.yaml",
            "platform: kubernetes\ndelivery: { inline: ['*/*'] }\nallow: { '*': ['sops:secrets/*'] }\n",
        )
        .with(
            "environments/prod/versions.yaml",
            (0..UNITS).map(|n| format!("app{n}: 1\n")).collect::<String>(),
        );
    for name in ["a.yaml", "b.yaml"] {
        std::fs::write(folder.path().join(name), "x: 1\ny: two\nz: { w: [3] }\n")
            .expect("a file can be written");
        let recipient = identity.to_public().to_string();
        let text = sops(folder.path(), &["encrypt", "--age", &recipient, name]).succeeds().stdout;
        files = files.with(&format!("secrets/{name}"), text);
    }
    for number in 0..UNITS {
        let fields: String = ["x", "y", "z/w/0"]
            .iter()
            .flat_map(|field| ["a", "b"].map(|file| (field, file)))
            .enumerate()
            .map(|(n, (field, file))| format!("  S{n}: ref+sops://secrets/{file}.yaml#/{field}\n"))
            .collect();
        files = files.with(&format!("apps/app{number}/app.yaml"), format!("image: x\nsecrets:\n{fields}"));
    }
    let world = Counting { files, reads: AtomicUsize::new(0) };
    #[expect(clippy::disallowed_methods, reason = "the test has the identity that it made")]
    let sources = IdentitySources {
        sops_key: Some(identity.to_string().expose_secret().to_owned().into()),
        ..IdentitySources::default()
    };
    let identities = Identities::load(&sources).expect("the identity is good");
    let opening = Opening { identities, opened: AtomicUsize::new(0) };

    let everything = Selection::everything();
    let mut out = Diagnostics::default();
    let mut layers = pipeline::read(&world, &everything, &mut out).expect("the repo can be read");
    let compiled = pipeline::compile(&mut layers, &everything, &mut out).expect("it compiles");
    assert_eq!(world.reads.load(Ordering::SeqCst), 0, "compiling reads no secret");
    let surroundings = Surroundings { world: &world, identities: &opening, variables: &|_| None };
    let stores = Connected { surroundings, watch: &|_| {} };
    let linked = pipeline::link_with(&layers, &compiled, &opening, &stores, &mut out);
    assert!(linked.is_some(), "{:?}", out.sorted());
    assert_eq!(world.reads.load(Ordering::SeqCst), 2);
    assert_eq!(opening.opened.load(Ordering::SeqCst), 2);
}
