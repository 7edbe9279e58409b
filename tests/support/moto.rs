use std::fs::File;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use super::{free_socket, http, python_tools};

/// The region that tests use when nothing else is said.
pub const REGION: &str = "eu-west-1";
/// The account of whoever isn't someone else.
pub const ACCOUNT: &str = "123456789012";

/// A server of moto, which plays AWS for one test and ends with it.
pub struct Moto {
    server: Child,
    /// Where it listens.
    pub socket: SocketAddr,
    /// Its log.
    _folder: TempDir,
}

impl Moto {
    /// Starts a server on a free port.
    pub fn start() -> Moto {
        // Another process may take the port between looking for it and listening.
        (0..5).find_map(|_| Moto::try_start(None)).expect("moto starts")
    }

    /// Starts a server that speaks TLS with a certificate and its key, both in PEM.
    pub fn start_tls(certificate: &Path, key: &Path) -> Moto {
        (0..5).find_map(|_| Moto::try_start(Some((certificate, key)))).expect("moto starts")
    }

    fn try_start(tls: Option<(&Path, &Path)>) -> Option<Moto> {
        let folder = tempfile::tempdir().expect("the system has a folder for temporary files");
        let socket = free_socket();
        let log = File::create(folder.path().join("log")).expect("a file can be made");
        let mut command = Command::new(python_tools());
        command.args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &socket.port().to_string()]);
        if let Some((certificate, key)) = tls {
            command.arg("-c").arg(certificate).arg("-k").arg(key);
        }
        let server = command
            .env_clear()
            .env("HOME", folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a file can be shared"))
            .stderr(log)
            .spawn()
            .expect("Python starts");
        let mut moto = Moto { server, socket, _folder: folder };
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(60) {
            if moto.server.try_wait().expect("a child can be asked").is_some() {
                return None;
            }
            let is_there = match tls {
                Some(_) => TcpStream::connect(socket).is_ok(),
                None => http(socket, "GET", "/moto-api/data.json", "", "").is_some(),
            };
            if is_there {
                return Some(moto);
            }
            thread::sleep(Duration::from_millis(50));
        }
        None
    }

    /// Its address.
    pub fn address(&self) -> String {
        format!("http://{}", self.socket)
    }

    /// Calls an operation such as `secretsmanager.CreateSecret` or `AmazonSSM.PutParameter`.
    #[track_caller]
    pub fn call(&self, operation: &str, body: Value) -> Value {
        self.call_as("test", REGION, operation, body)
    }

    /// Calls an operation in a region with an access key, which tells the account.
    #[track_caller]
    pub fn call_as(&self, key: &str, region: &str, operation: &str, body: Value) -> Value {
        let service = if operation.starts_with("AmazonSSM") { "ssm" } else { "secretsmanager" };
        let headers = format!(
            "Content-Type: application/x-amz-json-1.1\r\nX-Amz-Target: {operation}\r\n{}",
            authorization(key, region, service)
        );
        let (status, answer) =
            http(self.socket, "POST", "/", &headers, &body.to_string()).expect("moto answers");
        assert_eq!(status, 200, "{operation} {body}: {answer}");
        serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{error}: {answer}"))
    }

    /// The access key of a session as a role.
    pub fn assume(&self, role: &str) -> String {
        let headers = format!(
            "Content-Type: application/x-www-form-urlencoded\r\n{}",
            authorization("test", REGION, "sts")
        );
        let body = format!("Action=AssumeRole&Version=2011-06-15&RoleSessionName=seed&RoleArn={role}");
        let (status, answer) = http(self.socket, "POST", "/", &headers, &body).expect("moto answers");
        assert_eq!(status, 200, "{answer}");
        let (_, key) = answer.split_once("<AccessKeyId>").expect("a session has a key");
        key.split_once('<').expect("the key ends").0.to_owned()
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A header by which moto tells service, region and account; it verifies no signature.
fn authorization(key: &str, region: &str, service: &str) -> String {
    format!(
        "Authorization: AWS4-HMAC-SHA256 Credential={key}/20260101/{region}/{service}/aws4_request, \
         SignedHeaders=host, Signature=0\r\n"
    )
}
