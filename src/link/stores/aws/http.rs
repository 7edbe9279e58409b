//! HTTP as AWS's libraries need it: no redirects, a limit to answers, and errors whose types tell the cause.

use std::error::Error;
use std::mem::replace;
use std::net::IpAddr;
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
    http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::link::store::Surroundings;
use crate::link::store_fault::StoreFault;
use crate::link::stores::cause::UnknownHost;

/// The most bytes of an answer: twenty secrets of 64 KiB, as JSON may escape them.
const MAX_ANSWER: usize = 8 << 20;
/// The variable that names a file with other authorities than the system's.
const AUTHORITIES: &str = "AWS_CA_BUNDLE";

/// A client for AWS's own services.
pub fn client(connect_limit: Duration, around: Surroundings<'_>) -> Result<SharedHttpClient, StoreFault> {
    let context = TlsContext::builder().with_trust_store(authorities(around)?);
    let context = context.build().map_err(|_| bad_authorities("it holds no certificates in PEM"))?;
    let settings = HttpConnectorSettings::builder().connect_timeout(connect_limit).build();
    Ok(shared(settings, context, ProxyConfig::from_env()))
}

/// A client for what tells a machine its role, near at hand: it is asked in plain text, past any proxy, and briefly.
pub fn metadata_client(limit: Duration) -> SharedHttpClient {
    let context = TlsContext::builder().with_trust_store(TrustStore::empty());
    let context = context.build().expect("an empty store of authorities is well-formed");
    let settings = HttpConnectorSettings::builder().connect_timeout(limit).read_timeout(limit).build();
    shared(settings, context, ProxyConfig::disabled())
}

/// One pool of connections, whatever a service would like of it.
fn shared(settings: HttpConnectorSettings, context: TlsContext, proxy: ProxyConfig) -> SharedHttpClient {
    let builder = Connector::builder().connector_settings(settings).proxy_config(proxy);
    let builder = builder.tls_provider(Provider::Rustls(CryptoMode::Ring)).tls_context(context);
    let connector = SharedHttpConnector::new(Bounded(builder.build_with_resolver(Resolver)));
    http_client_fn(move |_, _| connector.clone())
}

/// The authorities that the environment names, checked, as the library would panic.
fn authorities(around: Surroundings<'_>) -> Result<TrustStore, StoreFault> {
    let Some(path) = around.variable(AUTHORITIES) else { return Ok(TrustStore::default()) };
    let pem = std::fs::read(path).map_err(|_| bad_authorities("the file can't be read"))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let mut roots = RootCertStore::empty();
    let is_good = found.is_ok_and(|found| {
        !found.is_empty() && found.into_iter().all(|certificate| roots.add(certificate).is_ok())
    });
    if !is_good {
        return Err(bad_authorities("it holds no certificates in PEM"));
    }
    Ok(TrustStore::empty().with_pem_certificate(pem))
}

fn bad_authorities(why: &'static str) -> StoreFault {
    StoreFault::BadSetting { name: AUTHORITIES.to_owned(), span: None, why }
}

/// An answer that is larger than any could be.
#[derive(Debug, thiserror::Error)]
#[error("the answer is too large")]
struct TooLarge;

/// Reads an answer whole before the library sees it, up to a limit.
#[derive(Debug)]
struct Bounded(Connector);

impl HttpConnector for Bounded {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let answer = self.0.call(request);
        HttpConnectorFuture::new(async move { read(answer.await?).await })
    }
}

async fn read(mut response: HttpResponse) -> Result<HttpResponse, ConnectorError> {
    let too_large = || ConnectorError::user(Box::new(TooLarge));
    let body = replace(response.body_mut(), SdkBody::taken());
    if body.content_length().is_some_and(|length| length > MAX_ANSWER as u64) {
        return Err(too_large());
    }
    let mut stream = ByteStream::new(body);
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| ConnectorError::io(error.into()))?;
        if bytes.len() + chunk.len() > MAX_ANSWER {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    *response.body_mut() = SdkBody::from(bytes);
    Ok(response)
}

/// The system's own resolver, with an error that can be told from others.
#[derive(Clone, Debug)]
struct Resolver;

impl ResolveDns for Resolver {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move {
            let found = tokio::net::lookup_host((name, 0)).await;
            let found = found.map_err(|_| ResolveDnsError::new(UnknownHost))?;
            Ok(found.map(|socket| socket.ip()).collect::<Vec<IpAddr>>())
        })
    }
}

/// Whether an answer was given up because of its size.
pub fn is_too_large(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<TooLarge>() {
            return true;
        }
        cause = error.source();
    }
    false
}
