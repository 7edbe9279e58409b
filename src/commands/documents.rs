//! `sealwright render` and `sealwright preview`: the documents of an environment or a unit.

use std::path::PathBuf;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::progress::FetchLine;
use super::selected::{self, Selected};
use super::{Outcome, Stream, Terminal, counted, exceptions};
use crate::args::{Destination, DocumentFormat, IdentityArguments};
use crate::config::environment::Environment;
use crate::emit::{
    self, Committed, ControlRepo, Fault, Format, Layout, OutBranch, OutFolder, OutputText, Rendered,
};
use crate::inspect::preview;
use crate::link::identity::IdentitySources;
use crate::link::linked::Linked;
use crate::manifest::taint::Sealed;
use crate::pipeline::{self, Compiled, Layers};
use crate::source::diagnostic::{Diagnostic, Diagnostics};
use crate::source::node::Node;
use crate::source::work_tree::WorkTree;

/// Where rendered documents go, once it is known that they may go there.
enum Target {
    Output,
    Folder(OutFolder, Rendered),
    Branch(Box<OutBranch>, Rendered),
}

/// A compiled selection of one environment.
struct Ready {
    root: PathBuf,
    world: WorkTree,
    layers: Layers,
    compiled: Compiled,
    environment: Arc<Environment>,
    /// Whether it is the environment with all of its units.
    complete: bool,
}

/// Prints documents with secrets resolved, writes them to a folder, or commits them to a branch.
pub(super) fn render(
    terminal: &Terminal,
    unit: &str,
    output: DocumentFormat,
    destination: &Destination,
    identities: &IdentityArguments,
) -> Outcome {
    let ready = match compile(terminal, unit) {
        Ok(ready) => ready,
        Err(outcome) => return outcome,
    };
    // Before anything is linked: who may not have the output needs no identity to be told.
    let layout = match Layout::of(&ready.compiled.sealed, format_of(output)) {
        Ok(layout) => layout,
        Err(fault) => return refuse(terminal, unit, fault),
    };
    let target = match target(terminal, unit, &ready, &layout, destination) {
        Ok(target) => target,
        Err(outcome) => return outcome,
    };
    let Ready { world, layers, compiled, .. } = ready;
    let variables = |name: &str| std::env::var_os(name);
    let sources = IdentitySources::from_variables(identities.files.clone(), variables);
    let mut out = Diagnostics::default();
    let line = FetchLine::new(terminal);
    let watch = |progress| line.show(progress);
    let linked = pipeline::link(&layers, &compiled, &world, &sources, &variables, &watch, &mut out);
    terminal.report(out, &layers.repo.files, Stream::Error);
    let Some(linked) = linked else { return Outcome::Failed };
    let texts = || layout.texts(&linked);
    match target {
        Target::Output => print(terminal, layout.stream(&linked.iter().collect::<Vec<&Linked>>())),
        Target::Folder(folder, says) => match texts() {
            Ok(texts) => write(terminal, &folder, &texts, &says),
            Err(error) => failed(terminal, error),
        },
        Target::Branch(branch, says) => match texts() {
            Ok(texts) => commit(terminal, &branch, &texts, &says),
            Err(error) => failed(terminal, error),
        },
    }
}

/// Prints documents with secrets shown as where they come from.
pub(super) fn preview(terminal: &Terminal, unit: &str, output: DocumentFormat) -> Outcome {
    match compile(terminal, unit) {
        Ok(ready) => match Layout::of(&ready.compiled.sealed, format_of(output)) {
            Ok(layout) => print(terminal, layout.stream(&preview::documents(&ready.compiled.sealed))),
            Err(fault) => refuse(terminal, unit, fault),
        },
        Err(outcome) => outcome,
    }
}

fn compile(terminal: &Terminal, unit: &str) -> Result<Ready, Outcome> {
    let Selected { root, world, selection, mut layers, units, mut out } = selected::read(terminal, &[unit])?;
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
    let environment = units.first().and_then(|unit| layers.environments.get(&unit.environment)).cloned();
    let (Some(compiled), Some(environment)) = (compiled, environment) else { return Err(Outcome::Refused) };
    let complete = selection.takes_whole(&environment.name);
    Ok(Ready { root, world, layers, compiled, environment, complete })
}

fn target(
    terminal: &Terminal,
    unit: &str,
    ready: &Ready,
    layout: &Layout,
    destination: &Destination,
) -> Result<Target, Outcome> {
    let Ready { root, layers, compiled, environment, complete, .. } = ready;
    let has_cleartext = compiled.sealed.iter().any(Sealed::has_secrets);
    let places = layout.places();
    let says = || {
        let text = |key| layers.repo.root.get(key).and_then(Node::as_text).map(ToString::to_string);
        let repo = ControlRepo { name: text("name").unwrap_or_default(), id: text("id").unwrap_or_default() };
        Rendered::of(repo, environment, *complete, &compiled.sealed, &places)
    };
    if let Some(dir) = &destination.out_dir {
        let folder = OutFolder::plan(dir, root, &places, has_cleartext);
        let folder = folder.map_err(|fault| refuse(terminal, unit, fault))?;
        return Ok(Target::Folder(folder, says()));
    }
    let Some(branch) = &destination.commit else {
        let permitted = if has_cleartext { emit::permit_cleartext() } else { Ok(()) };
        return permitted.map(|()| Target::Output).map_err(|fault| refuse(terminal, unit, fault));
    };
    let says = says();
    let folder = destination.commit_path.as_deref();
    let branch = OutBranch::plan(root, branch, folder, &compiled.sealed, &says).map_err(|fault| {
        let mut out = Diagnostics::default();
        out.push(fault);
        terminal.report(out, &layers.repo.files, Stream::Error);
        Outcome::Refused
    })?;
    Ok(Target::Branch(Box::new(branch), says))
}

fn refuse(terminal: &Terminal, unit: &str, fault: Fault) -> Outcome {
    let is_stream = matches!(fault, Fault::Terminal | Fault::Redirected);
    let failed = matches!(fault, Fault::Io { .. });
    let mut found = Diagnostic::from(fault);
    if is_stream {
        found = found
            .help(format!(
                "pipe it to what applies it, such as `sealwright render {unit} | kubectl apply -f -`, or write files for their owner alone: `--out-dir DIR`"
            ))
            .help(format!(
                "to look at it: `sealwright preview {unit}` shows the same documents without secrets"
            ));
    }
    terminal.report_one(found);
    if failed { Outcome::Failed } else { Outcome::Refused }
}

fn write(terminal: &Terminal, folder: &OutFolder, texts: &[OutputText], says: &Rendered) -> Outcome {
    match folder.write(texts, says) {
        Ok(written) => {
            if !written.old_is_gone {
                terminal.report_one(
                    Diagnostic::warning("old-output-left", "the old output can't be removed")
                        .help("it lies beside the new one under a hidden name; the next run tries again"),
                );
            }
            let files = counted(written.files, "file");
            terminal.note(&match written.folders {
                0 => format!("wrote {files}"),
                folders => format!("wrote {files} in {}", counted(folders, "folder")),
            });
            Outcome::Done
        }
        Err(fault) => {
            terminal.report_one(fault.into());
            Outcome::Failed
        }
    }
}

fn commit(terminal: &Terminal, branch: &OutBranch, texts: &[OutputText], says: &Rendered) -> Outcome {
    match branch.commit(texts, says) {
        Ok(Committed::Unchanged) => {
            terminal.note(&format!("nothing changed on `{}`: no commit", branch.name()));
            Outcome::Done
        }
        Ok(Committed::New { id, subject }) => {
            terminal.note(&format!("committed {id} to `{}`: {subject}", branch.name()));
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
