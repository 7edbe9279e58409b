use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use age::x25519::Identity;
use secrecy::ExposeSecret;
use tempfile::TempDir;
use zeroize::Zeroizing;

use super::{Identities, IdentityError, IdentityFault, IdentitySources};

#[expect(clippy::disallowed_methods, reason = "the test writes key files")]
fn key() -> String {
    Identity::generate().to_string().expose_secret().to_owned()
}

fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    path
}

fn load_file(text: impl AsRef<[u8]>) -> Result<Identities, IdentityError> {
    let folder = TempDir::new().unwrap();
    let path = write(folder.path(), "key.txt", text);
    Identities::load(&IdentitySources { explicit: vec![path], ..IdentitySources::default() })
}

#[test]
fn all_sources_are_read() {
    let folder = TempDir::new().unwrap();
    let config = folder.path().join("config");
    let sources = IdentitySources {
        explicit: vec![
            write(folder.path(), "a", key()),
            write(folder.path(), "b", format!("# public key: age1\r\n{}\r\n\r\n{}", key(), key())),
        ],
        identity_file: Some(write(folder.path(), "c", key())),
        sops_key_file: Some(write(folder.path(), "d", key())),
        sops_key: Some(Zeroizing::new(key())),
        config_home: Some(config.clone()),
        home: Some(folder.path().to_owned()),
    };
    write(&config, "sealwright/identity.txt", key());
    write(&config, "sops/age/keys.txt", key());
    write(folder.path(), ".config/sealwright/identity.txt", "read only without XDG_CONFIG_HOME");
    let identities = Identities::load(&sources).unwrap();
    assert_eq!(identities.len(), 8);
    assert!(identities.describe().contains("SOPS_AGE_KEY (1 found)"));
    assert_eq!(format!("{sources:?} {identities:?}"), "IdentitySources(…) Identities(8)");
}

#[test]
fn the_standard_places_are_below_home() {
    let folder = TempDir::new().unwrap();
    let sources = IdentitySources { home: Some(folder.path().to_owned()), ..IdentitySources::default() };
    let identities = Identities::load(&sources).unwrap();
    assert!(identities.is_empty());
    assert!(identities.describe().contains("sealwright/identity.txt (not there)"));
    write(folder.path(), ".config/sops/age/keys.txt", key());
    assert_eq!(Identities::load(&sources).unwrap().len(), 1);
    assert!(Identities::load(&IdentitySources::default()).unwrap().describe().starts_with("nowhere"));
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let folder = TempDir::new().unwrap();
    let missing = Some(folder.path().join("missing"));
    let none = IdentitySources::default;
    for sources in [
        IdentitySources { explicit: missing.iter().cloned().collect(), ..none() },
        IdentitySources { identity_file: missing.clone(), ..none() },
        IdentitySources { sops_key_file: missing.clone(), ..none() },
    ] {
        let error = Identities::load(&sources).unwrap_err();
        assert_eq!((error.fact, error.line), (IdentityFault::Missing, None));
        assert!(error.to_string().ends_with("missing: the identity file doesn't exist"));
    }
    let sources = IdentitySources { explicit: vec![folder.path().to_owned()], ..none() };
    assert_eq!(Identities::load(&sources).unwrap_err().fact, IdentityFault::Unreadable);
}

#[test]
fn other_kinds_are_named_by_their_line_and_never_shown() {
    let good = key();
    for (line, fact) in [
        ("AGE-PLUGIN-YUBIKEY-1CANARY", IdentityFault::Plugin),
        ("AGE-SECRET-KEY-PQ-1CANARY", IdentityFault::OtherKind),
        ("AGE-SECRET-KEY-1CANARY", IdentityFault::Malformed),
        ("age-encryption.org/v1", IdentityFault::Encrypted),
        ("-----BEGIN AGE ENCRYPTED FILE-----", IdentityFault::Encrypted),
        ("-----BEGIN OPENSSH PRIVATE KEY-----", IdentityFault::Ssh),
        ("age1CANARY", IdentityFault::Recipient),
        ("CANARY", IdentityFault::Malformed),
    ] {
        let error = load_file(format!("# comment\n{good}\n{line}\n")).unwrap_err();
        assert_eq!((error.fact, error.line), (fact, Some(3)), "{line}");
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("CANARY") && shown.contains("key.txt:3"), "{shown}");
    }
    assert_eq!(load_file(b"\xff\xfe\n").unwrap_err().fact, IdentityFault::NotText);
    assert_eq!(load_file(vec![b'#'; 1 << 17]).unwrap_err().fact, IdentityFault::TooLarge);
    assert!(load_file("# nothing yet\n").unwrap().is_empty());
}

#[test]
fn an_ssh_key_is_read_from_a_file_of_its_own() {
    let key = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ssh").join(name);
    let none = IdentitySources::default;
    let sources =
        IdentitySources { explicit: vec![key("ed25519")], identity_file: Some(key("rsa")), ..none() };
    let identities = Identities::load(&sources).unwrap();
    assert_eq!(identities.len(), 2);
    assert!(identities.describe().contains("ed25519 (an ssh key)"));
    for (name, fact) in [
        ("passphrase", IdentityFault::SshPassphrase),
        ("ecdsa", IdentityFault::SshKind),
        ("rsa.pub", IdentityFault::Malformed),
    ] {
        let error = Identities::load(&IdentitySources { explicit: vec![key(name)], ..none() }).unwrap_err();
        assert_eq!(error.fact, fact, "{name}");
    }
    let text = fs::read_to_string(key("ed25519")).unwrap();
    assert_eq!(load_file(&text[..text.len() / 2]).unwrap_err().fact, IdentityFault::SshMalformed);
    assert_eq!(load_file("-----BEGIN CERTIFICATE-----\n").unwrap_err().fact, IdentityFault::SshMalformed);
    let encrypted = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
    assert_eq!(load_file(encrypted).unwrap_err().fact, IdentityFault::SshPassphrase);
    // Variables and places of other tools are no source of ssh keys.
    let folder = TempDir::new().unwrap();
    let sops = IdentitySources { sops_key_file: Some(key("ed25519")), ..none() };
    assert_eq!(Identities::load(&sops).unwrap_err().fact, IdentityFault::Ssh);
    let home = IdentitySources { home: Some(folder.path().to_owned()), ..none() };
    write(folder.path(), ".config/sealwright/identity.txt", &text);
    assert!(Identities::load(&home).unwrap().is_empty());
}

#[test]
fn in_a_standard_place_other_kinds_are_passed_over() {
    let folder = TempDir::new().unwrap();
    let sources = IdentitySources { home: Some(folder.path().to_owned()), ..IdentitySources::default() };
    let place = ".config/sops/age/keys.txt";
    write(folder.path(), place, format!("AGE-PLUGIN-YUBIKEY-1X\n{}\n", key()));
    let identities = Identities::load(&sources).unwrap();
    assert_eq!(identities.len(), 1);
    assert!(identities.describe().contains("keys.txt (1 found, 1 of other kinds)"));
    write(folder.path(), place, b"age-encryption.org/v1\n\xff\xff\nx");
    assert!(Identities::load(&sources).unwrap().is_empty());
    write(folder.path(), place, format!("{}\nCANARY\n", key()));
    assert_eq!(Identities::load(&sources).unwrap_err().line, Some(2));
}

#[test]
fn variables_that_are_empty_count_as_unset() {
    let variable = |name: &str| match name {
        "SEALWRIGHT_IDENTITY_FILE" | "SOPS_AGE_KEY" => Some(OsString::new()),
        "XDG_CONFIG_HOME" => Some(OsString::from("relative")),
        "SOPS_AGE_KEY_FILE" => Some(OsString::from("/keys.txt")),
        _ => None,
    };
    let sources = IdentitySources::from_variables(Vec::new(), variable);
    assert!(sources.identity_file.is_none() && sources.sops_key.is_none() && sources.config_home.is_none());
    assert_eq!(sources.sops_key_file.as_deref(), Some(Path::new("/keys.txt")));
}
