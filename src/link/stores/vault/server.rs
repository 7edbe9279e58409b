//! One Vault server and the token that requests to it carry.

use std::cell::Cell;
use std::rc::Rc;

use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Client, RequestBuilder, Url};
use serde::Deserialize;
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use super::http::{Response, send, without_value};
use super::login::{Credentials, Proof, Text};
use crate::link::address::Address;
use crate::link::calls::{Calls, Failure};
use crate::link::store_fault::StoreFault;

/// How often a run logs in to one server: once, and again when a token has expired, but not for ever.
const MAX_LOGINS: u32 = 4;

/// A server, and who we are to it.
pub struct Server {
    /// Where it is.
    pub address: Address,
    client: Client,
    credentials: Credentials,
    /// The namespace to log in to.
    namespace: Option<String>,
    /// The token in use, or why there is none: a login that was refused isn't tried again for each secret.
    session: Mutex<Option<Result<Rc<Session>, StoreFault>>>,
}

/// A token in use.
struct Session {
    token: HeaderValue,
    /// Which login it comes from.
    number: u32,
    /// Whether the server said that the token itself is good.
    is_proven: Cell<bool>,
}

/// What is read.
#[derive(Clone, Copy)]
pub struct Get<'a> {
    /// The steps of the path behind `/v1/`.
    pub path: &'a [&'a str],
    /// The version of the secret.
    pub version: Option<&'a str>,
    /// The namespace.
    pub namespace: Option<&'a str>,
}

impl Server {
    /// A server at an address that may receive the credentials.
    pub fn new(
        address: Address,
        client: Client,
        credentials: Credentials,
        namespace: Option<String>,
    ) -> Server {
        Server { address, client, credentials, namespace, session: Mutex::new(None) }
    }

    /// Reads something, with a fresh token if the present one has expired. The status is 200 or 404.
    pub async fn get(&self, get: Get<'_>, calls: &Calls) -> Result<Response, StoreFault> {
        let session = self.session(calls).await?;
        let response = self.get_as(&session, get, calls).await?;
        if response.status != 403 {
            return Ok(response);
        }
        let newer = self.renewed(&session, &response, calls).await?;
        let response = self.get_as(&newer, get, calls).await?;
        if response.status == 403 { Err(StoreFault::Forbidden) } else { Ok(response) }
    }

    async fn get_as(&self, session: &Session, get: Get<'_>, calls: &Calls) -> Result<Response, StoreFault> {
        let mut url = self.url(get.path);
        if let Some(version) = get.version {
            url.query_pairs_mut().append_pair("version", version);
        }
        calls
            .request(async || {
                let request = self.client.get(url.clone()).header("x-vault-token", &session.token);
                let response = send(prepared(request, get.namespace)?).await?;
                match response.status {
                    200 | 403 | 404 => Ok(response),
                    401 => Err(Failure::lasting(StoreFault::Unauthenticated)),
                    _ => Err(response.failure()),
                }
            })
            .await
    }

    /// The present token; the first to ask logs in.
    async fn session(&self, calls: &Calls) -> Result<Rc<Session>, StoreFault> {
        let mut present = self.session.lock().await;
        if let Some(known) = &*present {
            return known.clone();
        }
        let opened = self.log_in(1, calls).await;
        present.insert(opened).clone()
    }

    /// The token to use after one was denied something. That it was denied is all there is if the token is good.
    async fn renewed(
        &self,
        denied: &Session,
        response: &Response,
        calls: &Calls,
    ) -> Result<Rc<Session>, StoreFault> {
        let mut present = self.session.lock().await;
        match &*present {
            Some(Err(fault)) => return Err(fault.clone()),
            Some(Ok(newer)) if newer.number > denied.number => return Ok(newer.clone()),
            _ => {}
        }
        if self.is_good(denied, response, calls).await? {
            return Err(StoreFault::Forbidden);
        }
        if let Credentials::Token(_) = self.credentials {
            return Err(StoreFault::Unauthenticated);
        }
        if denied.number == MAX_LOGINS {
            return Err(StoreFault::Unauthenticated);
        }
        let opened = self.log_in(denied.number + 1, calls).await;
        present.insert(opened).clone()
    }

    /// Whether a token is good that was denied something. Servers say so in their ways; else they are asked, once.
    async fn is_good(
        &self,
        session: &Session,
        response: &Response,
        calls: &Calls,
    ) -> Result<bool, StoreFault> {
        if session.is_proven.get() {
            return Ok(true);
        }
        let is_good = match verdict(response) {
            Some(is_good) => is_good,
            None => {
                let path = ["auth", "token", "lookup-self"];
                let lookup = Get { path: &path, version: None, namespace: self.namespace.as_deref() };
                let response = self.get_as(session, lookup, calls).await?;
                response.status == 200 || verdict(&response).unwrap_or(false)
            }
        };
        session.is_proven.set(is_good);
        Ok(is_good)
    }

    async fn log_in(&self, number: u32, calls: &Calls) -> Result<Rc<Session>, StoreFault> {
        let token = match &self.credentials {
            Credentials::Token(token) => token.clone(),
            Credentials::Login { mount, proof } => self.token_for(mount, proof, calls).await?,
        };
        let mut token = HeaderValue::from_str(&token).map_err(|_| StoreFault::Unauthenticated)?;
        token.set_sensitive(true);
        Ok(Rc::new(Session { token, number, is_proven: Cell::new(false) }))
    }

    async fn token_for(&self, mount: &str, proof: &Proof, calls: &Calls) -> Result<Text, StoreFault> {
        #[derive(Deserialize)]
        struct Answer {
            auth: Option<Auth>,
        }
        #[derive(Deserialize)]
        struct Auth {
            client_token: String,
        }
        let path: Vec<&str> = ["auth"].into_iter().chain(mount.split('/')).chain(["login"]).collect();
        let url = self.url(&path);
        let refused = || Failure::lasting(StoreFault::LoginRefused { method: proof.method() });
        calls
            .request(async || {
                let body = proof.body(&self.client).await?;
                let request = self.client.post(url.clone()).header(CONTENT_TYPE, "application/json");
                let request = request.body(reqwest::Body::from(body.to_vec()));
                let response = send(prepared(request, self.namespace.as_deref())?).await;
                let response = response.map_err(without_value)?;
                match response.status {
                    200 => {
                        let answer: Answer = serde_json::from_slice(&response.body)
                            .map_err(|_| Failure::lasting(StoreFault::BadAnswer { status: None }))?;
                        answer.auth.map(|auth| Zeroizing::new(auth.client_token)).ok_or_else(refused)
                    }
                    // A method that isn't there answers 403, 404 or 405.
                    400 | 401 | 403 | 404 | 405 => Err(refused()),
                    _ => Err(response.failure()),
                }
            })
            .await
    }

    fn url(&self, path: &[&str]) -> Url {
        let mut url = Url::parse(&self.address.to_string()).expect("an address is a URL");
        let mut steps = url.path_segments_mut().expect("an address has a host");
        steps.pop_if_empty().push("v1").extend(path);
        drop(steps);
        url
    }
}

/// The request with what all of them have.
fn prepared(request: RequestBuilder, namespace: Option<&str>) -> Result<RequestBuilder, Failure> {
    let request = request.header("x-vault-request", "true");
    let Some(namespace) = namespace else { return Ok(request) };
    let value = HeaderValue::from_bytes(namespace.as_bytes()).map_err(|_| {
        Failure::lasting(StoreFault::Unsupported { what: "the name of the namespace can't be sent" })
    })?;
    Ok(request.header("x-vault-namespace", value))
}

/// What a denial says of the token itself, if it does: a policy denies in a list of errors.
fn verdict(response: &Response) -> Option<bool> {
    if response.status != 403 {
        None
    } else if response.says("invalid token") || response.says("bad token") {
        Some(false)
    } else if response.says("1 error occurred") || response.says("preflight capability") {
        Some(true)
    } else {
        None
    }
}
