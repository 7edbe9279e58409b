//! What a process that holds cleartext switches off before it reads anything.

use rustix::process::{Resource, Rlimit, setrlimit};

/// No core dumps, which would hold cleartext; no panic message with the text of a value.
pub fn apply() {
    // A system that refuses has no core dumps to write either, or is beyond what a program can do.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|at| format!(" at {}:{}", at.file(), at.line())).unwrap_or_default();
        let text = format!("error: a bug in sealwright{place}; nothing was written\n");
        let _ = std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes());
    }));
}
