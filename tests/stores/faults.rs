//! A server that misbehaves: what is said, how often it is asked, and that nothing is written.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::proxy::{Asked, Proxy, answer, json as answer_json};
use crate::shop::{render_command, repo, run, values};
use crate::support::{Run, free_socket};

const SECRETS: &str = "TOKEN: ref+vault://kv/web#/token";

/// A server with a KV engine at `kv`, which answers reads so.
fn reading(read: impl Fn(&Asked) -> Vec<u8> + Send + Sync + 'static) -> Proxy {
    Proxy::answering(move |asked| match asked.line.contains("/sys/internal/ui/mounts/") {
        true => answer_json("200 OK", &mount()),
        false => read(asked),
    })
}

fn mount() -> Value {
    json!({"data": {"path": "kv/", "type": "kv", "options": {"version": "2"}}})
}

fn secret(token: &str) -> Value {
    json!({"data": {"data": {"token": token}, "metadata": {"version": 1, "destroyed": false}}})
}

#[track_caller]
fn render(address: &str, timeout: &str) -> Run {
    let repo = repo("", SECRETS);
    let mut command = render_command(&repo);
    command.env("VAULT_ADDR", address).env("VAULT_TOKEN", "c4n4ry-token");
    let found = run(command.env("SEALWRIGHT_STORE_TIMEOUT", timeout));
    assert!(found.code == 0 || found.stdout.is_empty(), "{found}");
    found.never_shows("c4n4ry")
}

#[test]
fn each_fault_is_named_in_words_of_our_own() {
    let truncated = secret("c4n4ry-value").to_string();
    let truncated = truncated[..truncated.len() - 4].to_owned();
    let large = secret(&"c4n4ry".repeat(1 << 20)).to_string();
    let huge = secret(&"x".repeat((1 << 20) + 1)).to_string();
    let odd = json!({"data": {"data": ["c4n4ry"], "metadata": {"version": 1}}}).to_string();
    let errors = json!({"errors": ["c4n4ry-text"]}).to_string();
    let sealed = json!({"errors": ["Vault is sealed"]}).to_string();
    for (status, headers, body, code, said, tries) in [
        ("200 OK", "", truncated.as_str(), "store-failed", "its answer makes no sense", 1),
        ("200 OK", "", "<html>c4n4ry</html>", "store-failed", "its answer makes no sense", 1),
        (
            "200 OK",
            "Content-Encoding: gzip\r\n",
            "\u{1f}c4n4ry",
            "store-failed",
            "its answer makes no sense",
            1,
        ),
        ("200 OK", "", odd.as_str(), "store-failed", "its answer makes no sense", 1),
        ("200 OK", "", large.as_str(), "secret-too-large", "it is larger than 1 MiB", 1),
        ("200 OK", "", huge.as_str(), "secret-too-large", "it is larger than 1 MiB", 1),
        ("400 Bad Request", "", errors.as_str(), "store-failed", "(HTTP 400)", 1),
        ("401 Unauthorized", "", errors.as_str(), "store-denied", "it doesn't accept the credentials", 1),
        ("404 Not Found", "", errors.as_str(), "secret-not-found", "there is no kv/web", 1),
        ("429 Too Many Requests", "", errors.as_str(), "store-unreachable", "it limits the rate", 4),
        (
            "429 Too Many Requests",
            "Retry-After: 3600\r\n",
            errors.as_str(),
            "store-unreachable",
            "it limits",
            1,
        ),
        ("500 Internal Server Error", "", errors.as_str(), "store-unreachable", "(HTTP 500)", 4),
        ("503 Service Unavailable", "", errors.as_str(), "store-unreachable", "(HTTP 503)", 4),
        ("503 Service Unavailable", "", sealed.as_str(), "store-unreachable", "it is sealed", 1),
    ] {
        let bytes = answer(status, headers, body);
        let proxy = reading(move |_| bytes.clone());
        let found = render(&proxy.address(), "20").exits(3);
        let found =
            found.complains(&format!("error[{code}]")).complains(said).complains("apps/web/app.yaml:3:10");
        assert_eq!(proxy.count("GET /v1/kv/data/web"), tries, "{status} {said}\n{found}");
    }
}

#[test]
fn what_passes_is_tried_again() {
    for fault in
        ["429 Too Many Requests", "500 Internal Server Error", "502 Bad Gateway", "503 Service Unavailable"]
    {
        let tries = std::sync::atomic::AtomicUsize::new(0);
        let proxy = reading(move |_| match tries.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 => answer(fault, "Retry-After: 0\r\n", "{}"),
            1 => Vec::new(),
            _ => answer_json("200 OK", &secret("value")),
        });
        assert_eq!(values(&render(&proxy.address(), "20"))["TOKEN"], "value");
        assert_eq!(proxy.count("GET /v1/kv/data/web"), 3);
    }
}

#[test]
fn silence_ends_at_the_deadline() {
    let proxy = reading(|_| {
        thread::sleep(Duration::from_secs(3));
        Vec::new()
    });
    let found = render(&proxy.address(), "1.5").exits(3);
    found.complains("error[store-unreachable]").complains("it takes too long to answer");
    let repo = repo("", SECRETS);
    let mut command = render_command(&repo);
    command
        .env("VAULT_ADDR", proxy.address())
        .env("VAULT_TOKEN", "x")
        .env("SEALWRIGHT_STORE_TIMEOUT", "soon");
    run(&mut command).exits(3).complains("error[store-settings]: `SEALWRIGHT_STORE_TIMEOUT` is no good");
}

#[test]
fn a_sealed_store_is_asked_once_for_all_pointers() {
    let body = json!({"errors": ["Vault is sealed"]});
    let proxy = Proxy::answering(move |_| answer_json("503 Service Unavailable", &body));
    let secrets: String = (0..7).map(|n| format!("S{n}: ref+vault://kv/p{n}#/v\n")).collect();
    let repo = repo("", &secrets);
    let mut command = render_command(&repo);
    command.env("VAULT_ADDR", proxy.address()).env("VAULT_TOKEN", "x");
    run(&mut command).exits(3).complains("it is sealed").complains("error: 1 error");
    assert_eq!(proxy.asked().len(), 1);
}

#[test]
fn a_store_that_isn_t_there_is_said_once_for_all_pointers() {
    let secrets: String = (0..7).map(|n| format!("S{n}: ref+vault://kv/p{n}#/v\n")).collect();
    let repo = repo("", &secrets);
    for (address, said) in [
        (format!("http://{}", free_socket()), "the connection is refused"),
        ("http://nothing.invalid:8200".to_owned(), "its host's name isn't known"),
    ] {
        let mut command = render_command(&repo);
        command.env("VAULT_ADDR", &address).env("VAULT_TOKEN", "x").env("SEALWRIGHT_STORE_TIMEOUT", "20");
        run(&mut command)
            .exits(3)
            .complains(&format!("error[store-unreachable]: vault at {address}: {said}"))
            .complains("kv/p0 is needed")
            .complains("3 more pointers need it")
            .complains("error: 1 error");
    }
}
