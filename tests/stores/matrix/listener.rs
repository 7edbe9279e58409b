//! Hears everything that a library of the process logs or traces, and writes it to a file.

use std::fmt::{Debug, Write as _};
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use log::LevelFilter;
use tracing_core::dispatcher::{Dispatch, set_global_default};
use tracing_core::field::{Field, Visit};
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Event, Metadata, Subscriber};

/// The one listener of a process. Each line begins with the crate's module that says it.
#[derive(Clone)]
struct Listener {
    file: Arc<File>,
    spans: Arc<AtomicU64>,
}

/// What every log begins with.
pub const LISTENS: &[u8] = b"listener: listens\n";

/// Listens from now on, at the finest level.
pub fn listen(path: &Path) {
    let file = Arc::new(File::create(path).expect("the log can be made"));
    let listener = Listener { file, spans: Arc::default() };
    log::set_logger(Box::leak(Box::new(listener.clone()))).expect("there is no other logger");
    log::set_max_level(LevelFilter::Trace);
    set_global_default(Dispatch::new(listener)).expect("there is no other subscriber");
    log::trace!(target: "listener", "listens");
}

impl Listener {
    fn write(&self, target: &str, text: &str) {
        let line = format!("{target}: {text}\n");
        (&*self.file).write_all(line.as_bytes()).expect("the log can be written");
    }

    fn write_fields(&self, metadata: &Metadata<'_>, record: impl FnOnce(&mut Fields)) {
        let mut fields = Fields(metadata.name().to_owned());
        record(&mut fields);
        self.write(metadata.target(), &fields.0);
    }
}

impl log::Log for Listener {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        self.write(record.target(), &record.args().to_string());
    }

    fn flush(&self) {}
}

impl Subscriber for Listener {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.write_fields(span.metadata(), |fields| span.record(fields));
        Id::from_u64(self.spans.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut fields = Fields(String::new());
        values.record(&mut fields);
        self.write("span", &fields.0);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.write_fields(event.metadata(), |fields| event.record(fields));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// The fields of what is traced, as text.
struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").expect("a string takes every write");
    }
}
