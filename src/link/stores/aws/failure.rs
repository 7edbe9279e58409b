//! What an error of AWS's libraries means. Its texts hold names, ids and more, and are never shown.

use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::http::is_too_large;
use crate::link::calls::{Again, Failure};
use crate::link::store_fault::{Connection, Stage, StoreFault};
use crate::link::stores::cause;

/// The meaning of an error that a call ended with.
pub fn of<E>(error: &SdkError<E, HttpResponse>) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match error {
        SdkError::TimeoutError(_) => Failure::passing(StoreFault::TimedOut(Stage::Answer)),
        SdkError::DispatchFailure(failure) => match failure.as_connector_error() {
            Some(error) if is_too_large(error) => Failure::lasting(StoreFault::TooLarge),
            Some(error) if error.is_timeout() => Failure::passing(StoreFault::TimedOut(Stage::Connect)),
            Some(error) => cause::of(error).unwrap_or_else(no_connection),
            None => no_connection(),
        },
        SdkError::ServiceError(service) => {
            let status = service.raw().status().as_u16();
            let retry_after = service.raw().headers().get("retry-after");
            let retry_after = retry_after.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
            of_answer(service.err().code(), service.err().message(), Some(status), retry_after)
        }
        SdkError::ResponseError(response) => {
            let status = response.raw().status().as_u16();
            of_answer(None, None, Some(status), None)
        }
        _ => Failure::lasting(StoreFault::BadAnswer { status: None }),
    }
}

/// The meaning of a code that stands for one item of a batch.
pub fn of_item(code: Option<&str>, message: Option<&str>) -> StoreFault {
    of_answer(code, message, None, None).fault
}

fn of_answer(
    code: Option<&str>,
    message: Option<&str>,
    status: Option<u16>,
    retry_after: Option<Duration>,
) -> Failure {
    let says = |word: &str| message.is_some_and(|message| message.to_lowercase().contains(word));
    let again = retry_after.map_or(Again::Soon, Again::After);
    match code.unwrap_or_default() {
        "ResourceNotFoundException" | "ParameterNotFound" | "ParameterVersionNotFound" => {
            return Failure::lasting(StoreFault::NotFound);
        }
        "InvalidRequestException" if says("marked") => return Failure::lasting(StoreFault::Deleted),
        // The library signs again with the server's time once it has seen it.
        "RequestTimeTooSkewed" | "RequestExpired" => return Failure::passing(StoreFault::ClockSkew),
        "InvalidSignatureException" | "SignatureDoesNotMatch"
            if says("signature expired") || says("not yet current") =>
        {
            return Failure::passing(StoreFault::ClockSkew);
        }
        "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidAccessKeyId"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "IncompleteSignature"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "AuthFailure"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "TokenRefreshRequired" => return Failure::lasting(StoreFault::Unauthenticated),
        "AccessDeniedException" | "AccessDenied" | "UnauthorizedOperation" | "NotAuthorized"
        // A key of KMS that may not be used, or isn't there any more.
        | "DecryptionFailure" | "DecryptionFailureException" | "InvalidKeyId" | "KMSAccessDeniedException" => {
            return Failure::lasting(StoreFault::Forbidden);
        }
        "Throttling" | "ThrottlingException" | "ThrottledException" | "TooManyRequestsException"
        | "RequestLimitExceeded" | "RequestThrottled" | "RequestThrottledException" | "SlowDown" => {
            return Failure { fault: StoreFault::RateLimited, again };
        }
        "InternalServiceError" | "InternalServerError" | "InternalFailure" | "ServiceUnavailable"
        | "ServiceUnavailableException" => {
            let status = status.unwrap_or(500);
            return Failure { fault: StoreFault::Unavailable { status }, again };
        }
        _ => {}
    }
    match status {
        Some(300..=399) => Failure::lasting(StoreFault::Redirected),
        Some(401) => Failure::lasting(StoreFault::Unauthenticated),
        Some(403) => Failure::lasting(StoreFault::Forbidden),
        Some(429) => Failure { fault: StoreFault::RateLimited, again },
        Some(501) => Failure::lasting(StoreFault::Unavailable { status: 501 }),
        Some(status @ 500..=599) => Failure { fault: StoreFault::Unavailable { status }, again },
        _ => Failure::lasting(StoreFault::BadAnswer { status: status.filter(|status| *status != 200) }),
    }
}

fn no_connection() -> Failure {
    Failure::passing(StoreFault::NoConnection(Connection::Broken))
}
