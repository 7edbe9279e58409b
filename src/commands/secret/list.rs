//! `sealwright secret list`: every secret of every unit, offline.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use crate::args::ReportFormat;
use crate::commands::selected::{self, Selected};
use crate::commands::{Outcome, Stream, Terminal, counted, grid};
use crate::config::check::Config;
use crate::config::locator::Locator;
use crate::config::name::UnitName;
use crate::config::pointer::{Pointer, ResolveError, is_pointer};
use crate::config::scope::Pattern;
use crate::config::secret::{Secret, SecretId, SecretPart, SecretSource};
use crate::manifest::delivery::Deliveries;
use crate::manifest::draft::{Datum, Piece};
use crate::pipeline::{self, Alone};
use crate::source::diagnostic::Diagnostic;
use crate::source::files::Files;
use crate::source::json_pointer::pointer_path;
use crate::source::span::Span;

/// A secret of a unit, as programs read it. None of it is a value.
#[derive(Debug, Serialize)]
struct Row {
    unit: String,
    environment: String,
    app: String,
    /// The declared name; of a shared one `shared.NAME`.
    name: String,
    source: Source,
    delivery: Delivery,
    /// The variable that receives it.
    variable: Option<String>,
    /// The file that it becomes.
    file: Option<String>,
    /// The places in documents at which it stands, `Secret/web #/data/PW`; `null` if the unit comes to none.
    documents: Option<Vec<String>>,
    /// Where it is declared.
    at: Place,
}

#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Source {
    /// An item of a store.
    Pointer { pointer: String },
    /// An encrypted value of the repo.
    Ciphertext { file: String, path: String },
    /// Text around other secrets of the unit.
    Composite { of: Vec<String> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Delivery {
    /// The platform dereferences it itself.
    Native,
    /// Its value stands in the output.
    Inline,
    /// Nothing permits that.
    NotPermitted,
    /// The platform can't dereference it, and nothing here reads its store.
    Unavailable,
    /// It reaches the unit as a part of others alone.
    Part,
}

#[derive(Debug, Serialize)]
struct Place {
    file: String,
    line: usize,
    column: usize,
}

/// Lists the secrets of units, or those that come from what `pointer` names.
pub(in crate::commands) fn list(
    terminal: &Terminal,
    units: &[String],
    pointer: Option<&str>,
    output: ReportFormat,
) -> Outcome {
    let filter = match pointer.map(Filter::parse).transpose() {
        Ok(filter) => filter,
        Err(found) => return terminal.refuse(*found),
    };
    let Selected { selection, mut layers, mut out, .. } = match selected::read(terminal, units) {
        Ok(selected) => selected,
        Err(outcome) => return outcome,
    };
    let configs =
        if out.has_errors() { Vec::new() } else { pipeline::declared(&layers, &selection, &mut out) };
    let failed = out.has_errors();
    terminal.report(out, &layers.repo.files, Stream::Error);
    if failed {
        return Outcome::Refused;
    }
    let alone = pipeline::alone(&mut layers, &configs);
    let places = places(&alone);
    let without = configs.iter().filter(|config| !places.contains_key(&config.unit)).count();
    if without > 0 {
        let units = counted(without, "unit");
        terminal.note(&format!(
            "{units} can't be rendered, so no documents are shown; `sealwright check` says why"
        ));
    }
    let rows: Vec<Row> = configs
        .iter()
        .flat_map(|config| {
            let deliveries = alone.deliveries.get(&config.unit);
            rows(config, deliveries, &places, filter.as_ref(), &layers.repo.files)
        })
        .collect();
    terminal.print(&written(&rows, output))
}

/// Which secrets are asked for by their pointers.
enum Filter {
    /// One item or one value of it.
    Pointer(Locator),
    /// Whatever a pattern as in `allow:` names.
    Pattern(Pattern),
}

impl Filter {
    fn parse(text: &str) -> Result<Filter, Box<Diagnostic>> {
        let usage = |what: String| Diagnostic::error("usage", what);
        if is_pointer(text) {
            let bad = |why: String| Box::new(usage(format!("`--pointer` isn't a pointer: {why}")));
            let pointer = Pointer::parse(text).map_err(|fault| bad(fault.to_string()))?;
            let located = pointer.resolve(&mut |_: &str| Err("it has an expression"));
            return located.map(Filter::Pointer).map_err(|error| {
                bad(match error {
                    ResolveError::Fault(fault) => fault.to_string(),
                    ResolveError::Expression { error, .. } => error.to_owned(),
                })
            });
        }
        Pattern::parse(text).map(Filter::Pattern).map_err(|fault| {
            let found = usage(format!("`--pointer` isn't a pattern: {fault}"));
            let found = found
                .help("write a pattern such as 'vault:kv/prod/**', or a pointer as it stands in the repo");
            Box::new(fault.help().into_iter().fold(found, Diagnostic::help))
        })
    }

    fn names(&self, locator: &Locator) -> bool {
        match self {
            Filter::Pattern(pattern) => pattern.names(locator),
            Filter::Pointer(wanted) if wanted.fields.is_empty() => {
                let whole = Locator { fields: Vec::new(), ..locator.clone() };
                whole == *wanted
            }
            Filter::Pointer(wanted) => wanted == locator,
        }
    }

    /// Whether a secret comes from there, by itself or through what it is composed of.
    fn takes(&self, secret: &Secret, config: &Config, seen: &mut HashSet<SecretId>) -> bool {
        match &secret.source {
            SecretSource::Pointer(locator) => self.names(locator),
            SecretSource::Ciphertext { .. } => false,
            SecretSource::Composite(parts) => parts.iter().any(|part| match part {
                SecretPart::Secret(id, _) if seen.insert(*id) => {
                    self.takes(config.secrets.get(*id), config, seen)
                }
                _ => false,
            }),
        }
    }
}

/// Where each secret of a unit stands in its documents.
type Places = HashMap<UnitName, HashMap<SecretId, Vec<String>>>;

fn places(alone: &Alone) -> Places {
    let mut places = Places::new();
    for group in &alone.sealed {
        let Some(unit) = group.unit() else { continue };
        let deliveries = alone.deliveries.get(&unit.unit);
        let native = deliveries.map_or(&[][..], |deliveries| &deliveries.native);
        let spans = native.iter().map(|id| (unit.secrets.get(*id).span, *id)).collect();
        let mut search = Search { spans, document: String::new(), found: HashMap::new() };
        for document in group.documents() {
            let (kind, _, name) = document.identity();
            search.document = if name.is_empty() { format!("{kind} #") } else { format!("{kind}/{name} #") };
            search.look(&document.body, &mut Vec::new());
        }
        places.entry(unit.unit.clone()).or_default().extend(search.found);
    }
    places
}

/// The search for the secrets of a unit in its documents.
struct Search {
    /// Where each of those is declared that the platform dereferences: what a document says of one comes from there.
    spans: HashMap<Span, SecretId>,
    document: String,
    found: HashMap<SecretId, Vec<String>>,
}

impl Search {
    fn look<'d>(&mut self, datum: &'d Datum, path: &mut Vec<&'d str>) {
        match datum {
            Datum::Text(pieces) => {
                for piece in pieces {
                    match piece {
                        Piece::Secret(expression) => {
                            expression.ids().into_iter().for_each(|id| self.add(id, path));
                        }
                        Piece::Text { origin: Some(origin), .. } => {
                            let id = self.spans.get(&origin.span).copied();
                            id.into_iter().for_each(|id| self.add(id, path));
                        }
                        _ => {}
                    }
                }
            }
            Datum::List(items) => {
                for item in items {
                    path.push("*");
                    self.look(item, path);
                    path.pop();
                }
            }
            Datum::Map(map) => {
                for (key, value) in map {
                    path.push(key);
                    self.look(value, path);
                    path.pop();
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, id: SecretId, path: &[&str]) {
        let place = format!("{}{}", self.document, pointer_path(path));
        let places = self.found.entry(id).or_default();
        if places.last() != Some(&place) {
            places.push(place);
        }
    }
}

fn rows(
    config: &Config,
    deliveries: Option<&Deliveries>,
    places: &Places,
    filter: Option<&Filter>,
    files: &Files,
) -> Vec<Row> {
    let documents = places.get(&config.unit);
    let is_wanted =
        |secret: &Secret| filter.is_none_or(|filter| filter.takes(secret, config, &mut HashSet::new()));
    let wanted = config.secrets.iter().filter(|(_, secret)| is_wanted(secret));
    wanted
        .map(|(id, secret)| {
            let at = files.line_column(secret.span);
            Row {
                unit: config.unit.to_string(),
                environment: config.unit.environment.clone(),
                app: config.unit.app.clone(),
                name: secret.name.to_string(),
                source: source(config, secret),
                delivery: match secret.shared {
                    true => Delivery::Part,
                    false if deliveries.is_some_and(|deliveries| deliveries.is_native(id)) => {
                        Delivery::Native
                    }
                    false if deliveries.is_some_and(|deliveries| deliveries.unread.contains(&id)) => {
                        Delivery::Unavailable
                    }
                    false if config.environment.permits_inline(&config.unit.app, &secret.name) => {
                        Delivery::Inline
                    }
                    false => Delivery::NotPermitted,
                },
                variable: secret.variable.as_deref().map(ToOwned::to_owned),
                file: secret.file.as_ref().map(|mount| mount.path.to_string()),
                documents: documents.map(|places| places.get(&id).cloned().unwrap_or_default()),
                at: Place {
                    file: files.get(secret.span.file).path.clone(),
                    line: at.line,
                    column: at.column,
                },
            }
        })
        .collect()
}

fn source(config: &Config, secret: &Secret) -> Source {
    match &secret.source {
        SecretSource::Pointer(locator) => Source::Pointer { pointer: locator.to_string() },
        SecretSource::Ciphertext { file, pointer, .. } => {
            Source::Ciphertext { file: file.clone(), path: pointer.clone() }
        }
        SecretSource::Composite(parts) => {
            let mut of: Vec<String> = Vec::new();
            for part in parts {
                if let SecretPart::Secret(id, _) = part {
                    let name = config.secrets.get(*id).name.to_string();
                    if !of.contains(&name) {
                        of.push(name);
                    }
                }
            }
            Source::Composite { of }
        }
    }
}

fn written(rows: &[Row], output: ReportFormat) -> String {
    const HEAD: [&str; 6] = ["UNIT", "NAME", "SOURCE", "DELIVERY", "LANDS IN", "AT"];
    let cells = || rows.iter().map(Row::cells).collect::<Vec<_>>();
    match output {
        ReportFormat::Table => grid::table(&HEAD, &cells()),
        ReportFormat::Markdown => grid::markdown(&HEAD, &cells()),
        ReportFormat::Json => grid::json(rows),
    }
}

impl Row {
    fn cells(&self) -> Vec<String> {
        let source = match &self.source {
            Source::Pointer { pointer } => pointer.clone(),
            Source::Ciphertext { file, path } => format!("age {file} #{path}"),
            Source::Composite { of } => format!("composed of {}", of.join(", ")),
        };
        let delivery = match self.delivery {
            Delivery::Native => "native",
            Delivery::Inline => "inline",
            Delivery::NotPermitted => "not permitted",
            Delivery::Unavailable => "unavailable",
            Delivery::Part => "as a part",
        };
        let mut lands = Vec::new();
        lands.extend(self.variable.as_ref().map(|name| format!("${name}")));
        lands.extend(self.file.clone());
        lands.extend(self.documents.iter().flatten().cloned());
        let lands = if lands.is_empty() { "-".to_owned() } else { lands.join(", ") };
        let Place { file, line, column } = &self.at;
        vec![
            self.unit.clone(),
            self.name.clone(),
            source,
            delivery.to_owned(),
            lands,
            format!("{file}:{line}:{column}"),
        ]
    }
}
