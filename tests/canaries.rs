//! No canary stands anywhere but in a sink: in no stream, file, folder, log or panic, on no path through
//! the program.

mod support;

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tempfile::TempDir;

use support::{Canaries, PASTES, Repo, Run, cut_sinks};

/// A value that is encrypted in the repo.
const SEALED: &str = "hV7#pX\"q\\2m&Z'4 kÄ9\n<tR$w8zQ";
/// A value that someone pasted by mistake. No character of it needs an escape anywhere.
const PASTED: &str = "Kq7wXz3vRt9bNm5pLd2y";

/// A control repo with an encrypted value, and a machine of its own to run on.
struct Stage {
    repo: Repo,
    home: TempDir,
    temp: TempDir,
    keys: TempDir,
    canaries: OnceLock<Canaries>,
}

impl Stage {
    fn new() -> Stage {
        let folder = || tempfile::tempdir().expect("the system has a folder for temporary files");
        let stage = Stage {
            repo: Repo::new(),
            home: folder(),
            temp: folder(),
            keys: folder(),
            canaries: OnceLock::new(),
        };
        let recipient = stage.plain_run(&["secret", "keygen", &stage.key("own.txt")], b"").succeeds().stdout;
        stage.plain_run(&["secret", "keygen", &stage.key("other.txt")], b"").succeeds();
        stage.repo.write(
            "sealwright.yaml",
            &format!("name: shop\nid: \"0123456789ab\"\nrecipients: {{ prod: [{}] }}\n", recipient.trim()),
        );
        stage.repo.write(
            "environments/prod/environment.yaml",
            "platform: kubernetes\nnamespace: shop\ndelivery: { inline: [\"*/*\"] }\n",
        );
        stage.repo.write("environments/prod/versions.yaml", "web: 1.2.3\ndb: null\n");
        stage.repo.write("apps/web/app.yaml", "image: web\nports: { http: 80 }\nconfig: { A: b }\nsecrets:\n  DSN: \"u:{{ secrets.KEY | urlencode }}@h\"\n");
        stage.repo.write("apps/db/app.yaml", "image: db\n");
        stage.plain_run(&["secret", "set", "*/web", "KEY"], SEALED.as_bytes()).succeeds();
        stage
    }

    fn key(&self, name: &str) -> String {
        self.keys.path().join(name).display().to_string()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.repo.command(args);
        command
            .env("HOME", self.home.path())
            .env("TMPDIR", self.temp.path())
            .env("RUST_LOG", "trace")
            .env("RUST_BACKTRACE", "full")
            .env("RUST_LIB_BACKTRACE", "full");
        command
    }

    fn plain_run(&self, args: &[&str], input: &[u8]) -> Run {
        Run::of(&mut self.command(args), input)
    }

    /// Runs a command with both forms of diagnostics and holds all it leaves to have no canary. Of
    /// documents only what stands outside of sinks is looked at.
    #[track_caller]
    fn run(&self, args: &[&str], input: &[u8]) -> Run {
        let [human, json] = ["human", "json"].map(|form| {
            let mut all = vec!["--message-format", form];
            all.extend(args);
            let run = self.plain_run(&all, input);
            self.nothing_leaked(&format!("{all:?}"), &run);
            run
        });
        assert_eq!(human.code, json.code, "{human}\n{json}");
        human
    }

    #[track_caller]
    fn nothing_leaked(&self, what: &str, run: &Run) {
        let canaries = self.canaries();
        let is_documents = run.code == 0 && what.contains("\"render\"");
        let stdout = if is_documents { cut_sinks(&run.stdout) } else { run.stdout.clone() };
        canaries.assert_absent(&format!("standard output of {what}"), stdout.as_bytes());
        canaries.assert_absent(&format!("standard error of {what}"), run.stderr.as_bytes());
        for folder in [self.home.path(), self.temp.path()] {
            assert_eq!(fs::read_dir(folder).expect("it is there").count(), 0, "{what} leaves files behind");
        }
    }

    /// Everything that must not show: the values, and the identities.
    fn canaries(&self) -> &Canaries {
        self.canaries.get_or_init(|| {
            let identities = ["own.txt", "other.txt"].map(|name| self.identity(name));
            Canaries::new([SEALED.to_owned(), PASTED.to_owned()].into_iter().chain(identities))
        })
    }

    /// The identity of a file, without the prefix that all have.
    fn identity(&self, name: &str) -> String {
        let text = fs::read_to_string(self.key(name)).expect("it was made");
        let line = text.lines().find_map(|line| line.strip_prefix("AGE-SECRET-KEY-1"));
        line.expect("it holds an identity").to_owned()
    }

    /// The files of the repo hold no canary but where a test pasted one.
    #[track_caller]
    fn repo_is_clean(&self) {
        let canaries = self.canaries();
        each_file(&self.repo.path("."), &mut |path, bytes| {
            canaries.assert_absent(&path.display().to_string(), bytes);
        });
    }
}

fn each_file(folder: &Path, visit: &mut dyn FnMut(&Path, &[u8])) {
    for entry in fs::read_dir(folder).expect("a folder can be read") {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() {
            each_file(&path, visit)
        } else {
            visit(&path, &fs::read(&path).expect("it can be read"))
        }
    }
}

// Every command.

#[test]
fn commands_that_succeed() {
    let stage = Stage::new();
    let own = stage.key("own.txt");
    let rendered = stage.run(&["render", "prod", "-i", &own], b"").succeeds();
    assert!(rendered.stdout.contains(&BASE64_STANDARD.encode(SEALED)), "the value arrives\n{rendered}");
    stage.run(&["render", "prod/web", "-o", "json", "-i", &own], b"").succeeds();
    let new = stage.key("new.txt");
    for args in [
        &["check"][..],
        &["lint", "prod"],
        &["check", "apps/web"],
        &["preview", "prod"],
        &["preview", "prod/web", "-o", "json"],
        &["list"],
        &["list", "-o", "json"],
        &["schema"],
        &["schema", "app"],
        &["completions", "bash"],
        &["completions", "zsh"],
        &["man"],
        &["--help"],
        &["secret", "set", "--help"],
        &["--version"],
    ] {
        stage.run(args, b"").succeeds();
    }
    for (unit, name) in [("*/web", "KEY"), ("prod/web", "KEY"), ("prod/db", "NEW")] {
        stage.run(&["secret", "set", unit, name], SEALED.as_bytes()).succeeds();
        stage.run(&["secret", "set", unit, name], PASTED.as_bytes()).succeeds();
    }
    stage.repo_is_clean();
    let made = stage.plain_run(&["secret", "keygen", &new], b"").succeeds();
    let key = Canaries::new([stage.identity("new.txt")]);
    key.assert_absent("what keygen says", format!("{made}").as_bytes());
}

#[test]
fn links_that_fail() {
    let stage = Stage::new();
    let own = stage.key("own.txt");
    let (none, other, garbage) = (stage.key("none.txt"), stage.key("other.txt"), stage.key("garbage.txt"));
    fs::write(&garbage, format!("# a key\n{PASTED}\n")).expect("it can be written");
    stage.run(&["render", "prod"], b"").exits(3).complains("can't be read without an identity");
    stage.run(&["render", "prod", "-i", &none], b"").exits(3).complains("doesn't exist");
    stage.run(&["render", "prod", "-i", &other], b"").exits(3).complains("no identity can decrypt");
    stage.run(&["render", "prod", "-i", &garbage], b"").exits(3).complains("garbage.txt:2");
    stage.run(&["render", "prod", "-i", &stage.keys.path().display().to_string()], b"").exits(3);
    let key = format!("AGE-SECRET-KEY-1{}", stage.identity("own.txt"));
    stage.run(&["render", "prod", "-i", &key], b"").exits(3);
    stage.run(&["render", "prod", "-i", &key.to_lowercase()], b"").exits(3);
    for (variable, value) in [
        ("SOPS_AGE_KEY", PASTED.to_owned()),
        ("SOPS_AGE_KEY", format!("{key}x")),
        ("SEALWRIGHT_IDENTITY_FILE", key.clone()),
        ("SOPS_AGE_KEY_FILE", key.clone()),
    ] {
        let run = Run::of(stage.command(&["render", "prod"]).env(variable, value), b"").exits(3);
        stage.nothing_leaked(variable, &run);
    }

    let path = "apps/web/app.yaml";
    let whole = stage.repo.read(path);
    let start = whole.find("ENC[AGE,").expect("it was set") + 8;
    let end = start + whole[start..].find(']').expect("it ends");
    let swap = |at: usize| {
        let mut text = whole.clone().into_bytes();
        text[at] = if text[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8(text).expect("it is ASCII")
    };
    for text in [swap(end - 30), swap(start + 300), format!("{}{}", &whole[..end - 40], &whole[end..])] {
        stage.repo.write(path, &text);
        for args in [&["render", "prod", "-i", &own][..], &["render", "prod", "-o", "json", "-i", &own]] {
            assert_ne!(stage.run(args, b"").code, 0);
        }
        stage.run(&["preview", "prod"], b"");
        stage.run(&["check"], b"");
    }
    stage.repo.write(path, &whole.replace("  KEY:", "  MOVED:").replace("secrets.KEY", "secrets.MOVED"));
    stage.run(&["render", "prod", "-i", &own], b"").exits(2).complains("belongs to another place");

    // Bytes that a composed JSON string can't carry.
    stage.repo.write(path, "image: web\nsecrets:\n  J: '{{ secrets.KEY | tojson }}'\n");
    let bytes = [b"\xff\xfe".as_slice(), PASTED.as_bytes()].concat();
    stage.run(&["secret", "set", "*/web", "KEY"], &bytes).succeeds();
    stage.run(&["render", "prod", "-i", &own], b"").exits(3).complains("bytes that its place can't carry");
    // Values that are too large, alone and composed.
    let large = PASTED.repeat((1 << 20) / PASTED.len() + 1);
    stage.run(&["secret", "set", "*/web", "KEY"], large.as_bytes()).exits(2).complains("larger than 1 MiB");
    stage.repo.write(path, "image: web\nsecrets:\n  J: '{{ secrets.KEY }}{{ secrets.KEY }}'\n");
    stage.plain_run(&["secret", "set", "*/web", "KEY"], &large.as_bytes()[..600_000]).succeeds();
    stage.run(&["render", "prod", "-i", &own], b"").exits(3).complains("`J` is larger than 1 MiB");
    stage.repo_is_clean();
}

#[test]
fn outputs_that_are_refused_or_go_away() {
    let stage = Stage::new();
    let own = stage.key("own.txt");
    let render = ["render", "prod", "-i", &own];
    let file = stage.keys.path().join("out.yaml");
    let made = File::create(&file).expect("it can be made");
    let output = stage.command(&render).stdout(made).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    stage.canaries().assert_absent("standard error", &output.stderr);
    assert_eq!(fs::read(&file).expect("it was made"), b"");

    let mut child = stage
        .command(&render)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    drop(child.stdout.take());
    let mut said = Vec::new();
    child.stderr.take().expect("it is piped").read_to_end(&mut said).expect("it can be read");
    child.wait().expect("it ends");
    stage.canaries().assert_absent("standard error", &said);

    let full = File::options().write(true).open("/dev/full").expect("there is a device that is full");
    let output = stage.command(&render).stdout(full).output().expect("it runs");
    assert_eq!(output.status.code(), Some(3));
    stage.canaries().assert_absent("standard error", &output.stderr);
    assert_eq!(fs::read_dir(stage.temp.path()).expect("it is there").count(), 0);
}

#[test]
fn a_value_that_is_an_argument_by_mistake_isnt_repeated() {
    let stage = Stage::new();
    let assigned = format!("--value={PASTED}");
    let pair = format!("KEY={PASTED}");
    let joined = format!("-p{PASTED}");
    for args in [
        &["secret", "set", "prod/web", "KEY", PASTED][..],
        &["secret", "set", "prod/web", "KEY", "--", PASTED],
        &["secret", "set", "prod/web", "KEY", PASTED, PASTED],
        &["secret", "set", "prod/web", "KEY", &assigned],
        &["secret", "set", "prod/web", "KEY", "--value", PASTED],
        &["secret", "set", "prod/web", "KEY", &joined],
        &["secret", "set", PASTED, "KEY"],
        &["secret", "set", "prod/web", &pair],
        &["secret", "keygen", "file", PASTED],
        &["secret", PASTED],
        &["render", "prod", PASTED],
    ] {
        stage.run(args, b"piped").exits(2);
    }
    stage.run(&["secret", "set", "prod/web", "KEY", PASTED], b"").complains("never an argument");
    stage.repo_is_clean();
}

// Plaintext in the repo.

#[test]
fn plaintext_in_an_apps_file_isnt_shown() {
    let stage = Stage::new();
    let path = "apps/web/app.yaml";
    for paste in PASTES {
        stage.repo.write(path, &format!("image: web\n{}", paste.replace('§', PASTED)));
        let checked = stage.run(&["check"], b"");
        assert_eq!(checked.code, 1, "{paste}\n{checked}");
        stage.run(&["preview", "prod"], b"").exits(2);
        stage.run(&["secret", "set", "*/web", "B"], SEALED.as_bytes());
    }
    let encoded = BASE64_STANDARD.encode(PASTED);
    stage.repo.write(path, &format!("image: web\nsecrets: {{ A: \"ENC[AGE,{encoded}]\" }}\n"));
    stage.run(&["check"], b"").exits(1);
}

#[test]
fn plaintext_in_other_files_and_places_isnt_shown() {
    let whole = Stage::new().repo.read("environments/prod/environment.yaml");
    for (path, text) in [
        ("apps/web/prod.yaml", "secrets: { A: § }\n".to_owned()),
        ("apps/web/prod.yaml", "platforms: { kubernetes: { secrets: { A: [§] } } }\n".to_owned()),
        ("apps/web/prod.yaml", "sidecars: { x: { secrets: { A: § } } }\n".to_owned()),
        ("apps/web/prod.yaml", "config: { DB_PASSWORD: [§] }\n".to_owned()),
        ("apps/web/prod.yaml", "config: { DB_PASSWORD: \"§{{\" }\n".to_owned()),
        ("apps/web/prod.yaml", "env: [{ name: DB_PASSWORD, value: § }]\n".to_owned()),
        ("environments/prod/environment.yaml", format!("{whole}defaults: {{ secrets: {{ A: § }} }}\n")),
        ("environments/prod/environment.yaml", format!("{whole}overrides: {{ secrets: {{ A: [§] }} }}\n")),
        ("environments/prod/environment.yaml", format!("{whole}vars: {{ db_password: \"§{{{{\" }}\n")),
        ("environments/prod/environment.yaml", format!("{whole}shared: {{ A: § }}\nx: 1\n")),
        ("environments/prod/versions.yaml", "web: [1] # §\n".to_owned()),
        ("sealwright.yaml", "name: x\nid: [1] # §\n".to_owned()),
        ("sealwright.yaml", "name: x\ntoken: §\n".to_owned()),
    ] {
        let stage = Stage::new();
        stage.repo.write(path, &text.replace('§', PASTED));
        let checked = stage.run(&["check"], b"");
        assert_eq!(checked.code, 1, "{path}: {text}\n{checked}");
        stage.run(&["preview", "prod"], b"").exits(2);
        stage.run(&["secret", "set", "*/web", "B"], SEALED.as_bytes());
    }
}

#[test]
fn an_identity_among_the_recipients_isnt_shown() {
    let stage = Stage::new();
    let identity = format!("AGE-SECRET-KEY-1{}", stage.identity("own.txt"));
    for text in [
        format!("name: x\nid: x\nrecipients: {{ prod: [{identity}] }}\n"),
        format!("name: x\nid: x\nrecipients: {{ prod: {identity} }}\n"),
        format!("name: x\nid: x\nrecipients: {{ {identity}: [x] }}\n{identity}: x\n"),
    ] {
        stage.repo.write("sealwright.yaml", &text);
        stage.run(&["check"], b"").exits(1);
        stage.run(&["preview", "prod"], b"").exits(2);
    }
    let path = "environments/prod/environment.yaml";
    let stage = Stage::new();
    let identity = format!("AGE-SECRET-KEY-1{}", stage.identity("own.txt"));
    stage.repo.write(path, &format!("platform: kubernetes\nrecipients: [{identity}]\n"));
    stage.run(&["check"], b"").exits(1);
}

#[test]
fn files_that_cant_be_read_say_nothing_of_their_content() {
    let path = "apps/web/app.yaml";
    let utf16: Vec<u8> =
        format!("\u{feff}secrets:\n  A: {PASTED}\n").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let latin = [b"secrets:\n  A: \xe9", PASTED.as_bytes(), b"\n"].concat();
    let bomb = format!("a: &a [{PASTED}]\nb: &b [*a,*a]\n{}", "c: [".repeat(200));
    for bytes in
        [utf16, latin, bomb.into_bytes(), format!("secrets: {{A: {PASTED}}}\n").repeat(400_000).into_bytes()]
    {
        let stage = Stage::new();
        fs::write(stage.repo.path(path), bytes).expect("it can be written");
        stage.run(&["check"], b"").exits(1);
        stage.run(&["secret", "set", "*/web", "B"], SEALED.as_bytes()).exits(2);
    }
    let stage = Stage::new();
    let outside = stage.key("outside.yaml");
    fs::write(&outside, format!("secrets: {{ A: {PASTED} }}\n")).expect("it can be written");
    fs::remove_file(stage.repo.path(path)).expect("it is there");
    symlink(&outside, stage.repo.path(path)).expect("a link can be made");
    stage.run(&["check"], b"").exits(1);
    stage.run(&["secret", "set", "*/web", "B"], SEALED.as_bytes()).exits(2);
    let stage = Stage::new();
    fs::set_permissions(stage.repo.path("apps/web"), fs::Permissions::from_mode(0o500)).expect("it is ours");
    stage.run(&["secret", "set", "*/web", "KEY"], SEALED.as_bytes());
    fs::set_permissions(stage.repo.path("apps/web"), fs::Permissions::from_mode(0o700)).expect("it is ours");
    assert_eq!(
        fs::read_dir(stage.repo.path("apps/web")).expect("it is there").count(),
        1,
        "no half-written file"
    );
}

// Logs and panics.

/// Hears everything that a library of the process logs.
struct Listener(Mutex<Vec<u8>>);

impl log::Log for Listener {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let mut heard = self.0.lock().expect("no logger panics");
        heard.extend_from_slice(format!("{} {}\n", record.target(), record.args()).as_bytes());
    }

    fn flush(&self) {}
}

static HEARD: Listener = Listener(Mutex::new(Vec::new()));

/// What a child of this test does: it plays the binary's main, in a process of its own, with a logger.
const ROLE: &str = "SEALWRIGHT_TEST_ROLE";

#[test]
fn no_library_logs_a_canary() {
    if std::env::var_os(ROLE).is_some_and(|role| role == "log") {
        log::set_logger(&HEARD).expect("there is no other logger");
        log::set_max_level(log::LevelFilter::Trace);
        log::trace!("the logger listens");
        let args = std::env::var("SEALWRIGHT_TEST_ARGS").expect("the parent says what to run");
        sealwright::commands::run(args.split('\x1f').map(Into::into));
        let heard = HEARD.0.lock().expect("no logger panics");
        fs::write(std::env::var_os("SEALWRIGHT_TEST_LOG").expect("the parent says where"), &*heard)
            .expect("it can be written");
        return;
    }
    let stage = Stage::new();
    let own = stage.key("own.txt");
    let log = stage.keys.path().join("log");
    for args in [
        &["render", "prod", "-i", &own][..],
        &["render", "prod", "-i", &stage.key("other.txt")],
        &["check"],
        &["secret", "set", "*/web", "KEY"],
        &["secret", "set", "*/web", "KEY", PASTED],
    ] {
        let mut line = vec!["sealwright", "--repo"];
        let root = stage.repo.path(".").display().to_string();
        line.push(&root);
        line.extend(args);
        let mut child = in_child("no_library_logs_a_canary", "log");
        child.env("SEALWRIGHT_TEST_ARGS", line.join("\x1f")).env("SEALWRIGHT_TEST_LOG", &log);
        let run = Run::of(&mut child, SEALED.as_bytes());
        let heard = fs::read(&log).unwrap_or_else(|error| panic!("the child ends: {error}\n{run}"));
        assert!(heard.starts_with(b"canaries the logger listens"), "{}", String::from_utf8_lossy(&heard));
        stage.canaries().assert_absent(&format!("the log of {args:?}"), &heard);
        stage.canaries().assert_absent(&format!("standard error of {args:?}"), run.stderr.as_bytes());
        fs::remove_file(&log).expect("it was read");
    }
}

#[test]
fn a_panic_says_where_and_not_what() {
    if std::env::var_os(ROLE).is_some_and(|role| role == "panic") {
        sealwright::hardening::apply();
        let value = sealwright::link::secret_value::SecretValue::new(SEALED.as_bytes().to_vec());
        // Straight through the hook: the test harness would catch the panic and print nothing else.
        let _ = std::panic::catch_unwind(|| panic!("{value:?} is {SEALED} and {PASTED}"));
        std::process::exit(7);
    }
    let stage = Stage::new();
    let run = Run::of(&mut in_child("a_panic_says_where_and_not_what", "panic"), b"").exits(7);
    run_says_where(&run);
    stage.canaries().assert_absent("what a panic says", format!("{run}").as_bytes());
}

fn run_says_where(run: &Run) {
    assert!(run.stderr.contains("a bug in sealwright at tests/canaries.rs:"), "{run}");
    assert!(run.stderr.contains("nothing was written"), "{run}");
}

/// This test binary again, running one test as a child.
fn in_child(test: &str, role: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this is an executable"));
    command
        .args(["--exact", test, "--nocapture"])
        .env(ROLE, role)
        .env("RUST_BACKTRACE", "full")
        .env("RUST_LOG", "trace");
    command
}
