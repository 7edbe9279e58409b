//! The filters and tests over plain values that expressions and templates share.
//!
//! The list is an allow-list: an engine starts empty, so a filter that a new version of minijinja
//! brings isn't there until it is named here.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind, filters, tests};

use super::quoting::{compose_escaped, dotenv_quoted, shell_quoted};

/// The longest text that an expression or a filter may make, and that a text with expressions may have.
pub const MAX_TEXT: usize = 1 << 20;

/// Adds the filters and tests to an engine.
pub fn register(engine: &mut Environment<'static>) {
    engine.add_filter("upper", filters::upper);
    engine.add_filter("lower", filters::lower);
    engine.add_filter("trim", filters::trim);
    engine.add_filter("replace", replace);
    engine.add_filter("default", filters::default);
    engine.add_filter("d", filters::default);
    engine.add_filter("length", filters::length);
    engine.add_filter("first", filters::first);
    engine.add_filter("last", filters::last);
    engine.add_filter("split", filters::split);
    engine.add_filter("join", filters::join);
    engine.add_filter("int", filters::int);
    engine.add_filter("string", filters::string);
    engine.add_filter("b64encode", |text: &str| BASE64_STANDARD.encode(text));
    engine.add_filter("urlencode", |text: &str| url_encode(text.as_bytes()));
    engine.add_filter("tojson", |text: &str| serde_json::Value::from(text).to_string());
    engine.add_filter("shellquote", |text: &str| plain_quoted(shell_quoted(text.as_bytes())));
    engine.add_filter("dotenv", |text: &str| plain_quoted(dotenv_quoted(text.as_bytes())));
    engine.add_filter("compose", |text: &str| {
        String::from_utf8(compose_escaped(text.as_bytes())).expect("text stays text when `$` is doubled")
    });
    engine.add_test("defined", tests::is_defined);
    engine.add_test("undefined", tests::is_undefined);
    engine.add_test("startingwith", tests::is_startingwith);
    engine.add_test("endingwith", tests::is_endingwith);
    engine.add_test("in", tests::is_in);
}

/// Percent-encodes everything but the unreserved characters of RFC 3986.
pub fn url_encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(*byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn plain_quoted(quoted: Option<Vec<u8>>) -> Result<String, Error> {
    let text = quoted.and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "a text with a NUL can't be quoted"))
}

fn replace(text: &str, from: &str, to: &str) -> Result<Value, Error> {
    let growth = text.matches(from).count().saturating_mul(to.len());
    if growth.saturating_add(text.len()) > MAX_TEXT {
        return Err(Error::new(ErrorKind::InvalidOperation, "the result is longer than 1 MiB"));
    }
    Ok(Value::from(text.replace(from, to)))
}
