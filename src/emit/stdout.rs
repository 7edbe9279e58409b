//! Standard output, the one stream that documents go to.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;

use super::fault::Fault;

/// Whether cleartext may go to standard output: to a pipe or a device, never to a terminal or into a
/// file that a shell made.
pub fn permit_cleartext() -> Result<(), Fault> {
    let stdout = io::stdout();
    if stdout.is_terminal() {
        return Err(Fault::Terminal);
    }
    let is_file = stdout
        .as_fd()
        .try_clone_to_owned()
        .and_then(|fd| File::from(fd).metadata())
        .is_ok_and(|metadata| metadata.is_file());
    if is_file { Err(Fault::Redirected) } else { Ok(()) }
}

/// Writes text to standard output. A reader that has gone away is the end, not an error.
pub fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}
