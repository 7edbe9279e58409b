//! Wrong arguments as a diagnostic, without echoing one that could be a secret.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, ValueEnum};

use crate::args::{Arguments, MessageFormat};
use crate::source::diagnostic::Diagnostic;

/// The finding for arguments that can't be taken. Of an argument that stands where none belongs only the
/// name of an option is repeated: it may be a value that somebody meant to hand over.
pub(super) fn finding(error: &clap::Error) -> Diagnostic {
    let usage = usage_line(error);
    if error.kind() == ErrorKind::UnknownArgument && usage.contains("secret set") {
        return value_as_argument();
    }
    let found = Diagnostic::error("usage", message(error));
    let found = suggestions(error).into_iter().fold(found, Diagnostic::help);
    let found = if usage.is_empty() { found } else { found.help(format!("usage: {usage}")) };
    found.help("`--help` says more")
}

/// What is wrong with the place and the name of `secret set`, if it can be seen from them alone. Neither
/// is repeated: one of them may be a value.
pub(super) fn misplaced(unit: &str, name: &str, shared: bool) -> Option<Diagnostic> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    if unit.contains('=') || name.contains('=') {
        return Some(value_as_argument());
    }
    if !shared && !unit.contains('/') {
        let found = Diagnostic::error("usage", "the first argument is no place for a secret");
        return Some(
            found
                .help("write ENV/APP, or '*/APP' for a value that all environments share, and then the name"),
        );
    }
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) || !name.chars().all(is_name) {
        let found = Diagnostic::error("usage", "the second argument is no name of a secret");
        return Some(found.help("a name has letters, digits, `_`, `-` and `.`, and doesn't begin with a digit, such as `API_KEY`; the value is never an argument"));
    }
    None
}

fn value_as_argument() -> Diagnostic {
    Diagnostic::error("usage", "a secret's value is never an argument")
        .help("hand it over on standard input, `pass show carts | sealwright secret set ENV/APP NAME`, or leave it out to be asked for it")
        .help("arguments show in the list of processes and in the shell's history; if this was a real value, change it where it is used")
}

/// The form of diagnostics that arguments ask for which could not be read as a whole.
pub(super) fn message_format(arguments: &[OsString]) -> MessageFormat {
    let options = arguments.iter().take_while(|argument| *argument != "--");
    let mut format = MessageFormat::Human;
    let mut is_value = false;
    for argument in options {
        let value = if is_value { argument.to_str() } else { inline_value(argument) };
        if let Some(named) = value.and_then(|value| MessageFormat::from_str(value, false).ok()) {
            format = named;
        }
        is_value = argument == "--message-format";
    }
    format
}

fn inline_value(argument: &OsString) -> Option<&str> {
    argument.to_str()?.strip_prefix("--message-format=")
}

fn message(error: &clap::Error) -> String {
    let text = |kind| text_of(error, kind);
    match error.kind() {
        ErrorKind::UnknownArgument => match text(ContextKind::InvalidArg).filter(|a| a.starts_with('-')) {
            Some(option) => format!("unexpected argument `{}`", name_of(&option)),
            None => "unexpected argument: one more than this command takes".to_string(),
        },
        ErrorKind::InvalidSubcommand => match text(ContextKind::InvalidSubcommand) {
            Some(name) if !usage_line(error).contains("secret") => {
                format!("unrecognized subcommand `{name}`")
            }
            _ => "unrecognized subcommand".to_string(),
        },
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let option = text(ContextKind::InvalidArg).unwrap_or_default();
            match text(ContextKind::InvalidValue).filter(|value| !value.is_empty()) {
                Some(value) => format!("invalid value `{value}` for `{option}`"),
                None => format!("`{option}` needs a value"),
            }
        }
        ErrorKind::MissingRequiredArgument => {
            let missing = text(ContextKind::InvalidArg).unwrap_or_default();
            format!("required arguments were not provided: `{missing}`")
        }
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "a subcommand is missing".to_string()
        }
        ErrorKind::ArgumentConflict => {
            let option = text(ContextKind::InvalidArg).unwrap_or_default();
            match text(ContextKind::PriorArg) {
                Some(other) if other != option => format!("`{option}` can't be used together with `{other}`"),
                _ => format!("`{option}` is given more than once"),
            }
        }
        ErrorKind::InvalidUtf8 => "an argument isn't UTF-8".to_string(),
        ErrorKind::NoEquals
        | ErrorKind::TooManyValues
        | ErrorKind::TooFewValues
        | ErrorKind::WrongNumberOfValues => {
            format!("`{}` has the wrong number of values", text(ContextKind::InvalidArg).unwrap_or_default())
        }
        // Fixed texts of the parser; they name no argument.
        kind => kind.as_str().unwrap_or("these arguments can't be read").to_string(),
    }
}

/// What may have been meant, or else what is accepted.
fn suggestions(error: &clap::Error) -> Option<String> {
    let near = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    if let Some(near) = near.into_iter().find_map(|kind| nearest(error, kind)) {
        return Some(format!("did you mean `{near}`?"));
    }
    if let Some(values) = text_of(error, ContextKind::ValidValue) {
        return Some(format!("the values are `{values}`"));
    }
    let is_subcommand = matches!(error.kind(), ErrorKind::InvalidSubcommand | ErrorKind::MissingSubcommand);
    is_subcommand.then(|| format!("the subcommands are `{}`", subcommands(&usage_line(error)).join("`, `")))
}

/// Of several suggestions the parser gives the best one last.
fn nearest(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::Strings(texts) => texts.last().cloned(),
        ContextValue::String(text) => Some(text.clone()),
        _ => None,
    }
}

/// The subcommands of the command that a usage line is about.
fn subcommands(usage: &str) -> Vec<String> {
    let mut command = Arguments::command();
    for word in usage.split_whitespace().skip(1) {
        match command.find_subcommand(word) {
            Some(next) => command = next.clone(),
            None => break,
        }
    }
    command.get_subcommands().map(|command| command.get_name().to_string()).collect()
}

/// An option without the value that stands behind its `=`.
fn name_of(option: &str) -> &str {
    option.split('=').next().unwrap_or(option)
}

/// `sealwright secret set [OPTIONS] <ENV/APP> <NAME>`
fn usage_line(error: &clap::Error) -> String {
    let text = match error.get(ContextKind::Usage) {
        Some(ContextValue::StyledStr(usage)) => usage.to_string(),
        _ => return String::new(),
    };
    let line = text.trim().trim_start_matches("Usage:").lines().next().unwrap_or_default();
    line.trim().to_string()
}

fn text_of(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) if !texts.is_empty() => Some(texts.join("`, `")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use clap::Parser;

    use super::{finding, message_format, misplaced};
    use crate::args::{Arguments, MessageFormat};

    fn said(line: &str) -> String {
        let error = Arguments::try_parse_from(line.split(' ')).expect_err("these arguments are wrong");
        let found = finding(&error);
        format!("{}\n{}", found.message, found.help.join("\n"))
    }

    #[test]
    fn a_value_is_never_repeated() {
        for line in [
            "sealwright secret set prod/x NAME hunter2",
            "sealwright secret set prod/x NAME --value hunter2",
            "sealwright secret set prod/x NAME --value=hunter2",
            "sealwright secret set prod/x NAME -phunter2",
            "sealwright secret set prod/x NAME -- hunter2",
            "sealwright secret hunter2",
            "sealwright secret prod/x=hunter2 NAME",
            "sealwright render prod hunter2",
            "sealwright render prod --password=hunter2",
            "sealwright secret keygen a hunter2",
        ] {
            assert!(!said(line).contains("hunter2"), "{line}: {}", said(line));
        }
        assert!(said("sealwright secret set prod/x NAME hunter2").contains("standard input"));
    }

    #[test]
    fn a_value_in_the_place_of_a_name_is_not_repeated() {
        for (unit, name) in [
            ("prod/x", "NAME=hunter2"),
            ("NAME=hunter2", "prod/x"),
            ("hunter2", "NAME"),
            ("prod/x", "hunter2!"),
            ("prod/x", "1hunter2"),
        ] {
            let found = misplaced(unit, name, false).unwrap_or_else(|| panic!("{unit} {name}"));
            assert!(!format!("{found:?}").contains("hunter2"), "{found:?}");
        }
        assert!(misplaced("prod/x", "NAME", false).is_none() && misplaced("*/x", "a.b-c_1", false).is_none());
    }

    #[test]
    fn mistakes_lead_to_what_was_meant() {
        assert!(said("sealwright chek").contains("did you mean `check`?"));
        assert!(said("sealwright check --quiett").contains("did you mean `--quiet`?"));
        assert!(said("sealwright check --color blue").contains("the values are `auto`, `always`, `never`"));
        assert!(said("sealwright render").contains("`<ENV[/APP]>`"));
        assert!(said("sealwright render").contains("usage: sealwright render"));
        assert!(said("sealwright secret nothing").contains("`keygen`"));
    }

    #[test]
    fn the_form_is_read_from_arguments_that_are_wrong() {
        let form = |line: &str| message_format(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert_eq!(form("x check --nope --message-format json"), MessageFormat::Json);
        assert_eq!(form("x --message-format=json check --nope"), MessageFormat::Json);
        assert_eq!(form("x --message-format=sarif check --nope"), MessageFormat::Sarif);
        assert_eq!(form("x check json"), MessageFormat::Human);
        assert_eq!(form("x check -- --message-format json"), MessageFormat::Human);
        assert_eq!(form("x --message-format json --message-format human"), MessageFormat::Human);
    }
}
