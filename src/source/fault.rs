//! The ground's faults as facts, and the words for them.

use std::sync::Arc;

use granit_parser::ErrorKind;

use super::core_schema::CoreTag;
use super::diagnostic::Diagnostic;
use super::edit::EditError;
use super::span::Span;

/// Why a YAML text can't be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It isn't YAML.
    Syntax {
        /// Where the parser gave up.
        at: Span,
        /// Its reason.
        kind: ErrorKind,
        /// Whether an unquoted `{{` on that line is the likely cause.
        braces: bool,
    },
    /// A character that may not stand in YAML, such as NUL.
    ForbiddenCharacter {
        /// The character.
        at: Span,
        /// Which one.
        character: char,
    },
    /// The bytes aren't UTF-8.
    NotUtf8 {
        /// The first byte that isn't.
        at: Span,
        /// Whether the file begins like UTF-16.
        utf16: bool,
    },
    /// More bytes than the limit.
    TooLarge {
        /// The start of the file.
        at: Span,
        /// In bytes.
        limit: usize,
    },
    /// More nodes than the limit.
    TooManyNodes {
        /// The node that was one too many.
        at: Span,
        /// In nodes.
        limit: usize,
    },
    /// Nested deeper than the limit.
    TooDeep {
        /// The node that lies too deep.
        at: Span,
        /// In levels.
        limit: usize,
    },
    /// Anchors and aliases copy more nodes than the limit.
    AliasBudget {
        /// The anchored node or alias that was one too many.
        at: Span,
        /// In nodes.
        limit: usize,
    },
    /// An alias inside the node that its own anchor names.
    RecursiveAlias {
        /// The alias.
        at: Span,
    },
    /// A key that its mapping already has.
    DuplicateKey {
        /// The second one.
        at: Span,
        /// The first one, which counts.
        first: Span,
        /// The key.
        key: Arc<str>,
    },
    /// A key that isn't text.
    BadKey {
        /// The key.
        at: Span,
        /// What it is instead.
        found: BadKey,
    },
    /// The value of `<<` is neither a mapping nor a list of mappings.
    BadMerge {
        /// The value.
        at: Span,
        /// What it is instead.
        found: &'static str,
    },
    /// A tag outside the core schema.
    ForeignTag {
        /// The tag.
        at: Span,
    },
    /// A core tag on a node that it doesn't fit.
    TagMismatch {
        /// The node.
        at: Span,
        /// Its tag.
        tag: CoreTag,
    },
}

/// What stands where a key should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadKey {
    /// `null`, `~` or nothing.
    Null,
    /// A list.
    List,
    /// A mapping.
    Map,
    /// A mapping that was meant as `{{ … }}`.
    Braces,
}

impl From<Fault> for Diagnostic {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Syntax { at, kind, braces } => syntax(at, &kind, braces),
            Fault::ForbiddenCharacter { at, character } => {
                let point = format!("U+{:04X}", u32::from(character));
                Diagnostic::error("nul-byte", format!("the character {point} may not stand in YAML"))
                    .at(at, "here")
                    .help(format!("write it as an escape in a double-quoted scalar: {}", escape(character)))
            }
            Fault::NotUtf8 { at, utf16 } => {
                let fault =
                    Diagnostic::error("not-utf8", "the file isn't UTF-8").at(at, "first invalid byte");
                if utf16 { fault.help("the file looks like UTF-16; save it as UTF-8") } else { fault }
            }
            Fault::TooLarge { at, limit } => {
                Diagnostic::error("yaml-too-large", format!("the file is larger than {} MiB", limit >> 20))
                    .at(at, "")
                    .help("split the file")
            }
            Fault::TooManyNodes { at, limit } => {
                Diagnostic::error("yaml-too-large", format!("the file has more than {limit} values"))
                    .at(at, "one too many")
                    .help("split the file")
            }
            Fault::TooDeep { at, limit } => {
                Diagnostic::error("yaml-too-deep", format!("nested more than {limit} levels deep"))
                    .at(at, "too deep")
            }
            Fault::AliasBudget { at, limit } => Diagnostic::error(
                "yaml-alias-budget",
                format!("anchors and aliases repeat more than {limit} values"),
            )
            .at(at, "the limit is passed here")
            .help("anchor smaller parts, or use fewer aliases"),
            Fault::RecursiveAlias { at } => {
                Diagnostic::error("yaml-recursive-alias", "an alias can't stand inside its own anchor")
                    .at(at, "the anchor is still open here")
            }
            Fault::DuplicateKey { at, first, key } => {
                let fault =
                    Diagnostic::error("yaml-duplicate-key", format!("duplicate key `{}`", shorten(&key)))
                        .at(at, "already set")
                        .at(first, "first set here");
                if &*key == "<<" { fault.help("merge several mappings as `<<: [*a, *b]`") } else { fault }
            }
            Fault::BadKey { at, found } => bad_key(at, found),
            Fault::BadMerge { at, found } => Diagnostic::error(
                "yaml-bad-key",
                format!("the merge key `<<` takes a mapping or a list of mappings, not {found}"),
            )
            .at(at, "not a mapping")
            .help("quote the key if it is meant as text: `\"<<\"`"),
            Fault::ForeignTag { at } => {
                Diagnostic::error("foreign-tag", "this tag doesn't belong to YAML's core schema")
                    .at(at, "foreign tag")
                    .help("remove it; known are !!str, !!int, !!float, !!bool, !!null, !!map and !!seq")
            }
            Fault::TagMismatch { at, tag } => Diagnostic::error(
                "yaml-tag-mismatch",
                format!("the value doesn't fit its tag {}", tag.name()),
            )
            .at(at, format!("not {}", tag.name())),
        }
    }
}

impl From<EditError> for Diagnostic {
    fn from(error: EditError) -> Self {
        const CODE: &str = "yaml-edit";
        match error {
            EditError::Unreadable(diagnostic) => *diagnostic,
            EditError::SeveralDocuments { second } => {
                Diagnostic::error(CODE, "a file with several documents can't be edited")
                    .at(second, "second document")
                    .help("keep one document a file")
            }
            EditError::Aliased { alias } => {
                Diagnostic::error(CODE, "the value comes through an alias, so others share it")
                    .at(alias, "alias")
                    .help("write the value out here, or edit it where it is anchored")
            }
            EditError::Anchored { at } => {
                Diagnostic::error(CODE, "the value is anchored, so others may share it")
                    .at(at, "anchored")
                    .help("edit it by hand, or remove the anchor")
            }
            EditError::NotAScalar { at, found } => {
                Diagnostic::error(CODE, format!("there is {found} here, not a single value"))
                    .at(at, found)
                    .help("name a key inside it, or remove it first")
            }
            EditError::NotAMapping { at, found } => {
                Diagnostic::error(CODE, format!("a key can't be set here: this is {found}, not a mapping"))
                    .at(at, found)
            }
            EditError::Unverified { at } => {
                Diagnostic::error(CODE, "the file can't be edited here without changing something else")
                    .at(at, "left as it is")
                    .help("edit it by hand")
            }
        }
    }
}

fn syntax(at: Span, kind: &ErrorKind, braces: bool) -> Diagnostic {
    // The texts that could carry a piece of the source are replaced; all others are fixed.
    let message = match kind {
        ErrorKind::UnexpectedCharacter { character: character @ ('@' | '`' | '%') } => {
            format!("a plain scalar can't begin with `{character}`")
        }
        ErrorKind::UnexpectedCharacter { .. } => "unexpected character".to_owned(),
        ErrorKind::InputIo { .. } | ErrorKind::InputDecoding { .. } | ErrorKind::Custom(_) => {
            "not readable as YAML".to_owned()
        }
        kind => kind.to_string(),
    };
    let fault = Diagnostic::error("yaml-syntax", message).at(at, "");
    if braces {
        return fault.help(QUOTE_BRACES);
    }
    match kind {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInPlainScalar => fault.help("indent with spaces, not with tabs"),
        ErrorKind::UnexpectedCharacter { .. } => fault.help("quote the scalar"),
        ErrorKind::MappingValueNotAllowed => fault.help("quote a scalar that contains `: `"),
        ErrorKind::UnknownAnchor => {
            fault.help("anchor a value before its alias, or quote a scalar that begins with `*`")
        }
        _ => fault,
    }
}

const QUOTE_BRACES: &str = "quote a scalar that begins with braces: `\"{{ … }}\"`";

fn bad_key(at: Span, found: BadKey) -> Diagnostic {
    let (message, help) = match found {
        BadKey::Null => ("a key can't be null", "give the key a name, or quote it"),
        BadKey::List => ("a key can't be a list", "quote the key if it is meant as text"),
        BadKey::Map => ("a key can't be a mapping", "quote the key if it is meant as text"),
        BadKey::Braces => ("a mapping stands where a key should be", QUOTE_BRACES),
    };
    Diagnostic::error("yaml-bad-key", message).at(at, "not a key").help(help)
}

/// The shortest escape that a double-quoted scalar knows.
fn escape(character: char) -> String {
    match u32::from(character) {
        0 => "\\0".to_owned(),
        point @ ..=0xFF => format!("\\x{point:02X}"),
        point => format!("\\u{point:04X}"),
    }
}

/// A key for a message: explicit keys have no limit of their own.
fn shorten(key: &str) -> String {
    const LONGEST: usize = 60;
    match key.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &key[..end]),
        None => key.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use granit_parser::ErrorKind;

    use super::{BadKey, Fault};
    use crate::source::diagnostic::Diagnostic;
    use crate::source::span::{FileId, Span};

    fn at() -> Span {
        Span::new(FileId(0), 0, 1)
    }

    #[test]
    fn a_syntax_error_never_quotes_the_source() {
        let kinds = [
            ErrorKind::UnexpectedCharacter { character: 'h' },
            ErrorKind::Custom("hunter2".into()),
            ErrorKind::InputDecoding { message: "hunter2".into() },
        ];
        for kind in kinds {
            let said = Diagnostic::from(Fault::Syntax { at: at(), kind, braces: false });
            assert!(!format!("{said:?}").contains("hunter2"));
            assert!(!said.message.contains("`h`"));
        }
    }

    #[test]
    fn braces_as_a_key_lead_to_the_quotes() {
        let said = Diagnostic::from(Fault::BadKey { at: at(), found: BadKey::Braces });
        assert_eq!(said.code, "yaml-bad-key");
        assert!(said.help[0].contains("\"{{ … }}\""));
    }

    #[test]
    fn a_long_key_is_cut() {
        let said =
            Diagnostic::from(Fault::DuplicateKey { at: at(), first: at(), key: "é".repeat(99).into() });
        assert_eq!(said.message.chars().filter(|c| *c == 'é').count(), 60);
    }
}
