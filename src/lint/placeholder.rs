//! Values that stand for a secret: placeholders, references, variables, ciphertexts.

/// Beginnings that say where a value is kept, or that it is public.
const REFERENCES: [&str; 38] = [
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
    "sha256:",
    "sha512-",
    "ssh-",
    "age1",
];

/// Beginnings of values that are encrypted or public.
const CIPHERTEXTS: [&str; 22] = [
    "ENC[",
    "ENC(",
    "enc:",
    "{cipher}",
    "$ANSIBLE_VAULT;",
    "AQICAH",
    "AQECAH",
    "CfDJ8",
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
    "secure:",
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
    if is_dunder || value.contains("...") || has_run(value) || is_cut(value) {
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
        run >= 4 && matches!(c, 'x' | 'X' | '*' | '•' | '#' | '?' | '_')
            || run >= 3 && run == value.chars().count() && matches!(c, 'x' | 'X' | '*' | '•' | '.')
    })
}

/// Whether it was cut short for readers.
fn is_cut(value: &str) -> bool {
    value.split_once('…').is_some_and(|(before, _)| before.len() < 12)
}

/// Whether a value is a variable, a template or says where the secret is.
pub fn is_reference(value: &str) -> bool {
    has_expression(value)
        || REFERENCES.iter().any(|start| value.len() > start.len() && value.starts_with(start))
        || is_url(value)
        || is_tag(value)
        || value.starts_with("projects/") && value.contains("/secrets/")
        || is_call(value)
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
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':'))
}

/// Whether a value is encrypted, or public by its form.
pub fn is_ciphertext(value: &str) -> bool {
    let is_base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    CIPHERTEXTS.iter().any(|start| value.starts_with(start))
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
            "ENC[AES256_GCM,data:x]",
            "ENC[PKCS7,x]",
            "ENC[AGE,x]",
            "ssh-ed25519 AAAAC3",
            "LS0tLS1CRUdJTiBDRVJUSUZJ",
        ] {
            assert!(is_ciphertext(value), "{value}");
        }
    }
}
