//! `sealwright render` and `sealwright preview`: the documents of an environment or a unit.

use zeroize::Zeroizing;

use super::{Outcome, Stream, Terminal};
use crate::args::{DocumentFormat, IdentityArguments};
use crate::config::selection::Selection;
use crate::emit::{self, Format};
use crate::inspect::preview;
use crate::link::identity::IdentitySources;
use crate::manifest::taint::Sealed;
use crate::pipeline::{self, Compiled, Layers};
use crate::source::diagnostic::{Diagnostic, Diagnostics};

/// Prints documents with secrets resolved.
pub(super) fn render(
    terminal: &Terminal,
    unit: &str,
    output: DocumentFormat,
    identities: &IdentityArguments,
) -> Outcome {
    let (layers, compiled) = match compile(terminal, unit) {
        Ok(compiled) => compiled,
        Err(outcome) => return outcome,
    };
    if compiled.sealed.iter().any(Sealed::has_secrets)
        && let Err(refusal) = emit::permit_cleartext()
    {
        let found = Diagnostic::error("cleartext-refused", refusal.to_string())
            .help(format!("pipe it to what applies it: `sealwright render {unit} | kubectl apply -f -`"))
            .help(format!(
                "to look at it: `sealwright preview {unit}` shows the same documents without secrets"
            ));
        return terminal.refuse(found);
    }
    let sources = IdentitySources::from_variables(identities.files.clone(), |name| std::env::var_os(name));
    let mut out = Diagnostics::default();
    let linked = pipeline::link(&layers, &compiled, &sources, &mut out);
    terminal.report(out, &layers.repo.files, Stream::Error);
    match linked {
        Some(linked) => print(terminal, emit::write(&linked, format_of(output))),
        None => Outcome::Failed,
    }
}

/// Prints documents with secrets shown as where they come from.
pub(super) fn preview(terminal: &Terminal, unit: &str, output: DocumentFormat) -> Outcome {
    match compile(terminal, unit) {
        Ok((_, compiled)) => {
            print(terminal, emit::write(&preview::documents(&compiled.sealed), format_of(output)))
        }
        Err(outcome) => outcome,
    }
}

fn compile(terminal: &Terminal, unit: &str) -> Result<(Layers, Compiled), Outcome> {
    let selection = Selection::parse(&[unit])
        .map_err(|bad| terminal.refuse(Diagnostic::error("usage", bad.to_string())))?;
    let (_, world) = terminal.world()?;
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
    compiled.map(|compiled| (layers, compiled)).ok_or(Outcome::Refused)
}

fn format_of(output: DocumentFormat) -> Format {
    match output {
        DocumentFormat::Yaml => Format::Yaml,
        DocumentFormat::Json => Format::Json,
    }
}

fn print(terminal: &Terminal, text: Result<Zeroizing<String>, emit::WriteFailed>) -> Outcome {
    match text {
        Ok(text) => terminal.print(&text),
        Err(error) => {
            terminal.report_one(Diagnostic::error("output-failed", error.to_string()));
            Outcome::Failed
        }
    }
}
