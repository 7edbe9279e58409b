//! How long fetching takes when every request takes 20 ms, beside what it would take at best: as many rounds of 16
//! requests as there must be.

#[path = "../tests/support/mod.rs"]
mod support;

#[allow(dead_code)]
#[path = "../tests/stores/aws.rs"]
mod aws;
#[allow(dead_code)]
#[path = "../tests/stores/proxy.rs"]
mod proxy;
#[allow(dead_code)]
#[path = "../tests/stores/shop.rs"]
mod shop;

use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::proxy::{Asked, Proxy, json as answer};
use crate::support::{ACCOUNT, Repo};

const LATENCY: Duration = Duration::from_millis(20);
const RUNS: usize = 5;

fn main() {
    println!("store          secrets  requests   at best   fetching   times");
    let secrets: String = (0..1000).map(|n| format!("S{n}: ref+awssecrets://many/{n}\n")).collect();
    measure("awssecrets", 1000, 4, &aws::repo("", &secrets), aws_answer);
    let secrets: String = (0..1000).map(|n| format!("S{n}: ref+awsssm:///many/{n}\n")).collect();
    measure("awsssm", 1000, 7, &aws::repo("", &secrets), aws_answer);
    let secrets: String =
        (0..1000).map(|n| format!("S{n}: ref+vault://kv/p{}#/f{}\n", n / 5, n % 5)).collect();
    // One request for the mount, then thirteen rounds.
    measure("vault", 1000, 14, &shop::repo("", &secrets), vault_answer);
}

/// Fetches several times; what counts is the time from the first request to the last answer.
fn measure(store: &str, secrets: usize, rounds: u32, repo: &Repo, answer: fn(&Asked) -> Vec<u8>) {
    let mut times = Vec::new();
    let mut requests = 0;
    for _ in 0..RUNS {
        let span: Arc<Mutex<Option<(Instant, Instant)>>> = Arc::default();
        let seen = span.clone();
        let proxy = Proxy::answering(move |asked| {
            let begin = Instant::now();
            sleep(LATENCY);
            let answer = answer(asked);
            let mut span = seen.lock().expect("no thread panics");
            let first = span.map_or(begin, |(first, _)| first.min(begin));
            *span = Some((first, Instant::now()));
            answer
        });
        let mut command = aws::command(repo, &proxy.address());
        command.env("VAULT_ADDR", proxy.address()).env("VAULT_TOKEN", "root");
        shop::run(&mut command).succeeds();
        let (first, last) = span.lock().expect("no thread panics").expect("something is asked");
        times.push(last - first);
        requests = proxy.asked().len();
    }
    times.sort();
    let (took, ideal) = (times[RUNS / 2], LATENCY * rounds);
    println!(
        "{store:<14} {secrets:>7} {requests:>9} {:>6} ms {:>7} ms {:>7.2}",
        ideal.as_millis(),
        took.as_millis(),
        took.as_secs_f64() / ideal.as_secs_f64()
    );
}

fn aws_answer(asked: &Asked) -> Vec<u8> {
    let body = aws::body(asked);
    let each = |key: &str, make: fn(&str) -> Value| -> Vec<Value> {
        let names = body[key].as_array().expect("names are asked for");
        names.iter().map(|name| make(name.as_str().expect("a name is text"))).collect()
    };
    let found = match aws::operation(asked).as_str() {
        "BatchGetSecretValue" => json!({ "SecretValues": each("SecretIdList", secret), "Errors": [] }),
        _ => json!({ "Parameters": each("Names", parameter), "InvalidParameters": [] }),
    };
    answer("200 OK", &found)
}

fn secret(name: &str) -> Value {
    let arn = format!("arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:{name}-AbCdEf");
    json!({"ARN": arn, "Name": name, "VersionId": "v1", "SecretString": "value"})
}

fn parameter(name: &str) -> Value {
    let arn = format!("arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter{name}");
    json!({"ARN": arn, "Name": name, "Type": "SecureString", "Value": "value", "Version": 1})
}

fn vault_answer(asked: &Asked) -> Vec<u8> {
    let found = match asked.line.contains("/sys/internal/ui/mounts/") {
        true => json!({"data": {"path": "kv/", "type": "kv", "options": {"version": "2"}}}),
        false => json!({"data": {
            "data": {"f0": "a", "f1": "b", "f2": "c", "f3": "d", "f4": "e"},
            "metadata": {"version": 1, "destroyed": false},
        }}),
    };
    answer("200 OK", &found)
}
