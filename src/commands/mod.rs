//! The commands: each reads its arguments, runs phases, and says how it ended.

mod check;
mod documents;
mod list;
mod schema;
mod secret;

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser};

use crate::args::{Arguments, Color, Command, Global, MessageFormat, SecretCommand};
use crate::config::repo::ROOT_FILE;
use crate::emit;
use crate::source::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::source::files::Files;
use crate::source::report::{Styling, human};
use crate::source::report_json::json_lines;
use crate::source::work_tree::{WorkTree, find_root};
use crate::source::world::World;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything was done.
    Done,
    /// `check` found errors.
    Findings,
    /// The arguments are wrong, or the repo doesn't compile.
    Refused,
    /// An identity is missing, a decryption failed, a store, a platform or the output failed.
    Failed,
}

impl Outcome {
    /// The exit code.
    pub fn code(self) -> u8 {
        match self {
            Outcome::Done => 0,
            Outcome::Findings => 1,
            Outcome::Refused => 2,
            Outcome::Failed => 3,
        }
    }
}

/// Where findings go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stream {
    Output,
    Error,
}

/// Runs the command line `arguments`, the program's name first.
pub fn run(arguments: impl IntoIterator<Item = std::ffi::OsString>) -> Outcome {
    let arguments: Vec<_> = arguments.into_iter().collect();
    let parsed = match Arguments::try_parse_from(&arguments) {
        Ok(parsed) => parsed,
        Err(error) => return usage(&discreet(error), &arguments),
    };
    let terminal = Terminal { global: parsed.global };
    match parsed.command {
        Command::Check { targets } => check::check(&terminal, &targets),
        Command::Render { unit, output, identities } => {
            documents::render(&terminal, &unit, output, &identities)
        }
        Command::Preview { unit, output } => documents::preview(&terminal, &unit, output),
        Command::List { units, output } => list::list(&terminal, &units, output),
        Command::Schema { name } => schema::schema(&terminal, name.as_deref()),
        Command::Secret(SecretCommand::Set { unit, name }) => secret::set(&terminal, &unit, &name),
        Command::Secret(SecretCommand::Keygen { file }) => secret::keygen(&terminal, file),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "sealwright", &mut script);
            terminal.print(&String::from_utf8_lossy(&script))
        }
        Command::Man => {
            let mut page = Vec::new();
            match clap_mangen::Man::new(Arguments::command()).render(&mut page) {
                Ok(()) => terminal.print(&String::from_utf8_lossy(&page)),
                Err(_) => Outcome::Failed,
            }
        }
    }
}

/// The same error without an argument that has no place: it could be a value, given by mistake.
fn discreet(mut error: clap::Error) -> clap::Error {
    let is_value = |context: Option<&ContextValue>| matches!(context, Some(ContextValue::String(text)) if !text.starts_with("--"));
    for kind in [ContextKind::InvalidArg, ContextKind::InvalidSubcommand] {
        let is_stray = matches!(error.kind(), ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand);
        if is_stray && is_value(error.get(kind)) {
            error.insert(kind, ContextValue::String("…".to_owned()));
        }
    }
    error
}

/// Help, version, and wrong arguments in the form of diagnostics that was asked for.
fn usage(error: &clap::Error, arguments: &[std::ffi::OsString]) -> Outcome {
    if !error.use_stderr() {
        return match error.print() {
            Err(io) if io.kind() != std::io::ErrorKind::BrokenPipe => Outcome::Failed,
            _ => Outcome::Done,
        };
    }
    let wants_json = arguments.windows(2).any(|pair| pair[0] == "--message-format" && pair[1] == "json")
        || arguments.iter().any(|argument| argument == "--message-format=json");
    if wants_json {
        let text = error.render().to_string();
        let message = text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_string();
        let found = Diagnostic::error("usage", message).help("`sealwright --help` shows the commands");
        write_error(&json_lines(&[found], &Files::default()));
    } else {
        let _ = error.print();
    }
    Outcome::Refused
}

/// What the commands say, and in which form.
struct Terminal {
    global: Global,
}

impl Terminal {
    /// The control repo: its root and its work tree.
    fn world(&self) -> Result<(PathBuf, WorkTree), Outcome> {
        let root = match &self.global.repo {
            Some(root) => root.clone(),
            None => match std::env::current_dir().ok().and_then(|folder| find_root(&folder)) {
                Some(root) => root,
                None => {
                    let found = Diagnostic::error(
                        "no-control-repo",
                        format!("there is no {ROOT_FILE} here or in a folder above"),
                    );
                    return Err(self.refuse(found.help("name the control repo with `--repo DIR`")));
                }
            },
        };
        match WorkTree::open(&root) {
            Ok(world) => Ok((root, world)),
            Err(error) => {
                let path = root.display();
                let found =
                    Diagnostic::error("no-control-repo", format!("`{path}` can't be opened: {error}"));
                Err(self.refuse(found.help("name the control repo with `--repo DIR`")))
            }
        }
    }

    /// Says one thing that is wrong with the arguments.
    fn refuse(&self, found: Diagnostic) -> Outcome {
        self.report_one(found);
        Outcome::Refused
    }

    fn report_one(&self, found: Diagnostic) {
        let mut out = Diagnostics::default();
        out.push(found);
        self.report(out, &Files::default(), Stream::Error);
    }

    /// Says findings, in the order of the source.
    fn report(&self, found: Diagnostics, files: &Files, stream: Stream) {
        let mut found = found.sorted();
        if self.global.quiet {
            found.retain(|d| d.severity == Severity::Error);
        }
        if found.is_empty() {
            return;
        }
        let text = match self.global.message_format {
            MessageFormat::Json => json_lines(&found, files),
            MessageFormat::Human => human(&found, files, self.styling(stream)),
        };
        match stream {
            Stream::Output => {
                // Nothing more can be said if that fails.
                let _ = emit::print(&text);
            }
            Stream::Error => write_error(&text),
        }
    }

    /// Says something that isn't a finding: on standard error, and not to programs.
    fn note(&self, text: &str) {
        if !self.global.quiet && self.global.message_format == MessageFormat::Human {
            write_error(&format!("{text}\n"));
        }
    }

    /// Writes data to standard output.
    fn print(&self, text: &str) -> Outcome {
        match emit::print(text) {
            Ok(()) => Outcome::Done,
            Err(error) => {
                self.report_one(Diagnostic::error(
                    "output-failed",
                    format!("standard output can't be written: {}", error.kind()),
                ));
                Outcome::Failed
            }
        }
    }

    fn styling(&self, stream: Stream) -> Styling {
        let is_terminal = match stream {
            Stream::Output => std::io::stdout().is_terminal(),
            Stream::Error => std::io::stderr().is_terminal(),
        };
        let is_plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        match self.global.color {
            Color::Always => Styling::Colored,
            Color::Auto if is_terminal && !is_plain => Styling::Colored,
            Color::Auto | Color::Never => Styling::Plain,
        }
    }
}

/// Writes to standard error; a reader that has gone away doesn't matter.
fn write_error(text: &str) {
    use std::io::Write;
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Whether an argument names something that exists.
fn is_path(argument: &str) -> bool {
    Path::new(argument).symlink_metadata().is_ok()
}

/// How many of something, in words.
fn counted(count: usize, one: &str) -> String {
    format!("{count} {one}{}", if count == 1 { "" } else { "s" })
}

/// The world as the trait that phases take.
fn as_world(world: &WorkTree) -> &dyn World {
    world
}
