//! Values that stand for a secret: placeholders, references, variables, ciphertexts.

use crate::lint::literal::looks_random;

/// Beginnings that say where a value is kept, or that it is public.
const REFERENCES: [&str; 35] = [
    "ref+",
    "op://",
    "vault:",
    ">>vault:",
    "vault://",
    "secret://",
    "secretref",
    "keyvault",
    "akv:",
    "arn:",
    "ssm:",
    "ssm://",
    "aws:",
    "awssm",
    "awssecret",
    "gcpsm",
    "gcp-secret",
    "sm://",
    "file:",
    "env:",
    "bws:",
    "doppler",
    "infisical",
    "conjur",
    "secrets.",
    "env.",
    "var.",
    "local.",
    "data.",
    "module.",
    "process.env",
    "os.environ",
    "@Microsoft.KeyVault(",
    "?{",
    "sha512-",
];

/// Beginnings of values that are public, or encrypted as nobody would write by hand.
const CIPHERTEXTS: [&str; 13] = [
    "YWdlLWVuY3J5cHRpb24",
    "-----BEGIN CERT",
    "-----BEGIN PUBLIC",
    "-----BEGIN RSA PUBLIC",
    "-----BEGIN AGE",
    "-----BEGIN PGP MESSAGE",
    "-----BEGIN PGP PUBLIC",
    "-----BEGIN SSH2 PUBLIC",
    "ssh-rsa ",
    "ssh-ed25519 ",
    "ecdsa-sha2-",
    "AAAAB3Nza",
    "AAAAC3Nza",
];

/// Beginnings behind which a ciphertext stands, with the least length of it.
const SEALED: [(&str, usize); 9] = [
    ("ENC[", 24),
    ("ENC(", 20),
    ("enc:", 20),
    ("{cipher}", 32),
    ("$ANSIBLE_VAULT;1.", 16),
    ("AQICAH", 90),
    ("AQECAH", 90),
    ("CfDJ8", 40),
    ("secure:", 20),
];

/// What a fill-in begins with, in lower case and without separators.
const FILL_INS: [&str; 23] = [
    "your",
    "replaceme",
    "replacewith",
    "replacethis",
    "insert",
    "enteryour",
    "putyour",
    "placeholder",
    "redacted",
    "todo",
    "tbd",
    "fixme",
    "notset",
    "tobereplaced",
    "tobeset",
    "fillme",
    "fillin",
    "setme",
    "provideyour",
    "overrideme",
    "addyour",
    "omitted",
    "masked",
];

/// Whether a value is something to be filled in.
pub fn is_placeholder(value: &str) -> bool {
    let first = value.as_bytes().first().copied().unwrap_or(b' ');
    let last = value.as_bytes().last().copied().unwrap_or(b' ');
    let words = |inner: &str| inner.bytes().all(|b| b.is_ascii_alphanumeric() || b" _-.:/'|#".contains(&b));
    if value.find('<').is_some_and(|open| {
        value[open..]
            .find('>')
            .is_some_and(|close| close > 1 && close < 80 && words(&value[open + 1..open + close]))
    }) {
        return true;
    }
    let inner = value.get(1..value.len().saturating_sub(1)).unwrap_or_default();
    let around = matches!(
        (first, last),
        (b'[', b']') | (b'{', b'}') | (b'%', b'%') | (b'@', b'@') | (b'#', b'#') | (b'<', b'>')
    );
    if around && words(inner.trim_matches(['{', '[', '%', '@', '#', '<'])) && !inner.is_empty() {
        return true;
    }
    let is_dunder = value.len() > 4 && value.starts_with("__") && value.ends_with("__");
    if is_dunder && !hides(value) || value.contains("...") || has_run(value) || is_cut(value) {
        return true;
    }
    if matches!(value, "%s" | "%v" | "%d" | "?" | "-" | "--" | "_" | "*") || value.starts_with("%(") {
        return true;
    }
    if value.len() > 80 {
        return false;
    }
    let plain: String = value
        .chars()
        .filter(|c| !matches!(c, '_' | '-' | ' ' | '.'))
        .map(|c| c.to_ascii_lowercase())
        .collect();
    // In capitals it is to be filled in; in small letters it is what people leave as it is.
    let is_change_me = (plain.starts_with("changeme") || plain.starts_with("changethis"))
        && value.contains(['_', '-', ' '])
        && !value.bytes().any(|byte| byte.is_ascii_lowercase());
    is_change_me
        || plain.is_empty()
        || FILL_INS.iter().any(|start| plain.starts_with(start))
        || plain.ends_with("here") && value.contains(['_', '-', ' '])
        || plain.contains("replaceme")
        || plain.contains("placeholder")
        || ["YOUR_", "your-", "your_"].iter().any(|word| value.contains(word))
}

/// Whether one character that hides others is repeated four times and more.
fn has_run(value: &str) -> bool {
    let mut run = 0;
    let mut previous = '\0';
    value.chars().any(|c| {
        run = if c == previous { run + 1 } else { 1 };
        previous = c;
        run >= 4 && matches!(c, 'x' | 'X' | '*' | '•' | '#' | '?' | '_') && !hides(value)
            || run >= 3 && run == value.chars().count() && matches!(c, 'x' | 'X' | '*' | '•' | '.')
    })
}

/// Whether what of a value stands for nothing else looks random.
fn hides(value: &str) -> bool {
    let rest = value.trim_matches(|c: char| matches!(c, 'x' | 'X' | '*' | '•' | '#' | '?' | '_' | '-'));
    rest.len() >= 16
        && !rest.contains("xxx")
        && !rest.contains("XXX")
        && !rest.contains("***")
        && looks_random(rest)
}

/// Whether it was cut short for readers.
fn is_cut(value: &str) -> bool {
    value.split_once('…').is_some_and(|(before, _)| before.len() < 12)
}

/// Whether a value is a variable, a template or says where the secret is.
pub fn is_reference(value: &str) -> bool {
    has_expression(value)
        || REFERENCES.iter().any(|start| leads_on(value, start))
        || is_public(value)
        || is_url(value)
        || is_tag(value)
        || value.starts_with("projects/") && value.contains("/secrets/")
        || is_call(value)
}

/// Whether a value begins with one of [`REFERENCES`] and goes on as an address does: a word alone is none.
fn leads_on(value: &str, start: &str) -> bool {
    let is_word = start.bytes().all(|byte| byte.is_ascii_alphabetic());
    let Some(rest) = value.strip_prefix(start) else { return false };
    match start {
        "ref+" => rest.contains("://"),
        _ if is_word => rest.contains([':', '/', '(', '.']),
        _ => !rest.is_empty(),
    }
}

/// Whether a value is a digest or a public key.
fn is_public(value: &str) -> bool {
    let digest = value
        .strip_prefix("sha256:")
        .is_some_and(|rest| rest.len() >= 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let recipient = value.starts_with("age1") && value.len() > 50;
    digest || recipient || value.starts_with("ssh-") && value.contains([' ', '@'])
}

/// Whether a text has a template expression or a variable in it.
pub fn has_expression(value: &str) -> bool {
    ["{{", "}}", "<%", "{%", "${", "$(", "$[", "#{", "@@", "%{", "<path:", "<(", "$$("]
        .iter()
        .any(|open| value.contains(open))
        || is_variable(value)
}

/// `$NAME`, `%NAME%`, `!Ref NAME`.
fn is_variable(value: &str) -> bool {
    let is_word = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b':' | b'.' | b'[' | b']'))
    };
    let is_position = |name: &str| {
        matches!(name, "@" | "#" | "*" | "?") || name.len() < 3 && name.bytes().all(|b| b.is_ascii_digit())
    };
    value
        .strip_prefix('$')
        .is_some_and(|name| is_word(name.strip_prefix('$').unwrap_or(name)) || is_position(name))
        || value.strip_prefix('%').and_then(|rest| rest.strip_suffix('%')).is_some_and(is_word)
}

fn is_tag(value: &str) -> bool {
    value.strip_prefix('!').is_some_and(|rest| {
        rest.starts_with(|c: char| c.is_ascii_alphabetic())
            && rest.contains([' ', '.'])
            && !rest.starts_with("!str")
    })
}

fn is_url(value: &str) -> bool {
    value.find("://").is_some_and(|at| {
        at > 0 && value[..at].bytes().all(|b| b.is_ascii_alphanumeric() || b"+.-:".contains(&b))
    })
}

/// `lookup("x")`, `secrets.get('x')`.
fn is_call(value: &str) -> bool {
    let Some((name, _)) = value.split_once('(') else { return false };
    value.ends_with(')')
        && name.len() > 2
        && name != "ENC"
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':'))
}

/// Whether what a beginning promises follows. Text that people write after `ENC[` is none, and a value that was
/// cut for documentation says so.
fn is_sealed(value: &str) -> bool {
    let Some((start, least)) = SEALED.iter().find(|(start, _)| value.starts_with(start)) else {
        return false;
    };
    let rest = &value[start.len()..];
    let is_cut = rest.contains("...") || rest.contains('…');
    let takes = |b: u8| b.is_ascii_alphanumeric() || b"+/=_-:.,[]();\n\r ".contains(&b);
    // Base64 of that length has signs of more kinds than words have.
    let is_mixed = rest.bytes().any(|b| b.is_ascii_digit()) && rest.len() >= *least;
    let is_named = *start != "ENC["
        || rest.split_once(',').is_some_and(|(name, inner)| {
            // SOPS names the parts.
            is_method(name) && (is_cut || name != "AES256_GCM" || inner.starts_with("data:"))
        });
    is_named && (is_cut || rest.bytes().all(takes) && is_mixed)
}

/// Whether `ENC[…` names a method of encryption: `AES256_GCM`, `PKCS7`, `AGE`, `GPG`, `KMS`.
fn is_method(name: &str) -> bool {
    name.len() >= 3 && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

/// Whether a value is encrypted, or public by its form.
pub fn is_ciphertext(value: &str) -> bool {
    let is_base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    CIPHERTEXTS.iter().any(|start| value.starts_with(start))
        || is_sealed(value)
        // What kubeseal writes.
        || value.len() > 160 && value.starts_with("Ag") && value.bytes().take(200).all(is_base64)
        // A certificate in base64.
        || value.starts_with("LS0tLS1CRUdJTiBDRVJU")
        || value.starts_with("LS0tLS1CRUdJTiBQVUJ")
}

#[cfg(test)]
mod tests {
    use super::{is_ciphertext, is_placeholder, is_reference};

    #[test]
    fn what_is_to_be_filled_in() {
        for value in [
            "<PASSWORD>",
            "<Your SITE_KEY>",
            "REPLACE_ME",
            "xxxx",
            "xxx",
            "****",
            "your-token-here",
            "CHANGE_ME",
            "[REDACTED]",
            "{password}",
            "%PASSWORD%",
            "__PASSWORD__",
            "@@PASSWORD@@",
            "ghp_...",
            "TODO",
            "insert-password-here",
            "sk-xxxxxxxxxxxx",
            "<STORAGE_DIR>/x.key",
        ] {
            assert!(is_placeholder(value) || is_reference(value), "{value}");
        }
        for value in
            ["changeme", "postgres", "example_123", "my-secret-pw", "fake_password", "hereford", "p<q"]
        {
            assert!(!is_placeholder(value), "{value}");
        }
    }

    #[test]
    fn what_says_where_the_secret_is() {
        for value in [
            "ref+vault://kv/x#/y",
            "op://a/b/c",
            "vault:secret/data/x#y",
            "${X}",
            "$X",
            "$(X)",
            "{{ x }}",
            "<% x %>",
            "arn:aws:ssm:x",
            "https://example.com/token",
            "!Ref Password",
            "?{vault:x}",
            "<path:a#b>",
            "lookup('x')",
        ] {
            assert!(is_reference(value), "{value}");
        }
        for value in ["hunter2", "a$b", "!important", "pa(ss", "secret"] {
            assert!(!is_reference(value), "{value}");
        }
        for value in [
            "ENC[AES256_GCM,data:Zk93mQx7,iv:LpT2vRb8NcYh=,tag:4WsJ==,type:str]",
            "ENC[PKCS7,MIIBeQYJKoZIhvcNAQcDoIIBajCCAWY=]",
            "ENC[AGE,YWdlLWVuY3J5cHRpb24ub3JnL3Yx]",
            "ssh-ed25519 AAAAC3",
            "LS0tLS1CRUdJTiBDRVJUSUZJ",
        ] {
            assert!(is_ciphertext(value), "{value}");
        }
    }
}
