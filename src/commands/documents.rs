//! `sealwright render` and `sealwright preview`: the documents of an environment or a unit.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::progress::FetchLine;
use super::{Outcome, Stream, Terminal, counted, exceptions};
use crate::args::{DocumentFormat, IdentityArguments};
use crate::config::selection::Selection;
use crate::emit::{self, Fault, Format, Layout, OutFolder};
use crate::inspect::preview;
use crate::link::identity::IdentitySources;
use crate::link::linked::Linked;
use crate::manifest::taint::Sealed;
use crate::pipeline::{self, Compiled, Layers};
use crate::source::diagnostic::{Diagnostic, Diagnostics};
use crate::source::work_tree::WorkTree;

/// Where rendered documents go, once it is known that they may go there.
enum Target {
    Output,
    Folder(OutFolder),
}

/// Prints documents with secrets resolved, or writes them to a folder.
pub(super) fn render(
    terminal: &Terminal,
    unit: &str,
    output: DocumentFormat,
    out_dir: Option<&Path>,
    identities: &IdentityArguments,
) -> Outcome {
    let (root, world, layers, compiled) = match compile(terminal, unit) {
        Ok(compiled) => compiled,
        Err(outcome) => return outcome,
    };
    // Before anything is linked: who may not have the output needs no identity to be told.
    let (layout, target) = match target(&root, &compiled, format_of(output), out_dir) {
        Ok(planned) => planned,
        Err(fault) => return refuse(terminal, unit, fault),
    };
    let variables = |name: &str| std::env::var_os(name);
    let sources = IdentitySources::from_variables(identities.files.clone(), variables);
    let mut out = Diagnostics::default();
    let line = FetchLine::new(terminal);
    let watch = |progress| line.show(progress);
    let linked = pipeline::link(&layers, &compiled, &world, &sources, &variables, &watch, &mut out);
    terminal.report(out, &layers.repo.files, Stream::Error);
    match (linked, target) {
        (None, _) => Outcome::Failed,
        (Some(linked), Target::Output) => {
            let linked: Vec<&Linked> = linked.iter().collect();
            print(terminal, layout.stream(&linked))
        }
        (Some(linked), Target::Folder(folder)) => write(terminal, &folder, &layout, &linked),
    }
}

/// Prints documents with secrets shown as where they come from.
pub(super) fn preview(terminal: &Terminal, unit: &str, output: DocumentFormat) -> Outcome {
    match compile(terminal, unit) {
        Ok((_, _, _, compiled)) => match Layout::of(&compiled.sealed, format_of(output)) {
            Ok(layout) => print(terminal, layout.stream(&preview::documents(&compiled.sealed))),
            Err(fault) => refuse(terminal, unit, fault),
        },
        Err(outcome) => outcome,
    }
}

fn compile(terminal: &Terminal, unit: &str) -> Result<(PathBuf, WorkTree, Layers, Compiled), Outcome> {
    let selection = Selection::parse(&[unit])
        .map_err(|bad| terminal.refuse(Diagnostic::error("usage", bad.to_string())))?;
    let (root, world) = terminal.world()?;
    let mut out = Diagnostics::default();
    let read = pipeline::read(&world, &selection, &mut out);
    let mut layers = read.map_err(|files| {
        terminal.report(std::mem::take(&mut out), &files, Stream::Error);
        Outcome::Refused
    })?;
    let units = pipeline::select(&layers, &selection, &mut out);
    let one_environment = units.windows(2).all(|pair| pair[0].environment == pair[1].environment);
    if !one_environment {
        out.push(
            Diagnostic::error("usage", format!("`{unit}` matches units of several environments"))
                .help("name one environment, or one of its units"),
        );
    }
    let compiled = if out.has_errors() { None } else { pipeline::compile(&mut layers, &selection, &mut out) };
    terminal.report(out, &layers.repo.files, Stream::Error);
    exceptions::warn(terminal, &world);
    compiled.map(|compiled| (root, world, layers, compiled)).ok_or(Outcome::Refused)
}

fn target(
    root: &Path,
    compiled: &Compiled,
    format: Format,
    out_dir: Option<&Path>,
) -> Result<(Layout, Target), Fault> {
    let has_cleartext = compiled.sealed.iter().any(Sealed::has_secrets);
    let layout = Layout::of(&compiled.sealed, format)?;
    let target = match out_dir {
        Some(dir) => Target::Folder(OutFolder::plan(dir, root, &layout.places(), has_cleartext)?),
        None if has_cleartext => emit::permit_cleartext().map(|()| Target::Output)?,
        None => Target::Output,
    };
    Ok((layout, target))
}

fn refuse(terminal: &Terminal, unit: &str, fault: Fault) -> Outcome {
    let is_stream = matches!(fault, Fault::Terminal | Fault::Redirected);
    let failed = matches!(fault, Fault::Io { .. });
    let mut found = Diagnostic::from(fault);
    if is_stream {
        found = found
            .help(format!("pipe it to what applies it: `sealwright render {unit} | kubectl apply -f -`"))
            .help(format!(
                "to look at it: `sealwright preview {unit}` shows the same documents without secrets"
            ));
    }
    terminal.report_one(found);
    if failed { Outcome::Failed } else { Outcome::Refused }
}

fn write(terminal: &Terminal, folder: &OutFolder, layout: &Layout, linked: &[Linked]) -> Outcome {
    let written = match layout.texts(linked) {
        Ok(texts) => folder.write(&texts),
        Err(error) => return failed(terminal, error),
    };
    match written {
        Ok(written) => {
            if !written.old_is_gone {
                terminal.report_one(
                    Diagnostic::warning("old-output-left", "the old output can't be removed")
                        .help("it lies beside the new one under a hidden name; the next run tries again"),
                );
            }
            terminal.note(&format!(
                "wrote {} in {}",
                counted(written.files, "file"),
                counted(written.folders, "folder")
            ));
            Outcome::Done
        }
        Err(fault) => {
            terminal.report_one(fault.into());
            Outcome::Failed
        }
    }
}

fn format_of(output: DocumentFormat) -> Format {
    match output {
        DocumentFormat::Yaml => Format::Yaml,
        DocumentFormat::Json => Format::Json,
        DocumentFormat::Kyaml => Format::Kyaml,
    }
}

fn print(terminal: &Terminal, text: Result<Zeroizing<String>, emit::WriteFailed>) -> Outcome {
    match text {
        Ok(text) => terminal.print(&text),
        Err(error) => failed(terminal, error),
    }
}

fn failed(terminal: &Terminal, error: emit::WriteFailed) -> Outcome {
    terminal.report_one(Diagnostic::error("output-failed", error.to_string()));
    Outcome::Failed
}
