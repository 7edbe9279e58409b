//! Whether the value of a key that announces a secret is one, or stands for one.

use std::ops::Range;

use crate::lint::key::{Key, Says};
use crate::lint::placeholder::{is_ciphertext, is_placeholder, is_reference};

/// Values that are switches, types or permissions.
const WORDS: [&str; 42] = [
    "true",
    "false",
    "yes",
    "no",
    "on",
    "off",
    "y",
    "n",
    "null",
    "nil",
    "none",
    "undefined",
    "~",
    "enabled",
    "disabled",
    "enable",
    "disable",
    "optional",
    "required",
    "auto",
    "automatic",
    "always",
    "never",
    "read",
    "write",
    "inherit",
    "string",
    "str",
    "text",
    "object",
    "bytes",
    "integer",
    "int",
    "number",
    "boolean",
    "bool",
    "array",
    "varchar",
    "file",
    "env",
    "unset",
    "n/a",
];

/// What of a value is the literal secret: all of it, or the default of the variable that it is. `None` when
/// it stands for a secret, or is none.
pub fn literal(value: &str, key: Key) -> Option<Range<usize>> {
    let trimmed = value.trim();
    let start = value.len() - value.trim_start().len();
    if trimmed.is_empty() {
        return None;
    }
    if let Some(default) = default_of(trimmed) {
        let inner = &trimmed[default.clone()];
        return is_literal(inner, key).then(|| start + default.start..start + default.end);
    }
    is_literal(trimmed, key).then(|| start..start + trimmed.len())
}

/// The default that stands in a variable or a template expression which is the whole value: `${X:-y}`,
/// `{{ x | default "y" }}`. The range is empty when there is none.
fn default_of(value: &str) -> Option<Range<usize>> {
    if let Some(inner) = value.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) {
        if inner.starts_with('{') {
            return Some(0..0);
        }
        let name = inner.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')));
        // A dash is no character of a variable's name, and may be one of a property's.
        let name = inner
            .find("-")
            .filter(|dash| name.is_none_or(|name| *dash < name) && !inner.contains(':'))
            .or(name);
        let Some(name) = name else { return Some(0..0) };
        let rest = &inner[name..];
        let operator = [":-", ":=", ":"].into_iter().find(|operator| rest.starts_with(operator));
        let operator = operator.or_else(|| rest.starts_with(['-', '=']).then_some("-"));
        let is_error = rest.starts_with(":?") || rest.starts_with(":+");
        return match operator {
            Some(operator) if !is_error && !inner.contains("${") => {
                Some(2 + name + operator.len()..value.len() - 1)
            }
            _ => Some(0..0),
        };
    }
    let printed = ["$(echo ", "$(printf "].iter().find_map(|start| value.strip_prefix(start));
    if let Some(inner) = printed.and_then(|rest| rest.strip_suffix(')')) {
        let start = value.len() - 1 - inner.len();
        return (!inner.contains([' ', '$'])).then_some(start..value.len() - 1);
    }
    let is_expression = value.starts_with("{{") && value.ends_with("}}") && value.matches("{{").count() == 1;
    if is_expression {
        let written = value[2..].trim_start_matches(['-', ' ']);
        let start = value.len() - written.len();
        let at = match written.starts_with(['"', '\'']) {
            // Nothing but a literal, whatever is done to it.
            true => start,
            false => value.find("default")? + "default".len(),
        };
        let rest = value[at..].trim_start_matches([' ', '(']);
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let begin = value.len() - rest.len() + 1;
        let length = value[begin..].find(quote)?;
        return Some(begin..begin + length);
    }
    None
}

fn is_literal(value: &str, key: Key) -> bool {
    let quoted = ['"', '\''].into_iter().find_map(|q| value.strip_prefix(q)?.strip_suffix(q));
    let value = quoted.unwrap_or(value).trim();
    if value.is_empty()
        || value.len() < 40 && WORDS.iter().any(|word| value.eq_ignore_ascii_case(word))
        || is_placeholder(value)
        || is_reference(value)
        || is_ciphertext(value)
        || is_path(value)
        || is_duration(value)
        || is_prose(value, key)
        || names_variable(value)
    {
        return false;
    }
    let is_short = |least: usize| value.len() < least && value.bytes().all(|b| b.is_ascii_digit());
    match key.says {
        Says::Password => !is_short(4),
        Says::Token if key.is_locator => !is_name(value) || looks_random(value),
        Says::Token => !(is_short(8) || is_number(value) || is_version(value) || is_object(value, key)),
        Says::Secret => !(is_short(6) || is_number(value) || is_object(value, key)),
        Says::Key => value.len() >= 16 && looks_random(value) && !value.contains(char::is_whitespace),
    }
}

/// Whether it is the name of an object that holds the secret: `grafana-oauth`, `traefik/dashboard-auth`.
fn is_object(value: &str, key: Key) -> bool {
    const ENDINGS: [&str; 14] = [
        "secret",
        "secrets",
        "creds",
        "credentials",
        "credential",
        "tls",
        "cert",
        "auth",
        "oauth",
        "token",
        "tokens",
        "key",
        "keys",
        "config",
    ];
    if key.is_variable && key.is_value || !value.split('/').all(is_name) || looks_random(value) {
        return false;
    }
    let last = value.rsplit(['-', '.', '/']).next().unwrap_or(value);
    let is_compound = value.contains(['-', '.', '/']);
    match key.says {
        Says::Secret if !key.is_value => is_compound || last.len() < value.len() || ENDINGS.contains(&value),
        _ => is_compound && ENDINGS.contains(&last),
    }
}

/// Whether it can be the name of something.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// Whether people wouldn't write it: letters and digits mixed, or many different characters.
pub fn looks_random(value: &str) -> bool {
    let count = |f: fn(&u8) -> bool| value.bytes().filter(f).count();
    let digits = count(u8::is_ascii_digit);
    let (upper, lower) = (count(u8::is_ascii_uppercase), count(u8::is_ascii_lowercase));
    let parts = value.split(['-', '.', '_', '/']).count();
    let mixed = digits >= 2 && upper + lower >= 2 && digits * 6 >= value.len();
    (value.len() >= 8 && mixed && parts <= value.len() / 8 + 1)
        || (value.len() >= 20
            && parts <= value.len() / 12 + 1
            && entropy(value) > 3.6
            && (digits > 0 || upper > 2 && lower > 2))
}

/// Shannon's entropy in bits a byte.
pub fn entropy(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in text.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let length = text.len().max(1) as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / length)
        .map(|p| -p * p.log2())
        .sum()
}

fn is_path(value: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-/@ ~\\:".contains(&b);
    if !value.bytes().all(plain) || value.contains(' ') {
        return false;
    }
    let begins = ["./", "../", "~/", ".\\"].iter().any(|start| value.starts_with(start));
    let is_absolute = value.starts_with('/') && !(value.len() >= 32 && looks_random(value));
    let is_drive = value.as_bytes().get(1..3) == Some(b":\\");
    let ending = value.rsplit_once('.').map_or("", |(_, ending)| ending);
    const ENDINGS: [&str; 20] = [
        "pem",
        "key",
        "txt",
        "json",
        "yaml",
        "yml",
        "crt",
        "cer",
        "env",
        "jks",
        "p12",
        "pfx",
        "conf",
        "toml",
        "ini",
        "properties",
        "kubeconfig",
        "keystore",
        "age",
        "gpg",
    ];
    begins || is_absolute || is_drive || ENDINGS.contains(&ending) || matches!(value, "id_rsa" | "id_ed25519")
}

fn is_duration(value: &str) -> bool {
    let unit = value.trim_start_matches(|c: char| c.is_ascii_digit());
    unit.len() < value.len()
        && matches!(unit, "ms" | "s" | "m" | "h" | "d" | "min" | "days" | "Mi" | "Gi" | "Ki" | "k")
}

fn is_number(value: &str) -> bool {
    value.len() < 16 && value.parse::<f64>().is_ok() && value.contains(['.', 'e', '-'])
}

/// `^4.0.0`, `v1.2`
fn is_version(value: &str) -> bool {
    let number = value.trim_start_matches(['^', '~', '>', '<', '=', 'v', ' ']);
    number.len() < 16
        && number.starts_with(|c: char| c.is_ascii_digit())
        && number.contains('.')
        && number.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'x' | b'*'))
}

/// Whether people are spoken to.
fn is_prose(value: &str, key: Key) -> bool {
    let words = value.split_whitespace().count();
    if words < 2 {
        return false;
    }
    if key.says != Says::Password {
        return true;
    }
    let about = [
        "password",
        "passphrase",
        "token",
        "secret",
        "your",
        "enter",
        " the ",
        " is ",
        " for ",
        " to ",
        " of ",
    ];
    let lower = value.to_ascii_lowercase();
    words > 6
        || value.ends_with(['.', '?', ':', '!']) && words > 2
        || about.iter().any(|word| lower.contains(word))
}

/// Whether it is the name of a variable that holds the secret, `DB_PASSWORD`.
fn names_variable(value: &str) -> bool {
    value.contains('_')
        && value.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        && Key::read(value).is_some()
}

#[cfg(test)]
mod tests {
    use super::literal;
    use crate::lint::key::Key;

    fn found<'a>(key: &str, value: &'a str) -> Option<&'a str> {
        literal(value, Key::read(key).expect("it announces a secret")).map(|range| &value[range])
    }

    #[test]
    fn literals_are_found_weak_ones_too() {
        for (key, value) in [
            ("POSTGRES_PASSWORD", "postgres"),
            ("password", "changeme"),
            ("password", "12345678"),
            ("password", "correct horse battery"),
            ("DB_PASS", "secret"),
            ("wordpressPassword", "foo"),
            ("SA_PASSWORD", "example_123"),
            ("PASSWORD", "fake_password"),
            ("password", "/"),
            ("client_secret", "aB3xYq9LmN"),
            ("AWS_SECRET_ACCESS_KEY", "dummy"),
            ("secret_key", "feedkraystars"),
            ("secretKey", "minio123"),
            ("SESSION_SECRET", "keyboard-cat"),
            ("token", "1461f532-1ee2-43f8-9f60-702176e1c3ac"),
            ("accountKey", "eElGMXpKYm5ub2pGTE1Ta0JwNTBteDAy"),
        ] {
            let is_root = value == "/";
            assert_eq!(found(key, value), (!is_root).then_some(value), "{key}: {value}");
        }
    }

    #[test]
    fn what_stands_for_a_secret_is_none() {
        for (key, value) in [
            ("password", ""),
            ("password", "true"),
            ("password", "${DB_PASSWORD}"),
            ("password", "$DB_PASSWORD"),
            ("password", "$(cat /x)"),
            ("password", "{{ .Values.password }}"),
            ("password", "{{ .Values.password | default \"\" }}"),
            ("password", "${X:-}"),
            ("password", "${X:?must be set}"),
            ("password", "${X:-${Y}}"),
            ("password", "/run/secrets/db"),
            ("password", "DB_PASSWORD"),
            ("password", "<PASSWORD>"),
            ("password", "xxxxxxxx"),
            ("password", "REPLACE_ME"),
            ("password", "Enter your password"),
            ("token", "your-token-here"),
            ("token", "4096"),
            ("token", "12h"),
            ("token", "op://vault/item/field"),
            ("secretKey", "host"),
            ("secret", "grafana-oauth"),
            ("adminSecret", "traefik/dashboard-auth"),
            ("authKey", "tls.key"),
            ("sshKey", "default"),
        ] {
            assert_eq!(found(key, value), None, "{key}: {value}");
        }
    }

    #[test]
    fn the_default_of_a_variable_is_a_literal() {
        assert_eq!(found("password", "${X:-secret}"), Some("secret"));
        assert_eq!(found("password", "${X-secret}"), Some("secret"));
        assert_eq!(found("password", "${db.pass:secret}"), Some("secret"));
        assert_eq!(found("password", "{{ .Values.x | default \"admin\" | quote }}"), Some("admin"));
    }
}
