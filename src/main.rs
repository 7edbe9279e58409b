//! Calls, prints, exits.

use std::process::ExitCode;

fn main() -> ExitCode {
    sealwright::hardening::apply();
    ExitCode::from(sealwright::commands::run(std::env::args_os()).code())
}
