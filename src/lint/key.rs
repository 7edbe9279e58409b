//! What a key says about its value, by its last words.

/// Kinds of secrets that a key can announce; they differ in what their values are mistaken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// A password: any literal is one, numbers too.
    Password,
    /// A token or the key of an API: any literal that isn't a number.
    Token,
    /// A secret or credentials: the name of one just as well.
    Secret,
    /// Some other key: only what looks random.
    Key,
}

/// What a key says, and how it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The kind of secret.
    pub says: Says,
    /// Whether it is written as an environment variable, `DB_PASSWORD`.
    pub is_variable: bool,
    /// Whether the word before the last one says that it is a value (`clientSecret`), not the name of an
    /// object (`tlsSecret`).
    pub is_value: bool,
    /// Whether it can be the key under which a store keeps something, as in an ExternalSecret.
    pub is_locator: bool,
}

const PASSWORDS: [&str; 6] = ["password", "passwd", "passphrase", "passcode", "passwords", "pwd"];
const TOKENS: [&str; 16] = [
    "token",
    "apikey",
    "secretkey",
    "privatekey",
    "secretaccesskey",
    "presharedkey",
    "keybase",
    "authkey",
    "encryptionkey",
    "masterkey",
    "signingkey",
    "hmackey",
    "jwtkey",
    "sharedaccesskey",
    "apitoken",
    "passkey",
];
const SECRETS: [&str; 4] = ["secret", "credential", "credentials", "creds"];
const KEYS: [&str; 14] = [
    "accountkey",
    "storagekey",
    "licensekey",
    "appkey",
    "servicekey",
    "sessionkey",
    "subscriptionkey",
    "sshkey",
    "deploykey",
    "cookiekey",
    "accesskey",
    "sharedkey",
    "cryptkey",
    "apikeys",
];
/// Words that are one of the above only as a whole word.
const SHORT: [&str; 4] = ["pass", "pw", "psk", "pwd"];
/// Words that end with `pass` and are none.
const OTHER_PASS: [&str; 8] =
    ["bypass", "compass", "encompass", "surpass", "overpass", "underpass", "trespass", "multipass"];
/// First words that make a switch, a limit or a phrase of the rest.
const SWITCHES: [&str; 36] = [
    "allow",
    "allows",
    "enable",
    "enabled",
    "disable",
    "disabled",
    "require",
    "requires",
    "required",
    "use",
    "uses",
    "has",
    "is",
    "min",
    "max",
    "num",
    "show",
    "hide",
    "skip",
    "no",
    "invalid",
    "missing",
    "forgot",
    "automount",
    "generate",
    "create",
    "public",
    "existing",
    "with",
    "without",
    "update",
    "reset",
    "change",
    "rotate",
    "verify",
    "validate",
];
/// Words before the last one that make a name, an identifier or text of it.
const HARMLESS: [&str; 15] = [
    "public",
    "next",
    "continue",
    "continuation",
    "existing",
    "eos",
    "bos",
    "pad",
    "unk",
    "sep",
    "cls",
    "mask",
    "special",
    "id",
    "stop",
];
/// Words before `secret` that make the name of an object of it.
const OBJECTS: [&str; 16] = [
    "tls",
    "pull",
    "image",
    "cert",
    "certificate",
    "ca",
    "ssl",
    "k8s",
    "kubernetes",
    "docker",
    "registry",
    "password",
    "credentials",
    "user",
    "backend",
    "storage",
];
/// Words before `secret` that say that it is the value.
const VALUES: [&str; 21] = [
    "client",
    "app",
    "shared",
    "jwt",
    "auth",
    "api",
    "webhook",
    "cookie",
    "session",
    "signing",
    "hmac",
    "consumer",
    "encryption",
    "oauth",
    "access",
    "hash",
    "csrf",
    "master",
    "token",
    "site",
    "bot",
];

/// What Helm charts begin an annotation with whose value is a digest, whatever it is of.
pub const CHECKSUM: &str = "checksum/";

/// The longest key that is read; what is longer is read from its end.
const LONGEST: usize = 96;

impl Key {
    /// What a key says; `None` when it announces no secret.
    pub fn read(key: &str) -> Option<Key> {
        if key.starts_with(CHECKSUM) {
            return None;
        }
        let key = key.rsplit(['/', ':']).next().unwrap_or(key);
        let key = key.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '_' | '-' | '.' | ' '));
        let words = Words::of(key);
        let says = words.says()?;
        let (first, before) = (words.word(0), words.before_last());
        let harmless = words.count() > 1 && SWITCHES.contains(&first) || HARMLESS.contains(&before);
        if harmless {
            return None;
        }
        let is_variable =
            key.bytes().any(|b| b.is_ascii_uppercase()) && !key.bytes().any(|b| b.is_ascii_lowercase());
        let is_value = match says {
            Says::Secret if is_variable => !OBJECTS.contains(&before),
            Says::Secret => VALUES.contains(&before) || words.count() == 1 && words.last().len() > 11,
            _ => true,
        };
        Some(Key { says, is_variable, is_value, is_locator: key == "secretKey" })
    }
}

/// A key in lower case, cut into its words.
struct Words {
    joined: [u8; LONGEST],
    length: usize,
    /// Where words begin.
    starts: [u8; 32],
    count: usize,
}

impl Words {
    fn of(key: &str) -> Words {
        let bytes = key.as_bytes();
        let bytes = &bytes[bytes.len().saturating_sub(LONGEST)..];
        let mut words = Words { joined: [0; LONGEST], length: 0, starts: [0; 32], count: 0 };
        let mut previous = b'_';
        for (at, &byte) in bytes.iter().enumerate() {
            if !byte.is_ascii_alphanumeric() {
                previous = b'_';
                continue;
            }
            let next_is_lower = bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
            let begins = !previous.is_ascii_alphanumeric()
                || byte.is_ascii_uppercase()
                    && (!previous.is_ascii_uppercase() || (next_is_lower && previous.is_ascii_uppercase()));
            if begins && words.count < words.starts.len() {
                words.starts[words.count] = u8::try_from(words.length).unwrap_or(u8::MAX);
                words.count += 1;
            }
            words.joined[words.length] = byte.to_ascii_lowercase();
            words.length += 1;
            previous = byte;
        }
        words
    }

    fn count(&self) -> usize {
        self.count
    }

    fn text(&self, from: usize, to: usize) -> &str {
        std::str::from_utf8(&self.joined[from..to]).unwrap_or_default()
    }

    fn word(&self, index: usize) -> &str {
        if index >= self.count {
            return "";
        }
        let end = if index + 1 < self.count { usize::from(self.starts[index + 1]) } else { self.length };
        self.text(usize::from(self.starts[index]), end)
    }

    fn last(&self) -> &str {
        self.word(self.count.wrapping_sub(1))
    }

    fn before_last(&self) -> &str {
        if self.count < 2 { "" } else { self.word(self.count - 2) }
    }

    fn says(&self) -> Option<Says> {
        let last = self.last();
        let joined = self.text(0, self.length);
        let ends = |list: &[&str]| list.iter().any(|word| joined.ends_with(word));
        let is_pass = last.ends_with("pass") && !OTHER_PASS.contains(&last)
            || (last.ends_with("pw") && ["rootpw", "bindpw", "adminpw", "dbpw", "userpw"].contains(&last));
        if SHORT.contains(&last) || is_pass || ends(&PASSWORDS) {
            Some(Says::Password)
        } else if ends(&TOKENS) || last == "tokens" && self.count > 1 {
            Some(Says::Token)
        } else if ends(&SECRETS) {
            Some(Says::Secret)
        } else if ends(&KEYS) {
            Some(Says::Key)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Key, Says};

    #[test]
    fn the_last_words_decide() {
        for (key, says) in [
            ("password", Says::Password),
            ("DB_PASSWORD", Says::Password),
            ("dbPassword", Says::Password),
            ("mysqlrootpassword", Says::Password),
            ("node.session.auth.password", Says::Password),
            ("MYSQL_PASS", Says::Password),
            ("rootpw", Says::Password),
            ("requirepass", Says::Password),
            ("TOKEN_2", Says::Token),
            ("apiKey", Says::Token),
            ("APIKey", Says::Token),
            ("aws_secret_access_key", Says::Token),
            ("SECRET_KEY_BASE", Says::Token),
            ("client-secret", Says::Secret),
            ("secretboxencryptionsecret", Says::Secret),
            ("AccountKey", Says::Key),
        ] {
            assert_eq!(Key::read(key).map(|key| key.says), Some(says), "{key}");
        }
    }

    #[test]
    fn metadata_says_nothing() {
        for key in [
            "tokenExpiry",
            "passwordPolicy",
            "minPassword",
            "tokenUrl",
            "secretName",
            "passwordSecretRef",
            "secretKeyRef",
            "existingSecret",
            "automountServiceAccountToken",
            "key",
            "publicKey",
            "tokenizer",
            "bypass",
            "ALLOW_EMPTY_PASSWORD",
            "id-token",
            "passwordFile",
            "checksum/secret",
            "credentialsId",
            "monkey",
            "",
        ] {
            assert_eq!(Key::read(key), None, "{key}");
        }
    }

    #[test]
    fn a_secret_that_is_named_as_an_object_is_no_value() {
        assert!(Key::read("clientSecret").unwrap().is_value);
        assert!(Key::read("BETTER_AUTH_SECRET").unwrap().is_value);
        assert!(!Key::read("TLS_SECRET").unwrap().is_value);
        assert!(!Key::read("passwordSecret").unwrap().is_value);
    }
}
