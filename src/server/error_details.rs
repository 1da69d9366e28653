//! Answers that no use case made: tonic's own statuses, and panics. Both leave like every other
//! refusal, with a reason, details and a text in the caller's language.
//!
//! Two steps of `server`'s list. They tell tonic's statuses from ours by the details, which ours always have.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, OnceLock},
};

use futures_util::FutureExt;
use http::{HeaderMap, Request, Response};
use tonic::{Code, Status, body::Body};

use super::{
    method,
    step::{Next, Step},
};
use crate::{
    domain::{Fault, Reason, Refusal, access::Correlation, reason::Language},
    rpc::status,
};

const DETAILS: &str = "grpc-status-details-bin";
const ACCEPTED: &str = "grpc-accept-encoding";

/// The answer of a call that is refused.
pub(super) fn refuse(fault: impl Into<Fault>, language: Language) -> Response<Body> {
    status::status(&Refusal::from(fault.into()), language).into_http()
}

/// Gives tonic's own statuses a reason and details: an unknown method, a message too large, compressed, or of another type.
#[derive(Clone)]
pub(super) struct ErrorDetails {
    /// The address of the exchange, where this is the listener for joining: a method that is served there alone is told
    /// where. `None` on the exchange itself.
    pub exchange: Option<Arc<OnceLock<String>>>,
}

impl Step for ErrorDetails {
    async fn run(&self, request: Request<Body>, next: Next) -> Response<Body> {
        let language = status::language(request.headers());
        let known = method::name(request.uri().path()).is_some();
        let response = next.run(request).await;
        match bare(response.headers()).and_then(|status| self.fault(&status, known)) {
            Some(fault) => {
                let mut refused = refuse(fault, language);
                // Says what a client may compress with, which libraries read.
                if let Some(known) = response.headers().get(ACCEPTED) {
                    refused.headers_mut().insert(ACCEPTED, known.clone());
                }
                refused
            }
            None => response,
        }
    }
}

/// A status without details.
fn bare(headers: &HeaderMap) -> Option<Status> {
    if headers.contains_key(DETAILS) { None } else { Status::from_header_map(headers) }
}

impl ErrorDetails {
    /// Finds the fault that tonic meant, as `status` knows them.
    fn fault(&self, status: &Status, known_method: bool) -> Option<Fault> {
        match status.code() {
            // A method of ours that this listener does not serve.
            Code::Unimplemented if !known_method || status.message().is_empty() => {
                Some(self.not_served(known_method))
            }
            _ => status::fault_of_tonic(status),
        }
    }

    /// Why a method is not served here: there is none of this name, or it is served by the exchange, at another port.
    fn not_served(&self, known_method: bool) -> Fault {
        let exchange = self.exchange.as_ref().and_then(|address| address.get());
        match exchange.filter(|_| known_method) {
            Some(address) => Fault::from(Reason::JoiningOnly).with("address", address),
            None => Reason::MethodUnknown.into(),
        }
    }
}

/// Turns a panic into `INTERNAL_ERROR`, so that it costs one call and not the connection.
#[derive(Clone)]
pub(super) struct CatchPanic;

impl Step for CatchPanic {
    async fn run(&self, request: Request<Body>, next: Next) -> Response<Body> {
        let language = status::language(request.headers());
        let correlation = request.extensions().get::<Correlation>().copied().unwrap_or_default();
        match AssertUnwindSafe(next.run(request)).catch_unwind().await {
            Ok(response) => response,
            Err(_) => {
                // The panic's own text may hold anything; the panic hook has written where it happened.
                tracing::error!(%correlation, "a call panicked");
                refuse(Fault::from(Reason::InternalError).with("correlation", correlation), language)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tonic_types::StatusExt;

    use super::*;

    const METHOD: &str = "/gerbang.v1.AgencyService/WhoAmI";

    async fn detailed(path: &str, status: Status) -> Status {
        detailed_by(ErrorDetails { exchange: None }, path, status).await
    }

    async fn detailed_by(step: ErrorDetails, path: &str, status: Status) -> Status {
        let request = Request::builder().uri(path).header("accept-language", "id").body(Body::empty());
        let next = Next::new(|_| async move { status.into_http() });
        let response = step.run(request.unwrap(), next).await;
        Status::from_header_map(response.headers()).unwrap()
    }

    fn reason(status: &Status) -> String {
        status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
    }

    #[tokio::test]
    async fn tonics_own_statuses_get_details() {
        let text = "Error, decoded message length too large: found 9 bytes, the limit is: 8 bytes";
        let large = detailed(METHOD, Status::out_of_range(text)).await;
        assert_eq!(reason(&large), "MESSAGE_TOO_LARGE");
        assert_eq!(large.get_details_error_info().unwrap().metadata["max_bytes"], "8");
        let localized = large.get_details_localized_message().unwrap();
        assert!(localized.message.starts_with("Pesan ini"), "{}", localized.message);
        assert_eq!(reason(&detailed(METHOD, Status::internal("varint")).await), "MESSAGE_UNREADABLE");
        let compressed = detailed(METHOD, Status::unimplemented("Content is compressed with `zstd`")).await;
        assert_eq!(reason(&compressed), "COMPRESSION_UNSUPPORTED");
        for path in ["/x.Y/Z", METHOD] {
            assert_eq!(reason(&detailed(path, Status::unimplemented("")).await), "METHOD_UNKNOWN");
        }
    }

    #[tokio::test]
    async fn where_systems_join_the_exchange_is_told_of() {
        let joining = ErrorDetails { exchange: Some(Arc::new("gerbang.example:7443".to_owned().into())) };
        let told = detailed_by(joining.clone(), METHOD, Status::unimplemented("")).await;
        assert_eq!(reason(&told), "JOINING_ONLY");
        assert_eq!(told.get_details_error_info().unwrap().metadata["address"], "gerbang.example:7443");
        assert!(told.message().contains("gerbang.example:7443"), "{}", told.message());
        // What the exchange does not have either.
        let unknown = detailed_by(joining.clone(), "/x.Y/Z", Status::unimplemented("")).await;
        assert_eq!(reason(&unknown), "METHOD_UNKNOWN");
        // The method is served, and its message is compressed.
        let compressed = detailed_by(joining, METHOD, Status::unimplemented("Content is compressed")).await;
        assert_eq!(reason(&compressed), "COMPRESSION_UNSUPPORTED");
        // Nobody has said yet where the exchange is.
        let unset = ErrorDetails { exchange: Some(Arc::new(OnceLock::new())) };
        let unknown = detailed_by(unset, METHOD, Status::unimplemented("")).await;
        assert_eq!(reason(&unknown), "METHOD_UNKNOWN");
    }

    #[tokio::test]
    async fn other_statuses_pass_untouched() {
        let ours = status::status(&Reason::InternalError.into(), Language::English);
        assert_eq!(reason(&detailed(METHOD, ours).await), "INTERNAL_ERROR");
        let health = detailed("/grpc.health.v1.Health/Check", Status::not_found("no such service")).await;
        assert_eq!((health.code(), health.message()), (Code::NotFound, "no such service"));
        let request = Request::new(Body::empty());
        let step = ErrorDetails { exchange: None };
        let fine = step.run(request, Next::new(|_| async { Response::new(Body::empty()) })).await;
        assert!(fine.headers().is_empty());
    }

    #[tokio::test]
    async fn a_panic_answers_with_a_number() {
        let next = Next::new(|_| async { panic!("secret") });
        let mut request = Request::new(Body::empty());
        let number = Correlation(uuid::Uuid::from_u128(7));
        request.extensions_mut().insert(number);
        let response = CatchPanic.run(request, next).await;
        let status = Status::from_header_map(response.headers()).unwrap();
        assert_eq!(reason(&status), "INTERNAL_ERROR");
        let correlation = &status.get_details_error_info().unwrap().metadata["correlation"];
        assert_eq!(*correlation, number.to_string());
        assert!(status.message().contains(correlation) && !status.message().contains("secret"));
    }
}
