//! The commands: each reads its arguments, runs phases, and says how it ended.

mod check;
mod codes;
mod concealed;
mod documents;
mod exceptions;
mod explain;
mod field;
mod fix;
mod grid;
mod list;
mod platform;
mod progress;
mod remedy;
mod schema;
mod secret;
mod selected;
mod usage;

use std::cell::RefCell;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use crate::args::{Arguments, Color, Command, Global, MessageFormat, PlatformCommand, SecretCommand};
use crate::config::repo::ROOT_FILE;
use crate::emit;
use crate::source::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::source::escape::visible;
use crate::source::files::Files;
use crate::source::report::{Styling, human};
use crate::source::report_azure::issues;
use crate::source::report_github::annotations;
use crate::source::report_json::json_lines;
use crate::source::report_sarif::Log;
use crate::source::work_tree::{WorkTree, find_root};

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
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Outcome {
    let arguments: Vec<_> = arguments.into_iter().collect();
    let parsed = match Arguments::try_parse_from(&arguments) {
        Ok(parsed) => parsed,
        Err(error) => return unparsed(&error, &arguments),
    };
    let terminal = Terminal::new(parsed.global);
    let outcome = dispatch(&terminal, parsed.command);
    terminal.finish(outcome)
}

fn dispatch(terminal: &Terminal, command: Command) -> Outcome {
    match command {
        Command::Check(arguments) => check::check(terminal, &arguments),
        Command::Render { unit, output, destination, identities } => {
            documents::render(terminal, &unit, output, &destination, &identities)
        }
        Command::Preview { unit, output } => documents::preview(terminal, &unit, output),
        Command::List { units, output } => list::list(terminal, &units, output),
        Command::Explain { topic } => explain::explain(terminal, topic.as_deref()),
        Command::Schema { name } => schema::schema(terminal, name.as_deref()),
        Command::Secret(SecretCommand::Set { unit, name, shared }) => {
            match usage::misplaced(&unit, &name, shared) {
                Some(found) => terminal.refuse(found),
                None => secret::set(terminal, &unit, &name, shared),
            }
        }
        Command::Secret(SecretCommand::List { units, pointer, output }) => {
            secret::list::list(terminal, &units, pointer.as_deref(), output)
        }
        Command::Secret(SecretCommand::Verify { unit, output, identities }) => {
            secret::verify::verify(terminal, &unit, output, &identities)
        }
        Command::Platform(PlatformCommand::List { output }) => platform::list(terminal, output),
        Command::Platform(PlatformCommand::Show { name, output }) => platform::show(terminal, &name, output),
        Command::Platform(PlatformCommand::Eject { name }) => platform::eject(terminal, &name),
        Command::Secret(SecretCommand::Keygen { file }) => secret::keygen(terminal, file),
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

/// Help, version, and wrong arguments in the form of diagnostics that was asked for.
fn unparsed(error: &clap::Error, arguments: &[OsString]) -> Outcome {
    if !error.use_stderr() {
        return match error.print() {
            Err(io) if io.kind() != std::io::ErrorKind::BrokenPipe => Outcome::Failed,
            _ => Outcome::Done,
        };
    }
    let global = Global {
        repo: None,
        message_format: usage::message_format(arguments),
        color: Color::Auto,
        quiet: false,
    };
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        && global.message_format == MessageFormat::Human
    {
        let _ = error.print();
        return Outcome::Refused;
    }
    let terminal = Terminal::new(global);
    let outcome = terminal.refuse(usage::finding(error));
    terminal.finish(outcome)
}

/// What the commands say, and in which form.
struct Terminal {
    global: Global,
    /// What leads from the git work tree around the control repo to it: empty, or ending with `/`. Services
    /// that show findings beside the code want paths from there.
    prefix: RefCell<String>,
    /// The findings of a run in SARIF, which are one document, and where that goes.
    sarif: RefCell<Option<(Log, Stream)>>,
}

impl Terminal {
    fn new(global: Global) -> Terminal {
        Terminal { global, prefix: RefCell::default(), sarif: RefCell::default() }
    }

    /// The control repo: its root and its work tree.
    fn world(&self) -> Result<(PathBuf, WorkTree), Outcome> {
        let Some(root) = self.repo_root() else { return Err(self.refuse(no_control_repo())) };
        self.stands_at(&root);
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

    /// Says where the files lie that findings are about.
    fn stands_at(&self, root: &Path) {
        *self.prefix.borrow_mut() = prefix(root);
    }

    /// Where the control repo is said to be, or is found.
    fn repo_root(&self) -> Option<PathBuf> {
        let here = || std::env::current_dir().ok().and_then(|folder| find_root(&folder));
        self.global.repo.clone().or_else(here)
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

    /// Says findings, in the order of the source. An output that can't be written is the only failure.
    fn report(&self, found: Diagnostics, files: &Files, stream: Stream) -> Outcome {
        let mut found = found.sorted();
        if self.global.quiet {
            found.retain(|d| d.severity == Severity::Error);
        }
        let format = self.global.message_format;
        if found.is_empty() && format != MessageFormat::Sarif {
            return Outcome::Done;
        }
        let text = match format {
            MessageFormat::Sarif => {
                self.collect(&found, files, stream);
                return Outcome::Done;
            }
            MessageFormat::Json => json_lines(&found, files),
            MessageFormat::Github => annotations(&found, files, &self.prefix.borrow()),
            MessageFormat::Azure => issues(&found, files, &self.prefix.borrow()),
            MessageFormat::Human => {
                let mut text = human(&found, &concealed::concealed(&found, files), self.styling(stream));
                if !self.global.quiet {
                    text.push_str(&explain::hint(&found));
                }
                text
            }
        };
        match stream {
            Stream::Output => self.print(&text),
            Stream::Error => {
                write_error(&text);
                Outcome::Done
            }
        }
    }

    /// Keeps findings for the document that [`finish`](Self::finish) writes. It goes to standard output as
    /// soon as one report would; there a report without findings makes a document too.
    fn collect(&self, found: &[Diagnostic], files: &Files, stream: Stream) {
        let mut kept = self.sarif.borrow_mut();
        if found.is_empty() && stream == Stream::Error {
            return;
        }
        let (log, to) = kept.get_or_insert_with(|| (Log::default(), stream));
        if stream == Stream::Output {
            *to = stream;
        }
        log.add(found, files, &self.prefix.borrow());
    }

    /// Writes what was kept for the end of the run.
    fn finish(&self, outcome: Outcome) -> Outcome {
        let Some((log, stream)) = self.sarif.take() else { return outcome };
        let is_successful = matches!(outcome, Outcome::Done | Outcome::Findings);
        let text = log.write(&codes::text, outcome.code(), is_successful);
        match stream {
            Stream::Output if self.print(&text) != Outcome::Done => self.finish(Outcome::Failed),
            Stream::Output => outcome,
            Stream::Error => {
                write_error(&text);
                outcome
            }
        }
    }

    /// Says something that isn't a finding: on standard error, and not to programs.
    fn note(&self, text: &str) {
        if !self.global.quiet && self.global.message_format == MessageFormat::Human {
            let lines: Vec<_> = text.lines().map(visible).collect();
            write_error(&format!("{}\n", lines.join("\n")));
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

/// What leads from the nearest folder with a `.git` to `root`.
fn prefix(root: &Path) -> String {
    let Ok(root) = root.canonicalize() else { return String::new() };
    let top = root.ancestors().find(|folder| folder.join(".git").symlink_metadata().is_ok());
    let below = top.and_then(|top| root.strip_prefix(top).ok()).unwrap_or(Path::new(""));
    below.components().map(|name| format!("{}/", name.as_os_str().to_string_lossy())).collect()
}

fn no_control_repo() -> Diagnostic {
    Diagnostic::error("no-control-repo", format!("there is no {ROOT_FILE} here or in a folder above"))
        .help("name the control repo with `--repo DIR`")
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
