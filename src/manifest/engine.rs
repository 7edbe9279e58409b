//! The template engine: minijinja with nothing in it but what is named here, every printed string a
//! leaf token, every filter closed to secrets unless it is an encoding.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Rest, Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior};
use sha2::{Digest, Sha256};

use super::absent::Absent;
use super::opaque::{Opaque, Poison, refused};
use super::token::{Part, Token, Tokens, is_reserved};
use super::validate::quantity::Quantity;
use crate::config::aws_cron;
use crate::config::plain_filters;
use crate::config::secret::Encoding;

/// Bounds time, and memory at about 64 bytes a unit.
pub const FUEL: u64 = 500_000;
const RECURSION: usize = 64;
/// How deeply a value may be nested that a filter looks through.
const MAX_DEPTH: usize = 32;

/// The widest indentation.
const MAX_INDENT: usize = 256;

/// What a render collected besides its output: what its tokens stand for.
#[derive(Clone, Debug, Default)]
pub struct Leaves {
    /// The strings that were printed.
    pub strings: Vec<Arc<str>>,
    /// The encoded secrets: the encoding, and the text with tokens that it is applied to.
    pub expressions: Vec<(Encoding, String)>,
    /// Whether the template decided something by an encoded secret.
    pub poison: Arc<Poison>,
    /// Plain texts that an encoding made, by their allocation, and what each was made of.
    encoded: HashMap<usize, [Arc<str>; 2]>,
}

impl Leaves {
    /// What an encoding made this text of, if one did.
    pub fn source(&self, text: &Arc<str>) -> Option<&Arc<str>> {
        self.encoded.get(&address(text)).map(|[_, source]| source)
    }

    /// An encoded text as a value that keeps the origin of what it was made of; if nothing changed, that itself.
    fn keep(&mut self, encoded: Value, source: &Value) -> Value {
        let (Some(made), Some(source_text)) = (encoded.as_str(), source.to_str()) else { return encoded };
        if made == &*source_text {
            return source.clone();
        }
        let made: Arc<str> = Arc::from(made);
        self.encoded.insert(address(&made), [made.clone(), source_text]);
        Value::from(made)
    }
}

/// The filters that work on plain values; each refuses secrets.
const PLAIN: [&str; 15] = [
    "upper", "lower", "trim", "replace", "length", "first", "last", "split", "join", "int", "string",
    "items", "dictsort", "quantity", "awscron",
];
/// The tests that work on plain values.
const PLAIN_TESTS: [&str; 3] = ["startingwith", "endingwith", "in"];

/// An engine without templates.
pub fn new(tokens: &Tokens) -> Environment<'static> {
    let mut engine = Environment::empty();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    // Prints are escaped by the formatter alone; naming a scheme keeps captures and macros safe strings.
    engine.set_auto_escape_callback(|_| AutoEscape::Custom("token".into()));
    engine.set_debug(true);
    engine.set_fuel(Some(FUEL));
    engine.set_recursion_limit(RECURSION);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    engine.set_syntax(syntax.expect("the default delimiters are distinct"));
    let writer = tokens.clone();
    engine.set_formatter(move |out, state, value| print(&writer, out, state, value));
    for name in PLAIN {
        engine.add_filter(name, move |state: &mut State, args: Rest<Value>| plain_filter(state, name, &args));
    }
    for name in PLAIN_TESTS {
        engine.add_test(name, move |state: &mut State, args: Rest<Value>| plain_test(state, name, &args));
    }
    engine.add_filter("default", default_filter);
    engine.add_filter("d", default_filter);
    engine.add_filter("indent", indent);
    engine.add_filter("checksum", checksum);
    let writer = tokens.clone();
    engine.add_filter("structure", move |state: &mut State, value: &Value| {
        let mut json = String::new();
        write_structure(&writer, state, value, 0, &mut json)?;
        Ok::<Value, Error>(Value::from_safe_string(json))
    });
    add_encodings(&mut engine, tokens, None);
    engine.add_test("defined", |value: &Value| !value.is_undefined());
    engine.add_test("undefined", Value::is_undefined);
    engine.add_test("none", |value: &Value| open_to_all(value).map(|()| value.is_none()));
    engine
}

/// The same engine, in which what encoded secrets are asked shows in `poison` even if a render fails.
pub fn probe(engine: &Environment<'static>, tokens: &Tokens, poison: &Arc<Poison>) -> Environment<'static> {
    let mut probe = engine.clone();
    add_encodings(&mut probe, tokens, Some(poison));
    probe
}

fn add_encodings(engine: &mut Environment<'static>, tokens: &Tokens, poison: Option<&Arc<Poison>>) {
    for encoding in Encoding::ALL {
        let (writer, poison) = (tokens.clone(), poison.cloned());
        engine.add_filter(encoding.filter(), move |state: &mut State, value: &Value| {
            let opaque = encode(&writer, encoding, state, value)?;
            Ok::<Value, Error>(match (&poison, opaque.downcast_object_ref::<Opaque>()) {
                (Some(poison), Some(opaque)) => Opaque::value(opaque.token().to_string(), poison),
                _ => opaque,
            })
        });
    }
}

/// Whether a constant holds a character that tokens are made of.
pub fn has_reserved(constant: &Value) -> bool {
    tainted_at(constant, 0, &mut || Ok(())).unwrap_or(true)
}

/// Whether a value is a secret or holds one, at any depth, or is text with a token in it. Every value
/// that is looked at costs fuel: a small template can make a list of lists of billions.
fn is_tainted(state: &State<'_, '_>, value: &Value) -> Result<bool, Error> {
    tainted_at(value, 0, &mut || state.consume_fuel(1))
}

fn tainted_at(
    value: &Value,
    depth: usize,
    pay: &mut impl FnMut() -> Result<(), Error>,
) -> Result<bool, Error> {
    pay()?;
    if depth > MAX_DEPTH || value.downcast_object_ref::<Opaque>().is_some() {
        return Ok(true);
    }
    match value.kind() {
        ValueKind::String => Ok(value.as_str().is_none_or(is_reserved)),
        ValueKind::Map => {
            let object = value.as_object();
            let Some(pairs) = object.and_then(|object| object.try_iter_pairs()) else { return Ok(true) };
            for (key, value) in pairs {
                if tainted_at(&key, depth + 1, pay)? || tainted_at(&value, depth + 1, pay)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        ValueKind::Seq | ValueKind::Iterable => {
            for item in value.try_iter()? {
                if tainted_at(&item, depth + 1, pay)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        _ => Ok(false),
    }
}

fn any_tainted(state: &State<'_, '_>, args: &[Value]) -> Result<bool, Error> {
    for arg in args {
        if is_tainted(state, arg)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn open_to_all(value: &Value) -> Result<(), Error> {
    let is_secret =
        value.downcast_object_ref::<Opaque>().is_some() || value.as_str().is_some_and(is_reserved);
    if is_secret { Err(refused("testing")) } else { Ok(()) }
}

/// Prints a value: structure as it is, a string as a token, a secret as its token.
fn print(
    tokens: &Tokens,
    out: &mut Output<'_>,
    state: &mut State<'_, '_>,
    value: &Value,
) -> Result<(), Error> {
    if let Some(opaque) = value.downcast_object_ref::<Opaque>() {
        return out.write_str(opaque.token()).map_err(Error::from);
    }
    match value.kind() {
        ValueKind::String if value.is_safe() => out.write_str(value.as_str().unwrap_or_default())?,
        ValueKind::String => out.write_str(&leaf(tokens, state, value))?,
        ValueKind::Number | ValueKind::Bool => write!(out, "{value}")?,
        ValueKind::Undefined => return Err(Error::from(ErrorKind::UndefinedError)),
        ValueKind::None => {
            return Err(Error::new(
                ErrorKind::InvalidOperation,
                "there is nothing to print: the value is none",
            ));
        }
        _ => {
            return Err(Error::new(
                ErrorKind::InvalidOperation,
                "a mapping or list can't be printed; `| structure` makes structure of it",
            ));
        }
    }
    Ok(())
}

/// The token of a string, which keeps the string's own allocation: by it its origin is found again.
fn leaf(tokens: &Tokens, state: &mut State<'_, '_>, value: &Value) -> String {
    let leaves = state.get_or_insert_extension(Leaves::default());
    let index = u32::try_from(leaves.strings.len()).expect("fuel ends before 2^32 prints");
    leaves.strings.push(value.to_str().unwrap_or_default());
    tokens.write(Token::Leaf(index))
}

/// Writes a value as JSON, which is YAML too, with a token for every string and key.
fn write_structure(
    tokens: &Tokens,
    state: &mut State<'_, '_>,
    value: &Value,
    depth: usize,
    out: &mut String,
) -> Result<(), Error> {
    // What it makes is charged when it is made; this is so that it never is, if it would be too much.
    state.consume_fuel(1)?;
    if depth > MAX_DEPTH {
        return Err(Error::new(ErrorKind::InvalidOperation, "the value is nested too deeply"));
    }
    if let Some(opaque) = value.downcast_object_ref::<Opaque>() {
        out.push_str(&format!("\"{}\"", opaque.token()));
        return Ok(());
    }
    match value.kind() {
        ValueKind::String => {
            let token = leaf(tokens, state, value);
            out.push_str(&format!("\"{token}\""));
        }
        ValueKind::None => out.push_str("null"),
        ValueKind::Number | ValueKind::Bool => out.push_str(&value.to_string()),
        ValueKind::Map => {
            out.push('{');
            let pairs = value.as_object().and_then(|object| object.try_iter_pairs());
            // A key that is there only to be complete says nothing.
            let told = pairs.into_iter().flatten().filter(|(_, value)| !Absent::is(value));
            for (i, (key, value)) in told.enumerate() {
                out.push_str(if i == 0 { "" } else { ", " });
                write_structure(tokens, state, &key, depth + 1, out)?;
                out.push_str(": ");
                write_structure(tokens, state, &value, depth + 1, out)?;
            }
            out.push('}');
        }
        ValueKind::Seq | ValueKind::Iterable => {
            out.push('[');
            for (i, item) in value.try_iter()?.enumerate() {
                out.push_str(if i == 0 { "" } else { ", " });
                write_structure(tokens, state, &item, depth + 1, out)?;
            }
            out.push(']');
        }
        _ => return Err(Error::new(ErrorKind::InvalidOperation, "this can't be made structure of")),
    }
    Ok(())
}

/// Runs a filter of an engine that knows no secrets, after looking for one in every argument.
fn plain_filter(state: &State<'_, '_>, name: &str, args: &[Value]) -> Result<Value, Error> {
    // Taking a mapping apart changes none of its values.
    let looks_inside = !matches!(name, "items" | "dictsort" | "length" | "first" | "last");
    let tainted = if looks_inside {
        any_tainted(state, args)?
    } else {
        args.iter()
            .any(|v| v.downcast_object_ref::<Opaque>().is_some() || v.as_str().is_some_and(is_reserved))
    };
    if tainted {
        return Err(refused(&format!("the filter `{name}` on")));
    }
    PLAIN_ENGINE.empty_state().apply_filter(name, args)
}

fn plain_test(state: &State<'_, '_>, name: &str, args: &[Value]) -> Result<bool, Error> {
    if any_tainted(state, args)? {
        return Err(refused(&format!("the test `{name}` on")));
    }
    PLAIN_ENGINE.empty_state().perform_test(name, args)
}

static PLAIN_ENGINE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut engine = Environment::empty();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    // `join` repeats its separator. What a filter makes counts in the template's own fuel too, but
    // afterwards.
    engine.set_fuel(Some(FUEL));
    plain_filters::register(&mut engine);
    engine.add_filter("quantity", quantity);
    engine.add_filter("awscron", awscron);
    engine.add_filter("items", minijinja::filters::items);
    engine.add_filter("dictsort", minijinja::filters::dictsort);
    engine
});

/// The number that an amount such as `100m` or `200Mi` is.
fn quantity(value: &Value) -> Result<f64, Error> {
    let text = value.to_string();
    Quantity::parse(&text)
        .map(Quantity::to_number)
        .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "this is no amount such as `100m` or `200Mi`"))
}

/// What EventBridge writes for a cron expression.
fn awscron(text: &str) -> Result<String, Error> {
    aws_cron::translate(text)
        .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "AWS has no schedule for this expression"))
}

fn default_filter(value: &Value, other: Option<Value>) -> Value {
    if value.is_undefined() || value.is_none() {
        other.unwrap_or_else(|| Value::from(""))
    } else {
        value.clone()
    }
}

/// Indents captured output, in which tokens are never cut since they hold no line break.
fn indent(value: &Value, width: usize) -> Result<Value, Error> {
    let text = value.as_str().filter(|_| value.is_safe()).ok_or_else(|| {
        Error::new(
            ErrorKind::InvalidOperation,
            "only the output of a macro or a captured block can be indented",
        )
    })?;
    let text = text.trim_end_matches('\n');
    let width = width.min(MAX_INDENT);
    let lines = text.bytes().filter(|byte| *byte == b'\n').count();
    if lines.saturating_mul(width) > plain_filters::MAX_TEXT {
        return Err(Error::new(ErrorKind::InvalidOperation, "indenting would add more than 1 MiB"));
    }
    Ok(Value::from_safe_string(text.replace('\n', &format!("\n{}", " ".repeat(width)))))
}

/// SHA-256 over the canonical JSON of a plain value, in hexadecimal. What nobody said has no part in it, so that a
/// field that a later version of the views has changes no checksum.
fn checksum(state: &mut State, value: &Value) -> Result<String, Error> {
    if is_tainted(state, value)? {
        return Err(refused("the checksum of"));
    }
    let json = serde_json::to_string(&said(value))
        .map_err(|_| Error::new(ErrorKind::BadSerialization, "the value can't be written as JSON"))?;
    Ok(Sha256::digest(json.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A value without the entries that nobody said. Whoever asks has looked through it, which bounds its depth.
fn said(value: &Value) -> Value {
    match value.kind() {
        ValueKind::Map => {
            let pairs = value.as_object().and_then(|object| object.try_iter_pairs()).into_iter().flatten();
            let told = pairs.filter(|(_, value)| !Absent::is(value));
            Value::from_pairs(told.map(|(key, value)| (key, said(&value))))
        }
        ValueKind::Seq => {
            Value::from(value.try_iter().into_iter().flatten().map(|v| said(&v)).collect::<Vec<_>>())
        }
        _ => value.clone(),
    }
}

fn address(text: &Arc<str>) -> usize {
    Arc::as_ptr(text).cast::<u8>() as usize
}

/// Encodes plain text at once, and a secret at link.
fn encode(
    tokens: &Tokens,
    encoding: Encoding,
    state: &mut State<'_, '_>,
    value: &Value,
) -> Result<Value, Error> {
    let text = match value.downcast_object_ref::<Opaque>() {
        Some(opaque) => opaque.token().to_string(),
        None => match value.kind() {
            ValueKind::String | ValueKind::Number | ValueKind::Bool => value.to_string(),
            _ if is_tainted(state, value)? => return Err(refused("encoding a structure with")),
            ValueKind::Undefined => return Err(Error::from(ErrorKind::UndefinedError)),
            _ if encoding == Encoding::Json => serde_json::to_string(value)
                .map_err(|_| Error::new(ErrorKind::BadSerialization, "the value can't be written as JSON"))?,
            _ => return Err(Error::new(ErrorKind::InvalidOperation, "only text can be encoded")),
        },
    };
    if !is_reserved(&text) {
        let encoded = match (encoding, value.kind()) {
            (Encoding::Json, ValueKind::String) => Value::from(serde_json::Value::from(text).to_string()),
            (Encoding::Json, _) => Value::from(text),
            _ => PLAIN_ENGINE.empty_state().apply_filter(encoding.filter(), &[Value::from(text)])?,
        };
        return Ok(state.get_or_insert_extension(Leaves::default()).keep(encoded, value));
    }
    let parts = tokens.split(&text).unwrap_or_default();
    if parts.iter().any(|part| matches!(part, Part::Token(Token::Leaf(_)))) {
        return Err(Error::new(
            ErrorKind::InvalidOperation,
            "captured output and structure can't be encoded: values stand as tokens in it",
        ));
    }
    let leaves = state.get_or_insert_extension(Leaves::default());
    let index = u32::try_from(leaves.expressions.len()).expect("fuel ends before 2^32 prints");
    leaves.expressions.push((encoding, text));
    Ok(Opaque::value(tokens.write(Token::Expression(index)), &leaves.poison))
}
