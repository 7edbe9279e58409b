//! Everything that can go wrong × every store: what is said, how often is asked, that nothing is written, that it
//! ends, and that no canary shows, even in what the libraries log.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use self::canaries::{VALUE, canaries};
use self::child::Played;
use self::expected::{Expected, Named, Tries, expected};
use self::fault::{FAULTS, Fault};
use self::listener::LISTENS;
use self::play::{BLAST, Play, key};
use self::server::{ENDLESS, Reply, Server, full, tls};
use self::store::Store;
use crate::shop::values;
use crate::support::{cut_sinks, free_socket, python};

mod canaries;
mod child;
mod expected;
mod fault;
mod listener;
mod play;
mod server;
mod store;

/// How many runs go on at once; most of them wait.
const AT_ONCE: usize = 6;

#[test]
fn child_plays_the_binary() {
    child::play();
}

#[test]
fn every_fault_in_reading_from_vault() {
    every_fault(Store::Vault);
}

#[test]
fn every_fault_in_asking_vault_for_mounts() {
    every_fault(Store::Mounts);
}

#[test]
fn every_fault_in_logging_in_to_vault() {
    every_fault(Store::Login);
}

#[test]
fn every_fault_of_secrets_manager() {
    every_fault(Store::Secrets);
}

#[test]
fn every_fault_of_the_parameter_store() {
    every_fault(Store::Parameters);
}

/// Runs each fault that a store knows, and says all that isn't as it should be.
fn every_fault(store: Store) {
    let cases: Vec<(Fault, Expected)> =
        FAULTS.into_iter().filter_map(|fault| Some((fault, expected(fault, store)?))).collect();
    let next = AtomicUsize::new(0);
    let problems = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((fault, expected)) = cases.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let found = problems_of(*fault, store, expected);
                    problems.lock().expect("no thread panics").extend(found);
                }
            });
        }
    });
    let problems = problems.into_inner().expect("no thread panics");
    assert!(problems.is_empty(), "{} problems\n\n{}", problems.len(), problems.join("\n\n"));
}

/// Runs one case, and returns all that isn't as it should be.
fn problems_of(fault: Fault, store: Store, expected: &Expected) -> Option<String> {
    let theirs = Server::start(None, |_| Reply::Silence);
    let play = Play::new(store, fault, theirs.socket);
    let configuration = fault.certificate().map(|name| tls(certificates(), name));
    let server = Server::start(configuration, move |asked| play.reply(asked));
    let address = match fault {
        Fault::UnknownHost => "http://nothing.invalid:8200".to_owned(),
        Fault::Refused => format!("http://{}", free_socket()),
        Fault::FullBacklog => format!("http://{}", full()),
        _ if fault.certificate().is_some() => format!("https://{}", server.socket),
        _ => format!("http://{}", server.socket),
    };
    let played = child::render(&store.repo(), |command| {
        store.lead(command, &address, &certificates().join("ca.pem"));
        command.env("SEALWRIGHT_STORE_TIMEOUT", fault.seconds().to_string());
    });
    let Some(played) = played else { return Some(format!("{fault:?}: it outlasts the deadline")) };
    let mut problems = Vec::new();
    let mut hold = |holds: bool, problem: &str| {
        if !holds {
            problems.push(problem.to_owned());
        }
    };
    hold_run(&played, store, expected, &mut hold);
    hold_requests(fault, store, &server, expected, &mut hold);
    hold(theirs.connections() == 0, "it follows to someone else's host");
    hold(server.most_sent() < ENDLESS, "it takes whatever there is");
    hold(played.memory.is_none_or(|memory| memory < BLAST / 2), "it uses as much memory as it is sent");
    hold_silence(&played, &mut hold);
    (!problems.is_empty()).then(|| format!("=== {fault:?}: {}\n{}", problems.join("; "), played.run))
}

/// The streams and the code are as they should be.
fn hold_run(played: &Played, store: Store, expected: &Expected, hold: &mut impl FnMut(bool, &str)) {
    let run = &played.run;
    match expected {
        Expected::Works(_) => {
            let has_values = run.code == 0 && {
                let values = values(run);
                values.len() == store.pointers() && values.values().all(|value| value == VALUE)
            };
            hold(has_values, "the values don't arrive");
        }
        Expected::Fails { code, said, named, .. } => {
            hold(run.code == 3, "the exit code isn't 3");
            hold(run.stdout.is_empty(), "there is output");
            hold(run.stderr.contains(&format!("error[{code}]")), &format!("the code isn't {code}"));
            hold(run.stderr.contains(said), &format!("it doesn't say {said:?}"));
            let places = (3..3 + store.pointers()).filter(|line| run.stderr.contains(&format!("\n{line} |")));
            let places: Vec<usize> = places.collect();
            hold(
                match named {
                    Named::All => places.len() == store.pointers(),
                    Named::Other => places == [4],
                    Named::One => !places.is_empty(),
                },
                &format!("the places are in lines {places:?}"),
            );
        }
    }
}

/// The store was asked as often as it should be, and not before the time that it named.
fn hold_requests(
    fault: Fault,
    store: Store,
    server: &Server,
    expected: &Expected,
    hold: &mut impl FnMut(bool, &str),
) {
    let mut times: HashMap<String, Vec<Instant>> = HashMap::new();
    for (at, asked) in server.asked() {
        if store.purpose(&asked) == store.afflicted() {
            times.entry(key(&asked)).or_default().push(at);
        }
    }
    let most = times.values().map(Vec::len).max().unwrap_or(0);
    let is_right = match expected {
        Expected::Works(tries) | Expected::Fails { tries: Tries::Exactly(tries), .. } => most == *tries,
        Expected::Fails { tries: Tries::Some, .. } => (1..=4).contains(&most),
    };
    hold(is_right, &format!("a request is made {most} times"));
    if fault == Fault::LimitedForASecond {
        let waits = |times: &Vec<Instant>| {
            times.windows(2).all(|pair| pair[1].duration_since(pair[0]) >= Duration::from_secs(1))
        };
        hold(times.values().all(waits), "it doesn't wait as long as it is told to");
    }
    if fault.certificate().is_some_and(|name| name != "good") {
        hold(server.connections() > 0, "it doesn't connect");
        hold(server.asked().is_empty(), "a request is sent to whom it doesn't trust");
    }
}

/// No canary shows outside of sinks, and libraries were heard.
fn hold_silence(played: &Played, hold: &mut impl FnMut(bool, &str)) {
    let stdout = cut_sinks(&played.run.stdout);
    for (place, bytes) in
        [("output", stdout.as_bytes()), ("errors", played.run.stderr.as_bytes()), ("the log", &played.log)]
    {
        let leaks = canaries().leaks(bytes);
        if leaks.is_empty() {
            continue;
        }
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !canaries().leaks(line).is_empty());
        let lines: Vec<String> =
            lines.map(|line| String::from_utf8_lossy(line).chars().take(2000).collect()).collect();
        hold(false, &format!("a canary leaks into {place}: {leaks:?}\n{}", lines.join("\n")));
    }
    hold(played.log.starts_with(LISTENS), "nothing was heard");
}

/// An authority's certificate and those of servers.
fn certificates() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().expect("the system has a folder for temporary files");
        let path = folder.path().to_str().expect("the folder's name is UTF-8");
        python("tools/certificates.py", &[path], "").succeeds();
        folder
    });
    folder.path()
}
