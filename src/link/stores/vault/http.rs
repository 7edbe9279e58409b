//! HTTP as Vault needs it: credentials go to one host and follow no redirect, answers have a limit, and errors
//! come out as facts.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, RequestBuilder};
use zeroize::Zeroizing;

use crate::link::calls::{Again, Calls, Failure};
use crate::link::store_fault::{Connection, Stage, StoreFault, Trust};
use crate::link::stores::cause::{self, UnknownHost};

/// The most bytes of an answer: four values, as JSON may escape some.
const MAX_ANSWER: usize = 4 << 20;

/// An answer of a server.
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// How long the server asks to be left alone.
    pub retry_after: Option<Duration>,
    /// The body.
    pub body: Zeroizing<Vec<u8>>,
}

/// A client that trusts `authorities`, or those of the system if there are none.
pub fn client(
    authorities: Option<Vec<Certificate>>,
    is_https: bool,
    calls: &Calls,
) -> Result<Client, StoreFault> {
    // Whoever came first has installed the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .redirect(Policy::none())
        .connect_timeout(calls.connect_limit())
        .dns_resolver(Arc::new(Resolver))
        .user_agent(concat!("sealwright/", env!("CARGO_PKG_VERSION")));
    builder = match authorities {
        Some(authorities) => builder.tls_certs_only(authorities),
        // Reading the system's authorities takes longer than a few plain requests.
        None if !is_https => builder.tls_certs_only([]),
        None => builder,
    };
    builder.build().map_err(|_| StoreFault::Tls(Trust::Other))
}

/// Sends a request once.
pub async fn send(request: RequestBuilder) -> Result<Response, Failure> {
    let mut response = request.send().await.map_err(|error| failure(&error))?;
    let status = response.status().as_u16();
    let retry_after = retry_after(response.headers());
    if response.content_length().is_some_and(|length| length > MAX_ANSWER as u64) {
        return Err(Failure::lasting(StoreFault::TooLarge));
    }
    let mut body = Zeroizing::new(Vec::new());
    while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(Failure::lasting(StoreFault::TooLarge));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Response { status, retry_after, body })
}

/// A failure to get what holds no value: that it is too large says nothing of a secret.
pub fn without_value(failure: Failure) -> Failure {
    match failure.fault {
        StoreFault::TooLarge => Failure::lasting(StoreFault::BadAnswer { status: None }),
        _ => failure,
    }
}

impl Response {
    /// What a status means that no caller expects.
    pub fn failure(&self) -> Failure {
        let unavailable = StoreFault::Unavailable { status: self.status };
        match self.status {
            300..=399 => Failure::lasting(StoreFault::Redirected),
            429 => Failure {
                fault: StoreFault::RateLimited,
                again: self.retry_after.map_or(Again::Soon, Again::After),
            },
            503 if self.says("sealed") => Failure::lasting(StoreFault::Sealed),
            // A replica that lags behind, a standby, and all that a load balancer says.
            412 | 472 | 473 | 500 | 502 | 504 => Failure::passing(unavailable),
            503 => Failure { fault: unavailable, again: self.retry_after.map_or(Again::Soon, Again::After) },
            501 => Failure::lasting(unavailable),
            status => Failure::lasting(StoreFault::BadAnswer { status: (status != 200).then_some(status) }),
        }
    }

    /// Whether the text of an error holds a word. The text itself is never shown.
    pub fn says(&self, word: &str) -> bool {
        let text = String::from_utf8_lossy(&self.body[..self.body.len().min(4096)]).to_lowercase();
        text.contains(word)
    }
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// What went wrong on the way.
fn failure(error: &reqwest::Error) -> Failure {
    if error.is_timeout() {
        let stage = if error.is_connect() { Stage::Connect } else { Stage::Answer };
        return Failure::passing(StoreFault::TimedOut(stage));
    }
    let unknown = if error.is_connect() { Connection::Other } else { Connection::Broken };
    cause::of(error).unwrap_or_else(|| Failure::passing(StoreFault::NoConnection(unknown)))
}

/// The system's own resolver, with an error that can be told from others.
struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(|_| UnknownHost)?;
            let found: Vec<SocketAddr> = found.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
