//! The binary's main in a process of its own, where everything that its libraries log is heard.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::listener::listen;
use crate::support::{Repo, Run};

/// Where a child writes what it hears; whoever has it is a child.
const LOG: &str = "SEALWRIGHT_TEST_LOG";
/// Where the child stands.
const REPO: &str = "SEALWRIGHT_TEST_REPO";
/// What stands before the output of the binary's main in that of this test.
const BEGIN: &str = "\n@begin@";
/// After how long a run is said to outlast its deadline: three times the longest, as this isn't a test of speed.
const PATIENCE: Duration = Duration::from_secs(90);

/// What the main of the binary does, if this process is a child.
pub fn play() {
    let (Some(log), Some(repo)) = (std::env::var_os(LOG), std::env::var_os(REPO)) else { return };
    listen(Path::new(&log));
    print!("{BEGIN}");
    std::io::stdout().flush().expect("the parent listens");
    let arguments = ["sealwright".into(), "--repo".into(), repo, "render".into(), "prod".into()];
    sealwright::hardening::apply();
    let code = sealwright::commands::run(arguments).code();
    if let Ok(status) = fs::read_to_string("/proc/self/status") {
        fs::write(Path::new(&log).with_extension("status"), status).expect("it can be written");
    }
    std::process::exit(code.into());
}

/// What a child did.
pub struct Played {
    /// Its code and streams.
    pub run: Run,
    /// What its libraries logged.
    pub log: Vec<u8>,
    /// The most memory that it used, in bytes, where the system tells.
    pub memory: Option<usize>,
}

/// Renders in a child; `None` if it doesn't end. `lead` gives it its environment.
pub fn render(repo: &Repo, lead: impl FnOnce(&mut Command)) -> Option<Played> {
    let folder = tempfile::tempdir().expect("the system has a folder for temporary files");
    let file = |name: &str| folder.path().join(name);
    let mut command = Command::new(std::env::current_exe().expect("this is an executable"));
    command.args(["--exact", "matrix::child_plays_the_binary", "--nocapture"]);
    command.env_clear().env("HOME", folder.path()).env(LOG, file("log")).env(REPO, repo.path("."));
    command.env("RUST_LOG", "trace").env("RUST_BACKTRACE", "full");
    lead(&mut command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("this executable starts");
    let stdout = reader(child.stdout.take().expect("it is piped"));
    let stderr = reader(child.stderr.take().expect("it is piped"));
    let begin = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child can be asked") {
            break status;
        }
        if begin.elapsed() > PATIENCE {
            let _ = child.kill().and_then(|()| child.wait().map(drop));
            return None;
        }
        thread::sleep(Duration::from_millis(20));
    };
    let [stdout, stderr] = [stdout, stderr].map(|reader| reader.join().expect("output is UTF-8"));
    let (_, stdout) = stdout.split_once(BEGIN).unwrap_or_else(|| panic!("no child: {stdout}{stderr}"));
    let run = Run { code: status.code().unwrap_or(-1), stdout: stdout.to_owned(), stderr };
    let log = fs::read(file("log")).expect("the child listens");
    Some(Played { run, log, memory: memory(&folder) })
}

/// Reads a stream to its end while the child runs.
fn reader(mut stream: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("output is UTF-8");
        text
    })
}

fn memory(folder: &TempDir) -> Option<usize> {
    let status = fs::read_to_string(folder.path().join("log.status")).ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(peak.trim().trim_end_matches(" kB").parse::<usize>().ok()? << 10)
}
