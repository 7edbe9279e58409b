//! What YAML 1.2's core schema makes of a scalar (<https://yaml.org/spec/1.2.2/#103-core-schema>).

use super::node::ScalarType;

/// The tags of the core schema, `!!str` and its six siblings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoreTag {
    /// `!!str`
    Str,
    /// `!!int`
    Int,
    /// `!!float`
    Float,
    /// `!!bool`
    Bool,
    /// `!!null`
    Null,
    /// `!!map`
    Map,
    /// `!!seq`
    Seq,
}

impl CoreTag {
    /// The tag behind the last part of `tag:yaml.org,2002:…`; `None` for what isn't of the core schema.
    pub fn from_suffix(suffix: &str) -> Option<Self> {
        Some(match suffix {
            "str" => CoreTag::Str,
            "int" => CoreTag::Int,
            "float" => CoreTag::Float,
            "bool" => CoreTag::Bool,
            "null" => CoreTag::Null,
            "map" => CoreTag::Map,
            "seq" => CoreTag::Seq,
            _ => return None,
        })
    }

    /// How it is written.
    pub fn name(self) -> &'static str {
        match self {
            CoreTag::Str => "!!str",
            CoreTag::Int => "!!int",
            CoreTag::Float => "!!float",
            CoreTag::Bool => "!!bool",
            CoreTag::Null => "!!null",
            CoreTag::Map => "!!map",
            CoreTag::Seq => "!!seq",
        }
    }

    /// The type of a scalar with this tag, or `None` when its text doesn't fit.
    pub fn apply(self, text: &str) -> Option<ScalarType> {
        match (self, resolve(text)) {
            (CoreTag::Str, _) => Some(ScalarType::Text),
            (CoreTag::Int, ScalarType::Int) => Some(ScalarType::Int),
            (CoreTag::Float, ScalarType::Int | ScalarType::Float) => Some(ScalarType::Float),
            (CoreTag::Bool, ScalarType::Bool) => Some(ScalarType::Bool),
            (CoreTag::Null, ScalarType::Null) => Some(ScalarType::Null),
            _ => None,
        }
    }
}

/// The type of a plain scalar without a tag. Never looks at magnitude, so `81e5080` is a number and not
/// infinity; what YAML 1.1 alone takes for a boolean or a number (`NO`, `1_000`, `1:30`) is text.
pub fn resolve(text: &str) -> ScalarType {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return ScalarType::Null,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => return ScalarType::Bool,
        ".nan" | ".NaN" | ".NAN" => return ScalarType::Float,
        _ => {}
    }
    let radix = |prefix: &str, digit: fn(&u8) -> bool| {
        text.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty() && rest.as_bytes().iter().all(digit))
    };
    if radix("0o", |b| matches!(b, b'0'..=b'7')) || radix("0x", u8::is_ascii_hexdigit) {
        return ScalarType::Int;
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return ScalarType::Float;
    }
    decimal(unsigned)
}

/// `[0-9]+` is whole; `(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?` is a number.
fn decimal(text: &str) -> ScalarType {
    let digits = |s: &str| s.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(text);
    if whole == text.len() && whole > 0 {
        return ScalarType::Int;
    }
    let mut rest = &text[whole..];
    let mut fraction = 0;
    if let Some(after) = rest.strip_prefix('.') {
        fraction = digits(after);
        rest = &after[fraction..];
    }
    if whole + fraction == 0 {
        return ScalarType::Text;
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        let is_number = !exponent.is_empty() && digits(exponent) == exponent.len();
        return if is_number { ScalarType::Float } else { ScalarType::Text };
    }
    if rest.is_empty() { ScalarType::Float } else { ScalarType::Text }
}

#[cfg(test)]
mod tests {
    use super::{CoreTag, resolve};
    use crate::source::node::ScalarType;

    #[test]
    fn plain_scalars_have_the_types_of_the_core_schema() {
        let cases: [(ScalarType, &[&str]); 5] = [
            (ScalarType::Null, &["", "~", "null", "Null", "NULL"]),
            (ScalarType::Bool, &["true", "True", "TRUE", "false", "False", "FALSE"]),
            (ScalarType::Int, &["0", "0123", "-1", "+12", "0o17", "0xFf", "12345678901234567890"]),
            (
                ScalarType::Float,
                &["1.10", "1.", ".5", "1e3", "81e5080", "-1.5E-3", ".inf", "-.INF", "+.Inf", ".nan", "0.e1"],
            ),
            (
                ScalarType::Text,
                &[
                    "NO",
                    "no",
                    "yes",
                    "on",
                    "y",
                    "n",
                    "nULL",
                    "tRUE",
                    "0o8",
                    "0o",
                    "0x",
                    "0xg",
                    "1_000",
                    "1:30",
                    "0b1",
                    "2001-01-01",
                    "=",
                    "<<",
                    "-",
                    "+",
                    ".",
                    "e1",
                    "1e",
                    "1e+",
                    "1.2.3",
                    "-.nan",
                    "1 ",
                    "١",
                ],
            ),
        ];
        for (ty, texts) in cases {
            for text in texts {
                assert_eq!(resolve(text), ty, "{text:?}");
            }
        }
    }

    #[test]
    fn a_core_tag_decides_the_type_and_refuses_what_does_not_fit() {
        assert_eq!(CoreTag::Str.apply("80"), Some(ScalarType::Text));
        assert_eq!(CoreTag::Float.apply("1"), Some(ScalarType::Float));
        assert_eq!(CoreTag::Int.apply("1.5"), None);
        assert_eq!(CoreTag::Bool.apply("yes"), None);
        assert_eq!(CoreTag::Null.apply(""), Some(ScalarType::Null));
        assert_eq!(CoreTag::Map.apply("x"), None);
        assert_eq!(CoreTag::from_suffix("binary"), None);
    }
}
