//! What went wrong on the way to a server, read off the types in an error's chain of causes. The texts in it name
//! hosts, and more, and are never looked at.

use std::error::Error;
use std::io;

use rustls::CertificateError;

use crate::link::calls::Failure;
use crate::link::store_fault::{Connection, StoreFault, Trust};

/// What a resolver of ours fails with, so that it can be told from other errors.
#[derive(Debug, thiserror::Error)]
#[error("unknown host")]
pub struct UnknownHost;

/// The cause of an error; `None` if its chain holds nothing that is known.
pub fn of(error: &(dyn Error + 'static)) -> Option<Failure> {
    let mut connection = None;
    let mut cause = Some(error);
    while let Some(error) = cause {
        // An error of IO hides the one that it was made of.
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let inner = inner.map(|inner| inner as &(dyn Error + 'static));
        for error in [Some(error), inner].into_iter().flatten() {
            if let Some(error) = error.downcast_ref::<rustls::Error>() {
                return Some(Failure::lasting(StoreFault::Tls(trust(error))));
            }
            if error.is::<UnknownHost>() {
                return Some(Failure::passing(StoreFault::NoConnection(Connection::UnknownHost)));
            }
        }
        match error.downcast_ref::<io::Error>().map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) => connection = Some(Connection::Refused),
            Some(
                io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::UnexpectedEof,
            ) => connection = Some(Connection::Broken),
            _ => {}
        }
        cause = inner.or_else(|| error.source());
    }
    connection.map(|connection| Failure::passing(StoreFault::NoConnection(connection)))
}

fn trust(error: &rustls::Error) -> Trust {
    let rustls::Error::InvalidCertificate(error) = error else { return Trust::Other };
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Trust::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Trust::NotYetValid,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            Trust::WrongHost
        }
        CertificateError::UnknownIssuer => Trust::UnknownIssuer,
        CertificateError::Revoked => Trust::Revoked,
        _ => Trust::Other,
    }
}
