//! What work costs: time, CPU time of all threads, and the peak of memory, in this process and in another.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// What something cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// From begin to end.
    pub wall: Duration,
    /// Of all threads, in the kernel too.
    pub cpu: Duration,
    /// The most memory at a time, in KiB.
    pub peak: u64,
}

impl Cost {
    /// The cheaper of two of the same, by CPU time.
    pub fn cheaper(self, other: Cost) -> Cost {
        if other.cpu < self.cpu { other } else { self }
    }
}

/// Does something in this process.
pub fn measured<T>(work: impl FnOnce() -> T) -> (T, Cost) {
    // The kernel then forgets the peak until now.
    let _ = fs::write("/proc/self/clear_refs", "5");
    let (start, before) = (Instant::now(), cpu());
    let made = work();
    let (wall, cpu) = (start.elapsed(), cpu() - before);
    (made, Cost { wall, cpu, peak: status("VmHWM:") })
}

/// Runs a program, whose standard output goes to a file. It must succeed.
pub fn run(command: &Command, output: &Path) -> Cost {
    let mut meter = Command::new("python3");
    meter.args(["-c", METER]).arg(output).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            meter.env(name, value);
        }
    }
    let told = meter.stderr(Stdio::inherit()).output().expect("there is Python 3");
    assert!(told.status.success(), "{command:?}: {}", told.status);
    let told = String::from_utf8_lossy(&told.stdout);
    let numbers: Vec<u64> = told.split_whitespace().map(|n| n.parse().expect("it prints numbers")).collect();
    let [wall, cpu, peak] = numbers[..] else { panic!("three numbers, not {told}") };
    Cost { wall: Duration::from_micros(wall), cpu: Duration::from_micros(cpu), peak }
}

/// The kernel tells exactly what a child used only to its parent, when it waits for it.
const METER: &str = "\
import os, sys, time
start = time.monotonic()
to = (os.POSIX_SPAWN_OPEN, 1, sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
_, status, used = os.wait4(os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ, file_actions=[to]), 0)
wall = time.monotonic() - start
print(int(wall * 1e6), int((used.ru_utime + used.ru_stime) * 1e6), used.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
";

fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(time.tv_sec).expect("a process has used no negative time");
    Duration::new(seconds, u32::try_from(time.tv_nsec).expect("it is less than a second"))
}

fn status(field: &str) -> u64 {
    let text = fs::read_to_string("/proc/self/status").expect("the bench runs on Linux");
    let value = text.lines().find_map(|line| line.strip_prefix(field)).unwrap_or_default();
    value.trim().trim_end_matches(" kB").parse().unwrap_or_default()
}
