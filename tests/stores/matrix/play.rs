//! A server that plays a store which something is wrong with.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::{Mutex, OnceLock};

use serde_json::{Value, json};

use super::canaries::{ISSUED, NAME, TEXT, VALUE};
use super::fault::Fault::{self, *};
use super::server::Reply;
use super::store::{OTHER, Purpose, Store, content};
use crate::aws::operation;
use crate::proxy::{Asked, answer, json as answer_json};
use crate::support::python_tools;

/// A store and what is wrong with it.
pub struct Play {
    store: Store,
    fault: Fault,
    /// Someone else's server.
    theirs: SocketAddr,
    past: Mutex<Past>,
}

/// What happened so far.
#[derive(Default)]
struct Past {
    /// How often each request was made.
    times: HashMap<String, usize>,
    reads: usize,
    logins: usize,
}

const OK: &str = "200 OK";
/// The time of a store whose clock is another.
const DATE: &str = "Date: Tue, 24 Nov 2093 10:00:00 GMT\r\n";

impl Play {
    /// A store with a fault. `theirs` is where it redirects to.
    pub fn new(store: Store, fault: Fault, theirs: SocketAddr) -> Play {
        Play { store, fault, theirs, past: Mutex::default() }
    }

    /// What comes of a request.
    pub fn reply(&self, asked: &Asked) -> Reply {
        let purpose = self.store.purpose(asked);
        let mut past = self.past.lock().expect("no thread panics");
        let times = past.times.entry(key(asked)).or_default();
        *times += 1;
        let is_first = *times == 1;
        let healthy = self.store.answer(asked, past.logins, &content);
        if purpose == Purpose::Login {
            past.logins += 1;
        }
        if self.fault == ExpiredMidway {
            if self.is_expired(asked, purpose, &past) {
                return Reply::Whole(self.expired());
            }
            past.reads += usize::from(purpose == Purpose::Read);
            return Reply::Whole(answer_json(OK, &healthy));
        }
        if purpose != self.store.afflicted() {
            return Reply::Whole(answer_json(OK, &healthy));
        }
        self.afflicted(asked, is_first, &healthy)
    }

    fn afflicted(&self, asked: &Asked, is_first: bool, healthy: &Value) -> Reply {
        let whole = answer_json(OK, healthy);
        let text = healthy.to_string();
        Reply::Whole(match self.fault {
            Silence => return Reply::Silence,
            SlowBody => return Reply::Slow(whole),
            CutBody => return Reply::Cut(whole),
            EndlessBody => {
                let body = format!("\"{VALUE}\",").repeat(1 << 10);
                let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n";
                return Reply::Endless(format!("{head}{body}").into_bytes());
            }
            Status400 => self.error("400 Bad Request", "", "ValidationException", TEXT),
            Status403 => self.error("403 Forbidden", "", "AccessDeniedException", TEXT),
            Status404 => self.error("404 Not Found", "", "", TEXT),
            LimitedForASecond if is_first => self.limited("Retry-After: 1\r\n"),
            LimitedOnce if is_first => self.limited(""),
            LimitedForEver => self.limited(""),
            Status500Once if is_first => self.broken(),
            Status500 => self.broken(),
            OutOfService => self.error(
                "503 Service Unavailable",
                "",
                "ServiceUnavailable",
                &format!("Vault is sealed {TEXT}"),
            ),
            PartialBatch => answer_json(OK, &self.partial(asked, healthy)),
            MissingItem => self.without_item(asked, healthy),
            MissingField => answer_json(OK, &self.without_field(asked)),
            TruncatedJson => answer(OK, JSON, &text[..text.len() - 3]),
            WrongType => answer_json(OK, &self.of_wrong_type(asked)),
            Html => answer(OK, "Content-Type: text/html\r\n", &format!("<html>{TEXT} {VALUE}</html>")),
            GzipBomb => {
                let head = format!(
                    "HTTP/1.1 200 OK\r\n{JSON}Content-Encoding: gzip\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                    bomb().len()
                );
                [head.as_bytes(), bomb()].concat()
            }
            Redirect => {
                let location = format!("Location: http://{}/{TEXT}\r\n", self.theirs);
                answer("307 Temporary Redirect", &location, TEXT)
            }
            ClockSkew => self.error("403 Forbidden", DATE, "RequestTimeTooSkewed", TEXT),
            PassingClockSkew if !asked.text.contains("\r\nx-amz-date: 209311") => {
                self.error("403 Forbidden", DATE, "RequestTimeTooSkewed", TEXT)
            }
            _ => whole,
        })
    }

    /// An answer in the store's form of an error.
    fn error(&self, status: &str, headers: &str, code: &str, text: &str) -> Vec<u8> {
        let body = match self.store.is_vault() {
            true => json!({ "errors": [text] }),
            false if code.is_empty() => json!({ "message": text }),
            false => json!({ "__type": code, "message": text }),
        };
        answer(status, &format!("{JSON}{headers}"), &body.to_string())
    }

    fn limited(&self, headers: &str) -> Vec<u8> {
        self.error("429 Too Many Requests", headers, "ThrottlingException", TEXT)
    }

    fn broken(&self) -> Vec<u8> {
        self.error("500 Internal Server Error", "", "InternalServiceError", TEXT)
    }

    /// Whether a request comes with what was good for the first read alone. The second login's is good for ever.
    fn is_expired(&self, asked: &Asked, purpose: Purpose, past: &Past) -> bool {
        purpose != Purpose::Login && past.reads > 0 && !asked.text.contains(ISSUED[1])
    }

    fn expired(&self) -> Vec<u8> {
        let text = format!("permission denied: invalid token {TEXT}");
        let status = if self.store.is_vault() { "403 Forbidden" } else { "400 Bad Request" };
        self.error(status, "", "ExpiredTokenException", &text)
    }

    /// A batch in which nothing is said of one item, or that it failed for the moment.
    fn partial(&self, asked: &Asked, healthy: &Value) -> Value {
        let mut answer = healthy.clone();
        if operation(asked) == "BatchGetSecretValue" {
            let error = json!({"SecretId": OTHER, "ErrorCode": "InternalServiceError", "Message": TEXT});
            answer["Errors"] = json!([error]);
        }
        for list in ["SecretValues", "Parameters"] {
            if let Some(list) = answer.get_mut(list).and_then(Value::as_array_mut) {
                list.retain(|item| !item["Name"].as_str().is_some_and(|name| name.ends_with(OTHER)));
            }
        }
        answer
    }

    fn without_item(&self, asked: &Asked, healthy: &Value) -> Vec<u8> {
        let mut answer = self.partial(asked, healthy);
        match self.store {
            Store::Vault if asked.line.ends_with(OTHER) => {
                return self.error("404 Not Found", "", "", TEXT);
            }
            Store::Secrets if operation(asked) == "BatchGetSecretValue" => {
                answer["Errors"][0]["ErrorCode"] = "ResourceNotFoundException".into();
            }
            Store::Parameters => answer["InvalidParameters"] = json!(["/shop/other"]),
            _ => {}
        }
        answer_json(OK, &answer)
    }

    /// A healthy answer in which one secret has other fields. Vault tells the names of fields; the names within a
    /// value of AWS are as secret as all of it.
    fn without_field(&self, asked: &Asked) -> Value {
        let name = if self.store.is_vault() { "tokens" } else { NAME };
        let other = |item: &str| match item == OTHER {
            true => json!({ name: VALUE }),
            false => content(item),
        };
        match self.store {
            Store::Login => json!({"auth": {"accessor": TEXT}}),
            Store::Mounts => json!({"data": {"path": "kv/", "accessor": TEXT}}),
            _ => self.store.answer(asked, 0, &other),
        }
    }

    /// An answer that is JSON of another shape.
    fn of_wrong_type(&self, asked: &Asked) -> Value {
        match self.store {
            Store::Vault => json!({"data": {"data": [VALUE], "metadata": {"version": 1}}}),
            Store::Login => json!({"auth": {"client_token": [ISSUED[0]]}}),
            Store::Mounts => json!({"data": [TEXT]}),
            Store::Secrets if operation(asked) == "GetSecretValue" => {
                json!({"ARN": [VALUE], "Name": "web", "SecretString": {"token": VALUE}})
            }
            Store::Secrets => json!({"SecretValues": VALUE}),
            Store::Parameters => json!({"Parameters": {"Name": VALUE}}),
        }
    }
}

const JSON: &str = "Content-Type: application/json\r\n";

/// By what one request is known for another.
pub fn key(asked: &Asked) -> String {
    let body = asked.text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    format!("{} {body}", asked.line)
}

/// The bytes that the bomb becomes.
pub const BLAST: usize = 512 << 20;

/// A small gzip of many bytes.
fn bomb() -> &'static [u8] {
    static BOMB: OnceLock<Vec<u8>> = OnceLock::new();
    BOMB.get_or_init(|| {
        let make = "import sys, zlib\n\
                    z = zlib.compressobj(1, zlib.DEFLATED, 31)\n\
                    out = sys.stdout.buffer\n\
                    out.write(z.compress(b'[\"'))\n\
                    for _ in range(int(sys.argv[1]) >> 20): out.write(z.compress(b'x' * (1 << 20)))\n\
                    out.write(z.flush())";
        let output = Command::new(python_tools()).args(["-c", make, &BLAST.to_string()]).output();
        let output = output.expect("Python starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    })
}
