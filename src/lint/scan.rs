//! One file held against all rules.

use crate::lint::finding::{Finding, Fingerprint, Tier};
use crate::lint::rules::private_key;
use crate::source::diagnostic::Diagnostic;
use crate::source::node::Node;
use crate::source::schema::Schema;
use crate::source::span::{FileId, Span};

/// A file to scan.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// What its spans name.
    pub file: FileId,
    /// Its path with `/`, by which its syntax is known.
    pub path: &'a str,
    /// Its whole text; see [`decode`] for bytes.
    pub text: &'a str,
    /// Its trees where it was read as such, without an error; else [`scan`] reads what it needs.
    pub documents: Option<&'a [Node]>,
    /// The schema of a file of the control repo, which says where secrets stand.
    pub contract: Option<&'static Schema>,
}

/// What to look for besides what is always looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether to report what merely looks random.
    pub entropy: bool,
}

/// What stands in the clear in a file, in the order of the file, one finding a value. Works in time linear
/// in the text, whatever the text is.
pub fn scan(source: &Source<'_>, _options: &Options) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(range) = private_key::next(source.text, from) {
        from = range.end;
        let offset = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        found.push(Finding {
            rule: private_key::CODE,
            tier: Tier::Known,
            what: "a private key",
            span: Span::new(source.file, offset(range.start), offset(range.end)),
            path: None,
            name: None,
            fingerprint: Fingerprint::of(&source.text.as_bytes()[range]),
        });
    }
    found
}

/// A finding for people; it never holds the value. The caller masks [`Finding::span`].
pub fn diagnostic(finding: &Finding) -> Diagnostic {
    Diagnostic::error(finding.rule, format!("{} stands here in the clear", finding.what))
        .at(finding.span, "this is in the clear")
        .help("if it was ever committed, it is known: change it where it is used")
}

/// The text of a file as [`scan`] takes it: UTF-16 with a byte-order mark is decoded, what isn't UTF-8 is
/// replaced. `None` for a file that is no text. Register this text in `Files`, since spans are of it.
pub fn decode(bytes: &[u8]) -> Option<std::borrow::Cow<'_, str>> {
    let utf16 = |read: fn([u8; 2]) -> u16| {
        let units = bytes[2..].chunks_exact(2).map(|pair| read([pair[0], pair[1]]));
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>()
    };
    match bytes {
        [0xFF, 0xFE, ..] => Some(utf16(u16::from_le_bytes).into()),
        [0xFE, 0xFF, ..] => Some(utf16(u16::from_be_bytes).into()),
        _ => Some(String::from_utf8_lossy(bytes)),
    }
}
