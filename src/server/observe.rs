//! Observes each call: writes one log line and three metrics, from one description of the call.
//!
//! The outermost step of `server`'s list, so that it sees what the caller sees. Holds no personal data and
//! no message text: method, code, reason, who, how long.

use std::net::SocketAddr;

use http::{HeaderMap, Request, Response};
use tonic::{Code, Status, body::Body};
use tonic_types::StatusExt;

use super::{
    call::{Call, Outcome},
    connection::Client,
    log, method, metrics, outside,
    step::{Next, Step},
};
use crate::{
    domain::{
        Reason,
        access::{Identity, Peer},
    },
    keeper::sightings::Sightings,
};

/// Logs and counts every call.
#[derive(Clone)]
pub(super) struct Observe {
    /// The notes of which certificates were used, where callers have any.
    pub sightings: Option<Sightings>,
}

impl Step for Observe {
    async fn run(&self, request: Request<Body>, next: Next) -> Response<Body> {
        let begin = outside::instant();
        let method = method::name(request.uri().path()).unwrap_or("unknown");
        let peer = request.extensions().get::<Peer>().cloned();
        let caller = peer.as_ref().and_then(|peer| peer.identity.clone().ok());
        let client = request.extensions().get::<Client>().map(|client| client.0);
        // A caller that goes away drops this future; the call is then told as cancelled.
        let mut guard = Unfinished { method, caller, client, begin, told: false };
        let response = next.run(request).await;
        let outcome = outcome(response.headers());
        if let (Some(sightings), Some(peer), Code::Ok) = (&self.sightings, &peer, outcome.code) {
            sightings.saw(peer);
        }
        guard.tell(outcome);
        response
    }
}

/// A call that has not been told of yet.
struct Unfinished {
    method: &'static str,
    caller: Option<Identity>,
    client: Option<SocketAddr>,
    begin: tokio::time::Instant,
    told: bool,
}

impl Unfinished {
    fn tell(&mut self, outcome: Outcome) {
        self.told = true;
        let took = self.begin.elapsed();
        let (caller, client) = (self.caller.take(), self.client);
        let call = Call { method: self.method, outcome, caller, client, took };
        metrics::call(&call);
        log::call(&call);
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.told {
            self.tell(Outcome::of(Code::Cancelled));
        }
    }
}

/// Code, reason and correlation of an answer. A status that follows a stream is not waited for.
fn outcome(headers: &HeaderMap) -> Outcome {
    let Some(status) = Status::from_header_map(headers) else { return Outcome::of(Code::Ok) };
    let info = status.get_details_error_info();
    let reason = info.as_ref().and_then(|info| Reason::from_code(&info.reason));
    let correlation = info.and_then(|mut info| info.metadata.remove("correlation"));
    Outcome { code: status.code(), reason, correlation }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{Fault, reason::Language},
        server::error_details,
    };

    #[test]
    fn an_answer_is_read_back() {
        let fault = Fault::from(Reason::InternalError).with("correlation", "42");
        let response = error_details::refuse(fault, Language::English);
        let Outcome { code, reason, correlation } = outcome(response.headers());
        assert_eq!((code, reason), (Code::Internal, Some(Reason::InternalError)));
        assert_eq!(correlation.as_deref(), Some("42"));
        let none = outcome(&HeaderMap::new());
        assert_eq!((none.code, none.reason, none.correlation), (Code::Ok, None, None));
    }
}
