//! Who is reading: the age identities of this machine or pipeline.

use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use age::ssh::UnsupportedKey;
use zeroize::Zeroizing;

/// Where identities may come from. All that exist are read, in this order.
#[derive(Default)]
pub struct IdentitySources {
    /// The files of `--identity`.
    pub explicit: Vec<PathBuf>,
    /// `SEALWRIGHT_IDENTITY_FILE`.
    pub identity_file: Option<PathBuf>,
    /// `SOPS_AGE_KEY_FILE`.
    pub sops_key_file: Option<PathBuf>,
    /// `SOPS_AGE_KEY`: the keys themselves.
    pub sops_key: Option<Zeroizing<String>>,
    /// `XDG_CONFIG_HOME`; by default `.config` in `home`.
    pub config_home: Option<PathBuf>,
    /// `HOME`.
    pub home: Option<PathBuf>,
}

/// The identities that were found.
pub struct Identities {
    list: Vec<Box<dyn age::Identity + Send + Sync>>,
    looked: Vec<String>,
    /// The one that opened the last value; most likely it opens the next one too.
    last: AtomicUsize,
}

/// Which source an error is about, and where in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{source_name}{}: {fact}", line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct IdentityError {
    /// The file's path, or the variable's name.
    pub source_name: String,
    /// The line, from 1, if it is about one.
    pub line: Option<usize>,
    /// What is wrong.
    pub fact: IdentityFault,
}

/// What can be wrong with a source of identities. None of it shows any content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityFault {
    /// A file that was asked for isn't there.
    #[error("the identity file doesn't exist")]
    Missing,
    /// A file that can't be read.
    #[error("the identity file can't be read")]
    Unreadable,
    /// More than any identity file has.
    #[error("the identity file is larger than 64 KiB")]
    TooLarge,
    /// Not UTF-8.
    #[error("the identity file isn't text")]
    NotText,
    /// Encrypted to a passphrase.
    #[error("identity files that are encrypted themselves can't be used")]
    Encrypted,
    /// A plugin of age would have to be run.
    #[error("identities of age plugins can't be used")]
    Plugin,
    /// A private key of ssh where lines with age identities are expected.
    #[error(
        "an ssh key is read from a file of its own, which `--identity` or SEALWRIGHT_IDENTITY_FILE names"
    )]
    Ssh,
    /// A private key of ssh under a passphrase, which nobody is asked for.
    #[error("the ssh key is protected by a passphrase, so it can't be used here")]
    SshPassphrase,
    /// A private key of ssh of a kind that nothing can be encrypted to.
    #[error("of ssh keys, only ed25519 and RSA can be used")]
    SshKind,
    /// Something in PEM that is no private key of ssh.
    #[error("this isn't an OpenSSH private key")]
    SshMalformed,
    /// A kind of age identity other than X25519.
    #[error("only X25519 identities of age can be used")]
    OtherKind,
    /// The public half.
    #[error("this is a recipient, the public half of an identity")]
    Recipient,
    /// None of these.
    #[error("this isn't an age identity")]
    Malformed,
}

const MAX_FILE: usize = 64 << 10;

impl IdentitySources {
    /// The sources that the environment names. `variable` looks one up; an empty one counts as unset.
    pub fn from_variables(
        explicit: Vec<PathBuf>,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> IdentitySources {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let path = |name: &str| set(name).map(PathBuf::from);
        IdentitySources {
            explicit,
            identity_file: path("SEALWRIGHT_IDENTITY_FILE"),
            sops_key_file: path("SOPS_AGE_KEY_FILE"),
            // What isn't UTF-8 is kept as it can be, so that reading it says what is wrong.
            sops_key: set("SOPS_AGE_KEY").map(|value| match value.into_string() {
                Ok(text) => Zeroizing::new(text),
                Err(other) => Zeroizing::new(other.to_string_lossy().into_owned()),
            }),
            config_home: path("XDG_CONFIG_HOME").filter(|path| path.is_absolute()),
            home: path("HOME"),
        }
    }

    /// The files that are read if they are there.
    fn standard(&self) -> Vec<PathBuf> {
        let config = self.config_home.clone().or_else(|| self.home.as_ref().map(|home| home.join(".config")));
        let mut files = Vec::new();
        if let Some(config) = config {
            files.push(config.join("sealwright/identity.txt"));
            files.push(config.join("sops/age/keys.txt"));
        }
        if let Some(home) = self.home.as_ref().filter(|_| cfg!(target_os = "macos")) {
            files.push(home.join("Library/Application Support/sops/age/keys.txt"));
        }
        files
    }
}

impl fmt::Debug for IdentitySources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdentitySources(…)")
    }
}

impl Identities {
    /// Reads all sources. One that was named must be there; in a standard place, which belongs to other tools
    /// too, identities of kinds that can't be used are passed over.
    pub fn load(sources: &IdentitySources) -> Result<Identities, IdentityError> {
        let mut identities = Identities { list: Vec::new(), looked: Vec::new(), last: AtomicUsize::new(0) };
        let own = sources.explicit.iter().chain(&sources.identity_file).map(|path| (path, true));
        for (path, may_be_ssh) in own.chain(sources.sops_key_file.iter().map(|path| (path, false))) {
            let name = shown(path);
            let text = read(path).map_err(|fact| IdentityError::of(&name, None, fact))?;
            if may_be_ssh && is_ssh(&text) {
                let key = parse_ssh(&text).map_err(|fact| IdentityError::of(&name, None, fact))?;
                identities.list.push(Box::new(key));
                identities.looked.push(format!("{name} (an ssh key)"));
            } else {
                identities.add(name, &text, Unusable::Refuse)?;
            }
        }
        if let Some(text) = &sources.sops_key {
            identities.add("SOPS_AGE_KEY".to_owned(), text.as_bytes(), Unusable::Refuse)?;
        }
        for path in sources.standard() {
            let name = path.display().to_string();
            match read(&path) {
                Ok(text) => identities.add(name, &text, Unusable::Skip)?,
                Err(fact @ (IdentityFault::Missing | IdentityFault::Unreadable)) => {
                    let found = if fact == IdentityFault::Missing { "not there" } else { "can't be read" };
                    identities.looked.push(format!("{name} ({found})"));
                }
                Err(fact) => return Err(IdentityError::of(&name, None, fact)),
            }
        }
        Ok(identities)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Where they were looked for, and how many were found there.
    pub fn describe(&self) -> String {
        match self.looked.as_slice() {
            [] => {
                "nowhere: neither `--identity` nor a variable names a file, and there is no home".to_owned()
            }
            looked => looked.join(", "),
        }
    }

    /// The identities by their index, the one that worked last first.
    pub(super) fn in_order(&self) -> impl Iterator<Item = (usize, &dyn age::Identity)> {
        let first = self.last.load(Ordering::Relaxed).min(self.list.len());
        let (before, from) = self.list.split_at(first);
        let from = from.iter().enumerate().map(move |(index, identity)| (first + index, identity));
        from.chain(before.iter().enumerate())
            .map(|(index, identity)| (index, &**identity as &dyn age::Identity))
    }

    /// Notes which one worked.
    pub(super) fn worked(&self, index: usize) {
        self.last.store(index, Ordering::Relaxed);
    }

    fn add(&mut self, name: String, text: &[u8], unusable: Unusable) -> Result<(), IdentityError> {
        let (mut found, mut skipped) = (0, 0);
        for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
            match parse_line(line) {
                Ok(None) => {}
                Ok(Some(identity)) => {
                    found += 1;
                    self.list.push(Box::new(identity));
                }
                Err(fact) if unusable == Unusable::Skip && fact.is_other_kind() => {
                    skipped += 1;
                    if fact.ends_the_file() {
                        break;
                    }
                }
                Err(fact) => return Err(IdentityError::of(&name, Some(index + 1), fact)),
            }
        }
        let skipped = if skipped == 0 { String::new() } else { format!(", {skipped} of other kinds") };
        self.looked.push(format!("{name} ({found} found{skipped})"));
        Ok(())
    }
}

impl fmt::Debug for Identities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identities({})", self.list.len())
    }
}

impl IdentityError {
    fn of(name: &str, line: Option<usize>, fact: IdentityFault) -> IdentityError {
        IdentityError { source_name: name.to_owned(), line, fact }
    }
}

impl IdentityFault {
    /// The next step.
    pub fn help(self) -> &'static str {
        match self {
            IdentityFault::SshPassphrase => {
                "make a key for this purpose: `sealwright secret keygen`; `ssh-keygen -p` takes the passphrase away"
            }
            IdentityFault::SshKind => "make a key for this purpose: `sealwright secret keygen`",
            IdentityFault::SshMalformed => {
                "it begins with `-----BEGIN OPENSSH PRIVATE KEY-----`; `ssh-keygen -p` rewrites older forms"
            }
            _ => "an identity file has lines `AGE-SECRET-KEY-1…`; `sealwright secret keygen` makes one",
        }
    }

    /// Whether it is a good identity for other tools.
    fn is_other_kind(self) -> bool {
        matches!(
            self,
            IdentityFault::Encrypted | IdentityFault::Plugin | IdentityFault::Ssh | IdentityFault::OtherKind
        )
    }

    /// Whether the rest of the file isn't lines with identities.
    fn ends_the_file(self) -> bool {
        matches!(self, IdentityFault::Encrypted | IdentityFault::Ssh)
    }
}

/// What becomes of identities that only other tools can use.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unusable {
    Refuse,
    Skip,
}

/// A path for people, unless someone gave the identity itself in place of its file.
fn shown(path: &Path) -> String {
    let text = path.display().to_string();
    if text.to_ascii_lowercase().contains("age-secret-key-") {
        return "an identity in place of its file".to_owned();
    }
    text
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, IdentityFault> {
    let file = File::open(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => IdentityFault::Missing,
        _ => IdentityFault::Unreadable,
    })?;
    // One byte more than allowed, at once: a buffer that grows leaves copies behind.
    let mut text = Zeroizing::new(vec![0; MAX_FILE + 1]);
    let mut filled = 0;
    let mut file = file.take(text.len() as u64);
    loop {
        match file.read(&mut text[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return Err(IdentityFault::Unreadable),
        }
    }
    if filled > MAX_FILE {
        return Err(IdentityFault::TooLarge);
    }
    text.truncate(filled);
    Ok(text)
}

/// Whether a file is a private key of ssh rather than lines with age identities.
fn is_ssh(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    text.starts_with(b"-----BEGIN ") && !text.starts_with(b"-----BEGIN AGE")
}

/// A private key of ssh that needs nothing else to be used.
fn parse_ssh(text: &[u8]) -> Result<age::ssh::Identity, IdentityFault> {
    match age::ssh::Identity::from_buffer(text.trim_ascii_start(), None) {
        Ok(key @ age::ssh::Identity::Unencrypted(_)) => Ok(key),
        Ok(age::ssh::Identity::Encrypted(_)) => Err(IdentityFault::SshPassphrase),
        Ok(age::ssh::Identity::Unsupported(unsupported)) => Err(match unsupported {
            UnsupportedKey::EncryptedPem | UnsupportedKey::EncryptedSsh(_) => IdentityFault::SshPassphrase,
            UnsupportedKey::Hardware(_) | UnsupportedKey::Type(_) => IdentityFault::SshKind,
        }),
        Err(_) => Err(IdentityFault::SshMalformed),
    }
}

fn parse_line(line: &[u8]) -> Result<Option<age::x25519::Identity>, IdentityFault> {
    let line = line.trim_ascii();
    if line.is_empty() || line.starts_with(b"#") {
        return Ok(None);
    }
    let begins = |prefix: &[u8]| line.get(..prefix.len()).is_some_and(|l| l.eq_ignore_ascii_case(prefix));
    let fact = if begins(b"age-encryption.org/") || begins(b"-----begin age") {
        IdentityFault::Encrypted
    } else if begins(b"-----begin") {
        IdentityFault::Ssh
    } else if begins(b"age-plugin-") {
        IdentityFault::Plugin
    } else if begins(b"age-secret-key-pq-") {
        IdentityFault::OtherKind
    } else if begins(b"age1") {
        IdentityFault::Recipient
    } else {
        let text = std::str::from_utf8(line).map_err(|_| IdentityFault::NotText)?;
        return text.parse().map(Some).map_err(|_| IdentityFault::Malformed);
    };
    Err(fact)
}

#[cfg(test)]
mod tests;
