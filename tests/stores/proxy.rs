//! A server that notes what it is asked, and answers itself or passes it on.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// A server on loopback; it ends with the test.
pub struct Proxy {
    /// Where it listens.
    pub socket: SocketAddr,
    state: Arc<State>,
}

type Answer = Box<dyn Fn(&Asked) -> Vec<u8> + Send + Sync>;

struct State {
    asked: Mutex<Vec<Asked>>,
    in_flight: AtomicUsize,
    most: AtomicUsize,
    is_over: AtomicBool,
    answer: Answer,
}

/// One request.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Method and path, `GET /v1/x`.
    pub line: String,
    /// All of it.
    pub text: String,
}

impl Proxy {
    /// A server that passes everything on, after a moment in which others may come.
    pub fn to(server: SocketAddr) -> Proxy {
        Proxy::answering(move |asked| {
            thread::sleep(Duration::from_millis(5));
            Proxy::pass(asked, server)
        })
    }

    /// What another server answers.
    pub fn pass(asked: &Asked, server: SocketAddr) -> Vec<u8> {
        let mut stream = TcpStream::connect(server).expect("the server listens");
        stream.write_all(asked.text.as_bytes()).expect("the server reads");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("the server answers");
        answer
    }

    /// A server that answers itself.
    pub fn answering(answer: impl Fn(&Asked) -> Vec<u8> + Send + Sync + 'static) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let socket = listener.local_addr().expect("it has an address");
        let state = Arc::new(State {
            asked: Mutex::new(Vec::new()),
            in_flight: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
            answer: Box::new(answer),
        });
        let shared = state.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if shared.is_over.load(Ordering::SeqCst) {
                    break;
                }
                let state = shared.clone();
                thread::spawn(move || state.serve(stream));
            }
        });
        Proxy { socket, state }
    }

    /// Its address.
    pub fn address(&self) -> String {
        format!("http://{}", self.socket)
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.state.asked.lock().expect("no thread panics").clone()
    }

    /// How many requests begin like this.
    pub fn count(&self, begin: &str) -> usize {
        self.asked().iter().filter(|asked| asked.line.starts_with(begin)).count()
    }

    /// How many requests it had at once.
    pub fn most_in_flight(&self) -> usize {
        self.state.most.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.state.is_over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.socket);
    }
}

impl State {
    /// One request a connection.
    fn serve(&self, mut stream: TcpStream) {
        let Some(asked) = read(&mut stream) else { return };
        let present = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(present, Ordering::SeqCst);
        self.asked.lock().expect("no thread panics").push(asked.clone());
        let answer = (self.answer)(&asked);
        self.in_flight.fetch_sub(1, Ordering::SeqCst);
        let _ = stream.write_all(&answer);
    }
}

/// A request, changed so that the connection ends after its answer.
pub fn read(stream: &mut impl Read) -> Option<Asked> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        let length = stream.read(&mut chunk).ok().filter(|length| *length > 0)?;
        bytes.extend_from_slice(&chunk[..length]);
    };
    let text = String::from_utf8(bytes[..head].to_vec()).ok()?;
    let length = text.lines().find_map(|line| {
        line.to_ascii_lowercase()
            .strip_prefix("content-length:")
            .and_then(|length| length.trim().parse().ok())
    });
    while bytes.len() < head + 4 + length.unwrap_or(0) {
        let length = stream.read(&mut chunk).ok().filter(|length| *length > 0)?;
        bytes.extend_from_slice(&chunk[..length]);
    }
    let body = String::from_utf8(bytes[head..].to_vec()).ok()?;
    let line = text.lines().next()?.trim_end_matches(" HTTP/1.1").to_owned();
    Some(Asked { line, text: format!("{text}\r\nConnection: close{body}") })
}

/// An answer with a body of JSON.
pub fn json(status: &str, body: &serde_json::Value) -> Vec<u8> {
    answer(status, "Content-Type: application/json\r\n", &body.to_string())
}

/// An answer.
pub fn answer(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}")
        .into_bytes()
}
