//! A server that can break off, dawdle and go on for ever, in plain text or over TLS.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::proxy::{Asked, read};

/// What happens on a connection after its request.
pub enum Reply {
    /// All of these bytes are sent.
    Whole(Vec<u8>),
    /// Nothing is sent.
    Silence,
    /// The head is sent, then a byte of the body each second.
    Slow(Vec<u8>),
    /// The connection ends in the middle of the body.
    Cut(Vec<u8>),
    /// The head is sent, then the body over and over.
    Endless(Vec<u8>),
}

/// A server on loopback; it ends when it is dropped.
pub struct Server {
    /// Where it listens.
    pub socket: SocketAddr,
    state: Arc<State>,
}

type Answer = Box<dyn Fn(&Asked) -> Reply + Send + Sync>;

struct State {
    asked: Mutex<Vec<(Instant, Asked)>>,
    /// The most bytes that one endless answer had.
    most_sent: AtomicUsize,
    connections: AtomicUsize,
    is_over: AtomicBool,
    tls: Option<Arc<ServerConfig>>,
    answer: Answer,
}

impl Server {
    /// A server, which speaks TLS if it has a configuration for it.
    pub fn start(
        tls: Option<Arc<ServerConfig>>,
        answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let socket = listener.local_addr().expect("it has an address");
        let state = Arc::new(State {
            asked: Mutex::default(),
            most_sent: AtomicUsize::new(0),
            connections: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
            tls,
            answer: Box::new(answer),
        });
        let shared = state.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if shared.is_over.load(Ordering::SeqCst) {
                    break;
                }
                shared.connections.fetch_add(1, Ordering::SeqCst);
                let state = shared.clone();
                thread::spawn(move || state.accept(stream));
            }
        });
        Server { socket, state }
    }

    /// What it was asked so far, and when.
    pub fn asked(&self) -> Vec<(Instant, Asked)> {
        self.state.asked.lock().expect("no thread panics").clone()
    }

    /// How many connections it had.
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// The most bytes that were taken from an endless answer.
    pub fn most_sent(&self) -> usize {
        self.state.most_sent.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.state.is_over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.socket);
    }
}

impl State {
    fn accept(&self, stream: TcpStream) {
        let Some(tls) = &self.tls else { return self.serve(stream) };
        let connection = ServerConnection::new(tls.clone()).expect("the configuration is whole");
        self.serve(StreamOwned::new(connection, stream));
    }

    /// One request a connection. Whatever can't be sent any more isn't wanted.
    fn serve(&self, mut stream: impl Read + Write) {
        let Some(asked) = read(&mut stream) else { return };
        self.asked.lock().expect("no thread panics").push((Instant::now(), asked.clone()));
        match (self.answer)(&asked) {
            Reply::Whole(bytes) => {
                let _ = stream.write_all(&bytes).and_then(|()| stream.flush());
            }
            Reply::Silence => {
                // Ends when the other side hangs up.
                let _ = stream.read(&mut [0]);
            }
            Reply::Slow(bytes) => {
                let (head, body) = bytes.split_at(body_of(&bytes));
                let mut is_sent = stream.write_all(head).is_ok();
                for byte in body {
                    is_sent = is_sent && stream.write_all(&[*byte]).and_then(|()| stream.flush()).is_ok();
                    if !is_sent || self.is_over.load(Ordering::SeqCst) {
                        break;
                    }
                    thread::sleep(Duration::from_secs(1));
                }
            }
            Reply::Cut(bytes) => {
                let begin = body_of(&bytes);
                let _ = stream.write_all(&bytes[..begin.midpoint(bytes.len())]);
            }
            Reply::Endless(bytes) => {
                let (head, body) = bytes.split_at(body_of(&bytes));
                let is_begun = stream.write_all(head).is_ok();
                let mut sent = 0;
                while is_begun && sent < ENDLESS && stream.write_all(body).is_ok() {
                    sent += body.len();
                }
                self.most_sent.fetch_max(sent, Ordering::SeqCst);
            }
        }
    }
}

/// The bytes after which an endless answer ends after all.
pub const ENDLESS: usize = 256 << 20;

/// Where the body of an answer begins.
fn body_of(bytes: &[u8]) -> usize {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
    end.expect("an answer has a head") + 4
}

/// A configuration for TLS with a certificate and its key, `NAME.pem` and `NAME.key` in a folder.
pub fn tls(folder: &Path, name: &str) -> Arc<ServerConfig> {
    let file = |kind| folder.join(format!("{name}.{kind}"));
    let certificate = CertificateDer::from_pem_file(file("pem")).expect("the certificate was made");
    let key = PrivateKeyDer::from_pem_file(file("key")).expect("the key was made");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider has its own versions")
        .with_no_client_auth();
    Arc::new(config.with_single_cert(vec![certificate], key).expect("the key is that of the certificate"))
}

/// Where a host takes no more connections and says nothing: the queue of a listener that accepts none is full.
pub fn full() -> SocketAddr {
    static FULL: OnceLock<(TcpListener, SocketAddr, Vec<TcpStream>)> = OnceLock::new();
    let (_, socket, _) = FULL.get_or_init(|| {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let socket = listener.local_addr().expect("it has an address");
        let mut waiting = Vec::new();
        let mut failures = 0;
        // One that is slow to be made may be for another reason.
        while failures < 3 {
            match TcpStream::connect_timeout(&socket, Duration::from_millis(500)) {
                Ok(stream) => waiting.push(stream),
                Err(error) if error.kind() == ErrorKind::TimedOut => failures += 1,
                Err(error) => panic!("the queue can't be filled: {error}"),
            }
        }
        (listener, socket, waiting)
    });
    *socket
}
