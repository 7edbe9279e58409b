//! AWS misbehaves: what is said, how often it is asked, and that nothing is written.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::aws::{command, render, repo};
use crate::proxy::{Proxy, answer, json as answer_json};
use crate::shop::{run, values};
use crate::support::{ACCOUNT, free_socket};

const SECRETS: &str = "WEB: ref+awssecrets://web";

fn secret(text: &str) -> Value {
    let arn = format!("arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:web-AbCdEf");
    json!({"ARN": arn, "Name": "web", "VersionId": "v1", "SecretString": text})
}

fn error(code: &str, message: &str) -> String {
    json!({"__type": code, "message": format!("{message} c4n4ry")}).to_string()
}

#[test]
fn each_fault_is_named_in_words_of_our_own() {
    let truncated = secret("c4n4ry-value").to_string();
    let truncated = &truncated[..truncated.len() - 4];
    let large = secret(&"c4n4ry".repeat(2 << 20)).to_string();
    let huge = secret(&"x".repeat((1 << 20) + 1)).to_string();
    let odd = json!({"ARN": ["c4n4ry"], "Name": "web"}).to_string();
    let bad = "400 Bad Request";
    for (status, headers, body, code, said, tries) in [
        ("200 OK", "", truncated, "store-failed", "its answer makes no sense", 1),
        ("200 OK", "", "<html>c4n4ry</html>", "store-failed", "its answer makes no sense", 1),
        ("200 OK", "Content-Encoding: gzip\r\n", "\u{1f}c4n4ry", "store-failed", "makes no sense", 1),
        ("200 OK", "", &odd, "store-failed", "its answer makes no sense", 1),
        ("200 OK", "", &large, "secret-too-large", "it is larger than 1 MiB", 1),
        ("200 OK", "", &huge, "secret-too-large", "it is larger than 1 MiB", 1),
        (bad, "", &error("ValidationException", ""), "store-failed", "(HTTP 400)", 1),
        (bad, "", &error("AccessDeniedException", ""), "store-denied", "reading it is forbidden", 1),
        (bad, "", &error("DecryptionFailure", ""), "store-denied", "reading it is forbidden", 1),
        (bad, "", &error("UnrecognizedClientException", ""), "store-denied", "doesn't accept the cred", 1),
        (bad, "", &error("ExpiredTokenException", ""), "store-denied", "doesn't accept the cred", 1),
        (
            bad,
            "",
            &error("InvalidSignatureException", "Signature expired: 20260101T000000Z is now earlier than"),
            "store-denied",
            "its clock and that of this machine differ",
            4,
        ),
        (bad, "", &error("ResourceNotFoundException", ""), "secret-not-found", "there is no web", 1),
        (bad, "", &error("ThrottlingException", ""), "store-unreachable", "it limits the rate", 4),
        ("429 Too Many Requests", "Retry-After: 3600\r\n", "{}", "store-unreachable", "it limits", 1),
        ("403 Forbidden", "", "{}", "store-denied", "reading it is forbidden", 1),
        (
            "500 Internal Server Error",
            "",
            &error("InternalServiceError", ""),
            "store-unreachable",
            "(HTTP 500)",
            4,
        ),
        ("503 Service Unavailable", "", "<html>", "store-unreachable", "(HTTP 503)", 4),
        (
            "307 Temporary Redirect",
            "Location: http://theirs.example/\r\n",
            "",
            "store-failed",
            "sends elsewhere",
            1,
        ),
    ] {
        let bytes = answer(status, headers, body);
        let proxy = Proxy::answering(move |_| bytes.clone());
        let found = render(&repo("", SECRETS), &proxy.address()).exits(3);
        let found =
            found.complains(&format!("error[{code}]")).complains(said).complains("apps/web/app.yaml:3:8");
        assert_eq!(proxy.asked().len(), tries, "{status} {said}\n{found}");
    }
}

#[test]
fn what_passes_is_tried_again() {
    let tries = AtomicUsize::new(0);
    let proxy = Proxy::answering(move |_| match tries.fetch_add(1, Ordering::SeqCst) {
        0 => answer("503 Service Unavailable", "Retry-After: 0\r\n", "{}"),
        1 => Vec::new(),
        2 => answer("400 Bad Request", "", &error("ThrottlingException", "")),
        _ => answer_json("200 OK", &secret("value")),
    });
    assert_eq!(values(&render(&repo("", SECRETS), &proxy.address()))["WEB"], "value");
    assert_eq!(proxy.asked().len(), 4);
}

#[test]
fn silence_ends_at_the_deadline() {
    let proxy = Proxy::answering(|_| {
        thread::sleep(Duration::from_secs(3));
        Vec::new()
    });
    let repo = repo("", SECRETS);
    let mut command = command(&repo, &proxy.address());
    run(command.env("SEALWRIGHT_STORE_TIMEOUT", "1.5"))
        .exits(3)
        .complains("error[store-unreachable]")
        .complains("it takes too long to answer");
}

#[test]
fn a_store_that_isn_t_there_is_said_once_for_all_pointers() {
    let secrets: String = (0..7).map(|n| format!("S{n}: ref+awssecrets://p{n}\n")).collect();
    for (address, said) in [
        (format!("http://{}", free_socket()), "the connection is refused"),
        ("http://nothing.invalid:8200".to_owned(), "its host's name isn't known"),
    ] {
        render(&repo("", &secrets), &address)
            .exits(3)
            .complains(&format!("error[store-unreachable]: awssecrets at {address}: {said}"))
            .complains("p0 is needed")
            .complains("3 more pointers need it")
            .complains("error: 1 error");
    }
}

#[test]
fn an_answer_that_is_far_too_long_is_given_up() {
    let padded = format!("{}{}", " ".repeat(9 << 20), secret("value"));
    let proxy = Proxy::answering(move |_| {
        format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{padded}").into_bytes()
    });
    render(&repo("", SECRETS), &proxy.address()).exits(3).complains("it is larger than 1 MiB");
    assert_eq!(proxy.asked().len(), 1);
}
