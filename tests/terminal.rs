//! Where standard output may lead, for real: a terminal, a file, a pipe, a device, nowhere; and the exit
//! codes.

mod support;

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};

use support::{Repo, Run, fixture, python_tools, root, sealwright};

const REFUSED: &str = "error[cleartext-refused]: standard output is a";
const HELP: [&str; 2] = ["`sealwright render prod | kubectl apply -f -`", "`sealwright preview prod` shows"];

#[test]
fn cleartext_never_goes_to_a_terminal() {
    for form in ["yaml", "json", "kyaml"] {
        let run = on_a_terminal(&["render", "prod", "-o", form]).exits(2).complains(REFUSED);
        let run = run.complains("terminal").complains(HELP[0]).complains(HELP[1]);
        assert_eq!(run.stdout, "");
    }
}

#[test]
fn what_has_no_secrets_goes_to_a_terminal() {
    on_a_terminal(&["render", "staging"]).succeeds().prints("kind: Deployment");
    on_a_terminal(&["render", "prod/carts"]).succeeds().prints("kind: Deployment");
    on_a_terminal(&["preview", "prod"]).succeeds().prints("<age ");
}

#[test]
fn cleartext_never_goes_to_a_redirected_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.yaml");
    let run = to(Stdio::from(File::create(&path).unwrap()), prod()).exits(2).complains(REFUSED);
    run.complains("file").complains(HELP[0]).complains(HELP[1]);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "");

    let staging = shop(&["render", "staging"]);
    to(Stdio::from(File::create(&path).unwrap()), staging).succeeds();
    assert!(std::fs::read_to_string(&path).unwrap().contains("kind: Deployment"));
}

#[test]
fn cleartext_is_refused_before_an_identity_is_needed() {
    let file = tempfile::tempfile().unwrap();
    let run = to(Stdio::from(file), shop(&["render", "prod"])).exits(2).complains(REFUSED);
    run.never_shows("identity");
}

#[test]
fn cleartext_goes_into_a_pipe_a_socket_and_a_device() {
    Run::of(&mut prod(), b"").succeeds().prints("kind: Secret");
    let quiet = to(Stdio::null(), prod()).succeeds();
    assert_eq!(quiet.stderr, "");
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        theirs.read_to_string(&mut text).unwrap();
        text
    });
    to(Stdio::from(std::os::fd::OwnedFd::from(ours)), prod()).succeeds();
    assert!(reader.join().unwrap().contains("kind: Secret"));
}

#[test]
fn a_reader_that_has_gone_away_is_the_end_and_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key.txt");
    let keygen = ["secret", "keygen", key.to_str().unwrap(), "--quiet"];
    let commands: [&[&str]; 15] = [
        &["render", "staging"],
        &["render", "staging", "-o", "kyaml"],
        &["preview", "prod"],
        &["preview", "prod", "-o", "json"],
        &["list"],
        &["list", "-o", "json"],
        &["schema"],
        &["schema", "app"],
        &["completions", "bash"],
        &["man"],
        &["--help"],
        &["help", "render"],
        &["render", "--help"],
        &["--version"],
        &keygen,
    ];
    for arguments in commands {
        let run = to(closed_pipe(), shop(arguments)).succeeds();
        assert_eq!(run.stderr, "", "{arguments:?}");
    }
    let run = to(closed_pipe(), prod()).succeeds();
    assert_eq!(run.stderr, "");
    // Findings are no less of an error when nobody reads them.
    let repo = broken();
    assert_eq!(to(closed_pipe(), repo.command(["check"])).exits(1).stderr, "");
}

#[test]
fn a_reader_may_stop_in_the_middle() {
    // More than a pipe holds, so that the rest is still to be written when the reader goes.
    let config = format!("image: shop/cart\nconfig: {{ A: {} }}\n", "x".repeat(1 << 20));
    let repo = broken().file("apps/cart/app.yaml", &config);
    let mut command = repo.command(["render", "prod"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 16];
    child.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
}

#[test]
fn an_output_that_can_not_be_written_is_a_failure() {
    let commands: [&[&str]; 6] = [
        &["render", "staging"],
        &["preview", "prod"],
        &["list"],
        &["schema", "app"],
        &["completions", "bash"],
        &["man"],
    ];
    for arguments in commands {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let run = to(Stdio::from(full), shop(arguments)).exits(3).complains("error[output-failed]");
        run.never_shows("a bug in sealwright");
    }
}

#[test]
fn findings_that_cant_be_written_are_a_failure() {
    let repo = Repo::copy_of("sock-shop");
    repo.write("apps/carts/prod.yaml", "imagee: x\n");
    let full = File::options().write(true).open("/dev/full").unwrap();
    let run = to(Stdio::from(full), repo.command(["check"]));
    run.exits(3).complains("error[output-failed]");
}

/// A program of Rust finds the null device in place of a standard stream that is closed.
#[test]
fn a_closed_output_goes_nowhere_and_no_other_file_takes_it() {
    for closed in [">&-", ">&- 2>&-", ">&- 2>&- <&-"] {
        let mut shell = Command::new("sh");
        let script = format!("exec \"$0\" render staging --repo \"$1\" {closed}");
        shell.args(["-c", &script, env!("CARGO_BIN_EXE_sealwright")]).arg(fixture("sock-shop"));
        let run = Run::of(&mut shell, b"").succeeds();
        assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    }
}

#[test]
fn exit_codes_are_those_of_the_manual() {
    let shop = Repo::copy_of("sock-shop");
    let identity = fixture("demo-identity.txt");
    let identity = identity.to_str().unwrap();
    // In the repo they would be a finding of their own.
    let beside = Repo::new().file("other.txt", &other_identity()).file("bad.txt", "hello\n");
    let (other, bad) = (beside.path("other.txt"), beside.path("bad.txt"));
    let (other, bad) = (other.to_str().unwrap(), bad.to_str().unwrap());
    let table: [(i32, &[&str]); 27] = [
        // done
        (0, &["check"]),
        (0, &["check", "prod"]),
        (0, &["check", "apps/carts"]),
        (0, &["render", "staging"]),
        (0, &["render", "prod", "-i", identity]),
        (0, &["render", "prod", "-i", identity, "--out-dir", "out"]),
        (0, &["preview", "prod"]),
        (0, &["list"]),
        (0, &["schema"]),
        (0, &["man"]),
        (0, &["--help"]),
        (0, &["--version"]),
        // usage
        (2, &[]),
        (2, &["nonsense"]),
        (2, &["render"]),
        (2, &["render", "prod", "--nonsense"]),
        (2, &["render", "nowhere"]),
        (2, &["render", "*"]),
        (2, &["check", "nowhere"]),
        (2, &["schema", "nonsense"]),
        (2, &["list", "--repo", "apps"]),
        (2, &["secret", "set", "nonsense", "X"]),
        (2, &["render", "staging", "--out-dir", "apps/out"]),
        // an identity that is missing, is none, or belongs to somebody else
        (3, &["render", "prod"]),
        (3, &["render", "prod", "-i", "nowhere.txt"]),
        (3, &["render", "prod", "-i", bad]),
        (3, &["render", "prod", "-i", other]),
    ];
    for (code, arguments) in table {
        let run = shop.run(arguments);
        assert_eq!(run.code, code, "{arguments:?}\n{run}");
        assert_eq!(code > 1, run.stderr.contains("error"), "{arguments:?}\n{run}");
    }
}

#[test]
fn a_repo_that_does_not_compile_is_a_finding_to_check_and_a_refusal_to_others() {
    let unparsable = broken();
    let unknown = broken().file("apps/cart/app.yaml", "image: shop/cart\nimaeg: x\n");
    for repo in [unparsable, unknown] {
        repo.run(["check"]).exits(1).prints("error");
        repo.run(["check", "-q"]).exits(1);
        repo.run(["render", "prod"]).exits(2).complains("error");
        repo.run(["render", "prod", "--out-dir", "out"]).exits(2).complains("error");
        repo.run(["preview", "prod"]).exits(2).complains("error");
        assert!(!repo.path("out").exists());
    }
    broken().run(["list"]).exits(2).complains("error");
}

#[test]
fn a_ciphertext_that_was_changed_is_a_failure() {
    let shop = Repo::copy_of("sock-shop");
    let path = "apps/catalogue-db/prod.yaml";
    let text = shop.read(path);
    let end = text.find("ENC[AGE,").map(|start| start + text[start..].find(']').unwrap()).unwrap();
    // The last byte of the payload's MAC, whatever the padding is.
    let at = text[..end].trim_end_matches('=').len() - 2;
    let other = if &text[at..=at] == "A" { "B" } else { "A" };
    shop.write(path, &format!("{}{other}{}", &text[..at], &text[at + 1..]));
    let identity = fixture("demo-identity.txt");
    let run = shop.run(["render", "prod", "-i", identity.to_str().unwrap(), "--out-dir", "out"]);
    let run = run.exits(3).complains("error[decryption-failed]");
    assert_eq!(run.stdout, "");
    assert!(!shop.path("out").exists());
}

fn broken() -> Repo {
    Repo::new()
        .file("sealwright.yaml", "name: shop\nid: 7f3c9e1a52d0\n")
        .file("environments/prod/environment.yaml", "platform: kubernetes\n")
        .file("environments/prod/versions.yaml", "cart: 1\n")
        .file("apps/cart/app.yaml", "image: [shop/cart\n")
}

fn other_identity() -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key.txt");
    Run::of(sealwright().args(["secret", "keygen"]).arg(&file), b"").succeeds();
    std::fs::read_to_string(file).unwrap()
}

/// The binary with Sock Shop as its repo.
fn shop(arguments: &[&str]) -> Command {
    let mut command = sealwright();
    command.args(arguments).env("SEALWRIGHT_REPO", fixture("sock-shop"));
    command
}

fn prod() -> Command {
    let mut command = shop(&["render", "prod"]);
    command.arg("--identity").arg(fixture("demo-identity.txt"));
    command
}

fn on_a_terminal(arguments: &[&str]) -> Run {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(python_tools());
    command.arg(root().join("tests/tools/terminal.py")).arg(env!("CARGO_BIN_EXE_sealwright")).args(arguments);
    command.env_clear().env("HOME", home.path()).env("SEALWRIGHT_REPO", fixture("sock-shop"));
    command.env("SEALWRIGHT_IDENTITY_FILE", fixture("demo-identity.txt"));
    Run::of(&mut command, b"")
}

/// Runs a command whose standard output is `stdout`.
fn to(stdout: Stdio, mut command: Command) -> Run {
    let command = command.stdin(Stdio::null()).stdout(stdout).stderr(Stdio::piped());
    let output = command.spawn().unwrap().wait_with_output().unwrap();
    Run {
        code: output.status.code().expect("no signal ended it"),
        stdout: String::new(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A pipe that nobody reads.
fn closed_pipe() -> Stdio {
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    Stdio::from(writer)
}
