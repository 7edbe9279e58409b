use std::io::{ErrorKind, Write};
use std::process::{Command, Stdio};
use std::thread;

/// What a process did. The assertions return it, so that they chain.
#[derive(Debug)]
pub struct Run {
    /// The exit code.
    pub code: i32,
    /// All of standard output.
    pub stdout: String,
    /// All of standard error.
    pub stderr: String,
}

impl Run {
    /// Runs a command to its end with `input` as its standard input.
    #[track_caller]
    pub fn of(command: &mut Command, input: &[u8]) -> Run {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("can't start {command:?}: {error}"));
        let mut stdin = child.stdin.take().expect("standard input is piped");
        let output = thread::scope(|scope| {
            scope.spawn(move || match stdin.write_all(input) {
                Err(error) if error.kind() != ErrorKind::BrokenPipe => panic!("can't write input: {error}"),
                _ => {}
            });
            child.wait_with_output().expect("a child can be waited for")
        });
        let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
        Run {
            code: output.status.code().unwrap_or_else(|| panic!("{command:?}: {}", output.status)),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// It ended with 0.
    #[track_caller]
    pub fn succeeds(self) -> Run {
        self.exits(0)
    }

    /// It ended with `code`.
    #[track_caller]
    pub fn exits(self, code: i32) -> Run {
        assert_eq!(self.code, code, "exit code\n{self}");
        self
    }

    /// Standard output holds `text`.
    #[track_caller]
    pub fn prints(self, text: &str) -> Run {
        assert!(self.stdout.contains(text), "standard output lacks {text:?}\n{self}");
        self
    }

    /// Standard error holds `text`.
    #[track_caller]
    pub fn complains(self, text: &str) -> Run {
        assert!(self.stderr.contains(text), "standard error lacks {text:?}\n{self}");
        self
    }

    /// Neither stream holds `text`.
    #[track_caller]
    pub fn never_shows(self, text: &str) -> Run {
        let shown = self.stdout.contains(text) || self.stderr.contains(text);
        assert!(!shown, "{text:?} is shown\n{self}");
        self
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "code {}\n--- stdout\n{}\n--- stderr\n{}", self.code, self.stdout, self.stderr)
    }
}
